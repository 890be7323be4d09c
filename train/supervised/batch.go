package supervised

import (
	"math"
	"slices"
	"sync"

	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
	"kindred/model/classifier"
)

// A batch trains lines together.
type batch struct {
	t      *trainer
	stride int
	lines  []int32
	epoch  int
	rate   float64
	hidden *model.Matrix // by line: the mean of its rows
	change *model.Matrix // by line: what each of its rows moves by
	zeros  []float32
	// gradients are by line and label minus the derivative of the loss by the score, times the weight of the line.
	gradients []float32
	scores    []float32
	weights   []float32 // by line: the largest of its labels
	losses    []float64
	workers   []*worker
}

// A worker does its part of a batch.
type worker struct {
	gather, spread, outputs kernel.Combination
	moves                   kernel.Distribution
	chosen                  []int32 // negatives
	candidates              []scored
	load                    []float64
	moved, damped           int64
}

type scored struct {
	label int32
	score float32
}

func newBatch(t *trainer) *batch {
	n, labels := t.c.Batch, len(t.model.Labels)
	b := &batch{
		t: t, stride: t.input.Stride, hidden: model.NewMatrix(n, t.c.Dim), change: model.NewMatrix(n, t.c.Dim),
		gradients: make([]float32, n*labels), scores: make([]float32, n*labels), weights: make([]float32, n), losses: make([]float64, n),
	}
	b.zeros = make([]float32, n*b.stride)
	for range t.c.Threads {
		w := &worker{}
		w.gather = kernel.Combination{Matrix: b.hidden.Data, Source: t.input.Data, Stride: b.stride}
		w.spread = kernel.Combination{Matrix: b.change.Data, Source: t.output.Data, Stride: b.stride}
		w.outputs = kernel.Combination{Matrix: t.output.Data, Source: b.hidden.Data, Stride: b.stride}
		w.moves = kernel.Distribution{Matrix: t.input.Data, Now: b.change.Data, Stride: b.stride, Weights: t.damping}
		b.workers = append(b.workers, w)
	}
	return b
}

// each runs do for all workers at once.
func (b *batch) each(do func(number int, w *worker)) {
	if len(b.workers) == 1 {
		do(0, b.workers[0])
		return
	}
	var running sync.WaitGroup
	for i, w := range b.workers[1:] {
		running.Go(func() { do(i+1, w) })
	}
	do(0, b.workers[0])
	running.Wait()
}

// share returns the part of n things that a worker takes.
func (b *batch) share(number, n int) (from, to int) {
	return number * n / len(b.workers), (number + 1) * n / len(b.workers)
}

// train trains lines and returns the sum of their losses.
func (b *batch) train(lines []int32, epoch int, rate float64) float64 {
	b.lines, b.epoch, b.rate = lines, epoch, rate
	clear(b.hidden.Data)
	clear(b.change.Data)
	clear(b.gradients)
	b.each(b.forward)
	loss := 0.0
	for i, l := range b.losses[:len(lines)] {
		loss += l
		if b.t.lastLoss != nil {
			b.t.lastLoss[lines[i]] = l
		}
	}
	b.measureLoads()
	b.each(b.moveOutputs)
	b.each(b.moveInputs)
	b.resetLoads()
	for _, w := range b.workers {
		b.t.moves, b.t.damped = b.t.moves+w.moved, b.t.damped+w.damped
		w.moved, w.damped = 0, 0
	}
	return loss
}

// rowsOf returns the rows of line i of the batch.
func (b *batch) rowsOf(i int) []int32 {
	t, l := b.t, b.lines[i]
	return t.rows[t.starts[l]:t.starts[l+1]]
}

