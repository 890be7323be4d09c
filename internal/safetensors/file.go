package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"
)

const (
	versionKey = "kindred.format"
	// ClassifierKey is the key of the settings of a classifier of lines, which other files lack.
	ClassifierKey = "kindred.classifier"
	// HashKey is the entry of the metadata that has the hash of the file.
	HashKey = "kindred.hash"

	noHash = "00000000000000000000000000000000"
	// chunkBytes is how much is read at a time of a tensor that is skipped.
	chunkBytes = 1 << 20
	// firstBytes is how much is read at first of data that may not be there.
	firstBytes = 64 << 10
)

// An Error reports a file that breaks the rules of its format.
type Error struct {
	// Offset is the place of the fault in the file, in bytes.
	Offset int64
	// Reason says what was expected and what was found.
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("at byte %d: %s", e.Offset, e.Reason) }

// Data is a tensor to be written.
type Data struct {
	// Tensor needs a name, a type and a shape.
	Tensor
	// Write writes the data. It is called twice: for the hash, and for the file.
	Write func(w io.Writer) error
}

// Write writes a file with the given tensors in the given order. The metadata must not have the
// entries of version and hash. The first tensor of type F32 starts at a multiple of 64 bytes.
func Write(w io.Writer, version string, metadata map[string]string, tensors []Data) error {
	h := &header{metadata: map[string]string{versionKey: version, HashKey: noHash}}
	for key, value := range metadata {
		h.metadata[key] = value
	}
	for i := range tensors {
		h.tensors = append(h.tensors, &tensors[i].Tensor)
	}
	if _, err := h.place(); err != nil {
		return err
	}
	aligned := int64(0)
	for _, t := range h.tensors {
		if t.DType == "F32" {
			aligned = t.Begin
			break
		}
	}
	encoded, err := h.encode(aligned)
	if err != nil {
		return err
	}
	hash := xxh3.New128()
	hash.Write(encoded)
	for _, t := range tensors {
		if err := t.Write(hash); err != nil {
			return err
		}
	}
	copy(encoded[findHash(encoded, noHash):], hexHash(hash))
	if _, err := w.Write(encoded); err != nil {
		return err
	}
	for _, t := range tensors {
		if err := t.Write(w); err != nil {
			return err
		}
	}
	return nil
}

// findHash returns the place of the hash in a header, -1 if it is missing or there more than once.
// Quotes within a string are escaped, so text in the metadata cannot look like it.
func findHash(header []byte, hash string) int {
	quoted := []byte(`"` + hash + `"`)
	if bytes.Count(header, quoted) != 1 {
		return -1
	}
	return bytes.Index(header, quoted) + 1
}

func hexHash(h *xxh3.Hasher128) string {
	sum := h.Sum128()
	return fmt.Sprintf("%016x%016x", sum.Hi, sum.Lo)
}

// A Reader reads a file from start to end.
type Reader struct {
	// Metadata has all entries, with those of version and hash.
	Metadata map[string]string
	// Tensors are in the order of their data.
	Tensors []*Tensor

	r      *bufio.Reader
	size   int64 // of the file, -1 if unknown
	start  int64 // of the data in the file
	end    int64 // of the data, as the header promises
	offset int64 // of the next byte
	hash   *xxh3.Hasher128
}

// NewReader reads the header of a file and checks it against the size of the file, -1 if that is
// unknown. version is the only one that can be read. A fault in the file is an [*Error]; any other
// error is one of r.
func NewReader(r *bufio.Reader, size int64, version string) (*Reader, error) {
	f := &Reader{r: r, size: size, hash: xxh3.New128()}
	encoded, err := f.readHeader()
	if err != nil {
		return nil, err
	}
	h, err := parseHeader(encoded[lengthBytes:])
	if err != nil {
		return nil, err
	}
	f.Metadata, f.Tensors = h.metadata, h.tensors
	if err := f.checkVersion(version); err != nil {
		return nil, err
	}
	data, err := h.check()
	if err != nil {
		return nil, err
	}
	if err := f.hashHeader(encoded); err != nil {
		return nil, err
	}
	return f, f.checkSize(data)
}

// readHeader reads the header with its length. It allocates no more than the file holds.
func (f *Reader) readHeader() ([]byte, error) {
	length, err := f.r.Peek(lengthBytes)
	if err != nil {
		return nil, cut(err, int64(len(length)), "in the length of the header")
	}
	n := binary.LittleEndian.Uint64(length)
	if n > maxHeaderBytes {
		return nil, Fault(0, "the header shall have %d bytes, at most %d are possible: the file is damaged, or not a safetensors file", n, maxHeaderBytes)
	}
	want := lengthBytes + int64(n)
	if f.size >= 0 && want > f.size {
		return nil, cut(io.EOF, f.size, fmt.Sprintf("in its header of %d bytes", n))
	}
	encoded, err := io.ReadAll(io.LimitReader(f.r, want))
	if err == nil && int64(len(encoded)) < want {
		err = io.EOF
	}
	if err != nil {
		return nil, cut(err, int64(len(encoded)), fmt.Sprintf("in its header of %d bytes", n))
	}
	f.start, f.offset = want, want
	if n == 0 || encoded[lengthBytes] != '{' {
		return nil, Fault(lengthBytes, `expected a header that starts with "{", found %.20q`, encoded[lengthBytes:])
	}
	return encoded, nil
}

