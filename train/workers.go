package train

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// A barrier lets a fixed number of goroutines wait for each other repeatedly. Waking a
// sleeping goroutine would take a good part of a phase of a round, which is less than a millisecond.
// So goroutines spin before they sleep, if there is a processor for each.
type barrier struct {
	size    int32
	spins   int
	waiting atomic.Int32
	phase   atomic.Uint32
	mu      sync.Mutex
	moved   sync.Cond
}

// spins is how many times a goroutine checks before it sleeps, which takes about a tenth of a
// millisecond.
const spins = 100_000

func newBarrier(size int) *barrier {
	b := &barrier{size: int32(size)}
	b.moved.L = &b.mu
	if size <= runtime.GOMAXPROCS(0) {
		b.spins = spins
	}
	return b
}

// wait returns when all goroutines have called it. The last of them calls last before any returns.
func (b *barrier) wait(last func()) {
	phase := b.phase.Load()
	if b.waiting.Add(1) == b.size {
		last()
		b.waiting.Store(0)
		b.mu.Lock()
		b.phase.Add(1)
		b.mu.Unlock()
		b.moved.Broadcast()
		return
	}
	for range b.spins {
		if b.phase.Load() != phase {
			return
		}
	}
	b.mu.Lock()
	for b.phase.Load() == phase {
		b.moved.Wait()
	}
	b.mu.Unlock()
}

// A PanicError reports that a worker panicked, which is a bug of kindred.
type PanicError struct {
	// Value is what the worker panicked with, Stack its stack trace.
	Value any
	Stack string
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("a worker failed: %v; this is a fault of kindred, please report it", e.Value)
}

// recoverAsError calls work and returns a panic in it as a *[PanicError], so that the other
// workers stop in an orderly way and the caller gets the error.
func recoverAsError(work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, string(debug.Stack())}
		}
	}()
	return work()
}