// forward computes the hidden vectors, scores, gradients and losses of a worker's lines.
func (b *batch) forward(number int, w *worker) {
	from, to := b.share(number, len(b.lines))
	if from == to {
		return
	}
	t, labels := b.t, len(b.t.model.Labels)
	w.gather.Reset()
	for i := from; i < to; i++ {
		rows := b.rowsOf(i)
		w.gather.Rows = append(w.gather.Rows, int32(i))
		w.gather.Terms = append(w.gather.Terms, rows...)
		w.gather.Ends = append(w.gather.Ends, int32(len(w.gather.Terms)))
		scale := 1 / float32(max(len(rows), 1))
		for range rows {
			w.gather.Weights = append(w.gather.Weights, scale)
		}
	}
	t.k.Combine(&w.gather)
	hidden := b.hidden.Data[from*b.stride : to*b.stride]
	t.k.Products(b.scores[from*labels:to*labels], t.output.Data, hidden, b.stride, t.c.Dim)
	w.spread.Reset()
	for i := from; i < to; i++ {
		scores, gradients := b.scores[i*labels:(i+1)*labels], b.gradients[i*labels:(i+1)*labels]
		b.losses[i] = b.lossOf(i, w, scores, gradients)
		w.spread.Rows = append(w.spread.Rows, int32(i))
		scale := float32(b.rate) / float32(max(len(b.rowsOf(i)), 1))
		for k, g := range gradients {
			if g != 0 {
				w.spread.Terms = append(w.spread.Terms, int32(k))
				w.spread.Weights = append(w.spread.Weights, scale*g)
			}
		}
		w.spread.Ends = append(w.spread.Ends, int32(len(w.spread.Terms)))
	}
	t.k.Combine(&w.spread)
}

// lossOf sets the gradients of line i and returns its loss.
func (b *batch) lossOf(i int, w *worker, scores, gradients []float32) float64 {
	t := b.t
	l := b.lines[i]
	own := t.labels[t.labelStarts[l]:t.labelStarts[l+1]]
	r := random.New(t.c.Seed, random.LineLabels, uint64(b.epoch), uint64(l))
	switch t.c.Loss {
	case classifier.OneVsAll:
		weight := float32(0)
		for _, y := range own {
			weight = max(weight, t.weights[y])
		}
		b.weights[i] = weight
		loss := 0.0
		for k, s := range scores {
			y := slices.Contains(own, int32(k))
			loss += float64(weight) * logistic(&gradients[k], s, y, weight)
		}
		return loss
	case classifier.NegativeSampling:
		loss := 0.0
		b.weights[i] = 0
		for _, y := range own {
			weight := t.weights[y]
			b.weights[i] = max(b.weights[i], weight)
			var g float32
			loss += float64(weight) * logistic(&g, scores[y], true, weight)
			gradients[y] += g
			for _, k := range b.negatives(w, &r, own, scores) {
				g = 0
				loss += float64(weight) * logistic(&g, scores[k], false, weight)
				gradients[k] += g
			}
		}
		return loss
	}
	y := own[0]
	if len(own) > 1 { // as fastText, one of them at a time
		y = own[r.Uint32n(uint32(len(own)))]
	}
	weight := t.weights[y]
	b.weights[i] = weight
	copy(gradients, scores)
	classifier.SoftmaxOf(gradients)
	loss := -float64(weight) * math.Log(max(float64(gradients[y]), 1e-30))
	for k := range gradients {
		gradients[k] *= -weight
	}
	gradients[y] += weight
	return loss
}

// logistic adds minus the derivative of the loss by the score to g, times the weight, and returns the loss.
func logistic(g *float32, score float32, positive bool, weight float32) float64 {
	p := 1 / (1 + math.Exp(-float64(score)))
	if positive {
		*g += weight * float32(1-p)
		return -math.Log(max(p, 1e-30))
	}
	*g -= weight * float32(p)
	return -math.Log(max(1-p, 1e-30))
}

// negatives draws labels that the line does not have. With hard negatives it takes those with the highest scores of
// several times as many.
func (b *batch) negatives(w *worker, r *random.Stream, own []int32, scores []float32) []int32 {
	t := b.t
	w.chosen = w.chosen[:0]
	if len(own) >= len(scores) {
		return nil
	}
	draw := func() int32 {
		for {
			if k := t.noise.Draw(r.Uint64()); !slices.Contains(own, k) {
				return k
			}
		}
	}
	if t.c.Hard == 1 {
		for range t.c.Negatives {
			w.chosen = append(w.chosen, draw())
		}
		return w.chosen
	}
	w.candidates = w.candidates[:0]
	for range t.c.Negatives * t.c.Hard {
		k := draw()
		w.candidates = append(w.candidates, scored{k, scores[k]})
	}
	slices.SortStableFunc(w.candidates, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return int(a.label - b.label)
	})
	for _, c := range w.candidates[:t.c.Negatives] {
		w.chosen = append(w.chosen, c.label)
	}
	return w.chosen
}

