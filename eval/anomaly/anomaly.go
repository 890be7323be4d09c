// Package anomaly scores how unusual a line is to a model that was trained on normal text. Two things
// make a line unusual: words that the text did not have, and neighbors that are not together in it. The
// score adds them up; [Score] has both.
package anomaly

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/train/negative"
)

// Version names the definition of the score. Scores of different versions can't be compared.
const Version = "words+pairs/1"

// wordWeight weighs the words of a score against its pairs. docs/anomalies.md tells how it was chosen.
const wordWeight = 0.25

// A Scorer scores lines by one model. It is safe for concurrent use.
type Scorer struct {
	ids      map[string]int32
	words    []string
	in, out  *model.Matrix
	shift    []float64 // by word: what makes the inner product with its output row a PMI
	unseen   float64   // the share of tokens of new text that are not in the vocabulary
	deviates float64   // √(unseen (1 - unseen))
}

// A Score says how unusual a line is.
type Score struct {
	// Total is the score: a quarter of Words, less Pairs. Higher is more unusual. It is rounded to 32 bits, so
	// that equal lines have equal scores on all processors. It is negative infinity without tokens.
	Total float64
	// Words compares the number of unseen words u with that of usual lines of n tokens. With the share p
	// of such words in new text,
	//
	//	(u - n p) / √(n p (1-p))
	//
	// is 0 on average and has a standard deviation of 1 if words are independent.
	Words float64
	// Pairs is the mean pointwise mutual information of neighbors, in nats, in both directions: 0 for words
	// that are together as often as by chance, less if more rarely. It is 0 if no known words are
	// neighbors.
	Pairs float64
	// Tokens is the number of tokens, Unseen how many of them are not in the vocabulary, and Neighbors
	// the number of pairs of known words that stand side by side.
	Tokens, Unseen, Neighbors int
}

// A ModelError reports a model by which lines can't be scored. It says what helps.
type ModelError string

func (e ModelError) Error() string { return string(e) }

// settings are those of a training that the scores depend on.
type settings struct {
	Subsample float64 `json:"subsample"`
	negative.Settings
}

// New returns the scorer of a model that kindred trained, with its counts, its output matrix and its
// manifest. The error is a [ModelError] if the model lacks one of these, or if its scores of pairs do not
// estimate pointwise mutual information.
//
// The inner product of the input row of w and the output row of c estimates PMI(w, c) - log k under noise
// that has the distribution of the text (Levy and Goldberg, "Neural word embedding as implicit matrix
// factorization", 2014). The scorer undoes the shift by the k, the noise and the sub-sampling of the
// settings: see [negative.Settings.Shares].
//
// The share of unseen words is that of the text the model was trained on, if each of its lines were new: of its
// tokens, those that are not in the vocabulary, and those that would not be if they were not there themselves,
// since their words are just as frequent as the vocabulary demands. If it demands one token, that is the
// estimate of Good ("The population frequencies of species and the estimation of population
// parameters", 1953).
func New(e *model.Embeddings) (*Scorer, error) {
	switch {
	case e.Output == nil:
		return nil, ModelError("it has no output matrix, by which pairs are scored; train to a .safetensors file, which has it")
	case e.Manifest == nil || len(e.Manifest.Settings) == 0:
		return nil, ModelError("it has no manifest with the settings of its training, which scores depend on; train it with kindred to a .safetensors file")
	}
	set := settings{Settings: negative.Defaults()}
	if err := json.Unmarshal(e.Manifest.Settings, &set); err != nil {
		return nil, ModelError(fmt.Sprintf("the settings in its manifest can't be read: %v", err))
	}
	rows, _ := e.Output.Shape()
	n := e.Vocabulary.Len()
	if rows < n || n == 0 {
		return nil, ModelError(fmt.Sprintf("it has %d words and %d rows of output", n, rows))
	}
	input, reader, row := e.Input, e.Reader(), make([]float32, e.Dim())
	if _, composed := e.Vocabulary.(model.Composer); composed {
		input = nil // a word is not a row
	}
	s := &Scorer{
		ids: make(map[string]int32, n), words: make([]string, n),
		in:  dense(input, n, e.Dim(), reader.Stored),
		out: dense(e.Output, n, e.Dim(), func(id int) []float32 { return e.Output.ReadRow(row, id) }),
	}
	counts := make([]int64, n)
	for id := range n {
		word := e.Vocabulary.Word(id)
		s.words[id], s.ids[word], counts[id] = word, int32(id), e.Vocabulary.Count(id)
	}
	v, err := vocab.New(s.words, counts)
	if err != nil {
		return nil, err
	}
	if v.Total() == 0 {
		return nil, ModelError("it has no counts of its words; train it with kindred to a .safetensors file")
	}
	noise, text, err := set.Shares(v, set.Subsample)
	if err != nil {
		return nil, ModelError(err.Error())
	}
	k := set.NegativesAt(1)
	if k == 0 {
		return nil, ModelError("it was trained without negatives, so that its scores of pairs mean nothing")
	}
	for id := range n {
		shift := math.Log(k*noise[id]) - math.Log(text[id])
		if math.IsNaN(shift) || math.IsInf(shift, 0) {
			shift = 0 // a word that was not in the text
		}
		s.shift = append(s.shift, shift)
	}
	s.unseen = unseenShare(e.Manifest.Corpus, v)
	s.deviates = math.Sqrt(s.unseen * (1 - s.unseen))
	return s, nil
}

