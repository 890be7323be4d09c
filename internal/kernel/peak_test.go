package kernel

import (
	"sync"
	"testing"
)

// measuredPeak is the limit that benchmarks compare with, in operations a second,
// measured once.
var measuredPeak = sync.OnceValue(func() float64 { return 1e9 * PeakGFLOPS() })

func TestPeakGFLOPSIsThatOfTheKernel(t *testing.T) {
	peak := PeakGFLOPS()
	_, err := Select("avx2")
	if known := peak > 0; known != (err == nil) {
		t.Errorf("peak %v GFLOP/s, but selecting the kernel avx2 gives the error %v", peak, err)
	}
}

func BenchmarkFMAPeak(b *testing.B) {
	best := 0.0
	for b.Loop() {
		best = max(best, PeakGFLOPS())
	}
	if best == 0 {
		b.Skip("no peak rate can be measured here")
	}
	b.ReportMetric(best, "GFLOP/s")
}
