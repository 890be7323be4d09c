package format_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
	_ "kindred/model/format/compressed"
)

// vectors returns the words of e with their vectors, by id.
func vectors(e *model.Embeddings) (words []string, values [][]float32) {
	for i := range e.Vocabulary.Len() {
		words = append(words, e.Vocabulary.Word(i))
		values = append(values, e.Input.(*model.Matrix).Row(i))
	}
	return words, values
}

// floats returns values as they are in a binary file.
func floats(values ...float32) string {
	var b []byte
	for _, v := range values {
		bits := math.Float32bits(v)
		b = append(b, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24))
	}
	return string(b)
}

func TestRead(t *testing.T) {
	ab := []string{"a", "b"}
	abValues := [][]float32{{0.5, -1}, {1, 2}}
	for _, test := range []struct {
		name, data string
		words      []string
		values     [][]float32
		warnings   []string
	}{
		{"text", "2 2\na 0.5 -1\nb 1 2\n", ab, abValues, nil},
		{"text, no final newline", "2 2\na 0.5 -1\nb 1 2", ab, abValues, nil},
		{"text, blank at line ends", "2 2 \na 0.5 -1 \nb 1 2 \n", ab, abValues, nil},
		{"text, CR LF", "2 2\r\na 0.5 -1\r\nb 1 2\r\n", ab, abValues, nil},
		{"text, tabs", "2\t2\na\t0.5\t-1\nb\t1\t2\n", ab, abValues, nil},
		{"text, empty lines at the end", "2 2\na 0.5 -1\nb 1 2\n\n \r\n\n", ab, abValues, nil},
		{"text, Unicode spaces", "2 1\na\u00a0b 1\n\u2003\u0085\u3000 2\n", []string{"a\u00a0b", "\u2003\u0085\u3000"}, [][]float32{{1}, {2}}, nil},
		{"text, numbers as words", "2 3\n1 1 1 1\n2 2 2 2\n", []string{"1", "2"}, [][]float32{{1, 1, 1}, {2, 2, 2}}, nil},
		{"text, a repeated word", "3 1\na 1\na 2\nb 3\n", ab, [][]float32{{1}, {3}},
			[]string{`1 rows were left out, as their words occur further up: "a"`}},
		{"text, broken UTF-8", "2 1\na\xff 1\nb 2\n", []string{"a\xff", "b"}, [][]float32{{1}, {2}},
			[]string{`1 words are not valid UTF-8 and kept as they are: "a\xff"`}},
		{"glove", "a 0.5 -1\nb 1 2\n", ab, abValues, nil},
		{"glove, one line", "a 0.5 -1", []string{"a"}, [][]float32{{0.5, -1}}, nil},
		{"glove, spaces in words", ". . . 1 2\nat 5x 0.5 1\nb 3 4\nc 5 6\n", []string{". . .", "at 5x", "b", "c"},
			[][]float32{{1, 2}, {0.5, 1}, {3, 4}, {5, 6}}, nil},
		{"glove, words that end in numbers", "1 2 0.5 0.25\nApollo 11 1 -0.5\nb 3 4\nc 5 6\n", []string{"1 2", "Apollo 11", "b", "c"},
			[][]float32{{0.5, 0.25}, {1, -0.5}, {3, 4}, {5, 6}}, nil},
		{"binary", "2 2\na " + floats(0.5, -1) + "\nb " + floats(1, 2) + "\n", ab, abValues, nil},
		{"binary, no newlines", "2 2\na " + floats(0.5, -1) + "b " + floats(1, 2), ab, abValues, nil},
		{"text and binary alike", "1 1\na " + floats(math.Float32frombits(0x30313233)) + "\n", []string{"a"}, [][]float32{{3210}}, nil},
		{"binary, printable", "2 1\na abcdb efgh", ab, [][]float32{{math.Float32frombits(0x64636261)}, {math.Float32frombits(0x68676665)}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, err := format.Read(iotest.OneByteReader(strings.NewReader(test.data)), "test")
			if err != nil {
				t.Fatal(err)
			}
			words, values := vectors(e)
			if diff := cmp.Diff(test.words, words); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.values, values); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.warnings, e.Warnings); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadBroken(t *testing.T) {
	long := strings.Repeat("x", 1<<16+1)
	for _, test := range []struct {
		name, data, want string
	}{
		{"empty", "", "F:1: the file is empty"},
		{"prose", "Call me Ishmael.\nSome years ago\n", `F:1: not a known vector format: expected the number of vectors and their dimension, or a word and numbers, found "Call me`},
		{"noise", "\x00\x01\x02\xff", "F:1: not a known vector format"},
		{"blank", "\n\n\n", "F:1: not a known vector format"},
		{"header only", "2 3\n", "F:2: the file ends after 0 vectors, its header promises 2"},
		{"header without newline", "2 3", "the file ends after 0 vectors, its header promises 2"},
		{"no vectors", "0 3\n", `F:1: expected the number of vectors and their dimension, two positive integers, found "0 3\n"`},
		{"no dimension", "3 0\na\nb\nc\n", "F:1: expected the number of vectors"},
		{"few columns", "2 3\na 1 2 3\nb 1 2\n", `F:3: word "b": found 2 values, expected 3`},
		{"many columns", "2 3\na 1 2 3\nb 1 2 3 4\n", `F:3: word "b": found 4 values, expected 3`},
		{"few columns at once", "2 3\na 1 2\nb 1 2 3\n", `F:2: word "a": found 2 values, expected 3`},
		{"bad number", "2 3\na 1 2 3\nb 1 2.0.0 3\n", `F:3: word "b": value 2 of 3, "2.0.0", is not a number`},
		{"bad first number", "2 3\na 1 2 x3\nb 1 2 3\n", `F:2: word "a": value 3 of 3, "x3", is not a number`},
		{"space in a word", "2 3\na b 1 2 3\nb 1 2 3\n", `F:2: word "a": value 1 of 3, "b", is not a number`},
		{"NaN", "2 3\na 1 2 3\nb 1 nan 3\n", `F:3: word "b": value 2 of 3, "nan", is not a finite number`},
		{"infinite", "2 3\na 1 2 3\nb 1 -inf 3\n", `F:3: word "b": value 2 of 3, "-inf", is not a finite number`},
		{"too large", "2 3\na 1 2 3\nb 1 1e39 3\n", `F:3: word "b": value 2 of 3, "1e39", is too large`},
		{"missing row", "3 1\na 1\nb 2\n", "F:4: the file ends after 2 vectors, its header promises 3"},
		{"surplus row", "1 1\na 1\nb 2\n", "F:3: the header promises 1 vectors, but here is another line"},
		{"empty word", "2 1\na 1\n 2\n", "F:3: the word is empty"},
		{"empty line", "2 1\na 1\n\nb 2\n", "F:3: the line is empty, expected a word and 1 values"},
		{"long word", "2 1\na 1\n" + long + " 2\n", "has 65537 bytes, at most 65536 are possible"},
		{"bad header", "2 3 4\na 1 2 3\nb 1 2 3\n", `word "2": found 2 values, expected 3`},
		{"glove, few columns", "a 1 2\nb 1\nc 1 2\n", `F:2: word "b": found 1 values, expected 2`},
		{"glove, many columns", "a 1 2\nb 1 2 3\nc 1 2\n", `F:2: word "b": found 3 values, expected 2`},
		{"glove, many values", "a 1 2\nb 0.1 2 0.3\nc 1 2\n", `F:2: word "b": found 3 values, expected 2`},
		{"glove, word with spaces", "the of nan\na 1\nb 2\n", `F:1: word "the of": value 1 of 1, "nan", is not a finite number`},
		{"glove, bad number", "a 1 2\nb 1 2\nc 1 y\n", `F:3: word "c": value 2 of 2, "y", is not a number`},
		{"binary, cut in a vector", "2 2\na " + floats(1.5, 2) + "\nb " + floats(1.5), `F: at byte 17: the file ends in row 2 of 2, in the vector of "b": it is cut off`},
		{"binary, cut in a word", "2 2\na " + floats(1.5, 2) + "\nb", "F: at byte 16: the file ends in row 2 of 2, before its vector"},
		{"binary, surplus", "1 2\na " + floats(1.5, 2) + "\nb " + floats(1.5, 2), "F: at byte 14: the file goes on after the 1 vectors of dimension 2"},
		{"binary, empty word", "2 2\na " + floats(1.5, 2) + "\n " + floats(1.5, 2), "F: at byte 14: row 2 of 2: the word is empty"},
		{"binary, wrong dimension", "2 2\na " + floats(1.5, 2, 3) + "\nb " + floats(1.5, 2, 3), "contains a newline: the dimension is wrong"},
		{"binary, NaN", "1 2\na " + floats(1.5, float32(math.NaN())), `F: at byte 6: row 1 of 1: a value of "a" is not a finite number`},
		{"binary, long word", "2 1\na " + floats(1.1) + long + " " + floats(1), "F: at byte 10: row 2 of 2: no space within 65536 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkFault := func(e *model.Embeddings, err error) {
				t.Helper()
				var fault *format.SyntaxError
				if !errors.As(err, &fault) {
					t.Fatalf("error %v (vectors %v), want a SyntaxError", err, e)
				}
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %q, want it to contain %q", err, test.want)
				}
			}
			checkFault(format.Read(strings.NewReader(test.data), "F"))
			path := filepath.Join(t.TempDir(), "F")
			if err := os.WriteFile(path, []byte(test.data), 0o644); err != nil {
				t.Fatal(err)
			}
			checkFault(format.Load(path)) // the size is known
		})
	}
}

