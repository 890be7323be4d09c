package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"kindred/corpus/analysis"
	"kindred/corpus/labeled"
	"kindred/eval/labels"
	"kindred/eval/stats"
	"kindred/internal/english"
	"kindred/internal/version"
	"kindred/model"
	"kindred/model/classifier"
	"kindred/model/format"
	"kindred/train/supervised"
)

const classifyAbout = `Learns from labeled lines which labels a line has, as "fasttext supervised" does.

"classify train" reads lines with labels: fastText's (__label__spam win a prize), a table (label, tab, text; or CSV), or JSON lines with
"label" or "labels" and "text". "classify test" labels lines and compares with their labels: precision, recall and F1 with confidence
intervals. "classify predict" prints a label and its probability for each line of a text, as lines come. "classify suggest" prints the
lines that would teach the model most if somebody labeled them.

A line is the mean of the rows of its words, word n-grams and character n-grams. Models of fastText (.bin, and .ftz, which is
quantized) can be tested and used for prediction, too. The same lines and settings give the same model at any number of threads.`

const classifyExamples = `
# learn, and see how good it is on other lines
kindred classify train --input spam-train.tsv --output spam.model
kindred classify test spam.model spam-test.tsv
# the label of each line of a text, as lines come
tail -f messages.txt | kindred classify predict spam.model -
# several labels for each line, each with its own probability
kindred classify train --input tags.jsonl --output tags.model --loss ova
kindred classify predict tags.model new.txt --top 5 --threshold 0.5
# a model of fastText
kindred classify predict lid.176.ftz lines.txt
kindred classify train --input train.txt --output model.bin --format fasttext
# which twenty lines to label next
kindred classify suggest spam.model unlabeled.txt --top 20`

// classifyFlags are the flags of the classify command.
type classifyFlags struct {
	// of train
	inputs, filters   []string
	lower             bool
	tokenizer, output string
	format            string
	config            supervised.Config
	init              string
	// of all
	labeledFlags
	quiet, json bool
	// of test, predict and suggest
	top       int
	threshold float64
	precision float64
	by        string
}

const (
	byMargin  = "margin"
	byEntropy = "entropy"

	classifyTrain   = "train"
	classifyTest    = "test"
	classifyPredict = "predict"
	classifySuggest = "suggest"
)

func classifyCommand(con *console) *command {
	f := &classifyFlags{config: supervised.Defaults(), tokenizer: "whitespace", by: byMargin}
	return &command{
		name: "classify", summary: "learn the labels of lines, and label others", arguments: "train|test|predict|suggest [MODEL] [FILE…] [FLAGS]",
		about: classifyAbout, examples: classifyExamples,
		flags: f.flags(),
		files: func(words []string) []namedFile { return modelAndTexts(words[min(1, len(words)):]) },
		run:   func(c *call) error { return f.run(c, con) },
	}
}

