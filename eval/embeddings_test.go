package eval

import (
	"math/rand/v2"
	"testing"

	"kindred/corpus/vocab"
	"kindred/model"
)

// embeddings returns embeddings of words with the given vectors.
func embeddings(t testing.TB, words []string, vectors [][]float32) *model.Embeddings {
	t.Helper()
	v, err := vocab.New(words, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := model.NewMatrix(len(words), len(vectors[0]))
	for i, vector := range vectors {
		copy(m.Row(i), vector)
	}
	return &model.Embeddings{Vocabulary: v, Input: m}
}

// A garden grows vectors with planted structure: every word is random, but
// the second word of a relation is the first one moved by the relation's
// offset, with noise.
type garden struct {
	random  *rand.Rand
	dim     int
	words   []string
	vectors map[string][]float32
	offsets map[string][]float32
}

func newGarden(seed uint64, dim int) *garden {
	return &garden{
		random: rand.New(rand.NewPCG(seed, 0)), dim: dim,
		vectors: make(map[string][]float32), offsets: make(map[string][]float32),
	}
}

// gauss returns a vector of normal deviates times scale, added to start.
func (g *garden) gauss(scale float64, start ...[]float32) []float32 {
	v := make([]float32, g.dim)
	for i := range v {
		v[i] = float32(scale * g.random.NormFloat64())
		for _, s := range start {
			v[i] += s[i]
		}
	}
	return v
}

// plant adds a word with a vector of its own.
func (g *garden) plant(word string) { g.put(word, g.gauss(1)) }

// graft adds a word near another.
func (g *garden) graft(word, near string, noise float64) {
	g.put(word, g.gauss(noise, g.vectors[near]))
}

// relate adds two words that are related.
func (g *garden) relate(relation, first, second string, noise float64) {
	if g.offsets[relation] == nil {
		g.offsets[relation] = g.gauss(1)
	}
	g.plant(first)
	g.put(second, g.gauss(noise, g.vectors[first], g.offsets[relation]))
}

// put adds a word that isn't there yet.
func (g *garden) put(word string, vector []float32) {
	if g.vectors[word] != nil {
		return
	}
	g.words = append(g.words, word)
	g.vectors[word] = vector
}

// harvest returns the words in random order, which stands for frequency.
func (g *garden) harvest(t testing.TB) *model.Embeddings {
	t.Helper()
	g.random.Shuffle(len(g.words), func(i, j int) { g.words[i], g.words[j] = g.words[j], g.words[i] })
	vectors := make([][]float32, len(g.words))
	for i, w := range g.words {
		vectors[i] = g.vectors[w]
	}
	return embeddings(t, g.words, vectors)
}
