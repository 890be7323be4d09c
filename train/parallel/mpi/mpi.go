//go:build mpi

package mpi

/*
#cgo pkg-config: ompi-c
#include <mpi.h>
#include <stdlib.h>

// The constants of Open MPI and MPICH are macros with casts.
static MPI_Comm world(void) { return MPI_COMM_WORLD; }
static int keepErrors(MPI_Comm c) { return MPI_Comm_set_errhandler(c, MPI_ERRORS_RETURN); }
static int start(int *provided) { return MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, provided); }
static int sendBytes(void *data, int n, int to, int tag, MPI_Comm c, MPI_Request *r) {
	return MPI_Isend(data, n, MPI_BYTE, to, tag, c, r);
}
static int sendSafely(void *data, int n, int to, int tag, MPI_Comm c, MPI_Request *r) {
	return MPI_Issend(data, n, MPI_BYTE, to, tag, c, r);
}
// probe finds a message from a rank, or from any one if it is negative.
static int probe(int from, int tag, MPI_Comm c, int *found, MPI_Message *m, int *source, int *bytes) {
	MPI_Status s;
	int err = MPI_Improbe(from < 0 ? MPI_ANY_SOURCE : from, tag, c, found, m, &s);
	if (err == MPI_SUCCESS && *found) {
		*source = s.MPI_SOURCE;
		err = MPI_Get_count(&s, MPI_BYTE, bytes);
	}
	return err;
}
static int receive(void *data, int n, MPI_Message *m, MPI_Request *r) { return MPI_Imrecv(data, n, MPI_BYTE, m, r); }
static int done(MPI_Request *r, int *flag) { return MPI_Test(r, flag, MPI_STATUS_IGNORE); }
*/
import "C"

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"kindred/train/parallel"
)

// Available says whether this program was built with MPI.
const Available = true

const (
	tagMessage = iota + 1
	tagPulse   // a sign of life
	tagFailure // why a rank failed
	tagEnd     // rank 0 has said what there is to say
)

const (
	pulseInterval = time.Second
	// silence is how long nothing may be heard of a rank that others wait for.
	silence = 20 * time.Second
	// farewell is how long a rank that ends with an error waits for rank 0 to end the job.
	farewell = 3 * time.Second
)

// A World connects the ranks of an MPI job. One goroutine, which keeps its thread, makes all calls of MPI.
type World struct {
	rank, ranks int
	work        chan func()
	ended       chan struct{}
	leaving     sync.Once
	// announcing says that this rank has told the user what happened, and over that rank 0 has.
	announcing, over atomic.Bool

	// All of the following belongs to that goroutine.
	comm      C.MPI_Comm
	heard     []time.Time // of each rank
	hosts     []string
	pulses    []*transfer // the last sign of life to each rank
	pulsed    time.Time
	failed    *parallel.RankError
	buffers   [2][][]byte // of received messages, by turns
	turn      int
	finalized bool
}

// A transfer is a message on its way. MPI reads or writes its data until it is done.
type transfer struct {
	request C.MPI_Request
	pinned  runtime.Pinner
	done    bool
}

// Start begins to use MPI. It returns nil if the process was not started by an MPI launcher.
func Start() (*World, error) {
	if _, launched := launched(); !launched {
		return nil, nil
	}
	w := &World{work: make(chan func()), ended: make(chan struct{})}
	started := make(chan error)
	go w.serve(started)
	if err := <-started; err != nil {
		return nil, err
	}
	host, _ := os.Hostname()
	out := make([][]byte, w.ranks)
	for i := range out {
		out[i] = []byte(host)
	}
	in, err := w.Exchange(out)
	if err != nil {
		return nil, err
	}
	for _, name := range in {
		w.hosts = append(w.hosts, string(name))
	}
	return w, nil
}

func (w *World) Rank() int { return w.rank }

func (w *World) Ranks() int { return w.ranks }

// serve makes the calls of MPI.
func (w *World) serve(started chan<- error) {
	runtime.LockOSThread()
	if err := w.begin(); err != nil {
		started <- err
		return
	}
	started <- nil
	tick := time.NewTicker(pulseInterval / 4)
	defer tick.Stop()
	for {
		select {
		case f := <-w.work:
			if f == nil {
				close(w.ended)
				return
			}
			f()
		case <-tick.C:
		}
		w.attend()
	}
}

