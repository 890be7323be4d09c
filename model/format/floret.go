package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strconv"

	"kindred/corpus/vocab"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
	"kindred/model"
	"kindred/model/subword"
)

// floret is the table of floret (github.com/explosion/floret; FastText::saveFloretVectors), as text:
//
//	BUCKETS DIM MINN MAXN HASHCOUNT SEED BEGIN END
//	0 VALUES
//	1 VALUES
//	…
//
// It has no words: each word is made of rows of the table. kindred keeps the words beside it, in
// NAME.words.txt, one per line. The file of the words may be missing.
var floret = &Format{
	Name:        "floret",
	Aliases:     []string{"spacy"},
	Extensions:  []string{".floret"},
	Description: "floret's table for spaCy, of which words are made, and words in NAME.words.txt, one per line",
	read:        readFloret,
	sniff: func(p prefix) bool {
		line, _, _ := bytes.Cut(p.data, []byte("\n"))
		_, err := parseFloretHeader(line)
		return err == nil || errors.Is(err, errFloretBounds)
	},
	files: []outputFile{
		{samePath, writeFloret},
		{floretWordsPath, writeWordList},
	},
	badWord:  badListedWord,
	holds:    holdsFloret,
	requires: subword.Floret,
	wordless: true,
}

// holdsFloret reports whether words are made of the rows of one table.
func holdsFloret(v *subword.Vocabulary, _ model.Storage) bool {
	return v.Hash == subword.Floret && !v.Composed
}

func floretWordsPath(p string) string { return wordListPath(p, ".floret") }

// A floretHeader is the first line of a table.
type floretHeader struct {
	dim    int
	ngrams subword.NGrams
}

var (
	errNotFloret    = errors.New("expected eight fields: buckets, dimension, shortest and longest n-grams, hashes, seed, and the marks around words")
	errFloretBounds = errors.New("in the header of a floret table")
)

// parseFloretHeader reads the first line. The error is errNotFloret if it is something else, and wraps
// errFloretBounds if a number is impossible.
func parseFloretHeader(line []byte) (floretHeader, error) {
	if len(line) > longestHeader {
		return floretHeader{}, errNotFloret
	}
	fields := splitFields(bytes.TrimSuffix(line, []byte("\n")))
	if len(fields) != 8 {
		return floretHeader{}, errNotFloret
	}
	var n [6]uint64
	for i := range n {
		var err error
		if n[i], err = strconv.ParseUint(string(fields[i]), 10, 32); err != nil {
			return floretHeader{}, errNotFloret
		}
	}
	const most = math.MaxInt32
	h := floretHeader{int(min(n[1], most)), subword.NGrams{
		Hash: subword.Floret, Buckets: int(min(n[0], most)), MinN: int(min(n[2], most)), MaxN: int(min(n[3], most)),
		Hashes: int(min(n[4], most)), Seed: uint32(n[5]), Begin: string(fields[6]), End: string(fields[7]),
	}}
	if err := h.ngrams.Check(); err != nil {
		return h, fmt.Errorf("%w: %w", errFloretBounds, err)
	}
	if h.dim < 1 || h.dim == most {
		return h, fmt.Errorf("%w: the dimension is %s, want 1 or more", errFloretBounds, fields[1])
	}
	return h, nil
}

