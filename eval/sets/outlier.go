package sets

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// An OutlierGroup is a list of words that belong together, and a list of outliers that do not belong to
// them. Each outlier makes a case: which of the words and it is the odd one out?
type OutlierGroup struct {
	// Name is the name of the topic, or of the file if the group has none.
	Name            string
	Words, Outliers []string
	// Line is the line of the file where the group starts.
	Line int
}

// An OutlierSet is a list of groups, such as 8-8-8 (Camacho-Collados and Navigli, "Find the word that
// does not belong", 2016) or WikiSem500 (Blair, Merhav and Barry 2016).
type OutlierSet struct {
	Source
	Groups []OutlierGroup
	// Blank is the number of empty words in the lists of a table. They are left out: the usual copy of
	// 8-8-8 ends its lists with one.
	Blank int
}

// Kind returns [Outlier].
func (s *OutlierSet) Kind() Kind { return Outlier }

// Len returns the number of cases, which is the number of outliers in all groups.
func (s *OutlierSet) Len() int {
	n := 0
	for _, g := range s.Groups {
		n += len(g.Outliers)
	}
	return n
}

// ParseOutliers reads an outlier set from r; name stands for the file in errors and reports. The text has
// one of two forms.
//
// A table has a header that names the columns "words" and "outliers", and perhaps "category", and a
// group a line. Its lists are written as in Python: ['tiger', 'lion']. Empty words in them are counted
// and left out.
//
// Otherwise the file holds one group: a word a line, an empty line, and an outlier a line, as 8-8-8 and
// WikiSem500 are distributed.
//
// Empty lines at the beginning and those that start with # or // are ignored. The error is a
// [*SyntaxError] if a list is malformed or a group has fewer than two words or no outlier.
func ParseOutliers(name string, r io.Reader) (*OutlierSet, error) {
	d, err := readDocument(name, r)
	if err != nil {
		return nil, err
	}
	return parseOutliers(d)
}

func parseOutliers(d *document) (*OutlierSet, error) {
	if len(d.lines) == 0 {
		return nil, d.fail(0, "holds no line but empty ones and comments, expected words and outliers")
	}
	s := &OutlierSet{Source: d.source}
	parse := s.parseTwoLists
	if hasOutlierColumns(d) {
		parse = s.parseTable
	}
	if err := parse(d); err != nil {
		return nil, err
	}
	for _, g := range s.Groups {
		if len(g.Words) < 2 || len(g.Outliers) < 1 {
			return nil, d.fail(g.Line, "expected a group of two words or more and one outlier or more, found %d and %d", len(g.Words), len(g.Outliers))
		}
	}
	return s, nil
}

// outlierColumns returns the columns of words, of outliers and of names (-1 if there are none) in the
// first line of the document, and whether that line names them.
func outlierColumns(d *document) (words, outliers, name int, ok bool) {
	if len(d.lines) == 0 {
		return 0, 0, 0, false
	}
	fields, err := splitFields(d.lines[0].text, d.separator(2))
	if err != nil {
		return 0, 0, 0, false
	}
	names := plainNames(fields)
	words, outliers = slices.Index(names, "words"), slices.Index(names, "outliers")
	name = slices.IndexFunc(names, func(n string) bool { return slices.Contains(categoryNames, n) })
	return words, outliers, name, words >= 0 && outliers >= 0
}

// hasOutlierColumns reports whether the document is a table of groups.
func hasOutlierColumns(d *document) bool {
	_, _, _, ok := outlierColumns(d)
	return ok
}

