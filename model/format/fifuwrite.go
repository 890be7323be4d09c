package format

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"kindred/model"
	"kindred/model/subword"
)

// holdsFifu reports whether n-grams are of a kind that has a chunk. Only that of floret says what marks the ends of
// words, and it has no words.
func holdsFifu(v *subword.Vocabulary, _ model.Storage) bool {
	if v.Hash == subword.Floret {
		return !v.Composed
	}
	begin, end := v.Marks()
	return begin == "<" && end == ">" && v.MaxN > 0
}

func badFifuWord(word string) string {
	switch {
	case word == "":
		return "it is empty"
	case len(word) > maxWordBytes:
		return fmt.Sprintf("it has %d bytes, at most %d are possible", len(word), maxWordBytes)
	case !utf8.ValidString(word):
		return "it is not valid UTF-8"
	}
	return ""
}

// A fifuWriter writes a container, and counts its bytes, on which the alignment of values depends.
type fifuWriter struct {
	out    *bufio.Writer
	offset int64
	err    error
}

// put writes values, or bytes of a text without its length.
func (w *fifuWriter) put(values ...any) {
	for _, v := range values {
		if text, ok := v.(string); ok {
			v = []byte(text)
		}
		if w.err == nil {
			w.err = binary.Write(w, binary.LittleEndian, v)
		}
	}
}

// Write implements [io.Writer].
func (w *fifuWriter) Write(p []byte) (int, error) {
	n, err := w.out.Write(p)
	w.offset += int64(n)
	return n, err
}

// text writes a length and as many bytes.
func (w *fifuWriter) text(s string) { w.put(uint32(len(s)), s) }

func writeFifu(w io.Writer, e *model.Embeddings) error {
	norms, err := lengths(e)
	if err != nil {
		return err
	}
	out := &fifuWriter{out: bufio.NewWriterSize(w, 1<<20)}
	words := fifuWordsOf(e)
	var metadata string
	kinds := []uint32{words.kind, fifuMatrix}
	if e.Manifest != nil {
		if metadata, err = fifuMetadataOf(e); err != nil {
			return err
		}
		kinds = append([]uint32{fifuMetadata}, kinds...)
	}
	if words.kind != fifuFloret {
		kinds = append(kinds, fifuNorms)
	}
	out.put(fifuMagic, uint32(0), uint32(len(kinds)), kinds)
	if e.Manifest != nil {
		out.put(uint32(fifuMetadata), uint64(len(metadata)), metadata)
	}
	words.write(out)
	out.matrix(e, words, norms)
	if words.kind != fifuFloret {
		padding := fifuPadding(out.offset + 4)
		out.put(uint32(fifuNorms), uint64(8+4+padding+4*len(norms)), uint64(len(norms)), uint32(fifuFloat32), make([]byte, padding), norms)
	}
	if out.err != nil {
		return out.err
	}
	return out.out.Flush()
}

// lengths returns the Euclidean lengths of the vectors of stored words.
func lengths(e *model.Embeddings) ([]float32, error) {
	norms := make([]float32, e.Vocabulary.Len())
	r := e.Reader()
	for id := range norms {
		sum := 0.0
		for _, x := range r.Stored(id) {
			sum += float64(x) * float64(x)
		}
		if norms[id] = float32(math.Sqrt(sum)); math.IsInf(float64(norms[id]), 1) {
			return nil, fmt.Errorf("the length of the vector of %.60q is too large for a 32-bit float, and a finalfusion file has the lengths of vectors", e.Vocabulary.Word(id))
		}
	}
	return norms, nil
}

// fifuMetadataOf returns the manifest as TOML. A JSON string is also a basic string of TOML, but for DEL.
func fifuMetadataOf(e *model.Embeddings) (string, error) {
	manifest, err := json.Marshal(manifestOf(e))
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(string(manifest))
	return fifuManifest + strings.ReplaceAll(string(text), "\x7f", `\u007f`) + "\n", err
}

// fifuWords are the words of a container.
type fifuWords struct {
	kind  uint32
	words model.Vocab
	made  *subword.Vocabulary // nil for words without n-grams
	// ngrams are listed n-grams, in the order of their buckets, and buckets the rows that they share, each
	// once.
	ngrams  []string
	buckets []int32
}

