//go:build noasm || !amd64

package kernel

// measuredPeak is unknown where there is no assembly to measure it.
func measuredPeak() float64 { return 0 }
