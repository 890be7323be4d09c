package classifier

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"kindred/corpus/vocab"
	"kindred/model"
)

// fastText's file of a supervised model; package format draws that of vectors. All numbers are little-endian.
const (
	fastTextMagic   = 793712314
	fastTextVersion = 12
	modelSupervised = 3
	typeWord        = 0
	typeLabel       = 1
	maxNameBytes    = 1 << 16
	labelPrefix     = "__label__"
)

// fastTextLosses are fastText's numbers of losses.
var fastTextLosses = map[int32]Loss{1: Hierarchical, 2: NegativeSampling, 3: Softmax, 4: OneVsAll}

type fastTextHeader struct {
	Magic, Version                                                                                       int32
	Dim, Window, Epochs, MinCount, Negatives, WordNGrams, Loss, Model, Buckets, MinN, MaxN, LRUpdateRate int32
	Subsample                                                                                            float64
	Size, Words, Labels                                                                                  int32
	Tokens, Pruned                                                                                       int64
}

// A fastTextReader reads the numbers of a file and knows where it is.
type fastTextReader struct {
	r      *bufio.Reader
	offset int64
	size   int64 // of the file, -1 if unknown
}

func (r *fastTextReader) fail(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %s", r.offset, fmt.Sprintf(format, args...))
}

// value reads a number or a struct of numbers.
func (r *fastTextReader) value(what string, v any) error {
	if err := binary.Read(r.r, binary.LittleEndian, v); err != nil {
		return r.fail("the file is cut in %s: %v", what, err)
	}
	r.offset += int64(binary.Size(v))
	return nil
}

// floats reads n numbers. It takes no more memory than a multiple of what the file has.
func (r *fastTextReader) floats(what string, n int64) ([]float32, error) {
	if r.size >= 0 && n > (r.size-r.offset)/4 {
		return nil, r.fail("the file is cut in %s: it has %d bytes more, and %d numbers need %d", what, r.size-r.offset, n, 4*n)
	}
	var values []float32
	buf := make([]byte, 1<<16)
	for int64(len(values)) < n {
		b := buf[:min(int64(len(buf)), 4*(n-int64(len(values))))]
		if _, err := io.ReadFull(r.r, b); err != nil {
			return nil, r.fail("the file is cut in %s: %v", what, err)
		}
		r.offset += int64(len(b))
		for i := 0; i < len(b); i += 4 {
			values = append(values, math.Float32frombits(binary.LittleEndian.Uint32(b[i:])))
		}
	}
	return values, nil
}

func (r *fastTextReader) bytes(what string, n int64) ([]byte, error) {
	if r.size >= 0 && n > r.size-r.offset {
		return nil, r.fail("the file is cut in %s: it has %d bytes more, of %d", what, r.size-r.offset, n)
	}
	data, err := io.ReadAll(io.LimitReader(r.r, n))
	r.offset += int64(len(data))
	if err == nil && int64(len(data)) < n {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, r.fail("the file is cut in %s: %v", what, err)
	}
	return data, nil
}

