package train

import (
	"context"
	"sync"
	"sync/atomic"

	"kindred/internal/kernel"
	"kindred/model"
	"kindred/train/negative"
)

// hogwild trains blocks, in the order of the text, by workers that update the same parameters
// without locks (Niu et al. 2011). It stops when the training is complete, an epoch ends that
// AfterEpoch is to see, a checkpoint is due, or ctx is canceled. No worker runs when it returns.
func (r *run) hogwild(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	perEpoch := r.blocksPerEpoch()
	end := perEpoch * int64(r.cfg.Epochs)
	if r.afterEpoch != nil {
		end = perEpoch * int64(r.position.epoch+1)
	}
	at := func(n int64) block { return block{int(n / perEpoch), n % perEpoch} }
	var next atomic.Int64
	next.Store(int64(r.position.epoch)*perEpoch + r.position.index)
	work := func() error {
		w := r.newWorker()
		if r.subwords != nil {
			w.composed = newComposedBlock(r.subwords)
		}
		for ctx.Err() == nil && !r.checkpoints.due(r.processed(at(next.Load()))) {
			n := next.Add(1) - 1
			if n >= end {
				return nil
			}
			if err := r.trainOne(w, at(n)); err != nil {
				return err
			}
		}
		return nil
	}
	var workers sync.WaitGroup
	for range r.cfg.Threads {
		workers.Go(func() {
			if err := recoverAsError(work); err != nil {
				cancel(err)
			}
		})
	}
	workers.Wait()
	r.position = at(min(next.Load(), end))
	return context.Cause(ctx)
}

// trainOne trains one block and records its tally.
func (r *run) trainOne(w *worker, b block) error {
	rate := r.schedule.rate(r.processed(b))
	done, err := w.trainHogwild(b, rate)
	if err != nil {
		return err
	}
	if err := r.checkLoss(b, done, rate); err != nil {
		return err
	}
	r.progress.add(b.epoch, done, rate)
	return nil
}

// A composedBlock has the input words of one block of Hogwild training, which are made of n-grams. They are composed before
// the block is trained and given back to their rows after it. Other workers train the rows meanwhile.
type composedBlock struct {
	*subwords
	index   idIndex
	input   composedWords
	places  []int32 // 0, 1, …
	now     model.Matrix
	centers []int32 // and other words of the block
	all     *rowRange
}

func newComposedBlock(s *subwords) *composedBlock {
	return &composedBlock{subwords: s, all: s.ranges(1)[0]}
}

// begin composes the words of a block and replaces them, as inputs, by their rows. Each occurrence of a word adds so much to
// its load.
func (b *composedBlock) begin(w *worker, c *contextBlock, perInput float32) {
	b.centers = append(b.centers[:0], c.words...)
	c.targets = b.centers
	b.index.reset(len(c.words))
	b.input.reset()
	b.places = b.places[:0]
	for i, word := range c.words {
		next := int32(len(b.input.words))
		n := b.index.find(word, next)
		if n == next {
			b.input.words, b.input.loads, b.places = append(b.input.words, word), append(b.input.loads, 0), append(b.places, n)
		}
		b.input.loads[n] += perInput
		c.words[i] = n
	}
	b.input.grow(0, b.dim, b.table.Stride)
	for i := range b.input.parts {
		part := &b.input.parts[i]
		b.compose(&w.kernel, &part.combination, b.input.words[part.first:part.end], part.first, &b.input.before)
	}
	values := append(b.now.Data[:0], b.input.before.Data...)
	b.now = b.input.before
	b.now.Data = values
	w.step.In = values
	w.negatives.Rows.Input = negative.RowWords{Replicas: b.input.words}
}

// end gives the moves of the words to their rows.
func (b *composedBlock) end(k *kernel.Kernel) { b.giveBack(k, b.all, &b.input, b.places, &b.now) }
