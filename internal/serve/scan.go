package serve

import (
	"context"
	"slices"
	"sync"

	"kindred/model/search"
)

// A scanner answers searches of one index. Those that come while it searches wait and are then made together, as one
// pass over the vectors for many questions takes much less time than a pass for each. Answers do not depend on that.
type scanner struct {
	index   *search.Index
	mu      sync.Mutex
	waiting []*scan
	running bool
}

// A scan is a search that waits.
type scan struct {
	ctx      context.Context
	restrict int
	top      int
	query    []float32
	exclude  []int
	answer   chan []search.Neighbor // has room for the answer
}

// mostScans is how many searches are made together. Package search takes as many at a time.
const mostScans = 64

// nearest is [search.Index.Nearest] among the first restrict words, all if it is 0.
func (s *scanner) nearest(ctx context.Context, restrict, top int, query []float32, exclude []int) ([]search.Neighbor, error) {
	q := &scan{ctx, restrict, top, query, exclude, make(chan []search.Neighbor, 1)}
	s.mu.Lock()
	s.waiting = append(s.waiting, q)
	if !s.running {
		s.running = true
		go s.run()
	}
	s.mu.Unlock()
	select {
	case list := <-q.answer:
		return list, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// run answers searches until none waits.
func (s *scanner) run() {
	for {
		scans := s.next()
		if len(scans) == 0 {
			return
		}
		top := 0
		queries, exclude := make([][]float32, len(scans)), make([][]int, len(scans))
		for i, q := range scans {
			top, queries[i], exclude[i] = max(top, q.top), q.query, q.exclude
		}
		for i, list := range s.index.First(scans[0].restrict).NearestAll(queries, top, exclude) {
			scans[i].answer <- list[:min(len(list), scans[i].top)]
		}
	}
}

// next returns the searches to be made next: the one that has waited longest, and others with the same candidates. If there
// are none, the scanner does not run any more.
func (s *scanner) next() []*scan {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = slices.DeleteFunc(s.waiting, func(q *scan) bool { return q.ctx.Err() != nil })
	if len(s.waiting) == 0 {
		s.running = false
		return nil
	}
	restrict := s.waiting[0].restrict
	var scans []*scan
	s.waiting = slices.DeleteFunc(s.waiting, func(q *scan) bool {
		taken := len(scans) < mostScans && q.restrict == restrict
		if taken {
			scans = append(scans, q)
		}
		return taken
	})
	return scans
}

// length returns how many searches wait.
func (s *scanner) length() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting)
}
