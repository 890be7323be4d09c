package corpus

import (
	"fmt"
	"strings"
)

// Limits on the length of tokens, in bytes.
const (
	// DefaultMaxTokenBytes is the limit where none is set.
	DefaultMaxTokenBytes = 1024
	// MaxTokenBytes is the highest limit possible.
	MaxTokenBytes = 64 << 10
)

// An Analyzer turns text into tokens: a [Tokenizer] finds them, and then each
// [Filter] in turn changes or drops them. Its zero value splits at white space
// and changes nothing.
//
// Text is UTF-8, and these rules hold whatever the tokenizer and the filters:
//
//	in the text                               what becomes of it
//	----------------------------------------  ----------------------------------------
//	LF (U+000A)                               ends the line
//	end of an input                           ends the line, if one has begun
//	CR (U+000D), before LF or elsewhere       separator
//	all Unicode White_Space, with NBSP, NEL,  separator
//	  U+2028, U+2029 and U+3000
//	U+001C to U+001F (separators in Python)   separator
//	U+FEFF (byte-order mark, anywhere) and    separator
//	  U+200B (zero-width space)
//	NUL                                       separator, counted
//	other control characters: U+0000 to       separator, counted
//	  U+001F, U+007F to U+009F
//	U+200C, U+200D (joiners), U+00AD (soft    part of the token: words of Persian or
//	  hyphen), other format characters          Hindi, and emoji, need the joiners
//	invalid UTF-8                             each byte becomes U+FFFD, counted
//	token longer than MaxTokenBytes           skipped whole, counted
//	token that a filter drops                 skipped, counted by filter
//	separator that comes out of a filter      splits the token (NFKC turns U+00A8
//	  (also LF)                                 into a space and an accent)
//	UTF-16 with a byte-order mark             error
//
// So a token is never empty, is valid UTF-8, and holds nothing that a reader
// of vector files takes for the end of a word or of a line.
//
// The length of a token is looked at before the filters and again after them.
// Text that goes on for a mebibyte without a separator is one token too long
// to the whitespace tokenizer; for others it is cut between two characters,
// which is counted as a forced cut.
//
// An Analyzer can be used by several goroutines at a time.
type Analyzer struct {
	// Tokenizer finds the tokens; nil stands for whitespace.
	Tokenizer Tokenizer
	// Filters change or drop tokens, in this order.
	Filters []Filter
	// MaxTokenBytes is the length in bytes above which tokens are skipped;
	// 0 or less stands for DefaultMaxTokenBytes, and more than the constant
	// MaxTokenBytes for that.
	MaxTokenBytes int
}

// ParseAnalyzer returns an analyzer of a tokenizer and filters by their
// spellings: see [ParseTokenizer] and [ParseFilter].
func ParseAnalyzer(tokenizer string, filters ...string) (*Analyzer, error) {
	t, err := ParseTokenizer(tokenizer)
	if err != nil {
		return nil, err
	}
	a := &Analyzer{Tokenizer: t}
	for _, spelling := range filters {
		f, err := ParseFilter(spelling)
		if err != nil {
			return nil, err
		}
		a.Filters = append(a.Filters, f)
	}
	return a, nil
}

// String describes the analyzer: its tokenizer, its filters and, unless it is
// the default, the limit on tokens, as in "whitespace|lower|min-length:2" or
// "unicode|max-bytes:200". Analyzers with the same description give the same
// tokens.
func (a *Analyzer) String() string {
	parts := []string{a.tokenizer().Name()}
	for _, f := range a.Filters {
		parts = append(parts, f.Name())
	}
	if limit := a.limit(); limit != DefaultMaxTokenBytes {
		parts = append(parts, fmt.Sprintf("max-bytes:%d", limit))
	}
	return strings.Join(parts, "|")
}

// Tokens returns the tokens of a text.
func (a *Analyzer) Tokens(text string) []string {
	var list tokenList
	a.newStream().analyze(piece{data: []byte(text)}, &list)
	return list
}

// A tokenList is a sink that keeps the tokens and forgets the lines.
type tokenList []string

func (l *tokenList) token(t []byte) { *l = append(*l, string(t)) }
func (l *tokenList) endLine()       {}

func (a *Analyzer) tokenizer() Tokenizer {
	if a.Tokenizer == nil {
		return whitespaceTokenizer{}
	}
	return a.Tokenizer
}

func (a *Analyzer) limit() int {
	if a.MaxTokenBytes <= 0 {
		return DefaultMaxTokenBytes
	}
	return min(a.MaxTokenBytes, MaxTokenBytes)
}
