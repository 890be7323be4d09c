package train

import (
	"fmt"
	"runtime/debug"
)

// A PanicError reports that a worker failed in a way that nobody foresaw: a fault of the program.
type PanicError struct {
	Value any
	// Stack tells where it was.
	Stack string
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("a worker failed: %v; this is a fault of kindred, please report it", e.Value)
}

// guarded runs work and returns a panic in it as a *[PanicError], so that other
// workers end in an orderly way and the caller learns of it.
func guarded(work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, string(debug.Stack())}
		}
	}()
	return work()
}
