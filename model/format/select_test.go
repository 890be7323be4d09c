package format_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
)

// What is read with options is what a reader of everything would keep.
func TestLoadOptions(t *testing.T) {
	dir := t.TempDir()
	for _, f := range exactFormats() {
		t.Run(f.Name, rapid.MakeCheck(func(r *rapid.T) {
			e := anyEmbeddings(r, t)
			e.Manifest = &model.Manifest{Tool: "test"}
			path := filepath.Join(dir, "vectors"+f.Extensions[0])
			write(r, path, e, f)
			o := format.LoadOptions{Format: f, First: rapid.IntRange(0, 10).Draw(r, "first"), SkipBad: rapid.Bool().Draw(r, "skip")}
			if rapid.Bool().Draw(r, "list") {
				o.Words = rapid.SliceOf(rapid.OneOf(rapid.Map(rapid.IntRange(0, e.Vocabulary.Len()-1), e.Vocabulary.Word), anyWord())).Draw(r, "words")
				if o.Words == nil {
					o.Words = []string{}
				}
			}
			var ids []int
			for id := range e.Vocabulary.Len() {
				if (o.First == 0 || id < o.First) && (o.Words == nil || slices.Contains(o.Words, e.Vocabulary.Word(id))) {
					ids = append(ids, id)
				}
			}
			got, err := o.Load(path)
			if len(ids) == 0 {
				if err == nil || !strings.Contains(err.Error(), "none of the") {
					r.Fatalf("error %v, want one about the words", err)
				}
				return
			}
			if err != nil {
				r.Fatal(err)
			}
			want, err := model.Select(e, ids)
			if err != nil {
				r.Fatal(err)
			}
			sameEmbeddings(r, want, got)
			m := got.Manifest
			if m == nil && len(f.Paths(path)) == 1 && f.Name != "safetensors" {
				return // it would be in a file of its own
			}
			if m == nil || m.Vectors != len(ids) || (len(m.Remarks) > 0) != (len(ids) < e.Vocabulary.Len()) {
				r.Fatalf("the manifest of %d words of %d is %+v", len(ids), e.Vocabulary.Len(), m)
			}
		}))
	}
}

// An endless reader yields the text and then fails.
type endless struct {
	io.Reader
	t    *testing.T
	read int
}

func (r *endless) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if r.read += n; err == io.EOF {
		return n, errors.New("read beyond what was asked for")
	}
	return n, err
}

// The first rows of a file are read without the rest, whatever its header promises.
func TestFirstReadsNoMore(t *testing.T) {
	for name, file := range map[string]string{
		"text":   "2000000000 3\n" + numbered(300_000, " 0.25 2 3\n"),
		"glove":  numbered(300_000, " 0.25 2 3\n"),
		"binary": "2000000000 3\n" + numbered(300_000, " "+floats(1, 2, 3)+"\n"),
	} {
		in := &endless{Reader: strings.NewReader(file), t: t}
		var e *model.Embeddings
		var err error
		bytes := allocated(func() { e, err = format.LoadOptions{First: 1000}.Read(in, "F") })
		if err != nil || e.Vocabulary.Len() != 1000 || e.Vocabulary.Word(999) != "w999" || e.Input.ReadRow(nil, 999)[1] != 2 {
			t.Errorf("%s: %v, %v", name, e, err)
		}
		if in.read > 3<<20 || bytes > 16<<20 {
			t.Errorf("%s: %d bytes read and %d allocated for 1000 rows", name, in.read, bytes)
		}
	}
}

// numbered returns rows of the words w0, w1, …
func numbered(n int, values string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("w" + itoa(i) + values)
	}
	return b.String()
}

func itoa(i int) string {
	if i < 10 {
		return string(rune('0' + i))
	}
	return itoa(i/10) + itoa(i%10)
}

