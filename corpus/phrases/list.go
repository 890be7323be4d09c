package phrases

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"kindred/corpus/analysis"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
)

// A Phrase is words that are joined where they stand side by side.
type Phrase struct {
	// Words are two words and the connectors between them. A word may be a phrase that an earlier
	// pass joined.
	Words []string
	// Joined is the token that replaces them.
	Joined string
	// Score is its [Scoring], and Count the number of times that the words stood side by side. Both
	// are 0 if they are not known.
	Score float64
	Count int64
	// Pass is the number of the pass that joins the phrase, 1 or more.
	Pass int
}

// A List is phrases to be joined. It is an [analysis.Joiner], safe for concurrent use. The zero value
// is empty.
//
// The passes follow one another, each on what the one before has joined. A pass goes through a line
// from left to right. It joins two words, and the connectors between them, if they are a phrase. What
// was joined is not looked at again in the same pass. This is what gensim's Phrases[sentence] does.
type List struct {
	phrases []Phrase // by pass, the highest score first
	levels  []*level // a level for each pass
}

// highestPass is the highest number of a pass: each costs a look-up for every token.
const highestPass = 64

// NewList returns a list of phrases. It sorts them. Words and joined tokens have to be tokens, the
// words two or more, and the words in the middle of phrases of a pass, which are its connectors, may
// not stand at the ends of others.
func NewList(phrases []Phrase) (*List, error) {
	l := &List{phrases: slices.Clone(phrases)}
	for _, p := range l.phrases {
		if err := p.check(); err != nil {
			return nil, err
		}
	}
	l.sort()
	return l, l.build()
}

// check returns an error if a phrase can't be joined.
func (p *Phrase) check() error {
	text := strings.Join(p.Words, " ")
	switch {
	case len(p.Words) < 2:
		return fmt.Errorf("phrase %.60q: want two words or more, with a space between them", text)
	case p.Pass < 1 || p.Pass > highestPass:
		return fmt.Errorf("phrase %.60q: the pass is %d, want 1 to %d", text, p.Pass, highestPass)
	}
	for _, w := range p.Words {
		if err := checkToken(w); err != nil {
			return fmt.Errorf("phrase %.60q: word %.60q: %w", text, w, err)
		}
	}
	if err := checkToken(p.Joined); err != nil {
		return fmt.Errorf("phrase %.60q: joined as %.60q: %w", text, p.Joined, err)
	}
	return nil
}

func (l *List) sort() {
	slices.SortFunc(l.phrases, func(a, b Phrase) int {
		return cmp.Or(cmp.Compare(a.Pass, b.Pass), cmp.Compare(b.Score, a.Score), slices.Compare(a.Words, b.Words))
	})
}

// build makes the levels of sorted phrases.
func (l *List) build() error {
	for from := 0; from < len(l.phrases); {
		to := from
		for to < len(l.phrases) && l.phrases[to].Pass == l.phrases[from].Pass {
			to++
		}
		next, err := newLevel(l.phrases[from:to])
		if err != nil {
			return err
		}
		l.levels = append(l.levels, next)
		from = to
	}
	return nil
}

// with returns a list with one more pass.
func (l *List) with(found []Phrase) *List {
	pass := 1
	if n := len(l.phrases); n > 0 {
		pass = l.phrases[n-1].Pass + 1
	}
	for i := range found {
		found[i].Pass = pass
	}
	next := &List{phrases: slices.Concat(l.phrases, found)}
	next.sort()
	if err := next.build(); err != nil {
		panic(fmt.Sprintf("phrases: connectors are in the middle only: %v", err))
	}
	return next
}

// Len returns the number of phrases.
func (l *List) Len() int { return len(l.phrases) }

// Phrases returns the phrases by pass, those of a pass by score, the highest first. They must not be
// changed.
func (l *List) Phrases() []Phrase { return l.phrases }

// Name implements analysis.Joiner. It is "phrases:" and a hash of what the list joins.
func (l *List) Name() string {
	lines := make([]string, len(l.phrases))
	for i, p := range l.phrases {
		lines[i] = fmt.Sprintf("%d\t%s\t%s\n", p.Pass, strings.Join(p.Words, " "), p.Joined)
	}
	slices.Sort(lines)
	return fmt.Sprintf("%s%016x", NamePrefix, xxh3.HashString(strings.Join(lines, "")))
}

