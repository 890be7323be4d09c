package train

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"kindred/model"
	"kindred/train/parallel"
)

// A team is what a rank knows of a training by several ranks, which begin with the same parameters.
//
// At an exchange, a rank sends how far it moved each row that is due since the row last travelled. Each row has an owner among the ranks, who combines the moves of
// all, in the order of the ranks, and sends the result to all. So a rank sends and receives about twice the bytes of the rows, whatever the number of ranks.
//
// The moves of a row are weighed like those of the blocks of a round: see [overshoot]. That takes each row for itself. But all pairs of a word meet the negatives, so
// the rows of a matrix also move together, along the mean of the other matrix' rows, and there a rank has soon gone all the way, with rare rows too. The moves of
// the ranks along it are weighed as if their load was [sharedLoad] times as large.
type team struct {
	transport parallel.Transport
	rank      int
	plan      rankPlan
	leg       leg
	threads   int
	halvings  int   // of the next leg, by the guard
	legEnded  bool  // the round that is about to be merged was the last one of its leg
	done      tally // by this rank, since the last exchange

	before [2]*model.Matrix // rows as they were when they last travelled
	loads  [2][]float32     // of this rank's moves since then, by word; 0 if the row has not moved
	shared [2][]float32     // the unit vector along which the moves of all rows have much in common
	// moves and sums are the messages to each rank: moves to owners, and sums of moves from them.
	moves, sums [][]byte
	combined    [][]float32 // the moves of a row by the ranks
	sent        int64       // bytes to other ranks
	exchanges   int64
	dim         int
}

// moveBytes and sumBytes are what a row takes in a message to its owner, and in one from it.
func moveBytes(dim int) int { return 8 + 2*dim }
func sumBytes(dim int) int  { return 4 + 2*dim }

// chunkWords is how many words have rows in one message, so that messages stay small.
const chunkWords = 16384

// newTeam returns the team of a rank whose parameters are those of all.
func newTeam(t parallel.Transport, plan rankPlan, position block, g *guard, p *parameters, threads int) *team {
	m := &team{transport: t, rank: t.Rank(), plan: plan, leg: plan.leg(position, 0, g.Halvings[0]), halvings: g.Halvings[1], threads: threads, dim: p.Input.Dim}
	for matrix, rows := range []*model.Matrix{p.Input, p.Output} {
		m.before[matrix] = newMatrix(rows.Rows, 0, rows.Dim)
		copy(m.before[matrix].Data, rows.Data)
		m.loads[matrix] = make([]float32, rows.Rows)
		m.shared[matrix] = make([]float32, rows.Dim)
	}
	for range plan.ranks {
		m.combined = append(m.combined, make([]float32, m.dim))
	}
	m.moves, m.sums = make([][]byte, plan.ranks), make([][]byte, plan.ranks)
	return m
}

// teamBytes returns the memory that a team of a rank takes for so many words.
func teamBytes(words, dim, ranks int) int64 {
	message := int64(min(words, chunkWords)) * int64(2*moveBytes(dim))
	return 2*(model.MatrixBytes(words, dim)+4*int64(words)) + 4*message
}

// note adds what the last round did to the rows of a shard.
func (t *team) note(v *vocabularyShard) {
	for i, word := range v.words {
		for matrix := range t.loads {
			t.loads[matrix][word] += v.loads[i][matrix].total
		}
	}
}

// legOf returns the leg of a block that comes next: the present leg or the one after it.
func (t *team) legOf(b block) leg {
	if b.epoch == t.leg.first.epoch && b.index < t.leg.first.index+t.leg.blocks {
		return t.leg
	}
	return t.next()
}

// next returns the leg after the present one.
func (t *team) next() leg { return t.plan.next(t.leg, t.halvings) }

// share returns this rank's blocks of a leg.
func (t *team) share(l leg) (from, to int64) { return l.share(t.rank, t.plan.ranks) }

// start returns this rank's first block of a leg.
func (t *team) start(l leg) block {
	from, _ := t.share(l)
	return block{l.first.epoch, from}
}

