package sets

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kindred/internal/english"
)

// Columns say which columns of a table a set was read from, counted from 1.
type Columns struct {
	// Words are the two columns of a similarity set, or the one of a categorization set.
	Words []int `json:"words"`
	// Score is the column of human scores and Category that of categories; 0 for none.
	Score    int `json:"score,omitempty"`
	Category int `json:"category,omitempty"`
	// Of is the number of columns of the table.
	Of int `json:"of"`
}

// String returns a phrase such as "words in columns 2 and 4, scores in column 8 of 18".
func (c Columns) String() string {
	text := fmt.Sprintf("words in column %d", c.Words[0])
	if len(c.Words) > 1 {
		text = fmt.Sprintf("words in columns %d and %d", c.Words[0], c.Words[1])
	}
	if c.Score > 0 {
		text += fmt.Sprintf(", scores in column %d", c.Score)
	}
	if c.Category > 0 {
		text += fmt.Sprintf(", categories in column %d", c.Category)
	}
	return fmt.Sprintf("%s of %d", text, c.Of)
}

// plainWidth returns the number of columns that the set needs.
func (c Columns) plainWidth() int {
	n := len(c.Words)
	if c.Score > 0 {
		n++
	}
	if c.Category > 0 {
		n++
	}
	return n
}

// unlessPlain returns c, nil if the table has no other columns.
func (c Columns) unlessPlain() *Columns {
	if c.Of <= c.plainWidth() {
		return nil
	}
	return &c
}

// scoreNames are the usual names of the column of mean human scores in their plain form (see
// plainNames), the most specific first.
var scoreNames = []string{
	"simlex999", "humanmean", "humanscore", "goldscore", "gold", "score", "mean", "meanscore", "avgscore", "averagescore", "meanrating", "avgrating",
	"averagerating", "humanrating", "similarity", "relatedness", "rating", "average", "avg",
}

// A column is what the values of a column of a table have in common.
type column struct {
	// values counts the fields that are not empty, and numbers those that are numbers.
	values, numbers int
	distinct        map[string]bool
	// whole tells whether all numbers are whole, tags whether all values are parts of speech or names
	// of relations, and relations whether all are the latter.
	whole, tags, relations bool
	// tokens counts the parts between spaces, and longest is the length of the longest value.
	tokens, longest int
	// numbered tells whether the values number the rows: 0 or 1, and then one more in each row, or the
	// same letters before different numbers. prefix are these letters.
	numbered bool
	prefix   string
	last     int
}

// mostColumns is the number of columns, from the first, among which those of a set are looked for.
const mostColumns = 200

// inspect returns what the columns have in common that at least half of the rows have.
func inspect(rows []row) []column {
	var columns []column
	for _, r := range rows {
		for i, field := range r.fields[:min(len(r.fields), mostColumns)] {
			if i == len(columns) {
				columns = append(columns, column{distinct: make(map[string]bool), whole: true, tags: true, relations: true, numbered: true})
			}
			if field != "" {
				columns[i].add(field)
			}
		}
	}
	width := len(columns)
	for width > 0 && 2*countWider(rows, width) < len(rows) {
		width--
	}
	return columns[:width]
}

// countWider returns the number of rows of at least width fields.
func countWider(rows []row, width int) int {
	n := 0
	for _, r := range rows {
		if len(r.fields) >= width {
			n++
		}
	}
	return n
}

// add adds a value that is not empty.
func (c *column) add(field string) {
	c.addNumbered(field)
	c.values++
	c.distinct[field] = true
	c.tokens += len(strings.Fields(field))
	c.longest = max(c.longest, utf8.RuneCountInString(field))
	lower := strings.ToLower(field)
	c.tags = c.tags && (tags[lower] || relations[lower])
	c.relations = c.relations && relations[lower]
	if x, ok := parseNumber(field); ok {
		c.numbers++
		c.whole = c.whole && x == math.Trunc(x)
	}
}

// addNumbered updates whether the values number the rows.
func (c *column) addNumbered(field string) {
	prefix := strings.TrimRight(field, "0123456789")
	n, err := strconv.Atoi(field[len(prefix):])
	switch {
	case err != nil:
		c.numbered = false
	case c.values == 0:
		c.prefix = prefix
		c.numbered = prefix != "" || n == 0 || n == 1
	case prefix != c.prefix || prefix == "" && n != c.last+1 || c.distinct[field]:
		c.numbered = false
	}
	c.last = n
}

// isNumeric reports whether at least half of the values are numbers. The others may be typing errors.
func (c *column) isNumeric() bool { return c.values > 0 && 2*c.numbers >= c.values }

// isText reports whether the values can be words.
func (c *column) isText() bool { return c.values > 0 && !c.isNumeric() }

// numbersRows reports whether the values number several rows.
func (c *column) numbersRows() bool { return c.numbered && c.values > 1 }

