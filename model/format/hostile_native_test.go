package format_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"kindred/model"
	"kindred/model/format"
)

// A hostileTensor is an entry of a header that lies.
type hostileTensor struct {
	name, dtype string
	shape       string
	begin, end  int64
}

// sealed returns a native file of these tensors and data. The hash is right.
func sealed(data []byte, metadata string, tensors ...hostileTensor) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `{"__metadata__":{"kindred.format":"1","kindred.hash":"%s"%s}`, strings.Repeat("0", 32), metadata)
	for _, t := range tensors {
		fmt.Fprintf(&b, `,%q:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, t.name, t.dtype, t.shape, t.begin, t.end)
	}
	b.WriteString("}")
	return seal(b.String(), data)
}

// int64s returns little-endian integers.
func int64s(values ...int64) string {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return string(b)
}

// TestHostileNative reads files whose hash is right and whose header or data lie. Each gets an error that
// says where and what, and no memory for what it promises.
func TestHostileNative(t *testing.T) {
	counts := hostileTensor{"vocabulary.counts", "I64", "[2]", 0, 16}
	offsets := hostileTensor{"vocabulary.offsets", "I64", "[3]", 16, 40}
	input := hostileTensor{"input", "F32", "[2,1]", 40, 48}
	words := hostileTensor{"vocabulary.bytes", "U8", "[2]", 48, 50}
	good := int64s(7, 5) + int64s(0, 1, 2) + floats(1, 2) + "ab"
	scales, bytes, quantizedWords := hostileTensor{"input.scales", "F32", "[2]", 40, 48}, hostileTensor{"input", "I8", "[2,1]", 48, 50}, hostileTensor{"vocabulary.bytes", "U8", "[2]", 50, 52}
	quantized := int64s(7, 5) + int64s(0, 1, 2) + floats(1, 2) + "\x80\x7fab"
	with := func(t hostileTensor, change func(t *hostileTensor)) hostileTensor { change(&t); return t }
	for _, test := range []struct {
		name     string
		data     string
		metadata string
		tensors  []hostileTensor
		want     string // "" if the file is right
	}{
		{"right", good, "", []hostileTensor{counts, offsets, input, words}, ""},
		{"another order in the header", good, "", []hostileTensor{words, input, offsets, counts}, ""},
		{"a manifest that is none", good, `,"kindred.manifest":"[1,2"`, []hostileTensor{counts, offsets, input, words}, ""},
		{"overlap", good, "", []hostileTensor{counts, with(offsets, func(t *hostileTensor) { t.begin, t.end = 8, 32 }), input, words}, `"vocabulary.offsets" I64 [3]: its data starts at 8, within that of another, which ends at 16`},
		{"the same data twice", good, "", []hostileTensor{counts, offsets, input, words, with(input, func(t *hostileTensor) { t.name = "output" })}, "within that of another"},
		{"gap", good + "xx", "", []hostileTensor{counts, offsets, input, with(words, func(t *hostileTensor) { t.begin, t.end = 50, 52 })}, "belongs to no tensor"},
		{"backwards", good, "", []hostileTensor{counts, offsets, with(input, func(t *hostileTensor) { t.begin, t.end = 48, 40 }), words}, "data_offsets are 48 and 40"},
		{"negative offsets", good, "", []hostileTensor{with(counts, func(t *hostileTensor) { t.begin, t.end = -16, 0 }), offsets, input, words}, "data_offsets are -16 and 0"},
		{"beyond the end", good, "", []hostileTensor{counts, offsets, input, with(words, func(t *hostileTensor) { t.shape, t.end = "[1000000000000]", 48+1_000_000_000_000 })}, "the file ends here, but its header promises"},
		{"offsets at the limit", good, "", []hostileTensor{counts, offsets, input, with(words, func(t *hostileTensor) { t.shape, t.end = "[9223372036854775759]", 9223372036854775807 })}, "which no file can have"},
		{"a product that overflows", good, "", []hostileTensor{counts, offsets, with(input, func(t *hostileTensor) { t.shape = "[4611686018427387904,4]" }), words}, "the type is unknown or the shape impossible"},
		{"a shape that overflows to the right size", good, "", []hostileTensor{counts, offsets, with(input, func(t *hostileTensor) { t.shape = "[2,4611686018427387905]" }), words}, "shape impossible"},
		{"a negative shape", good, "", []hostileTensor{counts, offsets, with(input, func(t *hostileTensor) { t.shape = "[-2,-1]" }), words}, "shape impossible"},
		{"a size beyond integers", good, "", []hostileTensor{counts, offsets, with(input, func(t *hostileTensor) { t.shape = "[99999999999999999999,1]" }), words}, `tensor "input": shape`},
		{"a fractional shape", good, "", []hostileTensor{counts, offsets, with(input, func(t *hostileTensor) { t.shape = "[2.5,1]" }), words}, `tensor "input": shape`},
		{"many dimensions", good, "", []hostileTensor{counts, offsets, with(input, func(t *hostileTensor) { t.shape = "[2,1,1]" }), words}, "a shape of two numbers"},
		{"no dimension", good, "", []hostileTensor{counts, offsets, with(input, func(t *hostileTensor) { t.shape, t.end = "[]", 44 }), words}, "its data starts at 48"},
		{"no words", int64s(0), "", []hostileTensor{{"vocabulary.counts", "I64", "[0]", 0, 0}, {"vocabulary.offsets", "I64", "[1]", 0, 8}, {"input", "F32", "[0,1]", 8, 8}, {"vocabulary.bytes", "U8", "[0]", 8, 8}}, "1 to 2147483647, and the dimension"},
		{"many words of no dimension", "", "", []hostileTensor{{"input", "F32", "[2000000000,0]", 0, 0}}, "1 to 2147483647, and the dimension"},
		{"float64", good, "", []hostileTensor{counts, offsets, with(input, func(t *hostileTensor) { t.dtype, t.shape = "F64", "[1,1]" }), words}, "expected F32"},
		{"float16", good, "", []hostileTensor{counts, offsets, with(input, func(t *hostileTensor) { t.dtype, t.shape = "F16", "[2,2]" }), words}, "expected F32"},
		{"an unknown type", good, "", []hostileTensor{counts, offsets, with(input, func(t *hostileTensor) { t.dtype = "F8_E4M3" }), words}, "the type is unknown"},
		{"counts of another type", good, "", []hostileTensor{with(counts, func(t *hostileTensor) { t.dtype, t.shape = "F32", "[4]" }), offsets, input, words}, `expected I64 [2]`},
		{"fewer counts than words", int64s(7) + int64s(0, 1, 2) + floats(1, 2) + "ab", "", []hostileTensor{{"vocabulary.counts", "I64", "[1]", 0, 8}, {"vocabulary.offsets", "I64", "[3]", 8, 32}, {"input", "F32", "[2,1]", 32, 40}, {"vocabulary.bytes", "U8", "[2]", 40, 42}}, `"vocabulary.counts" I64 [1]: expected I64 [2]`},
		{"no counts", int64s(0, 1, 2) + floats(1, 2) + "ab", "", []hostileTensor{{"vocabulary.offsets", "I64", "[3]", 0, 24}, {"input", "F32", "[2,1]", 24, 32}, {"vocabulary.bytes", "U8", "[2]", 32, 34}}, `there is no tensor "vocabulary.counts"`},
		{"a negative count", int64s(7, -5) + good[16:], "", []hostileTensor{counts, offsets, input, words}, `count of "b" is -5`},
		{"counts that overflow", int64s(1<<62, 1<<62) + good[16:], "", []hostileTensor{counts, offsets, input, words}, "the counts add up to more than 2^63-1"},
		{"an empty word", int64s(7, 5) + int64s(0, 0, 2) + good[40:], "", []hostileTensor{counts, offsets, input, words}, "word 0 goes from 0 to 0"},
		{"a word that ends before it starts", int64s(7, 5) + int64s(0, 2, 1) + good[40:], "", []hostileTensor{counts, offsets, input, words}, "word 1 goes from 2 to 1"},
		{"a word behind the end", int64s(7, 5) + int64s(0, 1, 1<<62) + good[40:], "", []hostileTensor{counts, offsets, input, words}, "word 1 goes from 1 to 4611686018427387904"},
		{"a negative offset", int64s(7, 5) + int64s(-1, 1, 2) + good[40:], "", []hostileTensor{counts, offsets, input, words}, "the first word starts at -1"},
		{"bytes of no word", int64s(7, 5) + int64s(0, 1, 2) + good[40:] + "x", "", []hostileTensor{counts, offsets, input, {"vocabulary.bytes", "U8", "[3]", 48, 51}}, "the words end at 2"},
		{"a word twice", good[:48] + "aa", "", []hostileTensor{counts, offsets, input, words}, `"a" is both word 0 and word 1`},
		{"a value that is not finite", good[:44] + "\x00\x00\xc0\x7f" + "ab", "", []hostileTensor{counts, offsets, input, words}, `row 2 of 2 of the tensor "input"`},
		{"an output matrix of another shape", good + floats(1), "", []hostileTensor{counts, offsets, input, words, {"output", "F32", "[1,1]", 50, 54}}, `"output" F32 [1 1]: expected F32 [2 1]`},
		{"quantized", quantized, "", []hostileTensor{counts, offsets, scales, bytes, quantizedWords}, ""},
		{"quantized without scales", good[:40] + "\x01\x02ab", "", []hostileTensor{counts, offsets, {"input", "I8", "[2,1]", 40, 42}, {"vocabulary.bytes", "U8", "[2]", 42, 44}}, `there is no tensor "input.scales"`},
		{"weights of an odd number of positions", good + floats(1, 1, 1), "", []hostileTensor{counts, offsets, input, words, {"positions", "F32", "[3,1]", 50, 62}}, `"positions" F32 [3 1]: expected F32 and rows of 1 weights`},
		{"weights of another dimension", good + floats(1, 1, 1, 1), "", []hostileTensor{counts, offsets, input, words, {"positions", "F32", "[2,2]", 50, 66}}, `"positions" F32 [2 2]: expected F32 and rows of 1 weights`},
		{"weights that are not finite", good + floats(1, float32(math.Inf(1))), "", []hostileTensor{counts, offsets, input, words, {"positions", "F32", "[2,1]", 50, 58}}, `row 2 of the tensor "positions": a value`},
		{"scales of another type", quantized, "", []hostileTensor{counts, offsets, with(scales, func(t *hostileTensor) { t.dtype, t.shape = "I64", "[1]" }), bytes, quantizedWords}, `"input.scales" I64 [1]: expected F32 [2]`},
		{"a negative scale", good[:40] + floats(1, -2) + quantized[48:], "", []hostileTensor{counts, offsets, scales, bytes, quantizedWords}, "the scale of row 2 is -2"},
		{"a scale that is not finite", good[:40] + "\x00\x00\xc0\x7f" + quantized[44:], "", []hostileTensor{counts, offsets, scales, bytes, quantizedWords}, "the scale of row 1 is NaN"},
		{"scales of floats", int64s(7, 5) + int64s(0, 1, 2) + floats(1, 2) + "ab" + "xyz", "", []hostileTensor{counts, offsets, input, words, {"input.scales", "U8", "[3]", 50, 53}}, ""},
		{"many bytes", quantized, "", []hostileTensor{counts, offsets, scales, with(bytes, func(t *hostileTensor) { t.shape, t.end = "[2,1000000000]", 48+2_000_000_000 }), with(quantizedWords, func(t *hostileTensor) { t.begin, t.end = 48+2_000_000_000, 48+2_000_000_002 })}, "the file ends"},
		{"metadata that is no text", good, `,"n":5`, []hostileTensor{counts, offsets, input, words}, `the value of "n" is no string`},
		{"metadata in metadata", good, `,"n":{"a":"b"}`, []hostileTensor{counts, offsets, input, words}, `the value of "n" is no string`},
		{"a name twice", good, "", []hostileTensor{counts, offsets, input, words, counts}, `has "vocabulary.counts" twice`},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := sealed([]byte(test.data), test.metadata, test.tensors...)
			for _, sized := range []bool{true, false} {
				for _, o := range []format.LoadOptions{{}, {First: 1}, {SkipBad: true}} {
					if o.First > 0 && test.want != "" || o.SkipBad && strings.HasPrefix(test.name, "a value") {
						continue // what is beyond may stay unseen
					}
					var e *model.Embeddings
					var err error
					if n := allocated(func() { e, err = format.ReadNativeWith(file, sized, o) }); n > 1<<20 {
						t.Errorf("%d bytes allocated for a file of %d", n, len(file))
					}
					var syntax *format.SyntaxError
					switch {
					case test.want == "" && err != nil:
						t.Errorf("%+v: %v", o, err)
					case test.want == "":
						if err := e.Check(); err != nil || e.Vocabulary.Word(0) != "a" {
							t.Errorf("%+v: %v", e, err)
						}
					case err == nil || !strings.Contains(err.Error(), test.want):
						t.Errorf("error %v, want %q in it", err, test.want)
					case !errors.As(err, &syntax):
						t.Errorf("error %v is no SyntaxError", err)
					}
				}
			}
		})
	}
}

// FuzzHostileNative reads files with a right hash and tensors of any type, shape and place, over any
// data. The mutator changes numbers, so it reaches further than one of text.
func FuzzHostileNative(f *testing.F) {
	good := []byte(int64s(7, 5) + int64s(0, 1, 2) + floats(1, 2) + "ab")
	f.Add(good, uint8(0), int64(2), int64(1), int64(0), int64(16), int64(40), int64(48), int64(50), uint8(0), "")
	f.Add(good, uint8(1), int64(1<<31), int64(1<<33), int64(8), int64(32), int64(40), int64(48), int64(1<<62), uint8(3), `,"kindred.manifest":"{}"`)
	f.Add(good, uint8(2), int64(-1), int64(1<<62), int64(-8), int64(1<<63-1), int64(40), int64(40), int64(50), uint8(1), `,"n":null`)
	types := []string{"F32", "F64", "F16", "BF16", "I64", "U8", "BOOL", "F8_E4M3", "", "I8"}
	f.Fuzz(func(t *testing.T, data []byte, dtype uint8, n, dim, a, b, c, d, end int64, change uint8, metadata string) {
		if len(metadata) > 200 || strings.Contains(metadata, strings.Repeat("0", 32)) {
			return
		}
		kind := types[int(dtype)%len(types)]
		plain := func(i uint8, usual string) string { // one tensor may have another type
			if change&7 == i {
				return kind
			}
			return usual
		}
		length := func(size int64) string { return fmt.Sprintf("[%d]", size) }
		tensors := []hostileTensor{
			{"vocabulary.counts", plain(1, "I64"), length(n), a, b},
			{"vocabulary.offsets", plain(2, "I64"), length(n + 1), b, c},
			{"input", plain(3, "F32"), fmt.Sprintf("[%d,%d]", n, dim), c, d},
			{"vocabulary.bytes", plain(4, "U8"), length(end - d), d, end},
		}
		if change&8 != 0 {
			tensors = append(tensors, hostileTensor{"output", plain(5, "F32"), fmt.Sprintf("[%d,%d]", n, dim), end, end + 4*n*dim})
		}
		if change&16 != 0 {
			tensors[int(dim&3)].begin--
		}
		file := sealed(data, metadata, tensors...)
		o := format.LoadOptions{First: int(change >> 6), SkipBad: change&32 != 0}
		var e *model.Embeddings
		var err error
		if n := allocated(func() { e, err = format.ReadNativeWith(file, change&8 == 0, o) }); n > 4<<20+200*uint64(len(file)) {
			t.Errorf("%d bytes allocated for %d", n, len(file))
		}
		if err != nil {
			return
		}
		if err := e.Check(); err != nil {
			t.Errorf("accepted: %v", err)
		}
		if rows, _ := e.Input.Shape(); rows != e.Vocabulary.Len() {
			t.Errorf("%d words, %d rows", e.Vocabulary.Len(), rows)
		}
	})
}
