package format

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"kindred/corpus/vocab"
	"kindred/internal/mapping"
	"kindred/internal/safetensors"
	"kindred/model"
	"kindred/model/hnsw"
)

// native is kindred's own format: a safetensors file with a hash (see package safetensors), with the
// tensors
//
//	vocabulary.counts   I64 [n]      how often each word was seen, 0 if unknown
//	vocabulary.offsets  I64 [n+1]    where each word starts in the bytes, and where the last one ends
//	input.scales        F32 [n]      the scale of each row of the input matrix, if that is quantized
//	input               F32 [n,dim]  the input matrix, or I8 [n,dim] if it is quantized
//	output              F32 [n,dim]  the output matrix, if there is one
//	subwords.rows       F32 [r,dim]  the rows of words, then those of subwords.used, if words are made of n-grams
//	subwords.used       I32 [u]      the buckets of n-grams that have a row, ascending
//	subwords.classes    I32 [n+u]    the row in subwords.rows of each word and bucket, if several have the same
//	subwords.ngrams     U8  [l]      n-grams that are listed, not hashed: bucket, length and bytes of each
//	vocabulary.bytes    U8  [size]   the words, one after the other
//
// and in the metadata, as JSON text, the manifest and the state of the training if there are such.
// The order gives each tensor the alignment that its type needs.
var native = &Format{
	Name:        "safetensors",
	Aliases:     []string{"native"},
	Extensions:  []string{".safetensors"},
	Description: "kindred's own, a safetensors file: both matrices, words of any kind, counts, manifest, and a hash of it all",
	read:        readNative,
	sniff: func(p prefix) bool {
		// The formats of word2vec, which are sniffed first, start with digits.
		const at = safetensors.HeaderOffset
		return len(p.data) > at && p.data[at] == '{' && slices.Contains(p.data[:at], 0)
	},
	files: []outputFile{{samePath, writeNative}},
	holds: nativeHolds,
	badWord: func(word string) string {
		if word == "" {
			return "it is empty"
		}
		return ""
	},
	holdsManifest: true,
}

const (
	// nativeVersion changes if files could be misread otherwise. A tensor or an entry of the metadata
	// may be added without that.
	nativeVersion = "1"
	manifestKey   = "kindred.manifest"
	checkpointKey = "kindred.checkpoint"
	subwordsKey   = "kindred.subwords"

	countsName    = "vocabulary.counts"
	offsetsName   = "vocabulary.offsets"
	bytesName     = "vocabulary.bytes"
	inputName     = "input"
	scalesName    = "input.scales"
	outputName    = "output"
	positionsName = "positions"
	rowsName      = "subwords.rows"
	usedName      = "subwords.used"
	classesName   = "subwords.classes"
	ngramsName    = "subwords.ngrams"

	// chunkBytes is how much is read or written at a time.
	chunkBytes = 1 << 20
)

func writeNative(w io.Writer, e *model.Embeddings) error {
	metadata := map[string]string{}
	if e.Manifest != nil {
		manifest, err := json.Marshal(manifestOf(e))
		if err != nil {
			return err
		}
		metadata[manifestKey] = string(manifest)
	}
	if e.Checkpoint != nil {
		metadata[checkpointKey] = string(e.Checkpoint)
	}
	n := e.Vocabulary.Len()
	c := &chunks{}
	textLen := 0
	for id := range n {
		textLen += len(e.Vocabulary.Word(id))
	}
	tensors := []safetensors.Data{
		c.wordsTensor(countsName, "I64", n, n, func(dst []byte, id int) []byte {
			return binary.LittleEndian.AppendUint64(dst, uint64(e.Vocabulary.Count(id)))
		}),
		c.offsetsTensor(e.Vocabulary),
	}
	if q, ok := model.AsQuantized(e.Input); ok {
		tensors = append(tensors, c.quantizedTensors(e.Input, q)...)
	} else {
		tensors = append(tensors, c.matrixTensor(inputName, n, e.Dim(), func() func(i int) []float32 { return e.Reader().Stored }))
	}
	if e.Output != nil {
		if err := checkOutput(e); err != nil {
			return err
		}
		tensors = append(tensors, c.matrixTensor(outputName, n, e.Dim(), func() func(i int) []float32 { return rowsOf(e.Output) }))
	}
	if m := e.Positions; m != nil {
		tensors = append(tensors, c.matrixTensor(positionsName, m.Rows, m.Dim, func() func(i int) []float32 { return m.Row }))
	}
	if table := subwordsOf(e); table != nil {
		var err error
		if metadata[subwordsKey], err = table.metadata(); err != nil {
			return err
		}
		tensors = append(tensors, table.tensors(c)...)
	}
	tensors = append(tensors, c.wordsTensor(bytesName, "U8", textLen, n, func(dst []byte, id int) []byte {
		return append(dst, e.Vocabulary.Word(id)...)
	}))
	return safetensors.Write(w, nativeVersion, metadata, tensors)
}

