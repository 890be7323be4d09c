package train

import (
	"slices"

	"kindred/internal/kernel"
	"kindred/model"
)

// A reducer brings what the blocks of a round did back into the parameters. It is all that the second phase of a round
// knows of where the blocks were trained: they are in memory here, and a reducer that fetches the arenas of other
// machines first, in the order of the blocks, leads to the same bytes. Each worker has one of its own, and
// reduces a part of the words in one of the two matrices at a time, which no other worker does.
type reducer interface {
	reduce(matrix *model.Matrix, input bool, arenas []arena, part int)
}

// A merger is the reducer of a single process.
type merger struct {
	do       func(*kernel.Merge)
	index    wordIndex
	merge    kernel.Merge
	replicas []replica
	next     []int32 // by row: how many replicas it has, and then where the next one goes
}

// A replica is a copy of a row in an arena.
type replica struct {
	row  int32 // in merge.Rows
	copy *float32
}

// reduce merges one part of one of the two matrices. A row that is in one arena is copied back; one that is in several
// moves by all that it moved in each of them, added in the order of the blocks, which makes the result
// independent of who trained them.
func (m *merger) reduce(matrix *model.Matrix, input bool, arenas []arena, part int) {
	g := &m.merge
	g.Matrix, g.Stride = matrix.Data, matrix.Stride
	m.find(input, arenas, part)
	g.Ends = g.Ends[:0]
	end := int32(0)
	for row, count := range m.next {
		m.next[row] = end
		end += count
		g.Ends = append(g.Ends, end)
	}
	g.Replicas = slices.Grow(g.Replicas[:0], len(m.replicas))[:len(m.replicas)]
	for _, r := range m.replicas {
		g.Replicas[m.next[r.row]] = r.copy
		m.next[r.row]++
	}
	m.do(g)
}

// find lists the replicas of a part of the words, in the order of the blocks, with their rows and how many each row has.
func (m *merger) find(input bool, arenas []arena, part int) {
	n := 0
	for i := range arenas {
		n += len(arenas[i].parts[part])
	}
	m.index.reset(n)
	rows, stride := m.merge.Rows[:0], m.merge.Stride
	m.replicas, m.next = m.replicas[:0], m.next[:0]
	for i := range arenas {
		a := &arenas[i]
		copies, end := a.out, len(a.words)
		if input {
			copies, end = a.in, a.text
		}
		for _, slot := range a.parts[part] {
			if int(slot) >= end {
				break // slots ascend, and only negatives follow
			}
			row := m.index.find(a.words[slot], int32(len(rows)))
			if int(row) == len(rows) {
				rows, m.next = append(rows, a.words[slot]), append(m.next, 0)
			}
			m.next[row]++
			m.replicas = append(m.replicas, replica{row, &copies[int(slot)*stride]})
		}
	}
	m.merge.Rows = rows
}
