package corpus

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/zeebo/xxh3"
)

// readBuffer is the size of reads from disk, in bytes.
const readBuffer = 256 << 10

// A textReader reads the decompressed text of one input. Its errors other
// than io.EOF name the input and the place.
type textReader struct {
	name   string
	format string // of compression, "" for none
	text   io.Reader
	disk   *byteCounter // below all buffers
	offset int64        // decompressed bytes read
	check  func() error // tells whether the file changed
	close  func()
}

// openText opens an input for reading from its start.
func (in *input) openText() (*textReader, error) {
	t := &textReader{name: in.name, check: func() error { return nil }, close: func() {}}
	if in.info == nil {
		if in.spent {
			return nil, fmt.Errorf("%s has been read already, and can't be read twice", in.name)
		}
		in.spent = true
		t.disk = &byteCounter{r: in.reader}
	} else {
		f, err := os.Open(in.name)
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", in.name, err)
		}
		t.disk = &byteCounter{r: f}
		t.close = func() { f.Close() }
		if in.regular() {
			if in.sum != nil {
				t.disk.hash = xxh3.New()
			}
			t.check = func() error {
				after, err := f.Stat()
				if err != nil {
					return err
				}
				if err := compareFiles(in.name, in.info, after, t.disk.n); err != nil || in.sum == nil || t.disk.hash.Sum64() == *in.sum {
					return err
				}
				return &ChangedError{Name: in.name, What: "its content is another, at the same size and time"}
			}
		}
	}
	if err := t.decompress(); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// decompress looks at the first bytes and sets t.text accordingly.
func (t *textReader) decompress() error {
	raw := bufio.NewReaderSize(t.disk, readBuffer)
	head, err := raw.Peek(signatureBytes)
	if err != nil && err != io.EOF {
		return t.fail(err)
	}
	t.format = compression(head)
	t.text = raw
	err = nil
	switch t.format {
	case "gzip":
		t.text, err = gzip.NewReader(raw)
	case "bzip2":
		t.text = bzip2.NewReader(raw)
	case "xz":
		t.text, err = xz.NewReader(&xzInput{r: raw})
	case "zstd":
		// Concurrency 1 decodes in the calling goroutine, which leaves the
		// other cores to the tokenizers.
		var d *zstd.Decoder
		d, err = zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err == nil {
			t.text = d
			closeFile := t.close
			t.close = func() { d.Close(); closeFile() }
		}
	}
	if err != nil {
		return t.fail(err)
	}
	return nil
}

// Read reads decompressed text.
func (t *textReader) Read(b []byte) (int, error) {
	n, err := t.text.Read(b)
	t.offset += int64(n)
	if err != nil && err != io.EOF {
		err = t.fail(err)
	}
	return n, err
}

// fail says what went wrong, and where. A file that changed explains a broken
// stream better than the stream does.
func (t *textReader) fail(err error) error {
	var changed *ChangedError
	if t.format != "" && errors.As(t.check(), &changed) {
		return changed
	}
	switch {
	case t.disk.err != nil:
		return fmt.Errorf("%s: reading failed at byte %d: %w", t.name, t.disk.n, err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: the %s stream is cut off at byte %d, or byte %d of the decompressed text: %w; is the file complete?", t.name, t.format, t.disk.n, t.offset, err)
	}
	return fmt.Errorf("%s: broken %s stream before byte %d, at byte %d of the decompressed text: %w; copy or download the file again", t.name, t.format, t.disk.n, t.offset, err)
}

// An xzInput keeps the xz reader from taking a stream that is cut off before
// or within a block header for one that ends there: the end of the input is an
// end only after the last two bytes of a stream's footer, "YZ", and zeros that
// may follow it as padding.
type xzInput struct {
	r    *bufio.Reader
	last [2]byte // the last bytes but for zeros
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

// A byteCounter counts the bytes read, hashes them where it has a hash, and
// remembers an error other than io.EOF.
type byteCounter struct {
	r    io.Reader
	n    int64
	hash *xxh3.Hasher
	err  error
}

func (c *byteCounter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	if c.hash != nil {
		_, _ = c.hash.Write(b[:n]) // which takes all bytes
	}
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// signatureBytes is the length of the longest signature.
const signatureBytes = 10

// compression returns the name of the compressed format that begins with
// head, "" where it is none of those known.
//
// Sources: RFC 1952 (gzip), RFC 8878 (zstd, of which a stream may begin with
// a skippable frame), the .xz file format 1.0.4, and for bzip2 the file
// header with the mark of a first block or, in an empty stream, of the end.
func compression(head []byte) string {
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
