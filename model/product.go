package model

// products sets dst[i*n+j] to the inner product of query i and row j, for
// 0 <= i < q and 0 <= j < n. Queries and rows are stride values apart in
// queries and rows, stride is a multiple of 4, and what pads them is zero.
// dst must have q*n values, queries q*stride and rows n*stride.
//
// Each product is summed in the same order whatever q and n are, so that it
// does not depend on how the work is cut.
func products(dst, rows []float32, stride, n int, queries []float32, q int) {
	i := 0
	for ; i+2 <= q; i += 2 {
		j := 0
		for ; j+4 <= n; j += 4 {
			products2x4(dst[i*n+j:], n, rows[j*stride:], stride, queries[i*stride:])
		}
		for ; j < n; j++ {
			row := rows[j*stride : (j+1)*stride]
			dst[i*n+j] = dot(row, queries[i*stride:])
			dst[(i+1)*n+j] = dot(row, queries[(i+1)*stride:])
		}
	}
	for ; i < q; i++ {
		for j := range n {
			dst[i*n+j] = dot(rows[j*stride:(j+1)*stride], queries[i*stride:])
		}
	}
}

// products2x4 computes the products of two queries and four rows; those of
// the second query go to dst[n:].
func products2x4(dst []float32, n int, rows []float32, stride int, queries []float32) {
	r0 := rows[:stride]
	r1 := rows[stride:][:len(r0)]
	r2 := rows[2*stride:][:len(r0)]
	r3 := rows[3*stride:][:len(r0)]
	q0 := queries[:len(r0)]
	q1 := queries[stride:][:len(r0)]
	var s00, s01, s02, s03, s10, s11, s12, s13 float32
	for k := range r0 {
		a, b := q0[k], q1[k]
		x := r0[k]
		s00 += a * x
		s10 += b * x
		x = r1[k]
		s01 += a * x
		s11 += b * x
		x = r2[k]
		s02 += a * x
		s12 += b * x
		x = r3[k]
		s03 += a * x
		s13 += b * x
	}
	dst[0], dst[1], dst[2], dst[3] = s00, s01, s02, s03
	dst = dst[n:]
	dst[0], dst[1], dst[2], dst[3] = s10, s11, s12, s13
}

// dot returns the inner product of a and the first len(a) values of b, summed
// from the first to the last.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	sum := float32(0)
	for k, x := range a {
		sum += x * b[k]
	}
	return sum
}
