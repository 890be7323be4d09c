//go:build !race

package supervised

const underRace = false