// NamePrefix begins the names of lists in the description of an analyzer.
const NamePrefix = "phrases:"

// columns are the headings of a list in a file.
const columns = "phrase\tjoined\tscore\tcount\tpass"

// WriteTo writes the list as text with five columns, separated by tabs, and their names in the first
// line. Scores have nine digits.
func (l *List) WriteTo(w io.Writer) (int64, error) {
	b := bufio.NewWriter(w)
	written := int64(0)
	n, _ := fmt.Fprintln(b, columns) // Flush returns the error
	written += int64(n)
	for _, p := range l.phrases {
		n, _ = fmt.Fprintf(b, "%s\t%s\t%.9g\t%d\t%d\n", strings.Join(p.Words, " "), p.Joined, p.Score, p.Count, p.Pass)
		written += int64(n)
	}
	return written, b.Flush()
}

const (
	maxListBytes = 1 << 30
	maxPhrases   = 20_000_000
)

// Load reads a list that [List.WriteTo] has written, or one written by hand: a line is a phrase, its
// words separated by spaces, or has all five columns. A phrase without the other columns is joined by
// "_" in pass 1. The file may be compressed. An error names the line.
func Load(path string) (*List, error) {
	lines, err := textfile.Open(path, textfile.Options{Want: filetype.List, MaxLines: maxPhrases, MaxBytes: maxListBytes})
	if err != nil {
		return nil, fmt.Errorf("phrases: %w", err)
	}
	defer lines.Close()
	l := &List{}
	for lines.Scan() {
		line := string(lines.Bytes())
		if lines.Line() == 1 && line == columns || strings.TrimSpace(line) == "" {
			continue
		}
		p, err := parsePhrase(line)
		if err == nil {
			err = p.check()
		}
		if err != nil {
			return nil, fmt.Errorf("phrases: %w", lines.Fail("%v", err))
		}
		l.phrases = append(l.phrases, p)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("phrases: %w", err)
	}
	if len(l.phrases) == 0 {
		return nil, fmt.Errorf("phrases: %s holds no phrase", path)
	}
	l.sort()
	if err := l.build(); err != nil {
		return nil, fmt.Errorf("phrases: %s: %w", path, err)
	}
	return l, nil
}

// parsePhrase reads a line of a list.
func parsePhrase(line string) (Phrase, error) {
	p := Phrase{Pass: 1}
	fields := strings.Split(line, "\t")
	if len(fields) == 1 {
		p.Words = strings.Fields(line)
		p.Joined = strings.Join(p.Words, "_")
		return p, nil
	}
	if len(fields) != strings.Count(columns, "\t")+1 {
		return p, fmt.Errorf("want a phrase, or the five columns phrase, joined, score, count and pass with a tab between them; found %d columns", len(fields))
	}
	p.Words, p.Joined = strings.Fields(fields[0]), fields[1]
	var err error
	if p.Score, err = strconv.ParseFloat(fields[2], 64); err != nil || math.IsNaN(p.Score) {
		return p, fmt.Errorf("the score is %.60q, want a number", fields[2])
	}
	if p.Count, err = strconv.ParseInt(fields[3], 10, 64); err != nil || p.Count < 0 {
		return p, fmt.Errorf("the count is %.60q, want a whole number, 0 or more", fields[3])
	}
	if p.Pass, err = strconv.Atoi(fields[4]); err != nil {
		return p, fmt.Errorf("the pass is %.60q, want a whole number from 1 to %d", fields[4], highestPass)
	}
	return p, nil
}

// Join implements analysis.Joiner.
func (l *List) Join(next analysis.Sink) analysis.JoiningSink {
	s := &joiner{first: next}
	for _, level := range slices.Backward(l.levels) {
		pass := &levelSink{level: level, next: s.first, start: none}
		s.passes = append(s.passes, pass)
		s.first = pass
	}
	slices.Reverse(s.passes)
	return s
}
