package filetype

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// A File is a file that may be compressed.
type File struct {
	// Name is the name of the file in errors, Want what it should hold (see [Text]).
	Name, Want string
	// R is at the start of the file.
	R *bufio.Reader
	// At reads the same file at any place, and Size is its size in bytes. At is nil for a stream. Only
	// zip needs it, as its directory stands at the end.
	At   io.ReaderAt
	Size int64
	// Interactive is set if the other side may wait for an answer to its first line. Then Open waits for
	// no more bytes than it takes to tell what they are.
	Interactive bool
}

// Unpacker opens the compressed content of a file. format is one that [Compression] returns. Several
// streams of a format, one after the other, are read as one.
type Unpacker func(f *File, format string) (io.ReadCloser, error)

var unpack Unpacker

// Register sets the unpacker and returns the one before it. Package compress calls it when a program
// links it, and so decides whether files are decompressed; this package links no decompressor.
func Register(u Unpacker) (before Unpacker) {
	before, unpack = unpack, u
	return before
}

// A PackedError reports a compressed file in a program that links no decompressor.
type PackedError struct{ Name, Format string }

func (e *PackedError) Error() string {
	return fmt.Sprintf("%s: the file is compressed by %s; a program that reads such files imports kindred/model/format/compressed", e.Name, e.Format)
}

// Open returns the content of the file, decompressed if it is compressed, and the name of the
// compression, "" if there is none. Closing what it returns leaves the file open. If the file, or
// what it decompresses to, is not what it should be, the error is an *[Error].
func (f *File) Open() (content *Content, err error) {
	head, err := f.peek(f.R)
	if err != nil {
		return nil, err
	}
	format := Compression(head)
	if format == "" {
		return &Content{Reader: f.R, Closer: io.NopCloser(nil)}, Check(f.Name, head, f.Want)
	}
	if unpack == nil {
		return nil, &PackedError{f.Name, format}
	}
	unpacked, err := unpack(f, format)
	if err != nil {
		return nil, err
	}
	c := &Content{Reader: bufio.NewReaderSize(&stickyReader{r: unpacked}, f.R.Size()), Closer: unpacked, Format: format}
	if head, err = f.peek(c.Reader); err == nil {
		err = c.check(f, head)
	}
	if err != nil {
		unpacked.Close()
	}
	return c, err
}

// Content is the content of a file.
type Content struct {
	*bufio.Reader
	io.Closer
	// Format is the compression of the file, "" if it is not compressed.
	Format string
}

// check returns an error if what was compressed is not what it should be. The help of an [Error]
// tells how to unpack the thing itself, so a tar archive gets a command for both steps.
func (c *Content) check(f *File, head []byte) error {
	if inner := Compression(head); inner != "" {
		return &Error{f.Name, &Type{Name: "compressed twice, by " + inner + " and by " + c.Format,
			help: "unpack it once"}, f.Want}
	}
	err := Check(f.Name, head, f.Want)
	if wrong := (*Error)(nil); errors.As(err, &wrong) {
		t := *wrong.Type
		t.Name += " compressed by " + c.Format
		if wrong.Type != tarType {
			t.help, t.helpVectors = "unpack it; "+t.help, ""
		}
		return &Error{f.Name, &t, f.Want}
	}
	return err
}

// peek returns the start of what r yields.
func (f *File) peek(r *bufio.Reader) ([]byte, error) {
	want := min(HeadBytes, r.Size())
	if f.Interactive {
		want = 1
	}
	head, err := r.Peek(want)
	for err == nil && f.Interactive {
		if head, _ = r.Peek(r.Buffered()); len(head) == HeadBytes || !MaySignify(head) {
			break
		}
		head, err = r.Peek(len(head) + 1)
	}
	if err != nil && err != io.EOF && len(head) == 0 {
		return nil, err // behind some bytes it comes again when they have been read
	}
	head, _ = r.Peek(min(r.Buffered(), HeadBytes))
	return head, nil
}

// A stickyReader repeats its first error.
type stickyReader struct {
	r   io.Reader
	err error
}

func (s *stickyReader) Read(b []byte) (n int, err error) {
	if s.err != nil {
		return 0, s.err
	}
	n, s.err = s.r.Read(b)
	return n, s.err
}

// OpenRegular opens a file that only the program itself writes. A FIFO or a device of its name, which
// would make the program wait, is an error.
func OpenRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New("it is not a regular file")}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ReadRegular reads such a file, which is an error if it is larger than limit bytes.
func ReadRegular(path string, limit int64) ([]byte, error) {
	f, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: more than %d MiB, which is too large", path, limit>>20)
	}
	return data, err
}
