package serve

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"kindred/internal/version"
)

// metrics counts requests by address and status, and how long they took. The text format of Prometheus is a few
// lines, so it needs no library.
type metrics struct {
	mu        sync.Mutex
	requests  map[requestKind]int64
	durations map[string]*durations // by address
}

type requestKind struct {
	address string
	status  int
}

// durations are a histogram: buckets counts the requests that took no longer than each of the bounds.
type durations struct {
	buckets [len(latencyBounds)]int64
	seconds float64
	count   int64
}

// latencyBounds are the upper bounds of the histograms, in seconds.
var latencyBounds = [...]float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

func newMetrics() *metrics {
	return &metrics{requests: map[requestKind]int64{}, durations: map[string]*durations{}}
}

// observe counts a request.
func (m *metrics) observe(pattern string, status int, took time.Duration) {
	if _, address, ok := strings.Cut(pattern, " "); ok {
		pattern = address // without the method
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[requestKind{pattern, status}]++
	d := m.durations[pattern]
	if d == nil {
		d = new(durations)
		m.durations[pattern] = d
	}
	d.count++
	d.seconds += took.Seconds()
	for i, bound := range latencyBounds {
		if took.Seconds() <= bound {
			d.buckets[i]++
		}
	}
}

// label returns a value of a label as the text format writes it.
func label(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(value, "\uFFFD")) + `"`
}

// writeMetrics writes the figures in the text format of Prometheus, version 0.0.4.
func (s *Server) writeMetrics(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	head := func(name, kind, help string) {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
	}
	head("kindred_build_info", "gauge", "The version of the program.")
	fmt.Fprintf(&b, "kindred_build_info{version=%s} 1\n", label(version.String()))
	s.metrics.write(&b, head)
	waiting := 0
	for _, src := range s.sources {
		waiting += src.current.Load().scanner.length()
	}
	for _, g := range []struct {
		name, help string
		value      int
	}{
		{"kindred_requests_in_progress", "Requests that are worked on or wait.", len(s.requests)},
		{"kindred_searches_waiting", "Searches that wait to be made together.", waiting},
		{"kindred_connections", "Open connections.", s.connections.number()},
	} {
		head(g.name, "gauge", g.help)
		fmt.Fprintf(&b, "%s %d\n", g.name, g.value)
	}
	models := func(name, kind, help string, value func(*source) any) {
		head(name, kind, help)
		for _, src := range s.sources {
			fmt.Fprintf(&b, "%s{model=%s} %v\n", name, label(src.name), value(src))
		}
	}
	models("kindred_words", "gauge", "Words of a model.", func(src *source) any { return src.current.Load().e.Vocabulary.Len() })
	models("kindred_loaded_timestamp_seconds", "gauge", "When the version of a model that is served was loaded.",
		func(src *source) any { return src.current.Load().loaded.Unix() })
	models("kindred_reloads_total", "counter", "How often the file of a model was loaded again.",
		func(src *source) any { _, reloads, _ := src.state(); return reloads })
	models("kindred_stale", "gauge", "1 if the newest version of a file can't be served.",
		func(src *source) any { failure, _, _ := src.state(); return number(failure != "") })
	models("kindred_failing", "gauge", "1 if a model can't be asked.",
		func(src *source) any { _, _, failed := src.state(); return number(failed != nil) })
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

func number(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// write writes the figures of requests.
func (m *metrics) write(b *bytes.Buffer, head func(name, kind, help string)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	head("kindred_requests_total", "counter", "Requests by address and status.")
	for _, k := range slices.SortedFunc(maps.Keys(m.requests), func(a, b requestKind) int {
		return cmp.Or(strings.Compare(a.address, b.address), a.status-b.status)
	}) {
		fmt.Fprintf(b, "kindred_requests_total{address=%s,status=\"%d\"} %d\n", label(k.address), k.status, m.requests[k])
	}
	head("kindred_request_seconds", "histogram", "How long requests took.")
	for _, address := range slices.Sorted(maps.Keys(m.durations)) {
		d, of := m.durations[address], label(address)
		for i, bound := range latencyBounds {
			fmt.Fprintf(b, "kindred_request_seconds_bucket{address=%s,le=\"%v\"} %d\n", of, bound, d.buckets[i])
		}
		fmt.Fprintf(b, "kindred_request_seconds_bucket{address=%s,le=\"+Inf\"} %d\n", of, d.count)
		fmt.Fprintf(b, "kindred_request_seconds_sum{address=%s} %v\nkindred_request_seconds_count{address=%s} %d\n", of, d.seconds, of, d.count)
	}
}
