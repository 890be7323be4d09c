package kernel

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"math/rand/v2"
	"testing"
)

// TestPortableBytes checks that the portable kernel gives the same bytes on all
// processors: the sums were recorded on amd64. An expression that a compiler
// may fuse to a multiply-add changes them elsewhere (float32(x*y) + z forbids it, and
// x*y + z does not). Replace a sum only if the
// arithmetic changes on purpose. NaN does not occur, as its bits depend on the processor.
func TestPortableBytes(t *testing.T) {
	for _, c := range []struct {
		name    string
		compute func(h *valueHash)
		want    string
	}{
		{"sigmoid", hashSigmoids, "665d7d4f764c3eb411d00f48ae4c7198"},
		{"small", func(h *valueHash) { hashSteps(h, 1.0/16, 60) }, "c61196101fb324cdf27737d6870009db"},
		{"usual", func(h *valueHash) { hashSteps(h, 0.5, 60) }, "410415bb958f94064d955c78f14213af"},
		{"large", func(h *valueHash) { hashSteps(h, 8, 12) }, "0ae265a4a964996e3943e6b1c8057f08"},
		{"denormal", func(h *valueHash) { hashSteps(h, 0x1p-132, 12) }, "a2ac2bcecc9ca2c9d52adb48aa4693c9"},
		{"products", hashProducts, "2f3c6364b4e4f93148ef2e026cea63a4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &valueHash{Hash: sha256.New(), t: t}
			c.compute(h)
			if got := hex.EncodeToString(h.Sum(nil)[:16]); got != c.want {
				t.Errorf("the sum is %s, want %s", got, c.want)
			}
		})
	}
}

// valueHash hashes the bits of values.
type valueHash struct {
	hash.Hash
	t *testing.T
}

func (h *valueHash) add(values ...float32) {
	buf := make([]byte, 0, 4*len(values))
	for i, v := range values {
		if v != v {
			h.t.Fatalf("value %d is NaN", i)
		}
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
	}
	h.Write(buf)
}

func hashSigmoids(h *valueHash) {
	scores(func(z float32) {
		sigmoid, _ := sigmoidSoftplus(z, false)
		_, softplus := sigmoidSoftplus(z, true)
		h.add(sigmoid, softplus)
	})
}

// hashSteps trains some steps for each of several dimensions, with row numbers
// that often repeat, and hashes matrices and losses.
func hashSteps(h *valueHash, size float32, steps int) {
	const rows = 12
	rng := rand.New(rand.NewPCG(20, 13))
	list := func(n int) []int32 {
		list := make([]int32, n)
		for i := range list {
			list[i] = int32(rng.IntN(rows))
		}
		return list
	}
	for _, dim := range []int{1, 7, 16, 100, 301} {
		stride := (dim + 15) / 16 * 16
		s := &Step{
			In: uniform(rng, rows, stride, dim, size), Out: uniform(rng, rows, stride, dim, size),
			Stride: stride, Dim: dim, Rate: 0.05, WithLoss: true,
		}
		for range steps {
			s.Inputs, s.Targets = list(1+rng.IntN(10)), list(1+rng.IntN(16))
			trainPortable(s)
		}
		h.add(s.In...)
		h.add(s.Out...)
		h.add(float32(s.Loss), float32(s.Loss-float64(float32(s.Loss))))
	}
}

func hashProducts(h *valueHash) {
	rng := rand.New(rand.NewPCG(8, 1))
	for _, dim := range []int{1, 7, 16, 100, 301} {
		const n, q = 11, 4
		stride := (dim + 15) / 16 * 16
		dst := make([]float32, n*q)
		productsPortable(dst, uniform(rng, n, stride, dim, 1), uniform(rng, q, stride, dim, 1), stride, dim)
		h.add(dst...)
	}
}

// uniform returns a matrix of values between -size and size, a power of two: they are
// products, so that there is nothing to fuse.
func uniform(rng *rand.Rand, rows, stride, dim int, size float32) []float32 {
	matrix := make([]float32, rows*stride)
	for r := range rows {
		for c := range dim {
			matrix[r*stride+c] = float32(int32(rng.Uint32())>>8) * 0x1p-23 * size
		}
	}
	return matrix
}
