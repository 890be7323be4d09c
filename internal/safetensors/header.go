package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

const (
	// lengthBytes is the size of the length at the start of a file.
	lengthBytes = 8
	// maxHeaderBytes is the limit of the reference implementation.
	maxHeaderBytes = 100_000_000
	// alignment is the alignment of the first matrix in a file: a cache line.
	alignment = 64

	metadataKey = "__metadata__"
)

// dtypeBytes is the size of a value of each type, in bytes.
var dtypeBytes = map[string]int64{
	"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
	"U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}

// A Tensor is an array in a file, without its data.
type Tensor struct {
	Name  string
	DType string
	Shape []int64
	// Begin and End are the first byte of the data and the byte after it, counted from the end of
	// the header.
	Begin, End int64
	// Entry is the offset in the file of the tensor's entry in the header, after the name.
	Entry int64
}

// String describes the tensor for an error message.
func (t *Tensor) String() string { return fmt.Sprintf("%.60q %s %d", t.Name, t.DType, t.Shape) }

// bytes returns the size of the data that type and shape require. ok is false if the type is unknown
// or the size overflows an int64.
func (t *Tensor) bytes() (size int64, ok bool) {
	size, ok = dtypeBytes[t.DType]
	for _, n := range t.Shape {
		if n < 0 || n > 0 && size > math.MaxInt64/n {
			return 0, false
		}
		size *= n
	}
	return size, ok
}

// A header is the header of a file.
type header struct {
	metadata map[string]string
	tensors  []*Tensor // in the order of their data
}

// place sets the offsets of all data, one tensor after the other. It returns the size of all data.
func (h *header) place() (int64, error) {
	end := int64(0)
	for _, t := range h.tensors {
		size, ok := t.bytes()
		if !ok || size > math.MaxInt64-end {
			return 0, fmt.Errorf("tensor %s: too large for a file", t)
		}
		t.Begin, t.End = end, end+size
		end = t.End
	}
	return end, nil
}

// encode returns the header with its length, up to the first byte of data. Spaces at its end align
// the data at offset aligned to 64 bytes in the file.
func (h *header) encode(aligned int64) ([]byte, error) {
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
		if err := member(t.Name, struct {
			DType   string   `json:"dtype"`
			Shape   []int64  `json:"shape"`
			Offsets [2]int64 `json:"data_offsets"`
		}{t.DType, t.Shape, [2]int64{t.Begin, t.End}}); err != nil {
			return nil, err
		}
	}
	b = append(b, '}')
	for (int64(len(b))+aligned%alignment)%alignment != 0 {
		b = append(b, ' ')
	}
	length := len(b) - lengthBytes
	if length > maxHeaderBytes {
		return nil, fmt.Errorf("the header, with the manifest in it, has %d bytes, at most %d are possible", length, maxHeaderBytes)
	}
	binary.LittleEndian.PutUint64(b, uint64(length))
	return b, nil
}

// parseHeader decodes a header without its length. The error is an [*Error].
func parseHeader(data []byte) (*header, error) {
	p := &headerParser{json: json.NewDecoder(bytes.NewReader(data))}
	h := &header{}
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
		return nil, &Error{lengthBytes + int64(len(data)-len(rest)), fmt.Sprintf("expected the end of the header, or spaces up to it, found %.20q", rest)}
	}
	slices.SortStableFunc(h.tensors, func(a, b *Tensor) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.End, b.End))
	})
	return h, nil
}

// check returns the size of all data. It is an error if the offsets of a tensor do not fit its
// shape, or if tensors overlap or leave gaps.
func (h *header) check() (int64, error) {
	end := int64(0)
	for _, t := range h.tensors {
		size, ok := t.bytes()
		reason := ""
		switch {
		case !ok:
			reason = "the type is unknown or the shape impossible"
		case t.Begin < 0 || t.End < t.Begin || t.End-t.Begin != size:
			reason = fmt.Sprintf("its shape needs %d bytes of data, but its data_offsets are %d and %d", size, t.Begin, t.End)
		case t.Begin < end:
			reason = fmt.Sprintf("its data starts at %d, within that of another, which ends at %d", t.Begin, end)
		case t.Begin > end:
			reason = fmt.Sprintf("its data starts at %d, and what lies before it, from %d on, belongs to no tensor", t.Begin, end)
		}
		if reason != "" {
			return 0, &Error{t.Entry, fmt.Sprintf("tensor %s: %s", t, reason)}
		}
		end = t.End
	}
	return end, nil
}

// A headerParser reads the JSON of a header. Unlike encoding/json it accepts no name twice and
// requires all fields.
type headerParser struct {
	json *json.Decoder
}

// object reads an object. It calls member after each name, to read the value.
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

func (p *headerParser) metadata(h *header) error {
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

func (p *headerParser) tensor(name string) (*Tensor, error) {
	t := &Tensor{Name: name, Entry: p.offset()}
	what := fmt.Sprintf("tensor %.60q", name)
	var offsets []int64
	err := p.object(what, func(key string) error {
		var err error
		switch key {
		case "dtype":
			err = p.json.Decode(&t.DType)
		case "shape":
			err = p.json.Decode(&t.Shape)
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
	if err == nil && (t.DType == "" || t.Shape == nil || len(offsets) != 2) {
		err = p.fault(nil, what+": expected a dtype, a shape and two data_offsets")
	}
	if err != nil {
		return nil, err
	}
	t.Begin, t.End = offsets[0], offsets[1]
	return t, nil
}

// offset returns the offset in the file after what was read last.
func (p *headerParser) offset() int64 { return lengthBytes + p.json.InputOffset() }

func (p *headerParser) fault(err error, reason string) error {
	if err != nil {
		reason += ": " + err.Error()
	}
	return &Error{p.offset(), reason}
}
