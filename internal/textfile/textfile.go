// Package textfile reads the small text files that users hand over: lists of words, vocabularies,
// evaluation sets, plans, and words on standard input. For all of them:
//
//   - a byte-order mark at the start is left out;
//   - a compressed file is decompressed, if the program links a decompressor, and so is a zip archive
//     of one file;
//   - lines end in LF, CR LF or CR;
//   - text is UTF-8, or is decoded;
//   - lines and files have a largest size;
//   - what is not text is refused by its name;
//   - every error names the file, and the line if there is one.
package textfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"kindred/internal/filetype"
)

// MaxLine is the length in bytes of the longest line.
const MaxLine = 1 << 20

// MaxWords is the number of lines of the longest list of words: more than any vocabulary has.
const MaxWords = 20_000_000

// An Error reports a fault of a file.
type Error struct {
	// File is the name of the file and Line the line, counted from 1; 0 means the whole file.
	File string
	Line int
	// Message says what was expected, what was found and what to do.
	Message string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
}

// Options say how a file is read.
type Options struct {
	// Want is what the file should hold, one of the constants of package filetype.
	Want string
	// MaxBytes is the size of the largest file after decompression. 0 means no limit; then the reader
	// of the lines has to have one.
	MaxBytes int64
	// MaxLines is the number of lines of the largest file, 0 for no limit. A list of short words takes
	// many times its size in memory.
	MaxLines int
	// Decode returns the text of a whole file in UTF-8. nil accepts UTF-8 only. It needs MaxBytes.
	Decode func(text []byte) ([]byte, error)
	// AnyBytes accepts lines that are not UTF-8 or hold NUL bytes.
	AnyBytes bool
	// Interactive is set if the other side may wait for an answer to each line.
	Interactive bool
}

// A Scanner reads the lines of a file. Call Scan until it returns false, then Err.
type Scanner struct {
	name    string
	o       Options
	r       *bufio.Reader
	closers []io.Closer
	line    []byte
	number  int
	size    int64
	err     error
}

// Open opens the file at path.
func Open(path string, o Options) (*Scanner, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	file := &filetype.File{Name: path}
	if info.Mode().IsRegular() {
		file.At, file.Size = f, info.Size()
	}
	s, err := newScanner(f, file, o)
	if err != nil {
		f.Close()
		return nil, err
	}
	s.closers = append(s.closers, f)
	return s, nil
}

// New reads lines from r, which name stands for in errors.
func New(name string, r io.Reader, o Options) (*Scanner, error) {
	return newScanner(r, &filetype.File{Name: name}, o)
}

func newScanner(r io.Reader, f *filetype.File, o Options) (*Scanner, error) {
	f.R, f.Want, f.Interactive = bufio.NewReaderSize(r, filetype.HeadBytes), o.Want, o.Interactive
	s := &Scanner{name: f.Name, o: o}
	content, err := f.Open()
	if err != nil {
		return nil, s.fault(err)
	}
	s.closers, s.r = append(s.closers, content), content.Reader
	if o.Decode != nil {
		if err = s.decode(); err != nil {
			return nil, err
		}
	}
	head, err := s.head()
	if err != nil {
		return nil, s.fault(err)
	}
	if !o.AnyBytes {
		if err := filetype.CheckText(s.name, head, len(head) < filetype.HeadBytes, o.Want); err != nil {
			return nil, s.fault(err)
		}
	}
	if bytes.HasPrefix(head, bom) {
		_, _ = s.r.Discard(len(bom)) // they are in the buffer
	}
	return s, nil
}

var bom = []byte("\uFEFF")

// head returns the start of the text.
func (s *Scanner) head() ([]byte, error) {
	n := s.r.Size()
	if s.o.Interactive {
		n = len(bom)
		if head, _ := s.r.Peek(1); len(head) == 0 || head[0] != bom[0] {
			n = 1
		}
	}
	head, err := s.r.Peek(n)
	if err == io.EOF {
		err = nil
	}
	return head, err
}

// decode replaces what is read by the decoded text.
func (s *Scanner) decode() error {
	text, err := s.readAll()
	if err != nil {
		return err
	}
	decoded, err := s.o.Decode(text)
	if err != nil {
		return &Error{s.name, 0, err.Error()}
	}
	s.r = bufio.NewReaderSize(bytes.NewReader(decoded), filetype.HeadBytes)
	s.size = 0
	return nil
}

// readAll reads the rest of the file.
func (s *Scanner) readAll() ([]byte, error) {
	if s.o.MaxBytes == 0 {
		text, err := io.ReadAll(s.r)
		return text, s.fault(err)
	}
	text, err := io.ReadAll(io.LimitReader(s.r, s.o.MaxBytes+1))
	if err == nil && int64(len(text)) > s.o.MaxBytes {
		return nil, s.tooLarge()
	}
	return text, s.fault(err)
}

