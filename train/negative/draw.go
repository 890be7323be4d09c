package negative

import (
	"slices"

	"kindred/internal/random"
)

// Draw draws the negatives of a run of training steps from the noise. Step i has the targets
// targets[i*width:(i+1)*width], whose first one is its positive target and is there already. A
// draw that equals it is drawn again, so that each step has width-1 negatives. As many consecutive
// steps as windows share negatives have the same ones, except those that are a step's own target.
//
// The centers are those of the block; see [Noise]. The state is that of a SplitMix64 generator.
func (w *Worker) Draw(targets []int32, width int, centers []int32, state *uint64, done *Tally) {
	noise, k, steps, share := w.plan.Noise, width-1, len(targets)/width, w.plan.sharedWindows
	w.draws = slices.Grow(w.draws[:0], k*steps)[:k*((steps+share-1)/share)]
	noise.Draw(w.draws, centers, state)
	for i := range steps {
		step := targets[i*width : (i+1)*width]
		target, negatives := step[0], step[1:]
		if i%share == 0 {
			copy(negatives, w.draws[i/share*k:])
		} else {
			copy(negatives, targets[(i-1)*width+1:i*width])
		}
		for n := range negatives {
			for negatives[n] == target {
				noise.Draw(negatives[n:n+1], centers, state)
				done.Rejected[isTarget]++
			}
		}
	}
	done.Drawn += int64(steps * k)
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

// DrawFromPool is like [Worker.Draw] with negatives from a pool: each set is a run of it from a
// random place on. As the pool is a sample of the noise, so is each run. It skips what equals the
// positive target. Steps that share negatives begin at the same place.
func (w *Worker) DrawFromPool(pool, targets []int32, width int, state *uint64, done *Tally) {
	rng, share, steps := (*random.Stream)(state), w.plan.sharedWindows, len(targets)/width
	next := 0
	for i := range steps {
		step := targets[i*width : (i+1)*width]
		if i%share == 0 {
			next = int(rng.Uint32n(uint32(len(pool))))
		}
		place := next
		for n := 1; n < len(step); {
			step[n] = pool[place]
			if place++; place == len(pool) {
				place = 0
			}
			if step[n] == step[0] {
				done.Rejected[isTarget]++
			} else {
				n++
			}
		}
	}
	done.Drawn += int64(steps * (width - 1))
}
