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
// first two starts like a number. The words are in the columns word1 and word2, else in the first two.
// The score is in the column SimLex999, Human (mean), score, mean or the like (case, spaces and
// punctuation do not matter), else in the first column after the words that is a number in the first
// line of data. Other columns are ignored.
//
// The error is a [*SyntaxError] if a line has no pair or no score.
func ReadSimilarity(path string) (*SimilaritySet, error) {
	d, err := openDocument(path)
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

func parseSimilarity(d *document) (*SimilaritySet, error) {
	separator := d.separator(3)
	rows, err := d.rows(separator)
	if err != nil {
		return nil, err
	}
	s := &SimilaritySet{Source: d.source}
	var header []string
	if len(rows) > 0 && isHeader(rows[0].fields) {
		header, rows = rows[0].fields, rows[1:]
		s.Header = strings.TrimSpace(d.lines[0].text)
	}
	if len(rows) == 0 {
		return nil, d.fail(0, "holds no word pair, expected lines of two words and a score")
	}
	c, ok := layout(header, rows[0].fields)
	if !ok {
		return nil, d.fail(rows[0].number, "expected two words and a score separated by %s, found %s",
			separatorNames[separator], Excerpt(strings.Join(rows[0].fields, " ")))
	}
	s.ScoreColumn = c.name
	for _, r := range rows {
		if err := s.addPair(d, r, c, separator); err != nil {
			return nil, err
		}
	}
	s.countRepeated()
	return s, nil
}

// addPair adds the pair in row r of d.
func (s *SimilaritySet) addPair(d *document, r row, c columns, separator rune) error {
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
