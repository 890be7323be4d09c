package format

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/model/subword"
)

// fastText is the format of fastText's models (Bojanowski et al. 2017; fasttext.cc of version 0.9.2 writes it), all
// numbers little-endian:
//
//	magic, version                     int32 793712314, 12
//	dim ws epoch minCount neg wordNgrams loss model bucket minn maxn lrUpdateRate   int32 each
//	t                                  float64
//	size words labels                  int32 each, tokens int64, pruned int64 (-1)
//	size times: word 0x00 count type   bytes, int64, int8
//	quantized                          int8
//	input: rows columns values         int64, int64, float32: rows of words, then of buckets
//	quantized                          int8
//	output: rows columns values        likewise: a row for each word
var fastText = &Format{
	Name:        "fasttext",
	Aliases:     []string{"facebook"},
	Extensions:  []string{".fasttext.bin"},
	Description: "fastText model (.bin): words with their character n-grams, and both matrices",
	read:        readFastText,
	sniff: func(p prefix) bool {
		return len(p.data) >= 8 && binary.LittleEndian.Uint32(p.data) == fastTextMagic
	},
	files:   []outputFile{{samePath, writeFastText}},
	badWord: badSpacedWord,
	holds:   holdsFastText,
}

const (
	fastTextMagic   = 793712314
	fastTextVersion = 12
	// fastText's numbers of losses and models.
	lossHierarchical, lossNegatives, lossSoftmax, lossOneVsAll = 1, 2, 3, 4
	modelCBOW, modelSkipGram, modelSupervised                  = 1, 2, 3
	// notPruned is the number of buckets that are left of a model that was not pruned.
	notPruned = -1
	// maxFastTextDim is the largest dimension that is read: a row must fit in memory whatever a header promises.
	maxFastTextDim = 1 << 20
)

// fastTextArgs are the settings in the file.
type fastTextArgs struct {
	Dim, Window, Epochs, MinCount, Negatives, WordNGrams, Loss, Model, Buckets, MinN, MaxN, LRUpdateRate int32
	Subsample                                                                                            float64
}

type fastTextCounts struct {
	Size, Words, Labels int32
	Tokens, Pruned      int64
}

// A fastTextReader reads a model.
type fastTextReader struct{ fileReader }

func readFastText(in *input) (*model.Embeddings, error) {
	r := &fastTextReader{fileReader{in: in, kind: "a fastText model (.bin or .ftz)"}}
	args, err := r.header()
	if err != nil {
		return nil, err
	}
	words, counts, err := r.dictionary()
	if err != nil {
		return nil, err
	}
	v, err := vocab.New(words, counts)
	if err != nil {
		return nil, r.fail("the words: %v", err)
	}
	rows, err := r.matrix("the input matrix", int64(len(words))+int64(args.Buckets), int64(args.Dim), len(words))
	if err != nil {
		return nil, err
	}
	output, err := r.matrix("the output matrix", int64(len(words)), int64(args.Dim), len(words))
	if err != nil {
		return nil, err
	}
	if err := r.end("the output matrix"); err != nil {
		return nil, err
	}
	e := &model.Embeddings{Vocabulary: v, Input: rows, Output: output}
	warnBrokenUTF8(e, words)
	if args.MaxN == 0 {
		rows.Rows, rows.Data = len(words), rows.Data[:len(words)*rows.Stride]
		return in.withoutBad(e, r.bad)
	}
	g := subword.NGrams{Hash: subword.FastText, MinN: int(args.MinN), MaxN: int(args.MaxN), Buckets: int(args.Buckets)}
	made, err := subword.New(v, g)
	if err != nil {
		return nil, in.named(err)
	}
	e.Vocabulary = made
	if e.Input, err = allUsed(rows, made); err != nil {
		return nil, in.named(err)
	}
	return in.withoutBad(e, r.bad)
}

