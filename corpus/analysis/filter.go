package analysis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"kindred/corpus/internal/separator"
	"kindred/internal/charset"
	"kindred/internal/english"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
)

// A Filter changes or drops single tokens. It keeps no state, so goroutines can share it, and gives
// the same result for the same token, so results can be cached.
type Filter interface {
	// Name returns the name that [ParseFilter] accepts, or another unique name.
	Name() string
	// Filter returns token itself, or its replacement appended to dst, which is empty. An empty
	// result drops the token. The result is valid UTF-8; separators in it split it into several
	// tokens. Filter must not change token, and must not keep token or dst.
	Filter(dst, token []byte) []byte
}

// Filters returns the names that [ParseFilter] accepts. N stands for a number, LANGUAGE for one of
// [Languages], and FILE for a file name.
func Filters() []string {
	return []string{
		"lower", "lower:turkish", "lower:greek", "nfc", "nfkc", "fold", "digits:zero", "digits:drop", "digits:drop-numbers", "digits:mask",
		"min-length:N", "max-length:N", "stop:LANGUAGE", "stop:@FILE", "stem:LANGUAGE",
	}
}

// ParseFilter returns the filter with the given name:
//
//   - lower: each character becomes its lower-case letter by Unicode's simple mapping (one character
//     for one, in any language: Σ always becomes σ, and both I and İ become i);
//   - lower:turkish: the same, but I becomes ı, as in Turkish and Azerbaijani;
//   - lower:greek: the same, but Σ at the end of a word becomes ς;
//   - nfc, nfkc: Unicode normalization forms C and KC;
//   - fold: removes accents and other marks that scripts share: é becomes e, ё becomes е, the Arabic
//     short vowels vanish. Marks that belong to one script (vowel signs of Hindi or Thai, Hebrew
//     points, Japanese voicing marks) stay, since they distinguish words. Beyond marks, ß becomes ss,
//     æ ae, œ oe, þ th, ø o, ł l, đ and ð d, ħ h, ŧ t, ı i, and capitals likewise;
//   - digits:zero: each decimal digit of any script becomes 0;
//   - digits:drop: drops tokens with a decimal digit;
//   - digits:drop-numbers: drops tokens with a decimal digit and no letter;
//   - digits:mask: what changes from line to line in logs becomes one word of its kind. A token of digits,
//     with punctuation or not, becomes 0; a hexadecimal number, after 0x or of four characters or more with
//     a digit, becomes 0x0; a token of ten characters or more with three groups of digits, as ids have them,
//     becomes 0id. In other tokens each group of digits becomes 0: node12 becomes node0;
//   - min-length:N, max-length:N: drops tokens of fewer or more than N characters (Unicode code
//     points);
//   - stop:LANGUAGE: drops the stop words of a language, which are in lower case;
//   - stop:@FILE: drops the words in a UTF-8 file with one word a line; white space around words is
//     ignored, and so are a byte-order mark at the start and empty lines. The file may be compressed;
//   - stem:LANGUAGE: words become their stems by the Snowball algorithm of a language, in lower case.
//
// Filters apply in the given order: stop words after stemming are compared with stems.
func ParseFilter(name string) (Filter, error) { return parseFilter(name, nil) }

// parseFilter is ParseFilter for lists that are in UTF-8 or in c.
func parseFilter(name string, c *charset.Charset) (Filter, error) {
	kind, argument, _ := strings.Cut(name, ":")
	switch kind {
	case "min-length", "max-length":
		n, err := strconv.Atoi(argument)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("filter %q: want %s:N with a number N of characters, 1 or more", name, kind)
		}
		return lengthFilter{limit: n, shortest: kind == "min-length"}, nil
	case "stop":
		if file, ok := strings.CutPrefix(argument, "@"); ok {
			f, err := readStopWords(file, c)
			if err != nil {
				return nil, &ListError{file, err}
			}
			return f, nil
		}
		language, err := findLanguage(name, argument)
		return stopFilter{language}, err
	case "stem":
		language, err := findLanguage(name, argument)
		return stemFilter{language}, err
	}
	for _, f := range fixedFilters {
		if f.Name() == name {
			return f, nil
		}
	}
	return nil, fmt.Errorf("unknown filter %q%s", name, choices(name, Filters()))
}

// A ListError reports a list of stop words that can't be read or used. The name of the filter is right.
type ListError struct {
	File string
	Err  error
}

func (e *ListError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong with the list.
func (e *ListError) Unwrap() error { return e.Err }

// fixedFilters are the filters without an argument.
var fixedFilters = []Filter{
	lowerFilter{}, turkishFilter{}, greekFilter{}, nfc, nfkc, foldFilter{},
	digitFilter(zeroDigits), digitFilter(dropDigits), digitFilter(dropNumbers), digitFilter(maskAll),
}

// A lengthFilter drops tokens of fewer than limit characters, if shortest is set, or of more.
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
	// file is the name of the list, and repeated the number of lines with a word that came before.
	file     string
	repeated int
}

// maxListBytes is the size of the largest list of words that is read.
const maxListBytes = 256 << 20

// readStopWords reads a list of words, one a line. The filter's name has a hash of the words, to
// distinguish lists with the same file name.
func readStopWords(file string, c *charset.Charset) (Filter, error) {
	lines, err := textfile.Open(file, textfile.Options{Want: filetype.List, MaxLines: textfile.MaxWords, MaxBytes: maxListBytes, Decode: c.Decoder()})
	if err != nil {
		return nil, fmt.Errorf("stop words: %w", err)
	}
	defer lines.Close()
	f := wordListFilter{words: map[string]struct{}{}, file: file}
	for lines.Scan() {
		word := separator.Trim(lines.Bytes())
		if len(word) == 0 {
			continue
		}
		if end := separator.Next(word, 0); end < len(word) {
			return nil, fmt.Errorf("stop words: %w", lines.Fail("want one word, found %.60q", word))
		}
		if _, again := f.words[string(word)]; again {
			f.repeated++
		}
		f.words[string(word)] = struct{}{}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("stop words: %w", err)
	}
	if len(f.words) == 0 {
		return nil, fmt.Errorf("stop words: %s holds no word", file)
	}
	f.name = fmt.Sprintf("stop:@%s#%016x", file, hashWords(f.words))
	return f, nil
}

// Warnings returns a sentence for each list of stop words with repeated words.
func (a *Analyzer) Warnings() []string {
	var warnings []string
	for _, f := range a.Filters {
		if list, ok := f.(wordListFilter); ok && list.repeated > 0 {
			warnings = append(warnings, fmt.Sprintf("%s: %s with a word that came before", list.file, english.Plural(list.repeated, "line")))
		}
	}
	return warnings
}

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
