// Package compress decompresses gzip, bzip2, zstd and xz streams and zip archives of one file. A
// program that links it decompresses all files that are opened by package filetype.
package compress

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"kindred/internal/filetype"
)

func init() { filetype.Register(open) }

// A TrailingError reports that something follows the end of a compressed stream that is no other
// stream. What came before is complete.
type TrailingError struct{ Format string }

func (e *TrailingError) Error() string {
	return fmt.Sprintf("something that is not %s follows the end of the %[1]s stream: cut it off, or get the file again", e.Format)
}

// open returns a reader of what the file decompresses to. Several streams one after the other are
// read as one. Closing the reader frees its memory.
func open(f *filetype.File, format string) (io.ReadCloser, error) {
	switch format {
	case "gzip":
		return newGzipReader(f.R)
	case "bzip2":
		return io.NopCloser(&bzip2Reader{bzip2.NewReader(f.R)}), nil
	case "xz":
		d, err := xz.NewReader(&xzInput{r: f.R})
		return io.NopCloser(d), err
	case "zstd":
		// Concurrency 1 decodes in the calling goroutine and leaves the other cores to the caller.
		d, err := zstd.NewReader(f.R, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return &zstdReader{d, false}, nil
	case "zip":
		return openZip(f)
	}
	return nil, fmt.Errorf("unknown compression %q", format)
}

// A gzipReader reads gzip streams one after the other. NUL bytes after one, with which tapes and block
// devices are padded, are ignored, as gzip(1) does.
type gzipReader struct {
	*gzip.Reader
	r *bufio.Reader
}

func newGzipReader(r *bufio.Reader) (*gzipReader, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	return &gzipReader{z, r}, nil
}

func (g *gzipReader) Read(b []byte) (int, error) {
	for {
		n, err := g.Reader.Read(b)
		if err == io.EOF {
			err = g.next()
		}
		if n > 0 || err != nil || len(b) == 0 { // empty streams give nothing
			return n, err
		}
	}
}

// next begins the next stream. The error is io.EOF if there is none.
func (g *gzipReader) next() error {
	padded := false
	for {
		c, err := g.r.ReadByte()
		if err != nil {
			return err
		}
		if c != 0 {
			break
		}
		padded = true
	}
	if err := g.r.UnreadByte(); err != nil {
		return err
	}
	magic, err := g.r.Peek(3)
	if err != nil && err != io.EOF {
		return err
	}
	if padded || !bytes.HasPrefix([]byte("\x1f\x8b\x08"), magic) {
		return &TrailingError{"gzip"}
	}
	if err := g.Reset(g.r); err != nil {
		return unexpected(err)
	}
	g.Multistream(false)
	return nil
}

// unexpected returns io.ErrUnexpectedEOF for io.EOF, and other errors as they are.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// A bzip2Reader names what follows the end of a stream.
type bzip2Reader struct{ io.Reader }

func (b *bzip2Reader) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == bzip2.StructuralError("bad magic value in continuation file") {
		err = &TrailingError{"bzip2"}
	}
	return n, err
}

// A zstdReader names what follows the end of a frame.
type zstdReader struct {
	*zstd.Decoder
	began bool
}

func (z *zstdReader) Read(p []byte) (int, error) {
	n, err := z.Decoder.Read(p)
	z.began = z.began || n > 0
	if z.began && errors.Is(err, zstd.ErrMagicMismatch) {
		err = &TrailingError{"zstd"}
	}
	return n, err
}

func (z *zstdReader) Close() error {
	z.Decoder.Close()
	return nil
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

// IsGzip reports whether a file of this name is to be compressed by gzip: whether it ends in .gz.
func IsGzip(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".gz") }

// NewGzip returns a writer that compresses to w by gzip. The same content gives the same bytes: there is
// neither a name nor a time in them. Close writes the end, and leaves w open.
func NewGzip(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
