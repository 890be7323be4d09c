package format

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"kindred/model"
)

// text is the text format of word2vec.c, gensim and fastText.
var text = &Format{
	Name:        "text",
	Aliases:     []string{"word2vec", "word2vec-text", "w2v", "vec", "txt"},
	Extensions:  []string{".txt", ".vec"},
	Description: "word2vec text: a line with the number of vectors and their dimension, then a line per word",
	read:        readText,
	sniff: func(h head) bool {
		s, ok := parseShape(h.data)
		return ok && !looksBinary(h.data[s.length:], s, h.whole)
	},
	parts:   []part{{samePath, writeText}},
	badWord: badSpacedWord,
}

func readText(in *input) (*model.Embeddings, error) {
	s, err := in.readShape()
	if err != nil {
		return nil, err
	}
	t := &textReader{in: in, dim: s.dim, vectors: s.vectors, line: 2}
	// Each row has a byte of a word, and a blank and a digit per value, and a
	// newline but for the last.
	if rest := in.size - int64(s.length) + 1; in.size >= 0 && int64(s.vectors) <= rest/(2*int64(s.dim)+2) {
		t.matrix = model.NewMatrix(s.vectors, s.dim)
	}
	return t.read()
}

// readShape reads the first line of the formats of word2vec.
func (in *input) readShape() (shape, error) {
	line, err := in.r.ReadSlice('\n')
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return shape{}, fmt.Errorf("%s: %w", in.name, err)
	}
	s, ok := parseShape(line)
	if !ok || s.vectors == 0 || s.dim == 0 {
		return shape{}, &SyntaxError{Name: in.name, Line: 1,
			Reason: fmt.Sprintf("expected the number of vectors and their dimension, two positive integers, found %.40q", line)}
	}
	return s, nil
}

func writeText(w io.Writer, e *model.Embeddings) error {
	if _, err := fmt.Fprintf(w, "%d %d\n", e.Vocabulary.Len(), e.Dim()); err != nil {
		return err
	}
	return writeGlove(w, e)
}

// appendValues appends the values of row to dst, each with separator before
// it save the first. Each has the fewest digits that read back as the same
// float32.
func appendValues(dst []byte, row []float32, separator byte) []byte {
	for i, v := range row {
		if i > 0 {
			dst = append(dst, separator)
		}
		dst = strconv.AppendFloat(dst, float64(v), 'g', -1, 32)
	}
	return dst
}
