package analysis

import (
	"bytes"
	"math/bits"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"kindred/corpus/internal/separator"
	"kindred/corpus/source"
)

// A Sink receives the tokens of a text.
type Sink interface {
	// Token receives the next token of the line. Its bytes change after the call.
	Token(t []byte)
	// EndLine says that the line is over, with or without tokens.
	EndLine()
}

// A Stream analyzes chunks of text in one goroutine and passes their tokens to a [Sink].
type Stream struct {
	tokenizer Tokenizer
	whole     bool // a run is one token: the tokenizer is whitespace, or escaped
	direct    bool // the tokenizer is whitespace, and there are no filters, so runs are tokens
	filters   []Filter
	scratch   [][]byte    // by filter: memory for its results
	dropped   []int64     // by filter
	cache     filterCache // nil until enough text was read
	limit     int
	valid     []byte // memory for text that had to be repaired
	sink      Sink
	joiner    JoiningSink // the sink, if it joins tokens; nil otherwise
	counts    Statistics  // without Dropped; Tokens are those before joining
}

// NewStream returns a stream for one goroutine.
func (a *Analyzer) NewStream(sink Sink) *Stream {
	s := &Stream{
		tokenizer: a.tokenizer(),
		filters:   a.Filters,
		scratch:   make([][]byte, len(a.Filters)),
		dropped:   make([]int64, len(a.Filters)),
		limit:     a.limit(),
		sink:      sink,
	}
	if a.Joiner != nil {
		s.joiner = a.Joiner.Join(sink)
		s.sink = s.joiner
	}
	_, whitespace := s.tokenizer.(whitespaceTokenizer)
	s.whole = whitespace || a.Escaped()
	s.direct = whitespace && len(s.filters) == 0
	for i := range s.scratch {
		// Longer results are rare; they allocate.
		s.scratch[i] = make([]byte, 0, 2*s.limit)
	}
	return s
}

// Statistics returns the counts over all chunks so far.
func (s *Stream) Statistics() Statistics {
	sum := s.counts
	sum.Dropped = map[string]int64{}
	for i, n := range s.dropped {
		sum.Dropped[s.filters[i].Name()] += n
	}
	if s.joiner != nil {
		phrases, parts := s.joiner.Joined()
		sum.Phrases, sum.Tokens = phrases, sum.Tokens+phrases-parts
	}
	return sum
}

// Analyze passes the tokens of a chunk and the ends of its lines to the sink.
func (s *Stream) Analyze(c source.Chunk) {
	s.counts.Bytes += int64(len(c.Data))
	if s.cache == nil && len(s.filters) > 0 && s.counts.Bytes > cacheAfter {
		s.cache = make(filterCache, cacheEntries)
	}
	text := s.repair(c.Data, c.InsideRun)
	if c.Decoded {
		s.countReplaced(text)
	}
	i := 0
	switch {
	case s.whole && c.Forced:
		// The chunk is part of a run that is too long for a token.
		if !c.InsideRun {
			s.counts.Overlong++
		}
		i = len(text)
	case s.whole && c.InsideRun:
		i = separator.Next(text, 0)
	case c.Forced:
		s.counts.ForcedCuts++
	}
	s.scan(text[i:])
	if !c.Open && (c.Continues || len(text) > 0) && !bytes.HasSuffix(text, []byte{'\n'}) {
		s.endLine()
	}
	if s.joiner != nil {
		s.joiner.Flush() // the next chunk may go to another stream
	}
}

// scan finds the runs between separators, and the separators.
func (s *Stream) scan(text []byte) {
	start := 0 // of the present run
	for block := 0; block < len(text); block += separator.BlockBytes {
		var mask uint64
		if rest := text[block:]; len(rest) >= separator.BlockBytes {
			mask = separator.Mask((*[separator.BlockBytes]byte)(rest))
		} else {
			mask = separator.MaskShort(rest)
		}
		for ; mask != 0; mask &= mask - 1 {
			i := block + bits.TrailingZeros64(mask)
			n := separator.At(text, i)
			if n == 0 { // a character that is not ASCII
				continue
			}
			if start < i {
				s.run(text, start, i)
			}
			if text[i] != ' ' {
				s.separator(text[i : i+n])
			}
			start = i + n
		}
	}
	if start < len(text) {
		s.run(text, start, len(text))
	}
}

// separator counts a separator, and ends the line if it is a newline.
func (s *Stream) separator(sep []byte) {
	switch c := sep[0]; {
	case c == '\n':
		s.endLine()
	case c == 0:
		s.counts.NULs++
	case c < '\t', '\r' < c && c < 0x1c, c == 0x7f, c == 0xc2 && sep[1] != 0x85 && sep[1] != 0xa0:
		s.counts.Controls++
	}
}

func (s *Stream) endLine() {
	s.counts.Lines++
	s.sink.EndLine()
}

