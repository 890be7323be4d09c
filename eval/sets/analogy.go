package sets

import (
	"io"
	"strings"
)

// A Question is an item of an analogy set: A is to B as C is to what? D is the answer.
type Question struct {
	A, B, C, D string
	// Line is the line of the file it comes from.
	Line int
}

// Words returns the four words of the question.
func (q Question) Words() [4]string { return [4]string{q.A, q.B, q.C, q.D} }

// A Category is one of the two groups of sections of analogies.
type Category string

// The categories of Mikolov et al., "Efficient estimation of word representations in vector space"
// (2013).
const (
	Semantic  Category = "semantic"
	Syntactic Category = "syntactic"
)

// A Section is a group of questions about one relation.
type Section struct {
	// Name is empty for questions before the first section line.
	Name      string
	Questions []Question
}

// Category returns [Syntactic] if the name of the section starts with "gram", in either case, as in
// questions-words.txt, else [Semantic]. word2vec.c's compute-accuracy instead takes the first five
// sections for semantic ones, which is the same for that file.
func (s Section) Category() Category {
	if strings.HasPrefix(strings.ToLower(s.Name), "gram") {
		return Syntactic
	}
	return Semantic
}

// An AnalogySet is a list of analogy questions in sections, such as Google's
// questions-words.txt (Mikolov et al. 2013).
type AnalogySet struct {
	Source
	// Sections are in the order of the file. A name may occur twice and a section may be empty.
	Sections []Section
}

// Kind returns [Analogy].
func (s *AnalogySet) Kind() Kind { return Analogy }

// Len returns the number of questions.
func (s *AnalogySet) Len() int {
	n := 0
	for _, section := range s.Sections {
		n += len(section.Questions)
	}
	return n
}

// Questions returns those of all sections, in their order.
func (s *AnalogySet) Questions() []Question {
	var all []Question
	for _, section := range s.Sections {
		all = append(all, section.Questions...)
	}
	return all
}

// ReadAnalogies reads the analogy set in the file at path: lines of four words separated by white space,
// in sections that start with a line ": name". Empty lines and those that start with # or // are
// comments. The error is a [*SyntaxError] if a line has another number of words, a section has no name
// or the file has no question.
func ReadAnalogies(path string) (*AnalogySet, error) {
	d, err := openDocument(path)
	if err != nil {
		return nil, err
	}
	return parseAnalogies(d)
}

// ParseAnalogies reads an analogy set from r as [ReadAnalogies] does. name stands for the file in errors
// and reports.
func ParseAnalogies(name string, r io.Reader) (*AnalogySet, error) {
	d, err := readDocument(name, r)
	if err != nil {
		return nil, err
	}
	return parseAnalogies(d)
}

func parseAnalogies(d *document) (*AnalogySet, error) {
	s := &AnalogySet{Source: d.source}
	for _, l := range d.lines {
		if name, ok := sectionName(l.text); ok {
			if name == "" {
				return nil, d.fail(l.number, "expected the name of a section after the colon")
			}
			s.Sections = append(s.Sections, Section{Name: name})
			continue
		}
		words := strings.Fields(l.text)
		if len(words) != 4 {
			return nil, d.fail(l.number, "expected a question of 4 words or a section line like \": family\", found %d words: %s",
				len(words), Excerpt(l.text))
		}
		if len(s.Sections) == 0 {
			s.Sections = append(s.Sections, Section{})
		}
		last := &s.Sections[len(s.Sections)-1]
		last.Questions = append(last.Questions, Question{words[0], words[1], words[2], words[3], l.number})
	}
	if s.Len() == 0 {
		return nil, d.fail(0, "holds no analogy question, expected lines of four words")
	}
	return s, nil
}

// sectionName returns the name of the section that starts with this line of text, and whether one does.
func sectionName(text string) (string, bool) {
	name, ok := strings.CutPrefix(strings.TrimSpace(text), ":")
	return strings.TrimSpace(name), ok
}

// hasSections reports whether the document has a section line.
func hasSections(d *document) bool {
	for _, l := range d.lines {
		if _, ok := sectionName(l.text); ok {
			return true
		}
	}
	return false
}

// hasFourWords reports whether at least half of the lines at the document's beginning are four words
// without the separators of tables.
func hasFourWords(d *document) bool {
	n := 0
	for _, l := range d.beginning() {
		if len(strings.Fields(l.text)) == 4 && !strings.ContainsAny(l.text, ",;[]\"") {
			n++
		}
	}
	return n > 0 && 2*n >= len(d.beginning())
}
