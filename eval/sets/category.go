package sets

import (
	"io"
	"slices"
	"strings"
)

// A CategoryItem is a word with its category by human judgment.
type CategoryItem struct {
	Word, Category string
	// Line is the line of the file it comes from.
	Line int
}

// A CategorySet is a list of words with their categories, such as AP (Almuhareb and Poesio 2005), BLESS
// (Baroni and Lenci 2011) or Battig (Battig and Montague 1969). Each word is in it once.
type CategorySet struct {
	Source
	// Header is the first line, if it was taken for names of columns.
	Header string
	Items  []CategoryItem
	// Columns are the columns of words and categories, nil if the file has no others.
	Columns *Columns
	// Blank is the number of lines with a category and no word, and Repeated the number of lines that
	// repeat a word in its category. Ambiguous are the words with several categories. None of them are
	// among the items.
	Blank, Repeated int
	Ambiguous       []string
}

// Kind returns [Categorization].
func (s *CategorySet) Kind() Kind { return Categorization }

// Len returns the number of words.
func (s *CategorySet) Len() int { return len(s.Items) }

// ParseCategories reads a categorization set from r; name stands for the file in errors and reports. It
// is a word and its category a line, separated by tabs, semicolons, commas or white space.
//
// If the first line names the columns, one "category", "class" or the like and one "word", "concept"
// or the like, other columns are ignored. Else lines have two fields, perhaps after the number of the
// row, and the one with fewer different values is the category. BLESS is read as it is distributed,
// with the columns concept, class, relation and relatum: its words are the concepts. Empty lines and
// those that start with # or // are comments.
//
// Lines with an empty word are counted and left out: the usual copy of AP ends each category with one.
// The error is a [*SyntaxError] if a field is missing, a category is empty, or it is unclear which
// column is the category.
func ParseCategories(name string, r io.Reader) (*CategorySet, error) {
	d, err := readDocument(name, r)
	if err != nil {
		return nil, err
	}
	return parseCategories(d)
}

// categoryNames and itemNames are usual names of the two columns in their plain form (see plainNames).
var (
	categoryNames = []string{"category", "categories", "class", "cluster", "topic", "label", "group"}
	itemNames     = []string{"word", "words", "concept", "concepts", "item", "instance", "term", "noun"}
)

// categoryColumns are the columns of words and categories, counted from 0.
type categoryColumns struct {
	word, category, of int
	header             bool // whether the first line names them
	triples            bool // whether a line is one of several relations of its word, as in BLESS
}

func (c categoryColumns) public() Columns {
	return Columns{Words: []int{c.word + 1}, Category: c.category + 1, Of: c.of}
}

// findCategoryColumns returns the columns of the document's rows, and whether there are any.
func findCategoryColumns(rows []row) (categoryColumns, bool) {
	if len(rows) == 0 {
		return categoryColumns{}, false
	}
	find := func(usual []string) int {
		return slices.IndexFunc(plainNames(rows[0].fields), func(name string) bool { return slices.Contains(usual, name) })
	}
	if word, category := find(itemNames), find(categoryNames); word >= 0 && category >= 0 {
		return categoryColumns{word: word, category: category, of: len(rows[0].fields), header: true}, true
	}
	columns := inspect(rows)
	c := categoryColumns{of: len(columns)}
	if len(columns) == 4 && columns[2].relations {
		c.category, c.triples = 1, true
		return c, len(columns[1].distinct) > 1
	}
	start := 0
	if len(columns) == 3 && columns[0].numbersRows() {
		start = 1
	}
	n := 0
	for _, r := range rows {
		if len(r.fields) == len(columns) {
			n++
		}
	}
	if len(columns) != start+2 || 2*n < len(rows) {
		return c, false
	}
	first, second := len(columns[start].distinct), len(columns[start+1].distinct)
	few := min(first, second)
	if few < 2 || 2*few > n || first == second {
		return c, false
	}
	c.word, c.category = start, start+1
	if first < second {
		c.word, c.category = start+1, start
	}
	return c, true
}

// hasCategories reports whether the document names the columns of a categorization set, or at least half
// of its lines are two fields, and one field has each value twice on average. Then categories are
// no numbers, such as counts, and words are mostly different and no sentences.
func hasCategories(d *document) bool {
	separator := d.separator(2)
	var rows []row
	for _, l := range d.lines {
		if fields, err := splitFields(l.text, separator); err == nil {
			rows = append(rows, row{l.number, fields})
		}
	}
	c, ok := findCategoryColumns(rows)
	if !ok || 2*len(rows) < len(d.lines) {
		return false
	}
	if c.header || c.triples {
		return true
	}
	columns := inspect(rows)
	word, category := columns[c.word], columns[c.category]
	return !category.isNumeric() && word.tokens <= 3*word.values && 5*len(word.distinct) >= 4*word.values
}

func parseCategories(d *document) (*CategorySet, error) {
	separator := d.separator(2)
	rows, err := d.rows(separator)
	if err != nil {
		return nil, err
	}
	columns, ok := findCategoryColumns(rows)
	if !ok {
		return nil, d.fail(0, "no telling which column is the category; expected a first line that names the columns, such as \"category,word\", or two fields a line of which one repeats")
	}
	s := &CategorySet{Source: d.source, Columns: columns.public().unlessPlain()}
	if columns.header {
		s.Header = strings.TrimSpace(d.lines[0].text)
		rows = rows[1:]
	}
	var items []CategoryItem
	known := make(map[CategoryItem]bool) // without their lines
	for _, r := range rows {
		item, err := columns.item(d, r, separator)
		if err != nil {
			return nil, err
		}
		if item.Word == "" {
			s.Blank++
			continue
		}
		if without := (CategoryItem{Word: item.Word, Category: item.Category}); columns.triples {
			if known[without] {
				continue
			}
			known[without] = true
		}
		items = append(items, item)
	}
	s.add(items)
	if len(s.Items) == 0 {
		return nil, d.fail(0, "holds no word with one category, expected lines of a word and its category")
	}
	return s, nil
}

// item returns the item in row r of d, whose word may be empty.
func (c categoryColumns) item(d *document, r row, separator rune) (CategoryItem, error) {
	wrong := len(r.fields) <= max(c.word, c.category) || !c.header && len(r.fields) != c.of
	if wrong || r.fields[c.category] == "" {
		return CategoryItem{}, d.fail(r.number, "expected a word and its category in fields %d and %d separated by %s, found %s",
			c.word+1, c.category+1, separatorNames[separator], Excerpt(strings.Join(r.fields, " ")))
	}
	return CategoryItem{Word: r.fields[c.word], Category: r.fields[c.category], Line: r.number}, nil
}

// add adds the items of a file, except repeated and ambiguous ones.
func (s *CategorySet) add(items []CategoryItem) {
	category := make(map[string]string, len(items))
	ambiguous := make(map[string]bool)
	for _, item := range items {
		if c, seen := category[item.Word]; seen && c != item.Category && !ambiguous[item.Word] {
			ambiguous[item.Word] = true
			s.Ambiguous = append(s.Ambiguous, item.Word)
		}
		category[item.Word] = item.Category
	}
	seen := make(map[string]bool, len(items))
	for _, item := range items {
		switch {
		case ambiguous[item.Word]:
		case seen[item.Word]:
			s.Repeated++
		default:
			seen[item.Word] = true
			s.Items = append(s.Items, item)
		}
	}
}
