package model

import (
	"math"
	"slices"
)

// Cosine returns the cosine similarity of a and b, which must have equal length: a·b / (|a||b|), from
// -1 to 1. It is 0 if one of them has no direction: it is zero, or has a value that is NaN or infinite.
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

// FirstNotFinite returns the index of the first value that is NaN or infinite, -1 if there is none.
func FirstNotFinite(values []float32) int {
	// An exponent of all ones means NaN or infinite. One more in the exponent carries into the sign.
	const exponent, one = 0x7f800000, 0x00800000
	carry := uint32(0)
	for _, v := range values {
		carry |= math.Float32bits(v)&exponent + one
	}
	if carry>>31 == 0 {
		return -1
	}
	return slices.IndexFunc(values, func(v float32) bool { return v-v != 0 })
}

// Unit sets dst to v divided by its Euclidean length. If v has no direction (see [Cosine]) it sets dst
// to zero and returns false.
func Unit(dst, v []float32) bool {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x) // no float32 overflows this
	}
	if !(sum > 0) || math.IsInf(sum, 1) {
		clear(dst)
		return false
	}
	scale := 1 / math.Sqrt(sum)
	for i, x := range v {
		dst[i] = float32(float64(x) * scale)
	}
	return true
}
