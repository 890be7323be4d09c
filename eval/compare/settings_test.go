package compare

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSettingTable(t *testing.T) {
	system := func(name, tool, settings string, remarks ...string) SystemRecord {
		return SystemRecord{Name: name, Models: []ModelRecord{{Tool: tool, Settings: json.RawMessage(settings), Remarks: remarks}}}
	}
	c := &Comparison{Systems: []SystemRecord{
		system("ours", "kindred", `{"window": 5, "seed": 1, "noise_power": 0.75, "negatives": 5, "hogwild": false}`),
		system("early", "kindred", `{"window": 5, "seed": 2, "noise_power": 0.75, "negatives": 5, "hogwild": false, "candidates": 8}`),
		system("theirs", "fasttext", `{"window": 5, "seed": 3, "noise_power": 0.5, "negatives": null}`, "Noise is fixed.", "Text only."),
		{Name: "unknown", Models: []ModelRecord{{}}},
	}}
	// The window is the same, the seed doesn't count, and hogwild is known to one tool, whose systems agree; candidates are known
	// to it too, and set in one of its systems only.
	want := `Setting,ours,early,theirs,unknown
candidates,,8,,
negatives,5,5,none,
noise_power,0.75,0.75,0.5,`
	table, any := c.settingTable(plain)
	if got := table.RenderCSV(); !any || got != want {
		t.Errorf("table, %v (-want +got):\n%s", any, cmp.Diff(want, got))
	}
	if diff := cmp.Diff([]string{"theirs: Noise is fixed. Text only."}, c.remarks()); diff != "" {
		t.Error(diff)
	}
	c.Systems = c.Systems[:1]
	if _, any := c.settingTable(plain); any {
		t.Error("the settings of one system differ")
	}
}