// notWords are the reasons why a column of text holds no words, in the order in which they count as long
// as more than two columns may hold words.
var notWords = []func(c *column) bool{
	(*column).numbersRows,
	func(c *column) bool { return c.tags },
	func(c *column) bool { return len(c.distinct) == 1 && c.values > 1 },
	func(c *column) bool { return c.tokens > 3*c.values }, // sentences
	func(c *column) bool { return c.longest == 1 },        // codes
	func(c *column) bool { return 5*len(c.distinct) <= c.values },
}

// wordColumns returns the columns in [0, end) that may hold words: two if it is clear which ones do.
func wordColumns(columns []column, end int) []int {
	var list []int
	for i := range columns[:end] {
		if columns[i].isText() {
			list = append(list, i)
		}
	}
	for _, excludes := range notWords {
		if len(list) <= 2 {
			break
		}
		rest := slices.DeleteFunc(slices.Clone(list), func(i int) bool { return excludes(&columns[i]) })
		if len(rest) >= 2 {
			list = rest
		}
	}
	return list
}

// pairColumns are the fields of a row, counted from 0, that hold a pair.
type pairColumns struct {
	first, second, score int
	// name is the name of the score column, empty if it has none, and of is the number of columns.
	name string
	of   int
}

// width returns the number of fields that a row needs.
func (c pairColumns) width() int { return max(c.first, c.second, c.score) + 1 }

func (c pairColumns) public() Columns {
	return Columns{Words: []int{c.first + 1, c.second + 1}, Score: c.score + 1, Of: max(c.of, c.width())}
}

// isHeader reports whether the fields of a document's first row are names of columns: one of them is a
// known name, or none after the first two starts like a number. Names may be numbers, as those of the
// judges of WordSim-353 are. A number with a typing error is not a name, nor is a missing value, as in
// "the of nan".
func isHeader(fields []string) bool {
	if _, known := namedScore(fields, 2); known {
		return true
	}
	if _, _, known := namedWords(fields); known {
		return true
	}
	return !slices.ContainsFunc(fields[min(2, len(fields)):], func(field string) bool {
		return field != "" && strings.ContainsRune("+-.0123456789", rune(field[0])) || isMissing(field)
	})
}

// isMissing reports whether field stands for a number that is not known, as pandas, R and databases
// write it, or for one that is not finite.
func isMissing(field string) bool {
	switch strings.ToLower(field) {
	case "nan", "inf", "infinity", "na", "n/a", "null":
		return true
	}
	return false
}

// findPairColumns returns the columns of rows of pairs; header is nil if there is none. If there are
// none, ok is false. If it is not clear which ones they are, unclear says why and what to do.
//
// Columns with the usual names come first. Otherwise, words are in the two columns of text on the left
// of numbers: numbers, the numbers of rows, parts of speech, names of relations, sentences and a few
// values that repeat are no words. The score is the number on the right of the words. If there are
// several, it is the one that is the mean of the others, else the first, unless all are whole numbers,
// which may be the judgments of single people.
func findPairColumns(header []string, rows []row) (c pairColumns, unclear string, ok bool) {
	columns := inspect(rows)
	c.of = len(columns)
	if len(header) > 0 && len(header)+1 == len(columns) && columns[0].isNumeric() && columns[0].whole {
		header = slices.Insert(slices.Clone(header), 0, "") // as R writes the numbers of rows
	}
	if len(header) != len(columns) { // names with spaces in them do not line up
		header = nil
	}
	var named bool
	if c.first, c.second, named = namedWords(header); !named {
		var words []int
		for i := 0; i < len(columns) && len(words) < 2; i++ {
			if columns[i].isNumeric() {
				words = wordColumns(columns, i)
			}
		}
		if len(words) < 2 {
			return c, "", false
		}
		if len(words) > 2 {
			return c, fmt.Sprintf("cannot tell which columns hold the two words: %s may; %s", numberedColumns(words), nameThem), false
		}
		c.first, c.second = words[0], words[1]
	}
	start := 2
	if named {
		start = 0
	}
	if c.score, ok = namedScore(header, start); !ok {
		if c.score, unclear = scoreColumn(columns, rows, max(c.first, c.second)+1); c.score < 0 {
			return c, unclear, false
		}
	}
	if header != nil {
		c.name = header[c.score]
	}
	return c, "", true
}

// nameThem says what to do if columns are unclear.
const nameThem = "put a first line before the others that names the columns word1, word2 and score, and the rest as you like"

func numberedColumns(columns []int) string {
	var names []string
	for _, c := range columns {
		names = append(names, strconv.Itoa(c+1))
	}
	return "columns " + english.List(names, 8)
}

