//go:build race

package bench

// underRace tells that the race detector watches, and takes memory for it.
const underRace = true
