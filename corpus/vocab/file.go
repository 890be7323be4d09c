package vocab

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"unicode/utf8"
)

// maxVocabularyLine bounds a line of a vocabulary file, in bytes.
const maxVocabularyLine = 1 << 20

// Read reads a vocabulary in the format of word2vec.c's -save-vocab, a word, white space and its
// count on each line, and applies sel as to the words of a text. Errors name the line.
func Read(r io.Reader, sel Selection) (*Vocabulary, error) {
	all, err := ReadInOrder(r)
	if err != nil {
		return nil, err
	}
	v, _, err := Select(all.table, all.counts, sel)
	return v, err
}

// ReadInOrder reads all words of a vocabulary file, in the order of the file; see [Read].
func ReadInOrder(r io.Reader) (*Vocabulary, error) {
	v := &Vocabulary{table: NewTable(0)}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxVocabularyLine)
	number := 0
	for lines.Scan() {
		number++
		word, count, err := parseCount(lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if id := v.table.Add(word); int(id) < len(v.counts) {
			return nil, fmt.Errorf("line %d: %q occurs for the second time; remove one of the two", number, word)
		}
		if v.total > math.MaxInt64-count {
			return nil, fmt.Errorf("line %d: the counts add up to more than 2^63-1", number)
		}
		v.total += count
		v.counts = append(v.counts, count)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d: longer than %d bytes; want a word and its count", number+1, maxVocabularyLine)
	} else if err != nil {
		return nil, fmt.Errorf("after line %d: %w", number, err)
	}
	return v, nil
}

// parseCount parses a line of a vocabulary file.
func parseCount(line []byte) (word []byte, count int64, err error) {
	fields := bytes.Fields(line)
	if len(fields) != 2 {
		return nil, 0, fmt.Errorf("want a word and its count, found %d fields in %.60q", len(fields), line)
	}
	if !utf8.Valid(fields[0]) {
		return nil, 0, fmt.Errorf("the word %.60q is not valid UTF-8; convert the file", fields[0])
	}
	count, err = strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil || count < 0 {
		return nil, 0, fmt.Errorf("want a count of 0 or more after %.60q, found %.60q", fields[0], fields[1])
	}
	return fields[0], count, nil
}

// Load reads the vocabulary file at path; see [Read]. Errors name the file.
func Load(path string, sel Selection) (*Vocabulary, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	v, err := Read(f, sel)
	if err != nil {
		return nil, fmt.Errorf("vocabulary %s: %w", path, err)
	}
	return v, nil
}

// WriteTo writes the vocabulary in the format that [Read] reads.
func (v *Vocabulary) WriteTo(w io.Writer) (int64, error) {
	out := bufio.NewWriter(w)
	written := int64(0)
	var line []byte
	for id := range v.Len() {
		line = append(line[:0], v.table.Word(int32(id))...)
		line = append(line, ' ')
		line = strconv.AppendInt(line, v.counts[id], 10)
		line = append(line, '\n')
		n, err := out.Write(line)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, out.Flush()
}
