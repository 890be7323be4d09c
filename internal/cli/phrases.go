package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"kindred/corpus/phrases"
	"kindred/corpus/source"
)

const phrasesAbout = `Finds phrases in a text: words that stand side by side more often than by chance, such as "new york". The list has a line
for each phrase, with its score, count and pass. "kindred train --phrases" joins the phrases of a list to single words, and
"kindred train --phrases auto" finds and joins them at once. --text writes the text with its phrases joined.

The defaults suit most texts. If the list has pairs that are no phrases, raise --threshold or --phrase-min-count.`

const phrasesExamples = `
# the phrases of a text, and vectors for words and phrases
kindred phrases --input text.txt --lower --output phrases.tsv
kindred train --input text.txt --lower --phrases phrases.tsv --output vectors.bin
# phrases with connectors, such as bank_of_america, by the score of word2phrase
kindred phrases --input text.txt --connectors english --scoring word2phrase --output phrases.tsv
# another text with the phrases of a list joined
kindred phrases --input other.txt --phrases phrases.tsv --text joined.txt`

// phrasesFlags are the flags of the phrases command.
type phrasesFlags struct {
	textFlags
	find         phrases.Options
	scoring      string
	threshold    float64
	connectors   []string
	output, text string
	quiet, json  bool
}

func phrasesCommand(con *console) *command {
	p := phrasesFlags{find: phrases.Defaults()}
	return &command{
		name: "phrases", summary: "find phrases in a text, and join them", arguments: "--input FILE… --output LIST [FLAGS]",
		about: phrasesAbout, examples: phrasesExamples,
		flags: p.flags(),
		run:   func(c *call) error { return p.run(c, con) },
	}
}

func (p *phrasesFlags) flags() []*flag {
	const find, output = "Phrases", "Output"
	var list []*flag
	for _, f := range p.textFlags.flags() {
		switch f.name {
		case "sentence-limit", "min-count", "max-vocab", "keep-words": // they choose words of a vocabulary
		case "vocab-memory":
			f.group = find
			list = append(list, f)
		default:
			list = append(list, f)
		}
	}
	p.scoring = p.find.Scoring.Name
	return append(list,
		&flag{name: "scoring", group: find, into: &p.scoring, value: "NAME", choices: oneOf(phrases.Scorings()...),
			help: "how to score pairs: npmi (normalized pointwise mutual information, -1 to 1) or word2phrase (grows with the text)"},
		&flag{name: "threshold", group: find, into: &p.threshold, value: "X", initial: "0.5 for npmi, 10 for word2phrase",
			help: "a pair that scores more is a phrase; higher values give fewer phrases"},
		&flag{name: "phrase-min-count", group: find, into: &p.find.MinCount, value: "N", valid: atLeast(1), want: "1 or more",
			help: "ignore pairs that occur fewer than N times"},
		&flag{name: "passes", group: find, into: &p.find.Passes, value: "N", valid: within(1, phrases.MaxPasses), want: fmt.Sprintf("1 to %d", phrases.MaxPasses),
			help: "read the text N times, each time with the phrases found before; two passes find phrases of up to four words"},
		&flag{name: "connectors", group: find, into: &p.connectors, value: "LANGUAGE…", choices: oneOf(phrases.ConnectorLanguages()...), fileIn: behind("@"),
			help: "words that may stand inside a phrase, as in bank_of_america: those of a language, or of @FILE with one per line"},
		&flag{name: "delimiter", group: find, into: &p.find.Delimiter, value: "TEXT",
			help: "what to write between the words of a phrase"},
		&flag{name: "output", aliases: []string{"o"}, group: output, into: &p.output, value: "LIST", file: outputFile,
			help: "file for the phrases, compressed if its name ends in .gz, or - for standard output"},
		&flag{name: "text", group: output, into: &p.text, value: "FILE", file: outputFile,
			help: "file for the text with its phrases joined, or -; without --output, only --phrases are joined"},
		quietFlag(&p.quiet, output),
		&flag{name: "json", group: output, into: &p.json, help: "write a summary as JSON to standard output"})
}

