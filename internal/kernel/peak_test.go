package kernel

import "testing"

// peaks are the limits that benchmarks compare with, in operations a second, measured once.
var peaks = map[string]float64{}

func measuredPeak(k Kernel) float64 {
	peak, ok := peaks[k.Name]
	if !ok {
		peak = 1e9 * k.PeakGFLOPS()
		peaks[k.Name] = peak
	}
	return peak
}

func TestPeakGFLOPS(t *testing.T) {
	for _, k := range Available() {
		if peak := k.PeakGFLOPS(); (peak > 0) != (k.peak != nil) || peak < 0 {
			t.Errorf("%s: peak %v GFLOP/s", k.Name, peak)
		}
	}
}

func BenchmarkFMAPeak(b *testing.B) {
	for _, k := range Available() {
		b.Run(k.Name, func(b *testing.B) {
			best := 0.0
			for b.Loop() {
				best = max(best, k.PeakGFLOPS())
			}
			if best == 0 {
				b.Skip("no peak rate can be measured here")
			}
			b.ReportMetric(best, "GFLOP/s")
		})
	}
}