func TestSkipBad(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, test := range []struct {
		name, data string
		words      string
		warnings   []string
	}{
		{"text", "9 2\na 1 2\nb 1 nan\nc 1\n 1 2\nd e 1 2\nf 1 x\ng 1 0.5 2 4\na 7 8\nh 3 4\nb 5 6\n", "a h b", []string{
			`1 rows were left out, as their words occur further up: "a"`,
			"the header promises 9 vectors, but the file has 10 rows",
			`2 rows were left out, as they have the wrong number of values: line 4 "c", line 8 "g"`,
			`1 rows were left out, as a value is not a number: line 7 "f"`,
			`1 rows were left out, as a value is NaN, infinite or too large for a 32-bit float: line 3 "b"`,
			`1 rows were left out, as their word is empty: line 5 ""`,
			`1 rows were left out, as their word has blanks in it: line 6 "d e"`,
		}},
		{"text, cut off", "4 2\na 1 2\nb 1 2\nc 1", "a b", []string{
			"the header promises 4 vectors, but the file has 3 rows",
			`1 rows were left out, as they have the wrong number of values: line 4 "c"`,
		}},
		{"glove", "a 1 2\nb 1 -inf\n\nc 1e99 2\nd 1 2\nd e 0.5 1\n", "a d d\x20e", []string{
			`1 rows were left out, as they have the wrong number of values: line 3 ""`,
			`2 rows were left out, as a value is NaN, infinite or too large for a 32-bit float: line 2 "b", line 4 "c"`,
		}},
		{"binary", "6 2\na " + floats(1, 2) + "\nb " + floats(1, nan) + "\n " + floats(1, 2) + "\nc " + floats(inf, 2) + "\nd " + floats(3, 4) + "\ne " + floats(1), "a d", []string{
			`2 rows were left out, as a value is NaN, infinite or too large for a 32-bit float: row 2 "b", row 4 "c"`,
			`1 rows were left out, as their word is empty: row 3 ""`,
			`1 rows were left out, as the file ends within them: row 6 "e"`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if e, err := format.Read(strings.NewReader(test.data), "F"); err == nil {
				t.Errorf("read without SkipBad: %v", e)
			}
			e, err := format.LoadOptions{SkipBad: true}.Read(strings.NewReader(test.data), "F")
			if err != nil {
				t.Fatal(err)
			}
			words, _ := vectors(e)
			if got := strings.Join(words, " "); got != test.words {
				t.Errorf("words %q, want %q", got, test.words)
			}
			if diff := cmp.Diff(test.warnings, e.Warnings); diff != "" {
				t.Error(diff)
			}
			if err := e.Check(); err != nil {
				t.Error(err)
			}
		})
	}
	_, err := format.LoadOptions{SkipBad: true}.Read(strings.NewReader("2 1\na nan\nb x\n"), "F")
	if err == nil || err.Error() != `F: no row can be read: 1 as a value is not a number: line 3 "b"; 1 as a value is NaN, infinite or too large for a 32-bit float: line 2 "a"` {
		t.Errorf("error %v", err)
	}
}

// A native file may have a NaN if another program wrote it.
func TestSkipBadNative(t *testing.T) {
	e := modeltest.Random(3, 2, 1)
	e.Output = modeltest.Random(3, 2, 2).Input
	var file bytes.Buffer
	if err := format.Write(&file, e, "safetensors"); err != nil {
		t.Fatal(err)
	}
	arrays, metadata, err := parseSafetensors(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	data := slices.Clone(file.Bytes())
	at := bytes.Index(data, arrays["output"].data)
	copy(data[at+8:], floats(float32(math.NaN())))
	length := 8 + int(uint32(data[0])|uint32(data[1])<<8)
	sealed := seal(strings.Replace(string(data[8:length]), metadata["kindred.hash"], strings.Repeat("0", 32), 1), data[length:])
	if _, err := format.Read(bytes.NewReader(sealed), "F"); err == nil || !strings.Contains(err.Error(), `row 2 of 3 of the tensor "output"`) {
		t.Errorf("error %v", err)
	}
	got, err := format.LoadOptions{SkipBad: true}.Read(bytes.NewReader(sealed), "F")
	if err != nil {
		t.Fatal(err)
	}
	if got.Vocabulary.Len() != 2 || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "row 2") {
		t.Errorf("%d words, warnings %q", got.Vocabulary.Len(), got.Warnings)
	}
}

func TestMissingWords(t *testing.T) {
	o := format.LoadOptions{Words: []string{"b", "x", "b", "y"}, First: 2}
	e, err := o.Read(strings.NewReader("3 1\na 1\nb 2\ny 3\n"), "F")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`2 of the 3 words asked for have no vector in the first 2 rows: "x", "y"`}, e.Warnings); diff != "" {
		t.Error(diff)
	}
}

func TestFitting(t *testing.T) {
	binary, _ := format.ByName("binary")
	e, err := binary.Fitting(modeltest.Numbered("a", "b c", "d", "e\x00", strings.Repeat("f", 1<<17)))
	if err != nil {
		t.Fatal(err)
	}
	words, _ := vectors(e)
	if diff := cmp.Diff([]string{"a", "d"}, words); diff != "" || len(e.Warnings) != 2 ||
		e.Warnings[0] != `2 words were left out, as format binary can't hold them (it contains white space or a NUL byte): "b c", "e\x00"` {
		t.Errorf("%s%q", diff, e.Warnings)
	}
}

