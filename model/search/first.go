package search

// First returns an index whose candidates are the first n of x: the most frequent ones if kindred trained
// the vectors. It takes no memory of its own. n below 1 or above [Index.Len] means all.
func (x *Index) First(n int) *Index {
	if n < 1 || n >= x.Len() {
		return x
	}
	first := &Index{e: x.e, dim: x.dim, rows: x.rows, n: n, lengths: x.lengths, failure: x.failure}
	if x.ids != nil {
		first.ids = x.ids[:n]
	}
	return first
}
