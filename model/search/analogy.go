package search

import (
	"fmt"
	"math"

	"kindred/model"
)

// An AnalogyMethod is a way to find the word d for which a is to b as c is to d.
type AnalogyMethod int

const (
	// CosAdd is 3CosAdd: the d with the highest cos(d,b) - cos(d,a) + cos(d,c). If all vectors have
	// unit length it is the word nearest to b - a + c (Mikolov, Yih and Zweig 2013).
	CosAdd AnalogyMethod = iota
	// CosMul is 3CosMul: the d with the highest s(d,b) s(d,c) / (s(d,a) + 0.001), where s = (1+cos)/2
	// is never negative (Levy and Goldberg 2014).
	CosMul
)

// String returns "3CosAdd" or "3CosMul".
func (m AnalogyMethod) String() string {
	switch m {
	case CosAdd:
		return "3CosAdd"
	case CosMul:
		return "3CosMul"
	}
	return fmt.Sprintf("AnalogyMethod(%d)", int(m))
}

// cosMulEpsilon keeps 3CosMul from dividing by zero.
const cosMulEpsilon = 0.001

const (
	// analogyRows is the number of candidates that are scored at a time, and analogyWords the largest
	// number of distinct words in a batch of questions. Their products fit the second-level cache.
	analogyRows  = 128
	analogyWords = 1024
)

// Analogy returns the top words d, the best first, for which a is to b as c is to d. The three are
// not among the answers. The similarity is the cosine of d and b - a + c by [CosAdd], and the score
// by [CosMul].
func (x *Index) Analogy(a, b, c Query, method AnalogyMethod, top int) []Neighbor {
	if method == CosAdd {
		query := make([]float32, x.dim)
		for k := range query {
			query[k] = b.Vector[k] - a.Vector[k] + c.Vector[k]
		}
		return x.Nearest(query, top, a.ID, b.ID, c.ID)
	}
	batch := x.newBatch([][3]Query{{a, b, c}}, 0)
	scores := make([]float32, x.Len())
	x.search(analogyRows, func() func(start, end int) {
		tile := newScoreTile(x, batch, method)
		return func(start, end int) {
			n := tile.fill(start, end)
			pa, pb, pc := tile.columns(0, n)
			for i := range n {
				scores[start+i] = pb[i] * pc[i] * pa[i]
			}
		}
	})
	best := newRankings(1, min(top, x.Len()))[0]
	for id, s := range scores {
		if id != a.ID && id != b.ID && id != c.ID {
			best.add(candidate{id, s})
		}
	}
	return x.neighbors(best)
}

// AnalogyWords is [Index.Analogy] for words. The error is that of [Index.Query], or a
// [*NoDirectionError].
func (x *Index) AnalogyWords(a, b, c string, method AnalogyMethod, top int) ([]Neighbor, error) {
	var queries [3]Query
	for i, word := range []string{a, b, c} {
		q, err := x.Query(word)
		if err != nil {
			return nil, err
		}
		if !hasDirection(q.Vector) {
			return nil, x.orErr(&NoDirectionError{Word: word})
		}
		queries[i] = q
	}
	list := x.Analogy(queries[0], queries[1], queries[2], method, top)
	if err := x.Err(); err != nil {
		return nil, err
	}
	return list, nil
}

// Analogies answers many questions {a, b, c} like [Index.Analogy] with a top of 1. It returns the id
// of the best d for each, or -1 if all words are those of the question.
//
// It takes the products of the questions' distinct words with all vectors, rather than those of each
// question. A question then costs two additions or multiplications for each candidate.
func (x *Index) Analogies(questions [][3]Query, method AnalogyMethod) []int {
	answers := make([]int, 0, len(questions))
	for len(answers) < len(questions) {
		batch := x.newBatch(questions, len(answers))
		answers = append(answers, x.answer(batch, method)...)
	}
	return answers
}

// An analogyBatch is a run of questions that consist of few words.
type analogyBatch struct {
	questions [][3]Query
	// rows are the questions' words as rows of vectors.
	rows    [][3]int
	vectors *model.Matrix
}

