package analysis

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// lowerFilter converts to lower case.
type lowerFilter struct{}

func (lowerFilter) Name() string { return "lower" }

func (lowerFilter) Filter(dst, token []byte) []byte {
	same := 0 // leading bytes that stay
	for same < len(token) && token[same] < utf8.RuneSelf && token[same]-'A' > 'Z'-'A' {
		same++
	}
	if same == len(token) {
		return token
	}
	dst = append(dst, token[:same]...)
	for i := same; i < len(token); {
		c := token[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(token[i:])
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
		i += n
	}
	return dst
}

// turkishFilter converts to lower case as in Turkish and Azerbaijani.
type turkishFilter struct{}

func (turkishFilter) Name() string { return "lower:turkish" }

func (turkishFilter) Filter(dst, token []byte) []byte {
	if !bytes.ContainsAny(token, "Iİ") {
		return lowerFilter{}.Filter(dst, token)
	}
	const dotAbove = "\u0307"
	for i := 0; i < len(token); {
		r, n := utf8.DecodeRune(token[i:])
		i += n
		switch {
		case r == 'I' && bytes.HasPrefix(token[i:], []byte(dotAbove)): // İ in two characters
			dst = append(dst, 'i')
			i += len(dotAbove)
		case r == 'I':
			dst = append(dst, "ı"...)
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r)) // of İ, i
		}
	}
	return dst
}

// greekFilter converts to lower case as in Greek: a capital sigma at the end of a word becomes ς.
type greekFilter struct{}

func (greekFilter) Name() string { return "lower:greek" }

func (greekFilter) Filter(dst, token []byte) []byte {
	if !bytes.ContainsRune(token, 'Σ') {
		return lowerFilter{}.Filter(dst, token)
	}
	inWord := false // a letter stands before
	for i := 0; i < len(token); {
		r, n := utf8.DecodeRune(token[i:])
		i += n
		if r == 'Σ' && inWord && !beginsWithLetter(token[i:]) {
			r = 'ς'
		}
		if !unicode.Is(unicode.Mn, r) {
			inWord = unicode.IsLetter(r)
		}
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
	}
	return dst
}

// beginsWithLetter reports whether a letter is the first character of text that is not a mark.
func beginsWithLetter(text []byte) bool {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if !unicode.Is(unicode.Mn, r) {
			return unicode.IsLetter(r)
		}
		text = text[n:]
	}
	return false
}

// normFilter normalizes to a Unicode normalization form.
type normFilter struct {
	name string
	form norm.Form
}

var (
	nfc  = normFilter{"nfc", norm.NFC}
	nfkc = normFilter{"nfkc", norm.NFKC}
)

func (f normFilter) Name() string { return f.name }

func (f normFilter) Filter(dst, token []byte) []byte {
	if isASCII(token) || f.form.IsNormal(token) {
		return token
	}
	return f.form.Append(dst, token...)
}

// foldFilter removes accents.
type foldFilter struct{}

func (foldFilter) Name() string { return "fold" }

func (foldFilter) Filter(dst, token []byte) []byte {
	if isASCII(token) {
		return token
	}
	decomposed := norm.NFD.Append(nil, token...)
	bare := make([]byte, 0, len(decomposed)+8)
	for i := 0; i < len(decomposed); {
		r, n := utf8.DecodeRune(decomposed[i:])
		if letters, ok := foldedLetters[r]; ok {
			bare = append(bare, letters...)
		} else if !isAccent(r) {
			bare = append(bare, decomposed[i:i+n]...)
		}
		i += n
	}
	return norm.NFC.Append(dst, bare...)
}

// isAccent tells whether r is a mark that many scripts share. The Japanese voicing marks belong to
// that class, too, but make another syllable.
func isAccent(r rune) bool {
	return unicode.Is(unicode.Mn, r) && unicode.Is(unicode.Inherited, r) && r != 0x3099 && r != 0x309a
}

// foldedLetters are letters without a decomposition, and how people write them whose keyboard lacks
// them.
var foldedLetters = map[rune]string{
	'ß': "ss", 'ẞ': "SS", 'æ': "ae", 'Æ': "AE", 'œ': "oe", 'Œ': "OE", 'þ': "th", 'Þ': "TH",
	'ø': "o", 'Ø': "O", 'ł': "l", 'Ł': "L", 'đ': "d", 'Đ': "D", 'ð': "d", 'Ð': "D",
	'ħ': "h", 'Ħ': "H", 'ŧ': "t", 'Ŧ': "T", 'ı': "i",
}

// digitFilter treats decimal digits (Unicode category Nd) in one of three ways.
type digitFilter int

const (
	zeroDigits digitFilter = iota
	dropDigits
	dropNumbers
	maskAll
)

func (f digitFilter) Name() string {
	return [...]string{"digits:zero", "digits:drop", "digits:drop-numbers", "digits:mask"}[f]
}

func (f digitFilter) Filter(dst, token []byte) []byte {
	if f == maskAll {
		return maskDigits(dst, token)
	}
	digits, letters := 0, 0
	for i := 0; i < len(token); {
		r, n := rune(token[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(token[i:])
		}
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
		i += n
	}
	switch {
	case digits == 0:
		return token
	case f == dropDigits, f == dropNumbers && letters == 0:
		return nil
	case f == zeroDigits:
		return appendZeroed(dst, token)
	}
	return token
}

func appendZeroed(dst, token []byte) []byte {
	for i := 0; i < len(token); {
		r, n := utf8.DecodeRune(token[i:])
		if unicode.IsDigit(r) {
			dst = append(dst, '0')
		} else {
			dst = append(dst, token[i:i+n]...)
		}
		i += n
	}
	return dst
}

// isASCII tells whether all bytes of b are below 0x80.
func isASCII(b []byte) bool {
	const topBits = 0x8080808080808080
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&topBits != 0 {
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
