package report

import (
	"bytes"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/internal/golden"
)

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
		golden.Check(t, name, got.String())
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

// TestNamesFromFiles writes names that would be markup, new lines or commands to a terminal, in each
// part of a document.
func TestNamesFromFiles(t *testing.T) {
	for name, want := range map[string]struct{ text, markdown string }{
		"a\x1b]0;title\x07":      {`a\x1b]0;title\x07`, `a\\x1b\]0;title\\x07`},
		"\u202etxt.exe":          {`\u202etxt.exe`, `\\u202etxt.exe`},
		"<script>alert(1)":       {`<script>alert(1)`, `&lt;script&gt;alert(1)`},
		"a|b":                    {`a|b`, `a|b`},
		"~~a~~ **b** [c](d) `e`": {"~~a~~ **b** [c](d) `e`", "\\~\\~a\\~\\~ \\*\\*b\\*\\* \\[c\\](d) \\`e\\`"},
	} {
		d := &Document{Title: name, Lead: Prose{name}, Footer: name}
		d.Add(name, Prose{name}, List{name}, Facts{name})
		for medium, w := range map[string]struct {
			write func(io.Writer, *Document) error
			want  string
		}{"text": {WriteText, want.text}, "Markdown": {WriteMarkdown, want.markdown}} {
			var got bytes.Buffer
			if err := w.write(&got, d); err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(got.Bytes(), []byte(w.want)); n != 7 {
				t.Errorf("%s of %q has %q %d times, want 7:\n%s", medium, name, w.want, n, &got)
			}
		}
	}
}

// TestNewlineInName requires that a name can't begin a block of its own.
func TestNewlineInName(t *testing.T) {
	table := NewTable("T", "a\n# b", "c")
	table.Add("d\n- e|f\t\x1b[2K", Text("g\rh"))
	d := &Document{Title: "i\n# j", Lead: Prose{"k\n\n> l"}}
	d.Add("m\n# n", table, Prose{"# o", "1. p", "12) q", "12 r", "- s", "| t", "=", "> u"}, List{"v\n- w\n# x", "1. y"})
	var got bytes.Buffer
	if err := WriteMarkdown(&got, d); err != nil {
		t.Fatal(err)
	}
	want := `# i\\n# j

k\\n\\n&gt; l

## m\\n# n

| a\\n# b | c |
| --- | ---:|
| d\\n- e\|f\\t\\x1b\[2K | g\\rh |

\# o

1\. p

12\) q

12 r

\- s

\| t

\=

&gt; u

- v
    \- w
    \# x
- 1\. y
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
