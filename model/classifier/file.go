package classifier

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"kindred/corpus/vocab"
	"kindred/internal/atomicfile"
	"kindred/internal/safetensors"
	"kindred/model"
)

// The native file is a safetensors file with the tensors
//
//	words.counts     I64 [n]        how often each word was seen
//	words.offsets    I64 [n+1]      where each word starts in the bytes, and where the last one ends
//	labels.counts    I64 [l]        how many lines had each label
//	labels.offsets   I64 [l+1]      as of the words
//	input            F32 [r,dim]    the rows of words, then those of buckets
//	output           F32 [l,dim]    the rows of labels
//	buckets          I32 [r-n]      the buckets that have a row, ascending
//	words.bytes      U8  [size]     the words, one after the other
//	labels.bytes     U8  [size]     the labels
//
// and in the metadata, as JSON, the settings that prediction needs and the manifest.
const (
	fileVersion = "1"
	manifestKey = "kindred.manifest"
)

// settings are what prediction needs besides the tensors.
type settings struct {
	Features
	Loss      Loss      `json:"loss"`
	Negatives float64   `json:"negatives,omitempty"`
	Noise     []float64 `json:"noise,omitempty"`
	Analyzer  string    `json:"analyzer"`
}

// Save writes the model to a file, which appears when it is complete.
func (m *Model) Save(path string) error {
	return atomicfile.Write(path, m.Write)
}

// Write writes the model in the native format.
func (m *Model) Write(w io.Writer) error {
	s, err := json.Marshal(settings{m.Features, m.Loss, m.Negatives, m.Noise, m.Analyzer})
	if err != nil {
		return err
	}
	metadata := map[string]string{safetensors.ClassifierKey: string(s)}
	if m.Manifest != nil {
		metadata[manifestKey] = string(m.Manifest)
	}
	words := names{n: m.Words.Len(), name: m.Words.Word, count: m.Words.Count}
	labels := names{n: len(m.Labels), name: func(i int) string { return m.Labels[i].Name }, count: func(i int) int64 { return m.Labels[i].Count }}
	var used []int32
	if m.Used != nil {
		used = m.Used.Buckets()
	}
	return safetensors.Write(w, fileVersion, metadata, []safetensors.Data{
		words.counts("words.counts"), words.offsets("words.offsets"), labels.counts("labels.counts"), labels.offsets("labels.offsets"),
		matrixData("input", m.Input), matrixData("output", m.Output),
		{Tensor: safetensors.Tensor{Name: "buckets", DType: "I32", Shape: []int64{int64(len(used))}}, Write: func(w io.Writer) error { return binary.Write(w, binary.LittleEndian, used) }},
		words.bytes("words.bytes"), labels.bytes("labels.bytes"),
	})
}

// names are words or labels to be written.
type names struct {
	n     int
	name  func(i int) string
	count func(i int) int64
}

func int64Data(name string, n int, value func(i int) int64) safetensors.Data {
	return safetensors.Data{Tensor: safetensors.Tensor{Name: name, DType: "I64", Shape: []int64{int64(n)}}, Write: func(w io.Writer) error {
		out := bufio.NewWriter(w)
		var b [8]byte
		for i := range n {
			binary.LittleEndian.PutUint64(b[:], uint64(value(i)))
			if _, err := out.Write(b[:]); err != nil {
				return err
			}
		}
		return out.Flush()
	}}
}

func (l names) counts(name string) safetensors.Data { return int64Data(name, l.n, l.count) }

func (l names) offsets(name string) safetensors.Data {
	offsets := make([]int64, l.n+1)
	for i := range l.n {
		offsets[i+1] = offsets[i] + int64(len(l.name(i)))
	}
	return int64Data(name, len(offsets), func(i int) int64 { return offsets[i] })
}

func (l names) bytes(name string) safetensors.Data {
	size := int64(0)
	for i := range l.n {
		size += int64(len(l.name(i)))
	}
	return safetensors.Data{Tensor: safetensors.Tensor{Name: name, DType: "U8", Shape: []int64{size}}, Write: func(w io.Writer) error {
		out := bufio.NewWriter(w)
		for i := range l.n {
			if _, err := out.WriteString(l.name(i)); err != nil {
				return err
			}
		}
		return out.Flush()
	}}
}

