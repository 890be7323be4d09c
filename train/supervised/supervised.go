// Package supervised trains classifiers of lines; package classifier has the models.
//
// Lines are trained in batches. All gradients of a batch are taken at the values before it; then each row moves by
// the sum of what its lines ask for, in the order of the lines. Work is divided by lines and by rows, so that any
// number of threads gives the same bytes. The sum of many alike moves would go too far where one does not: a row whose
// lines could together move it past the minimum takes only the part of the sum that can't (see load).
package supervised

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"

	"kindred/corpus/analysis"
	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
	"kindred/model/classifier"
)

// A Line is a text and its labels.
type Line struct {
	Labels []string
	Text   string
}

// Config has the settings of a training.
type Config struct {
	classifier.Features
	Dim    int             `json:"dim"`
	Loss   classifier.Loss `json:"loss"`
	Epochs int             `json:"epochs"`
	// LearningRate falls to zero in a straight line.
	LearningRate float64 `json:"lr"`
	// MinCount is the count of the rarest words that have rows of their own; MinLabelCount that of the rarest labels.
	MinCount      int64 `json:"min_count"`
	MinLabelCount int64 `json:"min_label_count"`
	// Negatives is the number of labels that [classifier.NegativeSampling] draws against each label of a line, by
	// count^NoisePower.
	Negatives  int     `json:"negatives"`
	NoisePower float64 `json:"noise_power"`
	// Hard is how many times as many labels are drawn, of which the Negatives with the highest scores are taken; 1 takes
	// all that are drawn.
	Hard int `json:"hard"`
	// Balance weighs each line by (mean count of a label / count of its label)^Balance: 0 not at all, 1 so that all
	// labels weigh the same.
	Balance float64 `json:"balance"`
	// MajorityRatio is how many times as many lines as the rarest label any label has in an epoch; more are left out,
	// others each epoch. 0 keeps all.
	MajorityRatio float64 `json:"majority_ratio"`
	// Batch is the number of lines of a batch, at most: see [Config.BatchFor].
	Batch int    `json:"batch"`
	Seed  uint64 `json:"seed"`
	// Threads do not change the model.
	Threads int `json:"-"`
}

// Defaults returns the usual settings. Epochs is 0: see [Config.EpochsFor].
func Defaults() Config {
	return Config{
		Features: classifier.Features{WordNGrams: 2, MinN: 2, MaxN: 4, Buckets: 2_000_000},
		Dim:      100, Loss: classifier.Softmax, LearningRate: 0.5, MinCount: 1, MinLabelCount: 1, Negatives: 5, NoisePower: 0.5, Hard: 1,
		Batch: 32, Seed: 1, Threads: runtime.GOMAXPROCS(0),
	}
}

// EpochsFor returns the number of epochs for a text of so many lines if none is given: enough for 100,000 steps, but
// 5 to 100.
func EpochsFor(lines int) int {
	const steps = 100_000
	return min(100, max(5, (steps+lines-1)/max(lines, 1)))
}

// BatchFor returns the number of lines of a batch for a text of so many lines: an epoch of few lines has a hundred
// batches or more, since what a batch learns counts once.
func (c *Config) BatchFor(lines int) int { return max(1, min(c.Batch, lines/100)) }

