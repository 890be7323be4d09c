package train

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A barrier lets a fixed number of goroutines wait for each other again and
// again. A phase of a round takes less than a millisecond, less than it may take to wake
// a goroutine that sleeps: so waiting begins with a short while of looking.
type barrier struct {
	size    int32
	waiting atomic.Int32
	turn    atomic.Uint32
	mu      sync.Mutex
	moved   sync.Cond
}

func newBarrier(size int) *barrier {
	b := &barrier{size: int32(size)}
	b.moved.L = &b.mu
	return b
}

// How long waiting is looking: so many times without and with giving others the processor.
const (
	spins  = 2000
	yields = 50
)

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
	for i := range spins + yields {
		if b.turn.Load() != turn {
			return
		}
		if i >= spins {
			runtime.Gosched()
		}
	}
	b.mu.Lock()
	for b.turn.Load() == turn {
		b.moved.Wait()
	}
	b.mu.Unlock()
}