func fifuWordsOf(e *model.Embeddings) *fifuWords {
	made, ok := e.Vocabulary.(*subword.Vocabulary)
	if !ok || !holdsFifu(made, e.Input) {
		return &fifuWords{kind: fifuSimple, words: e.Vocabulary}
	}
	w := &fifuWords{words: made.Vocab, made: made}
	switch made.Hash {
	case subword.FastText:
		w.kind = fifuFastText
	case subword.Finalfusion:
		w.kind = fifuBuckets
	case subword.Floret:
		w.kind = fifuFloret
	case subword.Explicit:
		w.kind = fifuExplicit
		// finalfusion numbers buckets in the order in which it meets them.
		w.ngrams = slices.SortedFunc(maps.Keys(made.List), func(a, b string) int {
			return cmp.Or(cmp.Compare(made.List[a], made.List[b]), cmp.Compare(a, b))
		})
		for _, ngram := range w.ngrams {
			if b := made.List[ngram]; len(w.buckets) == 0 || w.buckets[len(w.buckets)-1] != b {
				w.buckets = append(w.buckets, b)
			}
		}
	}
	return w
}

// write writes the chunk.
func (w *fifuWords) write(out *fifuWriter) {
	if w.kind == fifuFloret {
		begin, end := w.made.Marks()
		out.put(uint32(w.kind), uint64(4+4+8+4+4+4+len(begin)+4+len(end)), uint32(w.made.MinN), uint32(w.made.MaxN),
			uint64(w.made.Buckets), uint32(w.made.Hashes), w.made.Seed)
		out.text(begin)
		out.text(end)
		return
	}
	length := 8
	for id := range w.words.Len() {
		length += 4 + len(w.words.Word(id))
	}
	var head []any
	switch w.kind {
	case fifuFastText:
		head = []any{uint32(w.made.MinN), uint32(w.made.MaxN), uint32(w.made.Buckets)}
	case fifuBuckets:
		head = []any{uint32(w.made.MinN), uint32(w.made.MaxN), uint32(bits.TrailingZeros(uint(w.made.Buckets)))}
	case fifuExplicit:
		head = []any{uint64(len(w.ngrams)), uint32(w.made.MinN), uint32(w.made.MaxN)}
		for _, ngram := range w.ngrams {
			length += 4 + len(ngram) + 8
		}
	}
	for _, v := range head {
		length += binary.Size(v)
	}
	out.put(w.kind, uint64(length), uint64(w.words.Len()))
	out.put(head...)
	for id := range w.words.Len() {
		out.text(w.words.Word(id))
	}
	row := -1
	last := int32(-1)
	for _, ngram := range w.ngrams {
		if b := w.made.List[ngram]; b != last {
			row, last = row+1, b
		}
		out.text(ngram)
		out.put(uint64(row))
	}
}

// matrix writes the vectors of words, scaled to unit length, and the rows of n-grams.
func (out *fifuWriter) matrix(e *model.Embeddings, words *fifuWords, norms []float32) {
	n, buckets := len(norms), 0
	bucket := func(i int) int { return i }
	switch {
	case words.kind == fifuFloret:
		n, buckets = 0, words.made.Buckets
	case words.kind == fifuExplicit:
		buckets = len(words.buckets)
		bucket = func(i int) int { return int(words.buckets[i]) }
	case words.made != nil:
		buckets = words.made.Buckets
	}
	padding := fifuPadding(out.offset + 4)
	out.put(uint32(fifuMatrix), uint64(8+4+4+padding)+4*uint64(n+buckets)*uint64(e.Dim()))
	out.put(uint64(n+buckets), uint32(e.Dim()), uint32(fifuFloat32), make([]byte, padding))
	if n > 0 && out.err == nil {
		out.err = writeWords(out, e, func(dst []byte, id int, vector []float32) []byte {
			for _, x := range vector {
				if norms[id] > 0 {
					x /= norms[id]
				}
				dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(x))
			}
			return dst
		})
	}
	if buckets == 0 {
		return
	}
	row := rowsOf(e.Input)
	var buf []byte
	for i := range buckets {
		buf = appendFloats(buf[:0], row(words.made.WordRows()+bucket(i)))
		if _, err := out.Write(buf); err != nil && out.err == nil {
			out.err = err
		}
	}
}
