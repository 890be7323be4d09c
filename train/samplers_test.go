package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"kindred/internal/kernel"
	"kindred/train/negative"
)

// negativeVariants are settings with all ways to choose negatives.
func negativeVariants() map[string]func(*Config) {
	variants := map[string]func(*Config){
		"fraction":      func(c *Config) { c.Negatives = 2.5 },
		"schedule":      func(c *Config) { c.Negatives, c.NegativesLast = 2, 6 },
		"window":        func(c *Config) { c.Reject = negative.RejectWindow },
		"pmi":           func(c *Config) { c.Reject, c.PMIBound = negative.RejectPMI, 1 },
		"both, by pair": func(c *Config) { c.Reject, c.NegativeSharing = negative.RejectBoth, negative.PerPair },
		"hard, by pair": func(c *Config) { c.Sampler, c.NegativeSharing = negative.Hard, negative.PerPair },
		"hard, shared":  func(c *Config) { c.Sampler, c.SharedWindows, c.Candidates, c.Negatives = negative.Hard, 3, 12, 3.3 },
		"hard-pair, k":  func(c *Config) { c.Sampler, c.Negatives = negative.HardPair, 3.3 },
	}
	for _, row := range negative.Samplers() {
		sampler := row.Name
		variants[string(sampler)] = func(c *Config) { c.Sampler = sampler }
		variants["cbow, "+string(sampler)] = func(c *Config) {
			c.Kind, c.LearningRate, c.Sampler = CBOW, 0.2, sampler
			if sampler == negative.Debiased || sampler == negative.SelfAdversarial { // which diverge sooner
				c.LearningRate, c.Epochs = 0.05, 3*c.Epochs
			}
		}
	}
	variants["cbow, both"] = func(c *Config) { c.Kind, c.LearningRate, c.Reject = CBOW, 0.15, negative.RejectBoth }
	return variants
}

// TestThreadsDoNotMatterToSamplers trains in rounds with all samplers and rejections, by one worker
// and by several.
func TestThreadsDoNotMatterToSamplers(t *testing.T) {
	text := read(t, zipfText(1500, 200))
	hashes := map[string]string{}
	for name, change := range negativeVariants() {
		for _, threads := range []int{1, 2, 5} {
			cfg := small()
			cfg.Subsample, cfg.Epochs, cfg.Threads = 1e-2, 1, threads
			change(&cfg)
			got := parametersHash(t, text, cfg)
			if hashes[name] == "" {
				hashes[name] = got
			}
			if got != hashes[name] {
				t.Errorf("%s, %d threads: hash %s, want %s", name, threads, got, hashes[name])
			}
		}
	}
	names := map[string]string{}
	for name, hash := range hashes {
		if other, same := names[hash]; same {
			t.Errorf("%s and %s give the same vectors", name, other)
		}
		names[hash] = name
	}
}

// learned are scores that all samplers reach. They have 0.70 to 0.76 and 0.099 to 0.219; without
// negatives it would be 0.16 and 0.002.
var learned = scores{similarity: 0.60, analogies: 0.06}

// TestSamplersLearn trains the demo's text with all ways to choose negatives.
func TestSamplersLearn(t *testing.T) {
	if testing.Short() {
		t.Skip("trains often")
	}
	if underRace {
		t.Skip("trains often, to see what is learned; that workers keep apart is tested elsewhere")
	}
	text := readDemo(t, demoText)
	for name, change := range negativeVariants() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := structureSettings()
			change(&cfg)
			got := trainDemo(t, text, cfg, func(r *run) {
				if err := r.findPMIPairs(context.Background()); err != nil {
					t.Error(err)
				}
			})
			if !got.reach(learned) {
				t.Errorf("scores %.3f, want %.3f or more", got, learned)
			}
		})
	}
}

