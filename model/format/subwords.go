package format

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"slices"

	"kindred/internal/safetensors"
	"kindred/model"
	"kindred/model/subword"
)

// Words that are made of n-grams are kept in the native format as they are. The tensor "input" has the vectors of the
// words all the same, so that programs which know nothing of n-grams can read them.

// nativeSubwords are the rows of which words are made, in a native file.
type nativeSubwords struct {
	subwordsRecord
	stored int // rows
	used   []int32
	rows   *model.Matrix
}

// A subwordsRecord is in the metadata.
type subwordsRecord struct {
	subword.NGrams
	Initial subword.Initial `json:"initial"`
}

// Loses returns what the format does not keep of vectors: a sentence without a period, "" if nothing. Manifests and output
// matrices aside, these are n-grams.
func (f *Format) Loses(e *model.Embeddings) string {
	if _, composed := e.Vocabulary.(model.Composer); !composed || f == native && subwordsOf(e) != nil || f == fastText && hasFastTextHash(e) {
		return ""
	}
	return "the format " + f.Name + " holds no n-grams: words that the text lacks have no vectors in the file; safetensors and fasttext keep them"
}

// subwordTable are vectors of words that are made of n-grams.
type subwordTable struct {
	vocabulary *subword.Vocabulary
	rows       *subword.Sparse
}

// subwordsOf returns the rows of n-grams that the native format can hold, nil if there are none.
func subwordsOf(e *model.Embeddings) *subwordTable {
	v, ok := e.Vocabulary.(*subword.Vocabulary)
	rows, sparse := e.Input.(*subword.Sparse)
	if !ok || !sparse || v.Hash == subword.Explicit || v.Composed {
		return nil
	}
	return &subwordTable{v, rows}
}

func (t *subwordTable) metadata() (string, error) {
	text, err := json.Marshal(subwordsRecord{t.vocabulary.NGrams, t.rows.Initial()})
	return string(text), err
}

func (t *subwordTable) tensors(c *chunks) []safetensors.Data {
	stored, used := t.rows.Stored(), t.rows.Used()
	n, dim := stored.Shape()
	list := safetensors.Tensor{Name: usedName, DType: "I32", Shape: []int64{int64(len(used))}}
	return []safetensors.Data{
		c.matrixTensor(rowsName, n, dim, func() func(i int) []float32 { return rowsOf(stored) }),
		{Tensor: list, Write: c.int32s(used)},
	}
}

// checkSubwords finds the rows of n-grams. They are left out if only a part of the words is read, or if the matrices stay
// on disk.
func (r *nativeReader) checkSubwords() error {
	text, ok := r.Metadata[subwordsKey]
	rows, used := r.Find(rowsName), r.Find(usedName)
	if !ok || rows == nil || used == nil || r.in.partial() || r.in.disk != nil {
		return nil
	}
	s := &nativeSubwords{}
	if err := json.Unmarshal([]byte(text), &s.subwordsRecord); err != nil {
		return safetensors.Fault(safetensors.HeaderOffset, "the n-grams in %q: %v", subwordsKey, err)
	}
	if err := s.NGrams.Check(); err != nil {
		return safetensors.Fault(safetensors.HeaderOffset, "the n-grams in %q: %v", subwordsKey, err)
	}
	words := int64(r.n)
	if s.Hash == subword.Floret {
		words = 0
	}
	if used.DType != "I32" || len(used.Shape) != 1 || used.Shape[0] > int64(s.Buckets) {
		return safetensors.Fault(used.Entry, "tensor %s: expected I32 and a shape of one number, at most the %d buckets", used, s.Buckets)
	}
	if want := []int64{words + used.Shape[0], int64(r.dim)}; rows.DType != "F32" || !slices.Equal(rows.Shape, want) || want[0] < 1 {
		return safetensors.Fault(rows.Entry, "tensor %s: expected F32 %d, a row for each word and each bucket in use", rows, want)
	}
	s.stored = int(rows.Shape[0])
	r.subwords = s
	return nil
}

// read reads a tensor of n-grams.
func (s *nativeSubwords) read(r *nativeReader, t *safetensors.Tensor) (err error) {
	if t.Name == usedName {
		data, err := r.Bytes(t.End - t.Begin)
		if err != nil {
			return err
		}
		s.used = make([]int32, len(data)/4)
		for i := range s.used {
			s.used[i] = int32(binary.LittleEndian.Uint32(data[4*i:]))
		}
		return nil
	}
	// Memory is allocated as rows arrive if nobody knows how many there are.
	if r.Sized() {
		s.rows = model.NewMatrix(s.stored, r.dim)
		return r.readRows(s.stored, t.Name, s.rows.Row)
	}
	var gathered [][]float32
	most := max(1, chunkBytes/(4*r.dim))
	err = r.readRows(s.stored, t.Name, func(row int) []float32 {
		if row%most == 0 {
			gathered = append(gathered, make([]float32, min(most, s.stored-row)*r.dim))
		}
		return gathered[row/most][row%most*r.dim:][:r.dim]
	})
	if err == nil {
		s.rows, err = r.in.joinRows(gathered, r.dim)
	}
	return err
}

// apply makes words of the rows that were read.
func (s *nativeSubwords) apply(r *nativeReader, e *model.Embeddings) error {
	if s == nil {
		return nil
	}
	v, err := subword.New(e.Vocabulary, s.NGrams)
	if err != nil {
		return safetensors.Fault(r.dataOffset(rowsName), "%v", err)
	}
	rows, err := subword.NewSparse(s.rows, v.WordRows(), v.Buckets, s.used, s.Initial)
	if err != nil {
		return safetensors.Fault(r.dataOffset(usedName), "%v", err)
	}
	e.Vocabulary, e.Input = v, rows
	return nil
}

// int32s returns a function that writes values.
func (c *chunks) int32s(values []int32) func(w io.Writer) error {
	return func(w io.Writer) error {
		return c.write(w, len(values), 0, func(dst []byte, i int) []byte { return binary.LittleEndian.AppendUint32(dst, uint32(values[i])) })
	}
}
