package classifier

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"unsafe"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/kernel"
	"kindred/model"
	"kindred/model/subword"
)

// A Prediction is a label and its probability.
type Prediction struct {
	Label       int // its number in [Model.Labels]
	Probability float64
}

// A Predictor gives labels to lines, one after the other. It has buffers, so each goroutine needs its own.
type Predictor struct {
	m      *Model
	kernel kernel.Kernel
	input  *model.Matrix
	output *model.Matrix
	words  *wordIndex
	split  func(line []byte, yield func(word []byte)) // nil for fastText's tokens
	add    func(word []byte)                          // takes a word of the line
	line   []pendingWord                              // the words of the line, with fastText's tokens
	ngrams *subword.NGrams
	// hashes and buckets are those of the words of a line, known those of its own features that have a row.
	hashes  []uint32
	buckets []int32
	known   int
	// mean makes the hidden vector, which is its only row, and features counts what the mean is of.
	mean     kernel.Combination
	features int
	hidden   []float32
	scores   []float32
	best     []Prediction
}

// FastTextAnalyzer is the name of the tokens of fastText.
const FastTextAnalyzer = "fasttext"

// NewPredictor returns a predictor. analyzer makes tokens; nil splits as fastText does.
func (m *Model) NewPredictor(analyzer *analysis.Analyzer) *Predictor {
	p := &Predictor{m: m, kernel: kernel.Auto(m.Dim()), input: matrixOf(m.Input), output: matrixOf(m.Output), words: m.index(), scores: make([]float32, len(m.Labels))}
	if m.MaxN > 0 {
		p.ngrams = m.Features.ngrams()
	}
	p.add = func(word []byte) { p.line = append(p.line, pendingWord{word: word, hash: hashBytes(word)}) }
	if analyzer != nil {
		p.add = p.addWord
		sink := &words{}
		stream := analyzer.NewStream(sink)
		p.split = func(line []byte, yield func(word []byte)) {
			sink.yield = yield
			stream.Analyze(source.Chunk{Data: line})
		}
	}
	p.hidden = make([]float32, p.input.Stride)
	p.mean = kernel.Combination{Matrix: p.hidden, Source: p.input.Data, Stride: p.input.Stride, Rows: []int32{0}, Ends: []int32{0}}
	return p
}

// matrixOf returns rows as a matrix in memory.
func matrixOf(rows Rows) *model.Matrix {
	if m, ok := rows.(*model.Matrix); ok {
		return m
	}
	n, dim := rows.Shape()
	m := model.NewMatrix(n, dim)
	for i := range n {
		copy(m.Row(i), rows.ReadRow(m.Row(i), i))
	}
	return m
}

// Splitter returns a function that makes tokens of lines; nil splits as fastText does. It is for one goroutine. The tokens are valid
// until its next call.
func Splitter(a *analysis.Analyzer) func(line []byte) []string {
	var all []string
	if a == nil {
		return func(line []byte) []string {
			all = all[:0]
			splitAsFastText(line, func(w []byte) { all = append(all, string(w)) })
			return all
		}
	}
	stream := a.NewStream(&words{func(w []byte) { all = append(all, string(w)) }})
	return func(line []byte) []string {
		all = all[:0]
		stream.Analyze(source.Chunk{Data: line})
		return all
	}
}

// words passes tokens on.
type words struct{ yield func(word []byte) }

func (w *words) Token(b []byte) { w.yield(b) }
func (w *words) EndLine()       {}

// separates has the bytes between fastText's words.
var separates = [256]bool{' ': true, '\t': true, '\n': true, '\v': true, '\f': true, '\r': true, 0: true}

// splitAsFastText passes the words of a line to yield: what is between white space of ASCII and NUL, without what looks
// like a label. As for fastText, the word that stands for the end of the line ends it.
func splitAsFastText(line []byte, yield func(word []byte)) {
	for i := 0; i < len(line); {
		if separates[line[i]] {
			i++
			continue
		}
		start := i
		for i++; i < len(line) && !separates[line[i]]; i++ {
		}
		switch w := line[start:i]; {
		case w[0] == '<' && string(w) == EndOfLine:
			return
		case w[0] == '_' && len(w) >= len(labelPrefix) && string(w[:len(labelPrefix)]) == labelPrefix:
		default:
			yield(w)
		}
	}
}

