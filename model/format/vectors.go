package format

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"kindred/corpus/vocab"
	"kindred/model"
)

// joinRows returns the matrix of the rows in chunks, dim values each. It clears chunks.
func (in *input) joinRows(chunks [][]float32, dim int) (*model.Matrix, error) {
	starts := make([]int, len(chunks))
	total := 0
	for i, c := range chunks {
		starts[i] = total
		total += len(c) / dim
	}
	m, err := in.matrix(total, dim)
	if err != nil {
		return nil, err
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(chunks)) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(chunks); i = int(next.Add(1)) - 1 {
				for row, c := starts[i], chunks[i]; len(c) > 0; c = c[dim:] {
					copy(m.Row(row), c)
					row++
				}
				chunks[i] = nil
			}
		})
	}
	group.Wait()
	return m, nil
}

// newEmbeddings returns embeddings of words and their vectors as they were read. It keeps the first
// vector of a word that occurs more than once, and warns.
func newEmbeddings(words []string, m *model.Matrix) (*model.Embeddings, error) {
	if len(words) != m.Rows {
		return nil, fmt.Errorf("%d words but %d vectors", len(words), m.Rows)
	}
	e := &model.Embeddings{Input: m}
	v, err := vocab.New(words, nil)
	if err != nil {
		if words, err = dropRepeated(e, m, words, err); err != nil {
			return nil, err
		}
		if v, err = vocab.New(words, nil); err != nil {
			return nil, err
		}
	}
	e.Vocabulary = v
	warnBrokenUTF8(e, words)
	return e, nil
}

// dropRepeated removes the rows of words that occurred before, and returns the words that are left. If
// no word is repeated it returns the error cause.
func dropRepeated(e *model.Embeddings, m *model.Matrix, words []string, cause error) ([]string, error) {
	seen := make(map[string]struct{}, len(words))
	kept := words[:0:0]
	var repeated sample
	for i, w := range words {
		if _, again := seen[w]; again {
			repeated.add(w)
			continue
		}
		seen[w] = struct{}{}
		copy(m.Row(len(kept)), m.Row(i))
		kept = append(kept, w)
	}
	if repeated.n == 0 {
		return nil, cause
	}
	m.Rows, m.Data = len(kept), m.Data[:len(kept)*m.Stride]
	warnf(e, "%d rows were left out, as their words occur further up: %s", repeated.n, &repeated)
	return kept, nil
}

func warnBrokenUTF8(e *model.Embeddings, words []string) {
	var broken sample
	for _, w := range words {
		if !utf8.ValidString(w) {
			broken.add(w)
		}
	}
	if broken.n > 0 {
		warnf(e, "%d words are not valid UTF-8 and kept as they are: %s", broken.n, &broken)
	}
}

// A sample counts words and keeps the first few for a message.
type sample struct {
	n     int
	shown []string
}

// shownWords is the number of words that a sample shows.
const shownWords = 5

func (s *sample) add(word string) { s.addText(fmt.Sprintf("%.40q", word)) }

func (s *sample) addText(text string) {
	if s.n++; len(s.shown) < shownWords {
		s.shown = append(s.shown, text)
	}
}

func (s *sample) String() string {
	list := strings.Join(s.shown, ", ")
	if s.n > len(s.shown) {
		list += ", …"
	}
	return list
}

var errNoVectors = errors.New("there are no vectors")
