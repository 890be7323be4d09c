package analysis

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// logTokenizer finds the words of logs; see [ParseTokenizer].
type logTokenizer struct{}

func (logTokenizer) Name() string { return "logs" }

func (logTokenizer) Next(run []byte) (token, rest []byte) {
	start := 0
	for start < len(run) {
		r, n := utf8.DecodeRune(run[start:])
		if isLogWord(r) {
			break
		}
		start += n
	}
	if start == len(run) {
		return nil, nil
	}
	end, digits := logWord(run, start)
	// Numbers that marks of punctuation join are one: dates, times, addresses, versions.
	for digits && end+1 < len(run) && strings.IndexByte(".:,/-", run[end]) >= 0 {
		next, more := logWord(run, end+1)
		if next == end+1 || !more {
			break
		}
		end = next
	}
	return run[start:end:end], run[end:]
}

// isLogWord tells whether a character can begin a word.
func isLogWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r)
}

// logWord returns the end of the word at start, and whether all of it is digits, or digits around a T as in
// 2006-01-02T15:04:05. An underscore inside a word belongs to it.
func logWord(run []byte, start int) (end int, digits bool) {
	digits, end = true, start
	for end < len(run) {
		r, n := rune(run[end]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(run[end:])
		}
		switch {
		case '0' <= r && r <= '9':
		case isLogWord(r):
			digits = digits && r == 'T' && end > start && end+1 < len(run) && '0' <= run[end+1] && run[end+1] <= '9'
		case r == '_' && end > start && end+1 < len(run) && followsWord(run[end+1:]):
			digits = false
		default:
			return end, digits && end > start
		}
		end += n
	}
	return end, digits && end > start
}

// followsWord tells whether a word goes on after underscores.
func followsWord(rest []byte) bool {
	rest = bytes.TrimLeft(rest, "_")
	r, n := utf8.DecodeRune(rest)
	return n > 0 && isLogWord(r)
}

// maskDigits replaces what changes from line to line in logs; see [ParseFilter].
func maskDigits(dst, token []byte) []byte {
	groups, letters, hex, wide := 0, 0, 0, false
	inGroup := false
	body := token
	prefixed := len(token) > 2 && token[0] == '0' && (token[1] == 'x' || token[1] == 'X')
	if prefixed {
		body = token[2:]
	}
	for i := 0; i < len(body); {
		r, n := rune(body[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(body[i:])
			wide = true
		}
		digit := unicode.IsDigit(r)
		if digit && !inGroup {
			groups++
		}
		inGroup = digit
		switch {
		case unicode.IsLetter(r):
			letters++
			if 'a' <= r && r <= 'f' || 'A' <= r && r <= 'F' {
				hex++
			}
		case !digit:
			hex-- // punctuation: not a hexadecimal number
		}
		i += n
	}
	const (
		leastHex = 4  // digits of a hexadecimal number without 0x
		leastID  = 10 // characters of an id
	)
	plain := !wide && hex == letters
	switch {
	case prefixed && plain:
		return append(dst, "0x0"...)
	case groups == 0:
		return token
	case letters == 0 || digitsAroundT(token):
		return append(dst, '0')
	case plain && len(token) >= leastHex:
		return append(dst, "0x0"...)
	case groups >= 3 && len(token) >= leastID:
		return append(dst, "0id"...)
	}
	inGroup = false
	for i := 0; i < len(token); {
		r, n := utf8.DecodeRune(token[i:])
		digit := unicode.IsDigit(r)
		switch {
		case !digit:
			dst = append(dst, token[i:i+n]...)
		case !inGroup:
			dst = append(dst, '0')
		}
		inGroup = digit
		i += n
	}
	return dst
}

// digitsAroundT tells whether a token is a time such as 2006-01-02T15:04:05, in any case.
func digitsAroundT(token []byte) bool {
	i := bytes.IndexAny(token, "tT")
	return i > 0 && i+1 < len(token) && bytes.IndexByte(token[:i], '-') > 0 && !bytes.ContainsFunc(token[:i], unicode.IsLetter) && !bytes.ContainsFunc(token[i+1:], unicode.IsLetter)
}
