//go:build noasm || !amd64

package kernel

// PeakGFLOPS is 0: in this build there is no assembly that measures the peak rate
// of the processor.
func PeakGFLOPS() float64 { return 0 }