func readFastText(in *bufio.Reader, size int64) (*Model, error) {
	r := &fastTextReader{r: in, size: size}
	var h fastTextHeader
	if err := r.value("its header", &h); err != nil {
		return nil, err
	}
	loss, known := fastTextLosses[h.Loss]
	switch {
	case h.Version != fastTextVersion && h.Version != fastTextVersion-1:
		return nil, r.fail("version %d of fastText's format, want %d or %d", h.Version, fastTextVersion-1, fastTextVersion)
	case h.Model != modelSupervised:
		return nil, ErrNotClassifier
	case !known:
		return nil, r.fail("the loss has the number %d, which is not known", h.Loss)
	case h.Dim < 1 || h.Dim > 1<<20 || h.WordNGrams < 1 || h.Buckets < 0 || h.MinN < 0 || h.MaxN < 0 || h.MaxN > 128:
		return nil, r.fail("dimension %d, word n-grams of %d, %d buckets and n-grams of %d to %d characters are impossible", h.Dim, h.WordNGrams, h.Buckets, h.MinN, h.MaxN)
	case h.Words < 0 || h.Labels < 1 || int64(h.Words)+int64(h.Labels) != int64(h.Size):
		return nil, r.fail("%d words and %d labels of %d entries; want one label or more", h.Words, h.Labels, h.Size)
	}
	if h.Version == fastTextVersion-1 { // older supervised models have no character n-grams
		h.MaxN = 0
	}
	m := &Model{
		Features: Features{WordNGrams: int(h.WordNGrams), MinN: int(h.MinN), MaxN: int(h.MaxN), Buckets: int(h.Buckets)},
		Loss:     loss, Negatives: float64(h.Negatives), Analyzer: FastTextAnalyzer, Table: loss != Softmax,
	}
	if m.HasBuckets() && m.Buckets < 1 {
		return nil, r.fail("the model has n-grams but no buckets")
	}
	if err := m.readDictionary(r, &h); err != nil {
		return nil, err
	}
	buckets := 0
	if m.HasBuckets() {
		buckets = m.Buckets
	}
	if h.Pruned >= 0 {
		if err := m.readPruned(r, h.Pruned); err != nil {
			return nil, err
		}
		buckets = int(h.Pruned)
	}
	var err error
	quantized := int8(0)
	if err := r.value("the input matrix", &quantized); err != nil {
		return nil, err
	}
	if m.Input, err = r.matrix("the input matrix", quantized != 0); err != nil {
		return nil, err
	}
	rows, _ := m.Input.Shape()
	if m.Used == nil && rows > m.Words.Len()+buckets && !m.HasBuckets() {
		buckets = rows - m.Words.Len() // older versions made rows that nothing uses
	}
	outputQuantized := int8(0)
	if err := r.value("the output matrix", &outputQuantized); err != nil {
		return nil, err
	}
	if m.Output, err = r.matrix("the output matrix", quantized != 0 && outputQuantized != 0); err != nil {
		return nil, err
	}
	if loss == Hierarchical {
		counts := make([]int64, len(m.Labels))
		for i, l := range m.Labels {
			counts[i] = l.Count
		}
		m.Tree = NewTree(counts)
	}
	if err := m.check(buckets); err != nil {
		return nil, err
	}
	return m, nil
}

// readDictionary reads the words and labels.
func (m *Model) readDictionary(r *fastTextReader, h *fastTextHeader) error {
	var words []string
	var counts []int64
	for i := range int(h.Size) {
		name, err := r.r.ReadSlice(0)
		if err != nil || len(name) > maxNameBytes || len(name) < 2 {
			return r.fail("entry %d of %d has no end within %d bytes, or is empty", i+1, h.Size, maxNameBytes)
		}
		text := string(name[:len(name)-1])
		r.offset += int64(len(name))
		var entry struct {
			Count int64
			Type  int8
		}
		if err := r.value(fmt.Sprintf("entry %d", i+1), &entry); err != nil {
			return err
		}
		want := int8(typeWord)
		if i >= int(h.Words) {
			want = typeLabel
		}
		if entry.Count < 0 || entry.Type != want {
			return r.fail("entry %d, %.60q, has the count %d and the type %d; want 0 or more, and %d", i+1, text, entry.Count, entry.Type, want)
		}
		if want == typeWord {
			words, counts = append(words, text), append(counts, entry.Count)
			continue
		}
		if len(text) > len(labelPrefix) && text[:len(labelPrefix)] == labelPrefix {
			text = text[len(labelPrefix):]
		}
		m.Labels = append(m.Labels, Label{text, entry.Count})
	}
	var err error
	if m.Words, err = vocab.New(words, counts); err != nil {
		return r.fail("the words: %v", err)
	}
	return nil
}

// readPruned reads which buckets a pruned model has kept, and the rows of these.
func (m *Model) readPruned(r *fastTextReader, n int64) error {
	if n > int64(m.Buckets) {
		return r.fail("%d buckets are kept of %d", n, m.Buckets)
	}
	m.kept = map[int32]int32{}
	for range n {
		var pair [2]int32
		if err := r.value("the list of kept buckets", &pair); err != nil {
			return err
		}
		if pair[0] < 0 || int(pair[0]) >= m.Buckets || pair[1] < 0 || int64(pair[1]) >= n {
			return r.fail("bucket %d is kept as number %d of %d", pair[0], pair[1], n)
		}
		m.kept[pair[0]] = pair[1]
	}
	return nil
}

