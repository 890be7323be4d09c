package corpus

import (
	"context"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"
)

// An encoder turns the tokens that were spooled while counting into the
// encoded text: in order, as ids of the final vocabulary, without the words
// that are not in it, cut into sentences. Those held out become a text of their own.
type encoder struct {
	held         heldOut // those that are still to come
	train, aside *sentenceWriter
}

// encode reads the pieces from the spool of the counting. ids turns the ids of
// counted.table into those of the vocabulary.
func (e *encoder) encode(ctx context.Context, c *counted, ids []int32, from *spool, limit int) error {
	final := make([][]int32, len(c.locals))
	for w, local := range c.locals {
		final[w] = make([]int32, len(local))
		for i, id := range local {
			final[w][i] = ids[id]
		}
	}
	sentence, to := int64(0), e.writer(0)
	err := c.stretches(ctx, from, limit, func(worker int, tokens []Token, ends bool) error {
		to.add(tokens, final[worker])
		if !ends {
			return nil
		}
		to.endSentence()
		sentence++
		err := to.flush(encodeBuffer)
		to = e.writer(sentence)
		return err
	})
	if err == nil {
		err = e.train.flush(0)
	}
	if err == nil && e.aside != nil {
		err = e.aside.flush(0)
	}
	return err
}

// writer returns where the sentence with this number goes.
func (e *encoder) writer(sentence int64) *sentenceWriter {
	if e.held.take(sentence) {
		return e.aside
	}
	return e.train
}

// stretches hands the tokens of the text to yield in their order, as the ids of the worker that counted them: parts of
// one sentence, the last of which ends it. A sentence is a line, or as much of it as the limit allows.
func (c *counted) stretches(ctx context.Context, from *spool, limit int, yield func(worker int, tokens []Token, ends bool) error) error {
	source := encodedText{file: from, length: from.length.Load()}
	var buf []Token
	length := 0 // of the current sentence so far
	for _, p := range c.pieces {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		buf = grownTokens(buf, p.length)
		if _, err := source.readAt(buf, p.offset); err != nil {
			return err
		}
		if p.endsBefore && length > 0 {
			length = 0
			if err := yield(p.worker, nil, true); err != nil {
				return err
			}
		}
		start := 0
		for i, token := range buf {
			length++
			if token.EndsSentence() || length == limit {
				if err := yield(p.worker, buf[start:i+1], true); err != nil {
					return err
				}
				start, length = i+1, 0
			}
		}
		if start < len(buf) {
			if err := yield(p.worker, buf[start:], false); err != nil {
				return err
			}
		}
	}
	return nil
}

// A sentenceWriter writes an encoded text to a spool.
type sentenceWriter struct {
	spool  *spool
	hasher *xxh3.Hasher
	// out holds what is not written yet, among it all of the current sentence, the last kept tokens.
	out       []Token
	kept      int
	sentences int64
}

// encodeBuffer is how many tokens are written at a time.
const encodeBuffer = 1 << 16

func newSentenceWriter(to *spool) *sentenceWriter {
	return &sentenceWriter{spool: to, hasher: xxh3.New()}
}

// add appends a part of a sentence, without the words for which ids has -1.
func (w *sentenceWriter) add(tokens []Token, ids []int32) {
	before := len(w.out)
	for _, token := range tokens {
		if id := ids[token.ID()]; id >= 0 {
			w.out = append(w.out, Token(id))
		}
	}
	w.kept += len(w.out) - before
}

// endSentence marks the last token as the end of its sentence; one without
// words of the vocabulary leaves no trace.
func (w *sentenceWriter) endSentence() {
	if w.kept > 0 {
		w.out[len(w.out)-1] |= sentenceEnd
		w.sentences++
	}
	w.kept = 0
}

// flush writes the tokens where there are more than fit. Sentences are complete.
func (w *sentenceWriter) flush(room int) error {
	if len(w.out) <= room {
		return nil
	}
	if _, err := w.spool.append(w.out); err != nil {
		return err
	}
	if _, err := w.hasher.Write(tokenMemory(w.out)); err != nil {
		return err
	}
	w.out = w.out[:0]
	return nil
}

// hash returns the hash of the text as encoded and of the vocabulary that
// gives the ids their meaning.
func (w *sentenceWriter) hash(v *Vocabulary) string {
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

func grownTokens(buf []Token, n int64) []Token {
	if int64(cap(buf)) < n {
		return make([]Token, n)
	}
	return buf[:n]
}