// TestNegativesRecord compares what the manifest says of negatives with the steps that the kernel
// got.
func TestNegativesRecord(t *testing.T) {
	text := read(t, zipfText(2000, 50))
	cfg := small()
	cfg.Epochs, cfg.Hogwild = 1, true
	r := newRunOf(t, text, cfg)
	steps, duplicates, inWindow, negatives := 0, 0, 0, 0
	real := r.kernel.Train
	r.kernel.Train = func(s *kernel.Step) {
		steps++
		for j, negative := range s.Targets[1:] {
			negatives++
			if slices.Contains(s.Targets[1:1+j], negative) {
				duplicates++
			}
			if slices.Contains(s.Inputs, negative) {
				inWindow++
			}
		}
		real(s)
	}
	if err := r.train(context.Background()); err != nil {
		t.Fatal(err)
	}
	n := r.manifest(true).Training.Negatives
	accepted := float64(n.Drawn) * (1 - n.RejectedTarget)
	if math.Abs(accepted-float64(negatives)) > 1 {
		t.Errorf("%d drawn and %v of them rejected, but %d were trained", n.Drawn, n.RejectedTarget, negatives)
	}
	if want := steps / 256; math.Abs(float64(int(n.Probed)-want)) > float64(r.blocksPerEpoch()) {
		t.Errorf("%d of %d steps were probed", n.Probed, steps)
	}
	// One of 256 steps is probed, so the figures are estimates from a few dozen steps.
	if want := float64(duplicates) / float64(steps); math.Abs(n.DuplicatesPerStep-want) > want/2 {
		t.Errorf("%v duplicates in a step, want about %v", n.DuplicatesPerStep, want)
	}
	if want := float64(inWindow) / float64(negatives); math.Abs(n.InWindow-want) > want/2 {
		t.Errorf("%v of the negatives are in the window, want about %v", n.InWindow, want)
	}
	if n.EffectiveWords < 5 || n.EffectiveWords > 50 || n.MeanGradient <= 0 || n.MeanGradient >= 1 || n.SmallGradient < 0 || n.SmallGradient > 1 {
		t.Errorf("impossible: %+v", *n)
	}
}

// TestNegativesSurviveResume checks that a checkpoint keeps what was counted.
func TestNegativesSurviveResume(t *testing.T) {
	before := tally{tokens: 3, negatives: negative.Tally{Drawn: 7, Rejected: [4]int64{0, 1, 2, 3}, Steps: 5, Gradient: 0.25}}
	if after := before.state().tally(); after != before {
		t.Errorf("%+v becomes %+v", before, after)
	}
}

// TestRejectionEnds trains in a vocabulary that fits in a window.
func TestRejectionEnds(t *testing.T) {
	text := read(t, "a b c\na c b\nb a c\n")
	cfg := small()
	cfg.Reject, cfg.PMIBound = negative.RejectBoth, -10
	vectors, err := Run(context.Background(), text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := vectors.Manifest.Training.Negatives
	if n.Unavoidable <= 0 || n.RejectedWindow <= 0 || n.RejectedTarget <= 0 {
		t.Errorf("the manifest has %+v", *n)
	}
}

// TestWindowOfPairs checks that the window of a pair is found among the steps next to it.
func TestWindowOfPairs(t *testing.T) {
	b := batch{width: 1}
	for _, pair := range [][2]int32{{1, 7}, {2, 7}, {3, 7}, {7, 8}, {4, 8}, {8, 9}} {
		b.inputs = append(b.inputs, pair[0])
		b.close(pair[1], 0, 1)
	}
	for i, want := range [][]int32{{1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {7, 4}, {7, 4}, {8}} {
		if got := b.window(i); !slices.Equal(got, want) {
			t.Errorf("the window of step %d is %v, want %v", i, got, want)
		}
	}
}

// TestInBatchDraws checks that noise gets the centers of the block at each draw.
func TestInBatchDraws(t *testing.T) {
	text := read(t, zipfText(300, 30))
	for _, sampler := range []negative.Sampler{negative.InBatch, negative.InBatchLogQ} {
		cfg := small()
		cfg.Sampler, cfg.Subsample = sampler, 0.05
		r := newRunOf(t, text, cfg)
		checked := &checkedNoise{Noise: r.negatives.Noise, t: t}
		r.negatives.Noise = checked
		w := r.newWorker()
		current := &w.context
		checked.centers = func() []int32 { return current.words[current.first:current.last] }
		if _, err := w.trainHogwild(block{0, 0}, 0.01); err != nil {
			t.Fatal(err)
		}
		var prepared preparedBlock
		current = &prepared.context
		if err := w.prepare(&prepared, block{0, 0}); err == nil && checked.draws == 0 {
			t.Errorf("%s: nothing was drawn", sampler)
		}
	}
}

// checkedNoise compares the centers of each draw with those that it is to be told.
type checkedNoise struct {
	negative.Noise
	t       *testing.T
	centers func() []int32
	draws   int
}

func (c *checkedNoise) Draw(dst, centers []int32, state *uint64) {
	c.Noise.Draw(dst, centers, state)
	c.draws += len(dst)
	if !slices.Equal(centers, c.centers()) {
		c.t.Errorf("noise is drawn with the centers %v, want %v", centers, c.centers())
	}
}