func matrixData(name string, m Rows) safetensors.Data {
	rows, dim := m.Shape()
	return safetensors.Data{Tensor: safetensors.Tensor{Name: name, DType: "F32", Shape: []int64{int64(rows), int64(dim)}}, Write: func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<16)
		buf := make([]float32, dim)
		var b []byte
		for i := range rows {
			b = b[:0]
			for _, x := range m.ReadRow(buf, i) {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
			}
			if _, err := out.Write(b); err != nil {
				return err
			}
		}
		return out.Flush()
	}}
}

// ErrNotClassifier reports a file of vectors that gives no labels.
var ErrNotClassifier = errors.New("the file has vectors of words but no labels; want a model that \"kindred classify train\" or \"fasttext supervised\" wrote")

// Load reads a model: a native file, or a supervised model of fastText (.bin, or .ftz, which is quantized). Errors
// name the file.
func Load(path string) (*Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := int64(-1)
	if info.Mode().IsRegular() {
		size = info.Size()
	}
	m, err := Read(f, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Read reads a model from r, which has size bytes, -1 if that is unknown; see [Load].
func Read(r io.Reader, size int64) (*Model, error) {
	in := bufio.NewReaderSize(r, 1<<20)
	head, err := in.Peek(4)
	if err != nil && len(head) < 4 {
		return nil, fmt.Errorf("the file has %d bytes; want a model that \"kindred classify train\" or \"fasttext supervised\" wrote", len(head))
	}
	if binary.LittleEndian.Uint32(head) == fastTextMagic {
		return readFastText(in, size)
	}
	return readNative(in, size)
}

// maxRows bounds what a header can ask for.
const maxRows = math.MaxInt32 - 1

func readNative(in *bufio.Reader, size int64) (*Model, error) {
	r, err := safetensors.NewReader(in, size, fileVersion)
	if err != nil {
		return nil, err
	}
	text, ok := r.Metadata[safetensors.ClassifierKey]
	if !ok {
		return nil, ErrNotClassifier
	}
	var s settings
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return nil, safetensors.Fault(safetensors.HeaderOffset, "%q is no JSON of settings: %v", safetensors.ClassifierKey, err)
	}
	m := &Model{Features: s.Features, Loss: s.Loss, Negatives: s.Negatives, Noise: s.Noise, Analyzer: s.Analyzer}
	if text, ok := r.Metadata[manifestKey]; ok {
		if m.Manifest = json.RawMessage(text); !json.Valid(m.Manifest) {
			return nil, safetensors.Fault(safetensors.HeaderOffset, "%q is no JSON", manifestKey)
		}
	}
	var words, labels nameTensors
	var used []int32
	err = r.ReadAll(func(t *safetensors.Tensor) error {
		data := func(dtype string, dims int) ([]byte, error) {
			if t.DType != dtype || len(t.Shape) != dims {
				return nil, safetensors.Fault(t.Entry, "tensor %s: want %s with %d dimension(s)", t, dtype, dims)
			}
			return r.Bytes(t.End - t.Begin)
		}
		matrix := func() (Rows, error) {
			if t.DType != "F32" || len(t.Shape) != 2 {
				return nil, safetensors.Fault(t.Entry, "tensor %s: want F32 with 2 dimensions", t)
			}
			rows, dim := t.Shape[0], t.Shape[1]
			if rows < 1 || dim < 1 || rows > maxRows || !model.Fits(rows, dim) {
				return nil, safetensors.Fault(t.Entry, "tensor %s: the shape is impossible", t)
			}
			return fillMatrix(rows, dim, r.Sized(), r.Fill)
		}
		var err error
		var b []byte
		switch t.Name {
		case "words.counts":
			words.counts, err = data("I64", 1)
		case "words.offsets":
			words.offsets, err = data("I64", 1)
		case "words.bytes":
			words.bytes, err = data("U8", 1)
		case "labels.counts":
			labels.counts, err = data("I64", 1)
		case "labels.offsets":
			labels.offsets, err = data("I64", 1)
		case "labels.bytes":
			labels.bytes, err = data("U8", 1)
		case "input":
			m.Input, err = matrix()
		case "output":
			m.Output, err = matrix()
		case "buckets":
			if b, err = data("I32", 1); err == nil {
				used = make([]int32, len(b)/4)
				for i := range used {
					used[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
				}
			}
		default:
			err = r.SkipBytes(t.End - t.Begin)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list, counts, err := words.read("words")
	if err != nil {
		return nil, err
	}
	if m.Words, err = vocab.New(list, counts); err != nil {
		return nil, err
	}
	list, counts, err = labels.read("labels")
	if err != nil {
		return nil, err
	}
	for i, name := range list {
		m.Labels = append(m.Labels, Label{name, counts[i]})
	}
	if m.HasBuckets() {
		if err := m.setUsed(used); err != nil {
			return nil, err
		}
	} else if len(used) > 0 {
		return nil, errors.New("there are rows of n-grams, but the model has no n-grams")
	}
	return m, m.check(len(used))
}

// setUsed sets the buckets that have a row.
func (m *Model) setUsed(used []int32) error {
	if m.Buckets < 1 || m.Buckets > maxRows {
		return fmt.Errorf("%d buckets are impossible", m.Buckets)
	}
	for i, b := range used {
		if b < 0 || int(b) >= m.Buckets || i > 0 && b <= used[i-1] {
			return fmt.Errorf("bucket %d of the file is %d, want ascending numbers below %d", i, b, m.Buckets)
		}
	}
	m.Used = bucketSetOf(m.Buckets, used)
	return nil
}

// check returns an error if the parts of a model do not fit.
func (m *Model) check(buckets int) error {
	if m.Input == nil || m.Output == nil {
		return errors.New("the input or the output matrix is missing")
	}
	rows, dim := m.Input.Shape()
	labels, outputDim := m.Output.Shape()
	switch {
	case len(m.Labels) < 1:
		return errors.New("the model has no labels")
	case rows != m.Words.Len()+buckets:
		return fmt.Errorf("the input matrix has %d rows, want %d for %d words and %d buckets", rows, m.Words.Len()+buckets, m.Words.Len(), buckets)
	case labels != len(m.Labels):
		return fmt.Errorf("the output matrix has %d rows for %d labels", labels, len(m.Labels))
	case outputDim != dim:
		return fmt.Errorf("the input matrix has %d columns and the output matrix %d", dim, outputDim)
	case m.Loss == NegativeSampling && !m.Table && len(m.Noise) != len(m.Labels):
		return fmt.Errorf("there are %d probabilities of the noise for %d labels", len(m.Noise), len(m.Labels))
	case m.WordNGrams < 1 || m.MinN < 0 || m.MaxN < 0 || m.MaxN > 0 && m.MinN > m.MaxN:
		return fmt.Errorf("word n-grams of up to %d words and character n-grams of %d to %d are impossible", m.WordNGrams, m.MinN, m.MaxN)
	}
	switch m.Loss {
	case Softmax, NegativeSampling, OneVsAll, Hierarchical:
		return nil
	}
	return fmt.Errorf("the loss %.20q is not known", m.Loss)
}

type nameTensors struct{ counts, offsets, bytes []byte }

// read returns the names and their counts.
func (t nameTensors) read(what string) ([]string, []int64, error) {
	n := len(t.counts) / 8
	if len(t.offsets) != 8*(n+1) {
		return nil, nil, fmt.Errorf("there are %d counts and %d offsets of %s", n, len(t.offsets)/8, what)
	}
	list, counts := make([]string, n), make([]int64, n)
	offset := func(i int) int64 { return int64(binary.LittleEndian.Uint64(t.offsets[8*i:])) }
	for i := range list {
		from, to := offset(i), offset(i+1)
		if from < 0 || from > to || to > int64(len(t.bytes)) {
			return nil, nil, fmt.Errorf("%s: offset %d is wrong", what, i)
		}
		list[i] = string(t.bytes[from:to])
		if counts[i] = int64(binary.LittleEndian.Uint64(t.counts[8*i:])); counts[i] < 0 {
			return nil, nil, fmt.Errorf("%s: count %d is negative", what, i)
		}
	}
	return list, counts, nil
}

// fillMatrix reads a matrix row by row. Unless the file is known to have it (sized), memory grows with what is read.
func fillMatrix(rows, dim int64, sized bool, fill func(dst []byte) error) (*model.Matrix, error) {
	have := rows
	if !sized {
		have = min(rows, max(1, (1<<18)/dim))
	}
	m, buffer := model.NewMatrix(int(have), int(dim)), make([]byte, 4*dim)
	for i := range rows {
		if i == have {
			have = min(rows, 2*have)
			larger := model.NewMatrix(int(have), int(dim))
			copy(larger.Data, m.Data)
			m = larger
		}
		if err := fill(buffer); err != nil {
			return nil, err
		}
		row := m.Row(int(i))
		for k := range row {
			row[k] = math.Float32frombits(binary.LittleEndian.Uint32(buffer[4*k:]))
		}
	}
	return m, nil
}
