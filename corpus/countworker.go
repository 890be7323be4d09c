package corpus

import (
	"sync/atomic"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// A countWorker counts the tokens of the pieces it is given, in a table of
// its own, and writes them to the spool. It is the sink of its token stream.
type countWorker struct {
	number int
	stream *analysis.Stream
	table  *vocab.Table
	counts []int64
	cost   atomic.Int64 // of the table, see typeCost
	spool  *spool       // nil where counting is all
	pieces []spooledPiece

	current spooledPiece
	tokens  []Token     // of the current piece
	batch   vocab.Batch // the words of the last of them, which have no ids yet
}

// A spooledPiece is the tokens of one piece of the text, as ids of the worker
// that counted it at that stage, in the spool. The last token of each line is marked.
type spooledPiece struct {
	input, index  int
	stage, worker int
	offset        int64 // in tokens
	length        int64
	// endsBefore is set where a line ends before the first token, endsLine where
	// one ends behind a token. rest is the number of tokens behind the last end
	// of a line.
	endsBefore, endsLine bool
	rest                 int64
}

func newCountWorker(a *analysis.Analyzer, number int, spool *spool) *countWorker {
	w := &countWorker{number: number, table: vocab.NewTable(0), spool: spool}
	w.stream = a.NewStream(w)
	return w
}

// count takes a piece of the text, at the given stage of the counting.
func (w *countWorker) count(p source.Chunk, stage int) error {
	w.current = spooledPiece{input: p.Input, index: p.Index, stage: stage, worker: w.number}
	w.tokens = w.tokens[:0]
	w.stream.Analyze(p)
	w.settle()
	p.Release()
	// The counts come last, as increments that don't wait for one another.
	w.counts = append(w.counts, make([]int64, w.table.Len()-len(w.counts))...)
	for _, t := range w.tokens {
		w.counts[t.ID()]++
	}
	w.cost.Store(cost(w.table))
	if w.spool == nil {
		return nil
	}
	var err error
	w.current.length = int64(len(w.tokens))
	w.current.offset, err = w.spool.append(w.tokens)
	w.pieces = append(w.pieces, w.current)
	return err
}

// reset forgets all types, but not the pieces.
func (w *countWorker) reset() {
	w.table, w.counts = vocab.NewTable(0), nil
	w.cost.Store(0)
}

// Token implements analysis.Sink.
func (w *countWorker) Token(t []byte) {
	w.tokens = append(w.tokens, 0)
	w.current.rest++
	if w.batch.Add(t) {
		w.settle()
	}
}

// settle gives the words of the batch their ids.
func (w *countWorker) settle() {
	ids := w.table.AddBatch(&w.batch)
	for i, id := range ids {
		w.tokens[len(w.tokens)-len(ids)+i] |= Token(id)
	}
}

// EndLine implements analysis.Sink.
func (w *countWorker) EndLine() {
	if n := len(w.tokens); n > 0 {
		w.tokens[n-1] |= sentenceEnd
		w.current.endsLine = true
	} else {
		w.current.endsBefore = true
	}
	w.current.rest = 0
}
