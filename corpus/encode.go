package corpus

import (
	"context"
	"fmt"

	"github.com/zeebo/xxh3"
)

// An encoder turns the tokens that were spooled while counting into the
// encoded text: in order, as ids of the final vocabulary, without the words
// that are not in it, cut into sentences.
type encoder struct {
	limit int // tokens in a sentence, in or out of the vocabulary
	buf   []Token
	// out holds what is not written yet. The last token of it stays until it is known
	// whether it ends its sentence.
	out       []Token
	spool     *spool
	hasher    *xxh3.Hasher
	length    int64 // of the current sentence so far
	kept      int64 // of them in the vocabulary
	sentences int64
}

// encodeBuffer is how many tokens are written at a time.
const encodeBuffer = 1 << 16

func newEncoder(to *spool, limit int) *encoder {
	return &encoder{limit: limit, spool: to, hasher: xxh3.New()}
}

// encode reads the pieces from the spool of the counting. ids turns the ids of
// counted.table into those of the vocabulary.
func (e *encoder) encode(ctx context.Context, c *counted, ids []int32, from *spool) error {
	final := make([][]int32, len(c.locals))
	for w, local := range c.locals {
		final[w] = make([]int32, len(local))
		for i, id := range local {
			final[w][i] = ids[id]
		}
	}
	for _, p := range c.pieces {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if err := e.piece(p, final[p.worker], from); err != nil {
			return err
		}
	}
	return e.flush(0)
}

func (e *encoder) piece(p spooledPiece, ids []int32, from *spool) error {
	source := encodedText{from, from.length.Load()}
	e.buf = grownTokens(e.buf, p.length)
	if _, err := source.readAt(e.buf, p.offset); err != nil {
		return err
	}
	if p.endsBefore {
		e.endSentence()
	}
	for _, token := range e.buf {
		if id := ids[token.ID()]; id >= 0 {
			e.out = append(e.out, Token(id))
			e.kept++
		}
		e.length++
		if token.EndsSentence() || e.length == int64(e.limit) {
			e.endSentence()
		}
	}
	if len(e.out) < encodeBuffer {
		return nil
	}
	return e.flush(1)
}

// endSentence marks the last token as the end of its sentence; one without
// words of the vocabulary leaves no trace.
func (e *encoder) endSentence() {
	if e.kept > 0 {
		e.out[len(e.out)-1] |= sentenceEnd
		e.sentences++
	}
	e.length, e.kept = 0, 0
}

// flush writes all tokens but the last hold.
func (e *encoder) flush(hold int) error {
	n := max(len(e.out)-hold, 0)
	if _, err := e.spool.append(e.out[:n]); err != nil {
		return err
	}
	if _, err := e.hasher.Write(tokenMemory(e.out[:n])); err != nil {
		return err
	}
	e.out = append(e.out[:0], e.out[n:]...)
	return nil
}

// hash returns the hash of the text as encoded and of the vocabulary that
// gives the ids their meaning.
func (e *encoder) hash(v *Vocabulary) string {
	if _, err := v.WriteTo(e.hasher); err != nil {
		panic(fmt.Sprintf("corpus: a hash takes all bytes: %v", err))
	}
	return fmt.Sprintf("%016x", e.hasher.Sum64())
}

func grownTokens(buf []Token, n int64) []Token {
	if int64(cap(buf)) < n {
		return make([]Token, n)
	}
	return buf[:n]
}
