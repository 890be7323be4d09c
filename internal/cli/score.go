package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"kindred/corpus/analysis"
	"kindred/corpus/phrases"
	"kindred/corpus/source"
	"kindred/eval/anomaly"
	"kindred/eval/conformal"
	"kindred/eval/stats"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
	"kindred/model"
)

const scoreAbout = `Scores how unusual each line is to a model that was trained on normal text: the higher, the more unusual. Words that the text did
not have make a line unusual, and neighbors that are not together in it. MODEL is a .safetensors file that kindred trained; lines are split
into words as in that training. Without FILE, or with -, lines come from standard input and are answered as they come.

The p-value of a line is the share of normal lines that are as unusual. It comes from calibration lines that the model was not trained on:
those of "kindred train --calibrate" or of the preset logs, or those of --normal. A line with a p-value of at most --false-alarms is an alarm,
which "!" marks. If new lines are like the calibration lines, this is the share of normal lines that give an alarm.

With --labels, the output is a report: ROC-AUC, PR-AUC, and precision, recall and F1 of the alarms, with 95 % intervals. Labels never reach
the model. Lines without words have no score, and are never an alarm. A line has at most 1 MiB.`

const scoreExamples = `
# two commands from a log of normal days to the alarms of today
kindred train --preset logs --input normal.log --output model.safetensors
kindred score model.safetensors today.log --alarms
# as lines come
tail -f app.log | kindred score model.safetensors - --alarms --explain
# calibrate by other normal lines, and allow one false alarm in a thousand
kindred score model.safetensors new.log --normal other.log --false-alarms 0.1% --json
# how well the scores find labeled anomalies; the label is the first column, - for normal lines
kindred score model.safetensors labeled.log --labels first-column`

// firstColumn is the value of --labels for labels in the lines.
const firstColumn = "first-column"

// scoreFlags are the flags of the command score.
type scoreFlags struct {
	rate                       float64
	normal                     []string
	labels, phrases            string
	normalLabels               []string
	json, tsv, alarms, explain bool
	seed                       uint64
}

func scoreCommand(con *console) *command {
	f := scoreFlags{rate: 0.01, seed: 1}
	const labels, output = "Labels", "Output"
	return &command{
		name: "score", summary: "score how unusual lines are to a model of normal text", arguments: "MODEL [FILE…|-] [FLAGS]",
		about: scoreAbout, examples: scoreExamples,
		flags: []*flag{
			{name: "false-alarms", into: &f.rate, value: "SHARE", initial: "1%", parse: parseShare, want: "a share of normal lines above 0 % and below 100 %, such as 1% or 0.01",
				help: "mark a line if no more than this share of normal lines is as unusual"},
			{name: "normal", into: &f.normal, value: "FILE…", initial: "those of the model", file: inputFile,
				help: "calibrate by the lines of these files, which are normal and which the model was not trained on"},
			{name: "phrases", into: &f.phrases, value: "FILE", file: inputFile, help: "the list of phrases that the model was trained with"},
			{name: "seed", into: &f.seed, value: "N", help: "seed of the numbers that decide between equal scores"},
			{name: "labels", group: labels, into: &f.labels, value: "LABELS", initial: "none", fileIn: labelFile,
				help: "report how well scores find the lines with other labels than the normal ones: a file with a label on each line, or " + firstColumn + ", which is cut off before a line is scored"},
			{name: "normal-labels", group: labels, into: &f.normalLabels, value: "LABEL…", initial: "- 0 normal ham", help: "labels of normal lines"},
			{name: "alarms", group: output, into: &f.alarms, help: "print alarms only"},
			{name: "explain", group: output, into: &f.explain, help: "name the unseen words and the pairs of neighbors that are most unusual together"},
			{name: "json", group: output, into: &f.json, help: "write one JSON object per line, or one for the report"},
			{name: "tsv", group: output, into: &f.tsv, help: "write columns with tabs between them, and their names in the first line"},
		},
		files: modelAndTexts,
		run:   func(c *call) error { return f.run(c, con) },
	}
}

