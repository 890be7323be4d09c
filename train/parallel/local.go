package parallel

import (
	"sync"
)

// NewLocal returns the transports of ranks that are goroutines of one process. At most running of them are not in an Exchange, so
// that this many processors suffice.
func NewLocal(ranks, running int) []Transport {
	g := &localGroup{turns: make(chan struct{}, max(running, 1)), sent: make([][][]byte, ranks)}
	g.arrived = sync.NewCond(&g.mu)
	all := make([]Transport, ranks)
	for i := range all {
		all[i] = &local{group: g, rank: i}
	}
	return all
}

// A localGroup has the messages of the present exchange.
type localGroup struct {
	turns   chan struct{} // has an element for each rank that is running
	mu      sync.Mutex
	arrived *sync.Cond
	number  int
	sent    [][][]byte // of each rank; nil if it has not arrived
	last    [][][]byte // of the last exchange
	failed  *RankError
}

type local struct {
	group   *localGroup
	rank    int
	running bool
	in      [][]byte
}

func (l *local) Rank() int { return l.rank }

func (l *local) Ranks() int { return len(l.group.sent) }

// Exchange hands messages over without a copy, which what a Transport asks of its user permits.
func (l *local) Exchange(out [][]byte) ([][]byte, error) {
	if l.running {
		<-l.group.turns
		l.running = false
	}
	sent, err := l.group.exchange(l.rank, out)
	if err != nil {
		return nil, err
	}
	l.group.turns <- struct{}{}
	l.running = true
	l.in = l.in[:0]
	for _, messages := range sent {
		l.in = append(l.in, messages[l.rank])
	}
	return l.in, nil
}

func (g *localGroup) exchange(rank int, out [][]byte) ([][][]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	number := g.number
	g.sent[rank] = out
	complete := true
	for _, messages := range g.sent {
		complete = complete && messages != nil
	}
	if complete {
		g.last, g.sent, g.number = g.sent, make([][][]byte, len(g.sent)), number+1
		g.arrived.Broadcast()
	}
	for g.number == number && g.failed == nil {
		g.arrived.Wait()
	}
	if g.number == number {
		return nil, g.failed
	}
	return g.last, nil
}

func (l *local) Leave(err error) {
	g := l.group
	if l.running {
		<-g.turns
		l.running = false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil && g.failed == nil {
		g.failed = &RankError{l.rank, err}
		g.arrived.Broadcast()
	}
}