// dense returns a storage itself if it is a matrix, and a copy of n rows otherwise.
func dense(s model.Storage, n, dim int, row func(id int) []float32) *model.Matrix {
	if m, ok := s.(*model.Matrix); ok {
		return m
	}
	m := model.NewMatrix(n, dim)
	for id := range n {
		copy(m.Row(id), row(id))
	}
	return m
}

// unseenShare returns the share of unseen words in new text; see [New].
func unseenShare(r *vocab.Record, v *vocab.Vocabulary) float64 {
	least := int64(math.MaxInt64)
	for _, c := range v.Counts() {
		if c > 0 {
			least = min(least, c)
		}
	}
	tokens := float64(v.Total())
	outside := 0.0
	if r != nil {
		least = max(r.MinCount, 1)
		kept := r.TokensKept
		if r.HeldOut != nil {
			kept += r.HeldOut.Tokens
		}
		if r.Tokens >= kept && kept > 0 {
			tokens, outside = float64(r.Tokens), float64(r.Tokens-kept)
		}
	}
	for _, c := range v.Counts() {
		if c > 0 && c <= least {
			outside += float64(c)
		}
	}
	return min(max(outside, 1)/(tokens+1), 0.5)
}

// UnseenShare returns the share of the tokens of new normal text that the scorer expects not to be in the
// vocabulary.
func (s *Scorer) UnseenShare() float64 { return s.unseen }

// A Line is a line that is scored. It belongs to one goroutine and is used again for the next line.
type Line struct {
	s      *Scorer
	ids    []int32 // -1 for an unseen word
	texts  []byte  // of the unseen words, one after the other
	ends   []int   // in texts
	unseen int
}

// Line returns an empty line.
func (s *Scorer) Line() *Line { return &Line{s: s} }

// Reset makes the line empty.
func (l *Line) Reset() {
	l.ids, l.texts, l.ends, l.unseen = l.ids[:0], l.texts[:0], l.ends[:0], 0
}

// Token adds a token, which is copied.
func (l *Line) Token(t []byte) {
	if id, ok := l.s.ids[string(t)]; ok {
		l.ids = append(l.ids, id)
		return
	}
	l.ids = append(l.ids, -1)
	l.texts = append(l.texts, t...)
	l.ends = append(l.ends, len(l.texts))
	l.unseen++
}

// Score returns the score of the line.
func (l *Line) Score() Score {
	n := len(l.ids)
	if n == 0 {
		return Score{Total: math.Inf(-1)}
	}
	r := Score{Tokens: n, Unseen: l.unseen}
	r.Words = (float64(l.unseen) - float64(n)*l.s.unseen) / (l.s.deviates * math.Sqrt(float64(n)))
	sum := 0.0
	for i, id := range l.ids[1:] {
		if before := l.ids[i]; before >= 0 && id >= 0 {
			sum += l.s.pmi(before, id)
			r.Neighbors++
		}
	}
	if r.Neighbors > 0 {
		r.Pairs = sum / float64(r.Neighbors)
	}
	r.Total = float64(float32(wordWeight*r.Words - r.Pairs))
	return r
}

// pmi returns the estimate of the pointwise mutual information of two words, the mean of both directions.
func (s *Scorer) pmi(a, b int32) float64 {
	return (dot(s.in.Row(int(a)), s.out.Row(int(b))) + s.shift[b] + dot(s.in.Row(int(b)), s.out.Row(int(a))) + s.shift[a]) / 2
}

// dot returns the inner product. The conversions keep compilers from fusing operations, so that it has the
// same bits on all processors.
func dot(a, b []float32) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += float32(a[i] * b[i])
		s1 += float32(a[i+1] * b[i+1])
		s2 += float32(a[i+2] * b[i+2])
		s3 += float32(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float32(a[i] * b[i])
	}
	return float64(s0+s1) + float64(s2+s3)
}

// A Pair is a pair of neighbors and the estimate of their pointwise mutual information in nats.
type Pair struct {
	First, Second string
	PMI           float64
}

// Unseen returns the unseen words of the line, each time they occur, in their order.
func (l *Line) Unseen() []string {
	var words []string
	start := 0
	for _, end := range l.ends {
		words = append(words, string(l.texts[start:end]))
		start = end
	}
	return words
}

// Rarest returns the n pairs of neighbors with the lowest pointwise mutual information, the lowest first, each pair
// once.
func (l *Line) Rarest(n int) []Pair {
	type key struct{ a, b int32 }
	seen := map[key]bool{}
	var pairs []Pair
	for i := 1; i < len(l.ids); i++ {
		a, b := l.ids[i-1], l.ids[i]
		if a < 0 || b < 0 || seen[key{a, b}] {
			continue
		}
		seen[key{a, b}] = true
		pairs = append(pairs, Pair{l.s.words[a], l.s.words[b], l.s.pmi(a, b)})
	}
	slices.SortStableFunc(pairs, func(a, b Pair) int { return cmp.Compare(a.PMI, b.PMI) })
	return pairs[:min(n, len(pairs))]
}
