package format

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"kindred/model"
)

// safetensors is kindred's own format: a safetensors file (see
// [tensorHeader]), sealed (see [tensorReader]), with the tensors
//
//	vocabulary.counts   I64 [n]      how often each word was seen; 0 where that is not known
//	vocabulary.offsets  I64 [n+1]    where each word starts in the bytes, and where the last ends
//	input               F32 [n,dim]  the input matrix
//	output              F32 [n,dim]  the output matrix, if there is one
//	vocabulary.bytes    U8  [size]   the words, one behind the other
//
// and in the metadata, as JSON text and if there are such, the manifest and the state of the training. The order
// gives each tensor the alignment that its type needs.
var safetensors = &Format{
	Name:        "safetensors",
	Aliases:     []string{"native"},
	Extensions:  []string{".safetensors"},
	Description: "kindred's own, a safetensors file: both matrices, words of any kind, counts, manifest, and a hash of it all",
	read:        readSafetensors,
	sniff: func(h head) bool {
		// The formats of word2vec, which are sniffed first, start with digits.
		return len(h.data) > lengthBytes && h.data[lengthBytes] == '{' && slices.Contains(h.data[:lengthBytes], 0)
	},
	parts: []part{{samePath, writeSafetensors}},
	badWord: func(word string) string {
		if word == "" {
			return "it is empty"
		}
		return ""
	},
	holdsManifest: true,
}

const (
	// safetensorsVersion changes when files could be misread otherwise. A
	// tensor or an entry of the metadata may be added without that.
	safetensorsVersion = "1"
	manifestKey        = "kindred.manifest"
	checkpointKey      = "kindred.checkpoint"

	countsName  = "vocabulary.counts"
	offsetsName = "vocabulary.offsets"
	bytesName   = "vocabulary.bytes"
	inputName   = "input"
	outputName  = "output"
)

// chunkBytes is how much is read or written at a time.
const chunkBytes = 1 << 20

func writeSafetensors(w io.Writer, e *model.Embeddings) error {
	metadata := map[string]string{versionKey: safetensorsVersion}
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
	counts, offsets, text := encodeVocabulary(e.Vocabulary)
	n := int64(e.Vocabulary.Len())
	tensors := []tensorData{
		bytesTensor(countsName, "I64", n, counts),
		bytesTensor(offsetsName, "I64", n+1, offsets),
		matrixTensor(inputName, n, e.Dim(), func() func(i int) []float32 { return e.Reader().Stored }),
	}
	if e.Output != nil {
		if err := checkOutput(e); err != nil {
			return err
		}
		tensors = append(tensors, matrixTensor(outputName, n, e.Dim(), func() func(i int) []float32 { return rowsOf(e.Output) }))
	}
	return writeTensors(w, metadata, append(tensors, bytesTensor(bytesName, "U8", int64(len(text)), text)))
}

// checkOutput reports why the output matrix of e can't be written.
func checkOutput(e *model.Embeddings) error {
	rows, dim := e.Output.Shape()
	if n := e.Vocabulary.Len(); rows != n || dim != e.Dim() {
		return fmt.Errorf("the output matrix is one of %d x %d, the input matrix of %d x %d", rows, dim, n, e.Dim())
	}
	row := rowsOf(e.Output)
	for id := range rows {
		v := row(id)
		if i := model.FirstNotFinite(v); i >= 0 {
			return fmt.Errorf("output matrix: value %d of the row of %.60q is %v, want a finite number: the training diverged; train again, or remove the word", i+1, e.Vocabulary.Word(id), v[i])
		}
	}
	return nil
}

// rowsOf returns a function that reads rows of a storage. What it returns is valid until the next call.
func rowsOf(s model.Storage) func(i int) []float32 {
	_, dim := s.Shape()
	buf := make([]float32, dim)
	return func(i int) []float32 { return s.ReadRow(buf, i) }
}

// encodeVocabulary returns the data of the three tensors of a vocabulary.
func encodeVocabulary(v model.Vocab) (counts, offsets, text []byte) {
	counts = make([]byte, 0, 8*v.Len())
	offsets = binary.LittleEndian.AppendUint64(make([]byte, 0, 8*(v.Len()+1)), 0)
	for id := range v.Len() {
		counts = binary.LittleEndian.AppendUint64(counts, uint64(v.Count(id)))
		text = append(text, v.Word(id)...)
		offsets = binary.LittleEndian.AppendUint64(offsets, uint64(len(text)))
	}
	return counts, offsets, text
}

func bytesTensor(name, dtype string, length int64, data []byte) tensorData {
	return tensorData{tensor{name: name, dtype: dtype, shape: []int64{length}}, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}}
}

// matrixTensor returns a matrix whose rows are read by what reader returns.
func matrixTensor(name string, rows int64, dim int, reader func() func(i int) []float32) tensorData {
	return tensorData{tensor{name: name, dtype: "F32", shape: []int64{rows, int64(dim)}}, func(w io.Writer) error {
		row := reader()
		buffer := make([]byte, 0, chunkBytes+4*dim)
		for i := range int(rows) {
			buffer = appendFloats(buffer, row(i))
			if len(buffer) < chunkBytes && i < int(rows)-1 {
				continue
			}
			if _, err := w.Write(buffer); err != nil {
				return err
			}
			buffer = buffer[:0]
		}
		return nil
	}}
}
