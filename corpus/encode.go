package corpus

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/zeebo/xxh3"

	"kindred/corpus/vocab"
)

// An encoder turns the counted tokens into the encoded text: in order, as ids of the final
// vocabulary, without the words that are not in it, cut into sentences. Held-out sentences become a
// text of their own. Chunks are encoded on all processors and written in the order of the text.
type encoder struct {
	limit   int64 // tokens in a sentence, in the vocabulary or not
	counted *counter
	ids     []int32 // of the vocabulary, by type id
	held    heldOutSentences
	train   *sentenceWriter
	heldOut *sentenceWriter // nil if nothing is held out
}

// An encodedChunk is a chunk on its way from the counter's file to the encoded texts.
type encodedChunk struct {
	from countedChunk
	ids  []int32 // of the vocabulary, by those of the chunk's worker and stage
	// before is the number of tokens that the first sentence had before the chunk, and sentence the
	// number of that sentence in the text.
	before, sentence int64
	// held are the numbers of the held-out sentences from that one on.
	held []int64

	tokens         []Token
	train, heldOut encodedPart
	err            error
	done           chan struct{}
}

// An encodedPart is what one of the two texts gets of a chunk.
type encodedPart struct {
	tokens    []Token
	sentences int64
	// endsBefore is set if a sentence from earlier chunks ends before the first token.
	endsBefore bool
}

// encode encodes and writes all chunks.
func (e *encoder) encode(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := runtime.GOMAXPROCS(0)
	work, ordered := make(chan *encodedChunk), make(chan *encodedChunk, 2*workers)
	pool := sync.Pool{New: func() any { return new(encodedChunk) }}
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for c := range work {
				c.err = e.chunk(c)
				close(c.done)
			}
		})
	}
	running.Go(func() {
		defer close(ordered)
		defer close(work)
		if err := e.dispatch(ctx, &pool, work, ordered); err != nil {
			cancel(err)
		}
	})
	for c := range ordered {
		<-c.done
		if err := e.write(c); err != nil {
			cancel(err)
		}
		pool.Put(c)
	}
	running.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := e.train.flush(); err != nil || e.heldOut == nil {
		return err
	}
	return e.heldOut.flush()
}

// dispatch sends all chunks to be encoded and, in order, to be written.
func (e *encoder) dispatch(ctx context.Context, pool *sync.Pool, work, ordered chan<- *encodedChunk) error {
	stage := stageIDs{counter: e.counted, final: e.ids}
	before, held := int64(0), e.held.numbers
	for i, from := range e.counted.chunks() {
		if err := stage.load(from.stage); err != nil {
			return err
		}
		c := pool.Get().(*encodedChunk)
		*c = encodedChunk{
			from: from, ids: stage.ids[from.worker], before: before, done: make(chan struct{}),
			tokens: c.tokens, heldOut: encodedPart{tokens: c.heldOut.tokens[:0]}, // their memory
		}
		if len(e.held.starts) > 0 {
			c.sentence = e.held.starts[i]
			first, _ := slices.BinarySearch(held, c.sentence)
			held = held[first:]
			c.held = held
		}
		if from.endsBefore || from.endsLine {
			before = 0
		}
		before = (before + from.rest) % e.limit
		select {
		case ordered <- c:
			work <- c
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// chunk encodes a chunk.
func (e *encoder) chunk(c *encodedChunk) error {
	tokens, err := c.from.read(c.tokens, e.counted.file)
	if err != nil {
		return err
	}
	// The encoded tokens overwrite those already read.
	c.tokens, c.train.tokens = tokens, tokens[:0]
	length, held := c.before, c.held
	to := &c.train
	choose := func() {
		to = &c.train
		if len(held) > 0 && held[0] == c.sentence {
			to, held = &c.heldOut, held[1:]
		}
	}
	choose()
	// Of the current sentence: its first token in its part, and whether an earlier chunk began it.
	first, continues := 0, length > 0
	end := func() {
		// A sentence without words of the vocabulary is not counted.
		if n := len(to.tokens); n > first {
			to.tokens[n-1] |= sentenceEnd
			to.sentences++
		} else if continues {
			to.endsBefore = true
		}
		length, continues = 0, false
		c.sentence++
		choose()
		first = len(to.tokens)
	}
	if c.from.endsBefore && length > 0 {
		end()
	}
	for _, token := range tokens {
		if id := c.ids[token.ID()]; id >= 0 {
			to.tokens = append(to.tokens, Token(id))
		}
		length++
		if token.EndsSentence() || length == e.limit {
			end()
		}
	}
	return nil
}

// write appends an encoded chunk to the texts.
func (e *encoder) write(c *encodedChunk) error {
	if c.err != nil {
		return c.err
	}
	if err := e.train.write(c.train); err != nil || e.heldOut == nil {
		return err
	}
	return e.heldOut.write(c.heldOut)
}

// stageIDs are the ids of one stage, in memory, to be looked up for the tokens of its chunks.
type stageIDs struct {
	counter *counter
	final   []int32 // from type ids to the ids wanted; nil for type ids
	loaded  int     // the stage + 1
	// ids and, if there is a hold-out, hashes are by worker and its ids.
	ids    [][]int32
	hashes [][]uint64
}

// load loads a stage, if it is not loaded.
func (m *stageIDs) load(stage int) error {
	if m.loaded == stage+1 {
		return nil
	}
	m.loaded, m.ids, m.hashes = stage+1, nil, nil
	s := m.counter.stages[stage]
	for _, list := range s.ids {
		ids, err := m.counter.file.loadIDs(list)
		if err != nil {
			return err
		}
		if m.final != nil {
			renumber(ids, m.final)
		}
		m.ids = append(m.ids, ids)
	}
	for _, list := range s.hashes {
		hashes, err := m.counter.file.loadHashes(list)
		if err != nil {
			return err
		}
		m.hashes = append(m.hashes, hashes)
	}
	return nil
}

// A sentenceWriter writes an encoded text to a file and hashes it.
type sentenceWriter struct {
	file      *tokenFile
	hasher    *xxh3.Hasher
	sentences int64
	// ofOneWord is how many of the sentences have one token, and length that of the present one.
	ofOneWord, length int64
	// last is the last token, if pending is set. It is written when it is known whether it ends its
	// sentence.
	last    Token
	pending bool
}

func newSentenceWriter(file *tokenFile) *sentenceWriter {
	return &sentenceWriter{file: file, hasher: xxh3.New()}
}

// write appends a part of the text except its last token.
func (w *sentenceWriter) write(p encodedPart) error {
	if p.endsBefore && w.pending && !w.last.EndsSentence() {
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
	w.last, w.pending = p.tokens[last], true
	return w.append(p.tokens[:last])
}

// flush writes the pending token.
func (w *sentenceWriter) flush() error {
	if !w.pending {
		return nil
	}
	w.pending = false
	return w.append([]Token{w.last})
}

func (w *sentenceWriter) append(tokens []Token) error {
	if _, err := w.file.append(tokens); err != nil {
		return err
	}
	for _, t := range tokens {
		w.length++
		if t.EndsSentence() {
			if w.length == 1 {
				w.ofOneWord++
			}
			w.length = 0
		}
	}
	_, err := w.hasher.Write(tokenMemory(tokens))
	return err
}

// hash returns the hash of the text and of the vocabulary that its ids refer to.
func (w *sentenceWriter) hash(v *vocab.Vocabulary) string {
	if _, err := v.WriteTo(w.hasher); err != nil {
		panic(fmt.Sprintf("corpus: a hash takes all bytes: %v", err))
	}
	return fmt.Sprintf("%016x", w.hasher.Sum64())
}