// readFloret reads a table, all of it whatever words are asked for, and the words beside it.
func readFloret(in *input) (*model.Embeddings, error) {
	line, err := in.r.ReadSlice('\n')
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return nil, in.named(err)
	}
	h, err := parseFloretHeader(line)
	if err != nil {
		return nil, &SyntaxError{Name: in.name, Line: 1, Reason: err.Error()}
	}
	whole := *in
	whole.selection = selection{} // every row may be part of a word
	t := &textReader{in: &whole, dim: h.dim, vectors: h.ngrams.Buckets, line: 2}
	// A row has a digit of its number, and a blank and a digit for each value.
	if rest := in.size - int64(len(line)) + 1; in.size >= 0 && int64(t.vectors) <= rest/(2*int64(h.dim)+2) {
		if t.matrix, err = in.matrix(t.vectors, h.dim); err != nil {
			return nil, err
		}
	}
	table, err := t.read()
	if err != nil {
		return nil, err
	}
	for row := range table.Vocabulary.Len() {
		if number := table.Vocabulary.Word(row); number != strconv.Itoa(row) {
			return nil, t.fault(int64(row)+2, "expected row %d of the table, found %.40q", row, number)
		}
	}
	if n := table.Vocabulary.Len(); n != h.ngrams.Buckets {
		return nil, t.fault(int64(n)+2, "the table has %d different rows, its header promises %d", n, h.ngrams.Buckets)
	}
	words, err := in.readFloretWords()
	if err != nil {
		return nil, err
	}
	made, err := subword.New(words, h.ngrams)
	if err != nil {
		return nil, in.named(err)
	}
	e := &model.Embeddings{Vocabulary: made}
	if e.Input, err = allUsed(table.Input, made); err != nil {
		return nil, in.named(err)
	}
	if words.Len() == 0 && in.words == nil {
		warnf(e, "the table has no words, so there are none to search or list; put them in %s, one per line, or give a list of the words to read", floretWordsPath(in.name))
	}
	return e, nil
}

// readFloretWords reads the words beside a table, none if there is no such file.
func (in *input) readFloretWords() (*vocab.Vocabulary, error) {
	var words []string
	if in.path != "" {
		var err error
		if words, err = readWordList(floretWordsPath(in.path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	v, err := vocab.New(words, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", floretWordsPath(in.path), err)
	}
	return v, nil
}

func writeFloret(w io.Writer, e *model.Embeddings) error {
	v := e.Vocabulary.(*subword.Vocabulary) // as the format requires
	begin, end := v.Marks()
	out := bufio.NewWriterSize(w, 1<<20)
	if _, err := fmt.Fprintln(out, v.Buckets, e.Dim(), v.MinN, v.MaxN, v.Hashes, v.Seed, begin, end); err != nil {
		return err
	}
	row := rowsOf(e.Input)
	var line []byte
	for i := range v.Buckets {
		line = append(strconv.AppendInt(line[:0], int64(i), 10), ' ')
		line = append(appendValues(line, row(i), ' '), '\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// A list of words, one per line, lies beside formats that have none.

// wordListPath returns the path of the words beside the file at p, whose usual extension is ext.
func wordListPath(p, ext string) string {
	plain := withoutGzip(p)
	if len(plain) > len(ext) && plain[len(plain)-len(ext):] == ext {
		return plain[:len(plain)-len(ext)] + ".words.txt" + p[len(plain):]
	}
	return plain + ".words.txt" + p[len(plain):]
}

// badListedWord says why a list of words can't hold word.
func badListedWord(word string) string {
	switch {
	case word == "":
		return "it is empty"
	case bytes.ContainsAny([]byte(word), "\n\r\x00"):
		return "it contains an end of line or a NUL byte"
	}
	return ""
}

// readWordList reads a list of words. The error is that of the system if there is no such file.
func readWordList(path string) ([]string, error) {
	file, err := filetype.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines, err := textfile.New(path, file, textfile.Options{Want: filetype.List, MaxBytes: maxMetadata, AnyBytes: true})
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	var words []string
	for lines.Scan() {
		words = append(words, string(lines.Bytes()))
	}
	return words, lines.Err()
}

func writeWordList(w io.Writer, e *model.Embeddings) error {
	if e.Vocabulary.Len() == 0 {
		return nil
	}
	return writeWords(w, e, func(dst []byte, id int, _ []float32) []byte {
		if id == 0 {
			dst = appendFirst(dst, e.Vocabulary)
		}
		return append(append(dst, e.Vocabulary.Word(id)...), '\n')
	})
}