// matrix reads a matrix, dense or quantized by products (Jégou et al. 2011), which is decoded.
func (r *fastTextReader) matrix(what string, quantized bool) (*model.Matrix, error) {
	if quantized {
		return r.quantizedMatrix(what)
	}
	var shape struct{ Rows, Columns int64 }
	if err := r.value(what, &shape); err != nil {
		return nil, err
	}
	if shape.Rows < 1 || shape.Columns < 1 || shape.Rows > maxRows || !model.Fits(shape.Rows, shape.Columns) {
		return nil, r.fail("%s has the impossible shape %d x %d", what, shape.Rows, shape.Columns)
	}
	if r.size >= 0 && shape.Rows > (r.size-r.offset)/4/shape.Columns {
		return nil, r.fail("the file is cut in %s: it has %d bytes more, and %d x %d numbers need more", what, r.size-r.offset, shape.Rows, shape.Columns)
	}
	return fillMatrix(shape.Rows, shape.Columns, r.size >= 0, func(dst []byte) error {
		n, err := io.ReadFull(r.r, dst)
		if r.offset += int64(n); err != nil {
			return r.fail("the file is cut in %s: %v", what, err)
		}
		return nil
	})
}

// productCodes is the number of centroids of each part of a row.
const productCodes = 256

// A product decodes rows: part j of a row is one of 256 centroids.
type product struct {
	Dim, Parts, PartDim, LastDim int32
	centroids                    []float32
}

func (r *fastTextReader) product(what string) (*product, error) {
	var q struct{ Dim, Parts, PartDim, LastDim int32 }
	if err := r.value(what, &q); err != nil {
		return nil, err
	}
	if q.Dim < 1 || q.Dim > 1<<20 || q.Parts < 1 || q.PartDim < 1 || q.LastDim < 1 || q.LastDim > q.PartDim || (q.Parts-1)*q.PartDim+q.LastDim != q.Dim {
		return nil, r.fail("%s: %d parts of %d values, the last of %d, do not make %d", what, q.Parts, q.PartDim, q.LastDim, q.Dim)
	}
	centroids, err := r.floats(what, int64(q.Dim)*productCodes)
	return &product{q.Dim, q.Parts, q.PartDim, q.LastDim, centroids}, err
}

// decode writes the row of these codes to dst.
func (q *product) decode(dst []float32, codes []byte, norm float32) {
	for j := range int(q.Parts) {
		n := int(q.PartDim)
		at := j*productCodes*n + int(codes[j])*n
		if j == int(q.Parts)-1 {
			n = int(q.LastDim)
			at = j*productCodes*int(q.PartDim) + int(codes[j])*n
		}
		for k, x := range q.centroids[at : at+n] {
			dst[j*int(q.PartDim)+k] = norm * x
		}
	}
}

func (r *fastTextReader) quantizedMatrix(what string) (*model.Matrix, error) {
	var h struct {
		Norms         bool
		Rows, Columns int64
		Codes         int32
	}
	if err := r.value(what, &h); err != nil {
		return nil, err
	}
	if h.Rows < 1 || h.Columns < 1 || h.Rows > maxRows || !model.Fits(h.Rows, h.Columns) || h.Codes < 0 || int64(h.Codes)%h.Rows != 0 {
		return nil, r.fail("%s has the impossible shape %d x %d with %d codes", what, h.Rows, h.Columns, h.Codes)
	}
	codes, err := r.bytes(what, int64(h.Codes))
	if err != nil {
		return nil, err
	}
	q, err := r.product(what)
	if err != nil {
		return nil, err
	}
	if int64(q.Dim) != h.Columns || int64(q.Parts)*h.Rows != int64(h.Codes) {
		return nil, r.fail("%s: codes of %d parts and %d values do not fit %d codes of %d x %d", what, q.Parts, q.Dim, h.Codes, h.Rows, h.Columns)
	}
	var norms []byte
	var norm *product
	if h.Norms {
		if norms, err = r.bytes(what, h.Rows); err != nil {
			return nil, err
		}
		if norm, err = r.product(what); err != nil {
			return nil, err
		}
		if norm.Dim != 1 {
			return nil, r.fail("%s: norms of %d values", what, norm.Dim)
		}
	}
	m := model.NewMatrix(int(h.Rows), int(h.Columns))
	for i := range m.Rows {
		scale := float32(1)
		if norm != nil {
			scale = norm.centroids[norms[i]]
		}
		q.decode(m.Row(i), codes[i*int(q.Parts):], scale)
	}
	return m, nil
}

