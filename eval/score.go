package eval

import (
	"encoding/json"
	"fmt"
	"math"
)

// A Score is a figure of a report, which may have no value: a correlation
// over no pair is not 0.
type Score struct {
	// Value is the score where Undefined is empty: a correlation between -1
	// and 1, an accuracy between 0 and 1.
	Value float64
	// Undefined says in words why there is no value.
	Undefined string
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

// percent returns the value as a percentage with two decimals, or the reason
// why there is none.
func (s Score) percent() string {
	if !s.Defined() {
		return s.Undefined
	}
	return fmt.Sprintf("%.2f %%", 100*s.Value)
}

// scoreJSON is the shape of a Score in JSON.
type scoreJSON struct {
	Value     *float64 `json:"value"`
	Undefined string   `json:"undefined,omitempty"`
}

// MarshalJSON writes {"value": 0.634137}, rounded to six decimals so that the
// last bits of a processor's arithmetic don't show, or
// {"value": null, "undefined": "why"}.
func (s Score) MarshalJSON() ([]byte, error) {
	if !s.Defined() {
		return json.Marshal(scoreJSON{Undefined: s.Undefined})
	}
	rounded := math.Round(s.Value*1e6) / 1e6
	return json.Marshal(scoreJSON{Value: &rounded})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Score) UnmarshalJSON(data []byte) error {
	var read scoreJSON
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	switch {
	case read.Value != nil && read.Undefined == "":
		*s = Score{Value: *read.Value}
	case read.Value == nil && read.Undefined != "":
		*s = Score{Undefined: read.Undefined}
	default:
		return fmt.Errorf("score %s: want either a value or the reason why it is undefined", data)
	}
	return nil
}
