package format

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

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
	// classes has the number of the stored row of each row, nil if all are stored.
	classes []int32
	rows    model.Storage
}

// A subwordsRecord is in the metadata.
type subwordsRecord struct {
	subword.NGrams
	Composed bool            `json:"composed,omitempty"`
	Initial  subword.Initial `json:"initial"`
}

// Loses returns what the format does not keep of vectors: a sentence without a period, "" if nothing. Manifests and output
// matrices aside, these are n-grams.
func (f *Format) Loses(e *model.Embeddings) string {
	made, ok := e.Vocabulary.(*subword.Vocabulary)
	if _, composed := e.Vocabulary.(model.Composer); !composed || f.keepsNGrams(e) {
		if ok && f == fifu && made.Hash == subword.Floret && made.Len() > 0 {
			return "the format fifu does not keep the list of words of a table of floret: there are none to search in the file"
		}
		return ""
	}
	lost := "the format " + f.Name + " does not hold the n-grams of these vectors: words that are not stored have no vectors in the file"
	var others []string
	for _, g := range formats {
		if g.keepsNGrams(e) {
			others = append(others, g.Name)
		}
	}
	if len(others) > 0 {
		lost += "; formats that keep them: " + strings.Join(others, ", ")
	}
	return lost
}

// keepsNGrams reports whether the format holds the n-grams of which words are made.
func (f *Format) keepsNGrams(e *model.Embeddings) bool {
	v, ok := e.Vocabulary.(*subword.Vocabulary)
	return ok && f.holds != nil && f.holds(v, e.Input)
}

// subwordTable are vectors of words that are made of n-grams.
type subwordTable struct {
	vocabulary *subword.Vocabulary
	rows       *subword.Sparse
}

// subwordsOf returns the rows of n-grams that the native format can hold, nil if there are none.
func subwordsOf(e *model.Embeddings) *subwordTable {
	v, ok := e.Vocabulary.(*subword.Vocabulary)
	if !ok || !nativeHolds(v, e.Input) {
		return nil
	}
	return &subwordTable{v, e.Input.(*subword.Sparse)}
}

func nativeHolds(v *subword.Vocabulary, rows model.Storage) bool {
	_, sparse := rows.(*subword.Sparse)
	return sparse && (v.Hash != subword.Floret || !v.Composed)
}

func (t *subwordTable) metadata() (string, error) {
	text, err := json.Marshal(subwordsRecord{t.vocabulary.NGrams, t.vocabulary.Composed, t.rows.Initial()})
	return string(text), err
}

func (t *subwordTable) tensors(c *chunks) []safetensors.Data {
	stored := t.rows.Stored()
	lists := []safetensors.Data{c.int32Tensor(usedName, t.rows.Used())}
	if shared, ok := stored.(*subword.Shared); ok {
		stored = shared.Stored()
		lists = append(lists, c.int32Tensor(classesName, shared.Of()))
	}
	if t.vocabulary.Hash == subword.Explicit {
		lists = append(lists, c.ngramsTensor(t.vocabulary.List))
	}
	n, dim := stored.Shape()
	return append([]safetensors.Data{c.matrixTensor(rowsName, n, dim, func() func(i int) []float32 { return rowsOf(stored) })}, lists...)
}

// checkSubwords finds the rows of n-grams. They are left out if rows may be skipped. They are read even if the matrices
// stay on disk.
func (r *nativeReader) checkSubwords() error {
	text, ok := r.Metadata[subwordsKey]
	rows, used := r.Find(rowsName), r.Find(usedName)
	if !ok || rows == nil || used == nil || r.in.skipBad {
		return nil
	}
	if list := r.Find(ngramsName); list != nil && (list.DType != "U8" || len(list.Shape) != 1) {
		return safetensors.Fault(list.Entry, "tensor %s: expected U8 and a shape of one number", list)
	}
	s := &nativeSubwords{}
	if err := json.Unmarshal([]byte(text), &s.subwordsRecord); err != nil {
		return safetensors.Fault(safetensors.HeaderOffset, "the n-grams in %q: %v", subwordsKey, err)
	}
	if err := s.NGrams.Check(); err != nil {
		return safetensors.Fault(safetensors.HeaderOffset, "the n-grams in %q: %v", subwordsKey, err)
	}
	if s.Hash == subword.Explicit && r.Find(ngramsName) == nil {
		return safetensors.Fault(safetensors.HeaderOffset, "there is no tensor %q, though n-grams are listed", ngramsName)
	}
	words := int64(r.n)
	if s.Hash == subword.Floret {
		words = 0
	}
	if used.DType != "I32" || len(used.Shape) != 1 || used.Shape[0] > int64(s.Buckets) {
		return safetensors.Fault(used.Entry, "tensor %s: expected I32 and a shape of one number, at most the %d buckets", used, s.Buckets)
	}
	all := words + used.Shape[0]
	if classes := r.Find(classesName); classes != nil {
		if classes.DType != "I32" || !slices.Equal(classes.Shape, []int64{all}) {
			return safetensors.Fault(classes.Entry, "tensor %s: expected I32 [%d], a number for each word and each bucket in use", classes, all)
		}
		if len(rows.Shape) == 2 && rows.Shape[0] <= all {
			all = rows.Shape[0]
		}
	}
	if want := []int64{all, int64(r.dim)}; rows.DType != "F32" || !slices.Equal(rows.Shape, want) || want[0] < 1 {
		return safetensors.Fault(rows.Entry, "tensor %s: expected F32 %d, a row for each word and each bucket in use, or fewer with %s", rows, want, classesName)
	}
	s.stored = int(rows.Shape[0])
	r.subwords = s
	return nil
}

