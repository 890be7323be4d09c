package supervised

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kindred/eval/labels"
	"kindred/eval/stats"
	"kindred/internal/random"
	"kindred/model/classifier"
)

// topics returns lines of a number of labels. Half of the words of a line are from a list of its label, the others are
// drawn from one list for all; labels differ in their numbers of lines.
func topics(n, lines int, seed uint64) []Line {
	r := rand.New(rand.NewPCG(seed, 0))
	var all []Line
	for range lines {
		k := min(r.IntN(n), r.IntN(n)) // the first are more frequent
		var words []string
		for range 6 + r.IntN(6) {
			if r.IntN(2) == 0 {
				words = append(words, fmt.Sprintf("topic%dword%d", k, r.IntN(30)))
			} else {
				words = append(words, fmt.Sprintf("common%d", r.IntN(200)))
			}
		}
		all = append(all, Line{[]string{fmt.Sprintf("label%d", k)}, strings.Join(words, " ")})
	}
	return all
}

func small(loss classifier.Loss) Config {
	c := Defaults()
	c.Loss, c.Dim, c.Threads, c.Epochs, c.Buckets = loss, 20, 1, 5, 5000
	return c
}

func train(t testing.TB, lines []Line, c Config) (*classifier.Model, *Report) {
	t.Helper()
	m, r, err := Train(context.Background(), lines, c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m, r
}

// accuracy returns the share of lines whose most probable label is their own.
func accuracy(m *classifier.Model, lines []Line) float64 {
	p := m.NewPredictor(nil)
	right := 0.0
	for _, l := range lines {
		probabilities, _ := p.Probabilities([]byte(l.Text))
		if best := classifier.Best(probabilities, 1, 0); m.Labels[best[0].Label].Name == l.Labels[0] {
			right++
		}
	}
	return right / float64(len(lines))
}

var losses = []classifier.Loss{classifier.Softmax, classifier.NegativeSampling, classifier.OneVsAll}

func TestLearnsTopics(t *testing.T) {
	for _, loss := range losses {
		for _, n := range []int{2, 20} {
			c := small(loss)
			c.Epochs = 30
			m, r := train(t, topics(n, 2000, 1), c)
			if got := accuracy(m, topics(n, 500, 2)); got < 0.97 {
				t.Errorf("%s, %d labels: accuracy %.3f on new lines", loss, n, got)
			}
			if first, last := r.Loss[0], r.Loss[len(r.Loss)-1]; last >= first/2 {
				t.Errorf("%s, %d labels: the loss falls from %.4f to %.4f only", loss, n, first, last)
			}
		}
	}
}

// Any number of threads gives the same bytes.
func TestThreads(t *testing.T) {
	for _, loss := range losses {
		c := small(loss)
		c.Hard, c.MajorityRatio, c.Balance = 2, 3, 0.5
		var want []byte
		for _, threads := range []int{1, 2, 3, 8} {
			c.Threads = threads
			m, _ := train(t, topics(7, 600, 3), c)
			var file bytes.Buffer
			if err := m.Write(&file); err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = file.Bytes()
			} else if !bytes.Equal(want, file.Bytes()) {
				t.Errorf("%s: %d threads give another model than 1", loss, threads)
			}
		}
	}
}

// report measures a model on lines.
func report(m *classifier.Model, lines []Line) *labels.Report {
	var names []string
	numbers := map[string]int{}
	for i, l := range m.Labels {
		names, numbers[l.Name] = append(names, l.Name), i
	}
	p := m.NewPredictor(nil)
	var measured []labels.Line
	for i, l := range lines {
		k, ok := numbers[l.Labels[0]]
		if !ok { // so rare that no line of the training has it
			k = len(names)
			names, numbers[l.Labels[0]] = append(names, l.Labels[0]), k
		}
		probabilities, _ := p.Probabilities([]byte(l.Text))
		best := classifier.Best(probabilities, 1, 0)
		measured = append(measured, labels.Line{Own: []int{k}, Given: []int{best[0].Label}, Unit: i})
	}
	return labels.Measure(names, measured, stats.Bootstrap{Resamples: 200})
}

var seeds = flag.Int("seeds", 1, "number of seeds in TestBatchesAgainstSingleLines; docs/classify.md has the result of 5")