func (f *classifyFlags) flags() []*flag {
	const lines, training, output, answers = "Lines", "Training (classify train)", "Output", "Answers (classify test, predict, suggest)"
	c := &f.config
	return append(f.labeledFlags.flags(lines), []*flag{
		{name: "input", aliases: []string{"i"}, group: training, into: &f.inputs, value: "FILE…", file: inputFile, help: "labeled lines to learn from"},
		{name: "lower", group: training, into: &f.lower, help: "convert lines to lower case"},
		{name: "tokenizer", group: training, into: &f.tokenizer, value: "NAME", choices: oneOf(analysis.Tokenizers()...),
			help: "how to split lines into words; the model remembers it"},
		{name: "filter", group: training, into: &f.filters, value: "SPEC…", choices: filterChoices, fileIn: behind(":@"),
			help: "change or drop words, in the given order: " + strings.Join(analysis.Filters(), ", ")},
		{name: "loss", group: training, into: (*string)(&c.Loss), value: "NAME", choices: oneOf("softmax", "ns", "ova"),
			parse: func(text string) (any, bool) {
				if text == "one-vs-all" { // fastText's other name
					text = string(classifier.OneVsAll)
				}
				return text, slices.Contains([]string{"softmax", "ns", "ova"}, text)
			}, want: "softmax, ns or ova",
			help: "softmax: one label for each line; ova: any number of labels, each with a probability of its own; ns: negative sampling, for very many labels"},
		{name: "dim", aliases: []string{"size", "vector-size"}, group: training, into: &c.Dim, value: "N", help: "dimension of the rows"},
		{name: "epochs", aliases: []string{"epoch"}, group: training, into: &c.Epochs, value: "N", initial: "as many as make 100,000 lines and 2,000 for each label, 5 to 100",
			help: "passes over the lines"},
		{name: "lr", group: training, into: &c.LearningRate, value: "RATE", help: "learning rate at the start; it falls to 0"},
		{name: "word-ngrams", aliases: []string{"wordNgrams"}, group: training, into: &c.WordNGrams, value: "N", help: "length of the longest word n-grams; 1 for words alone"},
		{name: "min-n", aliases: []string{"minn"}, group: training, into: &c.MinN, value: "N", help: "length of the shortest character n-grams"},
		{name: "max-n", aliases: []string{"maxn"}, group: training, into: &c.MaxN, value: "N", help: "length of the longest character n-grams; 0 for none"},
		{name: "bucket", group: training, into: &c.Buckets, value: "N", help: "number of rows that the hashes of n-grams share; only those in use take memory"},
		{name: "min-count", aliases: []string{"minCount"}, group: training, into: &c.MinCount, value: "N", help: "leave out words that occur fewer than N times"},
		{name: "min-label-count", aliases: []string{"minCountLabel"}, group: training, into: &c.MinLabelCount, value: "N", help: "leave out labels of fewer than N lines"},
		{name: "negatives", aliases: []string{"neg"}, group: training, into: &c.Negatives, value: "N", help: "labels drawn against each label of a line, with --loss ns"},
		{name: "noise-power", group: training, into: &c.NoisePower, value: "P", help: "labels are drawn by their count to this power, with --loss ns"},
		{name: "sampler", group: training, into: (*string)(&c.Sampler), value: "NAME", choices: oneOf(supervised.Samplers()...),
			help: "how --loss ns draws labels: unigram (count^noise-power), uniform, zipf (by rank), or subsampled (by count)"},
		{name: "hard", group: training, into: &c.Hard, value: "N", help: "draw N times as many negatives, and take those with the highest scores"},
		{name: "balance", group: training, into: &c.Balance, value: "P", help: "weigh lines by the rarity of their label to this power: 0 not at all, 1 so that all labels weigh the same"},
		{name: "majority-ratio", group: training, into: &c.MajorityRatio, value: "R", initial: "all lines",
			help: "in each epoch take at most R times as many lines of a label as the rarest has"},
		{name: "majority-lines", group: training, into: (*string)(&c.MajorityLines), value: "WHICH", choices: oneOf("random", "hard"),
			help: "which lines --majority-ratio takes: random ones, or hard: those with the highest loss"},
		{name: "holdout", group: training, into: &c.HoldOut, value: "SHARE", initial: "none", parse: parseShare, want: "a share of the lines above 0 % and below 100 %, such as 10% or 0.1",
			help: "keep this share of the lines out of training, score them after each epoch, and keep the model of the best epoch"},
		{name: "patience", group: training, into: &c.Patience, value: "N", initial: "all epochs", valid: atLeast(0), want: "0 or more",
			help: "stop after N epochs without a better score of the lines held out"},
		{name: "init", aliases: []string{"pretrainedVectors"}, group: training, into: &f.init, value: "VECTORS", file: inputVectors, help: "begin with these vectors of words"},
		{name: "seed", group: training, into: &c.Seed, value: "N", help: "seed of all random numbers"},
		{name: "threads", aliases: []string{"thread"}, group: training, into: &c.Threads, value: "N", initial: "all processors", help: "number of threads; they do not change the model"},
		{name: "output", aliases: []string{"o"}, group: output, into: &f.output, value: "FILE", file: outputFile, help: "file for the model"},
		{name: "format", group: output, into: &f.format, value: "NAME", initial: "fasttext if the name ends in .bin, else native", choices: oneOf("native", "fasttext"), help: "format of the model"},
		quietFlag(&f.quiet, output),
		{name: "json", group: output, into: &f.json, help: "write JSON to standard output"},
		{name: "top", aliases: []string{"k"}, group: answers, into: &f.top, value: "N", initial: "1 label, or 10 lines of suggest", valid: atLeast(1), want: "1 or more",
			help: "labels for each line, or lines to suggest"},
		{name: "threshold", group: answers, into: &f.threshold, value: "P", help: "give only labels of this probability or a higher one"},
		{name: "wanted-precision", group: answers, into: &f.precision, value: "P", initial: "none",
			help: "classify test: also print for each label the lowest threshold that reaches this precision on the lines"},
		{name: "by", group: answers, into: &f.by, value: "NAME", choices: oneOf(byMargin, byEntropy),
			help: "classify suggest: lines are unsure by the margin of the two best labels, or by the entropy of all"},
	}...)
}

