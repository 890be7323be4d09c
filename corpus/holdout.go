package corpus

import (
	"context"
	"fmt"
	"math"

	"kindred/internal/random"
)

// A Holdout keeps sentences out of the text, so that what was learned from the rest can be measured on them.
// A sentence is chosen by a hash of its words, in their order, as the analyzer made them: the same sentences are
// held out whatever the machine, the vocabulary and the place of the sentence in the text, all copies of a sentence
// or none, and a larger share holds out what a smaller one does and more.
type Holdout struct {
	// Share is the expected share of all distinct sentences, 0 (none) or more and below 1.
	Share float64
	// Counted lets the words of the sentences held out count for the vocabulary. Without it, no trace of them
	// reaches the training.
	Counted bool
}

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
	// Lowest and Highest are the least hash of a sentence and the greatest, as shares: shares above the one and
	// up to the other take some sentences and leave some. They are equal where all sentences are.
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

// heldOut lists the sentences held out, by their number in the text, ascending,
// and for each piece of the text the number of the sentence that it begins in.
type heldOut struct {
	sentences []int64
	starts    []int64
}

// holdOut chooses the sentences to be held out and, unless they are to be counted, takes them out of the counts.
func (c *counter) holdOut(ctx context.Context, o ReadOptions) (heldOut, error) {
	var held heldOut
	if o.Holdout.Share == 0 {
		return held, nil
	}
	var sentence []int32
	number, hash := int64(0), uint64(0)
	extent := HoldoutError{Share: o.Holdout.Share, Lowest: 1}
	end := func() {
		place := float64(hash>>11) * 0x1p-53
		extent.Lowest, extent.Highest = min(extent.Lowest, place), max(extent.Highest, place)
		if place < o.Holdout.Share {
			held.sentences = append(held.sentences, number)
			c.uncount(sentence, o.Holdout)
		}
		sentence, hash = sentence[:0], 0
		number++
	}
	maps := stageMaps{counter: c}
	var tokens []Token
	for _, p := range c.pieces() {
		if ctx.Err() != nil {
			return held, context.Cause(ctx)
		}
		held.starts = append(held.starts, number)
		if err := maps.load(p.stage); err != nil {
			return held, err
		}
		var err error
		if tokens, err = c.spool.readPiece(tokens, p); err != nil {
			return held, err
		}
		if p.endsBefore && len(sentence) > 0 {
			end()
		}
		for _, token := range tokens {
			sentence = append(sentence, maps.ids[p.worker][token.ID()])
			hash = random.New(hash, maps.hashes[p.worker][token.ID()]).At(0)
			if token.EndsSentence() || len(sentence) == o.SentenceLimit {
				end()
			}
		}
	}
	if n := int64(len(held.sentences)); number > 0 && (n == 0 || n == number) {
		extent.Sentences = number
		return held, &extent
	}
	return held, nil
}

// uncount takes the words of a sentence held out from the counts.
func (c *counter) uncount(sentence []int32, h Holdout) {
	if h.Counted {
		return
	}
	for _, id := range sentence {
		if id >= 0 { // it was not pruned
			c.counts[id]--
		}
	}
}
