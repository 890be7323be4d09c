package corpus

import (
	"bytes"
	"unicode/utf8"
)

// A tokenSink takes the tokens of a text.
type tokenSink interface {
	// token takes the next token of the line, whose bytes change after the call.
	token(t []byte)
	// endLine says that the line is over, with or without tokens.
	endLine()
}

// A tokenStream is the state of one goroutine that analyses pieces.
type tokenStream struct {
	tokenizer Tokenizer
	whole     bool // runs are tokens: the tokenizer is whitespace
	filters   []Filter
	scratch   [][]byte   // by filter: where its results go
	dropped   []int64    // by filter
	memo      filterMemo // nil as long as there is little text
	limit     int
	valid     []byte // room for text that had to be repaired
	sink      tokenSink
	counts    Tally // without Dropped
}

// newStream returns a stream for one goroutine.
func (a *Analyzer) newStream() *tokenStream {
	st := &tokenStream{
		tokenizer: a.tokenizer(),
		filters:   a.Filters,
		scratch:   make([][]byte, len(a.Filters)),
		dropped:   make([]int64, len(a.Filters)),
		limit:     a.limit(),
	}
	_, st.whole = st.tokenizer.(whitespaceTokenizer)
	for i := range st.scratch {
		// Longer results are rare, and allocate.
		st.scratch[i] = make([]byte, 0, 2*st.limit)
	}
	return st
}

// tally returns the counts over all pieces so far.
func (st *tokenStream) tally() Tally {
	t := st.counts
	t.Dropped = map[string]int64{}
	for i, n := range st.dropped {
		t.Dropped[st.filters[i].Name()] += n
	}
	return t
}

// analyze hands the tokens of a piece and the ends of its lines to sink.
func (st *tokenStream) analyze(p piece, sink tokenSink) {
	st.sink = sink
	st.counts.Bytes += int64(len(p.data))
	if st.memo == nil && len(st.filters) > 0 && st.counts.Bytes > memoPays {
		st.memo = make(filterMemo, memoAnswers)
	}
	text := st.repair(p.data)
	i := 0
	switch {
	case st.whole && p.forced:
		// The piece is part of a run that is too long for a token.
		if !p.insideRun {
			st.counts.Overlong++
		}
		i = len(text)
	case st.whole && p.insideRun:
		i = runEnd(text, 0)
	case p.forced:
		st.counts.ForcedCuts++
	}
	st.scan(text[i:])
	if !p.open && (p.continues || len(text) > 0) && !bytes.HasSuffix(text, newline) {
		st.endLine()
	}
}

// scan finds the runs and separators of a text.
func (st *tokenStream) scan(text []byte) {
	plain := st.whole && len(st.filters) == 0 // runs are what comes out
	for i := 0; i < len(text); {
		c := text[i]
		if c == ' ' {
			i++
			continue
		}
		if startsSeparator[c] {
			if n := separatorLen(text[i:]); n > 0 {
				st.separator(text[i : i+n])
				i += n
				continue
			}
		}
		end := runEnd(text, i)
		switch {
		case !plain:
			st.run(text[i:end:end])
		case end-i > st.limit:
			st.counts.Overlong++
		default:
			// Its capacity goes on, so that slotOf can load what is behind it and needs no branches.
			st.counts.Tokens++
			st.sink.token(text[i:end])
		}
		i = end
	}
}

// separator counts a separator and ends the line where it is a newline.
func (st *tokenStream) separator(s []byte) {
	switch c := s[0]; {
	case c == '\n':
		st.endLine()
	case c == 0:
		st.counts.NULs++
	case c < '\t', '\r' < c && c < 0x1c, c == 0x7f, c == 0xc2 && s[1] != 0x85 && s[1] != 0xa0:
		st.counts.Controls++
	}
}

func (st *tokenStream) endLine() {
	st.counts.Lines++
	st.sink.endLine()
}

// repair returns text with U+FFFD in the place of each byte that is not part
// of valid UTF-8.
func (st *tokenStream) repair(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	st.valid = st.valid[:0]
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			st.counts.InvalidBytes++
			st.valid = utf8.AppendRune(st.valid, utf8.RuneError)
		} else {
			st.valid = append(st.valid, text[:n]...)
		}
		text = text[n:]
	}
	return st.valid
}

// run finds the tokens of a run.
func (st *tokenStream) run(run []byte) {
	if st.whole {
		st.found(run)
		return
	}
	for {
		token, rest := st.tokenizer.Next(run)
		if len(token) == 0 {
			return
		}
		st.found(token)
		run = rest
	}
}

// found takes a token that the tokenizer found.
func (st *tokenStream) found(token []byte) {
	switch {
	case len(token) > st.limit:
		st.conclude(nil, overlong)
	case len(st.filters) == 0:
		st.conclude(token, kept)
	default:
		answer, ok := st.memo.find(token)
		if ok {
			st.conclude(answer.result[:answer.resultLength], answer.outcome)
			return
		}
		result, outcome := st.filter(token, 0)
		if answer != nil {
			answer.set(token, result, outcome)
		}
		st.conclude(result, outcome)
	}
}

// conclude counts what became of a token and hands on one that was kept.
func (st *tokenStream) conclude(token []byte, o outcome) {
	switch {
	case o == kept:
		st.counts.Tokens++
		st.sink.token(token)
	case o == overlong:
		st.counts.Overlong++
	case o >= 0:
		st.dropped[o]++
	}
}

// filter applies the filters from number k on to a token. It returns what
// became of it; what it was split into has been concluded.
func (st *tokenStream) filter(token []byte, k int) ([]byte, outcome) {
	for ; k < len(st.filters); k++ {
		result := st.filters[k].Filter(st.scratch[k], token)
		if len(result) == 0 {
			return nil, outcome(k)
		}
		if len(result) == len(token) && &result[0] == &token[0] {
			continue
		}
		if end := runEnd(result, 0); end < len(result) {
			return nil, st.split(result, k)
		}
		token = result
	}
	if len(token) > st.limit {
		return nil, overlong
	}
	return token, kept
}

// split continues with the parts of what came out of filter k. Separators
// alone count as dropped by the filter.
func (st *tokenStream) split(result []byte, k int) outcome {
	o := outcome(k)
	for i := 0; i < len(result); {
		if n := separatorLen(result[i:]); n > 0 {
			i += n
			continue
		}
		end := runEnd(result, i)
		st.conclude(st.filter(result[i:end:end], k+1))
		o = split
		i = end
	}
	return o
}