func (f *classifyFlags) run(c *call, con *console) error {
	if len(c.words) == 0 {
		return usage("say what to do: classify train, test, predict or suggest")
	}
	if err := f.check(c); err != nil {
		return err
	}
	switch c.words[0] {
	case classifyTrain:
		return f.train(c, con)
	case classifyTest:
		return f.test(c, con)
	case classifyPredict:
		return f.predict(c, con)
	case classifySuggest:
		return f.suggest(c, con)
	}
	return usagef("there is no \"classify %s\"; there are train, test, predict and suggest", c.words[0])
}

// check refuses flags that the action does not have.
func (f *classifyFlags) check(c *call) error {
	answers := []string{"top", "threshold", "wanted-precision", "by"}
	for _, fl := range c.command.flags {
		if !c.given(fl.name) {
			continue
		}
		general := slices.Contains([]string{"line-form", "label-column", "text-column", "label-separator", "quiet", "json"}, fl.name)
		answer := slices.Contains(answers, fl.name)
		if !general && answer == (c.words[0] == classifyTrain) {
			return usagef("%s has no effect in \"classify %s\"", dashed(fl.name), c.words[0])
		}
	}
	if err := f.labeledFlags.check(); err != nil {
		return err
	}
	if f.threshold < 0 || f.threshold > 1 || f.precision < 0 || f.precision > 1 {
		return usage("--threshold and --wanted-precision are probabilities, from 0 to 1")
	}
	return nil
}

// analyzer returns what makes tokens, nil for fastText's.
func (f *classifyFlags) analyzer() (*analysis.Analyzer, error) {
	filters := f.filters
	if f.lower {
		filters = slices.Concat([]string{"lower"}, filters)
	}
	if f.tokenizer == "whitespace" && len(filters) == 0 {
		return nil, nil
	}
	return analysis.Parse(f.tokenizer, filters...)
}

// classifyManifest says how a model was made.
type classifyManifest struct {
	Tool     string             `json:"tool"`
	Version  string             `json:"version"`
	Inputs   []string           `json:"inputs"`
	Settings supervised.Config  `json:"settings"`
	Filters  []string           `json:"filters,omitempty"`
	Tokens   string             `json:"tokenizer"`
	Init     string             `json:"init,omitempty"`
	Report   *supervised.Report `json:"training"`
}