// parseTable adds the groups in the rows of d.
func (s *OutlierSet) parseTable(d *document) error {
	words, outliers, name, _ := outlierColumns(d)
	separator := d.separator(2)
	rows, err := d.rows(separator)
	if err != nil {
		return err
	}
	if len(rows) == 1 {
		return d.fail(0, "holds no group under its header, expected lines with lists of words and of outliers")
	}
	for _, r := range rows[1:] {
		if width := max(words, outliers, name) + 1; len(r.fields) < width {
			return d.fail(r.number, "expected %d fields or more separated by %s, found %d", width, separatorNames[separator], len(r.fields))
		}
		g := OutlierGroup{Name: fmt.Sprintf("line %d", r.number), Line: r.number}
		if name >= 0 {
			g.Name = r.fields[name]
		}
		if g.Words, err = s.list(d, r, words); err != nil {
			return err
		}
		if g.Outliers, err = s.list(d, r, outliers); err != nil {
			return err
		}
		s.Groups = append(s.Groups, g)
	}
	return nil
}

// list returns the words in a field of row r of d, and counts the empty ones.
func (s *OutlierSet) list(d *document, r row, column int) ([]string, error) {
	all, err := parseList(r.fields[column])
	if err != nil {
		return nil, d.fail(r.number, "field %d: %v", column+1, err)
	}
	words := slices.DeleteFunc(all, func(word string) bool { return word == "" })
	s.Blank += len(all) - len(words)
	return words, nil
}

// parseList returns the strings in a list as Python prints it.
func parseList(text string) ([]string, error) {
	inner, opened := strings.CutPrefix(strings.TrimSpace(text), "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !opened || !closed {
		return nil, fmt.Errorf("expected a list like ['tiger', 'lion'], found %s", Excerpt(text))
	}
	var words []string
	rest := strings.TrimSpace(inner)
	for rest != "" {
		word, after, err := cutQuoted(rest)
		if err != nil {
			return nil, err
		}
		words = append(words, strings.TrimSpace(word))
		after = strings.TrimSpace(after)
		next, comma := strings.CutPrefix(after, ",")
		if !comma && after != "" {
			return nil, fmt.Errorf("expected a comma before %s", Excerpt(after))
		}
		rest = strings.TrimSpace(next)
	}
	return words, nil
}

// cutQuoted returns the string in quotes that text starts with, and the rest. A backslash escapes a
// quote or a backslash.
func cutQuoted(text string) (word, rest string, err error) {
	quote := text[0]
	if quote != '\'' && quote != '"' {
		return "", "", fmt.Errorf("expected a word in quotes, found %s", Excerpt(text))
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return b.String(), text[i+1:], nil
		case text[i] == '\\' && i+1 < len(text) && strings.IndexByte(`'"\`, text[i+1]) >= 0:
			i++
		case text[i] == '\\':
			return "", "", fmt.Errorf("expected a quote or a backslash after the backslash in %s", Excerpt(text))
		}
		b.WriteByte(text[i])
	}
	return "", "", fmt.Errorf("expected a closing quote after %s", Excerpt(text))
}

// hasTwoLists reports whether the document is two lists of bare words: two or more, an empty line, and
// one or more. A word may have spaces in it, but not as many as a sentence, and lists are short.
func hasTwoLists(d *document) bool {
	const longestWord = 8    // tokens in titles such as those of WikiSem500
	const longestLists = 200 // lines
	gaps, tokens := 0, 0
	for i, l := range d.lines {
		tokens += len(strings.Fields(l.text))
		if l.gap {
			gaps++
			if i < 2 {
				return false
			}
		}
		if len(strings.Fields(l.text)) > longestWord || strings.ContainsAny(l.text, "\t;") {
			return false
		}
	}
	return gaps == 1 && len(d.lines) <= longestLists && tokens < 3*len(d.lines)
}

// parseTwoLists adds the group that is the whole document.
func (s *OutlierSet) parseTwoLists(d *document) error {
	g := OutlierGroup{Name: d.source.Name, Line: d.lines[0].number}
	list := &g.Words
	for _, l := range d.lines {
		if l.gap {
			if list == &g.Outliers {
				return d.fail(l.number, "expected one empty line, between the words and the outliers, found another before %s", Excerpt(l.text))
			}
			list = &g.Outliers
		}
		*list = append(*list, strings.TrimSpace(l.text))
	}
	s.Groups = []OutlierGroup{g}
	return nil
}
