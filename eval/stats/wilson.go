package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// WilsonInterval returns the score interval of a proportion (Wilson,
// "Probable inference, the law of succession, and statistical inference",
// 1927): with p = successes/n and z the normal quantile for the level,
//
//	(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)
//
// Unlike the bootstrap it has a width where p is 0 or 1. It panics unless
// 0 <= successes <= n, n > 0 and 0 < level < 1.
func WilsonInterval(successes, n int, level float64) Interval {
	if n <= 0 || successes < 0 || successes > n || !(level > 0 && level < 1) {
		panic(fmt.Sprintf("stats: Wilson interval of %d of %d at level %v", successes, n, level))
	}
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	size := float64(n)
	p := float64(successes) / size
	z2 := z * z / size
	middle := p + z2/2
	half := z * math.Sqrt(p*(1-p)/size+z2/(4*size))
	i := Interval{Low: (middle - half) / (1 + z2), High: (middle + half) / (1 + z2), Method: Wilson}
	if successes == 0 {
		i.Low = 0
	}
	if successes == n {
		i.High = 1
	}
	return i
}