// A pair of TSV files is read as what it is, or refused.
func TestReadPair(t *testing.T) {
	dir := t.TempDir()
	write := func(name, data string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(name string) (*model.Embeddings, error) { return format.Load(filepath.Join(dir, name)) }
	refused := func(what, name, want string) {
		t.Helper()
		if _, err := read(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", what, err, want)
		}
	}
	write("p.tsv", "1\t2\t0.5\n3\t4\t-1\n")
	refused("no words", "p.tsv", "these are vectors without words, and "+filepath.Join(dir, "p.metadata.tsv"))
	write("p.metadata.tsv", "né\nof the\n")
	e, err := read("p.tsv")
	if err != nil {
		t.Fatal(err)
	}
	words, values := vectors(e)
	if diff := cmp.Diff([]string{"né", "of the"}, words) + cmp.Diff([][]float32{{1, 2, 0.5}, {3, 4, -1}}, values); diff != "" {
		t.Error(diff)
	}
	write("p.metadata.tsv", "count\tword\n7\tné\n5\tof the\r\n")
	if e, err = read("p.tsv"); err != nil || e.Vocabulary.Count(1) != 5 || e.Vocabulary.Word(1) != "of the" {
		t.Errorf("%v, %v", e, err)
	}
	write("p.metadata.tsv", "né\n")
	refused("few words", "p.tsv", "p.metadata.tsv has 1 words, but here is another vector")
	write("p.metadata.tsv", "a\nb\nc\n")
	refused("many words", "p.tsv", "p.metadata.tsv has 3 words: it is cut off, or the words are those of another file")
	write("p.metadata.tsv", "")
	refused("empty words", "p.tsv", "p.metadata.tsv: there are no words")
	write("p.metadata.tsv", "word\tcount\na\t3\nb\n")
	refused("no count", "p.tsv", "p.metadata.tsv:3: expected 2 columns or more")
	refused("the words", "p.metadata.tsv", "has the words of a pair, and not their vectors; name "+filepath.Join(dir, "p.tsv"))
	write("other.txt", "0.5\t2\n3\t4\n")
	refused("another name", "other.txt", "vectors without words")
	if _, err := format.Read(strings.NewReader("0.5\t2\n3\t4\n"), "F"); err == nil || !strings.Contains(err.Error(), "a TSV file of vectors has no words") {
		t.Errorf("from a pipe: error %v", err)
	}
	for _, data := range []string{"-1\t2.5\n3\t4\n", "1\t2.5\n3\t4\n1\t7\n", "1\n2\n"} { // first numbers that are no words
		if _, err := format.Read(strings.NewReader(data), "F"); err == nil || !strings.Contains(err.Error(), "a TSV file of vectors has no words") {
			t.Errorf("%q: error %v", data, err)
		}
	}
	packed := modeltest.Random(30, 4, 1)
	path := filepath.Join(dir, "q.tsv.gz")
	if err := format.Save(path, packed, ""); err != nil {
		t.Fatal(err)
	}
	if e, err := format.Load(path); err != nil || cmp.Diff(packed.Input, e.Input) != "" || e.Vocabulary.Word(29) != packed.Vocabulary.Word(29) {
		t.Errorf("compressed: %v, %v", e, err)
	}
	// Words that are whole numbers, in a file of another name, are words.
	write("numbers.txt", "1\t2.5\n3\t4\n")
	if e, err := read("numbers.txt"); err != nil || e.Vocabulary.Word(1) != "3" {
		t.Errorf("%v, %v", e, err)
	}
}

// A broken row of a pair, even the first, does not make it a file of another format, with numbers for
// words.
func TestPairWithBrokenRows(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.tsv")
	if err := os.WriteFile(filepath.Join(dir, "p.metadata.tsv"), []byte("a\nb\nc\nd\ne\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	rows := []string{"0.5\t1\t2", "0.25\t3\t4", "0.125\t5\t6", "1.5\t7\t8", "2.5\t9\t10"}
	for i, broken := range rows {
		for _, row := range []string{strings.Replace(broken, "\t", "\tx", 1), broken + "\t1", "0.5"} {
			if i == 0 && len(strings.Split(row, "\t")) != 3 {
				continue // the first row has the dimension
			}
			content := strings.Replace(strings.Join(rows, "\n")+"\n", broken+"\n", row+"\n", 1)
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := format.Load(path); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("p.tsv:%d: ", i+1)) {
				t.Errorf("row %d is %q: error %v", i+1, row, err)
			}
			e, err := format.LoadOptions{SkipBad: true}.Load(path)
			if err != nil || e.Vocabulary.Len() != 4 || e.Dim() != 3 || !strings.Contains("abcde", e.Vocabulary.Word(0)) {
				t.Errorf("row %d is %q: %v, %v", i+1, row, e, err)
			}
		}
	}
	// Words and numbers between tabs are no pair, whatever is beside them.
	if err := os.WriteFile(path, []byte("x\t1\t2\ny\t3\t4\n5\t6\t7\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if e, err := format.Load(path); err != nil || e.Vocabulary.Word(0) != "x" || e.Dim() != 2 {
		t.Errorf("words and numbers: %v, %v", e, err)
	}
}

// Lines that end in CR alone are not taken for words with numbers in them.
func TestLinesOfCR(t *testing.T) {
	for _, text := range []string{"2 2\na 1 2\nb 3 4\n", "a 1 2\nb 3 4\n", "a 1 2\nb 3 4"} {
		text = strings.ReplaceAll(text, "\n", "\r")
		for _, o := range []format.LoadOptions{{}, {SkipBad: true}} {
			if e, err := o.Read(strings.NewReader(text), "F"); err == nil || !strings.Contains(err.Error(), "lines end in CR alone") {
				t.Errorf("%q is read as %v, %v", text, e, err)
			}
		}
	}
}
