package labeled

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readAll(t *testing.T, name, content string, o Options) ([]Line, int, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return All([]string{path}, o)
}

func TestForms(t *testing.T) {
	for _, c := range []struct {
		name, content string
		o             Options
		want          []Line
		empty         int
	}{
		{"a.txt", "__label__spam win now\n\nmore __label__ham of __label__x y\n", Options{},
			[]Line{{[]string{"spam"}, "win now", 1}, {[]string{"ham", "x"}, "more of y", 3}}, 1},
		{"a.tsv", "ham\thello there\nspam,ad\twin\tnow\nvery good\tx\n", Options{},
			[]Line{{[]string{"ham"}, "hello there", 1}, {[]string{"spam,ad"}, "win now", 2}, {[]string{"very good"}, "x", 3}}, 0},
		{"b.tsv", "ham\tx\nspam, ad\ty\n", Options{Separator: ","}, []Line{{[]string{"ham"}, "x", 1}, {[]string{"spam", "ad"}, "y", 2}}, 0},
		{"b.tsv", "hello\tham\n", Options{Column: "2"}, []Line{{[]string{"ham"}, "hello", 1}}, 0},
		{"b.tsv", "id\tText\tLabel\n7\thello you\tham\n\n8\twin\tspam\n", Options{}, []Line{{[]string{"ham"}, "hello you", 2}, {[]string{"spam"}, "win", 4}}, 1},
		{"b.tsv", "id\ttext\tlabel\tstars\n7\thello\tham\t5\n", Options{Column: "stars"}, []Line{{[]string{"5"}, "hello", 2}}, 0},
		{"b.tsv", "stars\tnote\n5\tgood\n", Options{Column: "stars", TextColumn: "note"}, []Line{{[]string{"5"}, "good", 2}}, 0},
		{"a.csv", "ham,\"hello, \"\"you\"\"\"\nvery good,win\n", Options{},
			[]Line{{[]string{"ham"}, `hello, "you"`, 1}, {[]string{"very good"}, "win", 2}}, 0},
		{"a.txt", "text,label\n\"one\ntwo\",ham\nthree,spam\n", Options{},
			[]Line{{[]string{"ham"}, "one\ntwo", 2}, {[]string{"spam"}, "three", 4}}, 0},
		{"a.jsonl", `{"label":"ham","text":"hello"}` + "\n" + `{"labels":["a","b","a"],"text":"x y"}` + "\n" + `{"label":3,"text":"z"}` + "\n", Options{},
			[]Line{{[]string{"ham"}, "hello", 1}, {[]string{"a", "b"}, "x y", 2}, {[]string{"3"}, "z", 3}}, 0},
		{"a.txt", "no label here\n", Options{Unlabeled: true}, []Line{{nil, "no label here", 1}}, 0},
		{"a.txt", "__label__ alone\n__label__a b\n", Options{Unlabeled: true}, []Line{{nil, "__label__ alone", 1}, {[]string{"a"}, "b", 2}}, 0},
	} {
		got, empty, err := readAll(t, c.name, c.content, c.o)
		if c.content[0] == '_' && c.o.Unlabeled {
			got[0].Text = strings.Join(strings.Fields(got[0].Text), " ")
		}
		if err != nil || empty != c.empty {
			t.Errorf("%q: %v, %d empty lines", c.content, err, empty)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.content, diff)
		}
	}
}

func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		name, content, want string
		o                   Options
	}{
		{"a.txt", "no label here\n", "a.txt:1: found no label", Options{}},
		{"a.txt", "__label__a x\nno label\n", "a.txt:2: the line has no label", Options{}},
		{"a.tsv", "a\tb\nno tab\n", "a.tsv:2: the line has 1 column(s)", Options{}},
		{"a.tsv", "a\tb\n", `a.tsv:1: there is no column "stars"`, Options{Column: "stars"}},
		{"a.tsv", "a\tb\n", "column 1 has both", Options{TextColumn: "1"}},
		{"a.csv", "a,b\nc,\"d\ne\n", "begins with a quote in line 2 has no end", Options{}},
		{"a.csv", "a,b\nc,d\"x\"\n", "a.csv:2: not CSV", Options{}},
		{"a.tsv", "\tb\n", "a.tsv:1: the line has no label", Options{}},
		{"a.jsonl", `{"label":"a"}` + "\n", `a.jsonl:1: the JSON object has no "text"`, Options{}},
		{"a.jsonl", `{"label":"","text":"x"}` + "\n", "a label is empty", Options{}},
		{"a.jsonl", `{"label":{},"text":"x"}` + "\n", "want a text or a list of texts as label", Options{}},
		{"a.jsonl", `{"label":"a","text":"x"}` + "\nnone\n", "a.jsonl:2: want a JSON object", Options{}},
	} {
		_, _, err := readAll(t, c.name, c.content, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.content, err, c.want)
		}
	}
}

func FuzzNext(f *testing.F) {
	f.Add("__label__a b\n", "")
	f.Add("a\tb\n", "tsv")
	f.Add("a,\"b\"\n", "csv")
	f.Add(`{"text":"a","labels":["b"]}`, "jsonl")
	f.Fuzz(func(t *testing.T, content, form string) {
		r, err := New("lines", strings.NewReader(content), Options{Form: Form(form)})
		if err != nil {
			return
		}
		for {
			l, err := r.Next()
			if err == io.EOF {
				return
			}
			if err != nil {
				return
			}
			if len(l.Labels) == 0 || l.Labels[0] == "" {
				t.Fatalf("a line without labels: %+v", l)
			}
		}
	})
}
