// Package separator says what separates tokens, and finds it fast: white space, control characters,
// the byte-order mark and the zero-width space. The documentation of analysis.Analyzer has the list.
package separator

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Len returns the length in bytes of the separator that text begins with, or 0 if it begins with
// none. text must not be empty.
func Len(text []byte) int {
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
	case c >= 0xe1 && len(text) >= 3 && wide(c, text[1], text[2]):
		return 3
	}
	return 0
}

// wide tells whether three bytes encode a separator.
func wide(a, b, c byte) bool {
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

// Starts marks the first bytes of separators. Bytes that continue a character are not among them.
var Starts = func() (starts [256]bool) {
	for c := range starts {
		starts[c] = c <= ' ' || c == 0x7f || c == 0xc2 || 0xe1 <= c && c <= 0xe3 || c == 0xef
	}
	return starts
}()

// Bytes repeated over a word, for the loop that looks at eight at a time.
const (
	each01 = 0x0101010101010101
	each21 = 0x2121212121212121
	each80 = 0x8080808080808080
)

// Next returns the index of the first separator in text at or after i, or len(text). text is valid
// UTF-8, and a character begins at i.
func Next(text []byte, i int) int {
	for i+8 <= len(text) {
		// The top bits of bytes that are at most 0x20, 0x7F, or not ASCII.
		// Carries may set bits above the first, but only the first is used.
		x := binary.LittleEndian.Uint64(text[i:])
		special := ((x - each21) | x | (x + each01)) & each80
		if special == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(special) / 8
		if text[i] <= ' ' { // most are
			return i
		}
		break
	}
	for i < len(text) && (!Starts[text[i]] || Len(text[i:]) == 0) {
		i++
	}
	return i
}

// BlockBytes is the number of bytes that [Mask] looks at.
const BlockBytes = 64

// Mask returns a bit for each byte of a block, the lowest for the first, that may begin a separator:
// the bytes that are at most 0x20, 0x7F, or not ASCII. [At] tells which of them do.
func Mask(block *[BlockBytes]byte) (mask uint64) {
	const (
		each7f = 0x7f * each01
		each5f = 0x5f * each01
		// gather times eight bytes of 0 or 1 has their bits in its highest byte.
		gather = 0x0102040810204080
	)
	for i := 0; i < BlockBytes; i += 8 {
		x := binary.LittleEndian.Uint64(block[i:])
		low := x & each7f // no carry leaves its byte
		special := (^(low + each5f) | (low + each01) | x) & each80
		mask |= (special >> 7 * gather >> 56) << i
	}
	return mask
}

// MaskShort is Mask for fewer bytes than a block.
func MaskShort(text []byte) (mask uint64) {
	for i, c := range text {
		if c <= ' ' || c >= 0x7f {
			mask |= 1 << i
		}
	}
	return mask
}

// At returns the length in bytes of the separator that begins with byte i of text, which is valid
// UTF-8, or 0 if none does.
func At(text []byte, i int) int {
	switch c := text[i]; {
	case c <= ' ':
		return 1
	case !Starts[c]:
		return 0
	}
	return Len(text[i:])
}

// LastEnd returns the end of the last separator in text, or 0 if there is none.
func LastEnd(text []byte) int {
	for i := len(text) - 1; i >= 0; i-- {
		if utf8.RuneStart(text[i]) {
			if n := Len(text[i:]); n > 0 {
				return i + n
			}
		}
	}
	return 0
}

// Trim returns text without the separators at both ends.
func Trim(text []byte) []byte {
	for len(text) > 0 {
		n := Len(text)
		if n == 0 {
			break
		}
		text = text[n:]
	}
	for {
		n := LastEnd(text)
		if n == 0 || n < len(text) {
			return text
		}
		_, size := utf8.DecodeLastRune(text)
		text = text[:len(text)-size]
	}
}
