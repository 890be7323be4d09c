// Package analysis turns text into tokens: tokenizers find them, filters change or drop them.
package analysis

import (
	"fmt"
	"strings"

	"kindred/corpus/source"
	"kindred/internal/charset"
	"kindred/internal/english"
)

// Limits on the length of tokens, in bytes.
const (
	// DefaultMaxTokenBytes is the limit if none is set.
	DefaultMaxTokenBytes = 1024
	// MaxTokenBytes is the highest possible limit.
	MaxTokenBytes = 64 << 10
)

// An Analyzer turns text into tokens: a [Tokenizer] finds them, and then each [Filter] in turn
// changes or drops them. The zero value splits at white space and changes nothing.
//
// Text is UTF-8. These rules hold for all tokenizers and filters:
//
//	in the text                               becomes
//	----------------------------------------  ----------------------------------------
//	LF (U+000A)                               end of the line
//	end of an input                           end of the line, if one has begun
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
//	invalid UTF-8                             U+FFFD for each byte, counted
//	in text decoded from another encoding,    U+FFFD, counted
//	  bytes that stand for no character
//	token longer than MaxTokenBytes           skipped whole, counted
//	token that a filter drops                 skipped, counted by filter
//	separator in the output of a filter       splits the token (NFKC turns U+00A8
//	  (also LF)                                 into a space and an accent)
//	UTF-16, UTF-32 and binary data            error (see package source)
//
// So a token is never empty, is valid UTF-8, and, unless it was escaped, holds nothing that a reader of
// vector files takes for the end of a word or of a line.
//
// The length of a token is checked before the filters and again after them. To the whitespace
// tokenizer, and to that of escaped tokens, a mebibyte of text without a separator is one token too long.
// For other tokenizers such text is cut between two characters, which is counted as a forced cut.
//
// An Analyzer is safe for concurrent use.
type Analyzer struct {
	// Tokenizer finds the tokens; nil means whitespace.
	Tokenizer Tokenizer
	// Filters change or drop tokens, in this order.
	Filters []Filter
	// MaxTokenBytes is the length in bytes above which tokens are skipped. 0 or less means
	// DefaultMaxTokenBytes or, for escaped tokens, the constant MaxTokenBytes, which is the most.
	MaxTokenBytes int
	// Joiner makes one token of several adjacent ones, after the filters; nil joins nothing.
	Joiner Joiner
}

// A Joiner makes one token of adjacent tokens of a line, as package phrases does. It keeps no state,
// so goroutines can share it.
type Joiner interface {
	// Name returns a name that distinguishes joiners with different results.
	Name() string
	// Join returns a sink that passes tokens on to next, joined.
	Join(next Sink) JoiningSink
}

// A JoiningSink is one goroutine's part of a [Joiner]. Its EndLine passes on all tokens that it holds
// back, and then the end of the line.
type JoiningSink interface {
	Sink
	// Flush passes on all tokens that the sink holds back.
	Flush()
	// Joined returns the number of tokens that came out joined so far, and how many tokens went into
	// them.
	Joined() (phrases, parts int64)
}

// Parse returns an analyzer with a tokenizer and filters given by name: see [ParseTokenizer] and
// [ParseFilter].
func Parse(tokenizer string, filters ...string) (*Analyzer, error) {
	return ParseEncoded("", tokenizer, filters...)
}

// ParseEncoded is [Parse] for lists of stop words that are in the named encoding if they are not in
// UTF-8. source.Source.Decode says which names there are.
func ParseEncoded(encoding, tokenizer string, filters ...string) (*Analyzer, error) {
	c, err := charset.Find(encoding)
	if err != nil {
		return nil, err
	}
	t, err := ParseTokenizer(tokenizer)
	if err != nil {
		return nil, err
	}
	a := &Analyzer{Tokenizer: t}
	for _, name := range filters {
		f, err := parseFilter(name, c)
		if err != nil {
			return nil, err
		}
		a.Filters = append(a.Filters, f)
	}
	return a, nil
}

// String describes the analyzer: its tokenizer, its filters, the limit on tokens unless it is the
// default, and its joiner, as in "whitespace|lower|min-length:2" or "unicode|max-bytes:200". Analyzers
// with the same description give the same tokens.
func (a *Analyzer) String() string {
	parts := []string{a.tokenizer().Name()}
	for _, f := range a.Filters {
		parts = append(parts, f.Name())
	}
	if limit := a.limit(); limit != a.defaultLimit() {
		parts = append(parts, fmt.Sprintf("max-bytes:%d", limit))
	}
	if a.Joiner != nil {
		parts = append(parts, a.Joiner.Name())
	}
	return strings.Join(parts, "|")
}

// Tokens returns the tokens of a text.
func (a *Analyzer) Tokens(text string) []string {
	var tokens tokenList
	a.NewStream(&tokens).Analyze(source.Chunk{Data: []byte(text)})
	return tokens
}

// A tokenList is a Sink that keeps the tokens and ignores the lines.
type tokenList []string

func (l *tokenList) Token(t []byte) { *l = append(*l, string(t)) }
func (l *tokenList) EndLine()       {}

func (a *Analyzer) tokenizer() Tokenizer {
	if a.Tokenizer == nil {
		return whitespaceTokenizer{}
	}
	return a.Tokenizer
}

func (a *Analyzer) limit() int {
	if a.MaxTokenBytes <= 0 {
		return a.defaultLimit()
	}
	return min(a.MaxTokenBytes, MaxTokenBytes)
}

func (a *Analyzer) defaultLimit() int {
	if a.Escaped() {
		return MaxTokenBytes
	}
	return DefaultMaxTokenBytes
}

// choices ends a message about an unknown name: the one that may have been meant, and all valid ones.
func choices(name string, valid []string) string {
	meant := english.Closest(name, valid)
	if meant != "" {
		meant = fmt.Sprintf("; did you mean %q?", meant)
	}
	return fmt.Sprintf("%s; valid are: %s", meant, strings.Join(valid, ", "))
}