// allUsed returns the rows of words and of n-grams of a vocabulary, all of which are there.
func allUsed(rows model.Storage, v *subword.Vocabulary) (*subword.Sparse, error) {
	used := make([]int32, v.Buckets)
	for b := range used {
		used[b] = int32(b)
	}
	return subword.NewSparse(rows, v.WordRows(), v.Buckets, used, subword.Initial{})
}

// header reads the settings, and refuses models of other kinds.
func (r *fastTextReader) header() (fastTextArgs, error) {
	var magic, version int32
	var args fastTextArgs
	if err := r.values("its header", &magic, &version, &args); err != nil {
		return args, err
	}
	refuse := func(what string) (fastTextArgs, error) {
		return args, fmt.Errorf("%s is a fastText model %s, which kindred does not read; it reads skip-gram and CBOW with negative sampling", r.in.name, what)
	}
	switch {
	case args.Subsample > 0 && args.Subsample < 0x1p-1000: // floret has two more settings before it
		return args, fmt.Errorf("%s is a model of floret; name the table that floret writes beside it, whose name ends in .floret", r.in.name)
	case version != fastTextVersion && version != fastTextVersion-1:
		return args, r.fail("version %d of fastText's format, want %d or %d", version, fastTextVersion-1, fastTextVersion)
	case args.Model == modelSupervised:
		return refuse("of labels (supervised)")
	case args.Loss == lossHierarchical:
		return refuse("with hierarchical softmax")
	case args.Loss != lossNegatives || args.Model != modelCBOW && args.Model != modelSkipGram:
		return refuse(fmt.Sprintf("of the kind %d with the loss %d", args.Model, args.Loss))
	case args.Dim < 1 || args.Dim > maxFastTextDim:
		return args, r.fail("the dimension is %d, want 1 to %d", args.Dim, maxFastTextDim)
	case args.Buckets < 0 || args.MaxN < 0 || args.MinN < 0 || args.MaxN > 0 && (args.MinN < 1 || args.MinN > args.MaxN || args.MaxN > subword.MaxLength || args.Buckets < 1):
		return args, r.fail("n-grams of %d to %d characters in %d buckets are impossible", args.MinN, args.MaxN, args.Buckets)
	}
	return args, nil
}

// dictionary reads the words and their counts.
func (r *fastTextReader) dictionary() (words []string, counts []int64, err error) {
	var c fastTextCounts
	if err := r.values("the numbers of words", &c); err != nil {
		return nil, nil, err
	}
	switch {
	case c.Labels != 0 || c.Size != c.Words || c.Words < 1 || c.Words > vocab.MaxLen:
		return nil, nil, r.fail("%d words and %d labels of %d entries; want 1 to %d words and no labels", c.Words, c.Labels, c.Size, vocab.MaxLen)
	case c.Pruned != notPruned:
		return nil, nil, fmt.Errorf("%s is a fastText model that was pruned and quantized, which kindred does not read; use the .bin file it was made from", r.in.name)
	}
	for i := range int(c.Words) {
		word, err := r.in.r.ReadSlice(0)
		if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
			return nil, nil, r.in.named(err)
		}
		if err != nil || len(word) > maxWordBytes+1 || len(word) == 1 {
			return nil, nil, r.fail("word %d of %d has no end within %d bytes, or is empty", i+1, c.Words, maxWordBytes)
		}
		words = append(words, string(word[:len(word)-1]))
		r.offset += int64(len(word))
		var entry struct {
			Count int64
			Type  int8
		}
		if err := r.values(fmt.Sprintf("the entry of word %d", i+1), &entry); err != nil {
			return nil, nil, err
		}
		if entry.Count < 0 || entry.Type != 0 {
			return nil, nil, r.fail("word %d, %.60q, has the count %d and the type %d; want 0 or more, and 0", i+1, words[i], entry.Count, entry.Type)
		}
		counts = append(counts, entry.Count)
	}
	return words, counts, nil
}

