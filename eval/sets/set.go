// Package sets reads evaluation sets: pairs of words with human scores, analogy questions, groups of
// words with outliers, and words with categories. [ReadSet] and [ReadSets] detect the kind of a file by
// its content. The package knows nothing about scores; see package eval.
package sets

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"kindred/internal/english"
)

// A Kind says what the items of a set are.
type Kind string

// The kinds of sets.
const (
	// Similarity sets hold pairs of words with a human score each.
	Similarity Kind = "similarity"
	// Analogy sets hold questions "a is to b as c is to what?".
	Analogy Kind = "analogy"
	// Outlier sets hold groups of words that belong together, and words that do not belong to them.
	Outlier Kind = "outlier detection"
	// Categorization sets hold words with the categories that people put them in.
	Categorization Kind = "categorization"
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
	// Name is the name of the file without directory and extension, also that of a compressed file.
	Name string `json:"set"`
	// File is the name the file was opened by.
	File string `json:"file"`
}

func newSource(file string) Source {
	base := filepath.Base(file)
	name := base
	switch filepath.Ext(name) {
	case ".gz", ".bz2", ".xz", ".zst", ".zip":
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	name = strings.TrimSuffix(name, filepath.Ext(name))
	if name == "" {
		name = base
	}
	return Source{Name: name, File: file}
}

// Origin returns the source itself: sets embed it.
func (s Source) Origin() Source { return s }

// A format is a form of files with sets of one kind.
type format struct {
	kind Kind
	// shape describes such a file in an error, "" for forms that the error leaves to the documentation.
	shape string
	// recognize reports whether a document looks like this format. A document with broken lines may.
	recognize func(*document) bool
	parse     func(*document) (Set, error)
}

// formats are all formats. The first that recognizes a document reads it. Section lines make an analogy
// set whatever else it looks like. Bare lists of words come last, since they are the least distinct.
var formats = []format{
	{Analogy, "four words a line under lines that start with a colon", hasSections, asSet(parseAnalogies)},
	{Outlier, "", hasOutlierColumns, asSet(parseOutliers)},
	{Similarity, "two words and a number a line", hasScores, asSet(parseSimilarity)},
	{Analogy, "", hasNamedPairs, asSet(parseAnalogies)}, // before categories, which repeat as answers do
	{Categorization, "a category and a word a line", hasCategories, asSet(parseCategories)},
	{Analogy, "", hasPairs, asSet(parseAnalogies)},
	{Outlier, "a word a line, an empty line, then an outlier a line", hasTwoLists, asSet(parseOutliers)},
}

// asked are the formats of files that are analogies if the user says so. Their content may as well be
// that of a text, or of a dictionary.
var asked = []format{
	formats[0],
	{Analogy, "", hasFourWords, asSet(parseAnalogies)},
	{Analogy, "", func(d *document) bool { _, ok := pairSeparator(d); return ok }, asSet(parseAnalogies)},
}

// asSet returns parse with a nil interface beside an error.
func asSet[S Set](parse func(*document) (S, error)) func(*document) (Set, error) {
	return func(d *document) (Set, error) {
		s, err := parse(d)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
}

// ReadSet reads the evaluation set in the file at path. It detects the kind of set by the content. The
// error is a [*SyntaxError] if the file is of no known kind or breaks the rules of its kind.
func ReadSet(path string) (Set, error) { return Options{}.ReadSet(path) }

// ReadSet is the function [ReadSet] with options.
func (o Options) ReadSet(path string) (Set, error) {
	d, err := o.open(path)
	if err != nil {
		return nil, err
	}
	return parseSet(d)
}

// ParseSet reads an evaluation set from r as [ReadSet] does. name stands for the file in errors and
// reports.
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
	f, other := recognize(d, formats)
	if f != nil {
		return f.parse(d)
	}
	first := d.lines[0]
	if other != "" {
		return nil, d.fail(first.number, "not a known kind of evaluation set: %s", other)
	}
	var shapes []string
	for _, f := range formats {
		if f.shape == "" {
			continue
		}
		shapes = append(shapes, fmt.Sprintf("%s (%s)", f.kind, f.shape))
	}
	return nil, d.fail(first.number, "not a known kind of evaluation set; found %s, expected %s; docs/evaluation.md shows each form",
		Excerpt(first.text), english.Or(shapes))
}

// recognize returns the format of a document among some. If it has none of them, f is nil, and other says
// what the document is instead, if it is known.
func recognize(d *document, among []format) (f *format, other string) {
	vectors := hasVectors(d)
	for i := range among {
		if vectors && among[i].kind != Similarity { // words and scores may be numbers if the columns have names
			continue
		}
		if among[i].recognize(d) {
			return &among[i], ""
		}
	}
	switch {
	case vectors:
		return nil, vectorsFound
	case hasFourWords(d):
		return nil, "four words a line without section lines such as \": family\" may be any text; if they are analogies, name the file by --analogies (ReadAnalogies in Go)"
	}
	if _, pairs := pairSeparator(d); pairs {
		return nil, "two words a line may be any text or list; if they are pairs for analogies, name the file by --analogies (ReadAnalogies in Go)"
	}
	return nil, ""
}

// vectorsFound says what a file of vectors is.
const vectorsFound = "it looks like word vectors, a word and its numbers a line"

// hasVectors reports whether most lines are a word and two numbers or more, as many in each line. The
// first may be the two numbers of word2vec's header.
func hasVectors(d *document) bool {
	widths := make(map[int]int)
	for _, l := range d.beginning() {
		fields := strings.Fields(l.text)
		if len(fields) < 3 {
			continue
		}
		numbers := !slices.ContainsFunc(fields[1:], func(f string) bool { _, ok := parseNumber(f); return !ok })
		if numbers {
			widths[len(fields)]++
		}
	}
	for _, n := range widths {
		if 10*n >= 9*(len(d.beginning())-1) {
			return true
		}
	}
	return false
}

// Excerpt returns text in quotes, without its end if it is long.
func Excerpt(text string) string {
	const longest = 60
	runes := []rune(text)
	if len(runes) <= longest {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q…", string(runes[:longest]))
}
