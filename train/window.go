package train

import (
	"slices"

	"kindred/internal/random"
	"kindred/train/negative"
)

// A batch is a run of training steps waiting for the kernel. Step i trains
// the context words inputs[ends[i-1]:ends[i]] against width targets, the
// centre word and its negatives.
type batch struct {
	inputs  []int32
	ends    []int
	fresh   []int32 // how many of the inputs, the last ones, are new in their sentence
	targets []int32
	width   int // 1 + candidates
}

func (b *batch) reset() {
	b.inputs, b.ends, b.fresh, b.targets = b.inputs[:0], b.ends[:0], b.fresh[:0], b.targets[:0]
}

func (b *batch) len() int { return len(b.ends) }

// step returns the inputs and targets of step i, none beyond the last.
func (b *batch) step(i int) (inputs, targets []int32) {
	if i >= len(b.ends) {
		return nil, nil
	}
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.inputs[start:b.ends[i]], b.targets[i*b.width : (i+1)*b.width]
}

// window returns the inputs of the window that a step belongs to. If pairs of a window are steps of
// their own, those are the steps next to it with the same center.
func (b *batch) window(i int) []int32 {
	first, last := i, i
	center := b.targets[i*b.width]
	for first > 0 && b.targets[(first-1)*b.width] == center {
		first--
	}
	for last+1 < b.len() && b.targets[(last+1)*b.width] == center {
		last++
	}
	start := 0
	if first > 0 {
		start = b.ends[first-1]
	}
	return b.inputs[start:b.ends[last]]
}

// ahead returns the rows that step i will use and the steps before it have
// not: what is worth fetching into the cache.
func (b *batch) ahead(i int) (inputs, targets []int32) {
	inputs, targets = b.step(i)
	if i < len(b.fresh) {
		inputs = inputs[len(inputs)-int(b.fresh[i]):]
	}
	return inputs, targets
}

// close ends the step whose inputs were appended, with the given centre and
// number of fresh inputs. The negatives are drawn later.
func (b *batch) close(centre int32, fresh int) {
	b.ends = append(b.ends, len(b.inputs))
	b.fresh = append(b.fresh, int32(fresh))
	n := len(b.targets)
	b.targets = slices.Grow(b.targets, b.width)[:n+b.width]
	b.targets[n] = centre
}

// addWindows appends the steps of a passage, one for each centre. A window reaches as many words to both
// sides, within the sentence, as a draw from 1..window says (Mikolov et al. 2013, section 4).
//
// The words must have room for window more: both sides of a
// window are copied whole, whatever its reach, and then cut, as a loop whose length
// changes with each turn costs more than the words it saves.
func (b *batch) addWindows(p *passage, window int, sharing negative.Sharing, rng *random.Stream) {
	start := 0
	for _, end := range p.ends {
		if first, last := p.centres(start, end); sharing == negative.PerPair {
			b.addPairs(p.words[:end], p.targets, start, first, last, window, rng)
		} else {
			b.addSentence(p.words[:end], p.targets, start, first, last, window, rng)
		}
		start = end
	}
}

// addSentence appends the windows of the centres [first, last) of the sentence that begins at start and
// ends with words. The rows of the centres are in targets.
func (b *batch) addSentence(words, targets []int32, start, first, last, window int, rng *random.Stream) {
	seen := start // positions before this one have been inputs
	padded := words[:len(words)+window]
	for c := first; c < last; c++ {
		from, to := reach(c, start, len(words), window, rng)
		if from == to {
			continue
		}
		end := len(b.inputs)
		b.inputs = slices.Grow(b.inputs, 2*window)
		room := b.inputs[end : end+2*window]
		copyWords(room, padded[from:], window)
		copyWords(room[c-from:], padded[c+1:], window)
		b.inputs = b.inputs[:end+to-from]
		b.close(targets[c], max(to+1-max(seen, c+1), 0))
		seen = max(seen, to+1)
	}
}

// addPairs appends the same pairs as addSentence, each a step of its own.
func (b *batch) addPairs(words, targets []int32, start, first, last, window int, rng *random.Stream) {
	seen := start
	for c := first; c < last; c++ {
		from, to := reach(c, start, len(words), window, rng)
		for i := from; i <= to; i++ {
			if i != c {
				b.inputs = append(b.inputs, words[i])
				b.close(targets[c], min(max(i+1-seen, 0), 1))
				seen = max(seen, i+1)
			}
		}
	}
}

// reach draws how far the window around position c reaches in the sentence [start, end): the
// positions of its first and its last word.
func reach(c, start, end, window int, rng *random.Stream) (first, last int) {
	r := 1 + int(rng.Uint32n(uint32(window)))
	return max(c-r, start), min(c+r, end-1)
}

// copyWords copies n words, where there are so many.
func copyWords(dst, src []int32, n int) {
	n = min(n, len(dst), len(src))
	dst, src = dst[:n], src[:n]
	for i := range dst {
		dst[i] = src[i]
	}
}
