package vocab

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"kindred/internal/filetype"
	"kindred/internal/textfile"
)

// Read reads a vocabulary in the format of word2vec.c's -save-vocab, a word, white space and its
// count on each line, and applies sel as to the words of a text: words with the count 0 are left out.
// A byte-order mark at the start is left out; lines end in LF, CR LF or CR. Errors
// name the line.
func Read(r io.Reader, sel Selection) (*Vocabulary, error) {
	all, err := ReadInOrder(r)
	if err != nil {
		return nil, err
	}
	return all.Select(sel)
}

// ReadInOrder reads all words of a vocabulary file, in the order of the file; see [Read].
func ReadInOrder(r io.Reader) (*Vocabulary, error) {
	lines, err := textfile.New("vocabulary", r, fileOptions)
	if err != nil {
		return nil, err
	}
	return readLines(lines)
}

// Load reads the vocabulary file at path; see [Read]. It decompresses files as [kindred/model/format.Load]
// does. Errors name the file.
func Load(path string, sel Selection) (*Vocabulary, error) {
	all, err := LoadInOrder(path)
	if err != nil {
		return nil, err
	}
	v, err := all.Select(sel)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// LoadInOrder reads all words of the vocabulary file at path, in the order of the file, which must
// have one or more.
func LoadInOrder(path string) (*Vocabulary, error) {
	lines, err := textfile.Open(path, fileOptions)
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	v, err := readLines(lines)
	if err == nil && v.Len() == 0 {
		return nil, fmt.Errorf("%s: the file is empty, expected a word and its count on each line", path)
	}
	return v, err
}

// fileOptions say how vocabulary files are read. Their size has no limit, but the number of words has.
var fileOptions = textfile.Options{Want: filetype.Counts}

func readLines(lines *textfile.Scanner) (*Vocabulary, error) {
	v := &Vocabulary{table: NewTable(0)}
	for lines.Scan() {
		word, count, err := parseCount(lines.Bytes())
		if err != nil {
			return nil, lines.Fail("%v", err)
		}
		if len(v.counts) == MaxLen {
			return nil, lines.Fail("more than %d words", MaxLen)
		}
		if id := v.table.Add(word); int(id) < len(v.counts) {
			return nil, lines.Fail("%q occurs for the second time, first in line %d; remove one of the two", word, id+1)
		}
		if v.total > math.MaxInt64-count {
			return nil, lines.Fail("the counts add up to more than 2^63-1")
		}
		v.total += count
		v.counts = append(v.counts, count)
	}
	return v, lines.Err()
}

// Select returns the vocabulary that sel selects from the words of v. The error is an [*EmptyError] if
// no word is left.
func (v *Vocabulary) Select(sel Selection) (*Vocabulary, error) {
	selected, _, err := Select(v.table, v.counts, sel)
	return selected, err
}

// parseCount parses a line of a vocabulary file.
func parseCount(line []byte) (word []byte, count int64, err error) {
	fields := bytes.Fields(line)
	if bytes.HasPrefix(line, []byte(`{"kindred_counts":`)) {
		return nil, 0, errors.New("want a word and its count, found the counts of a share of a text; merge those of all shares with \"kindred vocab --merge\"")
	}
	if len(fields) != 2 {
		return nil, 0, fmt.Errorf("want a word and its count, found %d fields in %.60q", len(fields), line)
	}
	count, err = strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil || count < 0 {
		return nil, 0, fmt.Errorf("want a count of 0 or more after %.60q, found %.60q", fields[0], fields[1])
	}
	return fields[0], count, nil
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
