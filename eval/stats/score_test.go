package stats

import (
	"encoding/json"
	"testing"
)

func TestScoreJSON(t *testing.T) {
	for _, s := range []Score{
		{Value: 0.5}, {Value: 0, Interval: Interval{0, 0.25, Wilson}}, {Value: 0.25, NoInterval: "why"}, {Undefined: "why"},
	} {
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var read Score
		if err := json.Unmarshal(data, &read); err != nil || read != s {
			t.Errorf("%+v was written as %s and read as %+v, %v", s, data, read, err)
		}
	}
	for _, broken := range []string{`{"value": 1, "low": 0}`, `{"value": 1, "low": 0, "high": 1}`, `{"value": 1, "interval": "BCa"}`, `{"value": null, "undefined": "x", "low": 0, "high": 1, "interval": "BCa"}`} {
		if err := json.Unmarshal([]byte(broken), new(Score)); err == nil {
			t.Errorf("score %s was read", broken)
		}
	}
}
