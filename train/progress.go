package train

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"kindred/internal/machine"
	"kindred/internal/version"
	"kindred/model"
	"kindred/train/negative"
)

// Progress describes the state of a run for its observer.
type Progress struct {
	// Epoch counts from 1 to Epochs.
	Epoch, Epochs int
	// Tokens is the number of tokens processed over all epochs, before
	// sub-sampling; TotalTokens is that number at the end.
	Tokens, TotalTokens int64
	// Rate is the learning rate of the latest block.
	Rate float64
	// TokensPerSecond is the mean speed since training began.
	TokensPerSecond float64
	// Elapsed is the time since training began, Remaining an estimate of the time to its end
	// at the mean speed so far.
	Elapsed, Remaining time.Duration
	// Loss is the mean negative-sampling loss per pair since the last report, EpochLoss since the
	// epoch began, and TotalLoss since training began. The loss of a pair is -log σ(s) of the pair
	// itself minus the sum of log σ(-s) over its k negatives, before its update; for untrained
	// vectors it is (k+1) log 2.
	Loss, EpochLoss, TotalLoss float64
	// EpochLosses are the mean losses of the epochs that have begun.
	EpochLosses []float64
	// Pairs is the number of pairs trained since the last report. Without any, Loss is 0.
	Pairs int64
	// Negatives describes the negatives since the last report, nil if there are none. Fields that
	// do not change during a run are zero.
	Negatives *model.NegativesRecord
	// Done is set in the last report.
	Done bool
}

// A tally counts what training a block did.
type tally struct {
	tokens int64   // before sub-sampling
	kept   int64   // after it
	pairs  int64   // of an input and a positive target
	loss   float64 // sum over pairs

	negatives negative.Tally
}

func (t *tally) add(other tally) {
	t.tokens += other.tokens
	t.kept += other.kept
	t.pairs += other.pairs
	t.loss += other.loss
	t.negatives.Add(other.negatives)
}

// meanLoss returns the negative-sampling loss per pair, 0 if there is none.
func (t tally) meanLoss() float64 {
	if t.pairs == 0 {
		return 0
	}
	return t.loss / float64(t.pairs)
}

// progress sums the tallies of all workers.
type progress struct {
	mu sync.Mutex
	// began is when the training began, started when it would have begun without interruptions. The
	// latter has a monotonic reading, so that setting the system clock changes nothing.
	began, started time.Time
	cpuBefore      time.Duration
	total          int64
	epochs         []tally
	sum            tally
	interval       tally // since the last report
	rate           float64
	epoch          int
	turned         chan struct{} // told when an epoch has begun
}

func newProgress(epochs int, total int64) progress {
	now := time.Now()
	return progress{began: now, started: now, cpuBefore: machine.CPUTime(), total: total, epochs: make([]tally, epochs), turned: make(chan struct{}, 1)}
}

// resume adds the progress up to the checkpoint.
func (p *progress) resume(c *Checkpoint) {
	for i, epoch := range c.state.Epochs {
		p.epochs[i] = epoch.tally()
	}
	p.sum, p.rate = c.state.Total.tally(), c.state.Rate
	p.epoch = len(c.state.Epochs) - 1
	before := c.Vectors.Manifest.Training
	p.began = before.Started
	p.started = p.started.Add(-seconds(before.Wall))
	p.cpuBefore -= seconds(before.CPU)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// elapsed returns the time since training began without interruptions, more than 0.
func (p *progress) elapsed() time.Duration { return max(time.Since(p.started), 1) }

// add records a trained block.
func (p *progress) add(epoch int, done tally, rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epochs[epoch].add(done)
	p.sum.add(done)
	p.interval.add(done)
	if epoch > p.epoch {
		select {
		case p.turned <- struct{}{}:
		default:
		}
	}
	p.epoch, p.rate = max(p.epoch, epoch), rate
}

// report returns the state of the run and begins a new interval.
func (p *progress) report(done bool) Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	elapsed := p.elapsed()
	r := Progress{
		Epoch: p.epoch + 1, Epochs: len(p.epochs),
		Tokens: p.sum.tokens, TotalTokens: p.total,
		Rate: p.rate, Elapsed: elapsed,
		Loss: p.interval.meanLoss(), EpochLoss: p.epochs[p.epoch].meanLoss(), TotalLoss: p.sum.meanLoss(), Pairs: p.interval.pairs,
		Done: done,
	}
	for _, e := range p.epochs[:p.epoch+1] {
		r.EpochLosses = append(r.EpochLosses, e.meanLoss())
	}
	if p.sum.tokens > 0 && elapsed > 0 {
		r.TokensPerSecond = float64(p.sum.tokens) / elapsed.Seconds()
		r.Remaining = time.Duration(float64(p.total-p.sum.tokens) / r.TokensPerSecond * float64(time.Second))
	}
	if p.interval.negatives.Drawn > 0 {
		r.Negatives = negativesRecord(&p.interval.negatives)
	}
	p.interval = tally{}
	return r
}

