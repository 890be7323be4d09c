package hnsw

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unsafe"

	"kindred/internal/atomicfile"
	"kindred/internal/mapping"
	"kindred/internal/safetensors"
)

// A Record says what a graph belongs to and how good it is. It is a part of the file.
type Record struct {
	// Vectors is the fingerprint of the vectors.
	Vectors string `json:"vectors"`
	// Items is the number of items and Dim that of the values of each.
	Items int `json:"items"`
	Dim   int `json:"dim"`
	// Settings say how the graph was built, and Kernel which inner loop rounded the similarities.
	Settings Settings `json:"settings"`
	Kernel   string   `json:"kernel"`
	// Entry is the item where searches start.
	Entry int32 `json:"entry"`
	// Breadth is the recommended breadth of a search.
	Breadth int `json:"breadth"`
	// Queries is the number of items whose nearest Neighbors were compared with those of an exact search, for Recalls.
	Queries   int      `json:"queries"`
	Neighbors int      `json:"neighbors"`
	Recalls   []Recall `json:"recalls"`
}

// A Recall is the share of the true nearest neighbors that a search of some breadth finds.
type Recall struct {
	Breadth int     `json:"breadth"`
	Recall  float64 `json:"recall"`
	// Bands has the recall of queries by their numbers: rarer words have higher ones.
	Bands []Band `json:"bands,omitempty"`
}

// A Band is the recall of the queries with the numbers From to To.
type Band struct {
	From    int     `json:"from"`
	To      int     `json:"to"`
	Queries int     `json:"queries"`
	Recall  float64 `json:"recall"`
}

const (
	// fileVersion changes if files could be misread otherwise.
	fileVersion = "1"
	// RecordKey is the entry of the metadata that only files of graphs have.
	RecordKey = "kindred.index"

	levelsName = "levels"
	linksName  = "links"
	upperName  = "upper"
)

// Extension is what the name of the vectors' file has behind it in the name of the graph's.
const Extension = ".index"

// Path returns the path of the graph that belongs to a file of vectors.
func Path(vectors string) string { return vectors + Extension }

// Save writes the graph with its record to path, under a temporary name that is replaced when all is written.
func (g *Graph) Save(path string, r Record) error {
	r.Settings, r.Items, r.Entry = g.settings, g.Len(), g.entry
	record, err := json.Marshal(r)
	if err != nil {
		return err
	}
	m := int64(g.settings.Links)
	return atomicfile.Write(path, func(w io.Writer) error {
		return safetensors.Write(w, fileVersion, map[string]string{RecordKey: string(record)}, []safetensors.Data{
			int32Tensor(linksName, g.base, int64(g.Len()), 2*m),
			int32Tensor(upperName, g.upper, int64(len(g.upper))/m, m),
			{Tensor: safetensors.Tensor{Name: levelsName, DType: "U8", Shape: []int64{int64(g.Len())}},
				Write: func(w io.Writer) error { _, err := w.Write(g.levels); return err }},
		})
	})
}

func int32Tensor(name string, values []int32, shape ...int64) safetensors.Data {
	return safetensors.Data{Tensor: safetensors.Tensor{Name: name, DType: "I32", Shape: shape}, Write: func(w io.Writer) error {
		buffer := make([]byte, 0, 1<<16)
		for part := range slices.Chunk(values, 1<<14) {
			buffer = buffer[:0]
			for _, v := range part {
				buffer = binary.LittleEndian.AppendUint32(buffer, uint32(v))
			}
			if _, err := w.Write(buffer); err != nil {
				return err
			}
		}
		return nil
	}}
}

// A File is a graph that was read from a file.
type File struct {
	*Graph
	Record
}

// Open opens the graph at path. It maps the file into memory if that is possible. Links are checked when they are followed;
// with verify, the hash of the file is checked before.
func Open(path string, verify bool) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	f, err := open(file, verify)
	if err != nil {
		if errors.As(err, new(*safetensors.Error)) {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return nil, err
	}
	return f, nil
}

func open(file *os.File, verify bool) (*File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file, as an index is", file.Name())
	}
	reader, err := safetensors.NewReader(bufio.NewReader(file), info.Size(), fileVersion)
	if err != nil {
		return nil, err
	}
	f := &File{Graph: &Graph{}}
	text, ok := reader.Metadata[RecordKey]
	if !ok {
		return nil, safetensors.Fault(safetensors.HeaderOffset, "a file of kindred, but no index: there is no %q in its metadata", RecordKey)
	}
	if err := json.Unmarshal([]byte(text), &f.Record); err != nil {
		return nil, safetensors.Fault(safetensors.HeaderOffset, "%q in the metadata: %v", RecordKey, err)
	}
	if err := f.check(reader); err != nil {
		return nil, err
	}
	if f.mapped, err = mapIfPossible(file, reader); err != nil {
		return nil, err
	}
	f.settings, f.entry = f.Record.Settings, f.Entry
	if f.mapped != nil && !verify {
		err = f.mapped.Use(func() {
			f.levels = slices.Clone(f.mapped.Bytes(reader.DataOffset(reader.Find(levelsName)), f.Items))
		})
	} else {
		err = reader.ReadAll(func(t *safetensors.Tensor) error { return f.read(reader, t) })
	}
	if err != nil {
		return nil, err
	}
	if f.mapped != nil {
		f.base, f.upper = f.mappedLinks(reader, linksName), f.mappedLinks(reader, upperName)
	}
	return f, f.checkLevels(reader)
}

