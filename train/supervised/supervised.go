// Package supervised trains classifiers of lines; package classifier has the models.
//
// Lines are trained in batches. All gradients of a batch are taken at the values before it; then each row moves by
// the sum of what its lines ask for, in the order of the lines. Work is divided by lines and by rows, so that any
// number of threads gives the same bytes. The sum of many alike moves would go too far where one does not: a row whose
// lines could together move it past the minimum takes only the part of the sum that can't (see curvatureOf).
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

	"github.com/zeebo/xxh3"

	"kindred/corpus/analysis"
	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/internal/english"
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
	// Sampler is the distribution of negatives.
	Sampler Sampler `json:"sampler"`
	// Hard is how many times as many labels are drawn, of which the Negatives with the highest scores are taken; 1 takes
	// all that are drawn.
	Hard int `json:"hard"`
	// Balance weighs each line by (mean count of a label / count of its label)^Balance: 0 not at all, 1 so that all
	// labels weigh the same.
	Balance float64 `json:"balance"`
	// MajorityRatio is how many times as many lines as the rarest label any label has in an epoch; more are left out,
	// others each epoch. 0 keeps all.
	MajorityRatio float64 `json:"majority_ratio"`
	// MajorityLines says which lines MajorityRatio takes.
	MajorityLines MajorityLines `json:"majority_lines"`
	// HoldOut is the share of the lines that are not trained on, but scored after each epoch; the model is that of the best
	// epoch. Lines with the same text are on one side. 0 holds out none. Patience is the number of epochs without a better
	// score after which training stops, 0 for never.
	HoldOut  float64 `json:"holdout,omitempty"`
	Patience int     `json:"patience,omitempty"`
	// Batch is the number of lines of a batch, at most: see [Config.BatchFor].
	Batch int    `json:"batch"`
	Seed  uint64 `json:"seed"`
	// Threads do not change the model.
	Threads int `json:"-"`
}

// A Sampler is a distribution of labels that are drawn as negatives. Its value is the name that package negative has for words.
type Sampler string

const (
	// Unigram draws a label by its count to the power of Config.NoisePower.
	Unigram Sampler = "unigram"
	// Uniform draws all labels alike.
	Uniform Sampler = "uniform"
	// Zipf draws by the rank r of a label, log((r+1)/r), as if counts followed Zipf's law.
	Zipf Sampler = "zipf"
	// Subsampled draws by the count itself: lines are not sub-sampled.
	Subsampled Sampler = "subsampled"
)

// Samplers returns the names of all samplers.
func Samplers() []string {
	return []string{string(Unigram), string(Uniform), string(Zipf), string(Subsampled)}
}

// weights returns what the probabilities of labels with these counts, in descending order, are proportional to.
func (s Sampler) weights(counts []int64, power float64) []float64 {
	weights := make([]float64, len(counts))
	for i, c := range counts {
		switch s {
		case Uniform:
			weights[i] = 1
		case Zipf:
			weights[i] = math.Log1p(1 / float64(i+1))
		case Subsampled:
			weights[i] = float64(c)
		default:
			weights[i] = math.Pow(float64(c), power)
		}
	}
	return weights
}

// A MajorityLines says which lines of labels with too many an epoch has.
type MajorityLines string

const (
	// RandomLines are others in each epoch.
	RandomLines MajorityLines = "random"
	// HardLines are those with the highest loss when they were trained last; lines that never were come first.
	HardLines MajorityLines = "hard"
)

// Defaults returns the usual settings. Epochs is 0: see [Config.EpochsFor].
func Defaults() Config {
	return Config{
		Features: classifier.Features{WordNGrams: 2, MinN: 2, MaxN: 4, Buckets: 2_000_000},
		Dim:      100, Loss: classifier.Softmax, LearningRate: 0.5, MinCount: 1, MinLabelCount: 1, Negatives: 5, NoisePower: 0.5, Sampler: Unigram, Hard: 1, MajorityLines: RandomLines,
		Batch: 32, Seed: 1, Threads: runtime.GOMAXPROCS(0),
	}
}

// EpochsFor returns the number of epochs for so many lines in an epoch and labels if none is given: enough for 100,000 steps, and
// 2,000 more for each label, but 5 to 100.
func EpochsFor(lines, labels int) int {
	const steps, each = 100_000, 2000
	return min(100, max(5, (steps+each*labels+lines-1)/max(lines, 1)))
}