// A wordIndex finds words by their [Hash]. The text of a short word lies in its slot, so that most words take one access to memory.
type wordIndex struct {
	vocabulary *vocab.Vocabulary
	slots      []wordSlot
	end        int // the id of EndOfLine, -1 if it has no row
}

// A wordSlot has the first 8 bytes of a word and the next 4, with zeros behind the end: no word has a NUL. Of a word of more than 12
// bytes the second number is the hash, and the id is negative.
type wordSlot struct {
	first uint64
	next  uint32
	id    int32 // id+1, or -id-1 for a long word; 0 for an empty slot
}

const shortWord = 12

// slotOf returns the slot of a word, without its id.
func slotOf(word []byte, hash uint32) (s wordSlot) {
	rest := word
	if len(word) >= 8 {
		s.first, rest = binary.LittleEndian.Uint64(word), word[8:]
	} else {
		for i, c := range word {
			s.first |= uint64(c) << (8 * i)
		}
		return s
	}
	if len(word) > shortWord {
		s.next = hash
		return s
	}
	for i, c := range rest {
		s.next |= uint32(c) << (8 * i)
	}
	return s
}

func newWordIndex(v *vocab.Vocabulary) *wordIndex {
	x := &wordIndex{vocabulary: v, slots: make([]wordSlot, 1<<bits.Len(uint(2*v.Len()+1)))}
	mask := uint32(len(x.slots) - 1)
	for id := range v.Len() {
		word := []byte(v.Word(id))
		h := hashBytes(word)
		s := slotOf(word, h)
		if s.id = int32(id + 1); len(word) > shortWord {
			s.id = -s.id
		}
		i := spread(h) & mask
		for x.slots[i].id != 0 {
			i = (i + 1) & mask
		}
		x.slots[i] = s
	}
	x.end = x.find([]byte(EndOfLine), endHash)
	return x
}

// spread mixes the bits of a hash, the low ones of which FNV leaves alike in short words.
func spread(h uint32) uint32 { return (h ^ h>>15) * 0x2c1b3c6d >> 5 }

// find returns the id of a word with this hash, -1 if there is none.
func (x *wordIndex) find(word []byte, hash uint32) int {
	mask := uint32(len(x.slots) - 1)
	key := slotOf(word, hash)
	for i := spread(hash) & mask; ; i = (i + 1) & mask {
		switch s := &x.slots[i]; {
		case s.id == 0:
			return -1
		case s.first != key.first || s.next != key.next:
		case s.id > 0 && len(word) <= shortWord:
			return int(s.id) - 1
		case s.id < 0 && len(word) > shortWord && x.vocabulary.Word(int(-s.id)-1) == string(word):
			return int(-s.id) - 1
		}
	}
}

// A pendingWord is a word of a line whose row is not known yet.
type pendingWord struct {
	word []byte
	hash uint32
	slot wordSlot // the first one that may be its own
}

// fetch reads the first slot of each word. Nothing depends on what it reads, so many accesses to memory are under way at a time.
func (x *wordIndex) fetch(words []pendingWord) {
	mask := uint32(len(x.slots) - 1)
	for i := range words {
		words[i].slot = x.slots[spread(words[i].hash)&mask]
	}
}

// findFetched is find for a word whose first slot was fetched.
func (x *wordIndex) findFetched(w *pendingWord) int {
	if w.slot.id > 0 && len(w.word) <= shortWord {
		if key := slotOf(w.word, w.hash); key.first == w.slot.first && key.next == w.slot.next {
			return int(w.slot.id) - 1
		}
	}
	if w.slot.id == 0 {
		return -1
	}
	return x.find(w.word, w.hash)
}

// hashBytes is [Hash] of bytes.
func hashBytes(word []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range word {
		h = (h ^ uint32(int32(int8(c)))) * 16777619
	}
	return h
}

// Probabilities returns the probability of each label for a line, and whether anything of the line is known. They
// are valid until the next call.
func (p *Predictor) Probabilities(line []byte) (probabilities []float32, known bool) {
	p.read(line)
	p.kernel.Products(p.scores, p.output.Data, p.hidden, p.output.Stride, p.output.Dim)
	if p.m.Tree != nil {
		p.m.Tree.probabilities(p.scores)
	} else {
		p.m.Probabilities(p.scores)
	}
	return p.scores, p.known > 0
}

