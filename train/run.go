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
	// Checkpoints says where and when the state of the training is saved; nil means never.
	Checkpoints *Checkpoints
	// Resume is where the training goes on. Text and settings must be those of the checkpoint, or
	// the error is a *[MismatchError]; but Epochs may be more, and the learning rate is then that of the new number
	// of epochs from here on, and Threads may differ. The run takes the vectors of the checkpoint over.
	Resume *Checkpoint
	// Init are vectors to begin from; nil stands for random ones. It has no say where Resume is set.
	Init *Init
	// AfterEpoch, where it is not nil, is shown the vectors after each epoch, counted from
	// 1, while nothing else uses them. The training ends with the epoch where it
	// returns false or an error.
	AfterEpoch func(epoch int, e *model.Embeddings) (goOn bool, err error)
}

// Run trains vectors on a text and returns them with their manifest.
//
// When ctx is cancelled, Run stops within milliseconds and returns the vectors as they
// are, together with an error that wraps ctx.Err(). Any other error comes without
// vectors, among them *[DivergedError] and *[MemoryError].
func Run(ctx context.Context, text *corpus.Corpus, cfg Config, o Options) (*model.Embeddings, error) {
	r, err := newRun(text, cfg, o)
	if err != nil {
		return nil, err
	}
	r.checkpoints, r.afterEpoch = newCheckpointer(r, o.Checkpoints), o.AfterEpoch
	stop := r.watch(o.Interval, o.Observe)
	err = r.hogwild(ctx)
	stop()
	interrupted := ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
	complete := err == nil || interrupted && r.complete()
	switch {
	case complete:
		err = nil
	case !interrupted:
		r.checkpoints.wait()
		return nil, err
	default:
		err = fmt.Errorf("training stopped after %d of %d tokens: %w", r.progress.sum.tokens, r.schedule.total, err)
	}
	r.checkpoints.finish()
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
	// position is the block that is trained next. It is up to date where no worker runs.
	position    block
	checkpoints *checkpointer
	resumed     int // how often
	init        *model.InitRecord
	afterEpoch  func(int, *model.Embeddings) (bool, error) // may be nil
}

// complete tells whether all blocks of all epochs have been trained.
func (r *run) complete() bool { return r.progress.sum.tokens == r.schedule.total }

func newRun(text *corpus.Corpus, cfg Config, o Options) (*run, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	vocabulary := text.Vocabulary()
	r := &run{cfg: cfg, text: text}
	var err error
	if r.kernel, err = kernel.Select(cfg.Kernel); err != nil {
		return nil, err
	}
	if o.Resume != nil {
		if err := o.Resume.match(text, cfg); err != nil {
			return nil, err
		}
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
	r.schedule = schedule{cfg.LearningRate, text.Len() * int64(cfg.Epochs)}
	r.progress = newProgress(cfg.Epochs, r.schedule.total)
	if o.Resume != nil {
		r.resume(o.Resume)
		return r, nil
	}
	return r, r.begin(o.Init)
}

// begin sets the parameters before training.
func (r *run) begin(init *Init) error {
	if err := init.Check(r.cfg.Dim); err != nil {
		return err
	}
	vocabulary, err := init.Vocabulary(r.text.Vocabulary())
	if err != nil {
		return err
	}
	if err := checkMemory(vocabulary, r.cfg); err != nil {
		return err
	}
	r.embeddings = initial(vocabulary, r.cfg, init)
	r.init = init.Record(r.text.Vocabulary())
	return nil
}

// hogwild trains all blocks of all epochs, or of as many as afterEpoch wants, in order of their start, on
// cfg.Threads workers that update the parameters without locks (Niu et al. 2011).
func (r *run) hogwild(ctx context.Context) error {
	for r.position.epoch < r.cfg.Epochs {
		epoch := r.position.epoch
		if err := r.stretch(ctx); err != nil {
			return err
		}
		if r.afterEpoch != nil && r.position.epoch > epoch {
			if goOn, err := r.afterEpoch(r.position.epoch, r.embeddings); err != nil || !goOn {
				return err
			}
		}
		if r.position.epoch < r.cfg.Epochs && r.checkpoints.due(r.processed(r.position)) {
			r.checkpoints.write()
		}
	}
	return nil
}

// stretch trains until all is done, an epoch that is to be looked at is, a checkpoint is due or ctx is cancelled. No
// worker runs when it returns.
func (r *run) stretch(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	perEpoch := (r.text.Len() + blockTokens - 1) / blockTokens
	end := perEpoch * int64(r.cfg.Epochs)
	if r.afterEpoch != nil {
		end = perEpoch * int64(r.position.epoch+1)
	}
	var next atomic.Int64
	next.Store(int64(r.position.epoch)*perEpoch + r.position.index)
	work := func() error {
		w := r.newWorker()
		for ctx.Err() == nil && !r.checkpoints.due(r.processed(r.blockAt(next.Load(), perEpoch))) {
			n := next.Add(1) - 1
			if n >= end {
				return nil
			}
			if err := r.train(w, r.blockAt(n, perEpoch)); err != nil {
				return err
			}
		}
		return nil
	}
	var workers sync.WaitGroup
	for range r.cfg.Threads {
		workers.Go(func() {
			if err := guarded(work); err != nil {
				cancel(err)
			}
		})
	}
	workers.Wait()
	r.position = r.blockAt(min(next.Load(), end), perEpoch)
	return context.Cause(ctx)
}

// blockAt returns block n of the run.
func (r *run) blockAt(n, perEpoch int64) block { return block{int(n / perEpoch), n % perEpoch} }

// processed returns the number of tokens of the run that lie before a block, but for
// the rest of a sentence.
func (r *run) processed(b block) int64 { return int64(b.epoch)*r.text.Len() + b.index*blockTokens }

// train lets a worker train one block and records what it did.
func (r *run) train(w *worker, b block) error {
	processed := r.processed(b)
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
