package train

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A barrier lets a fixed number of goroutines wait for each other again and
// again. A phase of a round takes less than a millisecond, and waking a goroutine that sleeps a good part of it: so
// waiting is looking first, where there are processors for all.
type barrier struct {
	size    int32
	spins   int
	waiting atomic.Int32
	turn    atomic.Uint32
	mu      sync.Mutex
	moved   sync.Cond
}

// spins is how many times a goroutine looks before it sleeps: about a tenth of a millisecond.
const spins = 100_000

func newBarrier(size int) *barrier {
	b := &barrier{size: int32(size)}
	b.moved.L = &b.mu
	if size <= runtime.GOMAXPROCS(0) {
		b.spins = spins
	}
	return b
}

// wait returns when all goroutines have called it. The last one to come calls last first, while no other
// is under way.
func (b *barrier) wait(last func()) {
	turn := b.turn.Load()
	if b.waiting.Add(1) == b.size {
		last()
		b.waiting.Store(0)
		b.mu.Lock()
		b.turn.Add(1)
		b.mu.Unlock()
		b.moved.Broadcast()
		return
	}
	for range b.spins {
		if b.turn.Load() != turn {
			return
		}
	}
	b.mu.Lock()
	for b.turn.Load() == turn {
		b.moved.Wait()
	}
	b.mu.Unlock()
}
