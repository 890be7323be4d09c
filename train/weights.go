package train

// inputCurvature is the curvature of the loss of a pair along the move of its input row: the mean of σ'(z)(y·d)²,
// where z is the score, y the output row and d the direction of the move. It is about the same from the
// first hundredth of a training to its end, at all dimensions, windows and rates: 0.09 to 0.3, and half of it with
// 15 negatives (TestCurvature). Along the moves of output rows it is larger within a window, whose inputs
// are alike; but the moves of different windows partly cancel. A quarter of the value of inputs is
// enough; docs/reproducibility.md has the evidence.
const (
	inputCurvature  = 0.12
	outputCurvature = inputCurvature / 4
)

// An overshoot says how far the moves that blocks add up overshoot.
//
// Each block of a round moves its own copy of a row from the same start. Seen alone, n pairs with the
// curvature h at the learning rate r move it by the share 1 - (1-rh)ⁿ of the way to where they are in
// balance, about x/(1+x) with x = n r h. All blocks together, one after the other, would move it by
// X/(1+X), X being the sum of their x. But their moves add up to Σ x/(1+x), which is more, and more than
// the whole way if the row is common. So the merge weighs the moves of a row by
//
//	w = X/(1+X) / Σ x/(1+x)
//
// which is 1 for a row that one block trains, and nearly 1 for rare words. The x follow from counts, which
// are known before the round is trained.
type overshoot struct {
	// perInput is the x of one occurrence of a word as an input, perOutput that of one as a center. A
	// negative counts as a center.
	perInput, perOutput float32
	// perPosition is the x of a word at a position, for the weights of that.
	perPosition float32
}

// newOvershoot returns the overshoot at a learning rate with k negatives per pair. A word is an input of
// window+1 windows on average, as each reaches 1 to window words to both sides, and meets 1+k targets
// in each. As a target, it meets window+1 inputs.
//
// With CBOW, an input meets the targets together with the other words of its window, whose vector is h. If h is
// their sum times s, and they move by m times what moves h, a step moves h by n s m of its own move, n being the
// number of words: as much as it does alone for a mean, and n times for the sum. For a target there is no such argument. It counts as in skip-gram: with less of it, CBOW learned less.
func newOvershoot(rate float64, a Architecture, k float64) overshoot {
	n := float64(a.Window + 1)
	inputs := n
	if a.isCBOW() {
		hidden, move := a.bagScale(a.Window + 1)
		inputs *= n * float64(hidden) * float64(move)
	}
	perPosition := float32(rate * inputs / n * (1 + k) * positionCurvature)
	return overshoot{perPosition: perPosition, perInput: float32(rate * inputs * (1 + k) * inputCurvature), perOutput: float32(rate * n * outputCurvature)}
}

// A load is what the blocks of a round do to a row.
type load struct {
	blocks           int32 // that train the row
	total, separated float32
}

// add adds a block that has n pairs of the row, each with the given x. The conversions prevent fused
// operations, which differ by processor.
func (l *load) add(n, perPair float32) {
	x := float32(n * perPair)
	l.blocks++
	l.total += x
	l.separated += float32(x / (1 + x))
}

// weight returns the weight of the moves of the row, from 0 to 1.
func (l *load) weight() float32 {
	if l.separated == 0 {
		return 1
	}
	return min(l.total/(1+l.total)/l.separated, 1) // rounding must not make it larger
}

// sharedPart is the part of a word that moves with another word with which it shares a row: the rows that both have, of all that the
// word has. It is 0.27 on average over pairs of words of a text, by their loads, and 0.44 over rows; docs/reproducibility.md has the evidence.
const sharedPart = 0.4

// A joinedLoad is what words do to a row that they share, such as that of an n-gram.
//
// A word moves all of its rows by how far it is to move itself. So the word with the load x goes x/(1+x) of its way, and with it the row.
// But the other words of the row go with them by a part only, o, of their rows. One after the other, they would move the row by
//
//	X / (1 + (p + (1-p) o) X)
//
// where X is the sum of the loads and p = Σx²/X² the probability that two pairs of the row are of the same word, which moves with itself as a whole. All
// from the same start, they move it by Σ x/(1+x), so that is weighed. For a row of one word the weight is 1.
type joinedLoad struct{ total, separated, squares float32 }

// weight returns the weight of the moves of the row, from 0 to 1.
func (l *joinedLoad) weight() float32 {
	if l.separated == 0 {
		return 1
	}
	same := l.squares / float32(l.total*l.total)
	part := same + float32((1-same)*sharedPart)
	return min(l.total/(1+float32(part*l.total))/l.separated, 1) // rounding must not make it larger
}
