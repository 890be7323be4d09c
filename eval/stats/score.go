package stats

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Score is a value with its confidence interval, or the reason why there is none: the correlation of
// no pairs is not 0.
type Score struct {
	// Value is the score if Undefined is empty: a correlation between -1 and 1, an accuracy between 0
	// and 1.
	Value float64
	// Undefined says why there is no value.
	Undefined string
	// Interval is the confidence interval of the value. Its Method is empty if there is none. NoInterval
	// says why, if an interval was asked for.
	Interval   Interval
	NoInterval string
}

// Defined reports whether the score has a value.
func (s Score) Defined() bool { return s.Undefined == "" }

// String returns the value with four decimals, or the reason why there is none.
func (s Score) String() string {
	if !s.Defined() {
		return s.Undefined
	}
	return fmt.Sprintf("%.4f", s.Value)
}

// HasInterval reports whether the score has a confidence interval.
func (s Score) HasInterval() bool { return s.Interval.Method != "" }

// SetInterval sets the interval of the score, or err as the reason why it has none.
func (s *Score) SetInterval(i Interval, err error) {
	if err != nil {
		s.NoInterval = err.Error()
		return
	}
	s.Interval = i
}

// Bounds returns the ends of the interval, or the value twice if there is none.
func (s Score) Bounds() (low, high float64) {
	if s.HasInterval() {
		return s.Interval.Low, s.Interval.High
	}
	return s.Value, s.Value
}

// scoreJSON is the JSON form of a Score.
type scoreJSON struct {
	Value     *float64 `json:"value"`
	Undefined string   `json:"undefined,omitempty"`
	Low       *float64 `json:"low,omitempty"`
	High      *float64 `json:"high,omitempty"`
	// Interval is the method by which the interval was found.
	Interval   IntervalMethod `json:"interval,omitempty"`
	NoInterval string         `json:"no_interval,omitempty"`
}

// MarshalJSON writes one of
//
//	{"value": 0.634137, "low": 0.589412, "high": 0.676017, "interval": "BCa"}
//	{"value": 0.634137, "no_interval": "why"}
//	{"value": 0.634137}
//	{"value": null, "undefined": "why"}
//
// with six decimals: the last bits depend on a processor's arithmetic.
func (s Score) MarshalJSON() ([]byte, error) {
	if !s.Defined() {
		return json.Marshal(scoreJSON{Undefined: s.Undefined})
	}
	out := scoreJSON{Value: rounded(s.Value), NoInterval: s.NoInterval}
	if s.HasInterval() {
		out.Low, out.High, out.Interval = rounded(s.Interval.Low), rounded(s.Interval.High), s.Interval.Method
	}
	return json.Marshal(out)
}

// rounded returns x with six decimals.
func rounded(x float64) *float64 {
	r := math.Round(x*1e6) / 1e6
	return &r
}

// SixDigits returns x with six significant digits, for figures in JSON: the last bits depend on a
// processor's arithmetic.
func SixDigits(x float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	if err != nil {
		panic("stats: a number that was written can't be read: " + err.Error())
	}
	return r
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Score) UnmarshalJSON(data []byte) error {
	var read scoreJSON
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	switch {
	case read.Value != nil && read.Undefined == "":
		*s = Score{Value: *read.Value, NoInterval: read.NoInterval}
	case read.Value == nil && read.Undefined != "":
		*s = Score{Undefined: read.Undefined}
	default:
		return fmt.Errorf("score %s: want either a value or the reason why it is undefined", data)
	}
	switch bounds := read.Low != nil && read.High != nil; {
	case bounds && read.Interval != "" && s.Defined():
		s.Interval = Interval{*read.Low, *read.High, read.Interval}
	case bounds, read.Low != nil, read.High != nil, read.Interval != "":
		return fmt.Errorf("score %s: want low, high and the method of the interval, or none of them", data)
	}
	return nil
}

// An IntervalMethod says how a confidence interval was found.
type IntervalMethod string

// The methods of intervals.
const (
	// BCa is the bias-corrected and accelerated bootstrap.
	BCa IntervalMethod = "BCa"
	// Percentile is the plain bootstrap. It replaces [BCa] if the acceleration has no value or too large
	// a value.
	Percentile IntervalMethod = "percentile"
	// Wilson is [WilsonInterval]. It is for accuracies of 0 and 1, which are the same in all resamples.
	Wilson IntervalMethod = "Wilson"
	// StudentT is the interval of a difference of systems by [Bootstrap.SeedTest].
	StudentT IntervalMethod = "Student's t"
)

// An Interval is a confidence interval.
type Interval struct {
	Low, High float64
	Method    IntervalMethod
}

// WilsonInterval returns the score interval of a proportion (Wilson, "Probable inference, the law of
// succession, and statistical inference", 1927). With p = successes/n and z the normal quantile for the
// level it is
//
//	(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)
//
// Unlike the bootstrap interval it has a width if p is 0 or 1. It panics unless 0 <= successes <= n, n
// > 0 and 0 < level < 1.
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
