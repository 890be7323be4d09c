package classifier

import "math"

// A Tree is fastText's Huffman tree of labels, by their counts.
type Tree struct {
	// paths are by label the inner nodes from the root to it, and turns which way the path goes at each.
	paths [][]int32
	turns [][]bool
}

// NewTree returns the tree of labels with these counts, in descending order, built as fastText builds it.
func NewTree(counts []int64) *Tree {
	n := len(counts)
	t := &Tree{paths: make([][]int32, n), turns: make([][]bool, n)}
	if n < 2 {
		return t
	}
	type node struct {
		parent int
		count  int64
		right  bool
	}
	nodes := make([]node, 2*n-1)
	for i := range nodes {
		nodes[i] = node{parent: -1, count: 1e15}
	}
	for i, c := range counts {
		nodes[i].count = c
	}
	leaf, inner := n-1, n
	for i := n; i < 2*n-1; i++ {
		var children [2]int
		for j := range children {
			if leaf >= 0 && nodes[leaf].count < nodes[inner].count {
				children[j] = leaf
				leaf--
			} else {
				children[j] = inner
				inner++
			}
		}
		nodes[i].count = nodes[children[0]].count + nodes[children[1]].count
		nodes[children[0]].parent, nodes[children[1]].parent = i, i
		nodes[children[1]].right = true
	}
	for i := range n {
		for j := i; nodes[j].parent != -1; j = nodes[j].parent {
			t.paths[i] = append(t.paths[i], int32(nodes[j].parent-n))
			t.turns[i] = append(t.turns[i], nodes[j].right)
		}
	}
	return t
}

// probabilities replaces the scores of the inner nodes by the probability of each label: the product of those of the turns on
// its path. There are as many scores as labels.
func (t *Tree) probabilities(scores []float32) {
	right := make([]float64, len(scores))
	for i, s := range scores {
		right[i] = 1 / (1 + math.Exp(-float64(s))) // not by fastText's table
	}
	for i := range scores {
		log := 0.0
		for j, node := range t.paths[i] {
			p := right[node]
			if !t.turns[i][j] {
				p = 1 - p
			}
			log += math.Log(p + 1e-5) // as fastText, whose logarithm has this within
		}
		scores[i] = float32(math.Exp(log))
	}
}
