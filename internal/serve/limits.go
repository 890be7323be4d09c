package serve

import (
	"container/list"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Limits bound what requests can cost.
type Limits struct {
	// Body is the size in bytes of the largest body of a request, Answer that of the largest answer, and Batch the
	// number of requests in the largest batch.
	Body, Answer int64
	Batch        int
	// Memory is how many bytes the bodies and answers of all requests may take together, but for the first
	// freeBytes of each: large requests wait for none, so they can't keep small ones out.
	Memory int64
	// Concurrent is how many requests are worked on or wait for their turn. Workers is how many of them are worked on,
	// besides searches, which are collected and made together.
	Concurrent, Workers int
	// Wait is how long a request waits and is worked on at most, Receive how long its header and body may take to come.
	Wait, Receive time.Duration
	// Connections is how many there may be. If there are more, the one that has been idle longest is closed.
	Connections int
}

// DefaultLimits returns the limits that docs/serve.md states.
func DefaultLimits() Limits {
	return Limits{
		Body: 1 << 20, Answer: 16 << 20, Batch: 1000, Memory: 256 << 20,
		Concurrent: 2048, Workers: 2 * runtime.GOMAXPROCS(0),
		Wait: 30 * time.Second, Receive: 15 * time.Second, Connections: 4096,
	}
}

const (
	// freeBytes of each request are not counted.
	freeBytes = 64 << 10
	// bodyCost is how many bytes of memory a byte of JSON may become when it is decoded.
	bodyCost = 8
)

// A budget is memory that all requests share.
type budget struct{ left atomic.Int64 }

// A loan is what one request has of a budget. It is safe for concurrent use.
type loan struct {
	from  *budget
	mu    sync.Mutex
	free  int64
	taken int64
}

func (b *budget) loan() *loan { return &loan{from: b, free: freeBytes} }

// take asks for n bytes more, and reports whether there are as many.
func (l *loan) take(n int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	gift := min(n, l.free)
	l.free -= gift
	n -= gift
	if n > 0 && l.from.left.Add(-n) < 0 {
		l.from.left.Add(n)
		return false
	}
	l.taken += n
	return true
}

// end gives all back.
func (l *loan) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.from.left.Add(l.taken)
	l.taken = 0
}

// connections close those that have been idle longest if there are too many.
type connections struct {
	most int
	mu   sync.Mutex
	all  map[net.Conn]*idleConnection
	// idle has the connections without a request, the oldest in front.
	idle *list.List
}

// An idleConnection is a connection without a request; a nil one stands for a connection with one.
type idleConnection struct {
	place *list.Element
	fresh bool // it has not had a request yet
}

func newConnections(most int) *connections {
	return &connections{most: most, all: map[net.Conn]*idleConnection{}, idle: list.New()}
}

// change is the hook [http.Server.ConnState].
func (c *connections) change(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(conn)
	switch state {
	case http.StateNew, http.StateIdle:
		c.all[conn] = &idleConnection{c.idle.PushBack(conn), state == http.StateNew}
	case http.StateActive:
		c.all[conn] = nil
	}
	if len(c.all) > c.most {
		oldest := conn
		if front := c.idle.Front(); front != nil {
			oldest = front.Value.(net.Conn)
		}
		c.forget(oldest)
		_ = oldest.Close() // its goroutine notices
	}
}

func (c *connections) forget(conn net.Conn) {
	if idle := c.all[conn]; idle != nil {
		c.idle.Remove(idle.place)
	}
	delete(c.all, conn)
}

// closeFresh closes the connections that have not had a request, which [http.Server.Shutdown] would wait for.
func (c *connections) closeFresh() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn, idle := range c.all {
		if idle != nil && idle.fresh {
			_ = conn.Close()
		}
	}
}

func (c *connections) number() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.all)
}
