package sets

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFileSize is the size in bytes of the largest evaluation set that is read. A larger file is
// probably a corpus given by mistake.
const maxFileSize = 64 << 20

// A SyntaxError says what is wrong with a line of an evaluation set.
type SyntaxError struct {
	// File is the name of the file and Line the line, counted from 1; 0 means the whole file.
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

// openDocument reads the document in the file at path.
func openDocument(path string) (*document, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("evaluation set: %w", err)
	}
	defer file.Close()
	return readDocument(path, file)
}

// readDocument reads a document: UTF-8, with or without a byte-order mark, lines ended by LF or CRLF. It
// leaves out empty lines and comments, which start with # or // as in word2vec's questions-words.txt.
func readDocument(name string, r io.Reader) (*document, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("evaluation set %s: %w", name, err)
	}
	d := &document{source: newSource(name)}
	if len(data) > maxFileSize {
		return nil, d.fail(0, "more than %d MiB, too large for an evaluation set; is it a corpus?", maxFileSize>>20)
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

// checkText returns an error if raw is not text in UTF-8.
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

// sampleLines is the number of lines that determine the layout of a document.
const sampleLines = 200

// separators are the possible field separators, in order of preference. The space stands for any run of
// white space.
var separators = []rune{'\t', ';', ',', ' '}

// separatorNames are the names of the separators in messages.
var separatorNames = map[rune]string{'\t': "tabs", ';': "semicolons", ',': "commas", ' ': "white space"}

// scoreNames are the usual names of the column of mean human scores in their plain form (see
// plainNames), the most specific first.
var scoreNames = []string{"simlex999", "humanmean", "humanscore", "score", "mean", "meanscore", "similarity", "relatedness", "rating", "average"}

// A row is a line split into fields.
type row struct {
	number int
	fields []string
}

// splitFields splits text at each separator. Fields may be quoted as in CSV files (RFC 4180) unless
// white space separates them.
func splitFields(text string, separator rune) ([]string, error) {
	if separator == ' ' {
		return strings.Fields(text), nil
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = separator
	reader.TrimLeadingSpace = separator != '\t'
	fields, err := reader.Read()
	if err != nil {
		return nil, err
	}
	for i, f := range fields {
		fields[i] = strings.TrimSpace(f)
	}
	return fields, nil
}

// separator returns the separator that splits most lines of the document's beginning into at least
// width fields.
func (d *document) separator(width int) rune {
	best, most := ' ', -1
	for _, s := range separators {
		n := 0
		for _, l := range d.beginning() {
			if fields, err := splitFields(l.text, s); err == nil && len(fields) >= width {
				n++
			}
		}
		if n > most {
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

// hasScores reports whether at least half of the lines at the document's beginning have a number after
// two other fields. One of them may be a header.
func hasScores(d *document) bool {
	separator := d.separator(3)
	n := 0
	for _, l := range d.beginning() {
		if fields, err := splitFields(l.text, separator); err == nil && firstNumber(fields, 2) >= 0 {
			n++
		}
	}
	return n > 0 && 2*n >= len(d.beginning())-1
}

// columns are the fields of a row, counted from 0, that hold a pair.
type columns struct {
	first, second, score int
	// name is the name of the score column, empty if it has none.
	name string
}

// width returns the number of fields that a row needs.
func (c columns) width() int { return max(c.first, c.second, c.score) + 1 }

// isHeader reports whether the fields of a document's first row are names of columns: one of them is a
// known name, or none after the first two starts like a number. Names may be numbers, as those of the
// judges of WordSim-353 are, and a number with a typing error is not a name.
func isHeader(fields []string) bool {
	if _, known := namedScore(fields); known || slices.Contains(plainNames(fields), "word2") {
		return true
	}
	return !slices.ContainsFunc(fields[min(2, len(fields)):], func(field string) bool {
		return field != "" && strings.ContainsRune("+-.0123456789", rune(field[0]))
	})
}

// layout returns the columns of the document's rows, and whether there is a score. header is nil if
// there is none, and first is the first row of data. The words are in the columns named word1 and
// word2, else in the first two. The score is in the column with the first of scoreNames, else in the
// first column after the words that holds a number.
func layout(header, first []string) (columns, bool) {
	c := columns{first: 0, second: 1}
	named := len(header) == len(first) // names with spaces in them don't line up
	if named {
		names := plainNames(header)
		if i, j := slices.Index(names, "word1"), slices.Index(names, "word2"); i >= 0 && j >= 0 {
			c.first, c.second = i, j
		}
	}
	known := false
	if named {
		c.score, known = namedScore(header)
	}
	if !known {
		c.score = firstNumber(first, max(c.first, c.second)+1)
	}
	if named && c.score >= 0 {
		c.name = header[c.score]
	}
	return c, c.score >= 0
}

// namedScore returns the column, after the first two, with the first of scoreNames that the header has.
func namedScore(header []string) (int, bool) {
	names := plainNames(header)
	for _, name := range scoreNames {
		if i := slices.Index(names[min(2, len(names)):], name); i >= 0 {
			return i + 2, true
		}
	}
	return 0, false
}

// IsScoreName reports whether name is a usual name of a column of human judgments.
func IsScoreName(name string) bool { return slices.Contains(scoreNames, plainNames([]string{name})[0]) }

// plainNames returns names in lower case with letters and digits only: "Human (mean)" is humanmean.
func plainNames(names []string) []string {
	plain := make([]string, len(names))
	for i, name := range names {
		plain[i] = strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, name)
	}
	return plain
}

// firstNumber returns the first field from start on that is a number, -1 if there is none.
func firstNumber(fields []string, start int) int {
	for i := start; i < len(fields); i++ {
		if _, ok := parseNumber(fields[i]); ok {
			return i
		}
	}
	return -1
}

// parseNumber returns the finite number that field holds.
func parseNumber(field string) (float64, bool) {
	x, err := strconv.ParseFloat(field, 64)
	return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}
