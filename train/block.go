package train

import (
	"slices"

	"kindred/corpus"
	"kindred/corpus/sampling"
	"kindred/internal/random"
	"kindred/model"
	"kindred/train/negative"
)

// A block addresses the tokens [index*n, (index+1)*n) of the text in one epoch, where n is the
// plan's number of tokens in a block. Their windows reach into the neighboring blocks.
type block struct {
	epoch int
	index int64
}

// plus returns the block n blocks further on in the epoch.
func (b block) plus(n int) block { return block{b.epoch, b.index + int64(n)} }

// A contextBlock is a block after sub-sampling, with the text around it that its windows can reach.
type contextBlock struct {
	// words are the words that sub-sampling kept; sentence i ends at ends[i]. The words [first,
	// last) are those of the block, which are the centers of windows. Before training, words are
	// replaced by their input rows.
	words       []int32
	ends        []int
	first, last int
	// targets has the output rows of words.
	targets []int32
}

// centers returns the range of the centers in the sentence [start, end).
func (c *contextBlock) centers(start, end int) (first, last int) {
	return max(start, c.first), min(end, c.last)
}

// blockCenters returns all words of the block.
func (c *contextBlock) blockCenters() []int32 { return c.words[c.first:c.last] }

// marginFactor says how far beyond a block to read for the last word of a window, in units of the
// expected distance. A window is cut short only if sub-sampling drops far more of the text there
// than on average.
const marginFactor = 4

// A reader reads context blocks. Whether sub-sampling keeps a token follows from its epoch and
// position, so a token in the context of several blocks is kept in all of them or in none.
type reader struct {
	text      *corpus.Corpus
	subsample *sampling.Subsampler
	seed      uint64
	window    int
	block     int64 // tokens in a block
	margin    int64 // tokens to read for context before and behind it

	tokens []corpus.Token
}

func newReader(r *run) reader {
	keepRate, _ := keptShares(r.text.Vocabulary(), r.subsample)
	return reader{
		text: r.text, subsample: r.subsample, seed: r.cfg.Seed, window: r.cfg.Window, block: r.plan.blockTokens,
		margin: int64(marginFactor * float64(r.cfg.Window) / keepRate),
	}
}

// read sets c to the words of a block and returns the number of its tokens before sub-sampling.
func (r *reader) read(c *contextBlock, b block) (int64, error) {
	from := b.index * r.block
	to := min(from+r.block, r.text.Len())
	start := max(from-r.margin, 0)
	tokens, err := r.text.Tokens(r.tokens, start, to+r.margin)
	if err != nil {
		return 0, err
	}
	r.tokens = tokens
	// Room for all tokens, and for addSentence to copy a whole window from any position.
	c.words = slices.Grow(c.words[:0], len(tokens)+wholeCopies(r.window))
	c.ends = c.ends[:0]
	keep := random.New(r.seed, random.Subsampling, uint64(b.epoch))
	before, inside := tokens[:from-start], tokens[from-start:to-start]
	c.words = r.readBefore(c.words, before, keep, start)
	c.first = len(c.words)

	words := c.words[:len(c.words)+len(inside)]
	length := c.first
	for i, token := range inside {
		id := token.ID()
		words[length] = id
		if r.subsample.Keep(id, uint32(keep.At(uint64(from)+uint64(i)))) {
			length++ // not an append: the compiler makes this branchless
		}
		if token.EndsSentence() {
			c.ends = append(c.ends, length)
		}
	}
	c.words, c.last = words[:length], length
	if !inside[len(inside)-1].EndsSentence() {
		c.words = r.readBehind(c.words, tokens[to-start:], keep, to)
		c.ends = append(c.ends, len(c.words))
	}
	return int64(len(inside)), nil
}

// readBefore appends the kept words before a block that are in its first sentence, at most a window
// of them.
func (r *reader) readBefore(words []int32, tokens []corpus.Token, keep random.Stream, position int64) []int32 {
	for i, token := range tokens {
		if r.subsample.Keep(token.ID(), uint32(keep.At(uint64(position)+uint64(i)))) {
			words = append(words, token.ID())
		}
		if token.EndsSentence() {
			words = words[:0]
		}
	}
	surplus := max(len(words)-r.window, 0)
	return slices.Delete(words, 0, surplus)
}

// readBehind appends the kept words behind a block that are in its last sentence, at most a window
// of them.
func (r *reader) readBehind(words []int32, tokens []corpus.Token, keep random.Stream, position int64) []int32 {
	most := len(words) + r.window
	for i, token := range tokens {
		if r.subsample.Keep(token.ID(), uint32(keep.At(uint64(position)+uint64(i)))) {
			words = append(words, token.ID())
		}
		if token.EndsSentence() || len(words) == most {
			break
		}
	}
	return words
}

// A batch holds the training steps of a block. Step i trains the context words
// inputs[ends[i-1]:ends[i]] against width targets, the center word and its negatives. All are rows.
type batch struct {
	inputs []int32
	ends   []int
	// positions has the position in the window of the first input of each step: 0 is the farthest before the center. The others
	// have those that follow, without that of the center.
	positions []int32
	fresh     []int32 // how many of a step's inputs, its last ones, no earlier step of the sentence had
	targets   []int32
	width     int // 1 + candidates
}

