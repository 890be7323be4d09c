package cli

import (
	"fmt"

	"kindred/corpus/labeled"
	"kindred/eval/compare"
	"kindred/eval/labels"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/english"
	"kindred/internal/report/evaluation"
	"kindred/model/classifier"
)

// A comparedClassifier labels lines.
type comparedClassifier struct {
	file      string
	predictor *classifier.Predictor
	numbers   []int // of its labels
	lines     []labels.Line
}

// compareClassifiers compares classifiers on the lines that --lines names.
func (f *compareFlags) compareClassifiers(c *call, con *console, groups []fileGroup) error {
	if len(f.sets.paths()) > 0 {
		return usage("--lines compares classifiers of lines, and --sets vectors of words; want one of them")
	}
	if f.report.html != "" {
		return usage("--html has no effect with --lines: there is no page of a comparison of classifiers")
	}
	if err := f.labeledFlags.check(); err != nil {
		return err
	}
	var numbers lineNumbers
	var classifiers []*comparedClassifier
	err := unlessInterrupted(c.ctx, func() error {
		for _, g := range groups {
			for _, file := range g.files {
				m, p, err := loadClassifier(file)
				if err != nil {
					return err
				}
				one := &comparedClassifier{file: file, predictor: p}
				for _, l := range m.Labels {
					one.numbers = append(one.numbers, numbers.labels.number(l.Name))
				}
				classifiers = append(classifiers, one)
			}
		}
		for _, one := range classifiers {
			if n := len(numbers.labels.names) - len(one.numbers); n > 0 {
				con.warn(fmt.Sprintf("%s lacks %s that another has, and misses the lines with them", one.file, counted(n, "label")))
			}
		}
		return f.labelLines(con, classifiers, &numbers)
	})
	if err != nil {
		return err
	}
	systems := make([]compare.LineSystem, len(groups))
	next := 0
	for i, g := range groups {
		systems[i].Name, systems[i].Files = g.name, g.files
		for range g.files {
			systems[i].Lines = append(systems[i].Lines, classifiers[next].lines)
			next++
		}
	}
	var result *compare.LineComparison
	if err := unlessInterrupted(c.ctx, func() error {
		o := f.scoring()
		result = compare.Lines(sets.Source{Name: "lines", File: english.List(f.lines, 3)}, numbers.labels.names, systems, stats.Bootstrap{Resamples: o.Resamples, Level: o.Confidence, Seed: o.Seed})
		return nil
	}); err != nil {
		return err
	}
	return f.report.write(con, result, evaluation.Lines(result), nil)
}

// labelLines lets each classifier label the lines. It warns of labels of lines that none of them has, and are so missed by all.
func (f *compareFlags) labelLines(con *console, classifiers []*comparedClassifier, numbers *lineNumbers) error {
	known := len(numbers.labels.names)
	for _, path := range f.lines {
		err := f.eachLine(con, path, false, func(l labeled.Line) error {
			line := numbers.line(l)
			for _, one := range classifiers {
				labeled := line
				probs, _ := one.predictor.Probabilities([]byte(l.Text))
				for _, best := range classifier.Best(probs, 1, 0) {
					labeled.Given, labeled.Probability = []int{one.numbers[best.Label]}, best.Probability
				}
				one.lines = append(one.lines, labeled)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(numbers.texts.names) == 0 {
		return fmt.Errorf("there are no labeled lines in %s", english.List(f.lines, 3))
	}
	if unknown := numbers.labels.names[known:]; len(unknown) > 0 {
		con.warn(fmt.Sprintf("%s of the lines that no classifier has, and so all miss: %s", counted(len(unknown), "label"), english.List(sorted(unknown), 5)))
	}
	return nil
}
