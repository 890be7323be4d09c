package phrases

import (
	"fmt"
	"slices"
	"strings"

	"kindred/internal/english"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
)

// connectors are the articles, the frequent prepositions and the words for "and" and "or" by language,
// in lower case. The English ones are gensim's ENGLISH_CONNECTOR_WORDS. The languages are those that
// have stop words. Languages that use case endings in place of prepositions have short lists.
var connectors = map[string]string{
	"danish":     "en et den det de af på i til fra for med uden ved om og eller",
	"dutch":      "de het een van voor met zonder aan in op bij uit tot te ter ten der den en of",
	"english":    "a an the for of with without at from to in on by and or",
	"finnish":    "ja tai sekä eli",
	"french":     "le la les l' un une des du de d' à au aux en dans sur pour par avec sans et ou",
	"german":     "der die das den dem des ein eine einen einem einer eines von vom für mit ohne an am aus bei in im zu zum zur auf und oder",
	"hungarian":  "a az egy és s vagy",
	"italian":    "il lo la i gli le l' un uno una di del dello della dei degli delle dell' a al allo alla ai agli alle all' da dal dalla in nel nella con senza su sul sulla per e ed o",
	"norwegian":  "en et ei den det de av på i til fra for med uten ved om og eller",
	"portuguese": "o a os as um uma de do da dos das em no na nos nas por pelo pela para com sem ao à aos às e ou",
	"russian":    "в во на с со без для до из от по к ко у о об при за над под и или",
	"spanish":    "el la los las un una de del a al en con sin por para y e o u",
	"swedish":    "en ett den det de av på i till från för med utan vid om och eller",
	"turkish":    "bir ve ile veya ya",
}

// ConnectorLanguages returns the languages that [Connectors] accepts.
func ConnectorLanguages() []string {
	names := make([]string, 0, len(connectors))
	for name := range connectors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Connectors returns the words that may stand in the middle of phrases: those of a language, in lower
// case, or, for @FILE, those of a UTF-8 file with one word a line.
func Connectors(name string) ([]string, error) {
	path, isFile := strings.CutPrefix(name, "@")
	if !isFile {
		if words, ok := connectors[name]; ok {
			return strings.Fields(words), nil
		}
		valid := ConnectorLanguages()
		meant := english.Closest(name, valid)
		if meant != "" {
			meant = fmt.Sprintf("; did you mean %q?", meant)
		}
		return nil, &NameError{fmt.Errorf("unknown language %q of connectors%s; valid are: @FILE, %s", name, meant, strings.Join(valid, ", "))}
	}
	lines, err := textfile.Open(path, textfile.Options{Want: filetype.List, MaxLines: maxConnectors, MaxBytes: maxListBytes})
	if err != nil {
		return nil, fmt.Errorf("connectors: %w", err)
	}
	defer lines.Close()
	var words []string
	for lines.Scan() {
		word := strings.TrimSpace(string(lines.Bytes()))
		if word == "" || slices.Contains(words, word) {
			continue
		}
		if err := checkToken(word); err != nil {
			return nil, fmt.Errorf("connectors: %w", lines.Fail("%.60q: %v", word, err))
		}
		words = append(words, word)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("connectors: %w", err)
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("connectors: %s holds no word", path)
	}
	return words, nil
}

// maxConnectors is the number of lines of the longest list of connectors.
const maxConnectors = 10_000

// A NameError reports a language without connectors.
type NameError struct{ Err error }

func (e *NameError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong with the name.
func (e *NameError) Unwrap() error { return e.Err }
