package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
	"kindred/train/negative"
)

// TestPositionsOfInputs compares the positions of the inputs of all steps with the distances of the words from the center.
func TestPositionsOfInputs(t *testing.T) {
	const window = 4
	for _, sharing := range []negative.Sharing{negative.PerWindow, negative.PerPair} {
		c := contextBlock{first: 2, last: 18, ends: []int{9, 20}}
		for i := range 20 { // words are their places, and so are targets
			c.words = append(c.words, int32(i))
		}
		c.targets = slices.Clone(c.words)
		c.words = slices.Grow(c.words, wholeCopies(window))
		var b batch
		b.reset(0)
		rng := random.New(5)
		b.addWindows(&c, window, sharing, &rng)
		seen := 0
		for i := range b.len() {
			inputs, targets := b.step(i)
			for k, input := range inputs {
				position := b.positions[i] + int32(k)
				distance := position - window
				if distance >= 0 {
					distance++
				}
				if input != targets[0]+distance || position < 0 || position >= 2*window {
					t.Fatalf("%s: word %d of the window of word %d has position %d", sharing, input, targets[0], position)
				}
				seen++
			}
		}
		if seen < 50 {
			t.Errorf("%s: only %d inputs", sharing, seen)
		}
	}
}

// positionsStep returns a worker with one step, of four inputs at the positions from 1 on, one word being there twice.
func positionsStep(t *testing.T, change func(*Config)) *worker {
	t.Helper()
	cfg := small()
	cfg.Dim, cfg.Window, cfg.Negatives, cfg.Hogwild, cfg.PositionWeights = 3, 3, 2, true, true
	change(&cfg)
	r, err := newRun(read(t, zipfText(20, 8)), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := r.newWorker()
	rng := rand.New(rand.NewPCG(3, 4))
	for _, m := range []*model.Matrix{r.parameters.Input, r.parameters.Output, r.parameters.Positions} {
		for i := range m.Rows {
			for c := range m.Row(i) {
				m.Row(i)[c] = rng.Float32() - 0.5
			}
		}
	}
	w.batch.reset(cfg.CandidatesAt(0))
	w.batch.inputs = []int32{1, 2, 1, 3}
	w.batch.close(0, 1, 0)
	copy(w.batch.targets, []int32{0, 4, 5})
	w.negatives.Begin(2, 1, 0, 0)
	return w
}

// TestPositionWeightsFollowTheGradient differentiates the loss of a window numerically, by each value of the weights
// and the words.
func TestPositionWeightsFollowTheGradient(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"skipgram":  func(*Config) {},
		"cbow, sum": func(c *Config) { c.Kind, c.Bag = CBOW, BagSum },
	} {
		t.Run(name, func(t *testing.T) {
			w := positionsStep(t, change)
			in, out, weights := w.step.In, w.step.Out, w.positions.weights
			inputs, targets := w.batch.step(0)
			stride := w.step.Stride
			loss := func() float64 {
				total, h := 0.0, make([]float64, w.cfg.Dim)
				add := func() {
					for j, target := range targets {
						score := 0.0
						for c, x := range h {
							score += x * float64(out[int(target)*stride+c])
						}
						if j == 0 {
							score = -score
						}
						total += math.Log1p(math.Exp(score))
					}
					clear(h)
				}
				for i, input := range inputs {
					for c := range h {
						h[c] += float64(in[int(input)*stride+c]) * float64(weights.Row(1 + i)[c])
					}
					if !w.cfg.isCBOW() {
						add()
					}
				}
				if w.cfg.isCBOW() {
					add()
				}
				return total
			}
			const d, rate = 1.0 / 128, 1.0 / 8
			gradient := func(x *float32) float64 {
				was := *x
				*x = was + d
				above := loss()
				*x = was - d
				below := loss()
				*x = was
				return (above - below) / (2 * d)
			}
			values := map[string]*float32{}
			for c := range w.cfg.Dim {
				for _, word := range []int{1, 2, 3} {
					values[fmt.Sprintf("value %d of word %d", c, word)] = &in[word*stride+c]
				}
				for row := range weights.Rows {
					values[fmt.Sprintf("weight %d of position %d", c, row)] = &weights.Row(row)[c]
				}
			}
			wanted, before := map[string]float64{}, map[string]float32{}
			for name, x := range values {
				wanted[name], before[name] = gradient(x), *x
			}
			var done tally
			w.trainBatch(rate, &done)
			moved := 0
			for name, x := range values {
				if got := float64(before[name]-*x) / rate; math.Abs(got-wanted[name]) > 1e-4 {
					t.Errorf("%s: moves by %.5f times the rate, and its derivative is %.5f", name, got, wanted[name])
				}
				if *x != before[name] {
					moved++
				}
			}
			if moved != 9+12 { // three words, and the four positions that have inputs
				t.Errorf("%d values moved", moved)
			}
		})
	}
}

