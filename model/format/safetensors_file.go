package format

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/zeebo/xxh3"
)

// A safetensors file of kindred is sealed: its metadata has the version of
// what it holds and a hash of the whole file, from the first byte to the
// last. The hash is XXH3 of 128 bits in 32 lower-case hexadecimal digits, and
// computed with 32 times the digit 0 in its own place.
const (
	versionKey = "kindred.format"
	hashKey    = "kindred.hash"

	noHash = "00000000000000000000000000000000"
)

// tensorData is a tensor to be written.
type tensorData struct {
	tensor
	// write writes the data. It is called twice: for the hash, and for the file.
	write func(w io.Writer) error
}

// writeTensors writes a sealed file with the given metadata and tensors, in
// the order given. The first that holds floats starts at a multiple of 64 bytes.
func writeTensors(w io.Writer, metadata map[string]string, tensors []tensorData) error {
	h := &tensorHeader{metadata: metadata}
	metadata[hashKey] = noHash
	for i := range tensors {
		h.tensors = append(h.tensors, &tensors[i].tensor)
	}
	if _, err := h.place(); err != nil {
		return err
	}
	aligned := int64(0)
	for _, t := range h.tensors {
		if t.dtype == "F32" {
			aligned = t.begin
			break
		}
	}
	head, err := h.encode(aligned)
	if err != nil {
		return err
	}
	hash := xxh3.New128()
	hash.Write(head)
	for _, t := range tensors {
		if err := t.write(hash); err != nil {
			return err
		}
	}
	copy(head[findHash(head, noHash):], hexHash(hash))
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, t := range tensors {
		if err := t.write(w); err != nil {
			return err
		}
	}
	return nil
}

// findHash returns the place of the hash in a header, -1 where it is not
// there or more than once. (Quotes in a string are escaped, so that no text
// in the metadata can be taken for it.)
func findHash(head []byte, hash string) int {
	quoted := []byte(`"` + hash + `"`)
	if bytes.Count(head, quoted) != 1 {
		return -1
	}
	return bytes.Index(head, quoted) + 1
}

func hexHash(h *xxh3.Hasher128) string {
	sum := h.Sum128()
	return fmt.Sprintf("%016x%016x", sum.Hi, sum.Lo)
}

// A tensorReader reads a sealed file.
type tensorReader struct {
	*tensorHeader
	in     *input
	start  int64 // of the data in the file
	offset int64 // of the next byte
	hash   *xxh3.Hasher128
}

// openTensors reads the header of a sealed file and checks it against the
// size of the file. version is the only one that can be read.
func openTensors(in *input, version string) (*tensorReader, error) {
	r := &tensorReader{in: in, hash: xxh3.New128()}
	head, err := r.readHead()
	if err != nil {
		return nil, err
	}
	r.tensorHeader, err = parseTensorHeader(head[lengthBytes:])
	if err == nil {
		err = r.checkVersion(version)
	}
	size := int64(0)
	if err == nil {
		size, err = r.check()
	}
	if err == nil {
		err = r.hashHead(head)
	}
	if fault := (*headerError)(nil); errors.As(err, &fault) {
		return nil, r.fault(fault.offset, "%s", fault.reason)
	}
	if err != nil {
		return nil, err
	}
	return r, r.checkSize(size)
}

// readHead reads the header with its length. It allocates no more than the
// file holds.
func (r *tensorReader) readHead() ([]byte, error) {
	length, err := r.in.r.Peek(lengthBytes)
	if err != nil {
		return nil, r.cut(err, int64(len(length)), "in the length of the header")
	}
	n := binary.LittleEndian.Uint64(length)
	if n > maxHeaderBytes {
		return nil, r.fault(0, "the header shall have %d bytes, at most %d are possible: the file is damaged, or not a safetensors file", n, maxHeaderBytes)
	}
	want := lengthBytes + int64(n)
	if r.in.size >= 0 && want > r.in.size {
		return nil, r.cut(io.EOF, r.in.size, fmt.Sprintf("in its header of %d bytes", n))
	}
	head, err := io.ReadAll(io.LimitReader(r.in.r, want))
	if err == nil && int64(len(head)) < want {
		err = io.EOF
	}
	if err != nil {
		return nil, r.cut(err, int64(len(head)), fmt.Sprintf("in its header of %d bytes", n))
	}
	r.start, r.offset = want, want
	if n == 0 || head[lengthBytes] != '{' {
		return nil, r.fault(lengthBytes, `expected a header that starts with "{", found %.20q`, head[lengthBytes:])
	}
	return head, nil
}

