package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"kindred/corpus/vocab"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
	"kindred/model"
)

// projector is the pair of files that TensorFlow's embedding projector reads: the vectors, and their
// words in NAME.metadata.tsv. If counts are known, the metadata has a column of counts and a header;
// the projector wants no header above a single column.
var projector = &Format{
	Name:        "tsv",
	Aliases:     []string{"projector", "tensorflow"},
	Extensions:  []string{".tsv"},
	Description: "pair of TSV files for the TensorFlow projector: vectors, and words in NAME.metadata.tsv",
	read:        readProjector,
	sniff:       looksProjector,
	files: []outputFile{
		{samePath, writeProjectorVectors},
		{metadataPath, writeProjectorWords},
	},
	badWord: func(word string) string {
		switch {
		case word == "":
			return "it is empty"
		case strings.ContainsAny(word, "\t\n\r\x00"):
			return "it contains a tab, an end of line or a NUL byte"
		}
		return ""
	},
}

// sniffLines is the number of lines by which a pair is told.
const sniffLines = 100

// looksProjector reports whether p starts like the vectors of a pair: with lines of equally many numbers
// that tabs separate, without words. If the first ones are different numbers of digits only, they may be
// the words of a file of another format, unless the name tells otherwise. If there is a file of words,
// some of the lines may be broken.
func looksProjector(p prefix) bool {
	columns, lines, good := 0, 0, 0
	first := make(map[string]bool)
	words := true // the first numbers may be
	rest := p.data
	for range sniffLines {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimRight(line, "\r")
		if !found && !p.whole || len(line) == 0 {
			break
		}
		rest = after
		lines++
		fields := bytes.Split(line, []byte("\t"))
		if columns > 0 && len(fields) != columns || slices.ContainsFunc(fields, func(f []byte) bool { return !isNumber(f) }) {
			continue
		}
		good++
		columns = len(fields)
		word := string(fields[0])
		words = words && !first[word] && strings.Trim(word, "0123456789") == ""
		first[word] = true
	}
	if good < lines && (2*good <= lines || p.path == "" || !hasWords(p.path)) {
		return false
	}
	return columns == 1 || columns > 1 && (!words || p.path != "" && isPair(p.path))
}

// isPair reports whether the name of the file says that it is the vectors of a pair.
func isPair(path string) bool {
	return strings.HasSuffix(strings.ToLower(withoutGzip(path)), ".tsv") || hasWords(path)
}

// hasWords reports whether there is a file of words beside the vectors at path.
func hasWords(path string) bool {
	_, err := os.Stat(metadataPath(path))
	return err == nil
}

// readProjector reads a pair: the vectors from the input, and the words from the file beside it.
func readProjector(in *input) (*model.Embeddings, error) {
	if in.path == "" {
		return nil, fmt.Errorf("%s: a TSV file of vectors has no words; name the file, so that the words beside it are found", in.name)
	}
	path := metadataPath(in.path)
	words, counts, err := readMetadata(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: these are vectors without words, and %s, which should have the words, does not exist; if the first number of each line is its word, name the format (--from glove)", in.name, path)
	case err != nil:
		return nil, err
	}
	data, err := in.r.Peek(sniffBytes)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	first, _, _ := bytes.Cut(data, []byte("\n"))
	dim := len(splitFields(first))
	if dim == 0 {
		return nil, &SyntaxError{Name: in.name, Line: 1, Reason: "expected numbers separated by tabs"}
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("%s: there are no words, expected those of the vectors in %s, a line each", path, in.name)
	}
	t := &textReader{in: in, dim: dim, vectors: len(words), given: words, words: path, line: 1}
	e, err := t.read()
	if err != nil || counts == nil {
		return e, err
	}
	kept, known := make([]string, e.Vocabulary.Len()), make([]int64, e.Vocabulary.Len())
	for id := range kept {
		kept[id] = e.Vocabulary.Word(id)
		known[id] = counts[kept[id]]
	}
	v, err := vocab.New(kept, known)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	e.Vocabulary = v
	return e, nil
}

// maxMetadata is the size of the largest file of words, in bytes after decompression.
const maxMetadata = 1 << 30

// readMetadata reads the words of a pair, and their counts if they are there. If there is more than one
// column, the first line has their names. The words are in the column word or label, else in the first.
func readMetadata(path string) (words []string, counts map[string]int64, err error) {
	file, err := filetype.OpenRegular(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	lines, err := textfile.New(path, file, textfile.Options{Want: filetype.List, MaxBytes: maxMetadata, AnyBytes: true})
	if err != nil {
		return nil, nil, err
	}
	defer lines.Close()
	wordColumn, countColumn := 0, -1
	for lines.Scan() {
		fields := strings.Split(string(lines.Bytes()), "\t")
		if lines.Line() == 1 && len(fields) > 1 {
			for i, name := range slices.Backward(fields) {
				switch strings.ToLower(strings.TrimSpace(name)) {
				case "word", "label":
					wordColumn = i
				case "count":
					countColumn = i
					counts = make(map[string]int64)
				}
			}
			continue
		}
		if n := max(wordColumn, countColumn) + 1; len(fields) < n {
			return nil, nil, lines.Fail("expected %d columns or more, found %.40q", n, lines.Bytes())
		}
		word := fields[wordColumn]
		words = append(words, word)
		if countColumn < 0 {
			continue
		}
		n, err := strconv.ParseInt(fields[countColumn], 10, 64)
		if err != nil || n < 0 {
			return nil, nil, lines.Fail("expected a count of 0 or more, found %.40q", fields[countColumn])
		}
		if _, again := counts[word]; !again {
			counts[word] = n
		}
	}
	return words, counts, lines.Err()
}

// metadataPath returns the path of the words of the vectors at p.
func metadataPath(p string) string {
	plain := withoutGzip(p)
	return strings.TrimSuffix(plain, ".tsv") + ".metadata.tsv" + p[len(plain):]
}

// vectorsPath returns the path of the vectors whose words are in the file at p, if the name says that p
// has words and the vectors are there.
func vectorsPath(p string) (vectors string, ok bool) {
	plain := withoutGzip(p)
	base, ok := strings.CutSuffix(plain, ".metadata.tsv")
	vectors = base + ".tsv" + p[len(plain):]
	if _, err := os.Stat(vectors); !ok || err != nil {
		return "", false
	}
	return vectors, true
}

func writeProjectorVectors(w io.Writer, e *model.Embeddings) error {
	return writeWords(w, e, func(dst []byte, _ int, vector []float32) []byte {
		return append(appendValues(dst, vector, '\t'), '\n')
	})
}

func writeProjectorWords(w io.Writer, e *model.Embeddings) error {
	counted := hasCounts(e.Vocabulary)
	if counted {
		if _, err := fmt.Fprintln(w, "word\tcount"); err != nil {
			return err
		}
	}
	return writeWords(w, e, func(dst []byte, id int, _ []float32) []byte {
		if id == 0 && !counted {
			dst = appendFirst(dst, e.Vocabulary)
		}
		dst = append(dst, e.Vocabulary.Word(id)...)
		if counted {
			dst = append(dst, '\t')
			dst = strconv.AppendInt(dst, e.Vocabulary.Count(id), 10)
		}
		return append(dst, '\n')
	})
}

// hasCounts reports whether the counts of the words are known.
func hasCounts(v model.Vocab) bool {
	for id := range v.Len() {
		if v.Count(id) > 0 {
			return true
		}
	}
	return false
}
