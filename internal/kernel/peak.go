package kernel

import "time"

const (
	// peakRuns is how often a trial repeats peakChains multiply-adds: a tenth of a millisecond, short
	// enough to run between two interruptions.
	peakRuns   = 1 << 16
	peakChains = 12
	// peakTrials is how many trials are timed: 20 milliseconds in all.
	peakTrials = 200
)

// PeakGFLOPS measures the peak rate of one core by multiply-adds on registers alone, of the width that the
// kernel uses, in 10^9 floating-point operations per second. It is the limit of the kernel. It is the best of
// many short trials, 20 milliseconds in all, as other work on the machine can only slow them down. It is 0 for
// kernels that are not measured: neon and portable.
func (k Kernel) PeakGFLOPS() float64 {
	if k.peak == nil {
		return 0
	}
	best := 0.0
	for range peakTrials {
		start := time.Now()
		k.peak(peakRuns)
		best = max(best, float64(2*peakChains*k.lanes*peakRuns)/time.Since(start).Seconds())
	}
	return best / 1e9
}
