// Package labeled reads lines with labels: fastText's, columns of a table, and JSON lines.
package labeled

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
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
	// TSV has a column with the label and one of text, with a tab between them. A first line with names such as label and text
	// says which.
	TSV Form = "tsv"
	// CSV is the same with commas and double quotes (RFC 4180).
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
	case strings.HasSuffix(strings.TrimSuffix(name, ".gz"), ".csv") && bytes.IndexByte(first, ',') >= 0 || isHeader(strings.Split(string(text), ",")):
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
	// Column is the number, from 1, or the name of the column with the label in TSV and CSV. If the first line names columns (a known
	// name of a label and one of a text, or Column and TextColumn), "" is that of the label, and else 1.
	Column string
	// TextColumn is the same for the text; without a name, "" is all other columns, with a space between them.
	TextColumn string
	// Separator stands between several labels of a column; "" has one label in a column, with blanks and commas if it has them.
	Separator string
	// Unlabeled accepts lines without labels; otherwise they are errors.
	Unlabeled bool
}

// A Reader reads the lines of a file. Empty lines are left out and counted.
type Reader struct {
	o     Options
	name  string
	lines *textfile.Scanner
	empty int
	// label and text are columns, from 0; a text of -1 is all but the label. placed is set once they are known.
	label, text int
	placed      bool
}

// Usual names of columns, the first choice first.
var (
	labelNames = []string{"label", "labels", "class", "category", "target", "sentiment", "tag", "language", "lang"}
	textNames  = []string{"text", "sentence", "message", "content", "review", "body", "document", "title"}
)

// find returns the first cell that is one of the names, whatever its case, -1 if none is.
func find(cells, names []string) int {
	for _, name := range names {
		if i := slices.IndexFunc(cells, func(c string) bool { return strings.EqualFold(strings.Trim(c, " \""), name) }); i >= 0 {
			return i
		}
	}
	return -1
}

// isHeader tells whether cells are names of columns.
func isHeader(cells []string) bool {
	return find(cells, labelNames) >= 0 && find(cells, textNames) >= 0
}

// place finds the columns by the first line, and tells whether that names them.
func (r *Reader) place(cells []string) (header bool, err error) {
	r.placed = true
	column := func(name string) (int, bool, error) {
		if i := find(cells, []string{name}); i >= 0 {
			return i, true, nil
		}
		if n, err := strconv.Atoi(name); err == nil && n >= 1 {
			return n - 1, false, nil
		}
		return 0, false, r.lines.Fail("there is no column %q; the first line has %.200q", name, cells)
	}
	named := isHeader(cells)
	r.label, r.text = 0, -1
	if named {
		r.label, r.text = find(cells, labelNames), find(cells, textNames)
	}
	for _, c := range []struct {
		name string
		into *int
	}{{r.o.Column, &r.label}, {r.o.TextColumn, &r.text}} {
		if c.name == "" {
			continue
		}
		i, byName, err := column(c.name)
		if err != nil {
			return false, err
		}
		named = named || byName
		*c.into = i
	}
	if r.label == r.text {
		return false, r.lines.Fail("column %d has both the label and the text; name another one", r.label+1)
	}
	return named, nil
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
		number := r.lines.Line()
		l, err := r.parse(line)
		if err == errHeader {
			continue
		}
		if err != nil {
			return Line{}, err
		}
		l.Number = number
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
		return r.columns(strings.Split(string(line), "\t"))
	case CSV:
		cells, err := r.record(line)
		if err != nil {
			return Line{}, err
		}
		return r.columns(cells)
	}
	return Line{Text: string(line)}, nil
}

// record returns the cells of a line of CSV, and of lines behind it if a cell in quotes goes on there.
func (r *Reader) record(line []byte) ([]string, error) {
	const longest = 1 << 20 // bytes of a record, as of a line
	text := bytes.Clone(line)
	for start := r.lines.Line(); ; {
		c := csv.NewReader(bytes.NewReader(text))
		c.FieldsPerRecord = -1
		cells, err := c.Read()
		open := bytes.Count(text, []byte{'"'})%2 == 1
		switch {
		case err == nil && !open:
			return cells, nil
		case !open:
			return nil, r.lines.Fail("not CSV: %v", errors.Unwrap(err))
		case len(text) > longest || !r.lines.Scan():
			return nil, errors.Join(r.lines.Err(), r.lines.Fail("a cell that begins with a quote in line %d has no end", start))
		}
		text = append(append(text, '\n'), r.lines.Bytes()...)
	}
}

// parseFastText takes the labels out of a line.
func parseFastText(line []byte) Line {
	var l Line
	if !hasLabel(line) {
		l.Text = string(line)
		return l
	}
	var text []string
	for _, w := range strings.FieldsFunc(string(line), func(c rune) bool { return c == ' ' || c >= '\t' && c <= '\r' || c == 0 }) { // as fastText
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

// errHeader says that a line names columns.
var errHeader = errors.New("names of columns")

// columns makes a line of the cells of a table.
func (r *Reader) columns(cells []string) (Line, error) {
	if !r.placed {
		header, err := r.place(cells)
		if err != nil {
			return Line{}, err
		}
		if header {
			return Line{}, errHeader
		}
	}
	want := max(r.label, r.text) + 1
	if len(cells) == 1 && r.o.Unlabeled {
		return Line{Text: cells[0]}, nil
	}
	if len(cells) < max(want, 2) {
		return Line{}, r.lines.Fail("the line has %d column(s); want %d or more, the label in column %d", len(cells), max(want, 2), r.label+1)
	}
	var l Line
	names := []string{cells[r.label]}
	if r.o.Separator != "" {
		names = strings.Split(cells[r.label], r.o.Separator)
	}
	for _, name := range names {
		if name = strings.TrimSpace(name); name != "" {
			l.addLabel(strings.TrimPrefix(name, Prefix))
		}
	}
	if r.text >= 0 {
		l.Text = cells[r.text]
	} else {
		l.Text = strings.Join(slices.Concat(cells[:r.label], cells[r.label+1:]), " ")
	}
	return l, nil
}
