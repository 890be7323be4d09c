package eval

import (
	"slices"

	"kindred/model/search"
)

// answer returns the id of the best answer to each question {a, b, c}, -1
// where there is none. Neither a, b and c nor, unless case counts, words that
// differ from one of them in case only are answers. That is gensim's rule,
// which ends there after five such words. (compute-accuracy of word2vec.c
// leaves out a, b and c alone, so that PARIS can take the place of Berlin.)
func (s *subject) answer(questions [][3]int, method search.AnalogyMethod) []int {
	index := s.analogyIndex()
	answers := index.Analogies(questions, method)
	for i, q := range questions {
		// The index leaves out a, b and c themselves. Where a variant of
		// them comes first, which is rare, the list has to be longer.
		variants := s.words.variantsOf(q)
		if slices.Contains(variants, answers[i]) {
			answers[i] = bestExcept(variants, index.Analogy(q[0], q[1], q[2], method, len(variants)+1))
		}
	}
	return answers
}

// bestExcept returns the id of the first of the neighbours that isn't
// excluded, -1 if there is none.
func bestExcept(excluded []int, neighbours []search.Neighbour) int {
	for _, n := range neighbours {
		if !slices.Contains(excluded, n.ID) {
			return n.ID
		}
	}
	return -1
}