// checkOutput returns why the output matrix of e can't be written.
func checkOutput(e *model.Embeddings) error {
	rows, dim := e.Output.Shape()
	if n := e.Vocabulary.Len(); rows != n || dim != e.Dim() {
		return fmt.Errorf("the output matrix is one of %d x %d, the input matrix of %d x %d", rows, dim, n, e.Dim())
	}
	row := rowsOf(e.Output)
	for id := range rows {
		v := row(id)
		if i := model.FirstNotFinite(v); i >= 0 {
			return fmt.Errorf("output matrix: value %d of the row of %.60q is %v, want a finite number: the training diverged; train again, or remove the word",
				i+1, e.Vocabulary.Word(id), v[i])
		}
	}
	return nil
}

// rowsOf returns a function that reads a row of a storage. The row is valid until the next call.
func rowsOf(s model.Storage) func(i int) []float32 {
	_, dim := s.Shape()
	buffer := make([]float32, dim)
	return func(i int) []float32 { return s.ReadRow(buffer, i) }
}

// wordsTensor returns a tensor to which add appends what it has of each of the words.
func (c *chunks) wordsTensor(name, dtype string, length, words int, add func(dst []byte, id int) []byte) safetensors.Data {
	t := safetensors.Tensor{Name: name, DType: dtype, Shape: []int64{int64(length)}}
	return safetensors.Data{Tensor: t, Write: func(w io.Writer) error { return c.write(w, words, 0, add) }}
}

// offsetsTensor returns where the words start in the bytes of all, and where the last one ends.
func (c *chunks) offsetsTensor(v model.Vocab) safetensors.Data {
	n := v.Len()
	t := safetensors.Tensor{Name: offsetsName, DType: "I64", Shape: []int64{int64(n + 1)}}
	return safetensors.Data{Tensor: t, Write: func(w io.Writer) error {
		end := uint64(0)
		return c.write(w, n+1, 0, func(dst []byte, i int) []byte {
			if i > 0 {
				end += uint64(len(v.Word(i - 1)))
			}
			return binary.LittleEndian.AppendUint64(dst, end)
		})
	}}
}

// chunks is a buffer for the data of a file.
type chunks struct{ buffer []byte }

// write writes n parts of about partBytes bytes, which add appends one after the other.
func (c *chunks) write(w io.Writer, n, partBytes int, add func(dst []byte, i int) []byte) error {
	buffer := slices.Grow(c.buffer[:0], chunkBytes+partBytes)
	defer func() { c.buffer = buffer }()
	for i := range n {
		buffer = add(buffer, i)
		if len(buffer) < chunkBytes && i < n-1 {
			continue
		}
		if _, err := w.Write(buffer); err != nil {
			return err
		}
		buffer = buffer[:0]
	}
	return nil
}

// matrixTensor returns a matrix. The function that reader returns reads its rows.
func (c *chunks) matrixTensor(name string, rows, dim int, reader func() func(i int) []float32) safetensors.Data {
	t := safetensors.Tensor{Name: name, DType: "F32", Shape: []int64{int64(rows), int64(dim)}}
	return safetensors.Data{Tensor: t, Write: func(w io.Writer) error {
		row := reader()
		return c.write(w, rows, 4*dim, func(dst []byte, i int) []byte { return appendFloats(dst, row(i)) })
	}}
}

// A nativeReader reads embeddings from a native file.
type nativeReader struct {
	*safetensors.Reader
	in     *input
	n, dim int
	keep   int           // rows of the matrices to keep
	file   *mapping.File // nil if the file is not mapped
	// scales are those of a quantized input matrix.
	scales  []float32
	counts  []int64
	offsets []int64
	text    []byte
	input   model.Storage
	output  model.Storage // nil if the file has none
	// positions are the weights of positions, nil if the file has none.
	positions *model.Matrix
	// subwords has the rows of n-grams, nil if the file has none or they are not read.
	subwords *nativeSubwords
	// unknown are tensors that are no part of embeddings.
	unknown sample
	// notFinite is the error for the first value that is NaN or infinite, and bad has the rows that have
	// one. They count only if the hash shows that the file is as it was written.
	notFinite error
	bad       map[int]bool
}

