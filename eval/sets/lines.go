package sets

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxFileSize is the largest evaluation set that is read, in bytes: a larger
// file is rather a corpus given by mistake.
const MaxFileSize = 64 << 20

// A SyntaxError says what is wrong with a line of an evaluation set.
type SyntaxError struct {
	// File is the name of the file and Line the line, counted from 1; 0 means
	// the file as a whole.
	File string
	Line int
	// Message says what was expected, what was found and what to do.
	Message string
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
}

// A line is a line of text that holds more than white space, without its end.
type line struct {
	number int // in the file, from 1
	text   string
	gap    bool // whether an empty line is before it, and text somewhere before that
}

// A document is the text of an evaluation set.
type document struct {
	source Source
	lines  []line
}

// fail returns the SyntaxError of a line of the document, 0 for all of it.
func (d *document) fail(number int, format string, args ...any) error {
	return &SyntaxError{File: d.source.File, Line: number, Message: fmt.Sprintf(format, args...)}
}

// openDocument reads the document in the file at path.
func openDocument(path string) (*document, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("evaluation set: %w", err)
	}
	defer file.Close()
	return readDocument(path, file)
}

// readDocument reads a document: UTF-8, with or without a byte-order mark,
// lines ended by LF or CRLF. Empty lines and comments, which start with # or
// // as in word2vec's questions-words.txt, are left out.
func readDocument(name string, r io.Reader) (*document, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("evaluation set %s: %w", name, err)
	}
	d := &document{source: newSource(name)}
	if len(data) > MaxFileSize {
		return nil, d.fail(0, "more than %d MiB, too large for an evaluation set; is it a corpus?", MaxFileSize>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	number, gap := 0, false
	for raw := range bytes.Lines(data) {
		number++
		if err := d.checkText(number, raw); err != nil {
			return nil, err
		}
		text := strings.TrimRight(string(raw), "\r\n")
		content := strings.TrimSpace(text)
		switch {
		case content == "":
			gap = len(d.lines) > 0
		case strings.HasPrefix(content, "#"), strings.HasPrefix(content, "//"):
		default:
			d.lines = append(d.lines, line{number, text, gap})
			gap = false
		}
	}
	return d, nil
}

// checkText returns an error where raw isn't text in UTF-8.
func (d *document) checkText(number int, raw []byte) error {
	if !utf8.Valid(raw) {
		return d.fail(number, "not UTF-8 text; convert the file, for instance by iconv -t utf-8")
	}
	control := bytes.IndexFunc(raw, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) })
	if control >= 0 {
		return d.fail(number, "control character %#x at byte %d of the line, expected text", raw[control], control)
	}
	return nil
}
