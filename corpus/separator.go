package corpus

import (
	"encoding/binary"
	"math/bits"
)

// separatorLen returns the length in bytes of the separator that text begins
// with, 0 where it begins with none. What counts as a separator is said at
// [Analyzer]. text must not be empty.
func separatorLen(text []byte) int {
	c := text[0]
	switch {
	case c <= ' ' || c == 0x7f:
		return 1
	case c < 0xc2:
		return 0
	case c == 0xc2: // U+0080..U+00A0: C1 controls and NBSP
		if len(text) >= 2 && 0x80 <= text[1] && text[1] <= 0xa0 {
			return 2
		}
	case c >= 0xe1 && len(text) >= 3 && wideSeparator(c, text[1], text[2]):
		return 3
	}
	return 0
}

// wideSeparator tells whether three bytes encode a separator.
func wideSeparator(a, b, c byte) bool {
	switch {
	case a == 0xe1: // U+1680
		return b == 0x9a && c == 0x80
	case a == 0xe2 && b == 0x80: // U+2000..U+200B, U+2028, U+2029, U+202F
		return 0x80 <= c && c <= 0x8b || c == 0xa8 || c == 0xa9 || c == 0xaf
	case a == 0xe2: // U+205F
		return b == 0x81 && c == 0x9f
	case a == 0xe3: // U+3000
		return b == 0x80 && c == 0x80
	case a == 0xef: // U+FEFF
		return b == 0xbb && c == 0xbf
	}
	return false
}

// Bytes repeated over a word, for the loops that look at eight at a time.
const (
	each01 = 0x0101010101010101
	each21 = 0x2121212121212121
	each80 = 0x8080808080808080
)

// startsSeparator marks the first bytes of separators. Bytes that continue a
// character are not among them.
var startsSeparator = func() (starts [256]bool) {
	for c := range starts {
		starts[c] = c <= ' ' || c == 0x7f || c == 0xc2 || 0xe1 <= c && c <= 0xe3 || c == 0xef
	}
	return starts
}()

// runEnd returns the index of the first separator in text at or after i, or
// len(text). text is valid UTF-8 and i on a character's boundary.
func runEnd(text []byte, i int) int {
	for i+8 <= len(text) {
		// The top bits of bytes that are at most 0x20, 0x7F, or not ASCII.
		// Carries may set bits above the first, which alone counts.
		x := binary.LittleEndian.Uint64(text[i:])
		special := ((x - each21) | x | (x + each01)) & each80
		if special == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(special) / 8
		if text[i] <= ' ' { // as most do
			return i
		}
		break
	}
	for i < len(text) && (!startsSeparator[text[i]] || separatorLen(text[i:]) == 0) {
		i++
	}
	return i
}

// isASCII tells whether all bytes of b are below 0x80.
func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&each80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
