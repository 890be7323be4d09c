package train

import (
	"context"
	"fmt"
	"runtime"
	"testing"
)

// BenchmarkThreads trains an epoch with one worker, and with one for each processor: words are tokens
// before sub-sampling per second of wall time.
func BenchmarkThreads(b *testing.B) {
	text := benchmarkText(b)
	for _, threads := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			cfg := Defaults()
			cfg.Epochs, cfg.Subsample, cfg.Threads = 1, 1e-4, threads
			for b.Loop() {
				if _, err := Run(context.Background(), text, cfg, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(text.Len())*float64(b.N)/b.Elapsed().Seconds(), "words/s")
		})
	}
}
