package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"kindred/corpus"
	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
)

// A DivergedError reports that the loss became infinite or not a number.
// Nothing that was learned is worth keeping then.
type DivergedError struct {
	// Epoch counts from 1, Tokens is the number of tokens processed over all
	// epochs, Rate the learning rate at that point.
	Epoch  int
	Tokens int64
	Rate   float64
	// Loss is the loss per pair of the last block, NaN or infinite.
	Loss float64
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("training diverged: the loss became %v in epoch %d after %d tokens at learning rate %.4g; try a learning rate several times lower (word2vec.c's is 0.025), more sub-sampling or fewer threads",
		e.Loss, e.Epoch, e.Tokens, e.Rate)
}

// Options are what a run does besides training. The zero Options do nothing.
type Options struct {
	// Observe, where it is not nil, is told of the progress every Interval and at
	// the end; calls do not overlap.
	Observe  func(Progress)
	Interval time.Duration
}

// Run trains vectors on a text and returns them with their manifest.
//
// When ctx is cancelled, Run stops within milliseconds and returns the vectors as they
// are, together with an error that wraps ctx.Err(). Any other error comes without
// vectors, among them *[DivergedError] and *[MemoryError].
func Run(ctx context.Context, text *corpus.Corpus, cfg Config, o Options) (*model.Embeddings, error) {
	r, err := newRun(text, cfg)
	if err != nil {
		return nil, err
	}
	stop := r.watch(o.Interval, o.Observe)
	err = r.hogwild(ctx)
	stop()
	complete := r.progress.sum.tokens == r.schedule.total
	interrupted := ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
	switch {
	case err != nil && !complete && !interrupted:
		return nil, err
	case complete:
		err = nil
	default:
		err = fmt.Errorf("training stopped after %d of %d tokens: %w", r.progress.sum.tokens, r.schedule.total, err)
	}
	r.embeddings.Manifest = r.manifest(complete)
	return r.embeddings, err
}

// A run is one training of one model.
type run struct {
	cfg        Config
	text       *corpus.Corpus
	kernel     kernel.Kernel
	subsample  *corpus.Subsampler
	noise      noise // nil without negatives
	schedule   schedule
	embeddings *model.Embeddings
	progress   progress
}

func newRun(text *corpus.Corpus, cfg Config) (*run, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	vocabulary := text.Vocabulary()
	r := &run{cfg: cfg, text: text}
	var err error
	if r.kernel, err = kernel.Select(cfg.Kernel); err != nil {
		return nil, err
	}
	if text.Len() == 0 {
		return nil, errors.New("training: the text has no tokens that are in the vocabulary")
	}
	if cfg.Negatives > 0 {
		if r.noise, err = newUnigram(vocabulary, cfg.NoisePower); err != nil {
			return nil, err
		}
	}
	if r.subsample, err = corpus.NewSubsampler(vocabulary.Counts(), cfg.Subsample); err != nil {
		return nil, err
	}
	if err := checkMemory(vocabulary, cfg); err != nil {
		return nil, err
	}
	r.schedule = schedule{cfg.LearningRate, text.Len() * int64(cfg.Epochs)}
	r.embeddings = initial(vocabulary, cfg)
	r.progress = newProgress(cfg.Epochs, r.schedule.total)
	return r, nil
}

// initial returns the parameters before training: the input matrix uniform in
// ±0.5/dim, the output matrix zero, as in word2vec.c.
func initial(v *corpus.Vocabulary, cfg Config) *model.Embeddings {
	e := &model.Embeddings{
		Vocabulary: v,
		Input:      model.NewMatrix(v.Len(), cfg.Dim),
		Output:     model.NewMatrix(v.Len(), cfg.Dim),
	}
	for id := range v.Len() {
		rng := random.New(cfg.Seed, initStream, uint64(id))
		row := e.Input.Row(id)
		for i := range row {
			row[i] = float32((rng.Float64() - 0.5) / float64(cfg.Dim))
		}
	}
	return e
}

// hogwild trains all blocks of all epochs, in order of their start, on
// cfg.Threads workers that update the parameters without locks (Niu et al. 2011).
func (r *run) hogwild(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	perEpoch := (r.text.Len() + blockTokens - 1) / blockTokens
	var next atomic.Int64
	var workers sync.WaitGroup
	for range r.cfg.Threads {
		workers.Go(func() {
			w := r.newWorker()
			for ctx.Err() == nil {
				n := next.Add(1) - 1
				b := block{int(n / perEpoch), n % perEpoch}
				if b.epoch >= r.cfg.Epochs {
					return
				}
				if err := r.train(w, b); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// train lets a worker train one block and records what it did.
func (r *run) train(w *worker, b block) error {
	processed := int64(b.epoch)*r.text.Len() + b.index*blockTokens
	rate := r.schedule.rate(processed)
	done, err := w.trainBlock(b, rate)
	if err != nil {
		return err
	}
	if math.IsNaN(done.loss) || math.IsInf(done.loss, 0) {
		return &DivergedError{Epoch: b.epoch + 1, Tokens: processed + done.tokens, Rate: rate, Loss: done.meanLoss()}
	}
	r.progress.add(b.epoch, done, rate)
	return nil
}

func (r *run) newWorker() *worker {
	w := &worker{cfg: r.cfg, text: r.text, subsample: r.subsample, noise: r.noise, train: r.kernel.Train}
	w.batch.width = 1 + r.cfg.Negatives
	w.step = kernel.Step{
		In: r.embeddings.Input.Data, Out: r.embeddings.Output.Data,
		Stride: r.embeddings.Input.Stride, Dim: r.cfg.Dim,
		WithLoss: true,
	}
	return w
}