// labelFile returns the file that a value of --labels names, or "".
func labelFile(value string) string {
	if value == firstColumn {
		return ""
	}
	return value
}

// A scoring scores the lines of one call.
type scoring struct {
	*scoreFlags
	con         *console
	out         *bufio.Writer
	scorer      *anomaly.Scorer
	line        *anomaly.Line
	stream      *analysis.Stream
	calibration *conformal.Calibration // nil if there is none
	number      int64                  // of lines so far
	// tokens, unseen, unscored and alarmed count tokens, those not in the vocabulary, lines without tokens, and alarms.
	tokens, unseen, unscored, alarmed int64
	labeled                           *labeledLines // nil without labels
	buffer, scratch                   []byte        // for a line of output, and for a number in it
}

func (f *scoreFlags) run(c *call, con *console) error {
	if len(c.words) == 0 {
		return usage("no model; name a file, as in \"kindred score model.safetensors new.log\"")
	}
	if f.json && f.tsv {
		return usage("--json and --tsv exclude each other")
	}
	if f.labels != "" && (f.alarms || f.explain || f.tsv) {
		return usage("with --labels the output is a report; --alarms, --explain and --tsv have no place in it")
	}
	if f.labels == "" && len(f.normalLabels) > 0 {
		return usage("--normal-labels has no effect without --labels")
	}
	path, inputs := c.words[0], c.words[1:]
	if len(inputs) == 0 {
		inputs = []string{stdStream}
	}
	if path == stdStream && slices.Contains(inputs, stdStream) {
		return usage("standard input has the model, and can't have the lines, too; name files")
	}
	if countOf(inputs, stdStream) > 1 {
		return usage("- is given twice, and standard input can be read once")
	}
	return unlessInterrupted(c.ctx, func() error {
		s, err := f.open(c, con, path)
		if err != nil {
			return err
		}
		return s.scoreAll(inputs)
	})
}

// countOf returns how often a word is in a list.
func countOf(list []string, word string) (n int) {
	for _, w := range list {
		if w == word {
			n++
		}
	}
	return n
}

// open reads the model and the calibration.
func (f *scoreFlags) open(c *call, con *console, path string) (*scoring, error) {
	e, err := (&vectorsFlags{}).load(c.ctx, con, path)
	if err != nil {
		return nil, err
	}
	scorer, err := anomaly.New(e)
	if wrong := anomaly.ModelError(""); errors.As(err, &wrong) {
		return nil, fmt.Errorf("%s can't score lines: %w", path, err)
	} else if err != nil {
		return nil, err
	}
	s := &scoring{scoreFlags: f, con: con, out: bufio.NewWriterSize(con.out, 64<<10), scorer: scorer, line: scorer.Line()}
	analyzer, err := analyzerOf(e.Manifest, f.phrases)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.stream = analyzer.NewStream(lineTokens{s.line})
	if err := s.calibrate(e.Manifest.Calibration); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := s.checkRate(c.given("false-alarms")); err != nil {
		return nil, err
	}
	if f.labels != "" {
		s.labeled = &labeledLines{normal: f.normalLabels, units: map[string]int32{}}
		if len(f.normalLabels) == 0 {
			s.labeled.normal = []string{"-", "0", "normal", "ham"}
		}
	}
	return s, nil
}