// check returns an error unless the tensors are there, in the shapes that follow from the record.
func (f *File) check(reader *safetensors.Reader) error {
	r := &f.Record
	if err := r.Settings.Check(); err != nil {
		return safetensors.Fault(safetensors.HeaderOffset, "%q in the metadata: %v", RecordKey, err)
	}
	if r.Items < 0 || r.Entry < -1 || int(r.Entry) >= r.Items || r.Items > 0 && r.Entry < 0 {
		return safetensors.Fault(safetensors.HeaderOffset, "%q in the metadata: %d items, and searches start at item %d", RecordKey, r.Items, r.Entry)
	}
	m := int64(r.Settings.Links)
	for _, want := range []safetensors.Tensor{
		{Name: levelsName, DType: "U8", Shape: []int64{int64(r.Items)}},
		{Name: linksName, DType: "I32", Shape: []int64{int64(r.Items), 2 * m}},
		{Name: upperName, DType: "I32"},
	} {
		t := reader.Find(want.Name)
		if t == nil {
			return safetensors.Fault(safetensors.HeaderOffset, "there is no tensor %q", want.Name)
		}
		if want.Shape == nil && len(t.Shape) == 2 {
			want.Shape = []int64{t.Shape[0], m}
		}
		if t.DType != want.DType || !slices.Equal(t.Shape, want.Shape) {
			return safetensors.Fault(t.Entry, "tensor %s: expected %s %d", t, want.DType, want.Shape)
		}
	}
	return nil
}

// checkLevels returns an error unless the levels fit the links of upper levels.
func (f *File) checkLevels(reader *safetensors.Reader) error {
	t := reader.Find(levelsName)
	for i, l := range f.levels {
		if l > mostLevel {
			return safetensors.Fault(reader.DataOffset(t)+int64(i), "item %d has level %d, at most %d are possible", i, l, mostLevel)
		}
	}
	blocks := int64(f.setBlocks())
	if upper := reader.Find(upperName); upper.Shape[0] != blocks {
		return safetensors.Fault(upper.Entry, "tensor %s: expected %d rows, one for each level of an item above the lowest", upper, blocks)
	}
	return nil
}

// mapIfPossible maps a file, and returns nil if that is not possible here.
func mapIfPossible(file *os.File, reader *safetensors.Reader) (*mapping.File, error) {
	for _, t := range reader.Tensors {
		if t.DType == "I32" && reader.DataOffset(t)%4 != 0 {
			return nil, nil
		}
	}
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, nil
	}
	again, err := os.Open(file.Name()) // the mapping closes it
	if err != nil {
		return nil, err
	}
	one, err1 := file.Stat()
	two, err2 := again.Stat()
	if err := errors.Join(err1, err2); err != nil || !os.SameFile(one, two) || one.Size() != two.Size() {
		return nil, errors.Join(fmt.Errorf("%s: the file was replaced while it was opened", file.Name()), err, again.Close())
	}
	mapped, err := mapping.Open(again)
	if errors.Is(err, mapping.ErrUnsupported) {
		return nil, nil
	}
	return mapped, err
}

func (f *File) mappedLinks(reader *safetensors.Reader, name string) []int32 {
	t := reader.Find(name)
	data := f.mapped.Bytes(reader.DataOffset(t), int(t.End-t.Begin))
	if len(data) == 0 {
		return nil
	}
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(data))), len(data)/4)
}

// read reads a tensor into memory, or past it if the file is mapped.
func (f *File) read(reader *safetensors.Reader, t *safetensors.Tensor) error {
	var to *[]int32
	switch t.Name {
	case linksName:
		to = &f.base
	case upperName:
		to = &f.upper
	case levelsName:
		data, err := reader.Bytes(t.End - t.Begin)
		f.levels = data
		return err
	}
	if to == nil || f.mapped != nil {
		return reader.SkipBytes(t.End - t.Begin)
	}
	data, err := reader.Bytes(t.End - t.Begin)
	if err != nil {
		return err
	}
	*to = make([]int32, len(data)/4)
	for i := range *to {
		(*to)[i] = int32(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return nil
}
