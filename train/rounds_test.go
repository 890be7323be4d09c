package train

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kindred/corpus"
	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
	"kindred/model/subword"
	"kindred/train/negative"
)

// parametersHash returns the hash of both matrices and the losses after training.
func parametersHash(t *testing.T, text *corpus.Corpus, cfg Config) string {
	t.Helper()
	e, err := Run(context.Background(), text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	input := e.Input
	if rows, ok := input.(*subword.Sparse); ok {
		input = rows.Stored()
		if shared, ok := input.(*subword.Shared); ok {
			input = shared.Stored()
		}
	}
	if e.Positions != nil {
		if err := binary.Write(h, binary.LittleEndian, e.Positions.Data); err != nil {
			t.Fatal(err)
		}
	}
	for _, values := range []any{input.(*model.Matrix).Data, e.Output.(*model.Matrix).Data, e.Manifest.Training.EpochLoss} {
		if err := binary.Write(h, binary.LittleEndian, values); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// TestThreadsDoNotMatter checks the promise of rounds: the same bytes for any number of workers and
// processors.
func TestThreadsDoNotMatter(t *testing.T) {
	text := readDemo(t, 100_000)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, change := range map[string]func(*Config){
		"window": func(*Config) {},
		"pair":   func(c *Config) { c.NegativeSharing = negative.PerPair },
		"cbow":   func(c *Config) { c.Kind = CBOW },
		"position weights, n-grams, cbow": func(c *Config) {
			c.PositionWeights, c.Kind, c.MinN, c.MaxN, c.Buckets = true, CBOW, 3, 5, 2000
		},
		"position weights": func(c *Config) { c.PositionWeights = true },
		"n-grams, cbow":    func(c *Config) { c.Kind, c.MinN, c.MaxN, c.Buckets = CBOW, 3, 5, 2000 },
		"compact":          func(c *Config) { c.MinN, c.MaxN, c.Buckets, c.HashCount = 3, 6, 500, 3 },
		"n-grams":          func(c *Config) { c.MinN, c.MaxN, c.Buckets = 3, 6, 500 },
	} {
		want := ""
		counts := []int{1, 2, 8}
		if underRace {
			counts = []int{2}
		}
		for _, processors := range counts {
			runtime.GOMAXPROCS(processors)
			for _, threads := range []int{1, 2, 3, 8} {
				cfg := structureSettings()
				cfg.Dim, cfg.Epochs, cfg.Threads = 20, 1, threads
				change(&cfg)
				got := parametersHash(t, text, cfg)
				if want == "" {
					want = got
				}
				if got != want {
					t.Errorf("%s, %d processors, %d threads: hash %s, want %s", name, processors, threads, got, want)
				}
			}
		}
	}
}

// TestThreadsDoNotMatterInLongRounds trains rounds of 64 blocks, so that up to 64 workers have work, with the
// moves of hundreds of rows to merge.
func TestThreadsDoNotMatterInLongRounds(t *testing.T) {
	text := readDemo(t, 100_000)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	counts, threads := []int{1, 2, 8, 64}, []int{1, 2, 3, 8, 16, 32, 64}
	if underRace {
		counts, threads = []int{8}, []int{3, 64}
	}
	want := ""
	for _, processors := range counts {
		runtime.GOMAXPROCS(processors)
		for _, n := range threads {
			cfg := structureSettings()
			cfg.Dim, cfg.Epochs, cfg.Threads = 20, 1, n
			r := newRunOf(t, text, cfg)
			r.plan = roundPlan{blockTokens: 90, blocks: 64, pool: 48, words: r.plan.words}
			if err := r.train(context.Background()); err != nil {
				t.Fatal(err)
			}
			h := sha256.New()
			for _, values := range []any{r.parameters.Input.Data, r.parameters.Output.Data, r.progress.sum.loss} {
				if err := binary.Write(h, binary.LittleEndian, values); err != nil {
					t.Fatal(err)
				}
			}
			got := fmt.Sprintf("%x", h.Sum(nil)[:16])
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%d processors, %d threads: hash %s, want %s", processors, n, got, want)
			}
		}
	}
}

// TestThreadsDoNotMatterWithoutNegatives trains without pools: nothing of an earlier block may be
// taken for one.
func TestThreadsDoNotMatterWithoutNegatives(t *testing.T) {
	text := read(t, zipfText(6000, 20_000))
	cfg := small()
	cfg.Negatives, cfg.Threads = 0, 1
	want := parametersHash(t, text, cfg)
	for _, threads := range []int{2, 3, 8} {
		cfg.Threads = threads
		if got := parametersHash(t, text, cfg); got != want {
			t.Errorf("%d threads: hash %s, want %s", threads, got, want)
		}
	}
}

// TestEveryPairIsTrainedOnce compares the pairs of all blocks of an epoch with those of whole
// sentences, for several sizes of blocks: the windows of a block reach beyond its ends.
func TestEveryPairIsTrainedOnce(t *testing.T) {
	text := read(t, zipfText(400, 60))
	for _, subsample := range []float64{0, 3e-3} {
		cfg := small()
		cfg.Window, cfg.Subsample, cfg.Negatives = 4, subsample, 0
		want := pairsOf(t, text, cfg, text.Len())
		for _, size := range []int64{1, 3, 17, 256} {
			got := pairsOf(t, text, cfg, size)
			for pair := range want {
				if got[pair] == 0 {
					t.Fatalf("sub-sampling %v, blocks of %d: the pair %v is not trained", subsample, size, pair)
				}
			}
			for pair, n := range got {
				if n > 1 || want[pair] == 0 {
					t.Fatalf("sub-sampling %v, blocks of %d: the pair %v is trained %d times, want %d", subsample, size, pair, n, want[pair])
				}
			}
		}
	}
}

// pairsOf returns how often an epoch of blocks of the given size trains each pair of positions, if
// all windows have their full size.
func pairsOf(t *testing.T, text *corpus.Corpus, cfg Config, size int64) map[[2]int]int {
	t.Helper()
	r, err := newRun(text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.plan.blockTokens = size
	reader := newReader(r)
	reader.margin = text.Len()
	pairs, position := map[[2]int]int{}, 0
	var p contextBlock
	for n := range r.blocksPerEpoch() {
		if _, err := reader.read(&p, block{0, n}); err != nil {
			t.Fatal(err)
		}
		start := 0
		for _, end := range p.ends {
			for c, last := max(start, p.first), min(end, p.last); c < last; c++ {
				for i := max(c-cfg.Window, start); i <= min(c+cfg.Window, end-1); i++ {
					if i != c {
						pairs[[2]int{position + c - p.first, i - c}]++
					}
				}
			}
			start = end
		}
		position += p.last - p.first
	}
	return pairs
}

// TestOneBlockIsPlainDescent checks that a round of one block does what training the matrices in
// place does.
func TestOneBlockIsPlainDescent(t *testing.T) {
	text := read(t, zipfText(300, 100))
	cfg := small()
	r, err := newRun(text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.plan = roundPlan{blockTokens: 500, blocks: 1, pool: 300, words: r.plan.words}
	for i := range r.parameters.Output.Data {
		if i%r.parameters.Output.Stride < cfg.Dim {
			r.parameters.Output.Data[i] = float32(i%7) / 100
		}
	}
	wantIn, wantOut := slices.Clone(r.parameters.Input.Data), slices.Clone(r.parameters.Output.Data)

	s, w := newRounds(r), r.newWorker()
	w.useReplicas(s.in[0], s.out[0])
	for range 2 { // the first time, blocks are prepared only
		advance(t, s, s.phases(context.Background()), w)
	}
	step := kernel.Step{
		In: wantIn, Out: wantOut, Stride: r.parameters.Input.Stride, Dim: cfg.Dim, Rate: float32(cfg.LearningRate),
	}
	for i := range w.batch.len() {
		step.Inputs, step.Targets = w.batch.step(i)
		if slices.Contains(step.Targets[1:], step.Targets[0]) {
			t.Fatalf("step %d has its target among the negatives: %v", i, step.Targets)
		}
		r.kernel.Train(&step)
	}
	if !slices.Equal(r.parameters.Input.Data, wantIn) || !slices.Equal(r.parameters.Output.Data, wantOut) {
		t.Error("a round of one block differs from training without rounds")
	}
}

// advance runs phases with one worker.
func advance(t *testing.T, s *rounds, phases []phase, w *worker) {
	t.Helper()
	for _, phase := range phases {
		if err := phase.do(w); err != nil {
			t.Fatal(err)
		}
		phase.end()
	}
}

// idleRounds returns rounds of five blocks, and a worker, that train nothing.
func idleRounds(t *testing.T, subsample float64) (*rounds, *worker) {
	t.Helper()
	cfg := small()
	cfg.Subsample = subsample
	r := newRunOf(t, read(t, zipfText(30_000, 2000)), cfg)
	r.plan = roundPlan{blockTokens: 300, blocks: 5, pool: 64, words: r.plan.words}
	r.kernel.Train = func(*kernel.Step) {}
	s, w := newRounds(r), r.newWorker()
	w.useReplicas(s.in[0], s.out[0])
	return s, w
}

// TestBlocksDoNotMeet prepares rounds. A row that one block trains alone is trained in place. All others
// are replicas, of which each has the values of its word.
func TestBlocksDoNotMeet(t *testing.T) {
	s, w := idleRounds(t, 1e-3)
	rng := random.New(3)
	for i := range s.parameters.Output.Data {
		s.parameters.Output.Data[i] = float32(rng.Float64())
	}
	check := func(what string, uses []wordUse, rows []int32, r *replicaRows, users map[int32][]int32) {
		for i, row := range rows {
			word := uses[i].word
			if !slices.Equal(r.values[int(row)*r.stride:][:r.stride], r.values[int(word)*r.stride:][:r.stride]) {
				t.Errorf("%s: row %d is no copy of that of word %d", what, row, word)
			}
			if r.rowWords().Word(row) != word {
				t.Errorf("%s: row %d is said to be of word %d, want %d", what, row, r.rowWords().Word(row), word)
			}
			if row != word && slices.Contains(rows[:i], row) {
				t.Errorf("%s: two words of a block train the row %d", what, row)
			}
			users[word] = append(users[word], row)
		}
	}
	phases := s.phases(context.Background())
	advance(t, s, phases, w)
	for range 10 {
		advance(t, s, phases[:1], w)
		w.in.beginRound(int(s.sharedIn.Load()))
		w.out.beginRound(int(s.sharedOut.Load()))
		ins, outs := map[int32][]int32{}, map[int32][]int32{}
		for _, p := range s.blocks[:s.count] {
			p.context.words, p.pool = slices.Clone(p.context.words), slices.Clone(p.pool)
			w.resolveRows(&p, s.shards)
			for n := range s.shards {
				first, text, end := p.shard(n)
				check("input", p.uses[first:text], w.rows.in[first:text], w.in, ins)
				check("output", p.uses[first:end], w.rows.out[first:end], w.out, outs)
			}
		}
		alone, several := 0, 0
		for _, users := range []map[int32][]int32{ins, outs} {
			for word, rows := range users {
				switch own := slices.Contains(rows, word); {
				case own != (len(rows) == 1):
					t.Errorf("word %d of %d blocks is trained in rows %v", word, len(rows), rows)
				case own:
					alone++
				default:
					several++
				}
			}
		}
		if alone == 0 || several == 0 {
			t.Fatalf("%d rows are trained by one block and %d by several: the test needs both", alone, several)
		}
		advance(t, s, phases[1:], w)
	}
}

// TestMergeWeighsMoves merges a round whose replicas all moved by the same amount: each row moves by
// their number, weighed, however the blocks are dealt to workers.
func TestMergeWeighsMoves(t *testing.T) {
	const move = 0.25
	for _, workers := range []int{1, 3} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		s, _ := idleRounds(t, 0)
		s.cfg.Threads = workers
		accumulate := s.kernel.Accumulate
		s.kernel.Accumulate = func(sums []int32, stride int, rows []int32, values []float32) {
			for i := range rows {
				values[i*stride+1] += move
			}
			accumulate(sums, stride, rows, values)
		}
		s.run.parameters.Input.Data = slices.Clone(s.run.parameters.Input.Data) // no longer has room
		s = newRounds(s.run)
		var all []*worker
		for i := range workers {
			w := s.newWorker()
			w.useReplicas(s.in[i], s.out[i])
			all = append(all, w)
		}
		clear(s.parameters.Input.Data)
		phases := s.phases(context.Background())
		advance(t, s, []phase{phases[0], phases[1], phases[0]}, all[0])
		want := map[int32]float64{}
		for i := range s.shards {
			m := s.shards[i].in.merge
			for j, row := range m.Rows {
				want[row] = float64(m.Weights[j]) * float64(m.Counts[j]) * move
				if m.Counts[j] < 2 || !(m.Weights[j] > 0 && m.Weights[j] <= 1) {
					t.Errorf("row %d of %d blocks has the weight %v", row, m.Counts[j], m.Weights[j])
				}
			}
		}
		for i, w := range all { // each trains every third block, say
			w.in.beginRound(int(s.sharedIn.Load()))
			w.out.beginRound(int(s.sharedOut.Load()))
			for n := i; n < s.count; n += workers {
				s.done[n] = w.trainPrepared(&s.blocks[n], s.shards, s.position.plus(n), 0)
			}
		}
		for i := range s.shards {
			s.merge(&s.shards[i].in, s.in)
		}
		if len(want) == 0 {
			t.Fatal("no row is trained by several blocks")
		}
		for word := range int32(s.text.Vocabulary().Len()) {
			row := s.parameters.Input.Row(int(word))
			if math.Abs(float64(row[1])-want[word]) > 1e-6 || row[0] != 0 || row[2] != 0 {
				t.Errorf("%d workers: word %d moved by %v, want %v in column 1 and nothing else", workers, word, row, want[word])
			}
		}
	}
}

// TestRoundsStayStable trains what would diverge with rounds of full size: few words, high learning
// rates, no sub-sampling, and noise that is nearly all one word. The loss must be as low as without
// rounds.
func TestRoundsStayStable(t *testing.T) {
	text := read(t, zipfText(8000, 12))
	for name, change := range map[string]func(*Config){
		"few words":          func(*Config) {},
		"high learning rate": func(c *Config) { c.LearningRate = 0.1 },
		"one kind of noise":  func(c *Config) { c.NoisePower = 4 },
		"pairs":              func(c *Config) { c.NegativeSharing = negative.PerPair },
		"many negatives":     func(c *Config) { c.Negatives = 30 },
		"cbow":               func(c *Config) { c.Kind, c.LearningRate = CBOW, 0.1 },
		"cbow, mean":         func(c *Config) { c.Kind, c.Bag, c.LearningRate = CBOW, BagMean, 0.1 },
		"position weights":   func(c *Config) { c.PositionWeights, c.Kind, c.LearningRate = true, CBOW, 0.1 },
		"cbow, sum":          func(c *Config) { c.Kind, c.Bag, c.LearningRate = CBOW, BagSum, 0.05 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := small()
			cfg.Epochs = 3
			change(&cfg)
			losses := map[bool]float64{}
			for _, hogwild := range []bool{true, false} {
				cfg.Hogwild = hogwild
				e, err := Run(context.Background(), text, cfg, Options{})
				if err != nil {
					t.Fatal(err)
				}
				loss := e.Manifest.Training.EpochLoss
				losses[hogwild] = loss[len(loss)-1]
			}
			t.Logf("last losses: %v", losses)
			if losses[false] > 1.1*losses[true] {
				t.Errorf("the loss of the last epoch is %.4f with rounds and %.4f without", losses[false], losses[true])
			}
		})
	}
}

// TestPanicsReachTheCaller lets the kernel of one worker panic.
func TestPanicsReachTheCaller(t *testing.T) {
	text := read(t, zipfText(3000, 200))
	for _, hogwild := range []bool{true, false} {
		cfg := small()
		cfg.Threads, cfg.Hogwild = 3, hogwild
		r, err := newRun(text, cfg, Options{})
		if err != nil {
			t.Fatal(err)
		}
		r.kernel.Train = func(s *kernel.Step) {
			if s.Inputs[0] == 7 || int(s.Inputs[0]) >= r.parameters.Input.Rows {
				panic("seven")
			}
		}
		var fault *PanicError
		if err := r.train(context.Background()); !errors.As(err, &fault) || fault.Value != "seven" || !strings.Contains(fault.Stack, "TestPanicsReachTheCaller") {
			t.Errorf("hogwild %v: error %v, want a *PanicError that shows where it was", hogwild, err)
		}
	}
}
