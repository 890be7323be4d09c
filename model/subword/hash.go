package subword

import (
	"encoding/binary"
	"math/bits"
)

// FNV-1a's constants for 32 and 64 bits (Fowler, Noll and Vo).
const (
	fnvOffset32 = 2166136261
	fnvPrime32  = 16777619
	fnvOffset64 = 14695981039346656037
	fnvPrime64  = 1099511628211
)

// extendFNV32 continues a hash with the bytes of s: FNV-1a of 32 bits, except that each byte is extended
// with its sign, as fastText's Dictionary::hash does it for the models that were trained where char is
// signed. Start with fnvOffset32.
func extendFNV32(h uint32, s []byte) uint32 {
	for _, c := range s {
		h = (h ^ uint32(int32(int8(c)))) * fnvPrime32
	}
	return h
}

// finalfusionHash returns finalfusion's hash of an n-gram: FNV-1a of 64 bits over its length in runes, as
// 8 bytes, and its runes, as 4 bytes each, all little-endian.
func finalfusionHash(ngram []byte, runes int) uint64 {
	h := uint64(fnvOffset64)
	add := func(value uint64, n int) {
		for range n {
			h = (h ^ value&0xff) * fnvPrime64
			value >>= 8
		}
	}
	add(uint64(runes), 8)
	for _, r := range string(ngram) {
		add(uint64(r), 4)
	}
	return h
}

// murmur128 returns MurmurHash3_x64_128 (Appleby 2011, public domain) of key as floret uses it: the
// lower and the higher halves of the first 64 bits, then those of the second.
func murmur128(key []byte, seed uint32) [4]uint32 {
	const c1, c2 = 0x87c37b91114253d5, 0x4cf5ad432745937f
	mix1 := func(k uint64) uint64 { return bits.RotateLeft64(k*c1, 31) * c2 }
	mix2 := func(k uint64) uint64 { return bits.RotateLeft64(k*c2, 33) * c1 }
	h1, h2 := uint64(seed), uint64(seed)
	rest := key
	for ; len(rest) >= 16; rest = rest[16:] {
		h1 ^= mix1(binary.LittleEndian.Uint64(rest))
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52dce729
		h2 ^= mix2(binary.LittleEndian.Uint64(rest[8:]))
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495ab5
	}
	var tail [16]byte // a half of zeros changes nothing
	copy(tail[:], rest)
	h2 ^= mix2(binary.LittleEndian.Uint64(tail[8:]))
	h1 ^= mix1(binary.LittleEndian.Uint64(tail[:]))
	h1 ^= uint64(len(key))
	h2 ^= uint64(len(key))
	h1 += h2
	h2 += h1
	h1, h2 = avalanche(h1), avalanche(h2)
	h1 += h2
	h2 += h1
	return [4]uint32{uint32(h1), uint32(h1 >> 32), uint32(h2), uint32(h2 >> 32)}
}

// avalanche is MurmurHash3's fmix64.
func avalanche(k uint64) uint64 {
	k = (k ^ k>>33) * 0xff51afd7ed558ccd
	k = (k ^ k>>33) * 0xc4ceb9fe1a85ec53
	return k ^ k>>33
}
