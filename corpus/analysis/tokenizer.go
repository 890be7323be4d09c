package analysis

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"

	"kindred/corpus/internal/separator"
)

// A Tokenizer finds tokens in a run, a stretch of text between two separators (see [Analyzer]): valid
// UTF-8, not empty, without separators. It keeps no state, so goroutines can share it.
type Tokenizer interface {
	// Name returns the name that [ParseTokenizer] accepts, or another unique name.
	Name() string
	// Next returns the first token of run and the rest of run after it. An empty token means that
	// there is none left.
	Next(run []byte) (token, rest []byte)
}

// Tokenizers returns the names that [ParseTokenizer] accepts.
func Tokenizers() []string { return []string{"whitespace", "unicode", "logs", escapedName} }

// ParseTokenizer returns the tokenizer with the given name:
//
//   - whitespace: a token is the text between two separators;
//   - unicode: a token is a word by the default rules of Unicode Standard Annex 29
//     (https://unicode.org/reports/tr29/) with a letter, a number or a pictograph. Punctuation and
//     symbols are dropped. Scripts written without spaces (Chinese, Japanese, Thai) need a
//     dictionary; here each character becomes a token;
//   - logs: a token is a stretch of letters, digits, and underscores between them. Numbers that one of
//     .:,/- joins are one token, so 2005-06-03-15.42.50 and 172.16.96.116:33569 are. All else is dropped;
//   - escaped: as whitespace, but a token may hold any character, as another program escaped it: see
//     [Escape]. The text is framed: see source.Source.Framed.
//
// An empty name means whitespace.
func ParseTokenizer(name string) (Tokenizer, error) {
	switch name {
	case "", "whitespace":
		return whitespaceTokenizer{}, nil
	case "unicode":
		return unicodeTokenizer{}, nil
	case "logs":
		return logTokenizer{}, nil
	case escapedName:
		return escapedTokenizer{}, nil
	}
	return nil, fmt.Errorf("unknown tokenizer %q%s", name, choices(name, Tokenizers()))
}

type whitespaceTokenizer struct{}

func (whitespaceTokenizer) Name() string                         { return "whitespace" }
func (whitespaceTokenizer) Next(run []byte) (token, rest []byte) { return run, nil }

// escapedName is the name of the escaped tokenizer.
const escapedName = "escaped"

type escapedTokenizer struct{}

func (escapedTokenizer) Name() string { return escapedName }

func (escapedTokenizer) Next(run []byte) (token, rest []byte) {
	if bytes.IndexByte(run, '\\') < 0 {
		return run, nil
	}
	return Unescape(nil, run), nil
}

// Escaped reports whether the tokens of a are escaped in the text, so that they may hold separators. a may
// be nil.
func (a *Analyzer) Escaped() bool {
	if a == nil {
		return false
	}
	_, ok := a.Tokenizer.(escapedTokenizer)
	return ok
}

// Escape appends a token to dst with each separator (see [Analyzer]) and each backslash replaced by a
// backslash, its code point in hexadecimal and a semicolon, so that the result holds no separator:
// "new york" becomes "new\20;york". token must be valid UTF-8.
func Escape(dst, token []byte) []byte {
	for len(token) > 0 {
		n := separator.Len(token)
		if n == 0 && token[0] == '\\' {
			n = 1
		}
		if n > 0 {
			r, _ := utf8.DecodeRune(token)
			dst = append(dst, '\\')
			dst = strconv.AppendUint(dst, uint64(r), 16)
			dst = append(dst, ';')
		} else {
			_, n = utf8.DecodeRune(token)
			dst = append(dst, token[:n]...)
		}
		token = token[n:]
	}
	return dst
}

// Unescape appends to dst the token that [Escape] made escaped of. A backslash that begins no escape
// stands for itself.
func Unescape(dst, escaped []byte) []byte {
	for {
		i := bytes.IndexByte(escaped, '\\')
		if i < 0 {
			return append(dst, escaped...)
		}
		dst = append(dst, escaped[:i]...)
		escaped = escaped[i+1:]
		const longest = len("10ffff")
		end := bytes.IndexByte(escaped[:min(len(escaped), longest+1)], ';')
		r, err := strconv.ParseUint(string(escaped[:max(end, 0)]), 16, 32)
		if err != nil || !utf8.ValidRune(rune(r)) {
			dst = append(dst, '\\')
			continue
		}
		dst = utf8.AppendRune(dst, rune(r))
		escaped = escaped[end+1:]
	}
}

type unicodeTokenizer struct{}

func (unicodeTokenizer) Name() string { return "unicode" }

func (unicodeTokenizer) Next(run []byte) (token, rest []byte) {
	for len(run) > 0 {
		n, word := asciiSegment(run)
		if n == 0 {
			n, _, _ = words.SplitFunc(run, true)
			word = hasWord(run[:n])
		}
		if word {
			return run[:n:n], run[n:]
		}
		run = run[n:]
	}
	return nil, nil
}

// Classes of ASCII characters for asciiSegment.
const (
	asciiOther  = iota // stands alone
	asciiWord          // letters and digits, which hold together
	asciiJoiner        // holds together with words, depending on what follows
)

var asciiClass = func() (class [utf8.RuneSelf]uint8) {
	for c := range class {
		if unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) {
			class[c] = asciiWord
		}
	}
	for _, c := range "_.,:;'" {
		class[c] = asciiJoiner
	}
	return class
}()

// asciiSegment returns the length of the first segment of run, and whether it is a word, for the
// simple and frequent cases: ASCII letters and digits before the end or before an ASCII character
// that joins nothing, and a single ASCII punctuation mark. In all other cases it returns 0.
func asciiSegment(run []byte) (n int, word bool) {
	for n < len(run) && run[n] < utf8.RuneSelf && asciiClass[run[n]] == asciiWord {
		n++
	}
	end := max(n, 1) // of the segment, if it is a simple one
	simple := end == len(run) || run[end] < utf8.RuneSelf && (n == 0 || asciiClass[run[end]] == asciiOther)
	switch {
	case !simple:
		return 0, false
	case n > 0:
		return n, true
	case run[0] < utf8.RuneSelf && run[0] != '_':
		return 1, false
	}
	return 0, false
}

// hasWord tells whether a segment has a letter, a number or a pictograph.
func hasWord(segment []byte) bool {
	for len(segment) > 0 {
		r, n := utf8.DecodeRune(segment)
		if unicode.IsLetter(r) || unicode.IsNumber(r) || isPictograph(r) {
			return true
		}
		segment = segment[n:]
	}
	return false
}

// isPictograph tells whether r is in one of the blocks of emoji: Miscellaneous Technical,
// Miscellaneous Symbols and Dingbats, Miscellaneous Symbols and Arrows, and the pictographic blocks
// of plane 1.
func isPictograph(r rune) bool {
	return 0x2300 <= r && r <= 0x23ff || 0x2600 <= r && r <= 0x27bf || 0x2b00 <= r && r <= 0x2bff || 0x1f000 <= r && r <= 0x1faff
}
