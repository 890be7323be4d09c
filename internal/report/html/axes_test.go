package html

import (
	"strings"
	"testing"

	"gonum.org/v1/plot"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		ticker    plot.Ticker
		low, high float64
		want      string
	}{
		{linearTicks{}, -4, 104, "0 20 40 60 80 100"},
		{linearTicks{}, 37.3, 46.1, "38 40 42 44 46"},
		{linearTicks{}, -0.043, 0.045, "−0.04 −0.02 0.00 0.02 0.04"},
		{linearTicks{}, 0.571, 0.726, "0.60 0.65 0.70"},
		{linearTicks{}, 0.5, 1.5, "0.6 0.8 1.0 1.2 1.4"},
		{linearTicks{}, 0, 3e6, "0 1000000 2000000 3000000"},
		{linearTicks{}, 0.9, 10.2, "2 4 6 8 10"},
		{logTicks{}, 0.03, 12, "0.05 0.1 0.2 0.5 1 2 5 10"},
	} {
		var labels []string
		for _, tick := range c.ticker.Ticks(c.low, c.high) {
			if tick.Value < c.low || tick.Value > c.high {
				t.Errorf("%T from %g to %g: a tick at %g", c.ticker, c.low, c.high, tick.Value)
			}
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%T from %g to %g: %s, want %s", c.ticker, c.low, c.high, got, c.want)
		}
	}
}
