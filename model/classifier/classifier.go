// Package classifier has models that give labels to lines: a line is the mean of the rows of its words, word
// n-grams and character n-grams, and each label has a row whose inner product with it is the label's score
// (Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification").
package classifier

import (
	"encoding/json"
	"maps"
	"math"
	"math/bits"
	"slices"
	"sync"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/model/subword"
)

// A Loss is what training made small, which decides what scores mean.
type Loss string

const (
	// Softmax makes one distribution of all labels.
	Softmax Loss = "softmax"
	// NegativeSampling tells each label of a line from labels drawn by their frequency.
	NegativeSampling Loss = "ns"
	// OneVsAll has a probability of its own for each label, so a line may have several labels or none.
	OneVsAll Loss = "ova"
	// Hierarchical is fastText's softmax over a Huffman tree of the labels. Such models are read, not trained.
	Hierarchical Loss = "hs"
)

// Features say which rows make up a line.
type Features struct {
	// WordNGrams is the length in words of the longest word n-grams, 1 for words alone.
	WordNGrams int `json:"word_ngrams"`
	// MinN and MaxN are the lengths in runes of the shortest and the longest character n-grams of words; MaxN 0
	// means none.
	MinN int `json:"min_n"`
	MaxN int `json:"max_n"`
	// Buckets is the number of rows that the hashes of n-grams share.
	Buckets int `json:"bucket"`
}

// HasBuckets tells whether any n-grams have rows.
func (f Features) HasBuckets() bool { return f.WordNGrams > 1 || f.MaxN > 0 }

// EndOfLine is a word that ends every line, as in fastText. Its row is what all lines share.
const EndOfLine = "</s>"

// A Label is a label and how many lines of the training text have it.
type Label struct {
	Name  string
	Count int64
}

// A Model gives labels to lines. It is safe for concurrent use if it is not changed.
type Model struct {
	Features
	// Loss is what the model was trained with. Negatives is the number of negatives of [NegativeSampling], and Noise how
	// often each label is drawn, in the mean, against a label of a line that lacks it.
	Loss      Loss
	Negatives float64
	Noise     []float64
	// Analyzer describes how lines become tokens; "fasttext" splits as fastText does.
	Analyzer string
	Words    *vocab.Vocabulary
	Labels   []Label
	// Input has the rows of words, then those of the buckets in use. Output has a row for each label, or for each
	// inner node of the tree of [Hierarchical].
	Input, Output Rows
	// Used are the buckets that have a row; nil if all have, in their order.
	Used *BucketSet
	kept map[int32]int32 // the buckets that a pruned model of fastText has kept, and their numbers
	// Tree is the Huffman tree of [Hierarchical], nil for other losses.
	Tree *Tree
	// Manifest says how the model was made, as JSON; nil if that is unknown.
	Manifest json.RawMessage
	// Table makes sigmoids as coarse as those of fastText, whose models then have its probabilities.
	Table bool

	indexOnce sync.Once
	wordIndex *wordIndex
}

// index returns what finds words.
func (m *Model) index() *wordIndex {
	m.indexOnce.Do(func() { m.wordIndex = newWordIndex(m.Words) })
	return m.wordIndex
}

// Rows hold the rows of a matrix; see [model.Storage].
type Rows = model.Storage

// ngrams returns the character n-grams.
func (f Features) ngrams() *subword.NGrams {
	return &subword.NGrams{Hash: subword.FastText, MinN: f.MinN, MaxN: f.MaxN, Buckets: f.Buckets}
}

// A BucketSet is a set of buckets, each of which has a number: its rank in the set.
type BucketSet struct {
	words []uint64
	ranks []int32 // of the first bucket of each word
	n     int
	// numbers has the numbers of few buckets among very many, in place of the bits, whose memory a file could ask for
	// with a single number.
	numbers map[int32]int32
}

// bucketSetOf returns the set of these buckets among 0..n-1, which are ascending.
func bucketSetOf(n int, buckets []int32) *BucketSet {
	const dense = 1 << 12 // buckets for each that is in the set
	if n/dense <= len(buckets)+dense {
		s := NewBucketSet(n, func(int) bool { return false })
		for _, b := range buckets {
			s.Add(b)
		}
		s.Count()
		return s
	}
	s := &BucketSet{n: len(buckets), numbers: make(map[int32]int32, len(buckets))}
	for i, b := range buckets {
		s.numbers[b] = int32(i)
	}
	return s
}

// NewBucketSet returns the set of the buckets among 0..n-1 for which has is true.
func NewBucketSet(n int, has func(bucket int) bool) *BucketSet {
	s := &BucketSet{words: make([]uint64, (n+63)/64), ranks: make([]int32, (n+63)/64)}
	for b := range n {
		if has(b) {
			s.words[b/64] |= 1 << (b % 64)
		}
	}
	s.Count()
	return s
}

// Count gives each bucket its number.
func (s *BucketSet) Count() {
	s.n = 0
	for i, w := range s.words {
		s.ranks[i] = int32(s.n)
		s.n += bits.OnesCount64(w)
	}
}

// Len returns the number of buckets in the set.
func (s *BucketSet) Len() int { return s.n }

// Add adds a bucket. The numbers are wrong until [BucketSet.Count].
func (s *BucketSet) Add(bucket int32) { s.words[bucket/64] |= 1 << (bucket % 64) }

// Number returns the number of a bucket, -1 if it is not in the set.
func (s *BucketSet) Number(bucket int32) int32 {
	if s.numbers != nil {
		if n, ok := s.numbers[bucket]; ok {
			return n
		}
		return -1
	}
	w, bit := s.words[bucket/64], uint64(1)<<(bucket%64)
	if w&bit == 0 {
		return -1
	}
	return s.ranks[bucket/64] + int32(bits.OnesCount64(w&(bit-1)))
}