// Validate returns an error that names a setting out of range.
func (c *Config) Validate() error {
	switch {
	case c.Dim < 1 || c.Dim > 1<<16:
		return fmt.Errorf("dim is %d, want 1 to %d", c.Dim, 1<<16)
	case c.Epochs < 0:
		return fmt.Errorf("epochs is %d, want 1 or more, or 0 to choose by the number of lines", c.Epochs)
	case !(c.LearningRate > 0 && c.LearningRate <= 100):
		return fmt.Errorf("lr is %v, want a number above 0, and 100 or less", c.LearningRate)
	case c.WordNGrams < 1 || c.WordNGrams > 16:
		return fmt.Errorf("word-ngrams is %d, want 1 to 16", c.WordNGrams)
	case c.MinN < 0 || c.MaxN < 0 || c.MaxN > 0 && (c.MinN < 1 || c.MinN > c.MaxN) || c.MaxN > 128:
		return fmt.Errorf("n-grams of %d to %d characters are impossible; want 1 <= min-n <= max-n <= 128, or max-n 0 for none", c.MinN, c.MaxN)
	case c.HasBuckets() && (c.Buckets < 1 || c.Buckets > math.MaxInt32-1):
		return fmt.Errorf("bucket is %d, want 1 to %d", c.Buckets, math.MaxInt32-1)
	case c.Loss != classifier.Softmax && c.Loss != classifier.NegativeSampling && c.Loss != classifier.OneVsAll:
		return fmt.Errorf("loss is %q, want softmax, ns or ova", c.Loss)
	case c.Loss == classifier.NegativeSampling && c.Negatives < 1:
		return fmt.Errorf("negatives is %d, want 1 or more", c.Negatives)
	case c.Hard < 1 || c.Balance < 0 || c.Balance > 2 || c.MajorityRatio != 0 && c.MajorityRatio < 1 || c.Batch < 1 || c.Threads < 1:
		return fmt.Errorf("hard %d, balance %v, majority-ratio %v, batch %d or threads %d is out of range", c.Hard, c.Balance, c.MajorityRatio, c.Batch, c.Threads)
	}
	return nil
}

// A Report says how a training went.
type Report struct {
	Lines int `json:"lines"`
	// Tokens is the number of tokens of an epoch with all lines.
	Tokens int64 `json:"tokens"`
	Epochs int   `json:"epochs"`
	// Loss is the mean loss of a line by epoch.
	Loss []float64 `json:"loss"`
	// Words, Labels and Buckets are how many have rows; RareLabels are labels that were left out, with the lines that
	// have no other.
	Words      int `json:"words"`
	Labels     int `json:"labels"`
	Buckets    int `json:"buckets"`
	RareLabels int `json:"rare_labels"`
	LeftOut    int `json:"lines_left_out"`
	// Damped is the share of moves of labels that were shortened, because the lines of a batch together would have gone
	// too far.
	Damped float64 `json:"damped"`
}

// ErrOneLabel reports a text whose lines all have the same label.
var ErrOneLabel = errors.New("all lines have the same label, so there is nothing to tell apart; want lines of two labels or more")

// Options are what a training needs besides its settings.
type Options struct {
	// Analyzer makes tokens of lines; nil splits as fastText does.
	Analyzer *analysis.Analyzer
	// Init has vectors for words, which their rows begin with; nil for none.
	Init *model.Embeddings
	// Progress is called after each epoch, with the mean loss of a line.
	Progress func(epoch, epochs int, loss float64)
}

// Train trains a classifier on lines, each of which has a label.
func Train(ctx context.Context, lines []Line, c Config, o Options) (*classifier.Model, *Report, error) {
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	if c.Epochs == 0 {
		c.Epochs = EpochsFor(len(lines))
	}
	c.Batch = c.BatchFor(len(lines))
	t := &trainer{c: c, report: &Report{Epochs: c.Epochs}}
	if err := t.encode(lines, o); err != nil {
		return nil, nil, err
	}
	if err := t.prepare(o.Init); err != nil {
		return nil, nil, err
	}
	for epoch := range c.Epochs {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		loss := t.epoch(ctx, epoch)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return nil, nil, fmt.Errorf("the training diverged in epoch %d of %d: the loss is %v; use a lower learning rate than %v", epoch+1, c.Epochs, loss, c.LearningRate)
		}
		t.report.Loss = append(t.report.Loss, loss)
		if o.Progress != nil {
			o.Progress(epoch+1, c.Epochs, loss)
		}
	}
	if t.moves > 0 {
		t.report.Damped = float64(t.damped) / float64(t.moves)
	}
	return t.model, t.report, nil
}

// A trainer trains one model.
type trainer struct {
	c      Config
	model  *classifier.Model
	report *Report
	k      kernel.Kernel

	// Line i has the rows rows[starts[i]:starts[i+1]] and the labels labels[labelStarts[i]:labelStarts[i+1]].
	rows        []int32
	starts      []int64
	labels      []int32
	labelStarts []int32
	weights     []float32 // by label: of its lines
	noise       *sampling.AliasTable

	input, output *model.Matrix
	damping       []float32 // by row of input: the part of a move that it takes
	loads         []float32 // by row of input: of the present batch
	moves, damped int64
	batch         *batch
}

