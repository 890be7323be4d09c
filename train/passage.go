package train

import (
	"slices"

	"kindred/corpus"
	"kindred/corpus/sampling"
	"kindred/internal/random"
)

// A block addresses the words at the positions [index*n, (index+1)*n) of the text in one
// epoch, where n is the run's number of tokens in a block: these are the centres that are
// trained together. Their windows reach into the blocks before and behind.
type block struct {
	epoch int
	index int64
}

// plus returns the block that is n blocks further on in the epoch.
func (b block) plus(n int) block { return block{b.epoch, b.index + int64(n)} }

// A passage is what sub-sampling leaves of a block, with as much of the text around it as its
// windows can reach.
type passage struct {
	// words are the words kept, one sentence behind the other; ends[i] is where sentence i
	// ends. The centres are words[first:last].
	words []int32
	// targets has, in the places of the centres, their rows as targets. In training without rounds, rows are words.
	targets     []int32
	ends        []int
	first, last int
}

// centres returns the range of those words that are centres in the sentence [start, end).
func (p *passage) centres(start, end int) (first, last int) {
	return max(start, p.first), min(end, p.last)
}

// blockCenters returns the centers of the block.
func (p *passage) blockCenters() []int32 { return p.words[p.first:p.last] }

// marginFactor is how many times the expected distance a passage looks beyond its
// block for the last word of a window. A text would have to be far more monotonous there than
// on average for a window to be cut short.
const marginFactor = 4

// A reader turns blocks into passages. Whether a token is kept follows from the epoch and its position alone, so
// that a word which several passages see is kept in all of them or in none.
type reader struct {
	text      *corpus.Corpus
	subsample *sampling.Subsampler
	seed      uint64
	window    int
	block     int64 // tokens
	margin    int64 // tokens to look for context, on both sides of a block

	tokens []corpus.Token
}

func newReader(r *run) reader {
	share := keepRate(r.text.Vocabulary(), r.subsample)
	return reader{
		text: r.text, subsample: r.subsample, seed: r.cfg.Seed, window: r.cfg.Window, block: r.plan.blockTokens,
		margin: int64(marginFactor * float64(r.cfg.Window) / share),
	}
}

// read fills p with the passage of a block and returns the number of tokens in the block.
func (r *reader) read(p *passage, b block) (int64, error) {
	from := b.index * r.block
	to := min(from+r.block, r.text.Len())
	start := max(from-r.margin, 0)
	tokens, err := r.text.Tokens(r.tokens, start, to+r.margin)
	if err != nil {
		return 0, err
	}
	r.tokens = tokens
	// Room for all tokens, and for addWindows to copy a whole window from any place.
	p.words = slices.Grow(p.words[:0], len(tokens)+2*r.window)
	p.ends = p.ends[:0]
	keep := random.New(r.seed, random.Subsampling, uint64(b.epoch))
	before, inside := tokens[:from-start], tokens[from-start:to-start]
	p.words = r.before(p.words, before, keep, start)
	p.first = len(p.words)

	words := p.words[:len(p.words)+len(inside)]
	length := p.first
	for i, token := range inside {
		id := token.ID()
		words[length] = id
		if r.subsample.Keep(id, uint32(keep.At(uint64(from)+uint64(i)))) {
			length++ // not an append: the compiler makes this free of branches
		}
		if token.EndsSentence() {
			p.ends = append(p.ends, length)
		}
	}
	p.words, p.last = words[:length], length
	if !inside[len(inside)-1].EndsSentence() {
		p.words = r.behind(p.words, tokens[to-start:], keep, to)
		p.ends = append(p.ends, len(p.words))
	}
	return int64(len(inside)), nil
}

// before appends the words kept of the text before a block that are in its first sentence, a window of them at most.
func (r *reader) before(words []int32, tokens []corpus.Token, keep random.Stream, position int64) []int32 {
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

// behind appends the words kept of the text behind a block that are in its last sentence, a window of them at most.
func (r *reader) behind(words []int32, tokens []corpus.Token, keep random.Stream, position int64) []int32 {
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
