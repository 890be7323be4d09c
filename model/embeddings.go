package model

import (
	"encoding/json"
	"fmt"

	"kindred/corpus/vocab"
)

// Embeddings are the vectors of words: a [Vocab] says which rows make up the vector of a word, a
// [Storage] holds the rows.
type Embeddings struct {
	// Vocabulary holds the words. It is a *[vocab.Vocabulary], or a [Composer].
	Vocabulary Vocab
	// Input is the input matrix (syn0 in word2vec.c), which word vectors are made of.
	Input Storage
	// Words has the vectors of the stored words, if a file has them beside the rows of Input that a [Composer] makes them of: row i is that
	// of word i. It is nil if they must be made. Whoever changes Input must clear it.
	Words Storage
	// Output is the output matrix (syn1neg in word2vec.c), nil if the file has none. Its row i belongs
	// to the stored word i.
	Output Storage
	// Positions has a row of weights for each position in a window, from the first before its center to the last behind it, if
	// the training weighed words by position (Mikolov et al. 2018, section 2.2); else it is nil. Only the native format holds it.
	Positions *Matrix
	// Manifest says how the vectors were made, nil if that is not known.
	Manifest *Manifest
	// Checkpoint is the state of a training run that can be resumed, as package train writes it:
	// JSON, nil if there is none. Only the native format holds it.
	Checkpoint json.RawMessage
	// Hash is that of the native file that the vectors are all of, in hexadecimal, "" if they come from elsewhere. Whoever changes
	// the vectors must clear it.
	Hash string
	// Warnings are what a reader noticed that is not an error, for example words that occur twice:
	// a sentence each, without a period.
	Warnings []string
}

// A Vocab holds the stored words of a model: ids 0..Len()-1, in descending order of frequency if
// kindred trained them. Word i is made of row i, unless the Vocab is a [Composer]. It is safe for
// concurrent use.
type Vocab interface {
	Len() int
	// Word returns the word with the given id, 0 <= id < Len().
	Word(id int) string
	// ID returns the id of a stored word.
	ID(word string) (id int, ok bool)
	// Count returns how often the word with the given id was seen in the text, 0 if unknown.
	Count(id int) int64
}

var _ Vocab = (*vocab.Vocabulary)(nil)

// A Composer is a [Vocab] whose words are made of several rows: the vector of a word is scale times
// the sum of its rows. A scale of 1/len(rows) gives their mean, as in fastText. A row may occur more
// than once.
type Composer interface {
	Vocab
	// Stored returns the rows of a stored word, one or more. It appends them to buf.
	Stored(buf []int32, id int) (rows []int32, scale float32)
	// Unseen returns the rows of a word that is not stored. It appends them to buf. ok is false if
	// the word has no rows.
	Unseen(buf []int32, word string) (rows []int32, scale float32, ok bool)
}

// A Storage holds the rows of a matrix. It is safe for concurrent use. One whose reading can fail also
// has a method Err() error, which returns the first failure; a row that can't be read is zero.
type Storage interface {
	// Shape returns the number of rows and the number of values in a row.
	Shape() (rows, dim int)
	// ReadRow returns row i, 0 <= i < rows. A storage that has the row in memory as float32 returns
	// that memory, which must not be changed. Any other writes to buf, or to a new slice if buf is
	// too short.
	ReadRow(buf []float32, i int) []float32
}

// A BlockStorage is a [Storage] that gives many rows at once. One whose memory may vanish, as it is that of a mapped file
// which somebody can cut, also has a method Guard(read func()) error: what ReadRows returns must be read within it, and
// the error says that a part was not there.
type BlockStorage interface {
	Storage
	// ReadRows returns the rows first..first+n-1: row first+i starts at values[i*stride]. Values behind the row, up to a
	// multiple of 16 from its start, are there too, and any finite number. If the rows are not in memory in this form,
	// they are written to buf, or to a new slice if buf is shorter than n rows of dim values, each rounded up to a
	// multiple of 16. Values that the caller must not change.
	ReadRows(buf []float32, first, n int) (values []float32, stride int)
}

var _ BlockStorage = (*Matrix)(nil)