func (w *World) begin() error {
	var provided, rank, ranks C.int
	if code := C.start(&provided); code != C.MPI_SUCCESS {
		return fmt.Errorf("MPI can't start: %w", mpiError(code))
	}
	if provided < C.MPI_THREAD_FUNNELED {
		return errors.New("this MPI does not work with programs that have threads; use one that provides MPI_THREAD_FUNNELED")
	}
	w.comm = C.world()
	if err := errors.Join(
		mpiError(C.keepErrors(w.comm)), mpiError(C.MPI_Comm_rank(w.comm, &rank)), mpiError(C.MPI_Comm_size(w.comm, &ranks)),
	); err != nil {
		return err
	}
	w.rank, w.ranks = int(rank), int(ranks)
	w.heard, w.pulses = make([]time.Time, w.ranks), make([]*transfer, w.ranks)
	for i := range w.buffers {
		w.buffers[i] = make([][]byte, w.ranks)
	}
	now := time.Now()
	for i := range w.heard {
		w.heard[i] = now
	}
	return nil
}

// do calls f in the goroutine that makes the calls of MPI.
func (w *World) do(f func()) {
	done := make(chan struct{})
	w.work <- func() {
		defer close(done)
		f()
	}
	<-done
}

// mpiError returns nil for success.
func mpiError(code C.int) error {
	if code == C.MPI_SUCCESS {
		return nil
	}
	text := (*C.char)(C.malloc(C.MPI_MAX_ERROR_STRING))
	defer C.free(unsafe.Pointer(text))
	var n C.int
	if C.MPI_Error_string(code, text, &n) != C.MPI_SUCCESS {
		return fmt.Errorf("MPI reports the error %d", code)
	}
	return fmt.Errorf("MPI: %s", C.GoStringN(text, n))
}

// attend sends and takes signs of life, and takes what other ranks say of failures.
func (w *World) attend() {
	if w.finalized {
		return
	}
	now := time.Now()
	if now.Sub(w.pulsed) >= pulseInterval {
		w.pulsed = now
		for rank := range w.ranks {
			if last := w.pulses[rank]; rank != w.rank && (last == nil || w.isDone(last)) {
				w.pulses[rank], _ = w.send(rank, tagPulse, []byte{0})
			}
		}
	}
	if w.announcing.Swap(false) {
		w.tell(tagEnd, []byte{0})
	}
	for {
		data, from, err := w.take(tagPulse)
		if err != nil || data == nil {
			break
		}
		w.heard[from] = now
	}
	if w.failed == nil {
		if data, from, err := w.take(tagFailure); err == nil && data != nil {
			w.failed = &parallel.RankError{Rank: from, Err: errors.New(string(data))}
		}
	}
	if data, _, err := w.take(tagEnd); err == nil && data != nil {
		w.over.Store(true)
	}
}

// take receives a short message that has arrived; nil if there is none.
func (w *World) take(tag C.int) ([]byte, int, error) {
	var found, source, n C.int
	var m C.MPI_Message
	if err := mpiError(C.probe(-1, tag, w.comm, &found, &m, &source, &n)); err != nil || found == 0 {
		return nil, 0, err
	}
	data := make([]byte, n, n+1)
	t, err := w.receive(data, &m)
	if err != nil {
		return nil, 0, err
	}
	for !w.isDone(t) {
		runtime.Gosched()
	}
	return data, int(source), nil
}

// isDone reports whether a transfer is done. An error of MPI counts as an end.
func (w *World) isDone(t *transfer) bool {
	if t.done {
		return true
	}
	var flag C.int
	if err := mpiError(C.done(&t.request, &flag)); err != nil || flag != 0 {
		t.done = true
		t.pinned.Unpin()
	}
	return t.done
}

var nothing [1]byte

func (t *transfer) pin(data []byte) unsafe.Pointer {
	p := unsafe.SliceData(data)
	if cap(data) == 0 {
		p = &nothing[0]
	}
	t.pinned.Pin(p)
	return unsafe.Pointer(p)
}

// send begins to send data.
func (w *World) send(to int, tag C.int, data []byte) (*transfer, error) {
	if len(data) > math.MaxInt32 {
		return nil, fmt.Errorf("a message of %d bytes is too long", len(data))
	}
	t := new(transfer)
	if err := mpiError(C.sendBytes(t.pin(data), C.int(len(data)), C.int(to), tag, w.comm, &t.request)); err != nil {
		t.pinned.Unpin()
		return nil, err
	}
	return t, nil
}

// receive begins to receive the message m in data.
func (w *World) receive(data []byte, m *C.MPI_Message) (*transfer, error) {
	t := new(transfer)
	if err := mpiError(C.receive(t.pin(data), C.int(len(data)), m, &t.request)); err != nil {
		t.pinned.Unpin()
		return nil, err
	}
	return t, nil
}