// CheckFastText returns an error if fastText's format can't hold the model.
func (m *Model) CheckFastText() error {
	if m.Analyzer != FastTextAnalyzer && m.Analyzer != "whitespace" {
		return fmt.Errorf("the model reads lines with the analyzer %q, which a file of fastText can't hold; train without --lower, --tokenizer and --filter, or save a native file", m.Analyzer)
	}
	if _, ok := m.Words.ID(EndOfLine); !ok {
		return fmt.Errorf("the model has no row for the end of a line")
	}
	for _, l := range m.Labels {
		for _, c := range l.Name {
			if c == ' ' || c >= '\t' && c <= '\r' || c == 0 {
				return fmt.Errorf("the label %q holds white space, which fastText's labels can't", l.Name)
			}
		}
	}
	return nil
}

// WriteFastText writes the model as a .bin file of fastText. Probabilities of [NegativeSampling] differ from kindred's,
// as fastText does not undo the noise.
func (m *Model) WriteFastText(w io.Writer) error {
	if err := m.CheckFastText(); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	h := fastTextHeader{
		Magic: fastTextMagic, Version: fastTextVersion, Dim: int32(m.Dim()), Window: 5, Epochs: 5, MinCount: 1, Negatives: int32(math.Ceil(m.Negatives)),
		WordNGrams: int32(m.WordNGrams), Model: modelSupervised, MinN: int32(m.MinN), MaxN: int32(m.MaxN), LRUpdateRate: 100, Subsample: 1e-4,
		Words: int32(m.Words.Len()), Labels: int32(len(m.Labels)), Size: int32(m.Words.Len() + len(m.Labels)), Tokens: m.Words.Total(), Pruned: -1,
	}
	for number, loss := range fastTextLosses {
		if loss == m.Loss {
			h.Loss = number
		}
	}
	if m.HasBuckets() {
		h.Buckets = int32(m.Buckets)
	}
	write := func(v any) error { return binary.Write(out, binary.LittleEndian, v) }
	if err := write(h); err != nil {
		return err
	}
	entry := func(name string, count int64, kind int8) error {
		if _, err := out.WriteString(name + "\x00"); err != nil {
			return err
		}
		if err := write(count); err != nil {
			return err
		}
		return write(kind)
	}
	for i := range m.Words.Len() {
		if err := entry(m.Words.Word(i), m.Words.Count(i), typeWord); err != nil {
			return err
		}
	}
	for _, l := range m.Labels {
		if err := entry(labelPrefix+l.Name, l.Count, typeLabel); err != nil {
			return err
		}
	}
	buf, zeros := make([]float32, m.Dim()), make([]float32, m.Dim())
	matrix := func(rows int, row func(i int) []float32) error {
		if err := write(int8(0)); err != nil {
			return err
		}
		if err := write([2]int64{int64(rows), int64(m.Dim())}); err != nil {
			return err
		}
		for i := range rows {
			if err := write(row(i)); err != nil {
				return err
			}
		}
		return nil
	}
	n := m.Words.Len()
	err := matrix(n+int(h.Buckets), func(i int) []float32 {
		if i >= n {
			r := m.rowOf(int32(i - n))
			if r < 0 {
				return zeros
			}
			i = int(r)
		}
		return m.Input.ReadRow(buf, i)
	})
	if err == nil {
		err = matrix(len(m.Labels), func(i int) []float32 { return m.Output.ReadRow(buf, i) })
	}
	if err != nil {
		return err
	}
	return out.Flush()
}
