package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sameAsStrconv checks that field parses to the very bits of strconv, or
// fails where it does.
func sameAsStrconv(t interface {
	Helper()
	Fatalf(string, ...any)
}, field string) {
	t.Helper()
	got, err := parseFloat([]byte(field))
	want, wantErr := strconv.ParseFloat(field, 32)
	finite := wantErr == nil && !math.IsNaN(want) && !math.IsInf(want, 0)
	if (err == nil) != finite {
		t.Fatalf("parseFloat(%q) = %v, %v; strconv says %v, %v", field, got, err, want, wantErr)
	}
	if err == nil && math.Float32bits(got) != math.Float32bits(float32(want)) {
		t.Fatalf("parseFloat(%q) = %x, want %x", field, math.Float32bits(got), math.Float32bits(float32(want)))
	}
}

func TestParseFloatLikeStrconv(t *testing.T) {
	for _, field := range []string{
		"0", "-0", "+0", "1", "-1.5", ".5", "5.", "1e5", "1E-5", "1e+05", "-1.17549435e-38", "1e-45", "7e-46", "1e-400", "-1e-400",
		"3.4028235e38", "3.4028236e38", "1e39", "9007199254740993", "16777217", "16777219", "33554433", "0.1", "123456789012345678901234567890",
		"16777217.0000000000000001", "16777216.9999999999999999", "1.00000005960464477539", "1.000000059604644775390625", "1.000000059604644776",
		"8388608.5", "8388609.5", "0.00000000000000000000001", "1e22", "1e23", "1e-22", "1e-23",
		"", "-", "+", ".", "-.", "e5", "1e", "1e+", "1.2.3", "1,5", "nan", "NaN", "inf", "-Inf", "infinity", "1e0000000005", "--1", "1 ",
	} {
		sameAsStrconv(t, field)
	}
	for _, field := range []string{"0x1p-2", "1_000", "0x10", "1p3"} {
		if v, err := parseFloat([]byte(field)); err == nil {
			t.Errorf("parseFloat(%q) = %v, want an error", field, v)
		}
	}
}

func TestParseFloatOfEveryKind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := math.Float32frombits(rapid.Uint32().Draw(t, "bits"))
		format := rapid.SampledFrom([]byte("efg")).Draw(t, "format")
		digits := rapid.IntRange(-1, 20).Draw(t, "digits")
		sameAsStrconv(t, strconv.FormatFloat(float64(v), format, digits, 32))
	})
	rapid.Check(t, func(t *rapid.T) {
		sameAsStrconv(t, rapid.StringMatching(`[+-]?[0-9]{0,12}\.?[0-9]{0,12}([eE][+-]?[0-9]{1,4})?`).Draw(t, "field"))
	})
	// Numbers midway between two float32, and a little beside that.
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.Uint32Range(0, math.MaxInt32).Draw(t, "bits")
		a, b := math.Float32frombits(bits), math.Float32frombits(bits+1)
		mid := (float64(a) + float64(b)) / 2
		field := strconv.FormatFloat(mid, 'e', -1, 64)
		sameAsStrconv(t, field)
		mantissa, exp, _ := strings.Cut(field, "e")
		for _, tail := range []string{"0000000001", "9999999999"} {
			if strings.Contains(mantissa, ".") {
				sameAsStrconv(t, fmt.Sprintf("%s%se%s", mantissa, tail, exp))
			}
		}
	})
}

func BenchmarkParseFloat(b *testing.B) {
	fields := [][]byte{[]byte("0.123456789"), []byte("-0.0012345678"), []byte("-1.2345678e-05"), []byte("0.12345")}
	for b.Loop() {
		for _, f := range fields {
			if _, err := parseFloat(f); err != nil {
				b.Fatal(err)
			}
		}
	}
}
