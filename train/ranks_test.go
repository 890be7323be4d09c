package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"kindred/corpus"
	"kindred/model"
	"kindred/train/parallel"
)

func matrices(e *model.Embeddings) string {
	return fmt.Sprint(e.Input.(*model.Matrix).Data, e.Output.(*model.Matrix).Data)
}

// trainProcesses trains one model with a run for each rank, as if each was a process of its own.
func trainProcesses(t *testing.T, text *corpus.Corpus, cfg Config, ranks int, options func(rank int) Options) ([]*model.Embeddings, []error) {
	t.Helper()
	models, errs := make([]*model.Embeddings, ranks), make([]error, ranks)
	var running sync.WaitGroup
	for i, transport := range parallel.NewLocal(ranks, ranks) {
		o := options(i)
		o.Transport = transport
		running.Go(func() { models[i], errs[i] = Run(context.Background(), text, cfg, o) })
	}
	running.Wait()
	return models, errs
}

func noOptions(int) Options { return Options{} }

// rankText is long enough for legs of several ranks.
func rankText(t *testing.T) *corpus.Corpus { return read(t, zipfText(6000, 200)) }

// TestRanksTrainOneModel trains by several ranks: the vectors depend on their number, but neither on the threads nor on whether the ranks
// share a process.
func TestRanksTrainOneModel(t *testing.T) {
	text, cfg := rankText(t), small()
	cfg.Epochs = 2
	alone := matrices(whole(t, text, cfg))
	for _, ranks := range []int{1, 2, 3} {
		want := ""
		for _, threads := range []int{1, 2, 5} {
			cfg.Threads = threads
			e, err := Run(context.Background(), text, cfg, Options{Ranks: ranks})
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				want = matrices(e)
			}
			if matrices(e) != want {
				t.Errorf("%d ranks with %d threads give other vectors", ranks, threads)
			}
			if tokens := e.Manifest.Training.Tokens; tokens != 2*text.Len() {
				t.Errorf("%d tokens trained, want %d", tokens, 2*text.Len())
			}
			if loss := e.Manifest.Training.EpochLoss; !(loss[1] < loss[0]) {
				t.Errorf("losses %v", loss)
			}
		}
		if (want == alone) != (ranks == 1) {
			t.Errorf("%d ranks give the vectors of one: %v", ranks, want == alone)
		}
		models, errs := trainProcesses(t, text, cfg, ranks, noOptions)
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for rank, e := range models {
			if matrices(e) != want {
				t.Errorf("rank %d of %d processes has other vectors than the simulation", rank, ranks)
			}
		}
	}
}

// TestRanksThatFail checks that a rank which fails ends the others too, and is named.
func TestRanksThatFail(t *testing.T) {
	broken := errors.New("no power")
	models, errs := trainProcesses(t, rankText(t), small(), 2, func(rank int) (o Options) {
		if rank == 1 {
			o.AfterEpoch = func(int, *model.Embeddings) (bool, error) { return false, broken }
		}
		return o
	})
	var failed *parallel.RankError
	if !errors.As(errs[0], &failed) || failed.Rank != 1 || !errors.Is(errs[0], broken) || models[0] != nil {
		t.Errorf("rank 0 returns %v, want a *RankError of rank 1", errs[0])
	}
	if !errors.Is(errs[1], broken) || errors.As(errs[1], &failed) {
		t.Errorf("rank 1 returns %v, want its own error", errs[1])
	}
	// A rank that never begins is known to the others as well.
	cfg := small()
	cfg.Hogwild = true
	if _, errs := trainProcesses(t, rankText(t), cfg, 2, noOptions); errs[0] == nil || errs[1] == nil {
		t.Errorf("Hogwild training with ranks: %v", errs)
	}
}

// TestRanksThatDiffer checks that ranks with other settings or texts do not begin, and that the difference is named.
func TestRanksThatDiffer(t *testing.T) {
	text := rankText(t)
	for want, change := range map[string]func(*Config, **corpus.Corpus){
		"seed is 1 at rank 0, and seed is 2 at rank 1": func(cfg *Config, _ **corpus.Corpus) { cfg.Seed = 2 },
		"kernel is portable":                           func(cfg *Config, _ **corpus.Corpus) { cfg.Kernel = "portable" },
		"text is ":                                     func(_ *Config, text **corpus.Corpus) { *text = read(t, zipfText(7000, 200)) },
	} {
		errs := make([]error, 2)
		var running sync.WaitGroup
		for i, transport := range parallel.NewLocal(2, 2) {
			cfg, text := small(), text
			cfg.Kernel = "portable"
			if i == 1 {
				change(&cfg, &text)
			}
			if strings.HasPrefix(want, "kernel") && i == 0 {
				cfg.Kernel = "auto"
			}
			running.Go(func() { _, errs[i] = Run(context.Background(), text, cfg, Options{Transport: transport}) })
		}
		running.Wait()
		if strings.HasPrefix(want, "kernel") && errs[0] == nil {
			continue // the machine has no other one
		}
		if errs[0] == nil || errs[1] == nil || !strings.Contains(errs[0].Error(), want) && !strings.Contains(errs[1].Error(), want) {
			t.Errorf("%v, want %q", errs, want)
		}
	}
}

