package format

import (
	"errors"
	"math"
	"strconv"
	"unsafe"
)

var (
	errNotNumber = errors.New("is not a number")
	errNotFinite = errors.New("is not a finite number; remove the word or train again")
	errTooLarge  = errors.New("is too large for a 32-bit float")
)

// isBlank reports whether c separates the fields of a line.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// isNumber reports whether field is a number. NaN and infinity count.
func isNumber(field []byte) bool {
	_, err := parseFloat(field)
	return err != errNotNumber
}

// parseFloat returns the float32 nearest to the decimal number in field, like strconv.ParseFloat.
func parseFloat(field []byte) (float32, error) {
	if v, n := scanFloat(field); n == len(field) && n > 0 {
		return v, nil
	}
	for _, c := range field {
		if c == '_' || c|0x20 == 'x' || c|0x20 == 'p' { // notations that only Go has
			return 0, errNotNumber
		}
	}
	// ParseFloat keeps no reference to its argument, except in the error.
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(field), len(field)), 32)
	switch {
	case err != nil && errors.Is(err, strconv.ErrRange):
		return 0, errTooLarge
	case err != nil:
		return 0, errNotNumber
	case math.IsNaN(v) || math.IsInf(v, 0):
		return 0, errNotFinite
	}
	return float32(v), nil
}

// powersOf10 has the powers of ten that a float64 represents exactly.
var powersOf10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// scanFloat parses the decimal number at the start of b. It returns the nearest float32 and the length
// of the number in bytes. The length is 0 if the number is not of the short kind that can be converted
// quickly.
func scanFloat(b []byte) (float32, int) {
	i := 0
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		i = 1
	}
	mantissa := uint64(0)
	exp := 0
	start := i
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		mantissa = 10*mantissa + uint64(b[i]-'0')
	}
	digits := i - start
	if i < len(b) && b[i] == '.' {
		i++
		point := i
		for ; i < len(b) && b[i]-'0' <= 9; i++ {
			mantissa = 10*mantissa + uint64(b[i]-'0')
		}
		exp = point - i
		digits += i - point
	}
	if digits == 0 || digits > 19 { // 19 digits fit a uint64
		return 0, 0
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		e, n := scanExponent(b[i+1:])
		if n == 0 {
			return 0, 0
		}
		exp += e
		i += 1 + n
	}
	v, ok := nearestFloat32(mantissa, exp)
	if !ok {
		return 0, 0
	}
	if negative {
		v = -v
	}
	return v, i
}

// scanExponent parses the signed integer of at most three digits at the start of b. The length is 0 if
// there is none.
func scanExponent(b []byte) (exp, length int) {
	i := 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		i = 1
	}
	start := i
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		if i-start == 3 {
			return 0, 0
		}
		exp = 10*exp + int(b[i]-'0')
	}
	if i == start {
		return 0, 0
	}
	if b[0] == '-' {
		exp = -exp
	}
	return exp, i
}

// nearestFloat32 returns the float32 nearest to mantissa * 10^exp, and whether it could be found
// quickly. After Clinger, "How to read floating point numbers accurately" (1990): mantissa and 10^|exp|
// are exact float64, so their product or quotient d is the correctly rounded float64. Rounding it once
// more is right unless d lies midway between two float32: the number itself may then lie on either
// side.
func nearestFloat32(mantissa uint64, exp int) (float32, bool) {
	if mantissa == 0 {
		return 0, true
	}
	const last = len(powersOf10) - 1
	if mantissa > 1<<53 || exp < -last || exp > last {
		return 0, false
	}
	d := float64(mantissa)
	if exp < 0 {
		d /= powersOf10[-exp]
	} else {
		d *= powersOf10[exp]
	}
	const lowBits = 1<<29 - 1 // those of the 52 that a float32 has no room for
	midway := math.Float64bits(d)&lowBits == 1<<28
	if midway || d < 0x1p-126 || d > math.MaxFloat32 {
		return 0, false
	}
	return float32(d), true
}