// watch calls observe every interval and when an epoch begins, until stop is called, which makes a last report.
func (r *run) watch(interval time.Duration, observe func(Progress)) (stop func()) {
	if observe == nil {
		return func() {}
	}
	done := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		tick := time.NewTicker(max(interval, time.Millisecond))
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				observe(r.progress.report(false))
			case <-r.progress.turned:
				observe(r.progress.report(false))
			case <-done:
				observe(r.progress.report(true))
				return
			}
		}
	})
	return func() {
		close(done)
		watcher.Wait()
	}
}

// trained returns the number of tokens processed so far.
func (p *progress) trained() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sum.tokens
}

// manifest describes the run at its present state.
func (r *run) manifest(complete bool) *model.Manifest {
	settings, err := json.Marshal(r.cfg)
	if err != nil {
		panic(fmt.Sprintf("train: a valid configuration has a JSON form: %v", err))
	}
	p := &r.progress
	wall := p.elapsed().Seconds()
	t := &model.TrainingRecord{
		Started: p.began.UTC().Truncate(time.Second),
		Wall:    wall,
		CPU:     (machine.CPUTime() - p.cpuBefore).Seconds(),
		Tokens:  p.sum.tokens, TokensPerSecond: float64(p.sum.tokens) / wall,
		Pairs: p.sum.pairs, Loss: p.sum.meanLoss(),
		Resumed: r.resumed, Completed: complete,
	}
	if !r.cfg.Hogwild {
		t.Ranks = slices.Clone(r.ranksRecords)
		if r.team != nil {
			last := &t.Ranks[len(t.Ranks)-1]
			last.BytesSent, last.Exchanges = r.team.sent, r.team.exchanges
		}
		t.Rounds = &model.RoundsRecord{Blocks: r.plan.blocks, BlockTokens: r.plan.blockTokens, Changes: r.planChanges}
	}
	if r.negatives.Noise != nil {
		t.Negatives = negativesRecord(&p.sum.negatives)
		t.Negatives.EffectiveWords = r.negatives.EffectiveWords
		if pairs := r.negatives.Pairs; pairs != nil {
			t.Negatives.PMIPairs, t.Negatives.Undercount = pairs.Len(), pairs.Undercount()
		}
	}
	for _, epoch := range p.epochs {
		if epoch.pairs > 0 {
			t.EpochLoss = append(t.EpochLoss, epoch.meanLoss())
		}
	}
	record := r.text.Record()
	remarks := append(Warnings(record, r.cfg), divergence(r.planChanges)...)
	if n := len(r.ranksRecords); n > 0 {
		remarks = append(remarks, RankWarnings(r.ranksRecords[n-1], r.cfg.LearningRate)...)
	}
	return &model.Manifest{
		Tool: version.Tool, Version: version.String(),
		GoVersion: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Kernel: r.kernel.Name, Settings: settings,
		Corpus: &record, Training: t, Init: r.init,
		Vectors: r.parameters.Vocabulary.Len(), Dim: r.cfg.Dim,
		Remarks: remarks,
	}
}

// negativesRecord returns the shares of the counts of a tally.
func negativesRecord(t *negative.Tally) *model.NegativesRecord {
	share := func(part, whole int64) float64 {
		if whole == 0 {
			return 0
		}
		return float64(part) / float64(whole)
	}
	all := t.All()
	r := &model.NegativesRecord{
		Drawn:             all,
		RejectedTarget:    share(t.RejectedTarget(), all),
		RejectedWindow:    share(t.RejectedWindow(), all),
		RejectedPMI:       share(t.RejectedPMI(), all),
		Unavoidable:       share(t.Unavoidable, all),
		Probed:            t.Steps,
		DuplicatesPerStep: share(t.Duplicates, t.Steps),
		SmallGradient:     share(t.SmallGradient, t.Pairs),
		InWindow:          share(t.InWindow, t.Negatives),
		PositiveScore:     share(t.PositiveScore, t.Pairs),
	}
	if t.Pairs > 0 {
		r.MeanGradient = t.Gradient / float64(t.Pairs)
	}
	return r
}