// read reads a tensor of n-grams.
func (s *nativeSubwords) read(r *nativeReader, t *safetensors.Tensor) (err error) {
	switch t.Name {
	case usedName:
		s.used, err = r.readInt32s(t)
		return err
	case classesName:
		s.classes, err = r.readInt32s(t)
		return err
	case ngramsName:
		return s.readNGrams(r, t)
	}
	if r.file != nil {
		s.rows = r.mapRows(t, s.stored)
		scratch := make([]float32, r.dim)
		return r.readRows(s.stored, t.Name, func(int) []float32 { return scratch })
	}
	// Memory is allocated as rows arrive if nobody knows how many there are.
	if r.Sized() {
		m := model.NewMatrix(s.stored, r.dim)
		s.rows = m
		return r.readRows(s.stored, t.Name, m.Row)
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
	v.Composed = s.Composed && s.Hash != subword.Floret
	stored := s.rows
	if s.classes != nil {
		if stored, err = subword.NewShared(s.rows, s.classes); err != nil {
			return safetensors.Fault(r.dataOffset(classesName), "%v", err)
		}
	}
	rows, err := subword.NewSparse(stored, v.WordRows(), v.Buckets, s.used, s.Initial)
	if err != nil {
		return safetensors.Fault(r.dataOffset(usedName), "%v", err)
	}
	if r.file != nil {
		e.Words = e.Input
	}
	e.Vocabulary, e.Input = v, rows
	return nil
}

// ngramsTensor returns listed n-grams, sorted: the bucket, the length in bytes, and the bytes of each.
func (c *chunks) ngramsTensor(list map[string]int32) safetensors.Data {
	ngrams := slices.Sorted(maps.Keys(list))
	size := 0
	for _, ngram := range ngrams {
		size += 8 + len(ngram)
	}
	return safetensors.Data{
		Tensor: safetensors.Tensor{Name: ngramsName, DType: "U8", Shape: []int64{int64(size)}},
		Write: func(w io.Writer) error {
			return c.write(w, len(ngrams), 8+maxWordBytes, func(dst []byte, i int) []byte {
				dst = binary.LittleEndian.AppendUint32(dst, uint32(list[ngrams[i]]))
				dst = binary.LittleEndian.AppendUint32(dst, uint32(len(ngrams[i])))
				return append(dst, ngrams[i]...)
			})
		},
	}
}

// readNGrams reads listed n-grams.
func (s *nativeSubwords) readNGrams(r *nativeReader, t *safetensors.Tensor) error {
	data, err := r.Bytes(t.End - t.Begin)
	if err != nil {
		return err
	}
	return s.setNGrams(r, data)
}

func (s *nativeSubwords) setNGrams(r *nativeReader, data []byte) error {
	s.List = make(map[string]int32)
	for at := int64(0); len(data) > 0; {
		if len(data) < 8 || int64(binary.LittleEndian.Uint32(data[4:])) > int64(len(data)-8) {
			return safetensors.Fault(r.dataOffset(ngramsName)+at, "the n-grams end within one")
		}
		end := 8 + int(binary.LittleEndian.Uint32(data[4:]))
		s.List[string(data[8:end])] = int32(binary.LittleEndian.Uint32(data))
		data, at = data[end:], at+int64(end)
	}
	return nil
}

// int32Tensor returns a tensor of values.
func (c *chunks) int32Tensor(name string, values []int32) safetensors.Data {
	return safetensors.Data{
		Tensor: safetensors.Tensor{Name: name, DType: "I32", Shape: []int64{int64(len(values))}},
		Write: func(w io.Writer) error {
			return c.write(w, len(values), 0, func(dst []byte, i int) []byte { return binary.LittleEndian.AppendUint32(dst, uint32(values[i])) })
		},
	}
}

func (r *nativeReader) readInt32s(t *safetensors.Tensor) ([]int32, error) {
	data, err := r.Bytes(t.End - t.Begin)
	if err != nil {
		return nil, err
	}
	return decodeInt32s(data), nil
}

func decodeInt32s(data []byte) []int32 {
	values := make([]int32, len(data)/4)
	for i := range values {
		values[i] = int32(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return values
}
