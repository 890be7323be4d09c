package corpus

import (
	"context"
	"sync"
)

// lanes is how many inputs are read and decompressed at a time. It is the same on all
// machines, since it decides the order in which their pieces are taken.
const lanes = 8

// laneDepth is how many pieces a lane has ready.
const laneDepth = 2

// pieces reads all inputs once and hands their text to yield piece by piece.
// The pieces may be used in other goroutines, by any number at a time; each
// should be released after use. pieces returns the first error of yield, of
// reading, or of ctx, which it looks at between pieces.
//
// Input i is read in lane i mod lanes, and the lanes take turns: a piece of each, until all
// have ended. So several compressed files are unpacked at the same time, and the
// order still depends on nothing but the inputs. The pieces of one input come in its order.
//
// The last piece of an input may be empty: it ends a line that seemed to go on.
func (s *Source) pieces(ctx context.Context, yield func(piece) error) error {
	if len(s.inputs) == 1 {
		return s.inputPieces(ctx, 0, yield)
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	var open []*lane
	for first := range min(lanes, len(s.inputs)) {
		l := &lane{ready: make(chan piece, laneDepth)}
		open = append(open, l)
		running.Go(func() { l.read(ctx, s, first) })
	}
	disk := make([]int64, len(s.inputs))
	sum := int64(0)
	for len(open) > 0 {
		still := open[:0]
		for _, l := range open {
			p, ok := <-l.ready
			if !ok {
				if l.err != nil {
					return l.err
				}
				continue
			}
			still = append(still, l)
			sum += p.disk - disk[p.input]
			disk[p.input] = p.disk
			p.disk = sum
			if err := yield(p); err != nil {
				return err
			}
		}
		open = still
	}
	return nil
}

// A lane reads some of the inputs, one after the other.
type lane struct {
	ready chan piece
	err   error // to be looked at when ready is closed
}

// read reads every input of the lane that begins with the given one.
func (l *lane) read(ctx context.Context, s *Source, first int) {
	defer close(l.ready)
	for i := first; i < len(s.inputs) && l.err == nil; i += lanes {
		l.err = s.inputPieces(ctx, i, func(p piece) error {
			select {
			case l.ready <- p:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
	}
}
