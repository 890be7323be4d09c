package train

import "kindred/internal/random"

// drawPool fills pool with the negatives from which the windows of one block choose. Words may occur
// several times in it, as often as the noise distribution has it; at least two differ.
func drawPool(pool []int32, noise noise, rng *random.Stream) {
	noise.draw(pool, rng)
	for pool[0] == pool[len(pool)-1] && !differ(pool) {
		noise.draw(pool[:1], rng)
	}
}

// addPooled chooses the negatives of all steps of a batch from the pool, each set a run of it from a random
// place on. As the pool is a sample of the noise distribution, so is each run. What equals the target is
// passed over, so that k is k. The steps of share consecutive windows begin at the same place.
func (b *batch) addPooled(pool []int32, share int, rng *random.Stream) {
	next := 0
	for i := range b.ends {
		targets := b.targets[i*b.width : (i+1)*b.width]
		if i%share == 0 {
			next = int(rng.Uint32n(uint32(len(pool))))
		}
		place := next
		for n := 1; n < len(targets); {
			targets[n] = pool[place]
			if place++; place == len(pool) {
				place = 0
			}
			if targets[n] == targets[0] {
				b.repeats++
			} else {
				n++
			}
		}
	}
}
