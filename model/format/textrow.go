package format

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// parse parses the lines of the block, up to the first that is broken.
func (b *textBlock) parse(t *textReader) {
	rest := b.text
	if t.matrix == nil { // no more than the text can hold, whatever dim is
		b.values = make([]float32, 0, min(b.rows*t.dim, len(rest)/2))
	}
	var text []byte // all words
	ends := make([]int, 0, b.rows)
	for i := range b.rows {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		rest = after
		word, err := b.parseLine(t, i, line)
		if err != nil {
			b.err = t.fault(b.line+int64(i), "%v", err)
			return
		}
		text = append(text, word...)
		ends = append(ends, len(text))
	}
	b.words = cutWords(text, ends)
}

// parseLine stores the vector in line, which is row i of the block, and
// returns its word.
func (b *textBlock) parseLine(t *textReader, i int, line []byte) ([]byte, error) {
	line = bytes.TrimRight(line, " \t\r")
	if len(line) > 0 && isBlank(line[0]) {
		return nil, errors.New("the word is empty: the line starts with a blank")
	}
	if len(line) < 2*t.dim+1 { // a byte of a word, a blank and a digit per value
		return nil, t.columns(line)
	}
	var dst []float32
	if t.matrix != nil {
		dst = t.matrix.Row(b.row + i)
	} else {
		n := len(b.values)
		b.values = slices.Grow(b.values, t.dim)[:n+t.dim]
		dst = b.values[n:]
	}
	end := wordEnd(line)
	err := parseValues(dst, line[end:])
	if err != nil && t.spacedWords {
		if longer := spacedWordEnd(line, t.dim); longer > end && parseValues(dst, line[longer:]) == nil {
			end, err = longer, nil
		}
	}
	switch {
	case err == errColumns:
		return nil, t.columns(line)
	case err != nil:
		return nil, fmt.Errorf("word %.60q: %w", line[:end], err)
	case end > maxWordBytes:
		return nil, fmt.Errorf("word %.60q… has %d bytes, at most %d are possible", line[:60], end, maxWordBytes)
	}
	return line[:end], nil
}

// columns says that line has the wrong number of values.
func (t *textReader) columns(line []byte) error {
	if len(line) == 0 {
		return fmt.Errorf("the line is empty, expected a word and %d values", t.dim)
	}
	n := len(splitFields(line[wordEnd(line):]))
	return fmt.Errorf("word %.60q: found %d values, expected %d", line[:wordEnd(line)], n, t.dim)
}

// wordEnd returns the length of the word that line starts with, which a
// blank ends.
func wordEnd(line []byte) int {
	for i, c := range line {
		if isBlank(c) {
			return i
		}
	}
	return len(line)
}

// spacedWordEnd returns the length of what precedes the last dim fields of
// line, 0 where that can't be a word: where there is nothing, or its last
// part is a number, so that the line more likely has too many.
func spacedWordEnd(line []byte, dim int) int {
	for range dim {
		line = bytes.TrimRight(line, " \t\r")
		line = line[:len(line)-len(lastField(line))]
	}
	line = bytes.TrimRight(line, " \t\r")
	if isNumber(lastField(line)) {
		return 0
	}
	return len(line)
}

// lastField returns what follows the last blank of line.
func lastField(line []byte) []byte {
	i := len(line)
	for i > 0 && !isBlank(line[i-1]) {
		i--
	}
	return line[i:]
}

var errColumns = errors.New("wrong number of values")

// parseValues sets dst to the numbers in line, each of which follows blanks.
// It fails with errColumns where there are more or fewer.
func parseValues(dst []float32, line []byte) error {
	for i := range dst {
		line = trimBlanks(line)
		if len(line) == 0 {
			return errColumns
		}
		v, n := scanFloat(line)
		if n == 0 || n < len(line) && !isBlank(line[n]) {
			n = wordEnd(line)
			var err error
			if v, err = parseFloat(line[:n]); err != nil {
				return fmt.Errorf("value %d of %d, %.40q, %w", i+1, len(dst), line[:n], err)
			}
		}
		dst[i] = v
		line = line[n:]
	}
	if len(trimBlanks(line)) > 0 {
		return errColumns
	}
	return nil
}

// trimBlanks removes the blanks that line starts with.
func trimBlanks(line []byte) []byte {
	for len(line) > 0 && isBlank(line[0]) {
		line = line[1:]
	}
	return line
}

// cutWords returns the words in text, of which the i-th ends at ends[i].
func cutWords(text []byte, ends []int) []string {
	all := string(text)
	words := make([]string, len(ends))
	start := 0
	for i, end := range ends {
		words[i] = all[start:end]
		start = end
	}
	return words
}
