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
	scratch   [][]byte // by filter: where its results go
	dropped   []int64  // by filter
	limit     int
	valid     []byte // room for text that had to be repaired
	sink      tokenSink
	counts    Tally // without Dropped
}

// newStream returns a stream for one goroutine.
func (a *Analyzer) newStream() *tokenStream {
	st := &tokenStream{
		tokenizer: a.tokenizer(),
		filters:   make([]Filter, len(a.Filters)),
		scratch:   make([][]byte, len(a.Filters)),
		dropped:   make([]int64, len(a.Filters)),
		limit:     a.limit(),
	}
	_, st.whole = st.tokenizer.(whitespaceTokenizer)
	for i, f := range a.Filters {
		st.filters[i] = f
		if c, ok := f.(costlyFilter); ok {
			st.filters[i] = &filterMemo{costlyFilter: c}
		}
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
	for i < len(text) {
		if text[i] == ' ' {
			i++
			continue
		}
		if n := separatorLen(text[i:]); n > 0 {
			st.separator(text[i : i+n])
			i += n
			continue
		}
		end := runEnd(text, i)
		st.run(text[i:end:end])
		i = end
	}
	if !p.open && (p.continues || len(text) > 0) && !bytes.HasSuffix(text, newline) {
		st.endLine()
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
	if len(token) > st.limit {
		st.counts.Overlong++
		return
	}
	if len(st.filters) > 0 {
		st.filter(token, 0)
		return
	}
	st.counts.Tokens++
	st.sink.token(token)
}

// filter applies the filters from number k on to token and emits what is left.
func (st *tokenStream) filter(token []byte, k int) {
	for ; k < len(st.filters); k++ {
		result := st.filters[k].Filter(st.scratch[k], token)
		if len(result) == 0 {
			st.dropped[k]++
			return
		}
		if len(result) == len(token) && &result[0] == &token[0] {
			continue
		}
		if end := runEnd(result, 0); end < len(result) {
			st.split(result, k)
			return
		}
		token = result
	}
	if len(token) > st.limit {
		st.counts.Overlong++
		return
	}
	st.counts.Tokens++
	st.sink.token(token)
}

// split continues with the parts of what came out of filter k.
func (st *tokenStream) split(result []byte, k int) {
	parts := 0
	for i := 0; i < len(result); {
		if n := separatorLen(result[i:]); n > 0 {
			i += n
			continue
		}
		end := runEnd(result, i)
		st.filter(result[i:end:end], k+1)
		parts++
		i = end
	}
	if parts == 0 {
		st.dropped[k]++
	}
}
