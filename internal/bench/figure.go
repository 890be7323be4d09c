package bench

import (
	"fmt"
	"math"
)

// A unit is one that figures are written in.
type unit struct {
	name string
	size float64
}

var (
	inOnes    = []unit{{"", 1}}
	inSeconds = []unit{{" s", 1}}
	inCounts  = []unit{{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}}
	inBytes   = []unit{{" bytes", 1}, {" KiB", 1 << 10}, {" MiB", 1 << 20}, {" GiB", 1 << 30}}
)

// text returns the spread as a cell of a table, in the largest of the units that the median fills.
func (s *Spread) text(units []unit) string {
	if s == nil {
		return "?"
	}
	u := units[0]
	for _, larger := range units[1:] {
		if s.Median >= larger.size {
			u = larger
		}
	}
	if s.Min == s.Max {
		return threeDigits(s.Median/u.size) + u.name
	}
	return fmt.Sprintf("%s%s (%s–%s)", threeDigits(s.Median/u.size), u.name, threeDigits(s.Min/u.size), threeDigits(s.Max/u.size))
}

// threeDigits returns x with three significant digits, and all of those before the point.
func threeDigits(x float64) string {
	decimals := 2
	if x > 0 {
		decimals = max(0, min(3, 2-int(math.Floor(math.Log10(x)))))
	}
	return fmt.Sprintf("%.*f", decimals, x)
}

// plural returns n with the noun in its number.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
