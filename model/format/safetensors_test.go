package format_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"
	"pgregory.net/rapid"

	"kindred/corpus/vocab"
	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
)

func nativeFormat(tb testing.TB) *format.Format {
	f, err := format.ByName("native")
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func nativeBytes(tb testing.TB, e *model.Embeddings) []byte {
	tb.Helper()
	var file bytes.Buffer
	if err := format.Write(&file, e, "safetensors"); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

// full returns embeddings with all there can be.
func full(tb testing.TB) *model.Embeddings {
	e := modeltest.Numbered("a", "New York", "né\n")
	e.Vocabulary, _ = vocab.New([]string{"a", "New York", "né\n"}, []int64{1 << 40, 7, 0})
	e.Output = model.NewMatrix(3, 1)
	e.Output.(*model.Matrix).Row(2)[0] = -0.5
	e.Positions = model.NewMatrix(2, 1)
	e.Positions.Row(1)[0] = 1.5
	e.Manifest = &model.Manifest{Tool: "kindred", Settings: json.RawMessage(`{"a":"<\"0\">"}`), Vectors: 3, Dim: 1}
	return e
}

// anyNative draws embeddings that only the native format can hold.
func anyNative(r *rapid.T, t *testing.T) *model.Embeddings {
	e := anyEmbeddings(r, t)
	word := rapid.OneOf(anyWord(), rapid.SampledFrom([]string{" ", "\n", "\x00", "New York", "a\tb\r\n", strings.Repeat("x", 1<<17)}),
		rapid.StringN(1, -1, -1).Filter(func(w string) bool { return w != "" }))
	n := e.Vocabulary.Len()
	words := rapid.SliceOfNDistinct(word, n, n, rapid.ID[string]).Draw(r, "words")
	counts := rapid.SliceOfN(rapid.Int64Range(0, math.MaxInt64/8), n, n).Draw(r, "counts")
	var err error
	if e.Vocabulary, err = vocab.New(words, counts); err != nil {
		r.Fatal(err)
	}
	if rapid.Bool().Draw(r, "output") {
		e.Output = model.NewMatrix(n, e.Dim())
		for i := range n {
			copy(e.Output.(*model.Matrix).Row(i), e.Input.(*model.Matrix).Row(n-1-i))
		}
	}
	if rapid.Bool().Draw(r, "checkpoint") {
		e.Checkpoint = json.RawMessage(rapid.String().Draw(r, "state"))
	}
	if rapid.Bool().Draw(r, "manifest") {
		e.Manifest = &model.Manifest{Tool: rapid.String().Draw(r, "tool"), Vectors: n, Dim: e.Dim()}
	}
	return e
}

func wordsAndCounts(v model.Vocab) (words []string, counts []int64) {
	for i := range v.Len() {
		words = append(words, v.Word(i))
		counts = append(counts, v.Count(i))
	}
	return words, counts
}

func TestSafetensorsHoldsAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.safetensors")
	bits := cmp.Transformer("bits", math.Float32bits)
	rapid.Check(t, func(r *rapid.T) {
		e := anyNative(r, t)
		if err := format.Save(path, e, ""); err != nil {
			r.Fatal(err)
		}
		got, err := format.Load(path)
		if err != nil {
			r.Fatal(err)
		}
		wantWords, wantCounts := wordsAndCounts(e.Vocabulary)
		gotWords, gotCounts := wordsAndCounts(got.Vocabulary)
		for _, diff := range []string{
			cmp.Diff(wantWords, gotWords), cmp.Diff(wantCounts, gotCounts),
			cmp.Diff(e.Input, got.Input, bits), cmp.Diff(e.Output, got.Output, bits), cmp.Diff(e.Manifest, got.Manifest),
			cmp.Diff(e.Checkpoint, got.Checkpoint),
		} {
			if diff != "" {
				r.Error(diff)
			}
		}
	})
	if names := files(t, filepath.Dir(path)); len(names) != 1 {
		t.Errorf("files %v, want only the vectors: the manifest is in them", names)
	}
}

// What the rules of safetensors say about a file is what was written to it.
func TestSafetensorsLayout(t *testing.T) {
	e := modeltest.Random(3, 5, 1)
	e.Vocabulary = full(t).Vocabulary
	e.Output = modeltest.Random(3, 5, 2).Input
	file := nativeBytes(t, e)
	arrays, metadata, err := parseSafetensors(file)
	if err != nil {
		t.Fatal(err)
	}
	little := func(values ...int64) []byte {
		b, _ := binary.Append(nil, binary.LittleEndian, values)
		return b
	}
	matrix := func(m *model.Matrix) []byte {
		return []byte(floats(slices.Concat(m.Row(0), m.Row(1), m.Row(2))...))
	}
	want := map[string]array{
		"vocabulary.counts":  {"I64", []int{3}, [2]int{0, 24}, little(1<<40, 7, 0)},
		"vocabulary.offsets": {"I64", []int{4}, [2]int{24, 56}, little(0, 1, 9, 13)},
		"input":              {"F32", []int{3, 5}, [2]int{56, 116}, matrix(e.Input.(*model.Matrix))},
		"output":             {"F32", []int{3, 5}, [2]int{116, 176}, matrix(e.Output.(*model.Matrix))},
		"vocabulary.bytes":   {"U8", []int{13}, [2]int{176, 189}, []byte("aNew Yorkné\n")},
	}
	if diff := cmp.Diff(want, arrays, cmp.AllowUnexported(array{})); diff != "" {
		t.Error(diff)
	}
	header := int(binary.LittleEndian.Uint64(file))
	if len(file) != 8+header+189 || (8+header+56)%64 != 0 || file[8] != '{' {
		t.Errorf("header of %d bytes that starts with %q, file of %d: the input matrix must be aligned to 64 bytes, and nothing follow the data", header, file[8], len(file))
	}
	sum := xxh3.Hash128(bytes.Replace(file, []byte(metadata["kindred.hash"]), bytes.Repeat([]byte("0"), 32), 1))
	if hash := fmt.Sprintf("%016x%016x", sum.Hi, sum.Lo); metadata["kindred.hash"] != hash || metadata["kindred.format"] != "1" {
		t.Errorf("metadata %v, want format 1 and hash %s", metadata, hash)
	}
	if !bytes.Equal(file, nativeBytes(t, e)) {
		t.Error("the same embeddings make different files")
	}
}

// No cut and no addition goes unnoticed, and what was changed is called damaged.
func TestSafetensorsDamaged(t *testing.T) {
	file := nativeBytes(t, full(t))
	for n := range len(file) {
		for _, sized := range []bool{false, true} {
			var fault *format.SyntaxError
			if _, err := format.ReadNative(file[:n], sized); !errors.As(err, &fault) || !strings.Contains(err.Error(), "is cut off") {
				t.Errorf("cut to %d bytes: error %v, want a SyntaxError that says so", n, err)
			}
		}
	}
	for n := 9; n < len(file); n += 50 { // from where on the format can be told
		if _, err := format.Read(bytes.NewReader(file[:n]), "F"); err == nil || !strings.Contains(err.Error(), "is cut off") {
			t.Errorf("cut to %d bytes, and sniffed: error %v does not say so", n, err)
		}
	}
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"a byte more": {append(slices.Clone(file), 0), fmt.Sprintf("F: at byte %d: the file goes on after the %d bytes", len(file), len(file))},
		"twice":       {slices.Concat(file, file), "the file goes on after"},
		"changed":     {slices.Concat(file[:len(file)-1], []byte("x")), "F: at byte 0: the file is damaged: its hash is "},
	} {
		if _, err := format.Read(bytes.NewReader(test.data), "F"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

// No flipped bit goes unnoticed, wherever it is.
func TestSafetensorsFlippedBits(t *testing.T) {
	file := nativeBytes(t, full(t))
	for bit := range 8 * len(file) {
		file[bit/8] ^= 1 << (bit % 8)
		var fault *format.SyntaxError
		if _, err := format.ReadNative(file, true); !errors.As(err, &fault) {
			t.Errorf("bit %d of byte %d of %d: error %v, want a SyntaxError", bit%8, bit/8, len(file), err)
		}
		file[bit/8] ^= 1 << (bit % 8)
	}
	if _, err := format.ReadNative(file, true); err != nil {
		t.Errorf("the file is as it was, but: %v", err)
	}
}

// plain is the header of a small file, {"a": [1], "b": [2]}, and plainData
// the data.
const plain = `{"__metadata__":{"kindred.format":"1","kindred.hash":"00000000000000000000000000000000"},` +
	`"vocabulary.counts":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},` +
	`"vocabulary.offsets":{"dtype":"I64","shape":[3],"data_offsets":[16,40]},` +
	`"input":{"dtype":"F32","shape":[2,1],"data_offsets":[40,48]},` +
	`"vocabulary.bytes":{"dtype":"U8","shape":[2],"data_offsets":[48,50]}}`

var plainData = slices.Concat(make([]byte, 16), make([]byte, 8), []byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}, []byte(floats(1, 2)), []byte("ab"))

// replaced returns s with each old text replaced by the new one behind it.
func replaced(tb testing.TB, s string, oldNew ...string) string {
	for i := 0; i < len(oldNew); i += 2 {
		if !strings.Contains(s, oldNew[i]) {
			tb.Fatalf("no %q in %q", oldNew[i], s)
		}
		s = strings.Replace(s, oldNew[i], oldNew[i+1], 1)
	}
	return s
}

// Files that others could write: whole, with the right hash.
func TestSafetensorsReads(t *testing.T) {
	for _, test := range []struct {
		name, header string
		data         []byte
		warning      string
	}{
		{"no padding", plain, plainData, ""},
		{"padding", plain + "    ", plainData, ""},
		{"JSON with spaces", replaced(t, plain, `"kindred.hash":`, `"kindred.hash" : `, `[0,16]`, "[ 0,\n16 ]"), plainData, ""},
		{"more metadata", replaced(t, plain, `{"kindred.format"`, `{"comment":"0000","kindred.format"`), plainData, ""},
		{"another tensor", replaced(t, plain, `"input"`, `"more":{"dtype":"U8","shape":[2,1],"data_offsets":[50,52]},"input"`), append(slices.Clone(plainData), 1, 2),
			`1 tensors are no part of vectors and were left out: "more"`},
		{"another order", replaced(t, plain, "[48,50]", "[0,2]", "[0,16]", "[10,26]", "[16,40]", "[26,50]", "[40,48]", "[2,10]"),
			slices.Concat(plainData[48:], plainData[40:48], plainData[:40]), ""},
		{"manifest of others", replaced(t, plain, `{"kindred.format"`, `{"kindred.manifest":"{}","kindred.format"`), plainData,
			"the manifest in F is left out: it describes 0 vectors of 0 values, not 2 of 1"},
		{"broken manifest", replaced(t, plain, `{"kindred.format"`, `{"kindred.manifest":"{","kindred.format"`), plainData,
			"the manifest in F is left out: unexpected end of JSON input"},
	} {
		e, err := format.Read(bytes.NewReader(seal(test.header, test.data)), "F")
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		words, values := vectors(e)
		if diff := cmp.Diff([]string{"a", "b"}, words) + cmp.Diff([][]float32{{1}, {2}}, values); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		if got := strings.Join(e.Warnings, "; "); got != test.warning {
			t.Errorf("%s: warning %q, want %q", test.name, got, test.warning)
		}
	}
}

func TestSafetensorsRefuses(t *testing.T) {
	edit := func(oldNew ...string) string { return replaced(t, plain, oldNew...) }
	data := func(at int, bytes ...byte) []byte {
		d := slices.Clone(plainData)
		copy(d[at:], bytes)
		return d
	}
	for _, test := range []struct {
		name, header string
		data         []byte
		want         string
	}{
		{"future", edit(`"1"`, `"2"`), plainData, `F: at byte 8: the file has version "2" of kindred's format, and only "1" can be read`},
		{"of others", `{"emb":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, plainData[:4],
			`F: at byte 8: a safetensors file, but not one of kindred: there is no "kindred.format" in its __metadata__; its tensors are: "emb"`},
		{"no hash", edit(`"kindred.hash"`, `"hash"`), plainData, `F: at byte 8: expected a hash of 32 hexadecimal digits as "kindred.hash"`},
		{"short hash", edit(strings.Repeat("0", 32), "1234"), plainData, `found "1234"`},
		{"hash in upper case", edit(strings.Repeat("0", 32), strings.Repeat("A", 32)), plainData, `expected a hash of 32 hexadecimal digits`},
		{"hash twice", edit(`{"kindred.format"`, `{"x":"11111111111111111111111111111111","kindred.format"`, strings.Repeat("0", 32), strings.Repeat("1", 32)), plainData,
			`there is something else that looks the same`},
		{"wrong hash", edit(strings.Repeat("0", 32), strings.Repeat("1", 32)), plainData, "F: at byte 0: the file is damaged: its hash is "},
		{"no input", edit(`"input"`, `"vectors"`), plainData, `there is no tensor "input"`},
		{"no bytes", edit(`"vocabulary.bytes"`, `"words"`), plainData, `there is no tensor "vocabulary.bytes"`},
		{"input of another type", edit(`"F32"`, `"I32"`), plainData, `F: at byte 246: tensor "input" I32 [2 1]: expected F32`},
		{"input of one dimension", edit(`[2,1]`, `[2]`), plainData, `F: at byte 246: tensor "input" F32 [2]`},
		{"no words", edit(`[2,1]`, `[0,2]`, `[40,48]`, `[40,40]`, `[48,50]`, `[40,42]`), plainData[:42], `tensor "input" F32 [0 2]: expected F32 or I8 and a shape of two numbers`},
		{"counts too short", edit(`[2],"data_offsets":[0,16]`, `[1],"data_offsets":[0,8]`, `[16,40]`, `[8,32]`, `[40,48]`, `[32,40]`, `[48,50]`, `[40,42]`), plainData[8:],
			`tensor "vocabulary.counts" I64 [1]: expected I64 [2], as the input matrix is [2 1]`},
		{"counts of another type", edit(`"I64"`, `"U64"`), plainData, `tensor "vocabulary.counts" U64 [2]: expected I64 [2]`},
		{"output of another shape", edit(`"input"`, `"output":{"dtype":"F32","shape":[1,2],"data_offsets":[50,58]},"input"`), append(slices.Clone(plainData), plainData[:8]...),
			`tensor "output" F32 [1 2]: expected F32 [2 1]`},
		{"shape and offsets differ", edit(`[2,1]`, `[2,2]`), plainData, `tensor "input" F32 [2 2]: its shape needs 16 bytes of data, but its data_offsets are 40 and 48`},
		{"overflowing shape", edit(`[2,1]`, `[4611686018427387904,4]`), plainData, `the type is unknown or the shape impossible`},
		{"negative shape", edit(`[2,1]`, `[-2,-1]`), plainData, `the shape impossible`},
		{"unknown type", edit(`"F32"`, `"F31"`), plainData, `the type is unknown`},
		{"overlap", edit(`[40,48]`, `[32,40]`), plainData, `its data starts at 32, within that of another, which ends at 40`},
		{"gap", edit(`[40,48]`, `[41,49]`), plainData, `its data starts at 41, and what lies before it, from 40 on, belongs to no tensor`},
		{"gap at the start", edit(`[0,16]`, `[50,66]`), append(slices.Clone(plainData), plainData[:16]...), `its data starts at 16, and what lies before it, from 0 on`},
		{"backwards", edit(`[40,48]`, `[48,40]`), plainData, `its data_offsets are 48 and 40`},
		{"more data than promised", plain, append(slices.Clone(plainData), 'c'), "F: at byte 419: the file goes on after the 419 bytes that its header promises"},
		{"less data than promised", plain, plainData[:49], "F: at byte 418: the file ends here, but its header promises 419 bytes: it is cut off"},
		{"a name twice", edit(`"vocabulary.counts"`, `"input"`), plainData, `the header has "input" twice`},
		{"a key twice", edit(`{"kindred.format"`, `{"kindred.format":"1","kindred.format"`), plainData, `__metadata__ has "kindred.format" twice`},
		{"a field twice", edit(`"shape"`, `"dtype":"I64","shape"`), plainData, `tensor "vocabulary.counts" has "dtype" twice`},
		{"unknown field", edit(`"shape"`, `"Shape"`), plainData, `tensor "vocabulary.counts" has an unknown field "Shape"`},
		{"three offsets", edit(`[0,16]`, `[0,16,20]`), plainData, `expected a dtype, a shape and two data_offsets`},
		{"no shape", edit(`,"shape":[2]`, ``), plainData, `expected a dtype, a shape and two data_offsets`},
		{"metadata that is no text", edit(`"1"`, `1`), plainData, `the value of "kindred.format" is no string`},
		{"tensor that is none", edit(`{"dtype":"I64","shape":[2],"data_offsets":[0,16]}`, `7`), plainData, `tensor "vocabulary.counts" is no JSON object`},
		{"no JSON", edit(`"shape"`, `shape`), plainData, `invalid character 's'`},
		{"text after the header", plain + "  x", plainData, `F: at byte 371: expected the end of the header, or spaces up to it, found "x"`},
		{"newline after the header", plain + "\n", plainData, `found "\n"`},
		{"space before the header", " " + plain, plainData, `F: at byte 8: expected a header that starts with "{", found " {`},
		{"no header", "", nil, `F: at byte 8: expected a header that starts with "{", found ""`},
		{"NaN", plain, data(44, 0, 0, 0xc0, 0x7f), `F: at byte 413: row 2 of 2 of the tensor "input": a value is not a finite number`},
		{"first word late", plain, data(16, 1), `F: at byte 385: the first word starts at 1 of "vocabulary.bytes", expected 0`},
		{"empty word", plain, data(24, 0), `F: at byte 393: word 0 goes from 0 to 0 of "vocabulary.bytes", which has 2 bytes`},
		{"word out of bounds", plain, data(32, 3), `F: at byte 401: word 1 goes from 1 to 3 of "vocabulary.bytes", which has 2 bytes`},
		{"word far out of bounds", plain, data(39, 0x80), `F: at byte 401: word 1 goes from 1 to -`},
		{"surplus bytes", edit(`"shape":[2],"data_offsets":[48,50]`, `"shape":[3],"data_offsets":[48,51]`), append(slices.Clone(plainData), 'c'),
			`the words end at 2 of "vocabulary.bytes", which has 3 bytes`},
		{"a word twice", plain, data(48, 'b'), `F: at byte 417: vocabulary: "b" is both word 0 and word 1`},
		{"negative count", plain, data(7, 0x80), `F: at byte 417: vocabulary: count of "a" is -9223372036854775808`},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := seal(test.header, test.data)
			path := filepath.Join(t.TempDir(), "F")
			if err := os.WriteFile(path, file, 0o644); err != nil {
				t.Fatal(err)
			}
			_, streamed := nativeFormat(t).Read(bytes.NewReader(file), "F")
			_, loaded := nativeFormat(t).Load(path)
			for _, err := range []error{streamed, loaded} {
				var fault *format.SyntaxError
				if !errors.As(err, &fault) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want a SyntaxError with %q", err, test.want)
				}
			}
		})
	}
}

func TestSafetensorsRefusesToWrite(t *testing.T) {
	other := full(t)
	other.Output = model.NewMatrix(3, 2)
	nan := full(t)
	nan.Output.(*model.Matrix).Row(1)[0] = float32(math.NaN())
	for want, e := range map[string]*model.Embeddings{
		"the output matrix is one of 3 x 2, the input matrix of 3 x 1":                 other,
		`output matrix: value 1 of the row of "New York" is NaN, want a finite number`: nan,
	} {
		var file bytes.Buffer
		if err := format.Write(&file, e, "native"); err == nil || !strings.Contains(err.Error(), want) || file.Len() > 0 {
			t.Errorf("error %v after %d bytes, want %q", err, file.Len(), want)
		}
	}
}

func TestSafetensorsLyingHeaderAllocatesLittle(t *testing.T) {
	huge := replaced(t, plain, `[2,1]`, `[2000000000,1000]`, `[2],"data_offsets":[0,16]`, `[2000000000],"data_offsets":[0,16000000000]`,
		`[3],"data_offsets":[16,40]`, `[2000000001],"data_offsets":[16000000000,32000000008]`, `[40,48]`, `[32000000008,8032000000008]`, `[48,50]`, `[8032000000008,8032000000010]`)
	long := seal(plain, plainData)
	binary.LittleEndian.PutUint64(long, 99_000_000)
	longer := slices.Clone(long)
	binary.LittleEndian.PutUint64(longer, math.MaxUint64)
	for name, file := range map[string][]byte{"data": seal(huge, plainData), "header": long, "longer header": longer} {
		path := filepath.Join(t.TempDir(), "F")
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
		for way, read := range map[string]func() (*model.Embeddings, error){
			"stream": func() (*model.Embeddings, error) { return format.Read(bytes.NewReader(file), "F") },
			"file":   func() (*model.Embeddings, error) { return format.Load(path) },
		} {
			n := allocated(func() {
				if _, err := read(); err == nil {
					t.Errorf("%s, %s: no error", name, way)
				}
			})
			if n > 8<<20 {
				t.Errorf("%s, %s: %d bytes allocated", name, way, n)
			}
		}
	}
}
