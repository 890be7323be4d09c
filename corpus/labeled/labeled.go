// Package labeled reads lines with labels: fastText's, columns of a table, and JSON lines.
package labeled

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"kindred/internal/filetype"
	"kindred/internal/textfile"
)

// Prefix is what marks a label in fastText's form of a line.
const Prefix = "__label__"

// A Line is a text and its labels.
type Line struct {
	// Labels are the labels, without prefix, each once. There may be none.
	Labels []string
	Text   string
	// Number is the number of the line in its file, from 1.
	Number int
}

// A Form is how labels and text share a line.
type Form string

const (
	// FastText marks labels by [Prefix]: "__label__spam win a prize". They may stand anywhere in the line.
	FastText Form = "fasttext"
	// TSV has a column of labels, with commas between several, and one of text, with a tab between them.
	TSV Form = "tsv"
	// CSV is the same with commas and double quotes (RFC 4180); several labels have a space or a semicolon between them.
	CSV Form = "csv"
	// JSONL has a JSON object on each line, with "text" and "label" or "labels".
	JSONL Form = "jsonl"
	// Plain has no labels.
	Plain Form = "text"
)

// Forms returns the names of all forms.
func Forms() []string {
	return []string{string(FastText), string(TSV), string(CSV), string(JSONL), string(Plain)}
}

// detect returns the form of a file by its first line.
func detect(first []byte, name string) (Form, bool) {
	text := bytes.TrimSpace(first)
	switch {
	case bytes.HasPrefix(text, []byte("{")) && json.Valid(text):
		return JSONL, true
	case hasLabel(text):
		return FastText, true
	case bytes.IndexByte(first, '\t') >= 0:
		return TSV, true
	case strings.HasSuffix(strings.TrimSuffix(name, ".gz"), ".csv") && bytes.IndexByte(first, ',') >= 0:
		return CSV, true
	}
	return Plain, false
}

// hasLabel tells whether a word of the line is a label.
func hasLabel(line []byte) bool {
	return slices.ContainsFunc(bytes.Fields(line), func(w []byte) bool { return bytes.HasPrefix(w, []byte(Prefix)) })
}

// Options say how a file is read.
type Options struct {
	// Form is the form of the lines; "" finds it out by the first line with text.
	Form Form
	// Column is the number of the column with the labels in TSV and CSV, from 1; 0 means 1. The text is the rest of the
	// columns, with a space between them.
	Column int
	// Unlabeled accepts lines without labels; otherwise they are errors.
	Unlabeled bool
}

// A Reader reads the lines of a file. Empty lines are left out and counted.
type Reader struct {
	o     Options
	name  string
	lines *textfile.Scanner
	empty int
}

// Open opens the file at path.
func Open(path string, o Options) (*Reader, error) {
	lines, err := textfile.Open(path, textfile.Options{Want: filetype.Text, AnyBytes: true})
	if err != nil {
		return nil, err
	}
	return &Reader{o: o, name: path, lines: lines}, nil
}

// New reads lines from r, which name stands for in errors.
func New(name string, r io.Reader, o Options) (*Reader, error) {
	lines, err := textfile.New(name, r, textfile.Options{Want: filetype.Text, AnyBytes: true, Interactive: true})
	if err != nil {
		return nil, err
	}
	return &Reader{o: o, name: name, lines: lines}, nil
}

// Form returns the form of the lines, "" before the first line is read if it has to be found out.
func (r *Reader) Form() Form { return r.o.Form }

// Empty returns how many lines without any text were left out.
func (r *Reader) Empty() int { return r.empty }

// Close closes the file.
func (r *Reader) Close() error { return r.lines.Close() }

// Next returns the next line. At the end the error is io.EOF; others name the file and the line.
func (r *Reader) Next() (Line, error) {
	for r.lines.Scan() {
		line := r.lines.Bytes()
		if len(bytes.TrimSpace(line)) == 0 {
			r.empty++
			continue
		}
		if r.o.Form == "" {
			form, found := detect(line, r.name)
			if !found && !r.o.Unlabeled {
				return Line{}, r.lines.Fail("found no label in %.60q; want %sNAME before the text, a column of labels and a tab, or a JSON object with \"label\" and \"text\"", line, Prefix)
			}
			r.o.Form = form
		}
		l, err := r.parse(line)
		if err != nil {
			return Line{}, err
		}
		l.Number = r.lines.Line()
		if len(l.Labels) == 0 && !r.o.Unlabeled {
			return Line{}, r.lines.Fail("the line has no label: %.60q; each line needs one or more, or remove it", line)
		}
		if strings.TrimSpace(l.Text) == "" && len(l.Labels) == 0 {
			r.empty++
			continue
		}
		return l, nil
	}
	if err := r.lines.Err(); err != nil {
		return Line{}, err
	}
	return Line{}, io.EOF
}