func (p *phrasesFlags) run(c *call, con *console) error {
	if err := noArguments(c, "; text is named with --input"); err != nil {
		return err
	}
	switch {
	case p.output == "" && p.text == "":
		return usage("no output; name the file for the phrases with --output LIST, or one for the joined text with --text FILE")
	case p.phrases == autoPhrases:
		return usage("--phrases auto is for other commands; this one finds phrases with --output LIST")
	case p.output == "" && p.phrases == "":
		return usage("no phrases to join; name a list with --phrases LIST, or a file for the phrases of the text with --output LIST")
	}
	if err := p.complete(c); err != nil {
		return err
	}
	o, err := p.options()
	if err != nil {
		return err
	}
	con.warn(p.warnings...)
	src, err := p.open()
	if err != nil {
		return err
	}
	if p.text != "" && p.output != "" {
		if err := phrases.CheckAgain(src); err != nil {
			return err
		}
	}
	report := newReporter(con, p.quiet || p.json, false)
	list, _ := o.Analyzer.Joiner.(*phrases.List)
	var passes []phrases.Pass
	if p.output != "" {
		p.find.Progress = passProgress(src, report)
		err := unlessInterrupted(c.ctx, func() (err error) {
			list, passes, err = phrases.Learn(c.ctx, src, o.Analyzer, p.find)
			return err
		})
		report.clear()
		if err != nil {
			return readingError(c.ctx, err)
		}
		con.warn(droppedPairs(passes)...)
		if list.Len() == 0 {
			con.warn(noPhrase(p.find) + "; lower --phrase-min-count or --threshold")
		}
		if err := con.writeFile(p.output, func(w io.Writer) error {
			_, err := list.WriteTo(w)
			return err
		}); err != nil {
			return err
		}
	}
	joined := int64(0)
	if p.text != "" {
		a := *o.Analyzer
		if a.Joiner = nil; list.Len() > 0 {
			a.Joiner = list
		}
		err := unlessInterrupted(c.ctx, func() error {
			return con.writeFile(p.text, func(w io.Writer) error {
				s, err := phrases.WriteText(c.ctx, w, src, &a, nil)
				joined = s.Phrases
				return err
			})
		})
		if err != nil {
			return readingError(c.ctx, err)
		}
	}
	switch {
	case p.json:
		return json.NewEncoder(con.out).Encode(struct {
			Passes  []phrases.Pass `json:"passes"`
			Phrases int            `json:"phrases"`
			Joined  int64          `json:"joined,omitempty"`
			Output  string         `json:"output,omitempty"`
			Text    string         `json:"text,omitempty"`
		}{passes, list.Len(), joined, p.output, p.text})
	case !p.quiet:
		con.list(passLines(passes)...)
		if p.output != "" && p.output != stdStream {
			con.list(summaryLine{"Saved", fmt.Sprintf("%s in %s", counted(list.Len(), "phrase"), p.output)})
		}
		if p.text != "" {
			con.list(summaryLine{"Text", fmt.Sprintf("%s joined in %s", counted(joined, "phrase"), shownPath(p.text, "standard output"))})
		}
	}
	return nil
}

// complete sets the options that the flags name.
func (p *phrasesFlags) complete(c *call) error {
	var err error
	if p.find.Scoring, err = phrases.ParseScoring(p.scoring); err != nil {
		return asUsage(err)
	}
	if p.find.Threshold = p.threshold; !c.given("threshold") {
		p.find.Threshold = p.find.Scoring.Threshold
	}
	if s := p.find.Scoring; !(p.find.Threshold >= s.Lowest && p.find.Threshold <= s.Highest) {
		return usagef("--threshold is %v, want %s", p.find.Threshold, s.Range())
	}
	seen := map[string]bool{}
	for _, name := range p.connectors {
		words, err := phrases.Connectors(name)
		if errors.As(err, new(*phrases.NameError)) {
			return asUsage(fmt.Errorf("--connectors: %w", err))
		}
		if err != nil {
			return err
		}
		for _, w := range words {
			if !seen[w] {
				seen[w] = true
				p.find.Connectors = append(p.find.Connectors, w)
			}
		}
	}
	p.find.Memory = int64(p.memory * gib)
	return asUsage(p.find.Validate())
}

// passLines describe the passes over a text.
func passLines(passes []phrases.Pass) []summaryLine {
	var lines []summaryLine
	for i, pass := range passes {
		lines = append(lines, summaryLine{fmt.Sprintf("Pass %d", i+1), fmt.Sprintf("%s, %s and pairs, %s", counted(pass.Words, "token"), counted(pass.Types, "type"), counted(pass.Phrases, "phrase"))})
	}
	return lines
}

// droppedPairs returns a warning for each pass that outgrew its memory.
func droppedPairs(passes []phrases.Pass) []string {
	var warnings []string
	for i, pass := range passes {
		if pass.Dropped > 0 {
			warnings = append(warnings, fmt.Sprintf("the words and pairs of pass %d outgrew %s of memory, and the rarest were dropped %s times; counts are up to %s too low, so phrases may be missing; give more with --vocab-memory",
				i+1, size(pass.Memory), grouped(pass.Dropped), grouped(pass.Undercount)))
		}
	}
	return warnings
}

// noPhrase says that a text has no phrase.
func noPhrase(o phrases.Options) string {
	return fmt.Sprintf("no phrase found: no pair of words occurs %s or more and scores over %g by %s", counted(o.MinCount, "time"), o.Threshold, o.Scoring.Name)
}

// passProgress returns the progress of the passes over a text: each reads the whole text.
func passProgress(text *source.Source, report reporter) func(pass int, bytes int64) {
	total, _ := text.Size()
	return func(_ int, bytes int64) { report.reading(bytes, total) }
}
