package corpus

import (
	"bytes"
	"context"
	"fmt"
	"math"

	"kindred/corpus/source"
	"kindred/internal/random"
)

// A Holdout keeps sentences out of the text, to measure on them what was learned from the rest. A
// hash of a sentence's tokens, in order, decides. So the same sentences are held out on every
// machine, with any vocabulary and wherever they are in the text: all copies of a sentence or none.
// A larger share holds out what a smaller one does, and more.
type Holdout struct {
	// Share is the expected share of distinct sentences to hold out: 0 (none) or more, less than 1.
	Share float64
	// Counted makes the words of held-out sentences count for the vocabulary. Otherwise no trace of
	// these sentences reaches the training.
	Counted bool
	// Apart makes the number of a sentence in the text decide, not its tokens. So each copy of a
	// sentence is held out or not for itself, and the held-out sentences are a random sample of the
	// text, with as many that occur in the rest as new text has. Share is then that of all sentences.
	Apart bool
}

// takes tells whether a sentence is held out, given its number in the text and the hash of its tokens.
// share is where it stands: a sentence is held out if share is less than that of the hold-out.
func (h Holdout) takes(number int64, hash uint64) (share float64, taken bool) {
	if h.Apart {
		hash = random.New(apart, uint64(number)).At(0)
	}
	share = float64(hash>>11) * 0x1p-53
	return share, share < h.Share
}

// apart is the first coordinate of the random numbers that hold sentences out by their numbers.
const apart = 0x6170617274

func (h Holdout) validate() error {
	if !(h.Share >= 0 && h.Share < 1) {
		return fmt.Errorf("holdout is %v, want a share of the sentences of 0 (none) or more and below 1, such as 0.01", h.Share)
	}
	return nil
}

// A HoldoutError reports a [Holdout] that takes no sentence, or leaves none.
type HoldoutError struct {
	Share     float64
	Sentences int64
	// Lowest and Highest are the lowest and the highest hash of a sentence, as shares. Shares above
	// Lowest and up to Highest take some sentences and leave some. If all sentences are equal, so
	// are Lowest and Highest.
	Lowest, Highest float64
}

func (e *HoldoutError) Error() string {
	if e.Lowest == e.Highest {
		return fmt.Sprintf("holdout: the text has %d sentences but no two different ones, and so nothing to hold out; a sentence is a line", e.Sentences)
	}
	found := "leaves none"
	if e.Share <= e.Lowest {
		found = "takes none"
	}
	return fmt.Sprintf("holdout: a share of %.10g %% %s of the %d sentences; here it has to be between %.4g %% and %.4g %%",
		100*e.Share, found, e.Sentences, math.Ceil(1e6*e.Lowest)/1e4, math.Floor(1e6*e.Highest)/1e4)
}

// heldOutSentences are the numbers of the held-out sentences in the text, ascending, and for each
// chunk of the text the number of the sentence that it begins in.
type heldOutSentences struct {
	numbers []int64
	starts  []int64
}

// holdOut chooses the held-out sentences and, unless they count, removes them from the counts.
func (c *counter) holdOut(ctx context.Context, o ReadOptions) (heldOutSentences, error) {
	var held heldOutSentences
	if o.Holdout.Share == 0 {
		return held, nil
	}
	var sentence []int32 // type ids
	number, hash := int64(0), uint64(0)
	extent := HoldoutError{Share: o.Holdout.Share, Lowest: 1}
	end := func() {
		share, taken := o.Holdout.takes(number, hash)
		extent.Lowest, extent.Highest = min(extent.Lowest, share), max(extent.Highest, share)
		if taken {
			held.numbers = append(held.numbers, number)
			if !o.Holdout.Counted {
				c.uncount(sentence)
			}
		}
		sentence, hash = sentence[:0], 0
		number++
	}
	stage := stageIDs{counter: c}
	var tokens []Token
	for _, chunk := range c.chunks() {
		if ctx.Err() != nil {
			return held, context.Cause(ctx)
		}
		held.starts = append(held.starts, number)
		if err := stage.load(chunk.stage); err != nil {
			return held, err
		}
		var err error
		if tokens, err = chunk.read(tokens, c.file); err != nil {
			return held, err
		}
		if chunk.endsBefore && len(sentence) > 0 {
			end()
		}
		for _, token := range tokens {
			sentence = append(sentence, stage.ids[chunk.worker][token.ID()])
			hash = random.New(hash, stage.hashes[chunk.worker][token.ID()]).At(0)
			if token.EndsSentence() || len(sentence) == o.SentenceLimit {
				end()
			}
		}
	}
	if n := int64(len(held.numbers)); !o.partial && number > 0 && (n == 0 || n == number) {
		extent.Sentences = number
		return held, &extent
	}
	return held, nil
}

// uncount removes the words of a sentence from the counts.
func (c *counter) uncount(sentence []int32) {
	for _, id := range sentence {
		if id >= 0 { // it was not pruned
			c.counts[id]--
		}
	}
}

// HeldOutLines reads a text again and passes the tokens of each sentence that o.Holdout takes to yield,
// in the order of the text and with those tokens that no vocabulary has. Only o.Analyzer,
// o.SentenceLimit and o.Holdout matter, and Holdout.Apart must be set: other hold-outs go by hashes. The
// tokens are valid until yield returns. Inputs that can be read only once give an error.
func HeldOutLines(ctx context.Context, text *source.Source, o ReadOptions, yield func(tokens [][]byte) error) error {
	o, err := o.complete()
	if err != nil {
		return err
	}
	if !o.Holdout.Apart {
		return fmt.Errorf("holdout: sentences that are held out by their content can't be read again")
	}
	sink := &heldOutSink{o: o, yield: yield}
	stream := o.Analyzer.NewStream(sink)
	err = text.ChunksInOrder(ctx, o.chunkSize, func(chunk source.Chunk) error {
		stream.Analyze(chunk)
		chunk.Release()
		return sink.err
	})
	if err != nil {
		return err
	}
	sink.EndLine() // of a text that does not end with a newline
	return sink.err
}

// A heldOutSink passes on the held-out sentences.
type heldOutSink struct {
	o      ReadOptions
	yield  func(tokens [][]byte) error
	number int64
	tokens [][]byte // of the present sentence
	err    error    // of yield
}

// Token adds a token to the sentence.
func (s *heldOutSink) Token(t []byte) {
	n := len(s.tokens)
	if n < cap(s.tokens) {
		s.tokens = s.tokens[:n+1]
		s.tokens[n] = append(s.tokens[n][:0], t...)
	} else {
		s.tokens = append(s.tokens, bytes.Clone(t))
	}
	if n+1 == s.o.SentenceLimit {
		s.EndLine()
	}
}

// EndLine ends the sentence, if there is one.
func (s *heldOutSink) EndLine() {
	if len(s.tokens) == 0 {
		return
	}
	if _, taken := s.o.Holdout.takes(s.number, 0); taken && s.err == nil {
		s.err = s.yield(s.tokens)
	}
	s.number++
	s.tokens = s.tokens[:0]
}