// All returns all lines of several files, read in the same way. The count is that of empty lines.
func All(paths []string, o Options) (all []Line, empty int, err error) {
	for _, path := range paths {
		r, err := Open(path, o)
		if err != nil {
			return nil, 0, err
		}
		for {
			l, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				r.Close()
				return nil, 0, err
			}
			all = append(all, l)
		}
		empty += r.empty
		if err := r.Close(); err != nil {
			return nil, 0, err
		}
	}
	return all, empty, nil
}

// parse returns the labels and the text of a line.
func (r *Reader) parse(line []byte) (Line, error) {
	switch r.o.Form {
	case FastText:
		return parseFastText(line), nil
	case JSONL:
		return r.parseJSON(line)
	case TSV:
		return r.columns(strings.Split(string(line), "\t"), ",")
	case CSV:
		c := csv.NewReader(bytes.NewReader(line))
		c.FieldsPerRecord, c.LazyQuotes = -1, true
		cells, err := c.Read()
		if err != nil {
			return Line{}, r.lines.Fail("%v", err)
		}
		return r.columns(cells, " ;")
	}
	return Line{Text: string(line)}, nil
}

// parseFastText takes the labels out of a line.
func parseFastText(line []byte) Line {
	var l Line
	if !hasLabel(line) {
		l.Text = string(line)
		return l
	}
	var text []string
	for _, w := range strings.Fields(string(line)) {
		if name, label := strings.CutPrefix(w, Prefix); label && name != "" {
			l.addLabel(name)
		} else {
			text = append(text, w)
		}
	}
	l.Text = strings.Join(text, " ")
	return l
}

// addLabel adds a label, unless it is there.
func (l *Line) addLabel(name string) {
	if !slices.Contains(l.Labels, name) {
		l.Labels = append(l.Labels, name)
	}
}

func (r *Reader) parseJSON(line []byte) (Line, error) {
	var object struct {
		Label  any     `json:"label"`
		Labels any     `json:"labels"`
		Text   *string `json:"text"`
	}
	if err := json.Unmarshal(line, &object); err != nil {
		return Line{}, r.lines.Fail("want a JSON object with \"text\", and \"label\" or \"labels\", found %.60q: %v", line, err)
	}
	if object.Text == nil {
		return Line{}, r.lines.Fail("the JSON object has no \"text\": %.60q", line)
	}
	l := Line{Text: *object.Text}
	for _, value := range []any{object.Label, object.Labels} {
		list, several := value.([]any)
		if !several && value != nil {
			list = []any{value}
		}
		for _, v := range list {
			switch v := v.(type) {
			case string:
				if v == "" {
					return Line{}, r.lines.Fail("a label is empty")
				}
				l.addLabel(v)
			case float64, bool:
				l.addLabel(fmt.Sprint(v))
			default:
				return Line{}, r.lines.Fail("want a text or a list of texts as label, found %v", v)
			}
		}
	}
	return l, nil
}

// columns makes a line of the cells of a table. The separators of labels are single characters.
func (r *Reader) columns(cells []string, separators string) (Line, error) {
	n := max(r.o.Column, 1)
	if len(cells) < n || len(cells) == 1 && !r.o.Unlabeled {
		return Line{}, r.lines.Fail("the line has %d column(s); want labels in column %d, and text in another", len(cells), n)
	}
	var l Line
	if len(cells) == 1 {
		l.Text = cells[0]
		return l, nil
	}
	for _, name := range strings.FieldsFunc(cells[n-1], func(c rune) bool { return strings.ContainsRune(separators, c) }) {
		if name = strings.TrimSpace(name); name != "" {
			l.addLabel(strings.TrimPrefix(name, Prefix))
		}
	}
	l.Text = strings.Join(append(slices.Clone(cells[:n-1]), cells[n:]...), " ")
	return l, nil
}