// TestRankPlan checks that the legs of an epoch are its blocks, each of them once.
func TestRankPlan(t *testing.T) {
	for _, ranks := range []int{2, 3, 8} {
		p := rankPlan{ranks: ranks, warm: 5, shortest: 2, longest: 9, blocks: 5000, cycle: 8, due: [2][]int{{10, 20, 30}, {1, 2, 3}}}
		next, full := int64(5), 0
		for l := p.leg(block{0, 5}, 0, 0); l.first.epoch == 0; l = p.next(l, 0) {
			if l.first.index != next {
				t.Fatalf("%d ranks: a leg begins at block %d, not %d", ranks, l.first.index, next)
			}
			for rank := range ranks {
				from, to := l.share(rank, ranks)
				if from != next || to <= from {
					t.Fatalf("%d ranks: rank %d has the blocks %d to %d of %+v", ranks, rank, from, to, l)
				}
				next = to
			}
			if want := [8]int{10, 20, 10, 30, 10, 20, 10, 1000}[l.number]; !p.isFull(l) && p.dueAfter(l, input, 1000) != want {
				t.Errorf("%d words are due after leg %d of a cycle, want %d", p.dueAfter(l, input, 1000), l.number, want)
			}
			if p.isFull(l) {
				full++
			}
		}
		if next != 5000 || full < 5 {
			t.Errorf("%d ranks: the epoch ends after %d blocks, with %d exchanges of all rows", ranks, next, full)
		}
	}
}

// TestBfloat16 checks that moves are rounded to the nearest value, and ties to even.
func TestBfloat16(t *testing.T) {
	for x, want := range map[float32]float32{
		1: 1, 1 + 1.0/256: 1, 1 + 3.0/256: 1 + 1.0/64, 1 + 1.0/200: 1 + 1.0/128, -3.140625: -3.140625, 0: 0,
	} {
		var got [1]float32
		addMove(got[:], appendRounded(nil, []float32{x}))
		if got[0] != want {
			t.Errorf("%v becomes %v, want %v", x, got[0], want)
		}
	}
}

// TestCombine checks that the shared part of moves has a weight of its own.
func TestCombine(t *testing.T) {
	for _, c := range []struct {
		moves       [][]float32
		rest, along float32
		want        []float32
	}{
		{[][]float32{{1, 2}}, 1, 1, []float32{1, 2}},
		{[][]float32{{1, 0}, {0, 3}}, 1, 1, []float32{1, 3}},
		{[][]float32{{1, 2}, {3, 4}}, .5, .5, []float32{2, 3}},
		{[][]float32{{1, 2}, {3, 4}}, .5, .25, []float32{2, 1.5}},
	} {
		if got := combine(c.moves, []float32{0, 1}, c.rest, c.along); !slices.Equal(got, c.want) {
			t.Errorf("the moves are combined to %v, want %v", got, c.want)
		}
	}
}

// TestResumeWithRanks resumes a training by ranks from each of its checkpoints.
func TestResumeWithRanks(t *testing.T) {
	text, cfg := rankText(t), small()
	cfg.Epochs = 2
	dir, err := OpenCheckpointDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	o := Options{Ranks: 2, Checkpoints: &Checkpoints{Dir: dir, EveryTokens: 1, Keep: 100, patient: true}}
	e, err := Run(context.Background(), text, cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	want := matrices(e)
	names, err := dir.Names()
	if err != nil || len(names) < 6 {
		t.Fatalf("%d checkpoints, %v", len(names), err)
	}
	for _, name := range slices.Concat(names[:4], names[len(names)-4:]) {
		c, err := ReadCheckpoint(dir.Path() + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		e, err := Run(context.Background(), text, cfg, Options{Ranks: 2, Resume: c})
		if err != nil {
			t.Fatal(err)
		}
		if matrices(e) != want {
			t.Errorf("resumed from %s, the vectors are others", name)
		}
	}
}

// TestRanksRefuse names what several ranks can't train.
func TestRanksRefuse(t *testing.T) {
	text := read(t, zipfText(50, 20))
	for want, change := range map[string]func(*Config){
		"Hogwild":              func(c *Config) { c.Hogwild = true },
		"weights of positions": func(c *Config) { c.PositionWeights = true },
		"n-grams":              func(c *Config) { c.MinN, c.MaxN, c.Buckets = 3, 6, 100 },
	} {
		cfg := small()
		change(&cfg)
		if _, err := Run(context.Background(), text, cfg, Options{Ranks: 2}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %s", err, want)
		}
	}
}
