package format_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"

	"kindred/model"
	"kindred/model/format"
)

// An array is a tensor of a safetensors file with its data.
type array struct {
	Dtype   string
	Shape   []int
	Offsets [2]int `json:"data_offsets"`
	data    []byte
}

// parseSafetensors reads a safetensors file by its rules alone.
func parseSafetensors(file []byte) (arrays map[string]array, metadata map[string]string, err error) {
	header := 8 + int(binary.LittleEndian.Uint64(file))
	entries := make(map[string]json.RawMessage)
	if err := json.Unmarshal(file[8:header], &entries); err != nil {
		return nil, nil, err
	}
	if err := json.Unmarshal(entries["__metadata__"], &metadata); err != nil {
		return nil, nil, err
	}
	delete(entries, "__metadata__")
	arrays = make(map[string]array)
	for name, entry := range entries {
		var a array
		if err := json.Unmarshal(entry, &a); err != nil {
			return nil, nil, err
		}
		a.data = file[header+a.Offsets[0] : header+a.Offsets[1]]
		arrays[name] = a
	}
	return arrays, metadata, nil
}

// seal returns the file with a header and data, with its length and, in the
// place of 32 zeros, its hash.
func seal(header string, data []byte) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	file = append(append(file, header...), data...)
	sum := xxh3.Hash128(file)
	return bytes.Replace(file, []byte(strings.Repeat("0", 32)), fmt.Appendf(nil, "%016x%016x", sum.Hi, sum.Lo), 1)
}

// vectorsOf returns the values of all vectors.
func vectorsOf(e *model.Embeddings) (values []float32) {
	for id := range e.Vocabulary.Len() {
		values = append(values, e.Input.ReadRow(nil, id)...)
	}
	return values
}

// FuzzSafetensors reads files with any header and data, with the hash that
// belongs to them. What is accepted must be what the rules of safetensors
// say, and come back after being written.
func FuzzSafetensors(f *testing.F) {
	f.Add(plain, plainData)
	file := nativeBytes(f, full(f))
	header := 8 + binary.LittleEndian.Uint64(file)
	_, metadata, err := parseSafetensors(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(strings.Replace(string(file[8:header]), metadata["kindred.hash"], strings.Repeat("0", 32), 1), file[header:])
	file = nativeBytes(f, model.Quantize(full(f)))
	header = 8 + binary.LittleEndian.Uint64(file)
	if _, metadata, err = parseSafetensors(file); err != nil {
		f.Fatal(err)
	}
	f.Add(strings.Replace(string(file[8:header]), metadata["kindred.hash"], strings.Repeat("0", 32), 1), file[header:])
	f.Add(replaced(f, plain, "[2,1]", "[2000000000,1000]"), plainData)
	f.Add(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   `, []byte("1234"))
	f.Fuzz(func(t *testing.T, header string, data []byte) {
		file := seal(header, data)
		var e *model.Embeddings
		var err error
		if n := allocated(func() { e, err = format.ReadNative(file, true) }); n > 4<<20+200*uint64(len(file)) {
			t.Errorf("%d bytes allocated for %d", n, len(file))
		}
		mapped, mapErr := format.MapNative(t, file)
		if (err == nil) != (mapErr == nil) {
			t.Fatalf("reading the file: %v; mapping it: %v", err, mapErr)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(vectorsOf(e), vectorsOf(mapped)); diff != "" {
			t.Errorf("a mapped file has other vectors: %s", diff)
		}
		arrays, _, err := parseSafetensors(file)
		if err != nil {
			t.Fatalf("accepted, but: %v", err)
		}
		values := floats(vectorsOf(e)...)
		if q, ok := e.Input.(*model.Quantized); ok {
			values = ""
			for _, v := range q.Values {
				values += string([]byte{byte(v)})
			}
		}
		words, counts := wordsAndCounts(e.Vocabulary)
		if values != string(arrays["input"].data) || strings.Join(words, "") != string(arrays["vocabulary.bytes"].data) {
			t.Errorf("read %v of %q, but the file has %v", values, words, arrays)
		}
		again, err := format.ReadNative(nativeBytes(t, e), true)
		if err != nil {
			t.Fatal(err)
		}
		_, countsAgain := wordsAndCounts(again.Vocabulary)
		if diff := cmp.Diff(e.Input, again.Input) + cmp.Diff(e.Output, again.Output) + cmp.Diff(e.Positions, again.Positions) + cmp.Diff(counts, countsAgain); diff != "" {
			t.Error(diff)
		}
	})
}
