package train

import (
	"context"
	"sync"
	"sync/atomic"
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
