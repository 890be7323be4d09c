package sets

import (
	"io"
	"slices"
	"strings"
)

// A Pair is an item of a similarity set: two words and how similar people find them, on the scale of the
// set.
type Pair struct {
	First, Second string
	Score         float64
	// Line is the line of the file it comes from.
	Line int
}

// A SimilaritySet is a list of word pairs with human scores, such as WordSim-353 (Finkelstein et al.
// 2002) or SimLex-999 (Hill et al. 2015).
type SimilaritySet struct {
	Source
	// ScoreColumn is the name of the column of the scores, empty if the file has no header.
	ScoreColumn string
	// Header is the first line, if it was taken for names of columns.
	Header string
	Pairs  []Pair
	// Columns are the columns of the words and of the scores, nil if the file has no others.
	Columns *Columns
	// Repeated is the number of pairs that occur earlier in the list, in either order, as "money cash"
	// does in WordSim-353. Each occurrence counts.
	Repeated int
}

// Kind returns [Similarity].
func (s *SimilaritySet) Kind() Kind { return Similarity }

// Len returns the number of pairs.
func (s *SimilaritySet) Len() int { return len(s.Pairs) }

// ReadSimilarity reads the similarity set in the file at path, a pair a line.
//
// Fields are separated by tabs, semicolons, commas or white space, whichever splits most lines into
// three fields or more. They may be quoted as in CSV files unless white space separates them. Empty
// lines and those that start with # or // are comments.
//
// The first line is a header if one of its fields has a usual name of a column, or if none after the
// first two starts like a number. The words are in the columns word1 and word2 or the like, and the
// score is in the column SimLex999, Human (mean), score, mean or the like (case, spaces and
// punctuation do not matter). Without such names, the words are in the two columns of text before a
// number; numbers of rows, parts of speech, names of relations, and sentences are no words. The score
// is the number after the words. Of several numbers it is the mean of the others, else the first. So
// the original files of SimLex-999, SimVerb-3500, SCWS, RareWords, MEN and WordSim-353 are read as
// they are. Numbers may have a decimal comma.
//
// The error is a [*SyntaxError] if a line has no pair or no score, or if it is unclear which columns hold
// them.
func ReadSimilarity(path string) (*SimilaritySet, error) { return Options{}.ReadSimilarity(path) }

// ReadSimilarity is the function [ReadSimilarity] with options.
func (o Options) ReadSimilarity(path string) (*SimilaritySet, error) {
	d, err := o.open(path)
	if err != nil {
		return nil, err
	}
	return parseSimilarity(d)
}

// ParseSimilarity reads a similarity set from r as [ReadSimilarity] does. name stands for the file in
// errors and reports.
func ParseSimilarity(name string, r io.Reader) (*SimilaritySet, error) {
	d, err := readDocument(name, r)
	if err != nil {
		return nil, err
	}
	return parseSimilarity(d)
}

// hasScores reports whether at least half of the lines have two words and a score, in columns that are
// named, clear or at least likely. One more line may be a header.
func hasScores(d *document) bool {
	separator := d.separator(3)
	var rows []row
	for _, l := range d.lines {
		fields, err := splitFields(l.text, separator)
		if err != nil {
			fields = nil
		}
		rows = append(rows, row{l.number, fields})
	}
	header, rows := cutHeader(rows)
	if len(rows) == 0 {
		return false
	}
	c, unclear, ok := findPairColumns(header, rows)
	if !ok {
		return unclear != ""
	}
	n := 0
	for _, r := range rows {
		if len(r.fields) >= c.width() {
			if _, ok := parseNumber(r.fields[c.score]); ok {
				n++
			}
		}
	}
	return 2*n >= len(rows)
}

// cutHeader returns the names of columns in the first row, nil if there are none, and the rows of data.
func cutHeader(rows []row) (header []string, data []row) {
	if len(rows) > 0 && isHeader(rows[0].fields) {
		return rows[0].fields, rows[1:]
	}
	return nil, rows
}

func parseSimilarity(d *document) (*SimilaritySet, error) {
	separator := d.separator(3)
	rows, err := d.rows(separator)
	if err != nil {
		return nil, err
	}
	s := &SimilaritySet{Source: d.source}
	header, rows := cutHeader(rows)
	if header != nil {
		s.Header = strings.TrimSpace(d.lines[0].text)
	}
	if len(rows) == 0 {
		return nil, d.fail(0, "holds no word pair, expected lines of two words and a score")
	}
	c, unclear, ok := findPairColumns(header, rows)
	switch {
	case unclear != "":
		return nil, d.failUnclear(rows[0].number, unclear)
	case !ok:
		return nil, d.fail(rows[0].number, "expected two words and a score separated by %s, found %s",
			separatorNames[separator], Excerpt(strings.Join(rows[0].fields, " ")))
	}
	s.ScoreColumn, s.Columns = c.name, c.public().unlessPlain()
	var points, commas bool
	for _, r := range rows {
		if err := s.addPair(d, r, c, separator); err != nil {
			return nil, err
		}
		points = points || strings.Contains(r.fields[c.score], ".")
		commas = commas || strings.Contains(r.fields[c.score], ",")
		if points && commas {
			return nil, d.fail(r.number, "expected one decimal sign in all scores, found points and commas; is the comma in %s for thousands?", Excerpt(r.fields[c.score]))
		}
	}
	s.countRepeated()
	return s, nil
}

// addPair adds the pair in row r of d.
func (s *SimilaritySet) addPair(d *document, r row, c pairColumns, separator rune) error {
	if len(r.fields) < c.width() {
		return d.fail(r.number, "expected %d fields or more separated by %s, found %d: %s",
			c.width(), separatorNames[separator], len(r.fields), Excerpt(strings.Join(r.fields, " ")))
	}
	p := Pair{First: r.fields[c.first], Second: r.fields[c.second], Line: r.number}
	if p.First == "" || p.Second == "" {
		return d.fail(r.number, "expected two words in fields %d and %d, found %q and %q", c.first+1, c.second+1, p.First, p.Second)
	}
	score, ok := parseNumber(r.fields[c.score])
	if !ok {
		return d.fail(r.number, "expected a finite number as the score in field %d, found %s", c.score+1, Excerpt(r.fields[c.score]))
	}
	p.Score = score
	s.Pairs = append(s.Pairs, p)
	return nil
}

func (s *SimilaritySet) countRepeated() {
	seen := make(map[[2]string]bool, len(s.Pairs))
	for _, p := range s.Pairs {
		key := [2]string{p.First, p.Second}
		slices.Sort(key[:])
		if seen[key] {
			s.Repeated++
		}
		seen[key] = true
	}
}