func readNative(in *input) (*model.Embeddings, error) {
	e, err := decodeNative(in)
	if fault := (*safetensors.Error)(nil); errors.As(err, &fault) {
		return nil, &SyntaxError{Name: in.name, Offset: fault.Offset, Reason: fault.Reason}
	}
	return e, in.named(err)
}

func decodeNative(in *input) (*model.Embeddings, error) {
	file, err := safetensors.NewReader(in.r, in.size, nativeVersion)
	if err != nil {
		return nil, err
	}
	r := &nativeReader{Reader: file, in: in, bad: make(map[int]bool)}
	if err := r.checkTensors(); err != nil {
		return nil, err
	}
	if err := r.checkSubwords(); err != nil {
		return nil, err
	}
	if r.keep = in.limit(r.n); r.subwords != nil {
		r.keep = r.n // [input.apply] selects words of n-grams
	}
	if err := r.mapFile(); err != nil {
		return nil, err
	}
	matrices := 1
	switch {
	case r.file != nil || in.disk != nil && !in.mapped:
		matrices = 0
	case r.Find(outputName) != nil:
		matrices = 2
	}
	dim := r.dim
	if r.isQuantized() {
		dim = dim/4 + 1
	}
	if err := in.checkMemory(matrices, r.keep, dim); err != nil {
		return nil, err
	}
	if r.subwords != nil {
		if err := in.checkMemory(1, r.subwords.stored, r.dim); err != nil {
			return nil, err
		}
	}
	if r.file != nil && !in.verify {
		err = r.readMapped()
	} else {
		err = r.ReadAll(r.readTensor)
	}
	if err != nil {
		return nil, err
	}
	r.setInputScales()
	if r.notFinite != nil && !in.skipBad {
		return nil, r.notFinite
	}
	if err := r.checkWords(); err != nil {
		return nil, err
	}
	vocabulary, err := vocab.NewJoined(r.text[:r.offsets[r.keep]], r.offsets[:r.keep+1], r.counts[:r.keep:r.keep])
	if err != nil {
		return nil, safetensors.Fault(r.dataOffset(bytesName), "%v", err)
	}
	e := &model.Embeddings{Vocabulary: vocabulary, Input: r.input, Output: r.output, Positions: r.positions}
	if !r.validUTF8() {
		words := make([]string, r.keep)
		for id := range words {
			words[id] = vocabulary.Word(id)
		}
		warnBrokenUTF8(e, words)
	}
	if err := r.subwords.apply(r, e); err != nil {
		return nil, err
	}
	if r.unknown.n > 0 {
		warnf(e, "%d tensors are no part of vectors and were left out: %s", r.unknown.n, &r.unknown)
	}
	if manifest, ok := r.Metadata[manifestKey]; ok {
		decodeManifest(e, []byte(manifest), "in "+in.name, r.keep < r.n)
	}
	if r.keep == r.n {
		e.Hash = r.Metadata[safetensors.HashKey]
	}
	if state, ok := r.Metadata[checkpointKey]; ok && r.keep == r.n {
		e.Checkpoint = json.RawMessage(state)
	}
	return in.withoutBad(e, r.bad)
}

