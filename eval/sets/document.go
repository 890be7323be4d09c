package sets

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"kindred/internal/charset"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
)

// maxFileSize is the size in bytes of the largest evaluation set that is read. A larger file is
// probably a corpus given by mistake.
const maxFileSize = 64 << 20

// maxLines is the number of lines of the largest evaluation set, for the same reason.
const maxLines = 1 << 20

// A SyntaxError says what is wrong with a line of an evaluation set.
type SyntaxError struct {
	// File is the name of the file and Line the line, counted from 1; 0 means the whole file.
	File string
	Line int
	// Message says what was expected, what was found and what to do.
	Message string
	// unclear tells that the file may be a set, but that it is unclear what its columns are.
	unclear bool
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
}

// A line is a line of text that is not blank, without its line end.
type line struct {
	number int // in the file, from 1
	text   string
	gap    bool // whether an empty line comes before it, and text before that
}

// A document is the text of an evaluation set.
type document struct {
	source Source
	lines  []line
}

// fail returns a SyntaxError at a line of the document, 0 for the whole document.
func (d *document) fail(number int, format string, args ...any) error {
	return &SyntaxError{File: d.source.File, Line: number, Message: fmt.Sprintf(format, args...)}
}

// failUnclear returns a SyntaxError for a document whose columns are unclear.
func (d *document) failUnclear(number int, message string) error {
	return &SyntaxError{File: d.source.File, Line: number, Message: message, unclear: true}
}

// Options say how sets are read. Package functions with the names of its methods read with the zero
// value.
type Options struct {
	// Encoding is the encoding of files that are not UTF-8, by a name that source.Source.Decode takes; ""
	// refuses such files.
	Encoding string
}

// readOptions say how the files of sets are read.
var readOptions = textfile.Options{Want: filetype.Set, MaxBytes: maxFileSize}

// open reads the document in the file at path.
func (o Options) open(path string) (*document, error) {
	c, err := charset.Find(o.Encoding)
	if err != nil {
		return nil, err
	}
	decoded := readOptions
	decoded.Decode = c.Decoder()
	lines, err := textfile.Open(path, decoded)
	return newDocument(path, lines, err)
}

// readDocument reads a document from r.
func readDocument(name string, r io.Reader) (*document, error) {
	lines, err := textfile.New(name, r, readOptions)
	return newDocument(name, lines, err)
}

// newDocument returns the document of lines, or the error of opening them. It leaves out empty lines and
// comments, which start with # or // as in word2vec's questions-words.txt.
func newDocument(name string, lines *textfile.Scanner, err error) (*document, error) {
	d := &document{source: newSource(name)}
	if err != nil {
		return nil, d.readError(err)
	}
	defer lines.Close()
	gap := false
	for lines.Scan() {
		text := string(lines.Bytes())
		if control := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }); control >= 0 {
			r, _ := utf8.DecodeRuneInString(text[control:])
			return nil, d.fail(lines.Line(), "control character %U at byte %d of the line, expected text", r, control)
		}
		content := strings.TrimSpace(text)
		switch {
		case content == "":
			gap = len(d.lines) > 0
		case strings.HasPrefix(content, "#"), strings.HasPrefix(content, "//"):
		default:
			if len(d.lines) == maxLines {
				return nil, d.fail(0, "more than %d lines, too large for an evaluation set; is it a corpus?", maxLines)
			}
			d.lines = append(d.lines, line{lines.Line(), text, gap})
			gap = false
		}
	}
	if err := lines.Err(); err != nil {
		return nil, d.readError(err)
	}
	return d, nil
}

// readError returns a SyntaxError if the file is no text, or an error of reading it.
func (d *document) readError(err error) error {
	var fault *textfile.Error
	var other *filetype.Error
	var packed *filetype.PackedError
	switch {
	case errors.As(err, &fault):
		return d.fail(fault.Line, "%s", fault.Message)
	case errors.As(err, &other):
		return d.fail(0, "this is %s", other.Message())
	case errors.As(err, &packed):
		return d.fail(0, "compressed by %s; a program that reads such files imports kindred/model/format/compressed", packed.Format)
	}
	return fmt.Errorf("evaluation set: %w", err)
}

// sampleLines is the number of lines that determine the layout of a document.
const sampleLines = 200

// separators are the possible field separators, in order of preference. The space stands for any run of
// white space.
var separators = []rune{'\t', ';', ',', ' ', ':'}

// separatorNames are the names of the separators in messages.
var separatorNames = map[rune]string{'\t': "tabs", ';': "semicolons", ',': "commas", ' ': "white space", ':': "colons"}

// A row is a line split into fields.
type row struct {
	number int
	fields []string
}

// splitFields splits text at each separator. Fields may be quoted as in CSV files (RFC 4180) unless
// white space separates them. Between tabs, quotes are part of a field unless they enclose all of it, as
// in the sentences of SCWS.
func splitFields(text string, separator rune) ([]string, error) {
	var fields []string
	switch separator {
	case ' ':
		return strings.Fields(text), nil
	case '\t':
		fields = strings.Split(text, "\t")
		for i, f := range fields {
			fields[i] = unquote(strings.TrimSpace(f))
		}
	default:
		reader := csv.NewReader(strings.NewReader(text))
		reader.Comma, reader.TrimLeadingSpace = separator, true
		var err error
		if fields, err = reader.Read(); err != nil {
			return nil, err
		}
	}
	for i, f := range fields {
		fields[i] = strings.TrimSpace(f)
	}
	return fields, nil
}

// unquote removes the quotes that enclose a field of a table.
func unquote(field string) string {
	inner, opened := strings.CutPrefix(field, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	if !opened || !closed || strings.Contains(strings.ReplaceAll(inner, `""`, ""), `"`) {
		return field
	}
	return strings.ReplaceAll(inner, `""`, `"`)
}

// separator returns the separator that splits most lines of the document's beginning into at least
// width fields. Colons separate fields only if nothing else does, since words may contain them.
func (d *document) separator(width int) rune {
	best, most := ' ', -1
	for _, s := range separators {
		n := 0
		for _, l := range d.beginning() {
			if fields, err := splitFields(l.text, s); err == nil && len(fields) >= width {
				n++
			}
		}
		if n > most && (s != ':' || most == 0 && n == len(d.beginning())) {
			best, most = s, n
		}
	}
	return best
}

// rows returns the lines of the document split into fields.
func (d *document) rows(separator rune) ([]row, error) {
	rows := make([]row, len(d.lines))
	for i, l := range d.lines {
		fields, err := splitFields(l.text, separator)
		if err != nil {
			return nil, d.fail(l.number, "fields separated by %s: %v", separatorNames[separator], cmp.Or(errors.Unwrap(err), err))
		}
		rows[i] = row{l.number, fields}
	}
	return rows, nil
}

// beginning returns the lines that determine the layout.
func (d *document) beginning() []line { return d.lines[:min(len(d.lines), sampleLines)] }
