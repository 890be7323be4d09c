//go:build race

package train

// underRace tells that the race detector watches: tests of what is learned, which train often and take ten times as long
// under it, then train less.
const underRace = true
