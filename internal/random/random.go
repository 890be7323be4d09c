// Package random is the generator of all random numbers of training. They are addressed, not
// streamed: a [Stream] is made from the coordinates of the work that uses it, such as (seed, purpose,
// epoch, block). So any piece of work can be done alone, and no worker depends on what another has
// drawn.
package random

import "math/bits"

// golden is 2^64 divided by the golden ratio, odd: the step of SplitMix64.
const golden = 0x9e3779b97f4a7c15

// A Stream is SplitMix64 (Steele, Lea and Flood 2014): a counter whose values are mixed. It passes
// BigCrush, costs about a nanosecond a number, and gives its n-th number without those before. Its
// value is the state of the counter. The zero value is a valid stream.
type Stream uint64

// New returns the stream of the given coordinates. Streams of different coordinates start at unrelated
// places of one cycle of 2^64 numbers.
func New(coordinates ...uint64) Stream {
	var h uint64
	for _, c := range coordinates {
		h = mix(h + golden + mix(c+golden))
	}
	return Stream(h)
}

// Purposes of random numbers in training, the coordinate after the seed. They are kept together so that
// no two are the same.
const (
	Initialization      = iota // of a word's vector
	Subsampling                // of the tokens of an epoch
	Blocks                     // windows and negatives of a block
	NegativeCounts             // numbers of negatives in the steps of a block
	Probes                     // steps of a block that are probed
	NGramInitialization        // of the row of a bucket of character n-grams
	Layout                     // of words on a map
	Lines                      // that an epoch of a classifier has
	LineOrder                  // in which an epoch of a classifier trains its lines
	LineLabels                 // of a line of a classifier: which is trained, and the negatives
	HeldOutLines               // of a classifier, by their text
	Levels                     // of items in a graph for approximate search
)

// Uint64 returns the next 64 random bits.
func (s *Stream) Uint64() uint64 {
	*s += golden
	return mix(uint64(*s))
}

// At returns the n-th number after the stream's position without moving it; At(0) is what Uint64
// returns next.
func (s Stream) At(n uint64) uint64 { return mix(uint64(s) + (n+1)*golden) }

// Uint32n returns a number in [0, n) by Lemire's multiplication, with a bias below n * 2^-64.
func (s *Stream) Uint32n(n uint32) uint32 {
	high, _ := bits.Mul64(s.Uint64(), uint64(n))
	return uint32(high)
}

// Float64 returns a number in [0, 1) with 53 random bits.
func (s *Stream) Float64() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }

// mix is the finalizer of SplitMix64 (variant 13 of Stafford).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
