package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is a document with every block, and names that would be markup.
func sample() *Document {
	scores := NewTable("Scores", "Set", "my_model", "Pairs", "p", "Range", "Remark")
	scores.Add("a_set|b", Number("%.4f [%.3f, %.3f]", 0.5, 0.4, 0.6), 12, Number("<0.001"), Interval("%.1f", 0.1, 0.9), Join(" ", Text("a_b"), Number("[%d]", 1)))
	scores.Add("none", Text("no *pair*"), int64(0))
	total := scores.Add("total", Number("%.4f", 0.25), 12)
	total.Ruled, total.Strong = true, true
	d := &Document{Title: "A report of <x>", Lead: Prose{"The first sentence.", "The second_sentence."}, Footer: "Made by a test."}
	d.Add("Scores & more", scores, Prose{"One note.", "Another *note*."}, Prose{"A paragraph."}, Prose{})
	d.Add("Nothing but a title")
	d.Add("", List{"one", "two\nlines"}, Facts{"Rounds: 2", "Seed: 1"})
	d.Add("Figures", &Figure{}, &Figure{Caption: "Scores.", Panels: []Panel{
		{"All", "Scores of all: a 0.5", Intervals{Rows: []IntervalRow{{Name: "a", Dots: []Dot{{0, Exactly(0.5)}}}}}},
	}})
	return d
}

func TestGolden(t *testing.T) {
	for name, write := range map[string]func(io.Writer, *Document) error{"sample.txt": WriteText, "sample.md": WriteMarkdown} {
		var got bytes.Buffer
		if err := write(&got, sample()); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-want +got; go test -update writes it anew):\n%s", name, diff)
		}
	}
}

func TestWriteJSON(t *testing.T) {
	var got bytes.Buffer
	if err := WriteJSON(&got, map[string]any{"name": "<a&b>", "score": 0.5}); err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"name\": \"<a&b>\",\n  \"score\": 0.5\n}\n"; got.String() != want {
		t.Errorf("got %q, want %q", &got, want)
	}
}

// TestNumeric checks by which cells a column is one of numbers.
func TestNumeric(t *testing.T) {
	scores := sample().Sections[0].Blocks[0].(*Table)
	for i, want := range []bool{false, false, true, true, false, false} {
		if got := scores.Numeric(i); got != want {
			t.Errorf("column %q is numeric: %v, want %v", scores.Columns[i].Name, got, want)
		}
	}
	if NewTable("", "empty").Numeric(0) {
		t.Error("a column without cells is numeric")
	}
}

// TestAddPanics checks that a row that does not fit its table is refused where it is added.
func TestAddPanics(t *testing.T) {
	for name, cells := range map[string][]any{"too long": {"a", "b"}, "of another type": {0.5}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a row %s was added", name)
				}
			}()
			NewTable("T", "A").Add(cells...)
		}()
	}
}
