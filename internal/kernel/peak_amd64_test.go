//go:build !noasm

package kernel

import (
	"sync"
	"testing"
	"time"
)

// peakRuns is the argument of fmaPeak, each of which stands for peakOperations
// floating-point operations: a tenth of a millisecond in all.
const (
	peakRuns       = 1 << 16
	peakOperations = 12 * 8 * 2
)

// measuredPeak returns the rate of fmaPeak in operations a second, the best
// of many short runs.
var measuredPeak = sync.OnceValue(func() float64 {
	if len(Available()) == 1 {
		return 0
	}
	best := 0.0
	for range 200 {
		start := time.Now()
		fmaPeak(peakRuns)
		best = max(best, peakOperations*peakRuns/time.Since(start).Seconds())
	}
	return best
})

func BenchmarkFMAPeak(b *testing.B) {
	if len(Available()) == 1 {
		b.Skip("this processor has no AVX2 and FMA")
	}
	runs := 0
	for b.Loop() {
		fmaPeak(peakRuns)
		runs += peakRuns
	}
	b.ReportMetric(peakOperations*float64(runs)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	b.ReportMetric(measuredPeak()/1e9, "best-GFLOP/s")
}
