package train

import (
	"context"
	"errors"
	"sync"

	"kindred/model"
	"kindred/train/parallel"
)

// simulate trains all ranks in this process. The run is the first of them.
func (r *run) simulate(ctx context.Context) error {
	n := r.ranks.ranks
	threads := r.workers()
	// Each rank has its share of the workers, at least one; the result does not depend on how many.
	r.threads = max(threads/n, 1)
	defer func() { r.threads = 0 }()
	all := []*run{r}
	for len(all) < n {
		all = append(all, r.clone())
	}
	errs := make([]error, n)
	var running sync.WaitGroup
	for i, t := range parallel.NewLocal(n, max(threads/r.threads, 1)) {
		running.Go(func() {
			all[i].transport = t
			errs[i] = recoverAsError(func() error { return all[i].trainLegs(ctx) })
			t.Leave(errs[i])
		})
	}
	running.Wait()
	for _, err := range errs {
		if err != nil && !errors.As(err, new(*parallel.RankError)) {
			return err // the cause, whichever rank has it
		}
	}
	return errors.Join(errs...)
}

// clone returns another rank, which begins with the same parameters. It observes nothing and saves nothing.
func (r *run) clone() *run {
	spare := r.plan.replicaRows(r.cfg.Window) * r.workers()
	c := &run{
		cfg: r.cfg, text: r.text, kernel: r.kernel, subsample: r.subsample, negatives: r.negatives, plan: r.plan, guard: r.guard, weigh: r.weigh,
		schedule: r.schedule, position: r.position, ranks: r.ranks, threads: r.threads,
		parameters: &parameters{r.parameters.Vocabulary, cloneMatrix(r.parameters.Input, spare), cloneMatrix(r.parameters.Output, spare), nil},
		progress:   newProgress(r.cfg.Epochs, r.schedule.total),
	}
	return c
}

func cloneMatrix(m *model.Matrix, spare int) *model.Matrix {
	c := newMatrix(m.Rows, spare, m.Dim)
	copy(c.Data, m.Data)
	return c
}
