package serve

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// metrics counts requests by address and status, and how long they took. The text format of Prometheus is a few
// lines; its client library would more than double what the program links for the server.
type metrics struct {
	mu       sync.Mutex
	requests map[requestKind]int64
	// buckets counts the requests that took no longer than each of the bounds.
	buckets [len(latencyBounds)]int64
	seconds float64
	count   int64
}

type requestKind struct {
	address string
	status  int
}

// latencyBounds are the upper bounds of the histogram of durations, in seconds.
var latencyBounds = [...]float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

func newMetrics() *metrics { return &metrics{requests: map[requestKind]int64{}} }

// observe counts a request.
func (m *metrics) observe(pattern string, status int, took time.Duration) {
	if _, address, ok := strings.Cut(pattern, " "); ok {
		pattern = address // without the method
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[requestKind{pattern, status}]++
	m.count++
	m.seconds += took.Seconds()
	for i, bound := range latencyBounds {
		if took.Seconds() <= bound {
			m.buckets[i]++
		}
	}
}

// writeMetrics writes the figures in the text format of Prometheus, version 0.0.4.
func (s *Server) writeMetrics(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	m := s.metrics
	m.mu.Lock()
	kinds := make([]requestKind, 0, len(m.requests))
	for k := range m.requests {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b requestKind) int {
		if c := strings.Compare(a.address, b.address); c != 0 {
			return c
		}
		return a.status - b.status
	})
	fmt.Fprintf(&b, "# HELP kindred_requests_total Requests by address and status.\n# TYPE kindred_requests_total counter\n")
	for _, k := range kinds {
		fmt.Fprintf(&b, "kindred_requests_total{address=%q,status=\"%d\"} %d\n", k.address, k.status, m.requests[k])
	}
	fmt.Fprintf(&b, "# HELP kindred_request_seconds How long requests took.\n# TYPE kindred_request_seconds histogram\n")
	for i, bound := range latencyBounds {
		fmt.Fprintf(&b, "kindred_request_seconds_bucket{le=\"%v\"} %d\n", bound, m.buckets[i])
	}
	fmt.Fprintf(&b, "kindred_request_seconds_bucket{le=\"+Inf\"} %d\nkindred_request_seconds_sum %v\nkindred_request_seconds_count %d\n", m.count, m.seconds, m.count)
	m.mu.Unlock()
	fmt.Fprintf(&b, "# HELP kindred_working Requests that are worked on.\n# TYPE kindred_working gauge\nkindred_working %d\n", len(s.slots))
	fmt.Fprintf(&b, "# HELP kindred_words Words of a model.\n# TYPE kindred_words gauge\n")
	for _, src := range s.sources {
		fmt.Fprintf(&b, "kindred_words{model=%q} %d\n", src.name, src.current.Load().e.Vocabulary.Len())
	}
	fmt.Fprintf(&b, "# HELP kindred_reloads_total How often the file of a model was loaded again.\n# TYPE kindred_reloads_total counter\n")
	for _, src := range s.sources {
		_, reloads := src.state()
		fmt.Fprintf(&b, "kindred_reloads_total{model=%q} %d\n", src.name, reloads)
	}
	fmt.Fprintf(&b, "# HELP kindred_stale Whether the newest version of a file can't be served.\n# TYPE kindred_stale gauge\n")
	for _, src := range s.sources {
		stale := 0
		if failure, _ := src.state(); failure != "" {
			stale = 1
		}
		fmt.Fprintf(&b, "kindred_stale{model=%q} %d\n", src.name, stale)
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}