func TestReadReportsReaderError(t *testing.T) {
	boom := errors.New("boom")
	for _, name := range []string{"text", "glove", "binary", "safetensors"} {
		var file bytes.Buffer
		if err := format.Write(&file, modeltest.Random(20_000, 20, 1), name); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 3, 100, 1_500_000} {
			r := iotest.TimeoutReader(&prefixReader{file.Bytes()[:n], boom})
			if _, err := format.Read(r, "F"); !errors.Is(err, boom) && !errors.Is(err, iotest.ErrTimeout) {
				t.Errorf("%s, failing after %d bytes: %v", name, n, err)
			}
		}
	}
}

// A prefixReader yields data and then err.
type prefixReader struct {
	data []byte
	err  error
}

func (r *prefixReader) Read(p []byte) (int, error) {
	n := copy(p, r.data)
	r.data = r.data[n:]
	if n == 0 {
		return 0, r.err
	}
	return n, nil
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestLyingHeaderAllocatesLittle(t *testing.T) {
	for _, data := range []string{
		"1000000000 1000\na 1 2\n", "2147483647 2147483647\na 1 2\n", "1 2000000000\na 1 2\n", "2000000000 1\na 1\n",
		"1000000000 1000\na \x00\x01\x02\x03", "1 2000000000\na \x00\x01\x02\x03", "2000000000 1\na \x00\x01\x02\x03",
	} {
		path := filepath.Join(t.TempDir(), "F")
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		for name, read := range map[string]func() (*model.Embeddings, error){
			"stream": func() (*model.Embeddings, error) { return format.Read(strings.NewReader(data), "F") },
			"file":   func() (*model.Embeddings, error) { return format.Load(path) },
		} {
			n := allocated(func() {
				if _, err := read(); err == nil {
					t.Errorf("%s %.40q: no error", name, data)
				}
			})
			if n > 8<<20 {
				t.Errorf("%s %.40q: %d bytes allocated", name, data, n)
			}
		}
	}
}

// A text of several blocks: lines are counted right across their borders.
func TestReadManyBlocks(t *testing.T) {
	const rows = 30_000
	var file bytes.Buffer
	if err := format.Write(&file, modeltest.Random(rows, 10, 1), "text"); err != nil {
		t.Fatal(err)
	}
	whole := file.String()
	if len(whole) < 3<<20 {
		t.Fatalf("the file has %d bytes, too few for this test", len(whole))
	}
	lines := strings.SplitAfter(whole, "\n")
	for _, row := range []int{1, 12_345, rows} {
		broken := append([]string(nil), lines...)
		broken[row] = "word 1 2 3 x 5 6 7 8 9 10\n"
		if row < rows {
			broken[rows] = "word 1 2 3 y 5 6 7 8 9 10\n" // only the first fault counts
		}
		_, err := format.Read(strings.NewReader(strings.Join(broken, "")), "F")
		want := fmt.Sprintf("F:%d: word \"word\": value 4 of 10, \"x\", is not a number", row+1)
		if err == nil || err.Error() != want {
			t.Errorf("row %d: error %v, want %s", row, err, want)
		}
	}
	_, err := format.Read(strings.NewReader(strings.Join(lines[:rows-4], "")), "F")
	want := fmt.Sprintf("F:%d: the file ends after %d vectors, its header promises %d", rows-3, rows-5, rows)
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
	_, err = format.Read(strings.NewReader(whole+"more 1\n"), "F")
	want = fmt.Sprintf("F:%d: the header promises %d vectors, but here is another line", rows+2, rows)
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	// Whatever the blocks are cut at, empty lines at the end are none.
	for n := range 5 {
		if _, err := format.Read(strings.NewReader(whole+strings.Repeat("\n", n<<18)), "F"); err != nil {
			t.Errorf("with %d empty lines: %v", n<<18, err)
		}
	}
}

func TestReadLongLines(t *testing.T) {
	e := modeltest.Random(3, 150_000, 1) // some 1.6 MB each
	for _, name := range []string{"text", "binary", "safetensors"} {
		var file bytes.Buffer
		if err := format.Write(&file, e, name); err != nil {
			t.Fatal(err)
		}
		got, err := format.Read(&file, "F")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !slices.Equal(e.Input.(*model.Matrix).Data, got.Input.(*model.Matrix).Data) {
			t.Errorf("%s: the vectors differ", name)
		}
	}
}

func TestLoadGzip(t *testing.T) {
	e := modeltest.Random(100, 5, 1)
	for _, name := range []string{"text", "binary", "glove", "safetensors"} {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if err := errors.Join(format.Write(z, e, name), z.Close()); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "vectors.gz")
		if err := os.WriteFile(path, packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := format.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e.Input, got.Input); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if err := os.WriteFile(path, packed.Bytes()[:packed.Len()-20], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := format.Load(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s, cut: error %v", name, err)
		}
	}
}

func TestLoadGzipUnasked(t *testing.T) {
	format.WithoutUnpacker(t)
	path := filepath.Join(t.TempDir(), "v.txt.gz")
	if err := os.WriteFile(path, []byte("\x1f\x8b\x08"), 0o644); err != nil {
		t.Fatal(err)
	}
	const want = "v.txt.gz: the file is compressed by gzip; a program that reads such files imports kindred/model/format/compressed"
	if _, err := format.Load(path); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error %v, want one that ends in %q", err, want)
	}
}