// BatchFor returns the number of lines of a batch for so many lines in an epoch: an epoch of few lines has a hundred
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
	case !slices.Contains(Samplers(), string(c.Sampler)):
		return fmt.Errorf("sampler is %q, want %s", c.Sampler, english.Or(Samplers()))
	case c.MajorityLines != RandomLines && c.MajorityLines != HardLines:
		return fmt.Errorf("majority-lines is %q, want random or hard", c.MajorityLines)
	case !(c.HoldOut >= 0 && c.HoldOut < 1):
		return fmt.Errorf("holdout is %v, want 0 to below 1", c.HoldOut)
	case c.Patience < 0 || c.Patience > 0 && c.HoldOut == 0:
		return fmt.Errorf("patience is %d, want 0, or 1 or more and lines held out by holdout", c.Patience)
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
	// HeldOut are the scores of the lines held out after each epoch, HeldOutLines their number, and BestEpoch the epoch, from
	// 1, whose model it is; 0 if none are held out.
	HeldOut      []HeldOutScore `json:"held_out,omitempty"`
	HeldOutLines int            `json:"held_out_lines,omitempty"`
	BestEpoch    int            `json:"best_epoch,omitempty"`
	// Completed is false if the training was interrupted.
	Completed bool `json:"completed"`
}

// A HeldOutScore says how well lines are labeled that are not trained on: the mean of the F1 of the labels that they have, and the mean
// of minus the logarithm of the probability of a line's first label.
type HeldOutScore struct {
	MacroF1 float64 `json:"macro_f1"`
	Loss    float64 `json:"loss"`
}

// ErrInterrupted says that the context was canceled during a training. The model is what was trained so far.
var ErrInterrupted = errors.New("the training was interrupted")

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

// Train trains a classifier on lines, each of which has a label. If ctx is canceled after the first epoch, it returns what was
// trained so far, and [ErrInterrupted]; before that it returns the error of ctx alone.
func Train(ctx context.Context, lines []Line, c Config, o Options) (*classifier.Model, *Report, error) {
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	t := &trainer{c: c, report: &Report{}}
	lines, heldOut, err := t.split(lines)
	if err != nil {
		return nil, nil, err
	}
	if err := t.encode(lines, o); err != nil {
		return nil, nil, err
	}
	inEpoch := t.linesOfEpoch()
	if t.c.Epochs == 0 {
		t.c.Epochs = EpochsFor(inEpoch, len(t.model.Labels))
	}
	t.c.Batch = c.BatchFor(inEpoch)
	t.report.Epochs, t.report.HeldOutLines = t.c.Epochs, len(heldOut)
	if err := t.prepare(o.Init); err != nil {
		return nil, nil, err
	}
	if err := t.run(ctx, heldOut, o); err != nil {
		return nil, nil, err
	}
	if t.moves > 0 {
		t.report.Damped = float64(t.damped) / float64(t.moves)
	}
	if !t.report.Completed {
		return t.model, t.report, ErrInterrupted
	}
	return t.model, t.report, nil
}

// split takes the lines that are held out from the others. A hash of the text decides, so that equal texts are on one side.
func (t *trainer) split(lines []Line) (trained, heldOut []Line, err error) {
	if t.c.HoldOut == 0 {
		return lines, nil, nil
	}
	for _, l := range lines {
		if r := random.New(t.c.Seed, random.HeldOutLines, xxh3.HashString(l.Text)); r.Float64() < t.c.HoldOut {
			heldOut = append(heldOut, l)
		} else {
			trained = append(trained, l)
		}
	}
	if len(heldOut) == 0 || len(trained) == 0 {
		return nil, nil, fmt.Errorf("with holdout %v, %d of %d lines are held out; want some on both sides", t.c.HoldOut, len(heldOut), len(lines))
	}
	return trained, heldOut, nil
}

// run trains all epochs, or as many as the lines held out and ctx let it.
func (t *trainer) run(ctx context.Context, heldOut []Line, o Options) error {
	var predictor *classifier.Predictor
	if len(heldOut) > 0 {
		predictor = t.model.NewPredictor(o.Analyzer)
	}
	var best struct {
		score         HeldOutScore
		input, output []float32
	}
	keep := func() {
		if best.input != nil {
			copy(t.input.Data, best.input)
			copy(t.output.Data, best.output)
		}
	}
	for epoch := range t.c.Epochs {
		loss := t.epoch(ctx, epoch)
		if ctx.Err() != nil {
			if epoch == 0 {
				return ctx.Err()
			}
			keep()
			return t.finite(epoch)
		}
		t.report.Loss = append(t.report.Loss, loss)
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return t.diverged(epoch, loss)
		}
		if o.Progress != nil {
			o.Progress(epoch+1, t.c.Epochs, loss)
		}
		if predictor == nil {
			continue
		}
		score := t.score(predictor, heldOut)
		t.report.HeldOut = append(t.report.HeldOut, score)
		b := &t.report.BestEpoch
		if *b == 0 || score.MacroF1 > best.score.MacroF1 || score.MacroF1 == best.score.MacroF1 && score.Loss < best.score.Loss {
			*b, best.score = epoch+1, score
			best.input, best.output = append(best.input[:0], t.input.Data...), append(best.output[:0], t.output.Data...)
		}
		if t.c.Patience > 0 && epoch+1-*b >= t.c.Patience {
			break
		}
	}
	keep()
	t.report.Completed = true
	return t.finite(t.c.Epochs - 1)
}

