//go:build race

package supervised

// underRace reports whether the race detector is on. Tests of what is learned then train less, as
// they take ten times as long.
const underRace = true