// A legReport is what ranks tell each other at an exchange, besides rows.
type legReport struct {
	Leg   int64      `json:"leg"` // the blocks before it, to find out that ranks are not at the same one
	Tally tallyState `json:"tally"`
	// Stop says that the rank was interrupted. It counts only when all rows travel.
	Stop bool `json:"stop,omitempty"`
}

// exchange makes rows that are due after the present leg the same on all ranks. It returns the reports by rank.
func (t *team) exchange(p *parameters, own legReport) ([]legReport, error) {
	t.exchanges++
	own.Leg = int64(t.leg.first.epoch)*t.plan.blocks + t.leg.first.index
	header, err := json.Marshal(own)
	if err != nil {
		return nil, fmt.Errorf("the report to other ranks: %w", err)
	}
	matrices := [2]*model.Matrix{p.Input, p.Output}
	var due [2]int
	for matrix := range due {
		due[matrix] = t.plan.dueAfter(t.leg, matrix, p.Input.Rows)
	}
	if t.leg.number == 0 {
		t.findShared()
	}
	var reports []legReport
	for first := 0; first == 0 || first < max(due[0], due[1]); first += chunkWords {
		if first > 0 {
			header = nil
		}
		t.forRanks(func(rank int) {
			m := binary.LittleEndian.AppendUint32(t.moves[rank][:0], uint32(len(header)))
			m = append(m, header...)
			for matrix, rows := range matrices {
				m = t.appendMoves(m, matrix, rows, first, min(first+chunkWords, due[matrix]), rank)
			}
			t.moves[rank] = m
		})
		moves, err := t.swap(t.moves)
		if err != nil {
			return nil, err
		}
		readers := make([]moveReader, len(moves))
		for rank := range moves {
			readers[rank].data = moves[rank]
			header := readers[rank].bytes(int(readers[rank].uint32()))
			if first == 0 {
				var r legReport
				if err := json.Unmarshal(header, &r); err != nil {
					return nil, fmt.Errorf("the report of rank %d: %w", rank, err)
				}
				if r.Leg != own.Leg {
					return nil, fmt.Errorf("rank %d is at block %d, and rank %d at block %d", rank, r.Leg, t.rank, own.Leg)
				}
				reports = append(reports, r)
			}
		}
		merged := t.sums[0][:0]
		for matrix := range matrices {
			if merged, err = t.merge(merged, matrix, readers); err != nil {
				return nil, err
			}
		}
		for rank := range t.sums {
			t.sums[rank] = merged
		}
		sums, err := t.swap(t.sums)
		if err != nil {
			return nil, err
		}
		errs := make([]error, len(sums))
		t.forRanks(func(rank int) { // each has sent rows of its own
			r := moveReader{data: sums[rank]}
			for matrix, rows := range matrices {
				if err := t.apply(&r, matrix, rows); err != nil {
					errs[rank] = fmt.Errorf("rows of rank %d: %w", rank, err)
				}
			}
		})
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
	}
	return reports, nil
}

// forRanks calls f for each rank, in as many goroutines as there are threads.
func (t *team) forRanks(f func(rank int)) {
	if t.threads < 2 {
		for rank := range t.plan.ranks {
			f(rank)
		}
		return
	}
	var next atomic.Int32
	var working sync.WaitGroup
	for range min(t.threads, t.plan.ranks) {
		working.Go(func() {
			for rank := int(next.Add(1)) - 1; rank < t.plan.ranks; rank = int(next.Add(1)) - 1 {
				f(rank)
			}
		})
	}
	working.Wait()
}

// swap exchanges messages.
func (t *team) swap(out [][]byte) ([][]byte, error) {
	for rank := range out {
		if rank != t.rank {
			t.sent += int64(len(out[rank]))
		}
	}
	return t.transport.Exchange(out)
}

// appendMoves appends the moves of the rows of the words [first, end) that an owner has.
func (t *team) appendMoves(m []byte, matrix int, rows *model.Matrix, first, end, owner int) []byte {
	at := len(m)
	m = append(m, 0, 0, 0, 0)
	loads, n := t.loads[matrix], uint32(0)
	word := first + (owner-first%t.plan.ranks+t.plan.ranks)%t.plan.ranks
	for ; word < end; word += t.plan.ranks {
		load := loads[word]
		if load == 0 {
			continue
		}
		n++
		m = binary.LittleEndian.AppendUint32(m, uint32(word))
		m = binary.LittleEndian.AppendUint32(m, math.Float32bits(load))
		m = appendDifference(m, rows.Row(word), t.before[matrix].Row(word))
	}
	binary.LittleEndian.PutUint32(m[at:], n)
	return m
}

