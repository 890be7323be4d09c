package model

import "math"

// Cosine returns the cosine similarity of a and b, which must be of equal
// length: a·b / (|a||b|), from -1 to 1. It is 0 where one of them is zero or
// has a value that is NaN or infinite, and so has no direction.
func Cosine(a, b []float32) float64 {
	b = b[:len(a)]
	var ab, aa, bb float64
	for i, x := range a {
		ab += float64(x) * float64(b[i])
		aa += float64(x) * float64(x)
		bb += float64(b[i]) * float64(b[i])
	}
	c := ab / (math.Sqrt(aa) * math.Sqrt(bb))
	if math.IsNaN(c) {
		return 0
	}
	return max(-1, min(1, c))
}

// normalise sets dst to src divided by its Euclidean length, or to zero where
// src has no direction (see [Cosine]).
func normalise(dst, src []float32) {
	sum := 0.0
	for _, v := range src {
		sum += float64(v) * float64(v) // no float32 overflows this
	}
	if !(sum > 0) || math.IsInf(sum, 1) {
		clear(dst)
		return
	}
	scale := 1 / math.Sqrt(sum)
	for i, v := range src {
		dst[i] = float32(float64(v) * scale)
	}
}