// repair returns text with U+FFFD in place of each byte that is not part of valid UTF-8. A run that a
// forced cut has split counts as spoiled only by its first part: other streams analyze the others.
func (s *Stream) repair(text []byte, spoiled bool) []byte {
	if utf8.Valid(text) {
		return text
	}
	s.valid = s.valid[:0]
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			s.counts.InvalidBytes++
			if !spoiled {
				s.counts.InvalidTokens++
			}
			spoiled = true
			s.valid = utf8.AppendRune(s.valid, utf8.RuneError)
		} else {
			spoiled = spoiled && separator.Len(text) == 0
			s.valid = append(s.valid, text[:n]...)
		}
		text = text[n:]
	}
	return s.valid
}

// countReplaced counts what the decoder of another encoding replaced by U+FFFD.
func (s *Stream) countReplaced(text []byte) {
	const replaced = "\uFFFD"
	for {
		i := bytes.Index(text, []byte(replaced))
		if i < 0 {
			return
		}
		s.counts.InvalidTokens++
		end := separator.Next(text, i)
		s.counts.Undecodable += int64(bytes.Count(text[i:end], []byte(replaced)))
		text = text[end:]
	}
}

// run finds the tokens of the run text[start:end].
func (s *Stream) run(text []byte, start, end int) {
	switch {
	case s.direct && end-start > s.limit:
		s.counts.Overlong++
		return
	case s.direct:
		// The capacity is not clipped: a vocab.Table loads the eight bytes of a short word without
		// branches if it may read what follows.
		s.counts.Tokens++
		s.sink.Token(text[start:end])
		return
	case s.whole:
		token, _ := s.tokenizer.Next(text[start:end:end])
		s.onToken(token)
		return
	}
	for run := text[start:end:end]; ; {
		token, rest := s.tokenizer.Next(run)
		if len(token) == 0 {
			return
		}
		s.onToken(token)
		run = rest
	}
}

// onToken filters and emits a token that the tokenizer found.
func (s *Stream) onToken(token []byte) {
	switch {
	case len(token) > s.limit:
		s.emit(nil, overlong)
	case len(s.filters) == 0:
		s.emit(token, kept)
	default:
		entry, ok := s.cache.find(token)
		if ok {
			s.emit(entry.result[:entry.resultLen], entry.outcome)
			return
		}
		result, outcome := s.filter(token, 0)
		if entry != nil {
			entry.set(token, result, outcome)
		}
		s.emit(result, outcome)
	}
}

// emit counts the outcome of a token, and passes a token that was kept to the sink.
func (s *Stream) emit(token []byte, o outcome) {
	switch {
	case o == kept:
		s.counts.Tokens++
		s.sink.Token(token)
	case o == overlong:
		s.counts.Overlong++
	case o >= 0:
		s.dropped[o]++
	}
}

// filter applies the filters from number k on to a token and returns the result. If a filter split
// the token, filter has emitted the parts already.
func (s *Stream) filter(token []byte, k int) ([]byte, outcome) {
	for ; k < len(s.filters); k++ {
		result := s.filters[k].Filter(s.scratch[k], token)
		if len(result) == 0 {
			return nil, outcome(k)
		}
		if len(result) == len(token) && &result[0] == &token[0] {
			continue
		}
		if end := separator.Next(result, 0); end < len(result) {
			return nil, s.resplit(result, k)
		}
		token = result
	}
	if len(token) > s.limit {
		return nil, overlong
	}
	return token, kept
}

// resplit filters and emits the parts of what came out of filter k. Separators alone count as
// dropped by the filter.
func (s *Stream) resplit(result []byte, k int) outcome {
	o := outcome(k)
	for i := 0; i < len(result); {
		if n := separator.Len(result[i:]); n > 0 {
			i += n
			continue
		}
		end := separator.Next(result, i)
		s.emit(s.filter(result[i:end:end], k+1))
		o = split
		i = end
	}
	return o
}

// An outcome says what became of a token. 0 and above is the number of the filter that dropped it.
type outcome int16

const (
	kept     outcome = -1 - iota
	overlong         // dropped because it is too long
	split            // became several tokens
)

// A filterCache remembers what the filters made of words. A few words make up most of a text
// (Zipf's law), so a small direct-mapped table saves most of the work. It belongs to one goroutine.
type filterCache []cacheEntry

// A cacheEntry is a token and its result, in one cache line.
type cacheEntry struct {
	token, result       [cachedBytes]byte
	tokenLen, resultLen uint8
	outcome             outcome
}

const (
	// cachedBytes is the length of the longest token and result in the cache.
	cachedBytes = 30
	// cacheEntries is the number of entries, a power of two: 2 MiB of them.
	cacheEntries = 1 << 15
	// cacheAfter is the amount of text, in bytes, after which a cache pays.
	cacheAfter = 64 << 10
)

// find returns the entry of a token and true, or false and the entry to fill, which is nil if the
// token is too long or c is nil.
func (c filterCache) find(token []byte) (*cacheEntry, bool) {
	if len(token) > cachedBytes || c == nil {
		return nil, false
	}
	e := &c[xxh3.Hash(token)%cacheEntries]
	return e, bytes.Equal(e.token[:e.tokenLen], token)
}

// set remembers the outcome of token, if it fits.
func (e *cacheEntry) set(token, result []byte, o outcome) {
	if o == split || len(result) > cachedBytes {
		return
	}
	e.tokenLen = uint8(copy(e.token[:], token))
	e.resultLen = uint8(copy(e.result[:], result))
	e.outcome = o
}