// withoutBad returns e without the words whose rows have a value that is NaN or infinite.
func (in *input) withoutBad(e *model.Embeddings, bad map[int]bool) (*model.Embeddings, error) {
	if len(bad) == 0 {
		return e, nil
	}
	var ids []int
	for id := range e.Vocabulary.Len() {
		if bad[id] {
			in.skipped.add(badFinite, []byte(e.Vocabulary.Word(id)), fmt.Sprintf("row %d", id+1))
		} else {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, in.nothingLeft()
	}
	return selectWords(e, ids, nil)
}

// checkTensors returns an error unless all tensors are there, in the shapes that follow from that of
// the input matrix.
func (r *nativeReader) checkTensors() error {
	input := r.Find(inputName)
	if _, index := r.Metadata[hnsw.RecordKey]; index {
		return safetensors.Fault(safetensors.HeaderOffset, "this is the index of a file of vectors; name the vectors")
	}
	if _, classifier := r.Metadata[safetensors.ClassifierKey]; classifier {
		return safetensors.Fault(safetensors.HeaderOffset, "this is a classifier of lines; want vectors of words, or use it with \"kindred classify\" or \"kindred compare --lines\"")
	}
	if input == nil {
		return safetensors.Fault(safetensors.HeaderOffset, "there is no tensor %q", inputName)
	}
	quantized := input.DType == "I8"
	if input.DType != "F32" && !quantized || len(input.Shape) != 2 || min(input.Shape[0], input.Shape[1]) < 1 || input.Shape[0] > vocab.MaxLen {
		return safetensors.Fault(input.Entry, "tensor %s: expected F32 or I8 and a shape of two numbers: that of words, 1 to %d, and the dimension", input, vocab.MaxLen)
	}
	n, dim := input.Shape[0], input.Shape[1]
	if !model.Fits(n, dim) {
		return safetensors.Fault(input.Entry, "tensor %s: too large for the memory that this machine can address", input)
	}
	r.n, r.dim = int(n), int(dim)
	for _, want := range []safetensors.Tensor{
		{Name: countsName, DType: "I64", Shape: []int64{n}},
		{Name: offsetsName, DType: "I64", Shape: []int64{n + 1}},
		{Name: bytesName, DType: "U8", Shape: nil}, // of any length
		{Name: scalesName, DType: "F32", Shape: []int64{n}},
		{Name: outputName, DType: "F32", Shape: input.Shape},
	} {
		t := r.Find(want.Name)
		if t == nil && want.Name == outputName || want.Name == scalesName && !quantized {
			continue
		}
		if t == nil {
			return safetensors.Fault(safetensors.HeaderOffset, "there is no tensor %q", want.Name)
		}
		if want.Shape == nil && len(t.Shape) == 1 {
			want.Shape = t.Shape
		}
		if t.DType != want.DType || !slices.Equal(t.Shape, want.Shape) {
			return safetensors.Fault(t.Entry, "tensor %s: expected %s %d, as the input matrix is %d", t, want.DType, want.Shape, input.Shape)
		}
	}
	if t := r.Find(positionsName); t != nil && (t.DType != "F32" || len(t.Shape) != 2 || t.Shape[0] < 2 || t.Shape[0] > mostPositions || t.Shape[0]%2 != 0 || t.Shape[1] != dim) {
		return safetensors.Fault(t.Entry, "tensor %s: expected F32 and rows of %d weights for an even number of positions, 2 to %d", t, dim, mostPositions)
	}
	return nil
}

// mostPositions is the number of positions in the largest window.
const mostPositions = 2 << 12

// setPositions sets the weights of positions from the data of their tensor.
func (r *nativeReader) setPositions(t *safetensors.Tensor, data []byte) error {
	r.positions = model.NewMatrix(int(t.Shape[0]), r.dim)
	for i := range r.positions.Rows {
		if err := decodeFloats(r.positions.Row(i), data[4*i*r.dim:]); err != nil {
			return safetensors.Fault(r.DataOffset(t)+int64(4*i*r.dim), "row %d of the tensor %q: a value %v", i+1, positionsName, err)
		}
	}
	return nil
}

// readTensor reads the data of a tensor that [nativeReader.checkTensors] has checked.
func (r *nativeReader) readTensor(t *safetensors.Tensor) (err error) {
	if t.Name == scalesName && r.isQuantized() {
		return r.readScales(t)
	}
	switch t.Name {
	case countsName:
		r.counts, err = r.readInt64s(t)
	case offsetsName:
		r.offsets, err = r.readInt64s(t)
	case bytesName:
		r.text, err = r.Bytes(t.End - t.Begin)
	case inputName:
		r.input, err = r.readInput(t)
	case outputName:
		r.output, err = r.readMatrix(t)
	case positionsName:
		var data []byte
		if data, err = r.Bytes(t.End - t.Begin); err == nil {
			err = r.setPositions(t, data)
		}
	case rowsName, usedName, classesName, ngramsName:
		if r.subwords == nil {
			return r.SkipBytes(t.End - t.Begin)
		}
		return r.subwords.read(r, t)
	default:
		r.unknown.add(t.Name)
		err = r.SkipBytes(t.End - t.Begin)
	}
	return err
}

func (r *nativeReader) readInt64s(t *safetensors.Tensor) ([]int64, error) {
	data, err := r.Bytes(t.End - t.Begin)
	if err != nil {
		return nil, err
	}
	return decodeInt64s(data), nil
}

func decodeInt64s(data []byte) []int64 {
	values := make([]int64, len(data)/8)
	for i := range values {
		values[i] = int64(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return values
}

// readMatrix reads the rows of a matrix that are kept into padded rows, and skips the others.
func (r *nativeReader) readMatrix(t *safetensors.Tensor) (model.Storage, error) {
	if r.file != nil || r.in.disk != nil && !r.in.mapped {
		return r.checkMatrix(t)
	}
	if !r.Sized() {
		return r.gatherMatrix(t)
	}
	m, err := r.in.matrix(r.keep, r.dim)
	if err != nil {
		return nil, err
	}
	if err := r.readRows(m.Rows, t.Name, m.Row); err != nil {
		return nil, err
	}
	return m, r.skipRows(t)
}

// gatherMatrix is readMatrix for a file of unknown size. The header may promise more than there is, so
// the rows are gathered before there is a matrix.
func (r *nativeReader) gatherMatrix(t *safetensors.Tensor) (model.Storage, error) {
	var gathered [][]float32
	most := max(1, chunkBytes/(4*r.dim)) // rows in a chunk
	err := r.readRows(r.keep, t.Name, func(row int) []float32 {
		if row%most == 0 {
			gathered = append(gathered, make([]float32, min(most, r.keep-row)*r.dim))
		}
		return gathered[row/most][row%most*r.dim:][:r.dim]
	})
	if err == nil {
		err = r.skipRows(t)
	}
	if err != nil {
		return nil, err
	}
	return r.in.joinRows(gathered, r.dim)
}

// skipRows skips the rows of a matrix that are not kept.
func (r *nativeReader) skipRows(t *safetensors.Tensor) error {
	return r.SkipBytes(t.End - t.Begin - int64(r.keep)*int64(4*r.dim))
}

// readRows reads the next rows of a matrix.
func (r *nativeReader) readRows(rows int, name string, to func(row int) []float32) (err error) {
	rowBytes := 4 * r.dim
	most := max(1, chunkBytes/rowBytes)
	var buffer []byte
	for row := 0; row < rows; {
		start := r.Offset()
		if most == 1 { // it may be long, and not be there
			buffer, err = r.Bytes(int64(rowBytes))
		} else {
			n := min(rows-row, most) * rowBytes
			buffer = slices.Grow(buffer[:0], n)[:n]
			err = r.Fill(buffer)
		}
		if err != nil {
			return err
		}
		for i := 0; i < len(buffer); i += rowBytes {
			if err := decodeFloats(to(row), buffer[i:]); err != nil {
				r.bad[row] = true
				if r.notFinite == nil {
					r.notFinite = safetensors.Fault(start+int64(i), "row %d of %d of the tensor %q: a value %v", row+1, r.n, name, err)
				}
			}
			row++
		}
	}
	return nil
}

// checkWords returns an error unless the offsets cut the bytes of the vocabulary into words.
func (r *nativeReader) checkWords() error {
	start := int64(0)
	if r.offsets[0] != 0 {
		return safetensors.Fault(r.dataOffset(offsetsName), "the first word starts at %d of %q, expected 0", r.offsets[0], bytesName)
	}
	for i, end := range r.offsets[1:] {
		if end <= start || end > int64(len(r.text)) {
			return safetensors.Fault(r.dataOffset(offsetsName)+8*int64(i+1), "word %d goes from %d to %d of %q, which has %d bytes; expected one byte or more",
				i, start, end, bytesName, len(r.text))
		}
		start = end
	}
	if start != int64(len(r.text)) {
		return safetensors.Fault(r.dataOffset(bytesName)+start, "the words end at %d of %q, which has %d bytes", start, bytesName, len(r.text))
	}
	return nil
}

// validUTF8 reports whether all words are valid UTF-8: their bytes together are, and each starts with a character.
func (r *nativeReader) validUTF8() bool {
	if !utf8.Valid(r.text) {
		return false
	}
	for _, start := range r.offsets[:len(r.offsets)-1] {
		if !utf8.RuneStart(r.text[start]) {
			return false
		}
	}
	return true
}

// dataOffset returns the place in the file of the data of a tensor.
func (r *nativeReader) dataOffset(name string) int64 { return r.DataOffset(r.Find(name)) }