// encode turns lines into rows and labels.
func (t *trainer) encode(lines []Line, o Options) error {
	split := classifier.Splitter(o.Analyzer)
	counts := map[string]int64{}
	labelCounts := map[string]int64{}
	var tokens [][]string
	for _, l := range lines {
		words := slices.Clone(split([]byte(l.Text)))
		tokens = append(tokens, words)
		for _, w := range words {
			counts[w]++
		}
		counts[classifier.EndOfLine]++
		t.report.Tokens += int64(len(words)) + 1
		for _, name := range l.Labels {
			labelCounts[name]++
		}
	}
	m := &classifier.Model{Features: t.c.Features, Loss: t.c.Loss, Analyzer: classifier.FastTextAnalyzer}
	if o.Analyzer != nil {
		m.Analyzer = o.Analyzer.String()
	}
	if t.c.Loss == classifier.NegativeSampling {
		m.Negatives = float64(t.c.Negatives)
	}
	t.model = m
	words, wordCounts := ranked(counts, t.c.MinCount)
	var err error
	if m.Words, err = vocab.New(words, wordCounts); err != nil {
		return err
	}
	names, nameCounts := ranked(labelCounts, t.c.MinLabelCount)
	t.report.RareLabels = len(labelCounts) - len(names)
	numbers := map[string]int32{}
	for i, name := range names {
		m.Labels = append(m.Labels, classifier.Label{Name: name, Count: nameCounts[i]})
		numbers[name] = int32(i)
	}
	if len(names) < 2 {
		return ErrOneLabel
	}
	if err := t.findBuckets(tokens); err != nil {
		return err
	}
	t.starts, t.labelStarts = []int64{0}, []int32{0}
	for i, l := range lines {
		known := len(t.labels)
		for _, name := range l.Labels {
			if n, ok := numbers[name]; ok {
				t.labels = append(t.labels, n)
			}
		}
		if len(t.labels) == known {
			t.report.LeftOut++
			continue
		}
		t.rows, _, _ = m.Rows(t.rows, tokens[i])
		t.starts, t.labelStarts = append(t.starts, int64(len(t.rows))), append(t.labelStarts, int32(len(t.labels)))
	}
	t.report.Lines, t.report.Words, t.report.Labels = len(t.starts)-1, len(words), len(names)
	return nil
}

// ranked returns the names that occur at least least times, the most frequent first.
func ranked(counts map[string]int64, least int64) (names []string, n []int64) {
	for name, count := range counts {
		if count >= least {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b)) })
	for _, name := range names {
		n = append(n, counts[name])
	}
	return names, n
}

// findBuckets finds the buckets that the n-grams of the lines use.
func (t *trainer) findBuckets(tokens [][]string) error {
	m := t.model
	if !m.HasBuckets() {
		return nil
	}
	m.Used = classifier.NewBucketSet(m.Buckets, func(int) bool { return false })
	var buf []int32
	var hashes []uint32
	seen := map[string]bool{}
	for _, words := range tokens {
		hashes = hashes[:0]
		for _, w := range words {
			if m.MaxN > 0 && !seen[w] {
				seen[w] = true
				buf = m.AppendCharNGrams(buf, w)
			}
			hashes = append(hashes, classifier.Hash(w))
		}
		if m.WordNGrams > 1 {
			buf = m.AppendWordNGrams(buf, append(hashes, classifier.Hash(classifier.EndOfLine)))
		}
		for _, b := range buf {
			m.Used.Add(b)
		}
		buf = buf[:0]
	}
	m.Used.Count()
	t.report.Buckets = m.Used.Len()
	return nil
}