// matrix reads a matrix of this shape, whose first rows are those of words.
func (r *fastTextReader) matrix(what string, rows, columns int64, words int) (*model.Matrix, error) {
	var quantized int8
	if err := r.values(what, &quantized); err != nil {
		return nil, err
	}
	if quantized != 0 {
		return nil, fmt.Errorf("%s is a fastText model with a quantized matrix, which kindred does not read; use the .bin file it was made from", r.in.name)
	}
	var shape struct{ Rows, Columns int64 }
	if err := r.values(what, &shape); err != nil {
		return nil, err
	}
	if shape.Rows != rows || shape.Columns != columns {
		return nil, r.fail("%s has the shape %d x %d, want %d x %d by the settings and the number of words", what, shape.Rows, shape.Columns, rows, columns)
	}
	return r.rows(what, rows, columns, words)
}

// writeFastText writes a model, of whole words if their n-grams are not fastText's. Settings come from the manifest, as far as there is one. Without an output matrix, that of
// the file is zero.
func writeFastText(w io.Writer, e *model.Embeddings) error {
	n := e.Vocabulary.Len()
	args := fastTextArgs{
		Dim: int32(e.Dim()), Window: 5, Epochs: 5, MinCount: 5, Negatives: 5, WordNGrams: 1,
		Loss: lossNegatives, Model: modelSkipGram, LRUpdateRate: 100, Subsample: 1e-4,
	}
	args.take(e.Manifest)
	rows, read := n, func() func(i int) []float32 { return e.Reader().Stored }
	if v, ok := e.Vocabulary.(*subword.Vocabulary); ok && holdsFastText(v, e.Input) {
		var err error
		if e, err = subword.Decompose(e); err != nil {
			return err
		}
		v = e.Vocabulary.(*subword.Vocabulary)
		args.MinN, args.MaxN, args.Buckets = int32(v.MinN), int32(v.MaxN), int32(v.Buckets)
		rows, read = v.Rows(), func() func(i int) []float32 { return rowsOf(e.Input) }
	}
	out := bufio.NewWriterSize(w, 1<<20)
	counts := fastTextCounts{Size: int32(n), Words: int32(n), Pruned: notPruned}
	for id := range n {
		counts.Tokens += e.Vocabulary.Count(id)
	}
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(out, binary.LittleEndian, v) // Flush returns the error
		}
	}
	put(int32(fastTextMagic), int32(fastTextVersion), args, counts)
	for id := range n {
		_, _ = out.WriteString(e.Vocabulary.Word(id))
		put(int8(0), e.Vocabulary.Count(id), int8(0))
	}
	matrix := func(rows int, read func(i int) []float32) {
		put(int8(0), int64(rows), int64(e.Dim()))
		var buf []byte
		for i := range rows {
			buf = appendFloats(buf[:0], read(i))
			_, _ = out.Write(buf)
		}
	}
	matrix(rows, read())
	zero := make([]float32, e.Dim())
	output := func(int) []float32 { return zero }
	if e.Output != nil {
		if err := checkOutput(e); err != nil {
			return err
		}
		output = rowsOf(e.Output)
	}
	matrix(n, output)
	return out.Flush()
}

// take takes the settings that a manifest has.
func (a *fastTextArgs) take(m *model.Manifest) {
	if m == nil {
		return
	}
	var s struct {
		Architecture         string
		Window, Epochs       *int32
		Negatives, Subsample *float64
	}
	if json.Unmarshal(m.Settings, &s) != nil {
		return
	}
	if s.Architecture == "cbow" {
		a.Model = modelCBOW
	}
	if s.Window != nil && s.Epochs != nil && s.Negatives != nil && s.Subsample != nil {
		a.Window, a.Epochs, a.Negatives, a.Subsample = *s.Window, *s.Epochs, int32(math.Round(*s.Negatives)), *s.Subsample
	}
	if m.Corpus != nil && m.Corpus.MinCount > 0 && m.Corpus.MinCount <= math.MaxInt32 {
		a.MinCount = int32(m.Corpus.MinCount)
	}
}

// holdsFastText reports whether words are made as fastText makes them.
func holdsFastText(v *subword.Vocabulary, _ model.Storage) bool {
	begin, end := v.Marks()
	return v.Hash == subword.FastText && begin == "<" && end == ">"
}
