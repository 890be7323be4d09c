package evaltest

import (
	"strings"
	"testing"

	"kindred/corpus/vocab"
	"kindred/model"
)

// letters is a vocabulary whose words are the means of the rows of their letters a to z, as subwords
// are. It answers any word of these letters.
type letters struct{ *vocab.Vocabulary }

func (l letters) rows(buf []int32, word string) (rows []int32, scale float32, ok bool) {
	for _, r := range word {
		if r < 'a' || r > 'z' {
			return nil, 0, false
		}
		buf = append(buf, r-'a')
	}
	return buf, 1 / float32(len(buf)), true
}

// Stored returns the rows of the letters of a stored word.
func (l letters) Stored(buf []int32, id int) ([]int32, float32) {
	rows, scale, _ := l.rows(buf, l.Word(id))
	return rows, scale
}

// Unseen returns the rows of the letters of a word.
func (l letters) Unseen(buf []int32, word string) ([]int32, float32, bool) { return l.rows(buf, word) }

// Letters returns embeddings that store the words given, and answer any other word of the letters a
// to z: a word is the mean of its letters, whose vectors are random and depend on the seed.
func Letters(t testing.TB, seed uint64, words string) *model.Embeddings {
	t.Helper()
	v, err := vocab.New(strings.Fields(words), nil)
	if err != nil {
		t.Fatal(err)
	}
	g := NewVectorBuilder(seed, 24)
	m := model.NewMatrix(26, g.dim)
	for i := range m.Rows {
		copy(m.Row(i), g.gauss(1))
	}
	return &model.Embeddings{Vocabulary: letters{v}, Input: m}
}