// addLine adds the features of all words of a line that is split as fastText does.
func (p *Predictor) addLine(line []byte) {
	p.line = p.line[:0]
	splitAsFastText(line, p.add)
	p.words.fetch(p.line)
	for i := range p.line {
		w := &p.line[i]
		p.addFound(w.word, w.hash, p.words.findFetched(w))
	}
}

// addWord adds the features of a word of the line.
func (p *Predictor) addWord(word []byte) {
	h := hashBytes(word)
	p.addFound(word, h, p.words.find(word, h))
}

// addFound adds the features of a word with this hash and id, -1 if it has none.
func (p *Predictor) addFound(word []byte, h uint32, id int) {
	if id >= 0 {
		p.mean.Terms = append(p.mean.Terms, int32(id))
		p.features++
	}
	if p.ngrams != nil {
		p.buckets = p.ngrams.Append(p.buckets[:0], unsafe.String(unsafe.SliceData(word), len(word)))
		p.addBuckets()
	}
	if p.m.WordNGrams > 1 {
		p.hashes = append(p.hashes, h)
	}
}

// addBuckets adds n-grams. One without a row counts in the mean, except in a pruned model.
func (p *Predictor) addBuckets() {
	for _, b := range p.buckets {
		if r := p.m.rowOf(b); r >= 0 {
			p.mean.Terms = append(p.mean.Terms, r)
			p.features++
		} else if p.m.kept == nil {
			p.features++
		}
	}
}

// endHash is the hash of EndOfLine.
var endHash = Hash(EndOfLine)

// read makes the hidden vector of a line.
func (p *Predictor) read(line []byte) {
	p.mean.Terms, p.hashes, p.features = p.mean.Terms[:0], p.hashes[:0], 0
	if p.split == nil {
		p.addLine(line)
	} else {
		p.split(line, p.add)
	}
	p.known = len(p.mean.Terms)
	if p.words.end >= 0 {
		p.mean.Terms = append(p.mean.Terms, int32(p.words.end))
		p.features++
	}
	if p.m.WordNGrams > 1 {
		before := len(p.mean.Terms)
		p.buckets = p.m.AppendWordNGrams(p.buckets[:0], append(p.hashes, endHash))
		p.addBuckets()
		p.known += len(p.mean.Terms) - before
	}
	n := len(p.mean.Terms)
	p.mean.Ends[0] = int32(n)
	p.mean.Weights = slices.Grow(p.mean.Weights[:0], n)[:n]
	weight := 1 / float32(max(p.features, 1))
	for i := range p.mean.Weights {
		p.mean.Weights[i] = weight
	}
	clear(p.hidden)
	p.kernel.Combine(&p.mean)
}

// Hidden returns the vector of a line: the mean of its rows. It is valid until the next call.
func (p *Predictor) Hidden(line []byte) []float32 {
	p.read(line)
	return p.hidden[:p.input.Dim]
}

// Latest returns the vector of the line that was read last. It is valid until the next call.
func (p *Predictor) Latest() []float32 { return p.hidden[:p.input.Dim] }

// Best returns the labels of a line as the function [Best] does, and whether anything of the line is known. They are valid until
// the next call.
func (p *Predictor) Best(line []byte, top int, threshold float64) (labels []Prediction, known bool) {
	probabilities, known := p.Probabilities(line)
	if top != 1 {
		return Best(probabilities, top, threshold), known
	}
	high := -1
	for i, x := range probabilities {
		if !math.IsNaN(float64(x)) && (high < 0 || x > probabilities[high]) {
			high = i
		}
	}
	p.best = p.best[:0]
	if high >= 0 && float64(probabilities[high]) >= threshold {
		p.best = append(p.best, Prediction{high, float64(probabilities[high])})
	}
	return p.best, known
}

// Best returns the labels of the highest probabilities that are at least threshold, at most top of them, the
// most probable first.
func Best(probabilities []float32, top int, threshold float64) []Prediction {
	var all []Prediction
	for i, p := range probabilities {
		if float64(p) >= threshold && !math.IsNaN(float64(p)) {
			all = append(all, Prediction{i, float64(p)})
		}
	}
	slices.SortStableFunc(all, func(a, b Prediction) int { return cmp.Compare(b.Probability, a.Probability) })
	return all[:min(top, len(all))]
}