// reset removes all steps. Those to come have the given number of negatives to choose from.
func (b *batch) reset(candidates int) {
	b.inputs, b.ends, b.positions, b.fresh, b.targets = b.inputs[:0], b.ends[:0], b.positions[:0], b.fresh[:0], b.targets[:0]
	b.width = 1 + candidates
}

func (b *batch) len() int { return len(b.ends) }

// step returns the inputs and targets of step i, none beyond the last step.
func (b *batch) step(i int) (inputs, targets []int32) {
	if i >= len(b.ends) {
		return nil, nil
	}
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.inputs[start:b.ends[i]], b.targets[i*b.width : (i+1)*b.width]
}

// window returns the inputs of the window that a step belongs to. If each pair is a step of its
// own, they are those of the adjacent steps with the same center.
func (b *batch) window(i int) []int32 {
	first, last := i, i
	center := b.targets[i*b.width]
	for first > 0 && b.targets[(first-1)*b.width] == center {
		first--
	}
	for last+1 < b.len() && b.targets[(last+1)*b.width] == center {
		last++
	}
	start := 0
	if first > 0 {
		start = b.ends[first-1]
	}
	return b.inputs[start:b.ends[last]]
}

// upcoming returns the rows of step i that earlier steps have not used, which are worth
// prefetching.
func (b *batch) upcoming(i int) (inputs, targets []int32) {
	inputs, targets = b.step(i)
	if i < len(b.fresh) {
		inputs = inputs[len(inputs)-int(b.fresh[i]):]
	}
	return inputs, targets
}

// close ends the step whose inputs were appended last, the first of them at the given position. Its negatives are drawn later.
func (b *batch) close(center int32, position, fresh int) {
	b.ends = append(b.ends, len(b.inputs))
	b.positions = append(b.positions, int32(position))
	b.fresh = append(b.fresh, int32(fresh))
	n := len(b.targets)
	b.targets = slices.Grow(b.targets, b.width)[:n+b.width]
	b.targets[n] = center
}

// addWindows appends the steps of a block: one for each center, or one for each pair. The reach of
// each window, to both sides within the sentence, is drawn uniformly from 1..window (Mikolov et al.
// 2013, section 4).
func (b *batch) addWindows(c *contextBlock, window int, sharing negative.Sharing, rng *random.Stream) {
	start := 0
	for _, end := range c.ends {
		if first, last := c.centers(start, end); sharing == negative.PerPair {
			b.addPairs(c.words[:end], c.targets, start, first, last, window, rng)
		} else {
			b.addSentence(c.words[:end], c.targets, start, first, last, window, rng)
		}
		start = end
	}
}

// addSentence appends the windows of the centers [first, last) of the sentence that begins at start
// and ends where words does.
//
// It copies both sides of a window whole, whatever its reach, and cuts them afterwards: a loop of
// varying length costs more than the words it saves. So words must have room for wholeCopies(window)
// more.
func (b *batch) addSentence(words, targets []int32, start, first, last, window int, rng *random.Stream) {
	seen := start // positions before this one have been inputs
	side := wholeCopies(window)
	padded := words[:len(words)+side]
	for c := first; c < last; c++ {
		from, to := reach(c, start, len(words), window, rng)
		if from == to {
			continue
		}
		end := len(b.inputs)
		b.inputs = slices.Grow(b.inputs, 2*side)
		room := b.inputs[end : end+2*side]
		copyWords(room, padded[from:], side)
		copyWords(room[c-from:], padded[c+1:], side)
		b.inputs = b.inputs[:end+to-from]
		b.close(targets[c], from-c+window, max(to+1-max(seen, c+1), 0))
		seen = max(seen, to+1)
	}
}

// addPairs appends the same pairs as addSentence, each as a step.
func (b *batch) addPairs(words, targets []int32, start, first, last, window int, rng *random.Stream) {
	seen := start
	for c := first; c < last; c++ {
		from, to := reach(c, start, len(words), window, rng)
		for i := from; i <= to; i++ {
			if i != c {
				b.inputs = append(b.inputs, words[i])
				b.close(targets[c], model.PositionRow(window, i-c), min(max(i+1-seen, 0), 1))
				seen = max(seen, i+1)
			}
		}
	}
}

// reach draws the window around position c of the sentence [start, end) and returns the positions
// of its first and last word.
func reach(c, start, end, window int, rng *random.Stream) (first, last int) {
	r := 1 + int(rng.Uint32n(uint32(window)))
	return max(c-r, start), min(c+r, end-1)
}

// copyUnit is how many words copyWords copies at a time, as two or four moves of registers.
const copyUnit = 8

// wholeCopies returns how many words copies of n words take.
func wholeCopies(n int) int { return (n + copyUnit - 1) / copyUnit * copyUnit }

// copyWords copies n words, a multiple of copyUnit.
func copyWords(dst, src []int32, n int) {
	for i := 0; i < n; i += copyUnit {
		*(*[copyUnit]int32)(dst[i:]) = *(*[copyUnit]int32)(src[i:])
	}
}
