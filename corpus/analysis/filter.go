package analysis

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"kindred/corpus/internal/separator"
)

// A Filter changes tokens one by one, or drops some. It keeps no state, so
// that goroutines can share it, and gives the same answer for the same token,
// so that answers can be remembered.
type Filter interface {
	// Name returns the spelling that [ParseFilter] knows it by, or another
	// one that tells it from all others.
	Name() string
	// Filter returns what becomes of token: token itself, or its replacement
	// appended to dst, which is empty; an empty result drops the token. The
	// result is valid UTF-8. Separators in it split it into several tokens.
	// Filter must not change token, nor keep it or dst.
	Filter(dst, token []byte) []byte
}

// Filters returns the spellings that [ParseFilter] knows; N stands for a
// number, LANGUAGE for one of [Languages] and FILE for a file name.
func Filters() []string {
	return []string{
		"lower", "nfc", "nfkc", "fold", "digits:zero", "digits:drop", "digits:drop-numbers",
		"min-length:N", "max-length:N", "stop:LANGUAGE", "stop:@FILE", "stem:LANGUAGE",
	}
}

// ParseFilter returns the filter with the given spelling:
//
//   - lower: each character becomes its lower-case letter by Unicode's simple
//     mapping (one character for one, in any language: Σ always becomes σ, and
//     both I and İ become i);
//   - nfc, nfkc: Unicode normalisation forms C and KC;
//   - fold: accents and other marks that scripts share go: é becomes e, ё
//     becomes е, the Arabic short vowels go. Marks that belong to one script
//     (vowel signs of Hindi or Thai, Hebrew points, Japanese voicing marks)
//     stay, since words differ by them. Beyond marks, ß becomes ss, æ ae, œ oe,
//     þ th, ø o, ł l, đ and ð d, ħ h, ŧ t, ı i, and so for capitals;
//   - digits:zero: each decimal digit of any script becomes 0;
//   - digits:drop: tokens with a decimal digit are dropped;
//   - digits:drop-numbers: tokens with a decimal digit and no letter are dropped;
//   - min-length:N, max-length:N: tokens of fewer or more than N characters
//     (Unicode code points) are dropped;
//   - stop:LANGUAGE: stop words of a language are dropped. The lists are in
//     lower case;
//   - stop:@FILE: the words in a UTF-8 file, one a line, are dropped; white
//     space around them does not count;
//   - stem:LANGUAGE: words become their stems by the Snowball algorithm of a
//     language, in lower case.
//
// Filters work in the order they are given: stop words after stemming are
// compared with stems.
func ParseFilter(spelling string) (Filter, error) {
	kind, argument, _ := strings.Cut(spelling, ":")
	switch kind {
	case "min-length", "max-length":
		n, err := strconv.Atoi(argument)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("filter %q: want %s:N with a number N of characters, 1 or more", spelling, kind)
		}
		return lengthFilter{limit: n, shortest: kind == "min-length"}, nil
	case "stop":
		if name, ok := strings.CutPrefix(argument, "@"); ok {
			return readStopWords(name)
		}
		language, err := findLanguage(spelling, argument)
		return stopFilter{language}, err
	case "stem":
		language, err := findLanguage(spelling, argument)
		return stemFilter{language}, err
	}
	for _, f := range plainFilters {
		if f.Name() == spelling {
			return f, nil
		}
	}
	return nil, fmt.Errorf("unknown filter %q%s", spelling, choices(spelling, Filters()))
}

// plainFilters are those whose spelling is fixed.
var plainFilters = []Filter{
	lowerFilter{}, nfc, nfkc, foldFilter{},
	digitFilter(zeroDigits), digitFilter(dropDigits), digitFilter(dropNumbers),
}

// A lengthFilter drops tokens of fewer (where shortest) or more than limit
// characters.
type lengthFilter struct {
	limit    int
	shortest bool
}

func (f lengthFilter) Name() string {
	if f.shortest {
		return "min-length:" + strconv.Itoa(f.limit)
	}
	return "max-length:" + strconv.Itoa(f.limit)
}

func (f lengthFilter) Filter(dst, token []byte) []byte {
	n := utf8.RuneCount(token)
	if f.shortest && n < f.limit || !f.shortest && n > f.limit {
		return nil
	}
	return token
}

// A wordListFilter drops the words of a list.
type wordListFilter struct {
	name  string
	words map[string]struct{}
}

// readStopWords reads a list of words, one a line. The filter's name holds a
// hash of the words, so that it tells the list from others of its name.
func readStopWords(name string) (Filter, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("stop words: %w", err)
	}
	f := wordListFilter{words: map[string]struct{}{}}
	for i, line := range bytes.Split(text, []byte{'\n'}) {
		word := separator.Trim(line)
		if len(word) == 0 {
			continue
		}
		if !utf8.Valid(word) {
			return nil, fmt.Errorf("stop words: %s, line %d: not valid UTF-8", name, i+1)
		}
		if end := separator.Next(word, 0); end < len(word) {
			return nil, fmt.Errorf("stop words: %s, line %d: want one word, found %q", name, i+1, word)
		}
		f.words[string(word)] = struct{}{}
	}
	if len(f.words) == 0 {
		return nil, fmt.Errorf("stop words: %s holds no word", name)
	}
	f.name = fmt.Sprintf("stop:@%s#%016x", name, hashWords(f.words))
	return f, nil
}

// hashWords hashes a set of words.
func hashWords(set map[string]struct{}) uint64 {
	words := make([]string, 0, len(set))
	for w := range set {
		words = append(words, w)
	}
	slices.Sort(words)
	return xxh3.HashString(strings.Join(words, "\n"))
}

func (f wordListFilter) Name() string { return f.name }

func (f wordListFilter) Filter(dst, token []byte) []byte {
	if _, ok := f.words[string(token)]; ok {
		return nil
	}
	return token
}
