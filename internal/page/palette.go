package page

import (
	"fmt"
	"image/color"
	"strings"
)

// A hue is a colour of the page: its name in the style sheet, and its value on light and on dark ground.
type hue struct{ name, light, dark string }

// The hues of text, lines and ground.
var (
	ground = hue{"ground", "#ffffff", "#14171c"}
	ink    = hue{"ink", "#1b1f24", "#e6e8eb"}
	muted  = hue{"muted", "#5a626c", "#a3abb5"}
	rule   = hue{"rule", "#dde1e6", "#343a43"}
	link   = hue{"link", "#0a5cad", "#7db8f5"}
)

// seriesHues tell the series of a plot apart, to colour-blind readers too: after
// Okabe and Ito, "Color universal design" (2008), made darker or lighter until they stand out from the ground.
var seriesHues = []hue{
	{"series-0", "#0062a8", "#5aaaf0"}, // blue
	{"series-1", "#c64f06", "#ff8f52"}, // vermilion
	{"series-2", "#007d5b", "#2fc79a"}, // bluish green
	{"series-3", "#a8478a", "#e08ac8"}, // reddish purple
	{"series-4", "#7d6a00", "#e6d24a"}, // yellow
	{"series-5", "#2e8bc0", "#a5dbf8"}, // sky blue
	{"series-6", "#4d4d4d", "#bdbdbd"}, // grey
	{"series-7", "#6e3a1f", "#cf9c82"}, // brown
}

// hues are all colours of the page.
var hues = append([]hue{ground, ink, muted, rule, link}, seriesHues...)

// palette returns the hues as the variables of a style sheet.
func palette() string {
	var light, dark strings.Builder
	for _, h := range hues {
		fmt.Fprintf(&light, " --%s: %s;", h.name, h.light)
		fmt.Fprintf(&dark, " --%s: %s;", h.name, h.dark)
	}
	return fmt.Sprintf(":root { color-scheme: light dark;%s }\n@media (prefers-color-scheme: dark) { :root {%s } }\n", &light, &dark)
}

// placeholder returns the colour in which something of that hue is drawn. An SVG canvas
// takes only fixed colours, which [themed] replaces by the variables of the style sheet.
func (h hue) placeholder() color.Color {
	for i, other := range hues {
		if h == other {
			return color.RGBA{R: uint8(16 * (i + 1)), A: 0xff}
		}
	}
	panic("page: no such hue: " + h.name)
}

// veil is the blue part of the placeholders of hues that let others shine through.
const veil = 0xff

// veiled returns the colour in which something is drawn that is partly transparent.
func (h hue) veiled() color.Color {
	c := h.placeholder().(color.RGBA)
	c.B = veil
	return c
}

// themed replaces placeholders in the source of an SVG image.
var themed = func() *strings.Replacer {
	var pairs []string
	for _, h := range hues {
		r, _, _, _ := h.placeholder().RGBA()
		pairs = append(pairs, fmt.Sprintf("#%02X0000", r>>8), "var(--"+h.name+")")
		pairs = append(pairs, fmt.Sprintf("#%02X00%02X", r>>8, veil), "var(--"+h.name+");fill-opacity:.7")
	}
	return strings.NewReplacer(pairs...)
}()
