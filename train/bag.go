package train

import (
	"slices"

	"kindred/internal/kernel"
)

// A bag is an input that is made of several rows of the input matrix. Its hidden vector is
//
//	h = scale * (x(1) + x(2) + … + x(n))
//
// with scale 1/n for their mean and 1 for their sum. A row that occurs m times in the bag counts m
// times. A word of skip-gram is a bag of one row with scale 1; its step needs nothing of this file.
type bag struct {
	rows  []int32
	scale float32
}

// meanOf returns the bag whose hidden vector is the mean of the rows, at least one.
func meanOf(rows []int32) bag { return bag{rows, 1 / float32(len(rows))} }

// A bagGradient says which share of a move of the hidden vector each row of the bag gets.
//
// A step moves the hidden vector by d = -rate dL/dh. By the chain rule dL/dx(i) = scale dL/dh, so
// that gradient descent moves each row by scale*d. A mean of n different rows then moves by d/n
// only: its rate is in effect n times lower. If each row moves by d, the mean moves by d, as a
// vector of its own would.
type bagGradient int

const (
	// exactGradient gives each row scale*d, which is 1/n of the move for a mean: CBOW, whose
	// gradient word2vec.c does not divide (İrsoy, Benton and Stratos 2021), and labels (Joulin et
	// al. 2017).
	exactGradient bagGradient = iota
	// fullGradient gives each row all of d, as fastText does with the n-grams of a word (Bojanowski
	// et al. 2017).
	fullGradient
)

// factor returns the factor from the move of the hidden vector to that of each row.
func (g bagGradient) factor(b bag) float32 {
	if g == fullGradient {
		return 1
	}
	return b.scale
}

// A bagStep trains steps whose inputs are bags.
type bagStep struct {
	gradient bagGradient

	hidden, before []float32 // a row for each bag, during and before the step
	inputs         []int32   // the rows of hidden: 0, 1, …
}

// train does the step s with the given bags of rows of s.In as its inputs. The function trains a
// step of single rows: it is a kernel's Train, or trains another loss. All bags get their hidden
// vectors before the step and pass on their moves after it, so bags that share a row add up.
func (b *bagStep) train(s *kernel.Step, bags []bag, train func(*kernel.Step)) {
	rows := s.In
	n := len(bags) * s.Stride
	b.hidden, b.inputs = slices.Grow(b.hidden[:0], n)[:n], b.inputs[:0]
	clear(b.hidden)
	for i, bag := range bags {
		h := b.hidden[i*s.Stride:][:s.Stride]
		for _, row := range bag.rows {
			for j, x := range rows[int(row)*s.Stride:][:s.Stride] {
				h[j] += x
			}
		}
		for j := range h {
			h[j] *= bag.scale
		}
		b.inputs = append(b.inputs, int32(i))
	}
	b.before = append(b.before[:0], b.hidden...)

	s.In, s.Inputs = b.hidden, b.inputs
	train(s)
	s.In = rows

	for i, bag := range bags {
		factor := b.gradient.factor(bag)
		h, before := b.hidden[i*s.Stride:][:s.Stride], b.before[i*s.Stride:][:s.Stride]
		for j := range h {
			h[j] = factor * (h[j] - before[j])
		}
		for _, row := range bag.rows {
			x := rows[int(row)*s.Stride:][:s.Stride]
			for j, move := range h {
				x[j] += move
			}
		}
	}
}