// Guard calls read, which reads rows of s, and returns the error of the method Guard of s, nil if it has none. See
// [BlockStorage].
func Guard(s Storage, read func()) error {
	if g, ok := s.(interface{ Guard(read func()) error }); ok {
		return g.Guard(read)
	}
	read()
	return nil
}

// StorageErr returns the error of the method Err of s, nil if it has none. See [Storage].
func StorageErr(s Storage) error {
	if f, ok := s.(interface{ Err() error }); ok {
		return f.Err()
	}
	return nil
}

// Dim returns the number of values in a vector.
func (e *Embeddings) Dim() int {
	_, dim := e.Input.Shape()
	return dim
}

// Vector returns the vector of a word, and whether the model has one: for each stored word, and for
// those that a [Composer] composes. The vector must not be changed, as it may be a row of Input.
func (e *Embeddings) Vector(word string) (vector []float32, ok bool) {
	if id, ok := e.Vocabulary.ID(word); ok {
		return e.Reader().Stored(id), true
	}
	return e.Reader().Unseen(word)
}

// Check returns an error if a word has no row, or if a value of a vector is NaN or infinite. It
// names the word.
func (e *Embeddings) Check() error {
	rows, _ := e.Input.Shape()
	if _, composed := e.Vocabulary.(Composer); !composed && rows != e.Vocabulary.Len() {
		return fmt.Errorf("%d words but %d vectors", e.Vocabulary.Len(), rows)
	}
	r := e.Reader()
	for id := range e.Vocabulary.Len() {
		v := r.Stored(id)
		if i := FirstNotFinite(v); i >= 0 {
			return fmt.Errorf("value %d of the vector of %.60q is %v, want a finite number: the training diverged or the file is damaged; train again, or remove the word",
				i+1, e.Vocabulary.Word(id), v[i])
		}
	}
	return nil
}

// A Reader reads the vectors of words. It has buffers and is not safe for concurrent use; each
// goroutine needs its own.
type Reader struct {
	composer     Composer // nil if word i is row i
	input, words Storage  // words may be nil
	// rows and row are buffers for what the composer and the storage return, and sum holds a
	// composed vector.
	rows     []int32
	row, sum []float32
}

// Reader returns a new reader of the vectors.
func (e *Embeddings) Reader() *Reader {
	r := &Reader{input: e.Input, words: e.Words}
	r.composer, _ = e.Vocabulary.(Composer)
	if _, dense := e.Input.(*Matrix); !dense {
		r.row = make([]float32, e.Dim())
	}
	return r
}

// Stored returns the vector of the stored word with this id. It is valid until the next call and
// must not be changed. For a dense matrix with a row for each word it is that row.
func (r *Reader) Stored(id int) []float32 {
	switch {
	case r.composer == nil:
		return r.input.ReadRow(r.row, id)
	case r.words != nil:
		return r.words.ReadRow(r.row, id)
	}
	rows, scale := r.composer.Stored(r.rows[:0], id)
	return r.compose(rows, scale)
}

// Unseen returns the vector of a word that is not stored, if a [Composer] composes one. It is valid
// until the next call and must not be changed.
func (r *Reader) Unseen(word string) ([]float32, bool) {
	if r.composer == nil {
		return nil, false
	}
	rows, scale, ok := r.composer.Unseen(r.rows[:0], word)
	if !ok {
		return nil, false
	}
	return r.compose(rows, scale), true
}

// compose returns scale times the sum of rows.
func (r *Reader) compose(rows []int32, scale float32) []float32 {
	r.rows = rows
	first := r.input.ReadRow(r.row, int(rows[0]))
	if len(rows) == 1 && scale == 1 {
		return first
	}
	r.sum = append(r.sum[:0], first...)
	for _, row := range rows[1:] {
		for i, v := range r.input.ReadRow(r.row, int(row)) {
			r.sum[i] += v
		}
	}
	for i := range r.sum {
		r.sum[i] *= scale
	}
	return r.sum
}

// PositionRow returns the row of [Embeddings.Positions] for words at a distance from the center, negative if they come first: from
// -window to window, but not 0. What is farther counts as the farthest.
func PositionRow(window, distance int) int {
	if distance > 0 {
		return min(distance, window) + window - 1
	}
	return max(distance, -window) + window
}
