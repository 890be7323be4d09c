package source

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/zeebo/xxh3"

	"kindred/internal/charset"
	"kindred/internal/compress"
	"kindred/internal/filetype"
)

// readBuffer is the size of reads from disk, in bytes.
const readBuffer = 256 << 10

// A textReader reads the decompressed text of one input. Its errors other than io.EOF name the
// input and the position.
type textReader struct {
	name   string
	format string // of compression, or ""
	text   io.Reader
	packed io.Closer
	disk   *countingReader // below all buffers
	start  int64           // position in the file of the first byte read
	offset int64           // position in the decompressed text
	check  func() error    // tells whether the file changed
	file   io.Closer       // nil for a reader
}

// openText opens an input for reading from its start.
func (in *input) openText() (*textReader, error) {
	t := &textReader{name: in.name, check: func() error { return nil }}
	file := &filetype.File{Name: in.name, Want: filetype.Text}
	if in.info == nil {
		if in.spent {
			return nil, fmt.Errorf("%s has been read already, and can't be read twice", in.name)
		}
		in.spent = true
		t.disk = &countingReader{r: in.reader}
	} else {
		f, err := os.Open(in.name)
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", in.name, err)
		}
		t.file = f
		t.disk = &countingReader{r: f}
		if in.regular() {
			file.At, file.Size = f, in.info.Size()
			if in.sum != nil {
				t.disk.hash = xxh3.New()
			}
			t.check = func() error { return in.unchanged(f, t.disk) }
		}
		if in.part != nil {
			t.disk.r, t.start, t.offset = io.NewSectionReader(f, in.part.from, in.bytes()), in.part.from, in.part.from
			t.text = t.disk
			return t, nil
		}
	}
	if err := t.decompress(file, in.charset); err != nil {
		t.close()
		return nil, err
	}
	if in.framed {
		t.text = &frameReader{name: in.name, text: t.text}
	}
	return t, nil
}

// decompress looks at the first bytes and sets t.text accordingly.
func (t *textReader) decompress(file *filetype.File, c *charset.Charset) error {
	file.R = bufio.NewReaderSize(t.disk, readBuffer)
	head, err := file.R.Peek(filetype.CompressionBytes)
	if err != nil && err != io.EOF {
		return t.fail(err)
	}
	t.format = filetype.Compression(head)
	content, err := file.Open()
	if wrong := (*filetype.Error)(nil); errors.As(err, &wrong) {
		return err
	} else if err != nil {
		return t.fail(err)
	}
	t.packed, t.text = content, content
	if c == nil {
		head, err = content.Peek(filetype.HeadBytes) // an error comes again when the text before it has been read
		return filetype.CheckText(t.name, head, err == io.EOF, filetype.Text)
	}
	t.text = c.Reader(content)
	return nil
}

// Read reads decompressed text.
func (t *textReader) Read(b []byte) (int, error) {
	n, err := t.text.Read(b)
	t.offset += int64(n)
	if err != nil && err != io.EOF && !errors.As(err, new(*FrameError)) {
		err = t.fail(err)
	}
	return n, err
}

func (t *textReader) close() {
	if t.packed != nil {
		t.packed.Close()
	}
	if t.file != nil {
		t.file.Close()
	}
}

// fail says what went wrong, and where. If the file changed, that explains a broken stream better
// than the decompressor's error.
func (t *textReader) fail(err error) error {
	var changed *ChangedError
	if t.format != "" && errors.As(t.check(), &changed) {
		return changed
	}
	switch trailing := (*compress.TrailingError)(nil); {
	case t.disk.err != nil:
		return fmt.Errorf("%s: reading failed at byte %d: %w", t.name, t.start+t.disk.n, err)
	case errors.As(err, &trailing):
		return fmt.Errorf("%s: after %d bytes of text: %w", t.name, t.offset, err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: the %s stream is cut off at byte %d, or byte %d of the decompressed text: %w; is the file complete?", t.name, t.format, t.disk.n, t.offset, err)
	}
	return fmt.Errorf("%s: broken %s stream before byte %d, at byte %d of the decompressed text: %w; copy or download the file again", t.name, t.format, t.disk.n, t.offset, err)
}

// A countingReader counts the bytes read, hashes them if it has a hash, and remembers an error
// other than io.EOF.
type countingReader struct {
	r    io.Reader
	n    int64
	hash *xxh3.Hasher
	err  error
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	if c.hash != nil {
		_, _ = c.hash.Write(b[:n]) // takes all bytes
	}
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// A ChangedError reports that a file is not, at the end of reading, what it was when [Open] looked
// at it. What was read may be a text that the file never held.
type ChangedError struct {
	// Name is the name of the file.
	Name string
	// What says what changed, with the values before and after.
	What string
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s changed while it was read: %s; nothing was trained; run again when the file no longer changes", e.Name, e.What)
}

// unchanged returns a ChangedError if a file that has been read to its end changed since Open
// looked at it or, if its content was hashed, since then.
func (in *input) unchanged(f *os.File, read *countingReader) error {
	after, err := f.Stat()
	if err != nil {
		return err
	}
	if err := in.sameFile(after, read.n); err != nil {
		return err
	}
	if in.sum != nil && read.hash.Sum64() != *in.sum {
		return &ChangedError{Name: in.name, What: "its content changed, but not its size and time"}
	}
	return nil
}

// sameFile returns a ChangedError if a file that was read to its end, after so many bytes, is no
// longer what Open looked at.
func (in *input) sameFile(after fs.FileInfo, read int64) error {
	before, what := in.info, ""
	switch size := before.Size(); {
	case !os.SameFile(before, after):
		what = "another file has taken its name"
	case after.Size() != size:
		what = fmt.Sprintf("its size was %d bytes and is %d", size, after.Size())
	case !after.ModTime().Equal(before.ModTime()):
		what = fmt.Sprintf("it was modified %v and again %v", before.ModTime(), after.ModTime())
	case size > 0 && read != in.bytes():
		// Files that the kernel makes up (in /proc) have the size 0.
		what = fmt.Sprintf("%d bytes of it were to be read, but %d were", in.bytes(), read)
	default:
		return nil
	}
	return &ChangedError{Name: in.name, What: what}
}

// Hash writes the length and a hash of each file on disk (or part of one that belongs to a share), and the encoding, to w. It returns false,
// and writes nothing, if an input can be read only once. Chunks that are read later must come from the
// same content, or their reading fails with a [ChangedError].
func (s *Source) Hash(w io.Writer) (bool, error) {
	for i := range s.inputs {
		if !s.inputs[i].regular() {
			return false, nil
		}
	}
	for i := range s.inputs {
		if err := s.inputs[i].hash(w); err != nil {
			return false, err
		}
	}
	if s.Encoding() != "" {
		if _, err := fmt.Fprintf(w, "\x00%s\x00", s.Encoding()); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (in *input) hash(w io.Writer) error {
	f, err := os.Open(in.name)
	if err != nil {
		return fmt.Errorf("input %q: %w", in.name, err)
	}
	defer f.Close()
	h := xxh3.New()
	text := io.Reader(f)
	if in.part != nil {
		text = io.NewSectionReader(f, in.part.from, in.bytes())
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{h}, struct{ io.Reader }{text}, make([]byte, readBuffer))
	if err != nil {
		return fmt.Errorf("input %q: reading failed at byte %d: %w", in.name, n, err)
	}
	sum := h.Sum64()
	in.sum = &sum
	if _, err := fmt.Fprintf(w, "\x00%d\x00%x\x00", n, h.Sum128()); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("input %q: %w", in.name, err)
	}
	return in.sameFile(info, n)
}