func (f *classifyFlags) train(c *call, con *console) error {
	switch {
	case len(c.words) > 1:
		return usagef("want no argument after \"classify train\", found %q; lines are named with --input", c.words[1])
	case len(f.inputs) == 0:
		return usage("no lines; name the file of labeled lines with --input FILE…")
	case f.output == "":
		return usage("no output; name the file for the model with --output FILE")
	case f.format != "" && f.format != "native" && f.format != "fasttext":
		return usagef("--format is %q, want native or fasttext", f.format)
	case f.output == stdStream:
		return usage("a model can't be written to standard output; name a file")
	}
	if f.format == "" && strings.EqualFold(filepath.Ext(f.output), ".bin") {
		f.format = "fasttext"
	}
	if err := f.config.Validate(); err != nil {
		return asUsage(err)
	}
	analyzer, err := f.analyzer()
	if err != nil {
		return asUsage(err)
	}
	if f.format == "fasttext" && analyzer != nil {
		return usage("a file of fastText can't hold --lower, --tokenizer and --filter; leave them out, or --format fasttext")
	}
	var lines []supervised.Line
	empty := 0
	err = unlessInterrupted(c.ctx, func() error {
		all, n, err := labeled.All(f.inputs, f.options(false))
		empty = n
		for _, l := range all {
			lines = append(lines, supervised.Line{Labels: l.Labels, Text: l.Text})
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return fmt.Errorf("%s has no lines with labels", english.List(f.inputs, 3))
	}
	o := supervised.Options{Analyzer: analyzer}
	if f.init != "" {
		if o.Init, err = f.loadInit(c.ctx, con); err != nil {
			return err
		}
		if !c.given("dim") {
			f.config.Dim = o.Init.Dim()
		}
	}
	if !f.quiet && !f.json {
		con.list(summaryLine{"Lines", fmt.Sprintf("%s in %s, %s empty", counted(len(lines), "line"), english.List(f.inputs, 5), grouped(empty))})
	}
	if f.json {
		o.Progress = func(epoch, epochs int, loss float64) {
			_ = printJSON(con, map[string]any{"event": "progress", "epoch": epoch, "epochs": epochs, "loss": loss})
		}
	}
	start := time.Now()
	var m *classifier.Model
	var report *supervised.Report
	c.stopsItself()
	m, report, err = supervised.Train(c.ctx, lines, f.config, o)
	stopped := errors.Is(err, supervised.ErrInterrupted)
	if err != nil && !stopped {
		if c.ctx.Err() != nil {
			return interruption("interrupted; no model was saved")
		}
		return err
	}
	f.config.Epochs = report.Epochs
	con.warn(classifyWarnings(report, m)...)
	m.Manifest, err = json.Marshal(classifyManifest{"kindred", version.String(), f.inputs, f.config, f.filters, f.tokenizer, f.init, report})
	if err != nil {
		return err
	}
	write := m.Write
	if f.format == "fasttext" {
		write = m.WriteFastText
	}
	if err := con.writeFile(f.output, write); err != nil {
		return err
	}
	if stopped {
		return interruption(fmt.Sprintf("interrupted after %s of %d; %s has what was trained so far", counted(len(report.Loss), "epoch"), report.Epochs, f.output))
	}
	switch {
	case f.json:
		return printJSON(con, map[string]any{"event": "summary", "settings": f.config, "training": report, "labels": len(m.Labels), "output": f.output})
	case !f.quiet:
		con.list(
			summaryLine{"Labels", labelsText(m)},
			summaryLine{"Trained", fmt.Sprintf("%s in %s, %s words/s, loss %.4f", counted(len(report.Loss), "epoch"), brief(time.Since(start)),
				scaled(float64(report.Tokens)*float64(len(report.Loss))/time.Since(start).Seconds()), report.Loss[len(report.Loss)-1])},
			summaryLine{"Held out", heldOutClassifier(report)},
			summaryLine{"Saved", fmt.Sprintf("%s and %s of n-grams in %s", counted(m.Words.Len(), "word"), counted(report.Buckets, "row"), f.output)})
	}
	return nil
}

// heldOutClassifier says how well the lines held out are labeled, "" if there are none.
func heldOutClassifier(r *supervised.Report) string {
	if r.BestEpoch == 0 {
		return ""
	}
	return fmt.Sprintf("%s, macro F1 %.4f after epoch %d, whose model is kept", counted(r.HeldOutLines, "line"), r.HeldOut[r.BestEpoch-1].MacroF1, r.BestEpoch)
}

// loadInit loads the vectors of --init.
func (f *classifyFlags) loadInit(ctx context.Context, con *console) (e *model.Embeddings, err error) {
	err = unlessInterrupted(ctx, func() error {
		e, err = format.Load(f.init)
		return err
	})
	if err == nil {
		for _, w := range e.Warnings {
			con.warn(fmt.Sprintf("%s: %s", f.init, w))
		}
	}
	return e, err
}

// classifyWarnings tell what makes a model doubtful.
func classifyWarnings(r *supervised.Report, m *classifier.Model) (warnings []string) {
	if r.RareLabels > 0 {
		warnings = append(warnings, fmt.Sprintf("%s left out for --min-label-count, and %s that have no other", counted(r.RareLabels, "label"), counted(r.LeftOut, "line")))
	}
	var once []string
	for _, l := range m.Labels {
		if l.Count == 1 {
			once = append(once, l.Name)
		}
	}
	if len(once) > 0 {
		warnings = append(warnings, fmt.Sprintf("%s seen on one line only, which teaches little: %s", counted(len(once), "label"), english.List(once, 5)))
	}
	if r.Damped > 0.05 {
		warnings = append(warnings, fmt.Sprintf("%.0f %% of the moves of labels were shortened, as the lines of a batch would have gone too far together; a lower --lr may be better", 100*r.Damped))
	}
	return warnings
}

// labelsText lists the most frequent labels with their lines.
func labelsText(m *classifier.Model) string {
	var list []string
	for _, l := range m.Labels {
		list = append(list, fmt.Sprintf("%s (%s)", l.Name, grouped(l.Count)))
	}
	return fmt.Sprintf("%d: %s", len(list), english.List(list, 5))
}

// open loads the model that the second argument names.
func (f *classifyFlags) open(c *call) (*classifier.Model, *classifier.Predictor, error) {
	if len(c.words) < 2 {
		return nil, nil, usagef("no model; name the file that \"classify train\" wrote, as in \"kindred classify %s MODEL FILE\"", c.words[0])
	}
	var m *classifier.Model
	var p *classifier.Predictor
	if err := unlessInterrupted(c.ctx, func() (err error) {
		m, p, err = loadClassifier(c.words[1])
		return err
	}); err != nil {
		return nil, nil, err
	}
	return m, p, nil
}

// predictorOf returns a predictor with the analyzer that the model was trained with.
func predictorOf(m *classifier.Model) (*classifier.Predictor, error) {
	if m.Analyzer == classifier.FastTextAnalyzer {
		return m.NewPredictor(nil), nil
	}
	var made classifyManifest
	if err := json.Unmarshal(m.Manifest, &made); err != nil {
		return nil, fmt.Errorf("the manifest does not tell how lines become words: %w", err)
	}
	filters := made.Filters
	a, err := analysis.Parse(made.Tokens, filters...)
	if err == nil && a.String() != m.Analyzer { // --lower comes first
		a, err = analysis.Parse(made.Tokens, slices.Concat([]string{"lower"}, filters)...)
	}
	if err != nil {
		return nil, err
	}
	if a.String() != m.Analyzer {
		return nil, fmt.Errorf("lines become words by %q, but the manifest describes %q", m.Analyzer, a)
	}
	return m.NewPredictor(a), nil
}

// eachLabeled passes the lines of the files after the model to yield.
func (f *classifyFlags) eachLabeled(c *call, con *console, unlabeled bool, yield func(l labeled.Line) error) error {
	if len(c.words) < 3 {
		return usagef("no lines; name a file, as in \"kindred classify %s MODEL FILE\"", c.words[0])
	}
	return unlessInterrupted(c.ctx, func() error {
		for _, path := range c.words[2:] {
			if err := f.eachLine(con, path, unlabeled, yield); err != nil {
				return err
			}
		}
		return nil
	})
}

// topLabels is how many labels a line gets.
func (f *classifyFlags) topLabels() int { return cmp.Or(f.top, 1) }

// labelScores are the scores of a label in JSON.
type labelScores struct {
	Lines     int                   `json:"lines"`
	Given     int                   `json:"given"`
	Precision *float64              `json:"precision"`
	Recall    *float64              `json:"recall"`
	F1        *float64              `json:"f1"`
	Intervals map[string][2]float64 `json:"intervals,omitempty"`
	Threshold *wantedThreshold      `json:"threshold,omitempty"`
}

// A wantedThreshold is the lowest threshold with the precision that --wanted-precision asks for.
type wantedThreshold struct {
	Probability *float64 `json:"probability"` // nil if none reaches it
	Recall      float64  `json:"recall"`
}

func (f *classifyFlags) test(c *call, con *console) error {
	m, p, err := f.open(c)
	if err != nil {
		return err
	}
	var numbers lineNumbers
	for _, l := range m.Labels {
		numbers.labels.number(l.Name)
	}
	unknownLines := 0
	var lines []labels.Line
	var probabilities [][]float32
	err = f.eachLabeled(c, con, false, func(l labeled.Line) error {
		line := numbers.line(l)
		probs, known := p.Probabilities([]byte(l.Text))
		if !known {
			unknownLines++
		}
		for _, b := range classifier.Best(probs, f.topLabels(), f.threshold) {
			line.Given = append(line.Given, b.Label)
			line.Probability = max(line.Probability, b.Probability)
		}
		lines = append(lines, line)
		if f.precision > 0 {
			probabilities = append(probabilities, slices.Clone(probs))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return fmt.Errorf("there are no labeled lines in %s", english.List(c.words[2:], 3))
	}
	if unknown := numbers.labels.names[len(m.Labels):]; len(unknown) > 0 {
		con.warn(fmt.Sprintf("%s of the lines not in the model, and so missed: %s", counted(len(unknown), "label"), english.List(sorted(unknown), 5)))
	}
	if unknownLines > 0 {
		con.warn(fmt.Sprintf("%s without a word or n-gram that the model knows", counted(unknownLines, "line")))
	}
	var r *labels.Report
	if err := unlessInterrupted(c.ctx, func() error { r = labels.Measure(numbers.labels.names, lines, stats.Bootstrap{}); return nil }); err != nil {
		return err
	}
	if r.Chance() {
		con.warn(fmt.Sprintf("the labels are no better than chance: Cohen's kappa is %s", scoreText(r.Kappa)))
	}
	return f.printReport(con, r, lines, probabilities)
}

// scoreText returns a score with its interval.
func scoreText(s stats.Score) string {
	if !s.Defined() {
		return "undefined: " + s.Undefined
	}
	if !s.HasInterval() {
		return s.String()
	}
	return fmt.Sprintf("%s [%.4f, %.4f]", s, s.Interval.Low, s.Interval.High)
}

// value returns a score for JSON, nil if it is undefined.
func value(s stats.Score) *float64 {
	if !s.Defined() {
		return nil
	}
	return &s.Value
}

// intervals returns the intervals of scores for JSON.
func intervals(scores map[string]stats.Score) map[string][2]float64 {
	all := map[string][2]float64{}
	for name, s := range scores {
		if s.Defined() && s.HasInterval() {
			all[name] = [2]float64{s.Interval.Low, s.Interval.High}
		}
	}
	return all
}

func (f *classifyFlags) printReport(con *console, r *labels.Report, lines []labels.Line, probabilities [][]float32) error {
	thresholds := make([]*wantedThreshold, len(r.Labels))
	if f.precision > 0 {
		for k := range r.Labels {
			thresholds[k] = f.wanted(k, lines, probabilities)
		}
	}
	if f.json {
		byLabel := map[string]labelScores{}
		confusion := map[string]map[string]int{}
		for k, l := range r.Labels {
			byLabel[l.Name] = labelScores{l.Lines, l.Given, value(l.Precision), value(l.Recall), value(l.F1),
				intervals(map[string]stats.Score{"precision": l.Precision, "recall": l.Recall, "f1": l.F1}), thresholds[k]}
			for j, n := range r.Confusion[k] {
				if n > 0 {
					if confusion[l.Name] == nil {
						confusion[l.Name] = map[string]int{}
					}
					confusion[l.Name][r.Labels[j].Name] = n
				}
			}
		}
		type bin struct {
			Low         float64 `json:"low"`
			High        float64 `json:"high"`
			Lines       int     `json:"lines"`
			Probability float64 `json:"probability"`
			Right       float64 `json:"right"`
		}
		bins := make([]bin, len(r.Bins))
		for i, b := range r.Bins {
			bins[i] = bin(b)
		}
		return printJSON(con, map[string]any{
			"lines": r.Lines, "macro_f1": value(r.MacroF1), "precision": value(r.Precision), "recall": value(r.Recall), "f1": value(r.F1), "kappa": value(r.Kappa),
			"intervals": intervals(map[string]stats.Score{"macro_f1": r.MacroF1, "precision": r.Precision, "recall": r.Recall, "f1": r.F1, "kappa": r.Kappa}),
			"labels":    byLabel, "confusion": confusion, "calibration": bins, "calibration_error": r.Error, "better_than_chance": !r.Chance(),
			"warnings": con.warned(),
		})
	}
	w := con.out
	fmt.Fprintf(w, "%s; in brackets: 95 %% confidence intervals\n\n", counted(r.Lines, "line"))
	width := len("precision")
	for _, l := range r.Labels {
		width = max(width, len([]rune(con.shown(l.Name))))
	}
	row := func(name, lines, precision, recall, f1 string) {
		fmt.Fprintf(w, "%-*s  %7s  %-24s  %-24s  %s\n", width, name, lines, precision, recall, f1)
	}
	row("label", "lines", "precision", "recall", "F1")
	for _, l := range r.Labels {
		row(con.shown(l.Name), grouped(l.Lines), shortScore(l.Precision), shortScore(l.Recall), shortScore(l.F1))
	}
	fmt.Fprintf(w, "\nmacro F1   %s\nall labels %s precision, %s recall, %s F1\nkappa      %s\ncalibration error %.4f\n",
		scoreText(r.MacroF1), scoreText(r.Precision), scoreText(r.Recall), scoreText(r.F1), scoreText(r.Kappa), r.Error)
	f.printConfusion(con, r)
	for k, t := range thresholds {
		switch name := con.shown(r.Labels[k].Name); {
		case t == nil:
		case t.Probability == nil:
			fmt.Fprintf(w, "%s: no threshold reaches the precision %v\n", name, f.precision)
		default:
			fmt.Fprintf(w, "%s: the threshold %.4f reaches the precision %v, with the recall %.4f\n", name, *t.Probability, f.precision, t.Recall)
		}
	}
	return nil
}

// shortScore is a score in a column.
func shortScore(s stats.Score) string {
	if !s.Defined() {
		return "-"
	}
	return scoreText(s)
}

// printConfusion lists the most frequent mistakes.
func (f *classifyFlags) printConfusion(con *console, r *labels.Report) {
	type mistake struct{ own, given, n int }
	var all []mistake
	for own, row := range r.Confusion {
		for given, n := range row {
			if own != given && n > 0 {
				all = append(all, mistake{own, given, n})
			}
		}
	}
	if len(all) == 0 {
		return
	}
	slices.SortFunc(all, func(a, b mistake) int { return cmp.Or(b.n-a.n, a.own-b.own, a.given-b.given) })
	const shown = 10
	fmt.Fprintf(con.out, "\nmost frequent mistakes: lines, their label, the label given\n")
	for _, m := range all[:min(shown, len(all))] {
		fmt.Fprintf(con.out, "%7s  %s  %s\n", grouped(m.n), con.shown(r.Labels[m.own].Name), con.shown(r.Labels[m.given].Name))
	}
}

// wanted returns the threshold of label k with the wanted precision.
func (f *classifyFlags) wanted(k int, lines []labels.Line, probabilities [][]float32) *wantedThreshold {
	p, own := make([]float64, len(lines)), make([]bool, len(lines))
	for i, l := range lines {
		if k < len(probabilities[i]) {
			p[i] = float64(probabilities[i][k])
		}
		own[i] = slices.Contains(l.Own, k)
	}
	t := &wantedThreshold{}
	if at, recall, ok := labels.Threshold(p, own, f.precision); ok {
		t.Probability, t.Recall = &at, recall
	}
	return t
}

// A labeledAnswer is what predict prints of a line as JSON.
type labeledAnswer struct {
	Line   int          `json:"line"`
	Labels []givenLabel `json:"labels"`
	// Known tells whether the model knows a word or an n-gram of the line.
	Known bool `json:"known"`
}

type givenLabel struct {
	Label       string  `json:"label"`
	Probability float64 `json:"probability"`
}

func (f *classifyFlags) predict(c *call, con *console) error {
	m, p, err := f.open(c)
	if err != nil {
		return err
	}
	files := c.words[2:]
	if len(files) == 0 {
		files = []string{stdStream}
	}
	number := 0
	out := &labelPrinter{classifyFlags: f, con: con, m: m, p: p, out: bufio.NewWriterSize(con.out, 64<<10)}
	return unlessInterrupted(c.ctx, func() error {
		for _, path := range files {
			form := labeled.Form(f.form)
			if form == labeled.TSV || form == labeled.CSV { // an answer for each row
				err := f.eachLine(con, path, true, func(l labeled.Line) error {
					number++
					return out.label(number, []byte(l.Text))
				})
				if err != nil {
					return errors.Join(out.out.Flush(), err)
				}
				continue
			}
			if err := con.eachLine(path, func(line []byte) error {
				number++
				text, err := f.textOf(&form, line, path, number)
				if err != nil {
					return err
				}
				if err := out.label(number, text); err != nil || path != stdStream {
					return err
				}
				return out.out.Flush() // an answer does not wait for the next line
			}); err != nil {
				return errors.Join(out.out.Flush(), err)
			}
		}
		return out.out.Flush()
	})
}

// textOf returns the text of a line that may come with labels, which are left out. Without --line-form the first line
// tells whether lines are JSON; all others are text.
func (f *classifyFlags) textOf(form *labeled.Form, line []byte, path string, number int) ([]byte, error) {
	if *form == "" {
		*form = labeled.FastText // without labels it is text
		if line := strings.TrimSpace(string(line)); strings.HasPrefix(line, "{") && json.Valid([]byte(line)) {
			*form = labeled.JSONL
		}
	}
	if *form == labeled.FastText || *form == labeled.Plain || len(bytes.TrimSpace(line)) == 0 {
		return line, nil // whose labels are no words
	}
	r, err := labeled.New(path, strings.NewReader(string(line)+"\n"), labeled.Options{Form: *form, Unlabeled: true})
	if err != nil {
		return nil, err
	}
	l, err := r.Next()
	if err == io.EOF {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("line %d of %w", number, err)
	}
	return []byte(l.Text), nil
}

// A labelPrinter prints the labels of lines.
type labelPrinter struct {
	*classifyFlags
	con    *console
	m      *classifier.Model
	p      *classifier.Predictor
	out    *bufio.Writer
	buffer []byte
}

// label prints the labels of a line. An empty line gets an empty line.
func (o *labelPrinter) label(number int, text []byte) error {
	var given []classifier.Prediction
	known := false
	if len(bytes.TrimSpace(text)) > 0 {
		given, known = o.p.Best(text, o.topLabels(), o.threshold)
	}
	if o.json {
		a := labeledAnswer{Line: number, Labels: []givenLabel{}, Known: known}
		for _, g := range given {
			a.Labels = append(a.Labels, givenLabel{o.m.Labels[g.Label].Name, g.Probability})
		}
		return writeJSON(o.out, a)
	}
	b := o.buffer[:0]
	for i, g := range given {
		if i > 0 {
			b = append(b, '\t')
		}
		b = append(append(b, o.con.shown(o.m.Labels[g.Label].Name)...), '\t')
		b = strconv.AppendFloat(b, g.Probability, 'g', 6, 64)
	}
	o.buffer = append(b, '\n')
	_, err := o.out.Write(o.buffer)
	return err
}

func (f *classifyFlags) suggest(c *call, con *console) error {
	m, p, err := f.open(c)
	if err != nil {
		return err
	}
	var lines []lineToLabel
	number := 0
	err = f.eachLabeled(c, con, true, func(l labeled.Line) error {
		number++
		probs, _ := p.Probabilities([]byte(l.Text))
		s := lineToLabel{Line: l.Number, Text: l.Text, order: number, hidden: slices.Clone(p.Hidden([]byte(l.Text)))}
		s.Uncertainty = uncertainty(probs, f.by)
		for _, b := range classifier.Best(probs, 2, 0) {
			s.Labels = append(s.Labels, givenLabel{m.Labels[b.Label].Name, b.Probability})
		}
		lines = append(lines, s)
		return nil
	})
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return fmt.Errorf("there are no lines in %s", english.List(c.words[2:], 3))
	}
	for _, s := range diverse(lines, cmp.Or(f.top, 10)) {
		if f.json {
			if err := printJSON(con, s); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintf(con.out, "%d\t%.4f\t%s\t%s\n", s.Line, s.Uncertainty, con.shown(s.Labels[0].Label), con.shown(s.Text)); err != nil {
			return err
		}
	}
	return nil
}

// A lineToLabel is a line whose label would teach the model something.
type lineToLabel struct {
	Line int `json:"line"`
	// Uncertainty is from 0, for a line whose label the model is sure of, to 1.
	Uncertainty float64      `json:"uncertainty"`
	Labels      []givenLabel `json:"labels"`
	Text        string       `json:"text"`
	hidden      []float32
	order       int
}

// uncertainty returns how unsure probabilities are: 1 minus the distance of the two highest, or the entropy as a part
// of the highest possible.
func uncertainty(p []float32, by string) float64 {
	if by == byEntropy {
		sum, h := 0.0, 0.0
		for _, x := range p {
			sum += float64(x)
		}
		for _, x := range p {
			if q := float64(x) / sum; q > 0 {
				h -= q * math.Log(q)
			}
		}
		return h / math.Log(float64(len(p)))
	}
	best := classifier.Best(p, 2, 0)
	if len(best) < 2 {
		return 0
	}
	return 1 - (best[0].Probability - best[1].Probability)
}

// alike is the cosine above which two lines teach the same.
const alike = 0.8

// diverse returns the n most uncertain lines of which no two are much alike. If there are too few, the others follow.
func diverse(lines []lineToLabel, n int) []lineToLabel {
	slices.SortStableFunc(lines, func(a, b lineToLabel) int { return cmp.Or(cmp.Compare(b.Uncertainty, a.Uncertainty), a.order-b.order) })
	var chosen, rest []lineToLabel
	for _, s := range lines {
		if len(chosen) == n {
			break
		}
		if slices.ContainsFunc(chosen, func(c lineToLabel) bool { return model.Cosine(c.hidden, s.hidden) > alike }) {
			rest = append(rest, s)
		} else {
			chosen = append(chosen, s)
		}
	}
	for _, s := range rest {
		if len(chosen) == n {
			break
		}
		chosen = append(chosen, s)
	}
	return chosen
}
