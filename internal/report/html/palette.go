package html

import (
	"fmt"
	"image/color"
	"strings"

	"kindred/internal/report"
)

// A hue is a color of the page: a variable of the style sheet, and its values on a light and on a dark
// background. Plots are painted in hues only.
type hue struct{ name, light, dark string }

// RGBA implements [color.Color], as gonum/plot wants one. Nothing reads the value: [canvas] writes the
// variable.
func (hue) RGBA() (r, g, b, a uint32) { return color.Black.RGBA() }

// A veiled hue is translucent.
type veiled struct{ hue }

// The hues of text, lines and background.
var (
	background = hue{"ground", "#ffffff", "#14171c"}
	ink        = hue{"ink", "#1b1f24", "#e6e8eb"}
	muted      = hue{"muted", "#5a626c", "#a3abb5"}
	rule       = hue{"rule", "#dde1e6", "#343a43"}
	link       = hue{"link", "#0a5cad", "#7db8f5"}
)

// seriesHues are colors that readers with color blindness can tell apart too: after Okabe and Ito,
// "Color universal design" (2008), made darker or lighter until they stand out from the background.
var seriesHues = []hue{
	{"series-0", "#0062a8", "#5aaaf0"}, // blue
	{"series-1", "#c64f06", "#ff8f52"}, // vermilion
	{"series-2", "#007d5b", "#2fc79a"}, // bluish green
	{"series-3", "#a8478a", "#e08ac8"}, // reddish purple
	{"series-4", "#7d6a00", "#e6d24a"}, // yellow
	{"series-5", "#2e8bc0", "#a5dbf8"}, // sky blue
	{"series-6", "#4d4d4d", "#bdbdbd"}, // gray
	{"series-7", "#6e3a1f", "#cf9c82"}, // brown
}

// hueOf returns the hue of a series.
func hueOf(s report.Series) hue { return seriesHues[int(s)%len(seriesHues)] }

// hues are all colors of the page.
var hues = append([]hue{background, ink, muted, rule, link}, seriesHues...)

// palette returns the hues as the variables of a style sheet.
func palette() string {
	var light, dark strings.Builder
	for _, h := range hues {
		fmt.Fprintf(&light, " --%s: %s;", h.name, h.light)
		fmt.Fprintf(&dark, " --%s: %s;", h.name, h.dark)
	}
	return fmt.Sprintf(":root { color-scheme: light dark;%s }\n@media (prefers-color-scheme: dark) { :root {%s } }\n", &light, &dark)
}
