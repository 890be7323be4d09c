package sets

import (
	"cmp"
	"encoding/csv"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// sampleLines is the number of lines by which the layout of a document is judged.
const sampleLines = 200

// separators are the field separators that are tried, in order of
// preference; the space stands for any run of white space.
var separators = []rune{'\t', ';', ',', ' '}

// separatorNames are the separators as messages call them.
var separatorNames = map[rune]string{'\t': "tabs", ';': "semicolons", ',': "commas", ' ': "white space"}

// scoreNames are the usual names of the column of mean human judgements in
// their plain form (see plainName), the most telling first: SimLex-999,
// WordSim-353 and others.
var scoreNames = []string{"simlex999", "humanmean", "humanscore", "score", "mean", "meanscore", "similarity", "relatedness", "rating", "average"}

// A row is a line cut into fields.
type row struct {
	number int
	fields []string
}

// splitFields cuts text at each separator. Fields may be quoted as in CSV
// files (RFC 4180) unless white space separates them.
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

// separator returns the separator that cuts most lines of the document's
// beginning into that many fields or more.
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

// rows returns the lines of the document cut into fields.
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

// beginning returns the lines by which the layout is judged.
func (d *document) beginning() []line { return d.lines[:min(len(d.lines), sampleLines)] }

// hasScores reports whether at least half of the lines at the document's
// beginning, which may include a header, have a number after two other fields.
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

// columns says in which fields of a row, counted from 0, a pair is found.
type columns struct {
	first, second, score int
	// name is the name of the score column, empty where it has none.
	name string
}

// width returns the number of fields that a row needs.
func (c columns) width() int { return max(c.first, c.second, c.score) + 1 }

// isHeader reports whether the fields of a document's first row are names of
// columns: one of them is a known name, or none of them starts like a number
// where a score would be. (The names may be numbers too: the judges of
// WordSim-353. And a number with a typing error is not a name.)
func isHeader(fields []string) bool {
	if _, known := namedScore(fields); known || slices.Contains(plainNames(fields), "word2") {
		return true
	}
	return !slices.ContainsFunc(fields[min(2, len(fields)):], func(field string) bool {
		return field != "" && strings.ContainsRune("+-.0123456789", rune(field[0]))
	})
}

// layout returns the columns of the document's rows, given the fields of its
// header, nil where there is none, and its first row of data. The words are
// in the columns named word1 and word2, else in the first two; the score is
// in the column with the first of scoreNames, else in the first column after
// the words that holds a number. It reports whether there is one.
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

// namedScore returns the column, after the first two, that a header calls by
// the first of scoreNames that it has.
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

// plainNames returns names in lower case without anything but letters and
// digits: "Human (mean)" is humanmean.
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

// firstNumber returns the first field from start on that is a number, -1 if none is.
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