func (t *trainer) diverged(epoch int, value float64) error {
	return fmt.Errorf("the training diverged in epoch %d of %d: the loss is %v; use a lower learning rate than %v", epoch+1, t.c.Epochs, value, t.c.LearningRate)
}

// finite returns an error if a row is not finite.
func (t *trainer) finite(epoch int) error {
	for _, values := range [][]float32{t.input.Data, t.output.Data} {
		if i := model.FirstNotFinite(values); i >= 0 {
			return t.diverged(epoch, float64(values[i]))
		}
	}
	return nil
}

// score scores the lines held out.
func (t *trainer) score(p *classifier.Predictor, heldOut []Line) HeldOutScore {
	numbers := map[string]int{}
	for i, l := range t.model.Labels {
		numbers[l.Name] = i
	}
	n := len(numbers)
	right, given, own := make([]float64, n), make([]float64, n), make([]float64, n)
	missed := map[string]bool{} // labels that only lines held out have
	var s HeldOutScore
	for _, l := range heldOut {
		probabilities, _ := p.Probabilities([]byte(l.Text))
		best := 0
		for k, x := range probabilities {
			if x > probabilities[best] {
				best = k
			}
		}
		given[best]++
		for i, name := range l.Labels {
			k, ok := numbers[name]
			x := 0.0
			if ok {
				own[k]++
				x = float64(probabilities[k])
			} else {
				missed[name] = true
			}
			if ok && k == best {
				right[k]++
			}
			if i == 0 {
				s.Loss -= math.Log(max(x, 1e-30)) / float64(len(heldOut))
			}
		}
	}
	labels := float64(len(missed))
	for k := range own {
		if own[k] > 0 {
			labels++
			s.MacroF1 += 2 * right[k] / (own[k] + given[k])
		}
	}
	s.MacroF1 /= max(labels, 1)
	return s
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
	lastLoss      []float64 // by line, if it matters
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
		weights := t.c.Sampler.weights(counts, t.c.NoisePower)
		table, err := sampling.NewAliasTable(weights)
		if err != nil {
			return err
		}
		t.noise = table
		m.Noise = noiseOf(counts, weights, t.c.Negatives)
	}
	t.batch = newBatch(t)
	if t.c.MajorityRatio > 0 && t.c.MajorityLines == HardLines {
		t.lastLoss = slices.Repeat([]float64{math.Inf(1)}, len(t.starts)-1)
	}
	return nil
}

// order returns the lines of an epoch in the order of training.
func (t *trainer) order(epoch int) []int32 {
	if t.lastLoss != nil {
		return t.hardOrder(epoch)
	}
	n := len(t.starts) - 1
	order := make([]int32, 0, n)
	keep := t.keptShare()
	for i := range n {
		r := random.New(t.c.Seed, random.Lines, uint64(epoch), uint64(i))
		if keep == nil || r.Float64() < keep[t.labels[t.labelStarts[i]]] {
			order = append(order, int32(i))
		}
	}
	shuffle(order, random.New(t.c.Seed, random.LineOrder, uint64(epoch)))
	return order
}

func shuffle(order []int32, r random.Stream) {
	for i := len(order) - 1; i > 0; i-- {
		j := int(r.Uint32n(uint32(i + 1)))
		order[i], order[j] = order[j], order[i]
	}
}

// hardOrder returns the lines of an epoch that has the hardest of labels with too many.
func (t *trainer) hardOrder(epoch int) []int32 {
	all := make([]int32, len(t.starts)-1)
	for i := range all {
		all[i] = int32(i)
	}
	shuffle(all, random.New(t.c.Seed, random.Lines, uint64(epoch)))
	slices.SortStableFunc(all, func(a, b int32) int { return cmp.Compare(t.lastLoss[b], t.lastLoss[a]) })
	rarest := t.model.Labels[len(t.model.Labels)-1].Count
	room := slices.Repeat([]int64{int64(math.Ceil(t.c.MajorityRatio * float64(rarest)))}, len(t.model.Labels))
	order := slices.DeleteFunc(all, func(i int32) bool {
		label := t.labels[t.labelStarts[i]]
		room[label]--
		return room[label] < 0
	})
	shuffle(order, random.New(t.c.Seed, random.LineOrder, uint64(epoch)))
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

// linesOfEpoch returns how many lines an epoch has: all, or those that MajorityRatio takes on average.
func (t *trainer) linesOfEpoch() int {
	n := len(t.starts) - 1
	share := t.keptShare()
	if share == nil {
		return n
	}
	kept := 0.0
	for i := range n {
		kept += share[t.labels[t.labelStarts[i]]]
	}
	return int(math.Ceil(kept))
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
func noiseOf(counts []int64, weights []float64, k int) []float64 {
	q := slices.Clone(weights)
	all, sum := 0.0, 0.0
	for i, c := range counts {
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