// namedWords returns the columns whose names are usual for the two words of a pair.
func namedWords(header []string) (first, second int, ok bool) {
	names := plainNames(header)
	for _, pair := range [][2]string{
		{"word1", "word2"}, {"w1", "w2"}, {"worda", "wordb"}, {"term1", "term2"}, {"verb1", "verb2"}, {"noun1", "noun2"}, {"lemma1", "lemma2"},
		{"concept1", "concept2"}, {"firstword", "secondword"},
	} {
		if i, j := slices.Index(names, pair[0]), slices.Index(names, pair[1]); i >= 0 && j >= 0 {
			return i, j, true
		}
	}
	return 0, 0, false
}

// namedScore returns the column, from start on, with the first of scoreNames that the header has.
func namedScore(header []string, start int) (int, bool) {
	names := plainNames(header)
	start = min(start, len(names))
	for _, name := range scoreNames {
		if i := slices.Index(names[start:], name); i >= 0 {
			return i + start, true
		}
	}
	return 0, false
}

// scoreColumn returns the column of the score among those from start on; -1 if there is none, with the
// reason if it is unclear.
func scoreColumn(columns []column, rows []row, start int) (score int, unclear string) {
	var numbers, numbered []int
	for i := start; i < len(columns); i++ {
		switch c := &columns[i]; {
		case !c.isNumeric():
		case c.numbersRows():
			numbered = append(numbered, i)
		default:
			numbers = append(numbers, i)
		}
	}
	switch {
	case len(numbers)+len(numbered) == 0:
		return -1, ""
	case len(numbers) == 0:
		return numbered[0], ""
	case len(numbers) == 1:
		return numbers[0], ""
	}
	for _, i := range numbers {
		if isMean(rows, i, numbers) {
			return i, ""
		}
	}
	if columns[numbers[0]].whole {
		return -1, fmt.Sprintf("cannot tell which column holds the score: %s hold numbers, and the first are whole: counts, judgments of single people, or the first parts of decimal numbers; %s, or, if commas are decimal commas, separate columns by tabs",
			numberedColumns(numbers), nameThem)
	}
	return numbers[0], ""
}

// isMean reports whether the numbers in a column are the means of those in the other columns, in
// nearly all rows and up to rounding.
func isMean(rows []row, mean int, columns []int) bool {
	if len(columns) < 3 {
		return false
	}
	seen, agree := 0, 0
	for _, r := range rows[:min(len(rows), sampleLines)] {
		if mean >= len(r.fields) {
			continue
		}
		sum, n := 0.0, 0
		for _, i := range columns {
			if i != mean && i < len(r.fields) {
				if x, ok := parseNumber(r.fields[i]); ok {
					sum += x
					n++
				}
			}
		}
		seen++
		if x, ok := parseNumber(r.fields[mean]); ok && n > 0 && math.Abs(x-sum/float64(n)) < 0.06 {
			agree++
		}
	}
	return seen > 0 && 10*agree >= 9*seen
}

// IsScoreName reports whether name is a usual name of a column of human judgments.
func IsScoreName(name string) bool { return slices.Contains(scoreNames, plainNames([]string{name})[0]) }

// plainNames returns names in lower case with letters and digits only: "Human (mean)" is humanmean.
func plainNames(names []string) []string {
	plain := make([]string, len(names))
	for i, name := range names {
		plain[i] = strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, name)
	}
	return plain
}

// parseNumber returns the finite number that field holds. A comma before digits alone is a decimal
// comma.
func parseNumber(field string) (float64, bool) {
	if before, after, ok := strings.Cut(field, ","); ok && strings.Trim(after, "0123456789") == "" && after != "" && !strings.Contains(before, ".") {
		field = before + "." + after
	}
	x, err := strconv.ParseFloat(field, 64)
	return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}

// tags are usual names of parts of speech, in lower case.
var tags = func() map[string]bool {
	set := make(map[string]bool)
	for _, tag := range strings.Fields(`n v a j r s nn nns nnp nnps np nps vb vbd vbg vbn vbp vbz vv vvd vvg vvn vvp vvz jj jjr jjs rb rbr rbs
		noun verb adj adv adjective adverb propn prop intj num pron det adp aux cconj sconj`) {
		set[tag] = true
	}
	return set
}()

// relations are names of relations in SimVerb-3500, BLESS and the like, in lower case.
var relations = func() map[string]bool {
	set := make(map[string]bool)
	for _, name := range strings.Fields(`none synonyms antonyms hyper/hyponyms cohyponyms synonym antonym hypernym hyponym hypernyms hyponyms meronym holonym
		syn ant hyper hypo mero coord attri event random random-n random-j random-v random-a false`) {
		set[name] = true
	}
	return set
}()

// Untag returns a word without the part of speech at its end, as in dog-n, dog_NN, dog/NOUN or dog.v, and
// whether it has one.
func Untag(word string) (string, bool) {
	i := strings.LastIndexAny(word, "-_/.#|")
	if i <= 0 || !tags[strings.ToLower(word[i+1:])] {
		return word, false
	}
	return word[:i], true
}
