package format

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// A safetensors file is
//
//	8 bytes   N, the length of the header: a little-endian uint64
//	N bytes   the header, a JSON object, and spaces behind it
//	          "__metadata__": {"key": "text", …}
//	          "tensor": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …
//	the rest  the data of the tensors, row-major and little-endian
//
// where data_offsets are the start and the end of a tensor's data, counted
// from the end of the header. All data belongs to one tensor, and to one only.
// (Source: the README of github.com/huggingface/safetensors.)
const (
	lengthBytes = 8
	// maxHeaderBytes is the limit of the reference implementation.
	maxHeaderBytes = 100_000_000
	// alignedBytes is the alignment of the first matrix in a file: a cache line.
	alignedBytes = 64

	metadataKey = "__metadata__"
)

// dtypeBytes is the size of a value of each type, in bytes.
var dtypeBytes = map[string]int64{
	"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
	"U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}

// A tensor is an array in a safetensors file, without its data.
type tensor struct {
	name  string
	dtype string
	shape []int64
	// begin and end say where the data is, in bytes after the header.
	begin, end int64
	// at is the place of its entry in the file that it was read from.
	at int64
}

// String describes the tensor for an error message.
func (t *tensor) String() string { return fmt.Sprintf("%.60q %s %d", t.name, t.dtype, t.shape) }

// bytes returns the size of the data that type and shape demand; false where
// the type is unknown or the size overflows an int64.
func (t *tensor) bytes() (int64, bool) {
	size, ok := dtypeBytes[t.dtype]
	for _, n := range t.shape {
		if n < 0 || n > 0 && size > math.MaxInt64/n {
			return 0, false
		}
		size *= n
	}
	return size, ok
}

// A tensorHeader is the header of a safetensors file.
type tensorHeader struct {
	metadata map[string]string
	tensors  []*tensor // by the place of their data
}

// place sets where the data of all tensors is: one behind the other. It
// returns the size of all data.
func (h *tensorHeader) place() (int64, error) {
	end := int64(0)
	for _, t := range h.tensors {
		size, ok := t.bytes()
		if !ok || size > math.MaxInt64-end {
			return 0, fmt.Errorf("tensor %s: too large for a file", t)
		}
		t.begin, t.end = end, end+size
		end = t.end
	}
	return end, nil
}

// encode returns the header with its length, up to the first byte of data.
// Spaces at its end bring the data at offset aligned to a multiple of 64 bytes
// in the file.
func (h *tensorHeader) encode(aligned int64) ([]byte, error) {
	b := make([]byte, lengthBytes)
	separator := byte('{')
	member := func(name string, value any) error {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		text, err := json.Marshal(value)
		b = fmt.Appendf(append(b, separator), "%s:%s", key, text)
		separator = ','
		return err
	}
	if err := member(metadataKey, h.metadata); err != nil {
		return nil, err
	}
	for _, t := range h.tensors {
		if err := member(t.name, struct {
			Dtype   string   `json:"dtype"`
			Shape   []int64  `json:"shape"`
			Offsets [2]int64 `json:"data_offsets"`
		}{t.dtype, t.shape, [2]int64{t.begin, t.end}}); err != nil {
			return nil, err
		}
	}
	b = append(b, '}')
	for (int64(len(b))+aligned%alignedBytes)%alignedBytes != 0 {
		b = append(b, ' ')
	}
	length := len(b) - lengthBytes
	if length > maxHeaderBytes {
		return nil, fmt.Errorf("the header, with the manifest in it, has %d bytes, at most %d are possible", length, maxHeaderBytes)
	}
	binary.LittleEndian.PutUint64(b, uint64(length))
	return b, nil
}

// A headerError is a fault at a place in a header.
type headerError struct {
	offset int64 // in the file
	reason string
}

func (e *headerError) Error() string { return e.reason }

// parseTensorHeader decodes a header, without its length. The error is a
// *headerError.
func parseTensorHeader(data []byte) (*tensorHeader, error) {
	p := &headerParser{json: json.NewDecoder(bytes.NewReader(data))}
	h := &tensorHeader{}
	err := p.object("the header", func(name string) error {
		if name == metadataKey {
			return p.metadata(h)
		}
		t, err := p.tensor(name)
		h.tensors = append(h.tensors, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	end := p.json.InputOffset()
	if rest := bytes.TrimLeft(data[end:], " "); len(rest) > 0 {
		return nil, &headerError{lengthBytes + int64(len(data)-len(rest)), fmt.Sprintf("expected the end of the header, or spaces up to it, found %.20q", rest)}
	}
	slices.SortStableFunc(h.tensors, func(a, b *tensor) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	return h, nil
}

// check returns the size of all data, or an error where the places of the
// tensors don't fit their shapes, overlap, or leave gaps.
func (h *tensorHeader) check() (int64, error) {
	end := int64(0)
	for _, t := range h.tensors {
		size, ok := t.bytes()
		reason := ""
		switch {
		case !ok:
			reason = "the type is unknown or the shape impossible"
		case t.begin < 0 || t.end < t.begin || t.end-t.begin != size:
			reason = fmt.Sprintf("its shape needs %d bytes of data, but its data_offsets are %d and %d", size, t.begin, t.end)
		case t.begin < end:
			reason = fmt.Sprintf("its data starts at %d, within that of another, which ends at %d", t.begin, end)
		case t.begin > end:
			reason = fmt.Sprintf("its data starts at %d, and what lies before it, from %d on, belongs to no tensor", t.begin, end)
		}
		if reason != "" {
			return 0, &headerError{t.at, fmt.Sprintf("tensor %s: %s", t, reason)}
		}
		end = t.end
	}
	return end, nil
}

// A headerParser reads the JSON of a header, in which everything counts: no
// name may occur twice, and none be missing.
type headerParser struct {
	json *json.Decoder
}

// object reads an object: member is called behind each name, and reads the value.
func (p *headerParser) object(what string, member func(name string) error) error {
	start, err := p.json.Token()
	if err != nil || start != json.Delim('{') {
		return p.fault(err, what+" is no JSON object")
	}
	seen := make(map[string]bool)
	for p.json.More() {
		name, err := p.json.Token()
		if err != nil {
			return p.fault(err, what)
		}
		key := name.(string)
		if seen[key] {
			return p.fault(nil, fmt.Sprintf("%s has %.60q twice", what, key))
		}
		seen[key] = true
		if err := member(key); err != nil {
			return err
		}
	}
	if _, err := p.json.Token(); err != nil {
		return p.fault(err, what)
	}
	return nil
}

func (p *headerParser) metadata(h *tensorHeader) error {
	h.metadata = make(map[string]string)
	return p.object(metadataKey, func(key string) error {
		value, err := p.json.Token()
		text, ok := value.(string)
		if err != nil || !ok {
			return p.fault(err, fmt.Sprintf("%s: the value of %.60q is no string", metadataKey, key))
		}
		h.metadata[key] = text
		return nil
	})
}

func (p *headerParser) tensor(name string) (*tensor, error) {
	t := &tensor{name: name, at: p.offset()}
	what := fmt.Sprintf("tensor %.60q", name)
	var offsets []int64
	err := p.object(what, func(key string) error {
		var err error
		switch key {
		case "dtype":
			err = p.json.Decode(&t.dtype)
		case "shape":
			err = p.json.Decode(&t.shape)
		case "data_offsets":
			err = p.json.Decode(&offsets)
		default:
			return p.fault(nil, fmt.Sprintf("%s has an unknown field %.60q", what, key))
		}
		if err != nil {
			return p.fault(err, fmt.Sprintf("%s: %s", what, key))
		}
		return nil
	})
	if err == nil && (t.dtype == "" || t.shape == nil || len(offsets) != 2) {
		err = p.fault(nil, what+": expected a dtype, a shape and two data_offsets")
	}
	if err != nil {
		return nil, err
	}
	t.begin, t.end = offsets[0], offsets[1]
	return t, nil
}

// offset returns the place in the file behind what was read last.
func (p *headerParser) offset() int64 { return lengthBytes + p.json.InputOffset() }

func (p *headerParser) fault(err error, reason string) error {
	if err != nil {
		reason += ": " + err.Error()
	}
	return &headerError{p.offset(), reason}
}
