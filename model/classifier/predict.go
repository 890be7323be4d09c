package classifier

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
)

// A Prediction is a label and its probability.
type Prediction struct {
	Label       int // its number in [Model.Labels]
	Probability float64
}

// A Predictor gives labels to lines, one after the other. It has buffers, so each goroutine needs its own.
type Predictor struct {
	m      *Model
	split  func(line []byte) []string
	output [][]float32 // rows of labels
	hidden []float32
	row    []float32
	rows   []int32
	scores []float32
}

// FastTextAnalyzer is the name of the tokens of fastText.
const FastTextAnalyzer = "fasttext"

// NewPredictor returns a predictor. analyzer makes tokens; nil splits as fastText does.
func (m *Model) NewPredictor(analyzer *analysis.Analyzer) *Predictor {
	p := &Predictor{m: m, split: splitter(analyzer), hidden: make([]float32, m.Dim()), row: make([]float32, m.Dim()), scores: make([]float32, len(m.Labels))}
	n, dim := m.Output.Shape()
	for i := range n {
		p.output = append(p.output, slices.Clone(m.Output.ReadRow(make([]float32, dim), i)))
	}
	return p
}

// splitter returns a function that makes tokens of a line. They are valid until the next call.
func splitter(a *analysis.Analyzer) func(line []byte) []string {
	if a == nil {
		return splitAsFastText
	}
	var sink tokens
	stream := a.NewStream(&sink)
	return func(line []byte) []string {
		sink = sink[:0]
		stream.Analyze(source.Chunk{Data: line})
		return sink
	}
}

// Splitter returns a function that makes tokens of lines; nil splits as fastText does. It is for one goroutine.
func Splitter(a *analysis.Analyzer) func(line []byte) []string { return splitter(a) }

type tokens []string

func (t *tokens) Token(b []byte) { *t = append(*t, string(b)) }
func (t *tokens) EndLine()       {}

// splitAsFastText splits a line at the white space of ASCII and at NUL, as fastText does, which also leaves out
// what looks like a label.
func splitAsFastText(line []byte) []string {
	all := strings.FieldsFunc(string(line), func(c rune) bool { return c == ' ' || c >= '\t' && c <= '\r' || c == 0 })
	kept := all[:0]
	for _, w := range all {
		if !strings.HasPrefix(w, "__label__") {
			kept = append(kept, w)
		}
	}
	return kept
}

// Probabilities returns the probability of each label for a line, and whether anything of the line is known. They
// are valid until the next call.
func (p *Predictor) Probabilities(line []byte) (probabilities []float32, known bool) {
	known = p.read(line)
	if p.m.Tree != nil {
		p.m.Tree.probabilities(p.scores, p.hidden, p.output)
		return p.scores, known
	}
	for k, w := range p.output {
		p.scores[k] = dot(w, p.hidden)
	}
	p.m.Probabilities(p.scores)
	return p.scores, known
}

// read makes the hidden vector of a line.
func (p *Predictor) read(line []byte) (known bool) {
	unseen := 0
	p.rows, unseen, known = p.m.Rows(p.rows[:0], p.split(line))
	clear(p.hidden)
	for _, r := range p.rows {
		for k, x := range p.m.Input.ReadRow(p.row, int(r)) {
			p.hidden[k] += x
		}
	}
	if n := len(p.rows) + unseen; n > 0 {
		scale := 1 / float32(n)
		for k := range p.hidden {
			p.hidden[k] *= scale
		}
	}
	return known
}

// Hidden returns the vector of a line: the mean of its rows. It is valid until the next call.
func (p *Predictor) Hidden(line []byte) []float32 {
	p.read(line)
	return p.hidden
}

// Best returns the labels of the highest probabilities that are at least threshold, at most top of them, the
// most probable first.
func Best(probabilities []float32, top int, threshold float64) []Prediction {
	var all []Prediction
	for i, p := range probabilities {
		if float64(p) >= threshold && !math.IsNaN(float64(p)) {
			all = append(all, Prediction{i, float64(p)})
		}
	}
	slices.SortStableFunc(all, func(a, b Prediction) int { return cmp.Compare(b.Probability, a.Probability) })
	return all[:min(top, len(all))]
}

func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+3 < len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + (s2 + s3)
}