// Buckets returns the buckets in ascending order.
func (s *BucketSet) Buckets() []int32 {
	if s.numbers != nil {
		return slices.Sorted(maps.Keys(s.numbers))
	}
	all := make([]int32, 0, s.n)
	for i, w := range s.words {
		for ; w != 0; w &= w - 1 {
			all = append(all, int32(64*i+bits.TrailingZeros64(w)))
		}
	}
	return all
}

// Hash returns the hash of a token: FNV-1a of 32 bits with sign-extended bytes, as in fastText.
func Hash(token string) uint32 {
	h := uint32(2166136261)
	for i := range len(token) {
		h = (h ^ uint32(int32(int8(token[i])))) * 16777619
	}
	return h
}

// wordNGramFactor is that of fastText's hash of word n-grams.
const wordNGramFactor = 116049371

// AppendWordNGrams appends the buckets of the word n-grams of tokens with these hashes to buf.
func (f Features) AppendWordNGrams(buf []int32, hashes []uint32) []int32 {
	for i := range hashes {
		h := uint64(int64(int32(hashes[i])))
		for j := i + 1; j < len(hashes) && j < i+f.WordNGrams; j++ {
			h = h*wordNGramFactor + uint64(int64(int32(hashes[j])))
			buf = append(buf, int32(h%uint64(f.Buckets)))
		}
	}
	return buf
}

// AppendCharNGrams appends the buckets of the character n-grams of a word to buf.
func (f Features) AppendCharNGrams(buf []int32, word string) []int32 {
	if f.MaxN == 0 || word == EndOfLine {
		return buf
	}
	return f.ngrams().Append(buf, word)
}

// Dim returns the number of values of a row.
func (m *Model) Dim() int {
	_, dim := m.Input.Shape()
	return dim
}

// rowOf returns the row of a bucket, -1 if it has none.
func (m *Model) rowOf(bucket int32) int32 {
	if m.kept != nil {
		if n, ok := m.kept[bucket]; ok {
			return int32(m.Words.Len()) + n
		}
		return -1
	}
	if m.Used == nil {
		return int32(m.Words.Len()) + bucket
	}
	n := m.Used.Number(bucket)
	if n < 0 {
		return -1
	}
	return int32(m.Words.Len()) + n
}

// Rows appends the rows of a line with these tokens, without its end, to buf. unseen is how many of its n-grams
// have no row: they count in the mean, as rows of zeros. known tells whether any of the line's own words or n-grams
// has a row.
func (m *Model) Rows(buf []int32, tokens []string) (rows []int32, unseen int, known bool) {
	start := len(buf)
	hashes := make([]uint32, 0, 64)
	var buckets []int32
	addBuckets := func() {
		for _, b := range buckets {
			if r := m.rowOf(b); r >= 0 {
				buf = append(buf, r)
			} else if m.kept == nil { // a pruned model leaves out what it lacks
				unseen++
			}
		}
		buckets = buckets[:0]
	}
	add := func(token string) {
		if id, ok := m.Words.ID(token); ok {
			buf = append(buf, int32(id))
		}
		buckets = m.AppendCharNGrams(buckets, token)
		addBuckets()
		if m.WordNGrams > 1 {
			hashes = append(hashes, Hash(token))
		}
	}
	for _, token := range tokens {
		add(token)
	}
	own := len(buf)
	add(EndOfLine)
	before := len(buf)
	buckets = m.AppendWordNGrams(buckets, hashes)
	addBuckets()
	return buf, unseen, own > start || len(buf) > before
}

// Probabilities turns the scores of all labels into probabilities, in place.
func (m *Model) Probabilities(scores []float32) {
	switch m.Loss {
	case OneVsAll:
		for i, s := range scores {
			scores[i] = m.sigmoid(s)
		}
		return
	case NegativeSampling:
		if m.Table { // fastText's are those of each label alone
			for i, s := range scores {
				scores[i] = m.sigmoid(s)
			}
			return
		}
		// A label is right in p of all lines, and drawn as a negative in the other 1-p, q times in each. So its score is
		// the logarithm of p / (q (1-p)), from which p follows: the noise is undone (after Gutmann and Hyvärinen 2012).
		sum := float32(0)
		for i, q := range m.Noise {
			scores[i] = float32(1 / (1 + math.Exp(-float64(scores[i])-math.Log(q))))
			sum += scores[i]
		}
		for i := range scores {
			scores[i] /= sum
		}
		return
	}
	SoftmaxOf(scores)
}

// SoftmaxOf replaces scores by exp(score) / sum of all exp(score).
func SoftmaxOf(scores []float32) {
	high := float32(math.Inf(-1))
	for _, s := range scores {
		high = max(high, s)
	}
	sum := 0.0
	for i, s := range scores {
		e := math.Exp(float64(s - high))
		scores[i] = float32(e)
		sum += e
	}
	for i := range scores {
		scores[i] = float32(float64(scores[i]) / sum)
	}
}

const (
	// fastText's table of sigmoids: 512 steps from -8 to 8.
	tableSize = 512
	tableMax  = 8
)

// sigmoid returns 1 / (1 + exp(-x)), or what fastText's table has for it.
func (m *Model) sigmoid(x float32) float32 {
	if !m.Table {
		return float32(1 / (1 + math.Exp(-float64(x))))
	}
	switch {
	case x < -tableMax:
		return 0
	case x > tableMax:
		return 1
	}
	i := int64((x + tableMax) * tableSize / tableMax / 2)
	at := float32(i*2*tableMax)/tableSize - tableMax
	return float32(1 / (1 + math.Exp(-float64(at))))
}
