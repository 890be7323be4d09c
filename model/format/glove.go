package format

import (
	"bytes"
	"cmp"
	"io"

	"kindred/model"
)

// glove is the text format of GloVe: that of word2vec without a header.
var glove = &Format{
	Name:        "glove",
	Aliases:     []string{"glove-text"},
	Extensions:  []string{".glove", ".glove.txt"},
	Description: "GloVe text: a line per word, no header",
	read:        readGlove,
	sniff: func(h head) bool {
		return bytes.IndexByte(h.data, 0) < 0 && gloveDim(h) > 0
	},
	parts:   []part{{samePath, writeGlove}},
	badWord: badSpacedWord,
}

func readGlove(in *input) (*model.Embeddings, error) {
	data, err := in.r.Peek(sniffBytes)
	if err != nil && err != io.EOF {
		return nil, err
	}
	dim := gloveDim(head{data, err == io.EOF})
	if dim == 0 {
		return nil, &SyntaxError{Name: in.name, Line: 1, Reason: "expected a word and numbers"}
	}
	t := &textReader{in: in, dim: dim, vectors: -1, line: 1, spacedWords: true}
	return t.read()
}

// gloveDim returns the number of values in most of the first 100 lines, 0
// where there are none. (One line is not enough: it may be the broken one, or
// its word may have spaces in it and a number at its end.)
func gloveDim(h head) int {
	counts := make(map[int]int)
	rest := h.data
	for range 100 {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		if !found && !h.whole || len(line) == 0 {
			break
		}
		if n := trailingNumbers(splitFields(line)); n > 0 {
			counts[n]++
		}
		rest = after
	}
	dim := 0
	for n, count := range counts {
		if cmp.Or(cmp.Compare(count, counts[dim]), cmp.Compare(dim, n)) > 0 {
			dim = n
		}
	}
	return dim
}

func writeGlove(w io.Writer, e *model.Embeddings) error {
	return writeWords(w, e, func(dst []byte, id int, vector []float32) []byte {
		dst = append(dst, e.Vocabulary.Word(id)...)
		dst = append(dst, ' ')
		dst = appendValues(dst, vector, ' ')
		return append(dst, '\n')
	})
}
