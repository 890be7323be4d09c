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

// A fastTextReader reads a model and knows where it is in the file.
type fastTextReader struct {
	in     *input
	offset int64
}

func (r *fastTextReader) fail(format string, args ...any) error {
	return &SyntaxError{Name: r.in.name, Offset: r.offset, Reason: "in a fastText model (.bin or .ftz): " + fmt.Sprintf(format, args...)}
}

// cut explains an error of reading.
func (r *fastTextReader) cut(err error, what string) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return r.fail("the file ends in %s", what)
	}
	return r.in.named(err)
}

// values reads fixed-size values.
func (r *fastTextReader) values(what string, into ...any) error {
	for _, v := range into {
		if err := binary.Read(r.in.r, binary.LittleEndian, v); err != nil {
			return r.cut(err, what)
		}
		r.offset += int64(binary.Size(v))
	}
	return nil
}

func readFastText(in *input) (*model.Embeddings, error) {
	r := &fastTextReader{in: in}
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
	rows, err := r.matrix("the input matrix", int64(len(words))+int64(args.Buckets), int64(args.Dim))
	if err != nil {
		return nil, err
	}
	output, err := r.matrix("the output matrix", int64(len(words)), int64(args.Dim))
	if err != nil {
		return nil, err
	}
	if _, err := in.r.Peek(1); err != io.EOF {
		return nil, r.fail("the file goes on after the output matrix")
	}
	e := &model.Embeddings{Vocabulary: v, Input: rows, Output: output}
	warnBrokenUTF8(e, words)
	if args.MaxN == 0 {
		rows.Rows, rows.Data = len(words), rows.Data[:len(words)*rows.Stride]
		return e, nil
	}
	g := subword.NGrams{Hash: subword.FastText, MinN: int(args.MinN), MaxN: int(args.MaxN), Buckets: int(args.Buckets)}
	made, err := subword.New(v, g)
	if err != nil {
		return nil, in.named(err)
	}
	e.Vocabulary = made
	e.Input, err = allUsed(rows, made)
	return e, in.named(err)
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

// matrix reads a matrix of this shape.
func (r *fastTextReader) matrix(what string, rows, columns int64) (*model.Matrix, error) {
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
	rowBytes := 4 * columns
	switch {
	case shape.Rows != rows || shape.Columns != columns:
		return nil, r.fail("%s has the shape %d x %d, want %d x %d by the settings and the number of words", what, shape.Rows, shape.Columns, rows, columns)
	case rows > math.MaxInt32 || !model.Fits(rows, columns):
		return nil, r.fail("%s of %d x %d is too large for this machine", what, rows, columns)
	case r.in.size >= 0 && r.in.size-r.offset < rows*rowBytes:
		return nil, r.fail("%s has %d rows of %d values, which is more than the rest of the file", what, rows, columns)
	}
	var m *model.Matrix
	var chunk []float32
	var chunks [][]float32
	most := int(max(1, chunkBytes/rowBytes)) // rows in a chunk
	if r.in.size >= 0 {
		var err error
		if m, err = r.in.matrix(int(rows), int(columns)); err != nil {
			return nil, err
		}
	}
	buf := make([]byte, rowBytes)
	for row := range int(rows) {
		if _, err := io.ReadFull(r.in.r, buf); err != nil {
			return nil, r.cut(err, fmt.Sprintf("row %d of %d of %s", row+1, rows, what))
		}
		var dst []float32
		if m != nil {
			dst = m.Row(row)
		} else { // memory is allocated as rows arrive
			if row%most == 0 {
				chunk = make([]float32, min(most, int(rows)-row)*int(columns))
				chunks = append(chunks, chunk)
			}
			dst = chunk[row%most*int(columns):][:columns]
		}
		if err := decodeFloats(dst, buf); err != nil {
			return nil, r.fail("row %d of %s: a value %v", row+1, what, err)
		}
		r.offset += rowBytes
	}
	if m != nil {
		return m, nil
	}
	return r.in.joinRows(chunks, int(columns))
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
	return v.Hash == subword.FastText && !v.Composed
}
