package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"kindred/corpus/labeled"
	"kindred/eval/labels"
	"kindred/internal/english"
	"kindred/model/classifier"
)

// labeledFlags say how lines and their labels are read.
type labeledFlags struct {
	form, column, textColumn, separator string
}

// flags returns the flags, under a heading of the help.
func (f *labeledFlags) flags(group string) []*flag {
	return []*flag{
		{name: "line-form", group: group, into: &f.form, value: "NAME", initial: "from the first line", choices: oneOf(labeled.Forms()...),
			help: "how labels and text share a line: fasttext (__label__NAME), tsv, csv, jsonl, or text for lines without labels"},
		{name: "label-column", group: group, into: &f.column, value: "COLUMN", initial: "the one named label, or the first",
			help: "name or number of the column with the label in tsv and csv"},
		{name: "text-column", group: group, into: &f.textColumn, value: "COLUMN", initial: "the one named text, or all others",
			help: "name or number of the column with the text in tsv and csv"},
		{name: "label-separator", group: group, into: &f.separator, value: "TEXT", initial: "none: one label in a column",
			help: "what stands between several labels in a column"},
	}
}

// check returns a usage error about a form that does not exist.
func (f *labeledFlags) check() error {
	if f.form != "" && !slices.Contains(labeled.Forms(), f.form) {
		return usagef("--line-form is %q, want %s", f.form, english.Or(labeled.Forms()))
	}
	return nil
}

// options say how labeled lines are read.
func (f *labeledFlags) options(unlabeled bool) labeled.Options {
	return labeled.Options{Form: labeled.Form(f.form), Column: f.column, TextColumn: f.textColumn, Separator: f.separator, Unlabeled: unlabeled}
}

// eachLine passes the lines of a file, or of standard input for -, to yield.
func (f *labeledFlags) eachLine(con *console, path string, unlabeled bool, yield func(l labeled.Line) error) error {
	var r *labeled.Reader
	var err error
	if path == stdStream {
		r, err = labeled.New("standard input", con.in, f.options(unlabeled))
	} else {
		r, err = labeled.Open(path, f.options(unlabeled))
	}
	if err != nil {
		return err
	}
	for {
		l, err := r.Next()
		if err == io.EOF {
			return r.Close()
		}
		if err == nil {
			err = yield(l)
		}
		if err != nil {
			return errors.Join(err, r.Close())
		}
	}
}

// loadClassifier loads a classifier with what makes words of lines.
func loadClassifier(path string) (*classifier.Model, *classifier.Predictor, error) {
	m, err := classifier.Load(path)
	if err != nil {
		return nil, nil, err
	}
	p, err := predictorOf(m)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, p, nil
}

// A numbering numbers names in the order in which they come.
type numbering struct {
	names   []string
	numbers map[string]int
}

// number returns the number of a name, which becomes the next one if it is new.
func (n *numbering) number(name string) int {
	k, ok := n.numbers[name]
	if !ok {
		if n.numbers == nil {
			n.numbers = map[string]int{}
		}
		k = len(n.names)
		n.names = append(n.names, name)
		n.numbers[name] = k
	}
	return k
}

// lineNumbers are the numbers of labels, those of classifiers first, and of texts, by which lines are measured.
type lineNumbers struct{ labels, texts numbering }

// line returns a line to which no label was given yet.
func (n *lineNumbers) line(l labeled.Line) labels.Line {
	line := labels.Line{Unit: n.texts.number(l.Text)}
	for _, name := range l.Labels {
		line.Own = append(line.Own, n.labels.number(name))
	}
	return line
}

// sorted returns names in alphabetical order.
func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }
