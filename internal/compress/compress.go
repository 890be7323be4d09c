// Package compress decompresses gzip, bzip2, zstd and xz streams. It recognizes them by their first
// bytes.
package compress

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// SignatureBytes is how many bytes [Format] needs, the length of the longest signature.
const SignatureBytes = 10

// Format returns the name of the compressed format that begins with head: "gzip", "bzip2", "zstd"
// or "xz", or "" for all other data.
//
// Sources: RFC 1952 (gzip), RFC 8878 (zstd; a stream may begin with a skippable frame), the .xz
// file format 1.0.4, and for bzip2 the file header with the mark of a first block, or of the end in
// an empty stream.
func Format(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b\x08")):
		return "gzip"
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")),
		len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte("\x2a\x4d\x18")):
		return "zstd"
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return "xz"
	case len(head) >= 10 && bytes.HasPrefix(head, []byte("BZh")) && '1' <= head[3] && head[3] <= '9' &&
		(bytes.Equal(head[4:10], []byte("\x31\x41\x59\x26\x53\x59")) || bytes.Equal(head[4:10], []byte("\x17\x72\x45\x38\x50\x90"))):
		return "bzip2"
	}
	return ""
}

// NewReader returns a reader of what the stream in r decompresses to, whose format is one that
// [Format] returns. Several streams one after the other are read as one. Closing the reader frees
// its memory; r stays open. For an unknown format it returns what r has.
func NewReader(r *bufio.Reader, format string) (io.ReadCloser, error) {
	switch format {
	case "gzip":
		return gzip.NewReader(r)
	case "bzip2":
		return io.NopCloser(bzip2.NewReader(r)), nil
	case "xz":
		d, err := xz.NewReader(&xzInput{r: r})
		return io.NopCloser(d), err
	case "zstd":
		// Concurrency 1 decodes in the calling goroutine and leaves the other cores to the caller.
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return io.NopCloser(r), nil
}

// An xzInput reports a stream that is cut off before or within a block header. Without it, the xz
// reader takes such a place for the end. The end of the input is an end only after the last two
// bytes of a stream's footer, "YZ", and the zeros that may follow as padding.
type xzInput struct {
	r    *bufio.Reader
	last [2]byte // the last bytes that are not zero
}

func (x *xzInput) Read(b []byte) (int, error) {
	n, err := x.r.Read(b)
	for _, c := range b[max(0, n-len(x.last)):n] {
		x.note(c)
	}
	return n, x.end(err)
}

func (x *xzInput) ReadByte() (byte, error) {
	c, err := x.r.ReadByte()
	x.note(c)
	return c, x.end(err)
}

func (x *xzInput) note(c byte) {
	if c != 0 {
		x.last = [2]byte{x.last[1], c}
	}
}

func (x *xzInput) end(err error) error {
	if err == io.EOF && x.last != [2]byte{'Y', 'Z'} {
		return io.ErrUnexpectedEOF
	}
	return err
}
