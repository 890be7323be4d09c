// Package evaltest has vectors and sets with known structure for the tests of evaluation, and runs
// Python for comparison with other tools.
package evaltest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"kindred/corpus/vocab"
	"kindred/eval/sets"
	"kindred/model"
)

// Embeddings returns embeddings of words with the given vectors.
func Embeddings(t testing.TB, words []string, vectors [][]float32) *model.Embeddings {
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

// A VectorBuilder makes vectors with known structure: vectors are random, but the second word of a
// relation is the first one plus the offset of the relation and noise.
type VectorBuilder struct {
	Random  *rand.Rand
	dim     int
	Words   []string
	Vectors map[string][]float32
	offsets map[string][]float32
}

// NewVectorBuilder returns a VectorBuilder of vectors of the given dimension.
func NewVectorBuilder(seed uint64, dim int) *VectorBuilder {
	return &VectorBuilder{
		Random: rand.New(rand.NewPCG(seed, 0)), dim: dim,
		Vectors: make(map[string][]float32), offsets: make(map[string][]float32),
	}
}

// gauss returns a vector of normal deviates times scale, added to start.
func (g *VectorBuilder) gauss(scale float64, start ...[]float32) []float32 {
	v := make([]float32, g.dim)
	for i := range v {
		v[i] = float32(scale * g.Random.NormFloat64())
		for _, s := range start {
			v[i] += s[i]
		}
	}
	return v
}

// AddWord adds a word with a vector of its own.
func (g *VectorBuilder) AddWord(word string) { g.put(word, g.gauss(1)) }

// AddNear adds a word near another.
func (g *VectorBuilder) AddNear(word, near string, noise float64) {
	g.put(word, g.gauss(noise, g.Vectors[near]))
}

// AddRelated adds two words that are related.
func (g *VectorBuilder) AddRelated(relation, first, second string, noise float64) {
	if g.offsets[relation] == nil {
		g.offsets[relation] = g.gauss(1)
	}
	g.AddWord(first)
	g.put(second, g.gauss(noise, g.Vectors[first], g.offsets[relation]))
}

// put adds a word, unless it is there.
func (g *VectorBuilder) put(word string, vector []float32) {
	if g.Vectors[word] != nil {
		return
	}
	g.Words = append(g.Words, word)
	g.Vectors[word] = vector
}

// Embeddings returns the words in random order, which stands for frequency.
func (g *VectorBuilder) Embeddings(t testing.TB) *model.Embeddings {
	t.Helper()
	g.Random.Shuffle(len(g.Words), func(i, j int) { g.Words[i], g.Words[j] = g.Words[j], g.Words[i] })
	vectors := make([][]float32, len(g.Words))
	for i, w := range g.Words {
		vectors[i] = g.Vectors[w]
	}
	return Embeddings(t, g.Words, vectors)
}

// CategoryVectors returns vectors with a category of each of the sizes, and the set of these categories.
// More noise makes them harder to find.
func CategoryVectors(t testing.TB, noise float64, sizes ...int) (*VectorBuilder, sets.Set) {
	g := NewVectorBuilder(5, 20)
	var text strings.Builder
	fmt.Fprintln(&text, "category,word")
	for c, size := range sizes {
		kind := fmt.Sprintf("kind%d", c)
		g.AddWord(kind)
		for i := range size {
			word := fmt.Sprintf("%s-%d", kind, i)
			g.AddNear(word, kind, noise)
			fmt.Fprintf(&text, "%s,%s\n", kind, word)
		}
	}
	return g, Parse(t, "grove.csv", text.String())
}

// AllKinds returns vectors with categories, relations and similar words, and a set of each kind that is
// large enough for intervals.
func AllKinds(t testing.TB) (*model.Embeddings, []sets.Set) {
	g, categories := CategoryVectors(t, 1.7, 12, 9, 10, 11)
	var pairs, questions, groups strings.Builder
	fmt.Fprintln(&groups, "category,words,outliers")
	for i := range 9 {
		fmt.Fprintf(&groups, "group%d,\"['kind0-%d', 'kind0-%d', 'kind0-%d']\",\"['kind1-%d', 'kind%d-%d']\"\n", i, i, i+1, i+2, i, i%3, i%8)
	}
	for _, relation := range []string{"capitals", "gram1-plural"} {
		fmt.Fprintln(&questions, ":", relation)
		for i := range 10 {
			g.AddRelated(relation, fmt.Sprintf("a%d%s", i, relation), fmt.Sprintf("b%d%s", i, relation), 0.8)
		}
		for i := range 10 {
			for j := range 10 {
				if i != j {
					fmt.Fprintf(&questions, "a%d%s b%d%s a%d%s b%d%s\n", i, relation, i, relation, j, relation, j, relation)
				}
			}
		}
	}
	for i := range 40 {
		first, second := g.Words[i], g.Words[(7*i+3)%len(g.Words)]
		human := 5 + 4*model.Cosine(g.Vectors[first], g.Vectors[second]) + g.Random.NormFloat64()
		fmt.Fprintf(&pairs, "%s\t%s\t%.2f\n", first, second, human)
	}
	return g.Embeddings(t), []sets.Set{
		Parse(t, "pairs.tsv", pairs.String()), Parse(t, "questions.txt", questions.String()), Parse(t, "groups.csv", groups.String()), categories,
	}
}

// Royals are vectors of rank, sex and youth, in which king - man + woman is queen.
func Royals(t testing.TB) *model.Embeddings {
	words := []string{"man", "Woman", "king", "queen", "prince", "princess", "woman", "KING"}
	vectors := [][]float32{
		{0, 1, 0, 0}, {0, 0, 1, 0}, {1, 1, 0, 0}, {1, 0, 1, 0}, {1, 1, 0, 1}, {1, 0, 1, 1}, {0, -1, 1, 0}, {1, 1, 0.25, 0},
	}
	return Embeddings(t, words, vectors)
}

// RoyalPairs is a similarity set about them.
const RoyalPairs = `Word 1,Word 2,Human (mean),judges
king,queen,8.5,10
man,woman,8.25,10
prince,princess,9,10
king,woman,2,10
woman,man,8,10
king,page,1,10
squire,page,7,10
man,prince,4,10
`

// RoyalQuestions is an analogy set about them.
const RoyalQuestions = `: family
man woman king queen
man woman prince princess
king queen man woman
man king woman squire
king queen man princess
: gram1-rank
man king woman queen
prince king princess queen
: gram2-rare
page pages squire squires
: none
`

// Parse returns the set in text.
func Parse(t testing.TB, name, text string) sets.Set {
	t.Helper()
	set, err := sets.ParseSet(name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// WantClose fails the test unless got is want within the tolerance.
func WantClose(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}
