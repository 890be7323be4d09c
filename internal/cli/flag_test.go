package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/train"
	"kindred/train/negative"
)

// Each kind of flag turns text into a value of its own type, or says what it wants.
func TestFlagRead(t *testing.T) {
	percent := &flag{name: "some", into: new(float64), parse: parseShare, want: "a share"}
	interval := &flag{name: "some", into: new(checkpointInterval), parse: parseInterval, want: "a time"}
	tests := []struct {
		flag *flag
		text string
		want any // a value, or the error as a string
	}{
		{&flag{name: "some", into: new(int)}, "-0x10", -16},
		{&flag{name: "some", into: new(int)}, "1.5", `--some is "1.5", want a whole number`},
		{&flag{name: "some", into: new(int64)}, "99999999999999999999", `--some is "99999999999999999999", want a whole number`},
		{&flag{name: "some", into: new(uint64)}, "7", uint64(7)},
		{&flag{name: "some", into: new(uint64)}, "-7", `--some is "-7", want a whole number, 0 or more`},
		{&flag{name: "some", into: new(float64)}, "1e-4", 1e-4},
		{&flag{name: "some", into: new(float64)}, "fast", `--some is "fast", want a number`},
		{&flag{name: "some", into: new(float64), valid: atLeast(0), want: "0 or more"}, "NaN", "--some is NaN, want 0 or more"},
		{&flag{name: "some", into: new(int), valid: within(1, 3), want: "1 to 3"}, "3", 3},
		{&flag{name: "some", into: new(int), valid: within(1, 3), want: "1 to 3"}, "4", "--some is 4, want 1 to 3"},
		{&flag{name: "some", into: new(int), valid: within(1, 3), want: "1 to 3"}, "many", `--some is "many", want a whole number`},
		{&flag{name: "some", into: new(bool)}, "false", false},
		{&flag{name: "some", into: new(bool)}, "no", `--some is "no", want true or false`},
		{&flag{name: "some", into: new(string)}, " a,b ", " a,b "},
		{&flag{name: "some", into: new(negative.Sampler)}, "hard", negative.Hard},
		{percent, "1%", 0.01},
		{percent, "0.25", 0.25},
		{percent, "100%", `--some is "100%", want a share`},
		{interval, "1m30s", checkpointInterval{time: 90 * time.Second}},
		{interval, "200k", checkpointInterval{tokens: 200_000}},
		{interval, "0", `--some is "0", want a time`},
	}
	for _, test := range tests {
		got, err := test.flag.read(test.text)
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%T %q: %v, want %v", test.flag.into, test.text, got, test.want)
		}
	}
}

// The first value of a flag that takes several replaces the default; the others follow it.
func TestFlagTakesSeveral(t *testing.T) {
	into := []string{"default"}
	s := &setter{flag: &flag{name: "some", into: &into}}
	for _, text := range []string{"a", "b,c"} {
		if err := s.Set(text); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"a", "b,c"}, into); diff != "" {
		t.Error(diff)
	}
}

// A resumed training has the settings of the checkpoint, except for those on the command line.
func TestRestoreFlags(t *testing.T) {
	f := &trainFlags{config: train.Defaults()}
	f.config.Dim, f.config.Sampler = 7, negative.Hard
	from := &train.Checkpoint{Config: train.Defaults()}
	from.Config.Window, from.Config.Sampler, from.Config.Hogwild = 9, negative.Zipf, true
	record := vocab.Record{Inputs: []string{"text.txt"}, Analyzer: "whitespace|lower", SentenceLimit: 50, MinCount: 4}
	from.Vectors = &model.Embeddings{Manifest: &model.Manifest{Corpus: &record}}
	c := &call{given: func(name string) bool { return name == "sampler" || name == "min-count" }}
	f.minCount = 3
	if err := f.restoreFlags(c, from); err != nil {
		t.Fatal(err)
	}
	want := from.Config
	want.Sampler = negative.Hard
	if diff := cmp.Diff(want, f.config); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if got := strings.Join(f.inputs, " ") + " " + f.tokenizer + " " + strings.Join(f.filters, " "); got != "text.txt whitespace lower" {
		t.Errorf("text and analyzer are %q", got)
	}
	if f.minCount != 3 || f.sentenceLimit != 50 {
		t.Errorf("minimum count %d and sentence limit %d", f.minCount, f.sentenceLimit)
	}
}
