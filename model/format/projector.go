package format

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"kindred/model"
)

// projector is the pair of files that TensorFlow's embedding projector reads: the vectors, and their
// words in NAME.metadata.tsv. If counts are known, the metadata has a column of counts and a header;
// the projector wants no header above a single column.
var projector = &Format{
	Name:        "tsv",
	Aliases:     []string{"projector", "tensorflow"},
	Extensions:  []string{".tsv"},
	Description: "pair of TSV files for the TensorFlow projector: vectors, and words in NAME.metadata.tsv (write only)",
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

// metadataPath returns the path of the words of the vectors at p.
func metadataPath(p string) string {
	return strings.TrimSuffix(p, ".tsv") + ".metadata.tsv"
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