// TestWeightsOfOneChangeNothing trains a window with weights of one, and the same window without weights: words and targets move alike.
func TestWeightsOfOneChangeNothing(t *testing.T) {
	for _, kind := range []Kind{SkipGram, CBOW} {
		for _, sampler := range []negative.Sampler{negative.Unigram, negative.Hard, negative.SelfAdversarial} {
			trained := func(with bool) []float32 {
				w := positionsStep(t, func(c *Config) { c.Kind, c.Sampler = kind, sampler })
				copy(w.positions.weights.Data, newPositions(w.cfg.Architecture).Data)
				if !with {
					w.positions = nil
				}
				var done tally
				w.trainBatch(0.1, &done)
				return slices.Concat(w.step.In, w.step.Out)
			}
			with, without := trained(true), trained(false)
			for i, x := range with {
				if math.Abs(float64(x-without[i])) > 1e-6 {
					t.Fatalf("%s, %s: value %d is %v with weights of one and %v without weights", kind, sampler, i, x, without[i])
				}
			}
		}
	}
}

// pairsText returns lines in which each word xN is followed by yN, and nothing else is regular.
func pairsText(lines int) string {
	var b strings.Builder
	rng := random.New(17)
	for range lines {
		for range 6 {
			n := rng.Uint32n(40)
			fmt.Fprintf(&b, "x%d y%d ", n, n)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestPositionsThatMatter trains a text in which only adjacent words say anything about each other. Their
// weights must be much larger than those of other positions, with rounds and without.
func TestPositionsThatMatter(t *testing.T) {
	text := read(t, pairsText(3000))
	for _, kind := range []Kind{SkipGram, CBOW} {
		for _, hogwild := range []bool{false, true} {
			cfg := small()
			cfg.Kind, cfg.Hogwild, cfg.PositionWeights, cfg.Window, cfg.Epochs, cfg.LearningRate = kind, hogwild, true, 3, 5, 0.05
			e, err := Run(context.Background(), text, cfg, Options{})
			if err != nil {
				t.Fatal(err)
			}
			means := make([]float64, 6)
			for i := range means {
				for _, x := range e.Positions.Row(i) {
					means[i] += math.Abs(float64(x)) / float64(cfg.Dim)
				}
			}
			t.Logf("%s, hogwild %v: %.2f", kind, hogwild, means)
			if near, far := min(means[2], means[3]), max(means[0], means[1], means[4], means[5]); near < 1.5*far {
				t.Errorf("%s, hogwild %v: weights by position are %.2f", kind, hogwild, means)
			}
		}
	}
}

// TestMergeOfPositions holds the merge against the mean of blocks that moved alike, which is what heavy loads make of it, and against the sum, which light ones do.
func TestMergeOfPositions(t *testing.T) {
	for perPosition, want := range map[float32]float64{1e6: 1.5, 1e-9: 1 + 3*0.5} {
		shared := newPositions(Architecture{Window: 2, Dim: 4})
		workers := []*weighedInputs{newReplicaPositions(shared), newReplicaPositions(shared)}
		for _, w := range []*weighedInputs{workers[0], workers[1], workers[0]} {
			w.beginBlock()
			for i := range w.weights.Rows {
				w.weights.Row(i)[1] += 0.5
			}
			w.endBlock(&kernel.Portable)
		}
		mergePositions(&kernel.Portable, shared, workers, []int64{100, 100, 100}, perPosition)
		for i := range shared.Rows {
			if row := shared.Row(i); math.Abs(float64(row[1])-want) > 1e-4 || row[0] != 1 {
				t.Errorf("x %g: the weights of position %d are %v, want %v for the second", perPosition, i, row, want)
			}
		}
	}
}