// analyzerOf returns the analyzer of the text that a model was trained on.
func analyzerOf(m *model.Manifest, phraseList string) (*analysis.Analyzer, error) {
	if m.Corpus == nil {
		return nil, errors.New("the manifest does not tell how the text was split into words")
	}
	name, _, joined := strings.Cut(m.Corpus.Analyzer, "|"+phrases.NamePrefix)
	if joined != (phraseList != "") {
		if joined {
			return nil, errors.New("the model was trained with phrases; name their list with --phrases FILE")
		}
		return nil, errors.New("the model was trained without phrases; leave --phrases out")
	}
	parts := strings.Split(name, "|")
	maxBytes := 0
	filters := slices.DeleteFunc(parts[1:], func(part string) bool {
		n, ok := strings.CutPrefix(part, "max-bytes:")
		if ok {
			maxBytes, _ = strconv.Atoi(n)
		}
		return ok
	})
	for i, part := range filters {
		if strings.HasPrefix(part, "stop:@") {
			filters[i], _, _ = strings.Cut(part, "#") // the hash of the words
		}
	}
	a, err := analysis.ParseEncoded(m.Corpus.Encoding, parts[0], filters...)
	if err != nil {
		return nil, fmt.Errorf("the text of the model was split into words by %s: %w", m.Corpus.Analyzer, err)
	}
	a.MaxTokenBytes = maxBytes
	if phraseList != "" {
		list, err := phrases.Load(phraseList)
		if err != nil {
			return nil, err
		}
		a.Joiner = list
	}
	if a.String() != m.Corpus.Analyzer {
		return nil, fmt.Errorf("the text of the model was split into words by %s, and now it is %s: a list has changed", m.Corpus.Analyzer, a)
	}
	return a, nil
}

// lineTokens passes tokens on to a line.
type lineTokens struct{ *anomaly.Line }

// EndLine does nothing: lines are analyzed one by one.
func (lineTokens) EndLine() {}