// Batches learn what single lines learn, with few labels and with many: with few, every step moves the row of each label. The
// macro F1 is at most half a point lower, where both are far from perfect and where they are nearly so.
func TestBatchesAgainstSingleLines(t *testing.T) {
	for _, loss := range losses {
		for _, of := range []struct{ labels, lines, epochs int }{{2, 400, 5}, {20, 1000, 15}, {200, 2000, 30}} {
			lines, fresh := topics(of.labels, of.lines, 4), topics(of.labels, 1000, 5)
			c := small(loss)
			c.Epochs = of.epochs
			batches, single := 0.0, 0.0
			for seed := range *seeds {
				c.Seed, c.Batch = uint64(seed)+1, Defaults().Batch
				m, _ := train(t, lines, c)
				batches += report(m, fresh).MacroF1.Value / float64(*seeds)
				c.Batch = 1
				m, _ = train(t, lines, c)
				single += report(m, fresh).MacroF1.Value / float64(*seeds)
			}
			t.Logf("%s, %d labels: macro F1 %.4f with batches, %.4f line by line", loss, of.labels, batches, single)
			if batches < single-0.005 || single < 0.3 {
				t.Errorf("%s, %d labels: macro F1 %.4f with batches, %.4f line by line", loss, of.labels, batches, single)
			}
		}
	}
}

// A model of labels that were shuffled among the lines is reported as no better than chance, and one of the labels as they were is not.
func TestShuffledLabelsAreChance(t *testing.T) {
	for _, loss := range losses {
		lines, fresh := topics(3, 1000, 6), topics(3, 400, 7)
		m, _ := train(t, lines, small(loss))
		if report(m, fresh).Chance() {
			t.Errorf("%s: right labels are no better than chance", loss)
		}
		rand.New(rand.NewPCG(8, 0)).Shuffle(len(lines), func(i, j int) { lines[i].Labels, lines[j].Labels = lines[j].Labels, lines[i].Labels })
		m, _ = train(t, lines, small(loss))
		if r := report(m, fresh); !r.Chance() {
			t.Errorf("%s: shuffled labels are better than chance: kappa %v", loss, r.Kappa)
		}
	}
}

// A step moves each row by minus the learning rate times the derivative of the loss, which finite differences of
// the loss in double precision tell.
func TestGradients(t *testing.T) {
	lines := []Line{
		{[]string{"a"}, "one two two three"}, {[]string{"b", "c"}, "two four"}, {[]string{"c"}, "five one"}, {[]string{"d"}, "six"},
	}
	for _, loss := range losses {
		c := small(loss)
		c.Dim, c.Batch, c.Balance, c.Epochs = 5, 1, 0.5, 1
		tr := &trainer{c: c, report: &Report{}}
		if err := tr.encode(lines, Options{}); err != nil {
			t.Fatal(err)
		}
		if err := tr.prepare(nil); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 1))
		for _, m := range [][]float32{tr.input.Data, tr.output.Data} {
			for i := range m {
				if i%tr.input.Stride < c.Dim {
					m[i] = float32(r.NormFloat64()) / 2
				}
			}
		}
		for line := range lines {
			in, out := slices.Clone(tr.input.Data), slices.Clone(tr.output.Data)
			// lossAt is the loss with a value changed.
			lossAt := func(matrix, at int, by float64) float64 {
				value := func(m []float32, which, i int) float64 {
					x := float64(m[i])
					if which == matrix && i == at {
						x += by
					}
					return x
				}
				rows := tr.rows[tr.starts[line]:tr.starts[line+1]]
				hidden := make([]float64, c.Dim)
				for _, row := range rows {
					for k := range hidden {
						hidden[k] += value(in, 0, int(row)*tr.input.Stride+k) / float64(len(rows))
					}
				}
				scores := make([]float64, len(tr.model.Labels))
				for l := range scores {
					for k := range hidden {
						scores[l] += hidden[k] * value(out, 1, l*tr.output.Stride+k)
					}
				}
				return tr.doubleLoss(line, scores)
			}
			const rate = 1e-3
			tr.batch.train([]int32{int32(line)}, 0, rate)
			for which, m := range [][]float32{tr.input.Data, tr.output.Data} {
				before := [][]float32{in, out}[which]
				for i := range m {
					if i%tr.input.Stride >= c.Dim {
						continue
					}
					const h = 1e-4
					want := -(lossAt(which, i, h) - lossAt(which, i, -h)) / (2 * h)
					got := float64(m[i]-before[i]) / rate
					if math.Abs(got-want) > 1e-3 {
						t.Fatalf("%s, line %d, matrix %d, value %d: moved by %.6f times the rate, want %.6f", loss, line, which, i, got, want)
					}
				}
			}
			copy(tr.input.Data, in)
			copy(tr.output.Data, out)
		}
	}
}

