package subword

import (
	"cmp"
	"fmt"
	"slices"

	"kindred/model"
)

// Classes divide rows among classes, so that all rows of a class belong to the same words, each as often. Training always
// moves such rows together: a word's own row, for example, and those of n-grams that no other word has. So a class needs
// one row only.
type Classes struct {
	// Of has the class of each row, and Sizes the number of rows of each class.
	Of, Sizes []int32
}

// FindClasses finds the largest classes of n rows. Word i has the rows rows[starts[i]:starts[i+1]], one as often as it is
// there. Classes are numbered in the order in which words have them; a row that no word has is a class of its own.
//
// All rows begin in one class. Each word divides every class of its rows by how often it has them, which is
// partition refinement (Paige and Tarjan 1987).
func FindClasses(starts, rows []int32, n int) Classes {
	type use struct{ class, times, row int32 }
	of, classes := make([]int32, n), int32(1)
	times := make([]int32, n)
	var uses []use
	for i := range len(starts) - 1 {
		list := rows[starts[i]:starts[i+1]]
		for _, row := range list {
			times[row]++
		}
		uses = uses[:0]
		for _, row := range list {
			if times[row] > 0 {
				uses = append(uses, use{of[row], times[row], row})
				times[row] = 0
			}
		}
		slices.SortFunc(uses, func(a, b use) int { return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.times, b.times)) })
		for k, u := range uses {
			if k == 0 || u.class != uses[k-1].class || u.times != uses[k-1].times {
				classes++
			}
			of[u.row] = classes - 1
		}
	}
	return numberClasses(of, rows, int(classes))
}

// numberClasses numbers classes in the order in which rows has them, then those of rows that it lacks, one each.
func numberClasses(of, rows []int32, classes int) Classes {
	c := Classes{Of: make([]int32, len(of))}
	numbers := make([]int32, classes)
	for _, row := range rows {
		if class := of[row]; class > 0 && numbers[class] == 0 {
			c.Sizes = append(c.Sizes, 0)
			numbers[class] = int32(len(c.Sizes))
		}
	}
	for row, class := range of {
		if numbers[class] == 0 {
			c.Of[row] = int32(len(c.Sizes))
			c.Sizes = append(c.Sizes, 1)
			continue
		}
		c.Of[row] = numbers[class] - 1
		c.Sizes[c.Of[row]]++
	}
	return c
}

// SingleClasses returns classes of one row each.
func SingleClasses(n int) Classes {
	c := Classes{Of: make([]int32, n), Sizes: make([]int32, n)}
	for row := range n {
		c.Of[row], c.Sizes[row] = int32(row), 1
	}
	return c
}

// A Shared is a [model.Storage] in which several rows may be one stored row.
type Shared struct {
	rows model.Storage
	of   []int32
}

// NewShared returns the storage in which row i is row of[i] of rows. The error says which number is outside.
func NewShared(rows model.Storage, of []int32) (*Shared, error) {
	n, _ := rows.Shape()
	for i, row := range of {
		if row < 0 || int(row) >= n {
			return nil, fmt.Errorf("row %d is stored as row %d of %d", i, row, n)
		}
	}
	return &Shared{rows, of}, nil
}

// Shape implements [model.Storage].
func (s *Shared) Shape() (rows, dim int) {
	_, dim = s.rows.Shape()
	return len(s.of), dim
}

// ReadRow implements [model.Storage].
func (s *Shared) ReadRow(buf []float32, i int) []float32 { return s.rows.ReadRow(buf, int(s.of[i])) }

// Err returns the error of the stored rows, if they can have one.
func (s *Shared) Err() error {
	if e, ok := s.rows.(interface{ Err() error }); ok {
		return e.Err()
	}
	return nil
}

// Stored returns the rows that are stored, and Of the number of the stored row of each row, which must not be changed.
func (s *Shared) Stored() model.Storage { return s.rows }
func (s *Shared) Of() []int32           { return s.of }