// A moveReader reads a message. If the message is too short, failed is set.
type moveReader struct {
	data   []byte
	failed bool
	// The present row, and how many follow.
	word int
	load float32
	move []byte
	left int
}

func (r *moveReader) bytes(n int) []byte {
	if n < 0 || n > len(r.data) {
		r.failed, r.left = true, 0
		return make([]byte, max(min(n, 4), 0))
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *moveReader) uint32() uint32 { return binary.LittleEndian.Uint32(r.bytes(4)) }

// next reads the next row with its load; word is -1 if there is none.
func (r *moveReader) next(dim int) {
	if r.left == 0 {
		r.word = -1
		return
	}
	r.left--
	r.word, r.load = int(r.uint32()), math.Float32frombits(r.uint32())
	r.move = r.bytes(2 * dim)
}

var errShort = errors.New("a message is damaged")

// merge appends the rows of a matrix that this rank owns, with the combined moves of all ranks.
func (t *team) merge(m []byte, matrix int, readers []moveReader) ([]byte, error) {
	at := len(m)
	m = append(m, 0, 0, 0, 0)
	n := uint32(0)
	for i := range readers {
		readers[i].left = int(readers[i].uint32())
		readers[i].next(t.dim)
	}
	for {
		word := -1
		for i := range readers {
			if readers[i].failed {
				return nil, fmt.Errorf("rows of rank %d: %w", i, errShort)
			}
			if w := readers[i].word; w >= 0 && (word < 0 || w < word) {
				word = w
			}
		}
		if word < 0 {
			break
		}
		var plain, along load
		moves := t.combined[:0]
		for i := range readers {
			if r := &readers[i]; r.word == word {
				plain.add(1, r.load)
				along.add(sharedLoad, r.load)
				moves = moves[:len(moves)+1] // with the memory of another row
				readMove(moves[len(moves)-1], r.move)
				r.next(t.dim)
			}
		}
		n++
		m = binary.LittleEndian.AppendUint32(m, uint32(word))
		m = appendRounded(m, combine(moves, t.shared[matrix], plain.weight(), along.weight()))
	}
	binary.LittleEndian.PutUint32(m[at:], n)
	return m, nil
}

// combine returns what the moves of several ranks make of a row, in the first of them: their sum with one weight for the part along a unit vector,
// and another weight for the rest. The conversions prevent fused operations, which differ by processor.
func combine(moves [][]float32, shared []float32, rest, along float32) []float32 {
	sum := moves[0]
	for _, move := range moves[1:] {
		for i, x := range move {
			sum[i] += x
		}
	}
	if rest == 1 && along == 1 {
		return sum
	}
	dot := float32(0)
	for i, x := range sum {
		dot += float32(x * shared[i])
	}
	dot *= along - rest
	for i, x := range sum {
		sum[i] = float32(rest*x) + float32(dot*shared[i])
	}
	return sum
}

// sharedLoad is how many times the load of a row's moves the load along the shared direction is, see [team]. 16 and 256 learned the same, with 1 eight ranks
// diverged on a text of 5 million words.
const sharedLoad = 16

// sharedRows is how many rows tell the shared direction: those of the most common words.
const sharedRows = 2048

// findShared finds the direction that the moves of all rows of a matrix share. Once in a cycle is often enough.
func (t *team) findShared() {
	for matrix := range t.shared {
		other := t.before[1-matrix]
		sum := make([]float64, t.dim)
		for row := range min(other.Rows, sharedRows) {
			for i, x := range other.Row(row) {
				sum[i] += float64(x)
			}
		}
		norm := 0.0
		for _, x := range sum {
			norm += float64(x * x)
		}
		norm = math.Sqrt(norm)
		for i, x := range sum {
			t.shared[matrix][i] = 0
			if norm > 0 {
				t.shared[matrix][i] = float32(x / norm)
			}
		}
	}
}

// apply moves rows by sums of moves.
func (t *team) apply(r *moveReader, matrix int, rows *model.Matrix) error {
	for n := r.uint32(); n > 0; n-- {
		word := int(r.uint32())
		move := r.bytes(2 * t.dim)
		if r.failed || word >= rows.Rows {
			return errShort
		}
		row := t.before[matrix].Row(word)
		addMove(row, move)
		copy(rows.Row(word), row)
		t.loads[matrix][word] = 0
	}
	return nil
}

// Moves travel as bfloat16: the first half of a float32, rounded to nearest, ties to even.

// appendDifference appends a - b.
func appendDifference(m []byte, a, b []float32) []byte {
	at := len(m)
	m = slices.Grow(m, 2*len(a))[:at+2*len(a)]
	to := m[at:]
	for len(a) >= 4 && len(b) >= 4 && len(to) >= 8 {
		binary.LittleEndian.PutUint64(to, uint64(toBfloat(a[0]-b[0]))|uint64(toBfloat(a[1]-b[1]))<<16|uint64(toBfloat(a[2]-b[2]))<<32|uint64(toBfloat(a[3]-b[3]))<<48)
		a, b, to = a[4:], b[4:], to[8:]
	}
	for i, x := range a {
		binary.LittleEndian.PutUint16(to[2*i:], toBfloat(x-b[i]))
	}
	return m
}

func appendRounded(m []byte, a []float32) []byte {
	for _, x := range a {
		m = binary.LittleEndian.AppendUint16(m, toBfloat(x))
	}
	return m
}

func fromBfloat(x uint16) float32 { return math.Float32frombits(uint32(x) << 16) }

func readMove(to []float32, move []byte) {
	move = move[:2*len(to)]
	for i := range to {
		to[i] = fromBfloat(binary.LittleEndian.Uint16(move[2*i:]))
	}
}

func addMove(to []float32, move []byte) {
	for len(to) >= 4 && len(move) >= 8 {
		four := binary.LittleEndian.Uint64(move)
		to[0] += math.Float32frombits(uint32(four) << 16)
		to[1] += math.Float32frombits(uint32(four) & 0xffff0000)
		to[2] += math.Float32frombits(uint32(four>>32) << 16)
		to[3] += math.Float32frombits(uint32(four>>32) & 0xffff0000)
		to, move = to[4:], move[8:]
	}
	for i := range to {
		to[i] += fromBfloat(binary.LittleEndian.Uint16(move[2*i:]))
	}
}

func toBfloat(x float32) uint16 {
	bits := math.Float32bits(x) // NaN as processors make it stays NaN
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}

// checksum returns a sum of both matrices.
func (p *parameters) checksum() uint32 {
	sum := uint32(0)
	for _, m := range []*model.Matrix{p.Input, p.Output} {
		sum = crc32.Update(sum, castagnoli, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(m.Data))), 4*m.Rows*m.Stride))
	}
	return sum
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// gather sends the same message to all ranks.
func (t *team) gather(message []byte) ([][]byte, error) {
	out := make([][]byte, t.plan.ranks)
	for rank := range out {
		out[rank] = message
	}
	return t.swap(out)
}

// agree returns what the first rank says, and an error if the parameters are not the same on all ranks.
func (t *team) agree(more bool, p *parameters) (bool, error) {
	type message struct {
		More bool   `json:"more"`
		Sum  uint32 `json:"sum"`
	}
	own := message{more, p.checksum()}
	data, err := json.Marshal(own)
	if err != nil {
		return false, err
	}
	all, err := t.gather(data)
	if err != nil {
		return false, err
	}
	var first message
	for rank := range all {
		var m message
		if err := json.Unmarshal(all[rank], &m); err != nil {
			return false, fmt.Errorf("the message of rank %d: %w", rank, err)
		}
		if rank == 0 {
			first = m
		}
		if m.Sum != own.Sum {
			return false, fmt.Errorf("the parameters of rank %d are not those of rank %d; this is a fault of kindred or of a machine", rank, t.rank)
		}
	}
	return first.More, nil
}
