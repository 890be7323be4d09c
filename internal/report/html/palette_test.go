package html

import (
	"math"
	"strconv"
	"testing"
)

// luminance is the relative luminance of WCAG 2.1 of a color such as #0062a8.
func luminance(t *testing.T, color string) float64 {
	rgb, err := strconv.ParseUint(color[1:], 16, 32)
	if err != nil || len(color) != 7 {
		t.Fatalf("%s is no color", color)
	}
	linear := func(v uint64) float64 {
		if c := float64(v&0xff) / 255; c <= 0.03928 {
			return c / 12.92
		} else {
			return math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear(rgb>>16) + 0.7152*linear(rgb>>8) + 0.0722*linear(rgb)
}

// TestContrast checks the contrast that WCAG 2.1 wants: 4.5 for text, 3 for what has to be seen in a
// plot.
func TestContrast(t *testing.T) {
	for _, h := range hues {
		want := 3.0
		switch h {
		case background, rule:
			continue // lines of tables are decoration
		case ink, muted, link:
			want = 4.5
		}
		for _, pair := range [][2]string{{h.light, background.light}, {h.dark, background.dark}} {
			a, b := luminance(t, pair[0]), luminance(t, pair[1])
			if contrast := (max(a, b) + 0.05) / (min(a, b) + 0.05); contrast < want {
				t.Errorf("%s %s on %s has contrast %.2f, want %.1f", h.name, pair[0], pair[1], contrast, want)
			}
		}
	}
}