// doubleLoss returns the loss of a line in epoch 0 by its definition.
func (t *trainer) doubleLoss(line int, scores []float64) float64 {
	own := t.labels[t.labelStarts[line]:t.labelStarts[line+1]]
	r := random.New(t.c.Seed, random.LineLabels, 0, uint64(line))
	softplus := func(x float64) float64 { return math.Log1p(math.Exp(x)) }
	switch t.c.Loss {
	case classifier.OneVsAll:
		weight, sum := 0.0, 0.0
		for _, y := range own {
			weight = max(weight, float64(t.weights[y]))
		}
		for k, s := range scores {
			if slices.Contains(own, int32(k)) {
				s = -s
			}
			sum += weight * softplus(s)
		}
		return sum
	case classifier.NegativeSampling:
		sum := 0.0
		for _, y := range own {
			w := float64(t.weights[y])
			sum += w * softplus(-scores[y])
			for range t.c.Negatives {
				k := t.noise.Draw(r.Uint64())
				for slices.Contains(own, k) {
					k = t.noise.Draw(r.Uint64())
				}
				sum += w * softplus(scores[k])
			}
		}
		return sum
	}
	y := own[0]
	if len(own) > 1 {
		y = own[r.Uint32n(uint32(len(own)))]
	}
	sum := 0.0
	for _, s := range scores {
		sum += math.Exp(s)
	}
	return float64(t.weights[y]) * (math.Log(sum) - scores[y])
}

// Weights by rarity raise the recall of rare labels, and so does leaving out lines of frequent ones.
func TestBalance(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	made := func(n int) []Line {
		var all []Line
		for range n {
			label, shift := "frequent", 0
			if r.IntN(30) == 0 {
				label, shift = "rare", 12
			}
			var words []string
			for range 5 {
				words = append(words, fmt.Sprint("w", shift+r.IntN(40)))
			}
			all = append(all, Line{[]string{label}, strings.Join(words, " ")})
		}
		return all
	}
	lines, fresh := made(3000), made(3000)
	recall := func(c Config) float64 {
		m, _ := train(t, lines, c)
		p := m.NewPredictor(nil)
		found, all := 0.0, 0.0
		for _, l := range fresh {
			if l.Labels[0] == "rare" {
				all++
				probabilities, _ := p.Probabilities([]byte(l.Text))
				if m.Labels[classifier.Best(probabilities, 1, 0)[0].Label].Name == "rare" {
					found++
				}
			}
		}
		return found / all
	}
	c := small(classifier.Softmax)
	c.WordNGrams, c.MinN, c.MaxN, c.LearningRate = 1, 0, 0, 0.1
	plain := recall(c)
	c.Balance = 1
	weighed := recall(c)
	c.Balance, c.MajorityRatio, c.Epochs = 0, 1, 20
	sampled := recall(c)
	if weighed < plain+0.1 || sampled < plain+0.1 {
		t.Errorf("recall of the rare label %.3f, with weights %.3f, with fewer lines of the other %.3f", plain, weighed, sampled)
	}
}

// The noise of negative sampling is undone: probabilities follow the shares of labels where words tell nothing.
func TestNoiseIsUndone(t *testing.T) {
	var lines []Line
	for i := range 4000 {
		label := "a"
		if i%4 == 0 {
			label = "b"
		}
		lines = append(lines, Line{[]string{label}, "the same words"})
	}
	c := small(classifier.NegativeSampling)
	c.LearningRate = 0.1
	m, _ := train(t, lines, c)
	p, _ := m.NewPredictor(nil).Probabilities([]byte("the same words"))
	if math.Abs(float64(p[0])-0.75) > 0.05 {
		t.Errorf("probability of the label of three quarters of the lines: %.3f", p[0])
	}
}