// checkVersion makes sure that the file is one of kindred, in the version
// that can be read.
func (r *tensorReader) checkVersion(version string) error {
	found, ok := r.metadata[versionKey]
	if !ok {
		var names sample
		for _, t := range r.tensors {
			names.add(t.name)
		}
		return &headerError{lengthBytes, fmt.Sprintf("a safetensors file, but not one of kindred: there is no %q in its %s; its tensors are: %s", versionKey, metadataKey, &names)}
	}
	if found != version {
		return &headerError{lengthBytes, fmt.Sprintf("the file has version %.20q of kindred's format, and only %q can be read: use the kindred that wrote it, or a newer one than this", found, version)}
	}
	return nil
}

// hashHead adds the header to the hash, with the hash in it blanked out.
func (r *tensorReader) hashHead(head []byte) error {
	want := r.metadata[hashKey]
	if len(want) != len(noHash) || strings.Trim(want, "0123456789abcdef") != "" {
		return &headerError{lengthBytes, fmt.Sprintf("expected a hash of 32 hexadecimal digits as %q in its %s, found %.40q", hashKey, metadataKey, want)}
	}
	at := findHash(head, want)
	if at < 0 {
		return &headerError{lengthBytes, fmt.Sprintf("%q is not what it says, or there is something else that looks the same", hashKey)}
	}
	copy(head[at:], noHash)
	r.hash.Write(head)
	return nil
}

// checkSize makes sure that the file has just the data that its header
// promises. Where its size is not known all data is read to that end.
func (r *tensorReader) checkSize(data int64) error {
	if data > math.MaxInt64-r.start-1 {
		return r.fault(lengthBytes, "the tensors have %d bytes, which no file can have", data)
	}
	end := r.start + data
	if r.in.size < 0 {
		all, err := io.ReadAll(io.LimitReader(r.in.r, data+1))
		if err != nil {
			return r.cut(err, r.start+int64(len(all)), "")
		}
		r.in.r, r.in.size = bufio.NewReader(bytes.NewReader(all)), r.start+int64(len(all))
	}
	switch {
	case r.in.size < end:
		return r.cut(io.EOF, r.in.size, fmt.Sprintf("here, but its header promises %d bytes", end))
	case r.in.size > end:
		return r.fault(end, "the file goes on after the %d bytes that its header promises", end)
	}
	return nil
}

// find returns the tensor with the given name, nil where there is none.
func (r *tensorReader) find(name string) *tensor {
	for _, t := range r.tensors {
		if t.name == name {
			return t
		}
	}
	return nil
}

// readAll calls read for each tensor in the order of their data, which it
// must read with r.fill, and checks the hash at the end. What was read means
// nothing where there is an error.
func (r *tensorReader) readAll(read func(t *tensor) error) error {
	for _, t := range r.tensors {
		if err := read(t); err != nil {
			return err
		}
	}
	if got, want := hexHash(r.hash), r.metadata[hashKey]; got != want {
		return r.fault(0, "the file is damaged: its hash is %s, and was %s when it was written", got, want)
	}
	return nil
}

// fill reads the next len(dst) bytes of data.
func (r *tensorReader) fill(dst []byte) error {
	n, err := io.ReadFull(r.in.r, dst)
	r.offset += int64(n)
	if err != nil {
		return r.cut(err, r.offset, "in its data")
	}
	r.hash.Write(dst)
	return nil
}

// skip reads the data of a tensor that nobody wants.
func (r *tensorReader) skip(t *tensor) error {
	buffer := make([]byte, min(chunkBytes, t.end-t.begin))
	for rest := t.end - t.begin; rest > 0; rest -= int64(len(buffer)) {
		buffer = buffer[:min(int64(len(buffer)), rest)]
		if err := r.fill(buffer); err != nil {
			return err
		}
	}
	return nil
}

// cut reports that reading failed, or that the file ends too early.
func (r *tensorReader) cut(err error, offset int64, where string) error {
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		return fmt.Errorf("%s: %w", r.in.name, err)
	}
	return r.fault(offset, "the file ends %s: it is cut off", where)
}

func (r *tensorReader) fault(offset int64, format string, args ...any) error {
	return &SyntaxError{Name: r.in.name, Offset: offset, Reason: fmt.Sprintf(format, args...)}
}
