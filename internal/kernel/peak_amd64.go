//go:build !noasm

package kernel

import (
	"time"

	"github.com/klauspost/cpuid/v2"
)

const (
	// peakRuns is the argument of fmaPeak: a tenth of a millisecond, short
	// enough to run between two interruptions.
	peakRuns = 1 << 16
	// peakOperations are the floating-point operations of one such run: those
	// of 12 multiply-adds of eight values.
	peakOperations = 12 * 8 * 2
	// peakTrials is how many times peakRuns are timed: 20 milliseconds in all.
	peakTrials = 200
)

// PeakGFLOPS measures the peak rate of one core by AVX2 and FMA instructions on registers alone, in 10^9
// floating-point operations per second. It is the limit of the kernel avx2. It is the best of many
// short trials, 20 milliseconds in all, as other work on the machine can only slow them down. It is 0
// if the build or the processor has no such instructions.
func PeakGFLOPS() float64 {
	if !cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) {
		return 0
	}
	best := 0.0
	for range peakTrials {
		start := time.Now()
		fmaPeakAVX2(peakRuns)
		best = max(best, peakOperations*peakRuns/time.Since(start).Seconds())
	}
	return best / 1e9
}
