package format

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"

	"kindred/corpus/vocab"
	"kindred/model"
)

// An embeddingsReader reads embeddings from a safetensors file.
type embeddingsReader struct {
	*tensorReader
	n, dim  int
	counts  []int64
	offsets []int64
	text    []byte
	input   *model.Matrix
	output  *model.Matrix
	// unknown are tensors that are no part of embeddings.
	unknown sample
	// notFinite is the first value of its kind. It is an error only when the
	// hash has shown that the file is as it was written.
	notFinite error
}

func readSafetensors(in *input) (*model.Embeddings, error) {
	tensors, err := openTensors(in, safetensorsVersion)
	if err != nil {
		return nil, err
	}
	r := &embeddingsReader{tensorReader: tensors}
	if err := r.checkTensors(); err != nil {
		return nil, err
	}
	if err := r.readAll(r.readTensor); err != nil {
		return nil, err
	}
	if r.notFinite != nil {
		return nil, r.notFinite
	}
	words, err := r.words()
	if err != nil {
		return nil, err
	}
	vocabulary, err := vocab.New(words, r.counts)
	if err != nil {
		return nil, r.fault(r.dataOf(bytesName), "%v", err)
	}
	e := &model.Embeddings{Vocabulary: vocabulary, Input: r.input}
	if r.output != nil {
		e.Output = r.output
	}
	warnBrokenUTF8(e, words)
	if r.unknown.n > 0 {
		warnf(e, "%d tensors are no part of vectors and were left out: %s", r.unknown.n, &r.unknown)
	}
	if manifest, ok := r.metadata[manifestKey]; ok {
		decodeManifest(e, []byte(manifest), "in "+in.name)
	}
	if state, ok := r.metadata[checkpointKey]; ok {
		e.Checkpoint = json.RawMessage(state)
	}
	return e, nil
}

// checkTensors makes sure that all tensors are there and have the shapes that
// follow from that of the input matrix.
func (r *embeddingsReader) checkTensors() error {
	input := r.find(inputName)
	if input == nil {
		return r.fault(lengthBytes, "there is no tensor %q", inputName)
	}
	if input.dtype != "F32" || len(input.shape) != 2 || min(input.shape[0], input.shape[1]) < 1 || input.shape[0] > vocab.MaxLen {
		return r.fault(input.at, "tensor %s: expected F32 and a shape of two numbers: that of words, 1 to %d, and the dimension", input, vocab.MaxLen)
	}
	n, dim := input.shape[0], input.shape[1]
	if dim > math.MaxInt-16 || n > math.MaxInt/4/int64(model.Stride(int(dim))) {
		return r.fault(input.at, "tensor %s: too large for the memory that this machine can address", input)
	}
	r.n, r.dim = int(n), int(dim)
	for _, want := range []tensor{
		{name: countsName, dtype: "I64", shape: []int64{n}},
		{name: offsetsName, dtype: "I64", shape: []int64{n + 1}},
		{name: bytesName, dtype: "U8", shape: nil}, // of any length
		{name: outputName, dtype: "F32", shape: input.shape},
	} {
		t := r.find(want.name)
		if t == nil && want.name == outputName {
			continue
		}
		if t == nil {
			return r.fault(lengthBytes, "there is no tensor %q", want.name)
		}
		if want.shape == nil && len(t.shape) == 1 {
			want.shape = t.shape
		}
		if t.dtype != want.dtype || !slices.Equal(t.shape, want.shape) {
			return r.fault(t.at, "tensor %s: expected %s %d, as the input matrix is %d", t, want.dtype, want.shape, input.shape)
		}
	}
	return nil
}

// readTensor reads the data of a tensor, whose shape is known to be right.
func (r *embeddingsReader) readTensor(t *tensor) (err error) {
	switch t.name {
	case countsName:
		r.counts, err = r.readInt64s(t)
	case offsetsName:
		r.offsets, err = r.readInt64s(t)
	case bytesName:
		r.text = make([]byte, t.end-t.begin)
		err = r.fill(r.text)
	case inputName:
		r.input, err = r.readMatrix(t)
	case outputName:
		r.output, err = r.readMatrix(t)
	default:
		r.unknown.add(t.name)
		err = r.skip(t)
	}
	return err
}

func (r *embeddingsReader) readInt64s(t *tensor) ([]int64, error) {
	data := make([]byte, t.end-t.begin)
	if err := r.fill(data); err != nil {
		return nil, err
	}
	values := make([]int64, len(data)/8)
	for i := range values {
		values[i] = int64(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return values, nil
}

// readMatrix reads a matrix straight into its padded rows.
func (r *embeddingsReader) readMatrix(t *tensor) (*model.Matrix, error) {
	m := model.NewMatrix(r.n, r.dim)
	rowBytes := 4 * m.Dim
	buffer := make([]byte, min(m.Rows, max(1, chunkBytes/rowBytes))*rowBytes)
	for row := 0; row < m.Rows; {
		start := r.offset
		chunk := buffer[:min(m.Rows-row, len(buffer)/rowBytes)*rowBytes]
		if err := r.fill(chunk); err != nil {
			return nil, err
		}
		for i := 0; i < len(chunk); i += rowBytes {
			if err := decodeFloats(m.Row(row), chunk[i:]); err != nil && r.notFinite == nil {
				r.notFinite = r.fault(start+int64(i), "row %d of %d of the tensor %q: a value %v", row+1, m.Rows, t.name, err)
			}
			row++
		}
	}
	return m, nil
}

// words cuts the bytes of the vocabulary into words.
func (r *embeddingsReader) words() ([]string, error) {
	text := string(r.text)
	words := make([]string, r.n)
	start := int64(0)
	if r.offsets[0] != 0 {
		return nil, r.fault(r.dataOf(offsetsName), "the first word starts at %d of %q, expected 0", r.offsets[0], bytesName)
	}
	for i := range words {
		end := r.offsets[i+1]
		if end <= start || end > int64(len(text)) {
			return nil, r.fault(r.dataOf(offsetsName)+8*int64(i+1), "word %d goes from %d to %d of %q, which has %d bytes; expected one byte or more", i, start, end, bytesName, len(text))
		}
		words[i] = text[start:end]
		start = end
	}
	if start != int64(len(text)) {
		return nil, r.fault(r.dataOf(bytesName)+start, "the words end at %d of %q, which has %d bytes", start, bytesName, len(text))
	}
	return words, nil
}

// dataOf returns the place in the file where the data of a tensor starts.
func (r *embeddingsReader) dataOf(name string) int64 { return r.start + r.find(name).begin }
