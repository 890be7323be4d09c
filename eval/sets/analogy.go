package sets

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A Question is an item of an analogy set: A is to B as C is to what? D is the answer, or several
// answers separated by slashes; see [Question.Answers].
type Question struct {
	A, B, C, D string
	// Line is the line of the file it comes from, with C and D.
	Line int
}

// Answers returns the answers in D: its parts between slashes, or D itself if one of them is empty.
func (q Question) Answers() []string { return splitAnswers(q.D) }

func splitAnswers(text string) []string {
	parts := strings.Split(text, "/")
	if slices.Contains(parts, "") {
		return []string{text}
	}
	return parts
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

// batsName matches the names of the files of BATS, such as "I01 [noun - plural_reg]". I stands for
// inflection, D for derivation, E for encyclopedia and L for lexicon.
var batsName = regexp.MustCompile(`^[IDEL]\d\d \[.+\]$`)

// Category returns [Syntactic] if the name of the section starts with "gram", in either case, as in
// questions-words.txt, or is that of an inflection or derivation of BATS, else [Semantic]. word2vec.c's
// compute-accuracy instead takes the first five sections for semantic ones, which is the same for
// questions-words.txt.
func (s Section) Category() Category {
	bats := batsName.MatchString(s.Name) && (s.Name[0] == 'I' || s.Name[0] == 'D')
	if bats || strings.HasPrefix(strings.ToLower(s.Name), "gram") {
		return Syntactic
	}
	return Semantic
}

// An AnalogySet is a list of analogy questions in sections, such as Google's
// questions-words.txt (Mikolov et al. 2013) or BATS (Gladkova et al. 2016).
type AnalogySet struct {
	Source
	// Sections are in the order of the file. A name may occur twice and a section may be empty.
	Sections []Section
	// Pairs is the number of pairs that the questions were made from, 0 if the file lists questions.
	Pairs int
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

// ReadAnalogies reads the analogy set in the file at path. Its lines are four words, separated by white
// space, tabs, semicolons or commas, in sections that start with a line ": name". The fourth word may be
// several answers separated by slashes. Empty lines and those that start with # or // are comments.
//
// If lines have two words, they are pairs, as in BATS: a word and its answer, or several answers
// separated by slashes. Each pair of a section makes a question with each other one as its example:
// n(n-1) questions of n pairs. The example shows the first of its answers. Lines that repeat a word add
// answers to it. A file without section lines is one section with the name of the file.
//
// The error is a [*SyntaxError] if a line has another number of words, a section has no name
// or the file has no question.
func ReadAnalogies(path string) (*AnalogySet, error) { return Options{}.ReadAnalogies(path) }

// ReadAnalogies is the function [ReadAnalogies] with options.
func (o Options) ReadAnalogies(path string) (*AnalogySet, error) {
	d, err := o.open(path)
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
	if hasVectors(d) {
		return nil, d.fail(d.lines[0].number, "not an analogy set: %s", vectorsFound)
	}
	if separator, ok := pairSeparator(d); ok {
		return parsePairs(d, separator)
	}
	s := &AnalogySet{Source: d.source}
	separator, _ := analogySeparator(d, 4)
	for _, l := range d.lines {
		if name, ok := sectionName(l.text); ok {
			if name == "" {
				return nil, d.fail(l.number, "expected the name of a section after the colon")
			}
			s.Sections = append(s.Sections, Section{Name: name})
			continue
		}
		words, err := splitFields(l.text, separator)
		if err != nil || len(words) != 4 || slices.Contains(words, "") {
			return nil, d.fail(l.number, "expected a question of 4 words or a section line like \": family\", found %d words: %s",
				len(strings.Fields(l.text)), Excerpt(l.text))
		}
		if len(s.Sections) == 0 {
			s.Sections = append(s.Sections, Section{})
		}
		last := &s.Sections[len(s.Sections)-1]
		last.Questions = append(last.Questions, Question{words[0], words[1], words[2], words[3], l.number})
	}
	if s.Len() == 0 {
		return nil, d.fail(0, "holds no analogy question, expected lines of four words, or of a word and its answer")
	}
	return s, nil
}

// analogySeparators are the possible separators of the words of a question, in order of preference.
var analogySeparators = []rune{'\t', ';', ',', ' '}

// analogySeparator returns the separator that splits most lines but section lines into n words, and the
// share of lines that it does.
func analogySeparator(d *document, n int) (separator rune, share float64) {
	most, lines := -1, 0
	for _, s := range analogySeparators {
		count := 0
		lines = 0
		for _, l := range d.beginning() {
			if _, ok := sectionName(l.text); ok {
				continue
			}
			lines++
			if fields, err := splitFields(l.text, s); err == nil && len(fields) == n && !slices.ContainsFunc(fields, isNoWord) {
				count++
			}
		}
		if count > most {
			separator, most = s, count
		}
	}
	if lines == 0 {
		return separator, 0
	}
	return separator, float64(most) / float64(lines)
}

// isNoWord reports whether a field is empty or has more parts than a name.
func isNoWord(field string) bool {
	parts := len(strings.Fields(field))
	return parts == 0 || parts > 4
}

// pairSeparator returns the separator of the words of pairs, and whether most lines are pairs rather
// than questions.
func pairSeparator(d *document) (rune, bool) {
	_, questions := analogySeparator(d, 4)
	separator, pairs := analogySeparator(d, 2)
	return separator, pairs > 0.5 && pairs > questions
}

// A wordPair is a word and its answers, separated by slashes.
type wordPair struct {
	word, answers string
	line          int
}

// parsePairs makes a set of questions from pairs.
func parsePairs(d *document, separator rune) (*AnalogySet, error) {
	s := &AnalogySet{Source: d.source}
	var pairs []wordPair
	name := d.source.Name
	lineOf := make(map[string]int) // of a word, its index in pairs
	finish := func() {
		if len(pairs) > 0 {
			s.Sections = append(s.Sections, Section{name, combine(pairs)})
			s.Pairs += len(pairs)
		}
		pairs = nil
		clear(lineOf)
	}
	for _, l := range d.lines {
		if section, ok := sectionName(l.text); ok {
			if section == "" {
				return nil, d.fail(l.number, "expected the name of a section after the colon")
			}
			finish()
			name = section
			continue
		}
		words, err := splitFields(l.text, separator)
		if err != nil || len(words) != 2 || slices.Contains(words, "") {
			return nil, d.fail(l.number, "expected a word and its answers, separated by %s, found %s", separatorNames[separator], Excerpt(l.text))
		}
		if i, repeated := lineOf[words[0]]; repeated {
			pairs[i].answers = strings.Join(unique(splitAnswers(pairs[i].answers), splitAnswers(words[1])), "/")
			continue
		}
		lineOf[words[0]] = len(pairs)
		pairs = append(pairs, wordPair{words[0], words[1], l.number})
	}
	finish()
	if s.Len() == 0 {
		return nil, d.fail(0, "holds no two pairs of a section, expected two or more lines of a word and its answers: each pair is asked with each other one as the example")
	}
	return s, nil
}

// unique returns the values of the lists without repetitions.
func unique(lists ...[]string) []string {
	var all []string
	for _, v := range slices.Concat(lists...) {
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// combine returns the questions that ask for each pair with each other one as the example.
func combine(pairs []wordPair) []Question {
	questions := make([]Question, 0, len(pairs)*(len(pairs)-1))
	for i, example := range pairs {
		for j, asked := range pairs {
			if i != j {
				questions = append(questions, Question{example.word, splitAnswers(example.answers)[0], asked.word, asked.answers, asked.line})
			}
		}
	}
	return questions
}

// sectionName returns the name of the section that starts with this line of text, and whether one does.
// A line of four words that starts with a colon and no space is a question, such as ":) :( happy sad".
func sectionName(text string) (string, bool) {
	name, ok := strings.CutPrefix(strings.TrimSpace(text), ":")
	if ok && name != "" && !unicode.IsSpace(rune(name[0])) && len(strings.Fields(name)) == 4 {
		return "", false
	}
	return strings.TrimSpace(name), ok
}

// hasSections reports whether the document has a section line, and most other lines are questions or
// pairs.
func hasSections(d *document) bool {
	sections := 0
	for _, l := range d.lines {
		if _, ok := sectionName(l.text); ok {
			sections++
		}
	}
	if sections == 0 {
		return false
	}
	_, questions := analogySeparator(d, 4)
	_, pairs := analogySeparator(d, 2)
	return questions >= 0.5 || pairs >= 0.5
}

// hasFourWords reports whether at least half of the lines at the document's beginning are four words.
func hasFourWords(d *document) bool {
	_, share := analogySeparator(d, 4)
	return share >= 0.5
}

// hasPairs reports whether the lines at the document's beginning are pairs as those of BATS, with tabs
// between a word and its answers, and one in ten has several answers.
func hasPairs(d *document) bool {
	pairs, several := countPairs(d)
	lines := len(d.beginning())
	return pairs > 1 && pairs == lines && 10*several >= lines
}

// hasNamedPairs reports whether the document has the name of a file of BATS, and at least half of the
// lines at its beginning are pairs.
func hasNamedPairs(d *document) bool {
	pairs, _ := countPairs(d)
	return batsName.MatchString(d.source.Name) && pairs > 0 && 2*pairs >= len(d.beginning())
}

// countPairs returns the number of pairs at the document's beginning, and of those with several answers.
func countPairs(d *document) (pairs, several int) {
	for _, l := range d.beginning() {
		fields, err := splitFields(l.text, '\t')
		if err != nil || len(fields) != 2 || slices.ContainsFunc(fields, isNoWord) {
			continue
		}
		if _, number := parseNumber(fields[1]); number {
			continue
		}
		pairs++
		if len(splitAnswers(fields[1])) > 1 {
			several++
		}
	}
	return pairs, several
}
