package sets

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// A Kind says what the items of a set are and how they are scored.
type Kind string

// The kinds of sets.
const (
	// Similarity sets hold pairs of words with a human judgement each.
	Similarity Kind = "similarity"
	// Analogy sets hold questions "a is to b as c is to what?".
	Analogy Kind = "analogy"
	// Outlier sets hold groups of words that belong together, and words that don't belong to them.
	Outlier Kind = "outlier detection"
	// Categorization sets hold words with the category people put each in.
	Categorization Kind = "categorisation"
)

// A Set is an evaluation set: a [*SimilaritySet], [*AnalogySet], [*OutlierSet]
// or [*CategorySet].
type Set interface {
	// Kind says what the items are.
	Kind() Kind
	// Origin says where the set came from.
	Origin() Source
	// Len returns the number of items.
	Len() int
}

// A Source says where a set came from.
type Source struct {
	// Name is the name of the file without directory and extension.
	Name string `json:"set"`
	// File is the name the file was opened by.
	File string `json:"file"`
}

func newSource(file string) Source {
	base := filepath.Base(file)
	name := strings.TrimSuffix(base, filepath.Ext(base))
	if name == "" {
		name = base
	}
	return Source{Name: name, File: file}
}

// Origin returns the source itself: sets embed it.
func (s Source) Origin() Source { return s }

// A format is a way to write the sets of a kind in a file.
type format struct {
	kind Kind
	// shape says what such a file looks like.
	shape string
	// recognize reports whether a document looks like this format, which
	// holds also for one with broken lines.
	recognize func(*document) bool
	parse     func(*document) (Set, error)
}

// formats are all formats; the first that recognizes a document reads it.
// Section lines make an analogy set whatever else it looks like, and a score
// in most lines makes a similarity set of "old new A 1.58", which has four
// words too. Bare lists of words come last, being the least distinct.
var formats = []format{
	{Analogy, "four words a line under section lines that start with a colon", hasSections, parseAnalogySet},
	{Outlier, "a table with columns \"outliers\" and \"words\" that hold lists", hasOutlierColumns, parseOutlierSet},
	{Similarity, "two words and a number a line, separated by tabs, commas, semicolons or spaces", hasScores, parseSimilaritySet},
	{Categorization, "a category and a word a line", hasCategories, parseCategorySet},
	{Analogy, "four words a line", hasFourWords, parseAnalogySet},
	{Outlier, "a word a line, an empty line, then an outlier a line", hasTwoLists, parseOutlierSet},
}

// ReadSet reads the evaluation set in the file at path, whose kind is
// recognized by its content. The error is a [*SyntaxError] where the file is
// of no known kind or breaks the rules of its kind.
func ReadSet(path string) (Set, error) {
	d, err := openDocument(path)
	if err != nil {
		return nil, err
	}
	return parseSet(d)
}

// ParseSet reads an evaluation set from r as [ReadSet] does; name stands for
// the file in errors and reports.
func ParseSet(name string, r io.Reader) (Set, error) {
	d, err := readDocument(name, r)
	if err != nil {
		return nil, err
	}
	return parseSet(d)
}

func parseSet(d *document) (Set, error) {
	if len(d.lines) == 0 {
		return nil, d.fail(0, "holds no line but empty ones and comments, expected an evaluation set")
	}
	if f := recognize(d); f != nil {
		return f.parse(d)
	}
	var shapes []string
	for _, f := range formats {
		shapes = append(shapes, fmt.Sprintf("%s (%s)", f.kind, f.shape))
	}
	first := d.lines[0]
	return nil, d.fail(first.number, "not a known kind of evaluation set; found %s, expected %s",
		Excerpt(first.text), strings.Join(shapes, " or "))
}

// recognize returns the format that a document is in, nil if it is none.
func recognize(d *document) *format {
	for i := range formats {
		if formats[i].recognize(d) {
			return &formats[i]
		}
	}
	return nil
}

// Excerpt returns text quoted, its end left out where it is long.
func Excerpt(text string) string {
	const longest = 60
	runes := []rune(text)
	if len(runes) <= longest {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q…", string(runes[:longest]))
}
