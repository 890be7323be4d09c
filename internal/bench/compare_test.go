package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// similaritySet writes a similarity set of words in the vectors of stand-ins.
func similaritySet(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for i := range standInWords {
		fmt.Fprintf(&b, "word%d\tword%d\t%d\n", i, (i+7)%standInWords, (i*37)%11)
	}
	return write(t, filepath.Join(t.TempDir(), "pairs.tsv"), b.String())
}

func TestCompared(t *testing.T) {
	dir, _ := install(t)
	e := experimentOf(dir, "kindred", "fasttext", "wego")
	e.Tools[2].Path = filepath.Join(dir, "nowhere")
	e.Rounds = 2
	e.Evaluation = Evaluation{Sets: []string{similaritySet(t)}}
	b, told := collect(e, t.TempDir())
	report, err := b.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got := told(); got[0] != "detected  0" || got[1] != "missing wego 0" || got[len(got)-1] != "comparing  0" {
		t.Errorf("events %q", got)
	}
	c := report.Comparison
	if c == nil || len(c.Systems) != 2 {
		t.Fatalf("comparison %+v, want one of two systems", c)
	}
	for i, name := range []string{"kindred", "fasttext"} {
		if s := c.Systems[i]; s.Name != name || len(s.Models) != 2 || s.Words != standInWords {
			t.Errorf("system %d is %+v, want %s with a model of each round", i, s, name)
		}
	}
	for medium, texts := range map[string][]string{
		"txt":  {"\nQuality\n\nkindred and fasttext: ", "│ pairs │"},
		"md":   {"\n## Quality\n\nkindred and fasttext: ", "| pairs |"},
		"json": {`"comparison": {`, `"seed_spread"`},
		"html": {"fasttext takes ", "kindred and fasttext: ", "Ratios, round by round", "<svg"},
	} {
		var b bytes.Buffer
		if err := writers[medium](&b, report); err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if !strings.Contains(b.String(), text) {
				t.Errorf("%s doesn't say %q:\n%s", medium, text, b.String())
			}
		}
	}
}

// TestUnreadableVectors spoils the vectors of one tool after the run: the tool fails, and the other is
// compared alone.
func TestUnreadableVectors(t *testing.T) {
	dir, _ := install(t)
	e := experimentOf(dir, "kindred", "fasttext")
	results := t.TempDir()
	perform(t, e, results)
	write(t, filepath.Join(results, "fasttext-1", "vectors.vec"), "2 3\na 1 2\n")
	e.Evaluation.Sets = []string{similaritySet(t)}
	report := perform(t, e, results)
	if got := report.Tools[1].Failure; !strings.HasPrefix(got, "its vectors of round 1: ") || !strings.Contains(got, "vectors.vec:2") {
		t.Errorf("failure %q", got)
	}
	if report.Comparison == nil || len(report.Comparison.Systems) != 1 {
		t.Errorf("comparison %+v, want one of kindred alone", report.Comparison)
	}
	if diff := cmp.Diff([]string{"fasttext"}, report.Failed()); diff != "" {
		t.Error(diff)
	}
}

// TestBrokenSet requires an error about an unreadable set before anything is trained.
func TestBrokenSet(t *testing.T) {
	dir, _ := install(t)
	e := experimentOf(dir, "kindred")
	results := filepath.Join(t.TempDir(), "results")
	for text, want := range map[string]string{"a\tb\t1\nc\td\tx\n": "set.tsv:2", "": "set.tsv"} {
		e.Evaluation.Sets = []string{write(t, filepath.Join(dir, "set.tsv"), text)}
		b, _ := collect(e, results)
		if _, err := b.Run(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", text, err, want)
		}
	}
	if _, err := os.Stat(results); err == nil {
		t.Error("results were begun")
	}
}
