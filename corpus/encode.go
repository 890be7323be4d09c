package corpus

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"

	"github.com/zeebo/xxh3"

	"kindred/corpus/vocab"
)

// An encoder turns the tokens that were spooled while counting into the
// encoded text: in order, as ids of the final vocabulary, without the words
// that are not in it, cut into sentences. Those held out become a text of
// their own. Pieces are encoded on all processors and written in the order of the text.
type encoder struct {
	limit        int64 // tokens in a sentence, in or out of the vocabulary
	counted      *counter
	ids          []int32 // of the vocabulary, by those of the counter's table
	held         heldOut
	train, aside *sentenceWriter
}

// An encodedPiece is a piece on its way from the spool of the counting to the
// encoded texts.
type encodedPiece struct {
	from spooledPiece
	ids  []int32 // of the vocabulary, by those of the piece's worker and stage
	// before is the number of tokens that its first sentence had before the piece,
	// and sentence the number of that.
	before, sentence int64
	// held lists the sentences held out, from that one on.
	held []int64

	tokens       []Token
	train, aside encodedPart
	err          error
	done         chan struct{}
}

// An encodedPart is what one of the texts gets of a piece.
type encodedPart struct {
	tokens    []Token
	sentences int64
	// endsBefore is set where a sentence that earlier pieces began ends before the first token.
	endsBefore bool
}

// encode encodes all pieces.
func (e *encoder) encode(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := runtime.GOMAXPROCS(0)
	work, ordered := make(chan *encodedPiece), make(chan *encodedPiece, 2*workers)
	spare := sync.Pool{New: func() any { return new(encodedPiece) }}
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for p := range work {
				p.err = e.piece(p)
				close(p.done)
			}
		})
	}
	running.Go(func() {
		defer close(ordered)
		defer close(work)
		if err := e.hand(ctx, &spare, work, ordered); err != nil {
			cancel(err)
		}
	})
	for p := range ordered {
		<-p.done
		if err := e.write(p); err != nil {
			cancel(err)
		}
		spare.Put(p)
	}
	running.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := e.train.flush(); err != nil || e.aside == nil {
		return err
	}
	return e.aside.flush()
}

// hand gives out all pieces, to be encoded and, in order, to be written.
func (e *encoder) hand(ctx context.Context, spare *sync.Pool, work, ordered chan<- *encodedPiece) error {
	maps := stageMaps{counter: e.counted, final: e.ids}
	before, held := int64(0), e.held.sentences
	for i, from := range e.counted.pieces() {
		if err := maps.load(from.stage); err != nil {
			return err
		}
		p := spare.Get().(*encodedPiece)
		*p = encodedPiece{from: from, ids: maps.ids[from.worker], before: before, tokens: p.tokens, aside: encodedPart{tokens: p.aside.tokens[:0]}, done: make(chan struct{})}
		if len(e.held.starts) > 0 {
			p.sentence = e.held.starts[i]
			first, _ := slices.BinarySearch(held, p.sentence)
			held = held[first:]
			p.held = held
		}
		if from.endsBefore || from.endsLine {
			before = 0
		}
		before = (before + from.rest) % e.limit
		select {
		case ordered <- p:
			work <- p
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// piece encodes a piece.
func (e *encoder) piece(p *encodedPiece) error {
	tokens, err := e.counted.spool.readPiece(p.tokens, p.from)
	if err != nil {
		return err
	}
	p.tokens, p.train.tokens = tokens, tokens[:0] // which never overtakes what is read
	length, held := p.before, p.held
	to := &p.train
	next := func() {
		to = &p.train
		if len(held) > 0 && held[0] == p.sentence {
			to, held = &p.aside, held[1:]
		}
	}
	next()
	first, continues := 0, length > 0 // of the sentence in its part: where it begins, and whether an earlier piece began it
	end := func() {
		// A sentence without words of the vocabulary leaves no trace.
		if n := len(to.tokens); n > first {
			to.tokens[n-1] |= sentenceEnd
			to.sentences++
		} else if continues {
			to.endsBefore = true
		}
		length, continues = 0, false
		p.sentence++
		next()
		first = len(to.tokens)
	}
	if p.from.endsBefore && length > 0 {
		end()
	}
	for _, token := range tokens {
		if id := p.ids[token.ID()]; id >= 0 {
			to.tokens = append(to.tokens, Token(id))
		}
		length++
		if token.EndsSentence() || length == e.limit {
			end()
		}
	}
	return nil
}

// write appends what is there of a piece to the texts.
func (e *encoder) write(p *encodedPiece) error {
	if p.err != nil {
		return p.err
	}
	if err := e.train.write(p.train); err != nil || e.aside == nil {
		return err
	}
	return e.aside.write(p.aside)
}

// A sentenceWriter writes an encoded text to a spool.
type sentenceWriter struct {
	spool     *spool
	hasher    *xxh3.Hasher
	sentences int64
	// last is the last token, which is not written until it is known
	// whether it ends its sentence; waits tells whether there is one.
	last  Token
	waits bool
}

func newSentenceWriter(to *spool) *sentenceWriter {
	return &sentenceWriter{spool: to, hasher: xxh3.New()}
}

// write appends a part of the text but for its last token.
func (w *sentenceWriter) write(p encodedPart) error {
	if p.endsBefore && w.waits && !w.last.EndsSentence() {
		w.last |= sentenceEnd
		w.sentences++
	}
	w.sentences += p.sentences
	if len(p.tokens) == 0 {
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	last := len(p.tokens) - 1
	w.last, w.waits = p.tokens[last], true
	return w.append(p.tokens[:last])
}

// flush writes the token that waits.
func (w *sentenceWriter) flush() error {
	if !w.waits {
		return nil
	}
	w.waits = false
	return w.append([]Token{w.last})
}

func (w *sentenceWriter) append(tokens []Token) error {
	if _, err := w.spool.append(tokens); err != nil {
		return err
	}
	_, err := w.hasher.Write(tokenMemory(tokens))
	return err
}

// hash returns the hash of the text as encoded and of the vocabulary that
// gives the ids their meaning.
func (w *sentenceWriter) hash(v *vocab.Vocabulary) string {
	if _, err := v.WriteTo(w.hasher); err != nil {
		panic(fmt.Sprintf("corpus: a hash takes all bytes: %v", err))
	}
	return fmt.Sprintf("%016x", w.hasher.Sum64())
}

// appendText writes the tokens of a text behind those of a spool and returns the text that they are there.
func (s *spool) appendText(from *spool) (encodedText, error) {
	n := from.length.Load()
	start := s.length.Add(n) - n
	tokens := io.NewSectionReader(from, 0, n*tokenBytes)
	if _, err := io.Copy(io.NewOffsetWriter(s, start*tokenBytes), tokens); err != nil {
		return encodedText{}, fmt.Errorf("encoded text: %w", err)
	}
	return encodedText{file: s, start: start, length: n}, nil
}

// readPiece reads the tokens of a piece into buf or, where that is too small, new memory.
func (s *spool) readPiece(buf []Token, p spooledPiece) ([]Token, error) {
	if int64(cap(buf)) < p.length {
		buf = make([]Token, p.length)
	}
	buf = buf[:p.length]
	_, err := encodedText{file: s, length: s.length.Load()}.readAt(buf, p.offset)
	return buf, err
}