// newBatch returns the longest batch of questions[start:].
func (x *Index) newBatch(questions [][3]Query, start int) *analogyBatch {
	type key struct {
		id     int
		vector *float32 // of a word that is no candidate
	}
	rowOf := make(map[key]int)
	var vectors [][]float32
	batch := &analogyBatch{}
	for _, question := range questions[start:] {
		if len(vectors) > analogyWords-3 {
			break
		}
		var rows [3]int
		for i, q := range question {
			which := key{id: q.ID}
			if q.ID < 0 {
				which.vector = &q.Vector[0]
			}
			row, known := rowOf[which]
			if !known {
				row = len(vectors)
				rowOf[which] = row
				vectors = append(vectors, q.Vector)
			}
			rows[i] = row
		}
		batch.rows = append(batch.rows, rows)
	}
	batch.questions = questions[start : start+len(batch.rows)]
	batch.vectors = model.NewMatrix(len(vectors), x.dim)
	for row, v := range vectors {
		copy(batch.vectors.Row(row), v)
	}
	return batch
}

// answer returns the best answer to each question of the batch.
func (x *Index) answer(batch *analogyBatch, method AnalogyMethod) []int {
	var workers [][]candidate
	x.search(analogyRows, func() func(start, end int) {
		tile := newScoreTile(x, batch, method)
		best := make([]candidate, len(batch.questions))
		for i := range best {
			best[i] = candidate{-1, float32(math.Inf(-1))}
		}
		workers = append(workers, best)
		search := bestSum
		if method == CosMul {
			search = bestProduct
		}
		return func(start, end int) {
			n := tile.fill(start, end)
			for i := range batch.questions {
				pa, pb, pc := tile.columns(i, n)
				search(&best[i], pa, pb, pc, start, &batch.questions[i])
			}
		}
	})
	answers := make([]int, len(batch.questions))
	for i := range answers {
		best := candidate{-1, float32(math.Inf(-1))}
		for _, w := range workers {
			if w[i].id >= 0 && (best.id < 0 || compareCandidates(w[i], best) > 0) {
				best = w[i]
			}
		}
		answers[i] = best.id
	}
	return answers
}

// A scoreTile holds the products of a batch's words with some candidates, in the form that the method
// needs.
type scoreTile struct {
	batch  *analogyBatch
	method AnalogyMethod
	rows   *tile
	// plain has the cosines for CosAdd, and s for CosMul. inverse has 1/(s + 0.001) for CosMul.
	plain, inverse []float32
}

func newScoreTile(x *Index, batch *analogyBatch, method AnalogyMethod) *scoreTile {
	s := &scoreTile{batch: batch, method: method, rows: x.newTile(analogyRows)}
	s.plain = make([]float32, batch.vectors.Rows*analogyRows)
	if method == CosMul {
		s.inverse = make([]float32, len(s.plain))
	}
	return s
}

// fill computes the products with the candidates start..end-1 and returns the number of candidates.
func (s *scoreTile) fill(start, end int) int {
	n := end - start
	s.rows.cosines(s.plain, start, n, s.batch.vectors)
	if s.method == CosMul {
		for i, c := range s.plain[:s.batch.vectors.Rows*n] {
			shifted := max(0, (1+c)/2)
			s.plain[i] = shifted
			s.inverse[i] = 1 / (shifted + cosMulEpsilon)
		}
	}
	return n
}

// columns returns the products of the words a, b and c of question i with the n candidates. Those of a
// are inverse for CosMul.
func (s *scoreTile) columns(i, n int) (pa, pb, pc []float32) {
	rows := s.batch.rows[i]
	first := s.plain
	if s.method == CosMul {
		first = s.inverse
	}
	cut := func(from []float32, row int) []float32 { return from[row*n : (row+1)*n] }
	return cut(first, rows[0]), cut(s.plain, rows[1]), cut(s.plain, rows[2])
}

// bestSum updates best with the candidates start, start+1, … by 3CosAdd, except the words of the
// question.
func bestSum(best *candidate, pa, pb, pc []float32, start int, question *[3]Query) {
	pb, pc = pb[:len(pa)], pc[:len(pa)]
	highest := best.score
	for i, a := range pa {
		s := pb[i] - a + pc[i]
		if s > highest {
			id := start + i
			if id != question[0].ID && id != question[1].ID && id != question[2].ID {
				highest = s
				*best = candidate{id, s}
			}
		}
	}
}

// bestProduct is bestSum for 3CosMul. pa has the inverse similarities.
func bestProduct(best *candidate, pa, pb, pc []float32, start int, question *[3]Query) {
	pb, pc = pb[:len(pa)], pc[:len(pa)]
	highest := best.score
	for i, a := range pa {
		s := pb[i] * pc[i] * a
		if s > highest {
			id := start + i
			if id != question[0].ID && id != question[1].ID && id != question[2].ID {
				highest = s
				*best = candidate{id, s}
			}
		}
	}
}