// calibrate sets the calibration: that of --normal or of the model.
func (s *scoring) calibrate(r *model.CalibrationRecord) error {
	var scores []float64
	switch {
	case len(s.normal) > 0:
		for _, path := range s.normal {
			err := s.eachLine(path, func(line []byte) error {
				if r := s.score(line); r.Tokens > 0 {
					scores = append(scores, r.Total)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		if len(scores) == 0 {
			return errors.New("--normal: there is no line with a word")
		}
	case r == nil:
		return nil
	case r.Version != anomaly.Version:
		s.con.warn(fmt.Sprintf("the calibration lines of the model have scores of another kind (%s, want %s) and are not used; train again, or give normal lines with --normal", r.Version, anomaly.Version))
		return nil
	default:
		for _, x := range r.Scores {
			scores = append(scores, float64(x))
		}
	}
	var err error
	s.calibration, err = conformal.New(scores)
	return err
}

// checkRate checks whether there are lines enough for the rate of false alarms. If the user did not give one, the
// lowest that is possible takes its place.
func (s *scoring) checkRate(given bool) error {
	const help = "give normal lines that the model was not trained on with --normal FILE, or train with --calibrate 20%"
	if s.calibration == nil {
		if given || s.alarms {
			return fmt.Errorf("the model has no calibration lines, without which a rate of false alarms means nothing; %s", help)
		}
		s.con.warn("the model has no calibration lines: lines have scores, but no p-values and no alarms; " + help)
		return nil
	}
	err := s.calibration.Check(s.rate)
	if err == nil {
		return nil
	}
	if given {
		return fmt.Errorf("%w; %s", err, help)
	}
	lowest := 1 / float64(s.calibration.Len()+1)
	s.con.warn(fmt.Sprintf("%v; lines are marked at %.3g %%", err, 100*lowest))
	s.rate = lowest
	return nil
}

// eachLine passes the lines of a file, or of standard input for -, to yield. What was printed about a line of standard input
// does not wait for the next one.
func (s *scoring) eachLine(path string, yield func(line []byte) error) error {
	return s.con.eachLine(path, func(line []byte) error {
		if err := yield(line); err != nil || path != stdStream {
			return err
		}
		return s.out.Flush()
	})
}

// score returns the score of a line.
func (s *scoring) score(line []byte) anomaly.Score {
	s.line.Reset()
	s.stream.Analyze(source.Chunk{Data: line})
	return s.line.Score()
}

// scoreAll scores all inputs and prints what becomes of them.
func (s *scoring) scoreAll(inputs []string) error {
	var labels *textfile.Scanner
	if path := labelFile(s.labels); path != "" {
		var err error
		if labels, err = textfile.Open(path, textfile.Options{Want: filetype.List, AnyBytes: true}); err != nil {
			return err
		}
		defer labels.Close()
	}
	if s.tsv {
		fmt.Fprintf(s.out, "line\tscore\tp\talarm\t%stext\n", map[bool]string{true: "unseen\tpairs\t"}[s.explain])
	}
	for _, path := range inputs {
		inFile := 0
		err := s.eachLine(path, func(line []byte) error {
			inFile++
			s.number++
			label := ""
			switch {
			case labels != nil:
				if !labels.Scan() {
					return errors.Join(labels.Err(), fmt.Errorf("%s has %d labels, and there are more lines; want one for each line", s.labels, s.number-1))
				}
				label = strings.TrimSpace(string(labels.Bytes()))
			case s.labels == firstColumn:
				label, line = cutLabel(line)
			}
			if s.labeled != nil && label == "" && len(bytes.TrimSpace(line)) > 0 {
				return fmt.Errorf("%s:%d: the line has no label; want one before the first blank or tab", path, inFile)
			}
			return s.answer(label, line)
		})
		if err != nil {
			return errors.Join(s.out.Flush(), err)
		}
	}
	if labels != nil && labels.Scan() {
		return fmt.Errorf("%s has more labels than the %d lines; want one for each line", s.labels, s.number)
	}
	s.warn()
	if s.labeled != nil {
		if err := s.report(); err != nil {
			return err
		}
	}
	return s.out.Flush()
}

// cutLabel splits a line into its first column and the rest.
func cutLabel(line []byte) (label string, rest []byte) {
	i := bytes.IndexAny(line, " \t")
	if i < 0 {
		return string(line), nil
	}
	return string(line[:i]), line[i+1:]
}

// warn says if the lines hardly fit the model.
func (s *scoring) warn() {
	switch {
	case s.number == 0:
		s.con.warn("there are no lines")
	case s.unscored == s.number:
		s.con.warn("no line has a word")
	case 2*s.unseen > s.tokens:
		s.con.warn(fmt.Sprintf("%.3g %% of the words are not in the vocabulary, where %.3g %% are usual: is this text of the same kind and language as that of the model?",
			100*float64(s.unseen)/float64(s.tokens), 100*s.scorer.UnseenShare()))
	}
}

// A scoredLine is what --json prints of a line.
type scoredLine struct {
	// Line is the number of the line over all inputs, from 1.
	Line int64 `json:"line"`
	// Score is null for a line without words, and P also without calibration lines.
	Score *float64 `json:"score"`
	P     *float64 `json:"p"`
	Alarm bool     `json:"alarm"`
	// Tokens is the number of words, Unseen how many of them are not in the vocabulary. Words and Pairs are the
	// parts of the score.
	Tokens int     `json:"tokens"`
	Unseen int     `json:"unseen"`
	Words  float64 `json:"words"`
	Pairs  float64 `json:"pairs"`
	Text   string  `json:"text"`
	// UnseenWords and RarestPairs explain the score.
	UnseenWords []string     `json:"unseen_words,omitempty"`
	RarestPairs []rarestPair `json:"rarest_pairs,omitempty"`
}

// A rarestPair is a pair of neighbors and how much more often they are together than by chance, in nats.
type rarestPair struct {
	Words [2]string `json:"words"`
	PMI   float64   `json:"pmi"`
}

// explained is the number of pairs and of words that explain a line.
const explained = 3

// answer scores a line and prints the score, or keeps it for the report.
func (s *scoring) answer(label string, line []byte) error {
	r := s.score(line)
	s.tokens, s.unseen = s.tokens+int64(r.Tokens), s.unseen+int64(r.Unseen)
	a := scoredLine{Line: s.number, Tokens: r.Tokens, Unseen: r.Unseen}
	if r.Tokens == 0 {
		s.unscored++
	} else {
		a.Score = &r.Total
		if s.calibration != nil {
			p := s.calibration.PValue(r.Total, conformal.Smoothing(s.seed, s.number))
			a.Alarm, a.P = p <= s.rate, &p
		}
	}
	if a.Alarm {
		s.alarmed++
	}
	if s.labeled != nil {
		s.labeled.add(label, string(line), r.Total, a.rounded())
		return nil
	}
	if s.alarms && !a.Alarm {
		return nil
	}
	if s.explain {
		a.UnseenWords = s.line.Unseen()
		for _, pair := range s.line.Rarest(explained) {
			a.RarestPairs = append(a.RarestPairs, rarestPair{[2]string{pair.First, pair.Second}, stats.SixDigits(pair.PMI)})
		}
	}
	if s.json {
		a.Words, a.Pairs, a.Text = stats.SixDigits(r.Words), stats.SixDigits(r.Pairs), string(line)
		return writeJSON(s.out, a.rounded())
	}
	return s.print(a, line)
}

// rounded returns the line with six digits of its numbers.
func (a scoredLine) rounded() scoredLine {
	for _, x := range []**float64{&a.Score, &a.P} {
		if *x != nil {
			r := stats.SixDigits(**x)
			*x = &r
		}
	}
	return a
}

// print writes a line as text, or as columns.
func (s *scoring) print(a scoredLine, line []byte) error {
	b := s.buffer[:0]
	if s.tsv {
		b = strconv.AppendInt(b, a.Line, 10)
		b = appendNumber(append(b, '\t'), a.Score, 'g', "")
		b = appendNumber(append(b, '\t'), a.P, 'g', "")
		b = append(strconv.AppendBool(append(b, '\t'), a.Alarm), '\t')
		if s.explain {
			b = fmt.Appendf(b, "%s\t%s\t", strings.Join(a.UnseenWords, " "), pairsText(a.RarestPairs))
		}
	} else {
		mark := byte(' ')
		if a.Alarm {
			mark = '!'
		}
		b = append(b, mark, ' ')
		score := appendNumber(s.scratch[:0], a.Score, 'f', "-")
		b = append(pad(b, 9-len(score)), score...)
		s.scratch = score
		p := appendNumber(append(score[:0], ' ', ' '), a.P, 'g', "-")
		b = pad(append(b, p...), 12-len(p))
	}
	b = append(append(b, line...), '\n')
	const indent = "             "
	if !s.tsv && len(a.UnseenWords) > 0 {
		b = fmt.Appendf(b, "%sunseen: %s\n", indent, strings.Join(a.UnseenWords, " "))
	}
	if !s.tsv && len(a.RarestPairs) > 0 {
		b = fmt.Appendf(b, "%spairs: %s\n", indent, pairsText(a.RarestPairs))
	}
	s.buffer = b
	_, err := s.out.Write(b)
	return err
}

// pad appends n blanks, if n is positive.
func pad(b []byte, n int) []byte {
	for ; n > 0; n-- {
		b = append(b, ' ')
	}
	return b
}

// appendNumber appends a number with four digits, or none if there is no number.
func appendNumber(b []byte, x *float64, format byte, none string) []byte {
	if x == nil {
		return append(b, none...)
	}
	return strconv.AppendFloat(b, *x, format, 4, 64)
}

// pairsText lists pairs with their pointwise mutual information.
func pairsText(pairs []rarestPair) string {
	var parts []string
	for _, p := range pairs {
		parts = append(parts, fmt.Sprintf("%s %s %+.2f", p.Words[0], p.Words[1], p.PMI))
	}
	return strings.Join(parts, ", ")
}

// writeJSON writes a value as a line of JSON.
func writeJSON(w io.Writer, value any) error { return printJSON(&console{out: w}, value) }
