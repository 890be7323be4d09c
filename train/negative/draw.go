package negative

import (
	"slices"

	"kindred/internal/random"
)

// Draw draws the negatives of a run of training steps from the noise. Step i has the targets
// targets[i*width:(i+1)*width], whose first one is its positive target and is there already. None of
// its width-1 negatives equals that. As many consecutive steps as windows share negatives have the
// same ones, but for those that are a step's own target.
//
// The negatives come by way of pools of the given size, at least 2, a new one for as many steps. So
// their rows are in the cache for most steps, and a draw from the noise serves width-1 of them.
//
// The centers are those of the block; see [Noise]. The state is that of a SplitMix64 generator.
func (w *Worker) Draw(targets []int32, width, poolSize int, centers []int32, state *uint64, done *Tally) {
	w.pool = slices.Grow(w.pool[:0], poolSize)[:poolSize]
	for len(targets) > 0 {
		n := min(poolSize*width, len(targets))
		w.DrawPool(w.pool, centers, state)
		w.DrawFromPool(w.pool, targets[:n], width, state, done)
		targets = targets[n:]
	}
}

// DrawPool fills pool with the negatives from which the windows of a block choose. Words occur in
// it as often as the noise has them; at least two differ.
func (w *Worker) DrawPool(pool, centers []int32, state *uint64) {
	noise := w.plan.Noise
	noise.Draw(pool, centers, state)
	for pool[0] == pool[len(pool)-1] && !differ(pool) {
		noise.Draw(pool[:1], centers, state)
	}
}

// DrawFromPool is like [Worker.Draw] with one pool: each set of negatives is a run of it from a random
// place on. As the pool is a sample of the noise, so is each run. It skips what equals the positive
// target. Steps that share negatives begin at the same place.
func (w *Worker) DrawFromPool(pool, targets []int32, width int, state *uint64, done *Tally) {
	rng, share, steps, k := (*random.Stream)(state), w.plan.sharedWindows, len(targets)/width, width-1
	// The pool goes on with its beginning, so that a run goes round without a test in each step.
	w.ring = append(append(w.ring[:0], pool...), pool[:min(k, len(pool))]...)
	ring, place := w.ring, 0
	for i := range steps {
		step := targets[i*width:][:width]
		if i%share == 0 {
			place = int(rng.Uint32n(uint32(len(pool))))
		}
		target, negatives := step[0], step[1:]
		if place+k > len(ring) || copyOthers(negatives, ring[place:], target) {
			done.Rejected[isTarget] += drawOthers(negatives, pool, place, target)
		}
	}
	done.Drawn += int64(steps * k)
}

// copyOthers copies the first words of src to dst and tells whether the target is among them.
func copyOthers(dst, src []int32, target int32) (found bool) {
	src = src[:len(dst)]
	for n, word := range src {
		dst[n] = word
		found = found || word == target
	}
	return found
}

// drawOthers fills negatives with the words of the pool from a place on, without the target, and
// returns how often it skipped it.
func drawOthers(negatives, pool []int32, place int, target int32) (skipped int64) {
	for n := 0; n < len(negatives); {
		negatives[n] = pool[place]
		if place++; place == len(pool) {
			place = 0
		}
		if negatives[n] == target {
			skipped++
		} else {
			n++
		}
	}
	return skipped
}