// curvature bounds the second derivative of the logistic loss by the score.
const curvature = 0.25

// curvatureOf returns a bound of the second derivative of the loss by a score, from here to where the loss is least: the gradient is g for a line with
// this weight. The second derivative is p(1-p) for the probability p of the label, which falls on the way if p is on the better side of 1/2 already,
// and reaches 1/4 if it is not. Several negatives of the same label add up.
func curvatureOf(g, weight float64) float64 {
	wrong := math.Abs(g) / weight // 1-p for a label that the line has, p for another
	if wrong < 0.5 {
		return weight * wrong * (1 - wrong)
	}
	return weight * curvature * max(1, wrong)
}

// measureLoads adds up for each row of the batch by how much of the way to the minimum its lines could move it: the
// learning rate times the largest second derivative of their losses by the row.
func (b *batch) measureLoads() {
	t := b.t
	square := 0.0
	for i := range t.output.Rows {
		square = max(square, squareOf(t.output.Row(i)))
	}
	for i := range b.lines {
		rows := b.rowsOf(i)
		load := float32(b.rate * curvature * 2 * square / float64(len(rows)*len(rows)))
		for _, r := range rows {
			t.loads[r] += load
		}
	}
	for i := range b.lines {
		for _, r := range b.rowsOf(i) {
			if l := t.loads[r]; l > 1 {
				t.damping[r] = 1 / l
			}
		}
	}
}

// resetLoads forgets the loads of the batch.
func (b *batch) resetLoads() {
	t := b.t
	for i := range b.lines {
		for _, r := range b.rowsOf(i) {
			t.loads[r], t.damping[r] = 0, 1
		}
	}
}

func squareOf(row []float32) float64 {
	sum := 0.0
	for _, x := range row {
		sum += float64(x) * float64(x)
	}
	return sum
}

// moveOutputs moves the rows of a worker's labels.
func (b *batch) moveOutputs(number int, w *worker) {
	t, labels := b.t, len(b.t.model.Labels)
	from, to := b.share(number, labels)
	w.load = w.load[:0]
	for i := range b.lines {
		w.load = append(w.load, b.rate*squareOf(b.hidden.Row(i)))
	}
	w.outputs.Reset()
	for k := from; k < to; k++ {
		load, terms := 0.0, len(w.outputs.Terms)
		for i := range b.lines {
			if g := b.gradients[i*labels+k]; g != 0 {
				load += w.load[i] * curvatureOf(float64(g), float64(b.weights[i]))
				w.outputs.Terms = append(w.outputs.Terms, int32(i))
				w.outputs.Weights = append(w.outputs.Weights, float32(b.rate)*g)
			}
		}
		if len(w.outputs.Terms) == terms {
			continue
		}
		w.moved++
		if load > 1 {
			w.damped++
			for j := range w.outputs.Weights[terms:] {
				w.outputs.Weights[terms+j] /= float32(load)
			}
		}
		w.outputs.Rows = append(w.outputs.Rows, int32(k))
		w.outputs.Ends = append(w.outputs.Ends, int32(len(w.outputs.Terms)))
	}
	t.k.Combine(&w.outputs)
}

// moveInputs moves the rows of the lines that are a worker's: every row belongs to one.
func (b *batch) moveInputs(number int, w *worker) {
	t := b.t
	w.moves.Before = b.zeros
	w.moves.Rows, w.moves.Ends, w.moves.Terms = w.moves.Rows[:0], w.moves.Ends[:0], w.moves.Terms[:0]
	n := int32(len(b.workers))
	for i := range b.lines {
		rows := b.rowsOf(i)
		if n == 1 {
			w.moves.Terms = append(w.moves.Terms, rows...)
		} else {
			for _, r := range rows {
				if r%n == int32(number) {
					w.moves.Terms = append(w.moves.Terms, r)
				}
			}
		}
		w.moves.Rows = append(w.moves.Rows, int32(i))
		w.moves.Ends = append(w.moves.Ends, int32(len(w.moves.Terms)))
	}
	t.k.Distribute(&w.moves)
}