// anyWord draws words that the formats can hold: of any script, and of any
// bytes.
func anyWord() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[a-z]{1,8}`),
		rapid.StringMatching(`[0-9.eE+-]{1,5}`),
		rapid.String(),
		rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) }),
	).Filter(func(w string) bool { return w != "" && !strings.ContainsAny(w, " \t\n\v\f\r\x00") })
}

// anyEmbeddings draws embeddings of words and any finite values.
func anyEmbeddings(t *rapid.T, tb testing.TB) *model.Embeddings {
	words := rapid.SliceOfNDistinct(anyWord(), 1, 8, rapid.ID[string]).Draw(t, "words")
	m := model.NewMatrix(len(words), rapid.IntRange(1, 12).Draw(t, "dim"))
	value := rapid.OneOf(
		rapid.Float32Range(-1, 1),
		rapid.SampledFrom([]float32{0, float32(math.Copysign(0, -1)), 1, math.MaxFloat32, math.SmallestNonzeroFloat32}),
		rapid.Map(rapid.Uint32(), math.Float32frombits).Filter(func(v float32) bool { return v-v == 0 }),
	)
	for i := range words {
		for k := range m.Row(i) {
			m.Row(i)[k] = value.Draw(t, "value")
		}
	}
	return modeltest.Embeddings(words, m)
}

// exactFormats are the formats that hold any vectors and keep their bits.
func exactFormats() []*format.Format {
	return slices.DeleteFunc(format.All(), func(f *format.Format) bool { return f.Requires() != "" || f.Name == "fifu" })
}

// What is written in any format is recognized, and reads back as the same
// bits.
func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	for _, f := range exactFormats() {
		if !f.Readable() {
			continue
		}
		t.Run(f.Name, rapid.MakeCheck(func(r *rapid.T) {
			e := anyEmbeddings(r, t)
			path := filepath.Join(dir, "vectors"+f.Extensions[0])
			data := write(r, path, e, f)
			loaders := map[string]func() (*model.Embeddings, error){
				"Format.Load": func() (*model.Embeddings, error) { return f.Load(path) },
				"Format.Read": func() (*model.Embeddings, error) { return f.Read(bytes.NewReader(data), "F") },
			}
			if len(f.Paths(path)) > 1 { // the words are in another file
				delete(loaders, "Format.Read")
				loaders["Load"] = func() (*model.Embeddings, error) { return format.Load(path) }
			} else if !(f.Name == "glove" && e.Dim() == 1) && !(f.Name == "binary" && e.Dim() == 1) { // see the package documentation
				loaders["Load"] = func() (*model.Embeddings, error) { return format.Load(path) }
				loaders["Read"] = func() (*model.Embeddings, error) { return format.Read(bytes.NewReader(data), "F") }
			}
			for name, load := range loaders {
				got, err := load()
				if err != nil {
					r.Fatalf("%s: %v", name, err)
				}
				sameEmbeddings(r, e, got)
			}
		}))
	}
}

// write writes e to path without waiting for the disk, as format.Save does, unless the format needs
// several files. It returns the content of the first.
func write(r *rapid.T, path string, e *model.Embeddings, f *format.Format) []byte {
	var file bytes.Buffer
	err := format.Write(&file, e, f.Name)
	if len(f.Paths(path)) > 1 {
		err = format.Save(path, e, f.Name)
	} else if err == nil {
		err = os.WriteFile(path, file.Bytes(), 0o644)
	}
	if err != nil {
		r.Fatal(err)
	}
	return file.Bytes()
}

func sameEmbeddings(t *rapid.T, want, got *model.Embeddings) {
	wantWords, wantValues := vectors(want)
	gotWords, gotValues := vectors(got)
	if diff := cmp.Diff(wantWords, gotWords); diff != "" {
		t.Fatal(diff)
	}
	bits := cmp.Transformer("bits", math.Float32bits)
	if diff := cmp.Diff(wantValues, gotValues, bits); diff != "" {
		t.Fatal(diff)
	}
}

// FuzzRead looks for panics and for allocation out of proportion to the
// input. What can be read is saved in each format and read again.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"2 2\na 0.5 -1\nb 1 2\n", "a 0.5 -1\nb 1 2\n", "2 2\na " + floats(0.5, -1) + "\nb " + floats(1, 2) + "\n",
		"2 2\r\na 0.5 -1 \r\nb nan 2", ". . 1 2\nb 3 4", "1000000000 1000\na 1\n", "1 2000000000\na \x00", "3 1\na 1\na 2\nb 3\n\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var e *model.Embeddings
		var err error
		// A row of one value takes 4 bytes of text and 64 in a matrix.
		if n := allocated(func() { e, err = format.Read(bytes.NewReader(data), "F") }); n > 16<<20+200*uint64(len(data)) {
			t.Errorf("%d bytes allocated for %d", n, len(data))
		}
		for _, f := range format.All() {
			if f.Readable() {
				f.Read(bytes.NewReader(data), "F") // must not panic
			}
		}
		if err != nil {
			return
		}
		for _, f := range exactFormats() {
			var file bytes.Buffer
			if !f.Readable() || format.Write(&file, e, f.Name) != nil {
				continue // a GloVe word may have a space
			}
			again, err := f.Read(&file, "F")
			if err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			if diff := cmp.Diff(e.Input, again.Input); diff != "" {
				t.Errorf("%s: %s", f, diff)
			}
		}
	})
}