// Exchange implements [parallel.Transport].
func (w *World) Exchange(out [][]byte) (in [][]byte, err error) {
	w.do(func() { in, err = w.exchange(out) })
	return in, err
}

func (w *World) exchange(out [][]byte) ([][]byte, error) {
	w.turn = 1 - w.turn
	buffers := w.buffers[w.turn]
	in := make([][]byte, w.ranks)
	in[w.rank] = out[w.rank]
	sends, receives := make([]*transfer, w.ranks), make([]*transfer, w.ranks)
	for i := 1; i < w.ranks; i++ {
		to := (w.rank + i) % w.ranks
		var err error
		if sends[to], err = w.send(to, tagMessage, out[to]); err != nil {
			return nil, fmt.Errorf("sending to rank %d: %w", to, err)
		}
	}
	began, attended := time.Now(), time.Now()
	for spins := 0; ; spins++ {
		waiting := -1 // for a rank
		for rank := range w.ranks {
			switch {
			case rank == w.rank:
				continue
			case receives[rank] == nil:
				var found, source, n C.int
				var m C.MPI_Message
				if err := mpiError(C.probe(C.int(rank), tagMessage, w.comm, &found, &m, &source, &n)); err != nil {
					return nil, fmt.Errorf("receiving from rank %d: %w", rank, err)
				}
				waiting = rank
				if found == 0 {
					continue
				}
				if cap(buffers[rank]) < int(n) {
					buffers[rank] = make([]byte, n, n+n/8+64)
				}
				in[rank] = buffers[rank][:n]
				var err error
				if receives[rank], err = w.receive(in[rank], &m); err != nil {
					return nil, fmt.Errorf("receiving from rank %d: %w", rank, err)
				}
			case !w.isDone(receives[rank]) || !w.isDone(sends[rank]):
				waiting = rank
			}
		}
		if waiting < 0 {
			return in, nil
		}
		if spins < 200 {
			runtime.Gosched()
			continue
		}
		time.Sleep(20 * time.Microsecond)
		now := time.Now()
		if now.Sub(attended) < 10*time.Millisecond {
			continue
		}
		attended = now
		w.attend()
		if w.failed != nil {
			return nil, w.failed
		}
		for rank := range w.ranks {
			open := receives[rank] == nil || !w.isDone(receives[rank]) || !w.isDone(sends[rank])
			last := w.heard[rank]
			if last.Before(began) {
				last = began
			}
			if rank != w.rank && open && now.Sub(last) > silence {
				w.failed = &parallel.RankError{Rank: rank, Err: &parallel.SilentError{Host: w.host(rank), For: now.Sub(last)}}
				return nil, w.failed
			}
		}
	}
}

func (w *World) host(rank int) string {
	if rank < len(w.hosts) {
		return w.hosts[rank]
	}
	return "its machine"
}

// Leave implements [parallel.Transport]. Only the first call has an effect.
func (w *World) Leave(err error) {
	if err == nil {
		return
	}
	w.leaving.Do(func() {
		if errors.As(err, new(*parallel.RankError)) {
			return // the others know
		}
		w.do(func() { w.tell(tagFailure, []byte(err.Error())) })
	})
}

// tell sends a message to all other ranks, as far as they take it within a second.
func (w *World) tell(tag C.int, message []byte) {
	var sends []*transfer
	for rank := range w.ranks {
		if rank == w.rank {
			continue
		}
		if t, err := w.send(rank, tag, message); err == nil {
			sends = append(sends, t)
		}
	}
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		open := false
		for _, t := range sends {
			open = !w.isDone(t) || open
		}
		if !open {
			return
		}
	}
}

// Announce tells the other ranks that rank 0 has told the user why the job ends; soon, but without waiting for it.
func (w *World) Announce() { w.announcing.Store(true) }

// Announced reports whether rank 0 has called Announce, or Close after a failure.
func (w *World) Announced() bool { return w.over.Load() }

// Close ends the use of MPI. After a success it waits for the other ranks. After a failure it ends all of them, once
// rank 0 has said why, or had time for it.
func (w *World) Close(failed bool) {
	if !failed {
		w.do(func() {
			C.MPI_Finalize()
			w.finalized = true
		})
		w.work <- nil
		<-w.ended
		return
	}
	if w.rank == 0 {
		w.do(func() { w.tell(tagEnd, []byte{0}) })
	} else {
		for end := time.Now().Add(farewell); time.Now().Before(end) && !w.Announced(); time.Sleep(10 * time.Millisecond) {
		}
	}
	w.do(func() { C.MPI_Abort(w.comm, 1) })
}