func (s *Scanner) tooLarge() error {
	hint := ""
	if s.o.Want == filetype.Set {
		hint = "; is it a corpus?"
	}
	return &Error{s.name, 0, fmt.Sprintf("more than %d MiB, too large for %s%s", s.o.MaxBytes>>20, s.o.Want, hint)}
}

// fault makes an error name the file.
func (s *Scanner) fault(err error) error {
	var wrong *filetype.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: the compressed file is cut off: %w; is it complete?", s.name, err)
	}
	return fmt.Errorf("%s: %w", s.name, err)
}

// Scan reads the next line. It returns false at the end of the file and after an error.
func (s *Scanner) Scan() bool {
	if s.err != nil {
		return false
	}
	s.line = s.line[:0]
	if s.o.MaxLines > 0 && s.number == s.o.MaxLines {
		if _, err := s.r.Peek(1); err == nil {
			s.err = &Error{s.name, 0, fmt.Sprintf("more than %d lines, too many for %s", s.o.MaxLines, s.o.Want)}
			return false
		}
	}
	s.number++
	ended, err := s.readLine()
	switch {
	case err == io.EOF && len(s.line) == 0:
		s.number--
		s.err = io.EOF
		return false
	case err != nil && err != io.EOF:
		s.err = err
		return false
	case !ended:
		s.err = io.EOF // after this line
	}
	if !s.o.AnyBytes {
		if err := s.checkLine(); err != nil {
			s.err = err
			return false
		}
	}
	return true
}

// readLine appends the next line to s.line, and reports whether a line end followed it.
func (s *Scanner) readLine() (ended bool, err error) {
	for {
		if _, err := s.r.Peek(1); err != nil {
			if err != io.EOF {
				err = s.fault(err)
			}
			return false, err
		}
		data, _ := s.r.Peek(s.r.Buffered())
		end := len(data)
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			end, ended = i, true
		}
		if i := bytes.IndexByte(data[:end], '\r'); i >= 0 {
			end, ended = i, true
		}
		if len(s.line)+end > MaxLine {
			return false, s.Fail("the line is longer than %d bytes", MaxLine)
		}
		if s.size += int64(end) + 1; s.o.MaxBytes > 0 && s.size > s.o.MaxBytes {
			return false, s.tooLarge()
		}
		s.line = append(s.line, data[:end]...)
		if !ended {
			_, _ = s.r.Discard(end)
			continue
		}
		cr := data[end] == '\r'
		_, _ = s.r.Discard(end + 1)
		if cr {
			err = s.endCR()
		}
		return true, err
	}
}

// endCR discards the rest of a line end that begins with CR: the LF of CR LF, or the CR LF of CR CR
// LF, which programs make that convert a file to CR LF twice. It waits for no more bytes than it has
// to, as the other side may wait for an answer.
func (s *Scanner) endCR() error {
	next, err := s.r.Peek(1)
	if err == nil && next[0] == '\r' {
		next, err = s.r.Peek(2)
	}
	if err != nil && err != io.EOF {
		return s.fault(err)
	}
	switch string(next) {
	case "\n", "\r\n":
		_, _ = s.r.Discard(len(next))
	}
	return nil
}

// checkLine returns an error if the line is no text.
func (s *Scanner) checkLine() error {
	switch {
	case bytes.IndexByte(s.line, 0) >= 0:
		return s.Fail("NUL byte at byte %d of the line, expected text", bytes.IndexByte(s.line, 0))
	case !utf8.Valid(s.line):
		return s.Fail("not UTF-8 text; convert the file (iconv -f ENCODING -t UTF-8)")
	}
	return nil
}

// Bytes returns the line without its end. It is valid until the next call of Scan.
func (s *Scanner) Bytes() []byte { return s.line }

// Line returns the number of the line, from 1.
func (s *Scanner) Line() int { return s.number }

// Err returns the first error of reading.
func (s *Scanner) Err() error {
	if s.err == io.EOF {
		return nil
	}
	return s.err
}

// Fail returns an error at the line.
func (s *Scanner) Fail(format string, args ...any) error {
	return &Error{s.name, s.number, fmt.Sprintf(format, args...)}
}

// Close closes the file.
func (s *Scanner) Close() error {
	var err error
	for _, c := range s.closers {
		err = errors.Join(err, c.Close())
	}
	return err
}

// Read returns the whole text of the file at path, without a byte-order mark and with LF as the only
// line end. o.MaxBytes must be set.
func Read(path string, o Options) ([]byte, error) {
	s, err := Open(path, o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var text []byte
	for s.Scan() {
		text = append(append(text, s.line...), '\n')
	}
	return text, s.Err()
}