// checkVersion returns an error unless the file is one of kindred in the given version.
func (f *Reader) checkVersion(version string) error {
	found, ok := f.Metadata[versionKey]
	if !ok {
		return Fault(lengthBytes, "a safetensors file, but not one of kindred: there is no %q in its %s; its tensors are: %s", versionKey, metadataKey, f.names())
	}
	if found != version {
		return Fault(lengthBytes, "the file has version %.20q of kindred's format, and only %q can be read: use the kindred that wrote it, or a newer one than this", found, version)
	}
	return nil
}

// names lists the first tensors.
func (f *Reader) names() string {
	const shown = 5
	var names []string
	for _, t := range f.Tensors[:min(shown, len(f.Tensors))] {
		names = append(names, fmt.Sprintf("%.40q", t.Name))
	}
	if len(f.Tensors) > shown {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// hashHeader adds the header to the hash, with zeros in the place of the hash.
func (f *Reader) hashHeader(encoded []byte) error {
	want := f.Metadata[HashKey]
	if len(want) != len(noHash) || strings.Trim(want, "0123456789abcdef") != "" {
		return Fault(lengthBytes, "expected a hash of 32 hexadecimal digits as %q in its %s, found %.40q", HashKey, metadataKey, want)
	}
	at := findHash(encoded, want)
	if at < 0 {
		return Fault(lengthBytes, "%q is not what it says, or there is something else that looks the same", HashKey)
	}
	copy(encoded[at:], noHash)
	f.hash.Write(encoded)
	return nil
}

// checkSize returns an error unless the file has exactly the data that its header promises. If the
// size of the file is unknown, [Reader.Fill] and [Reader.ReadAll] find out.
func (f *Reader) checkSize(data int64) error {
	if data > math.MaxInt64-f.start-1 {
		return Fault(lengthBytes, "the tensors have %d bytes, which no file can have", data)
	}
	f.end = f.start + data
	switch {
	case f.size < 0:
		return nil
	case f.size < f.end:
		return f.cutHere(io.EOF, f.size)
	case f.size > f.end:
		return f.goesOn()
	}
	return nil
}

func (f *Reader) cutHere(err error, offset int64) error {
	return cut(err, offset, fmt.Sprintf("here, but its header promises %d bytes", f.end))
}

func (f *Reader) goesOn() error {
	return Fault(f.end, "the file goes on after the %d bytes that its header promises", f.end)
}

// Find returns the tensor with the given name, nil if there is none.
func (f *Reader) Find(name string) *Tensor {
	for _, t := range f.Tensors {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// ReadAll calls read for each tensor in the order of their data, and checks the hash at the end. Read
// must read all data of the tensor with [Reader.Fill], [Reader.Bytes] or [Reader.SkipBytes]. If
// ReadAll fails, the data is worthless.
func (f *Reader) ReadAll(read func(t *Tensor) error) error {
	for _, t := range f.Tensors {
		if err := read(t); err != nil {
			return err
		}
	}
	if f.size < 0 {
		switch _, err := f.r.Peek(1); {
		case err == nil:
			return f.goesOn()
		case err != io.EOF:
			return err
		}
	}
	if got, want := hexHash(f.hash), f.Metadata[HashKey]; got != want {
		return Fault(0, "the file is damaged: its hash is %s, and was %s when it was written", got, want)
	}
	return nil
}

// Fill reads the next len(dst) bytes of data.
func (f *Reader) Fill(dst []byte) error {
	n, err := io.ReadFull(f.r, dst)
	f.offset += int64(n)
	if err != nil {
		return f.cutHere(err, f.offset)
	}
	f.hash.Write(dst)
	return nil
}

// Bytes reads the next n bytes of data. If the size of the file is unknown, it takes no more memory than
// a multiple of what the file has.
func (f *Reader) Bytes(n int64) ([]byte, error) {
	if f.size >= 0 {
		data := make([]byte, n)
		return data, f.Fill(data)
	}
	var data []byte
	for have := int64(0); have < n; have = int64(len(data)) {
		part := min(n-have, max(have, firstBytes))
		data = slices.Grow(data, int(part))[:have+part]
		if err := f.Fill(data[have:]); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// Sized reports whether the size of the file is known, so that its header promises no more than there is.
func (f *Reader) Sized() bool { return f.size >= 0 }

// SkipBytes reads n bytes of data that are not needed, for the hash.
func (f *Reader) SkipBytes(n int64) error {
	buffer := make([]byte, min(chunkBytes, n))
	for rest := n; rest > 0; rest -= int64(len(buffer)) {
		buffer = buffer[:min(int64(len(buffer)), rest)]
		if err := f.Fill(buffer); err != nil {
			return err
		}
	}
	return nil
}

// Offset returns the place in the file of the next byte of data.
func (f *Reader) Offset() int64 { return f.offset }

// DataOffset returns the place in the file of the first byte of a tensor's data.
func (f *Reader) DataOffset(t *Tensor) int64 { return f.start + t.Begin }

// HeaderOffset is the place of the header in a file.
const HeaderOffset = lengthBytes

// Fault returns an [*Error].
func Fault(offset int64, format string, args ...any) error {
	return &Error{offset, fmt.Sprintf(format, args...)}
}

// cut reports that reading failed, or that the file ends too early.
func cut(err error, offset int64, where string) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return Fault(offset, "the file ends %s: it is cut off", where)
}
