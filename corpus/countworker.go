package corpus

// A countWorker counts the tokens of the pieces it is given, in a table of
// its own, and writes them to the spool. It is the sink of its token stream.
type countWorker struct {
	number int
	stream *tokenStream
	table  *wordTable
	counts []int64
	spool  *spool // nil where counting is all
	pieces []spooledPiece

	current spooledPiece
	tokens  []Token // of the current piece
}

func newCountWorker(a *Analyzer, number int, spool *spool) *countWorker {
	return &countWorker{number: number, stream: a.newStream(), table: newWordTable(0), spool: spool}
}

// count takes a piece of the text, the index-th of all.
func (w *countWorker) count(p piece, index int) error {
	w.current = spooledPiece{index: index, worker: w.number}
	w.tokens = w.tokens[:0]
	w.stream.analyze(p, w)
	p.release()
	if w.spool == nil {
		return nil
	}
	var err error
	w.current.length = int64(len(w.tokens))
	w.current.offset, err = w.spool.append(w.tokens)
	w.pieces = append(w.pieces, w.current)
	return err
}

// token implements tokenSink.
func (w *countWorker) token(t []byte) {
	id := w.table.add(t)
	if int(id) == len(w.counts) {
		w.counts = append(w.counts, 0)
	}
	w.counts[id]++
	if w.spool != nil {
		w.tokens = append(w.tokens, Token(id))
	}
}

// endLine implements tokenSink.
func (w *countWorker) endLine() {
	if n := len(w.tokens); n > 0 {
		w.tokens[n-1] |= sentenceEnd
	} else {
		w.current.endsBefore = true
	}
}
