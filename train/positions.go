package train

import (
	"kindred/internal/kernel"
	"kindred/model"
)

// positionCurvature is to the weights of a position what inputCurvature is to a row of the input matrix. It is smaller, as a move of a
// weight moves its input by as much times a value of that, which is well below 1.
const positionCurvature = inputCurvature / 16

// newPositions returns the weights of the positions in a window, all of them 1: with them, training is as without weights. Row
// 0 is that of the farthest word before the center, and the last one that of the farthest behind it.
func newPositions(a Architecture) *model.Matrix {
	m := model.NewMatrix(2*a.Window, a.Dim)
	for i := range m.Rows {
		row := m.Row(i)
		for c := range row {
			row[c] = 1
		}
	}
	return m
}

// weighedInputs are the inputs of a step, each weighed value by value as its position in the window has it (Mikolov et al. 2018, "Advances in
// pre-training distributed word representations", section 2.2). What trains inputs trains these in their place; then
// their moves go to the rows of the words and to the weights.
type weighedInputs struct {
	weights   *model.Matrix // by position
	weighting kernel.Weighting
	numbers   []int32 // 0, 1, …: the inputs of a step are its first weighed ones
	// In rounds, shared are the weights with which all blocks of a round begin, and sums are those that this worker's blocks made of
	// them, added up in fixed point.
	shared *model.Matrix
	sums   []int32
}

// newWeighedInputs returns weighed inputs with the given weights, which they change.
func newWeighedInputs(weights *model.Matrix) *weighedInputs {
	w := &weighedInputs{weights: weights, numbers: make([]int32, weights.Rows)}
	for i := range w.numbers {
		w.numbers[i] = int32(i)
	}
	w.weighting.Stride, w.weighting.Weighted = weights.Stride, make([]float32, len(weights.Data))
	return w
}

// weigh weighs rows of a matrix: those of the words at the positions from first on. It returns the rows of what it made.
func (w *weighedInputs) weigh(k *kernel.Kernel, matrix []float32, rows []int32, first int32) (inputs []int32) {
	g := &w.weighting
	g.Matrix, g.Rows, g.Weights = matrix, rows, w.weights.Data[int(first)*g.Stride:]
	k.Weigh(g)
	return w.numbers[:len(rows)]
}

// giveBack moves words and weights by what moved the weighed inputs.
func (w *weighedInputs) giveBack(k *kernel.Kernel) { k.Unweigh(&w.weighting) }

// newReplicaPositions returns weighed inputs for a worker of rounds: its blocks change a copy of the weights.
func newReplicaPositions(shared *model.Matrix) *weighedInputs {
	w := newWeighedInputs(model.NewMatrix(shared.Rows, shared.Dim))
	w.shared, w.sums = shared, make([]int32, len(shared.Data))
	return w
}

// beginBlock sets the weights with which a block of a round begins.
func (w *weighedInputs) beginBlock() { copy(w.weights.Data, w.shared.Data) }

// endBlock adds the weights that the block made of them to the sums.
func (w *weighedInputs) endBlock(k *kernel.Kernel) {
	k.Accumulate(w.sums, w.weights.Stride, w.numbers, w.weights.Data)
}

// mergePositions moves the weights as the blocks of a round did, which have so many centers each. Then it forgets the sums.
//
// The weights of a position are a row that each window with a word there trains. They are merged as rows of words are; see
// [overshoot].
func mergePositions(k *kernel.Kernel, weights *model.Matrix, all []*weighedInputs, centers []int64, perPosition float32) {
	m := kernel.Merge{Matrix: weights.Data, Stride: weights.Stride}
	window := weights.Rows / 2
	for distance := 1; distance <= window; distance++ {
		var l load
		for _, n := range centers {
			l.add(float32(n)*float32(window+1-distance)/float32(window), perPosition)
		}
		for _, row := range []int{model.PositionRow(window, -distance), model.PositionRow(window, distance)} {
			m.Rows, m.Counts, m.Weights = append(m.Rows, int32(row)), append(m.Counts, int32(len(centers))), append(m.Weights, l.weight())
			for _, w := range all {
				m.Sums = append(m.Sums, &w.sums[row*weights.Stride])
			}
			m.Parts = append(m.Parts, int32(len(all)))
		}
	}
	k.Merge(&m)
	for _, w := range all {
		clear(w.sums)
	}
}
