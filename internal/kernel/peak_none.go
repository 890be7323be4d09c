//go:build noasm || !amd64

package kernel

// PeakGFLOPS is 0: this build has no assembly to measure the peak rate of the processor.
func PeakGFLOPS() float64 { return 0 }