func TestRefuses(t *testing.T) {
	if _, _, err := Train(context.Background(), []Line{{[]string{"a"}, "x"}, {[]string{"a"}, "y"}}, small(classifier.Softmax), Options{}); !errors.Is(err, ErrOneLabel) {
		t.Errorf("one label: %v", err)
	}
	for name, change := range map[string]func(*Config){
		"dim": func(c *Config) { c.Dim = 0 }, "lr": func(c *Config) { c.LearningRate = math.NaN() }, "loss": func(c *Config) { c.Loss = "hs" },
		"n-grams": func(c *Config) { c.MinN = 5 }, "word-ngrams": func(c *Config) { c.WordNGrams = 0 }, "bucket": func(c *Config) { c.Buckets = 0 },
		"sampler": func(c *Config) { c.Sampler = "hard" }, "majority-lines": func(c *Config) { c.MajorityLines = "all" },
		"holdout": func(c *Config) { c.HoldOut = 1 }, "patience": func(c *Config) { c.Patience = 2 },
		"negatives": func(c *Config) { c.Loss, c.Negatives = classifier.NegativeSampling, 0 }, "majority-ratio": func(c *Config) { c.MajorityRatio = 0.5 },
	} {
		c := small(classifier.Softmax)
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Train(ctx, topics(2, 100, 1), small(classifier.Softmax), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// The model of the best epoch is kept, training stops after the patience, and equal lines are on one side.
func TestHoldOut(t *testing.T) {
	lines := topics(4, 400, 6)
	lines = append(lines, lines...)
	c := small(classifier.Softmax)
	c.HoldOut, c.Patience, c.Epochs = 0.3, 2, 60
	tr := &trainer{c: c, report: &Report{}}
	trained, heldOut, err := tr.split(lines)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]bool{}
	for _, l := range trained {
		texts[l.Text] = true
	}
	for _, l := range heldOut {
		if texts[l.Text] {
			t.Fatalf("%q is on both sides", l.Text)
		}
	}
	if n := float64(len(heldOut)) / float64(len(lines)); n < 0.2 || n > 0.4 {
		t.Errorf("%.2f of the lines are held out, want about 0.3", n)
	}
	m, r := train(t, lines, c)
	if r.HeldOutLines != len(heldOut) || len(r.HeldOut) != len(r.Loss) || r.BestEpoch < 1 {
		t.Fatalf("the report has %d lines held out, %d scores and the best epoch %d", r.HeldOutLines, len(r.HeldOut), r.BestEpoch)
	}
	if len(r.Loss) == c.Epochs || len(r.Loss) != r.BestEpoch+c.Patience {
		t.Errorf("%d epochs, the best is %d, the patience %d", len(r.Loss), r.BestEpoch, c.Patience)
	}
	best := r.HeldOut[r.BestEpoch-1]
	for i, s := range r.HeldOut {
		if s.MacroF1 > best.MacroF1 {
			t.Errorf("epoch %d has %.4f, but epoch %d was kept", i+1, s.MacroF1, r.BestEpoch)
		}
	}
	tr.model, tr.report = m, r
	if got := tr.score(m.NewPredictor(nil), heldOut); got != best {
		t.Errorf("the model scores %v, and the best epoch %v", got, best)
	}
	c.Threads = 3
	if other, _ := train(t, lines, c); !bytes.Equal(written(t, m), written(t, other)) {
		t.Error("3 threads give another model than 1")
	}
}

func written(t *testing.T, m *classifier.Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// An epoch of the hardest lines has all lines of the rarest label, as many of the others as the ratio says, and those with the
// highest loss.
func TestHardLines(t *testing.T) {
	var lines []Line
	for i := range 300 {
		label := "frequent"
		if i%10 == 0 {
			label = "rare"
		}
		lines = append(lines, Line{[]string{label}, fmt.Sprint("word", i)})
	}
	c := small(classifier.Softmax)
	c.MajorityRatio, c.MajorityLines = 2, HardLines
	tr := &trainer{c: c, report: &Report{}}
	tr.c.Batch = 5
	if err := errors.Join(tr.encode(lines, Options{}), tr.prepare(nil)); err != nil {
		t.Fatal(err)
	}
	for i := range tr.lastLoss {
		tr.lastLoss[i] = float64(i)
	}
	order := tr.order(1)
	slices.Sort(order)
	rare := 0
	for _, l := range order {
		if l%10 == 0 {
			rare++
		} else if l < 233 { // 60 lines of the frequent label lie above
			t.Errorf("line %d is trained, and 60 of its label have a higher loss", l)
		}
	}
	if rare != 30 || len(order) != 90 {
		t.Errorf("%d lines, %d of the rare label; want 90 and 30", len(order), rare)
	}
	if tr.batch.train(order[:5], 1, 0.1); tr.lastLoss[order[0]] == float64(order[0]) || tr.lastLoss[order[89]] != float64(order[89]) {
		t.Error("the loss of a line that was trained should be a new one, and that of another the same")
	}
}

// Each sampler draws labels in proportion to its weights.
func TestSamplers(t *testing.T) {
	counts := []int64{16, 4, 1}
	for s, want := range map[Sampler][]float64{Unigram: {4, 2, 1}, Uniform: {1, 1, 1}, Zipf: {math.Log(2), math.Log(1.5), math.Log(4. / 3)}, Subsampled: {16, 4, 1}} {
		for i, w := range s.weights(counts, 0.5) {
			if math.Abs(w-want[i]) > 1e-12 {
				t.Errorf("%s: weight %d is %v, want %v", s, i, w, want[i])
			}
		}
	}
}