// prepare makes the matrices.
func (t *trainer) prepare(init *model.Embeddings) error {
	m, dim := t.model, t.c.Dim
	n := m.Words.Len()
	rows := n
	if m.Used != nil {
		rows += m.Used.Len()
	}
	t.k = kernel.Auto(dim)
	t.input, t.output = model.NewMatrix(rows, dim), model.NewMatrix(len(m.Labels), dim)
	m.Input, m.Output = t.input, t.output
	for i := range rows {
		r := random.New(t.c.Seed, random.Initialization, uint64(i))
		for k, row := 0, t.input.Row(i); k < dim; k++ {
			row[k] = float32((2*r.Float64() - 1) / float64(dim))
		}
	}
	if init != nil {
		if init.Dim() != dim {
			return fmt.Errorf("the initial vectors have %d dimensions, want %d", init.Dim(), dim)
		}
		for i := range n {
			if v, ok := init.Vector(m.Words.Word(i)); ok {
				copy(t.input.Row(i), v)
			}
		}
	}
	t.damping, t.loads = make([]float32, rows), make([]float32, rows)
	for i := range t.damping {
		t.damping[i] = 1
	}
	counts := make([]int64, len(m.Labels))
	mean := 0.0
	for i, l := range m.Labels {
		counts[i] = l.Count
		mean += float64(l.Count) / float64(len(m.Labels))
	}
	for _, c := range counts {
		t.weights = append(t.weights, float32(math.Pow(mean/float64(c), t.c.Balance)))
	}
	if t.c.Loss == classifier.NegativeSampling {
		table, err := sampling.NewNoiseTable(counts, t.c.NoisePower)
		if err != nil {
			return err
		}
		t.noise = table
		m.Noise = noiseOf(counts, t.c.NoisePower, t.c.Negatives)
	}
	t.batch = newBatch(t)
	return nil
}

// order returns the lines of an epoch in the order of training.
func (t *trainer) order(epoch int) []int32 {
	n := len(t.starts) - 1
	order := make([]int32, 0, n)
	keep := t.keptShare()
	for i := range n {
		r := random.New(t.c.Seed, random.Lines, uint64(epoch), uint64(i))
		if keep == nil || r.Float64() < keep[t.labels[t.labelStarts[i]]] {
			order = append(order, int32(i))
		}
	}
	r := random.New(t.c.Seed, random.LineOrder, uint64(epoch))
	for i := len(order) - 1; i > 0; i-- {
		j := int(r.Uint32n(uint32(i + 1)))
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// keptShare returns the share of the lines of each label that an epoch has, nil for all.
func (t *trainer) keptShare() []float64 {
	if t.c.MajorityRatio == 0 {
		return nil
	}
	rarest := t.model.Labels[len(t.model.Labels)-1].Count
	share := make([]float64, len(t.model.Labels))
	for i, l := range t.model.Labels {
		share[i] = min(1, t.c.MajorityRatio*float64(rarest)/float64(l.Count))
	}
	return share
}

// epoch trains all lines once and returns the mean loss of a line.
func (t *trainer) epoch(ctx context.Context, epoch int) float64 {
	order := t.order(epoch)
	loss := 0.0
	for at := 0; at < len(order); at += t.c.Batch {
		if at%(64*t.c.Batch) == 0 && ctx.Err() != nil {
			return 0
		}
		progress := (float64(epoch) + float64(at)/float64(len(order))) / float64(t.c.Epochs)
		rate := t.c.LearningRate * (1 - progress)
		loss += t.batch.train(order[at:min(at+t.c.Batch, len(order))], epoch, rate)
	}
	return loss / float64(max(len(order), 1))
}

// noiseOf returns how often each label is drawn as one of k negatives of a line that lacks it. Own labels are drawn
// again, so against label y another label l is drawn with the probability q(l)/(1-q(y)).
func noiseOf(counts []int64, power float64, k int) []float64 {
	q := make([]float64, len(counts))
	all, sum := 0.0, 0.0
	for i, c := range counts {
		q[i] = math.Pow(float64(c), power)
		sum += q[i]
		all += float64(c)
	}
	against := 0.0
	for i, c := range counts {
		q[i] /= sum
		against += float64(c) / all / (1 - q[i])
	}
	noise := make([]float64, len(counts))
	for i, c := range counts {
		share := float64(c) / all
		noise[i] = float64(k) * q[i] * (against - share/(1-q[i])) / (1 - share)
	}
	return noise
}
