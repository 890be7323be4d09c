package page

import (
	"bytes"
	"encoding/xml"
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/plot/plotter"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample returns a page with everything in it, with long names and wide tables.
func sample() *Page {
	zero, forty := 0.0, 40.0
	key := []Entry{{0, "alpha"}, {1, "beta"}, {2, "/a/long/path/to/the/vectors/of/the/third/system/of-them-all.bin"}}
	table := Table{Caption: "Scores of <all> systems", Columns: []Column{{"System", false}, {"Remark", false}}}
	for range 8 {
		table.Columns = append(table.Columns, Column{"Spearman's correlation by /a/long/path/to/vectors", true})
	}
	for _, e := range key {
		row := Row{Cells: []string{e.Name, "R&D"}, Strong: e.Series == 1}
		for range 8 {
			row.Cells = append(row.Cells, "0.6903 [0.628, 0.745]")
		}
		table.Rows = append(table.Rows, row)
	}
	scores := Intervals{Axis: Axis{Label: "Spearman correlation"}}
	sections := Intervals{Axis: Axis{Label: "accuracy in %", Include: []float64{0, 100}}}
	for i, e := range key {
		v := 0.6 + 0.03*float64(i)
		scores.Rows = append(scores.Rows, Bars{Name: e.Name, Note: "0.6903 [0.628, 0.745]", Dots: []Dot{{e.Series, v, v - 0.06, v + 0.05}}})
	}
	scores.Rows = append(scores.Rows, Bars{Name: "none", Note: "no covered pair"})
	for _, name := range []string{"capital-common-countries", "gram1-adjective-to-adverb"} {
		var dots []Dot
		for i, e := range key {
			v := 40 + 30*float64(i)
			dots = append(dots, Dot{e.Series, v, v - 8, v})
		}
		sections.Rows = append(sections.Rows, Bars{Name: name, Dots: dots})
	}
	lines := Lines{X: Axis{Label: "negatives", Ticks: []Tick{{0, "0"}, {1, "1"}, {2, "5"}, {3, "20"}}}, Y: Axis{Label: "accuracy in %"}, Reference: &forty}
	cost := Lines{X: Axis{Label: "CPU seconds"}, Y: Axis{Label: "accuracy in %"}}
	for i := range 8 {
		line := Line{Series: Series(i)}
		for x := range 4 {
			v := 20 + 7*float64(x) + 3*float64(i)
			line.Points = append(line.Points, Point{X: float64(x), Value: v, Low: v - 2, High: v + 3})
		}
		lines.Lines = append(lines.Lines, line)
		v := 40 + 3*float64(i)
		cost.Lines = append(cost.Lines, Line{Series: Series(i), Apart: true, Points: []Point{{X: 30 * math.Pow(1.5, float64(i)), Value: v, Low: v - 2, High: v + 3}}})
	}
	cloud := Cloud{X: Axis{Label: "human score"}, Y: Axis{Label: "cosine"}, Series: 1}
	for i := range 200 {
		cloud.Points = append(cloud.Points, plotter.XY{X: float64(i % 37), Y: math.Sin(float64(i))})
	}
	difference := Intervals{Axis: Axis{Label: "difference"}, Reference: &zero, Rows: []Bars{{Name: "alpha - beta", Dots: []Dot{{0, 0.03, 0.01, 0.05}}}}}
	return &Page{
		Title: "Comparison of three systems",
		Lead:  []string{"gamma is the best on WordSim-353, significantly so; the rest is noise."},
		Sections: []Section{
			{"Scores", []Block{Prose("In brackets: 95 % confidence intervals."), table, Figure{Caption: "Scores with their intervals.", Panels: []Panel{
				{"WordSim-353", "Scores of three systems", scores}, {"Differences", "Differences of two systems", difference}}}}},
			{"Sections", []Block{Figure{Key: key, Panels: []Panel{{"questions-words", "Accuracy by section", sections}}}}},
			{"Grid", []Block{Figure{Panels: []Panel{{"By k", "Accuracy against k", lines}, {"By cost", "Accuracy against cost", cost}}}}},
			{"Human judgement", []Block{List{"One statement.", "Another."}, Figure{Caption: "Each point is a pair.", Panels: []Panel{{"beta", "Cosine against score", cloud}}}}},
		},
		Footer: "Made by a test.",
	}
}

func render(t *testing.T, p *Page) string {
	var b bytes.Buffer
	if _, err := p.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	got := render(t, sample())
	path := filepath.Join("testdata", "sample.html")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the page is not that of %s (-want +got; go test -update writes it anew):\n%s", path, diff)
	}
}

// TestSelfContained checks that a page refers to nothing outside of itself.
func TestSelfContained(t *testing.T) {
	html := render(t, sample())
	html = strings.ReplaceAll(html, `xmlns="http://www.w3.org/2000/svg"`, "")
	html = strings.ReplaceAll(html, `xmlns:xlink="http://www.w3.org/1999/xlink"`, "")
	for _, reference := range []string{"http:", "https:", "//", "<script", "@import", "url("} {
		if i := strings.Index(html, reference); i >= 0 {
			t.Errorf("the page has %q: %.80s", reference, html[i:])
		}
	}
}

// TestImages checks that every image is well-formed, named, and has no colour but those of the page.
func TestImages(t *testing.T) {
	html := render(t, sample())
	images := regexp.MustCompile(`(?s)<svg .*?</svg>`).FindAllString(html, -1)
	if len(images) != 3+6 {
		t.Fatalf("%d images, want 3 marks and 6 plots", len(images))
	}
	for _, image := range images {
		if err := xml.Unmarshal([]byte(image), new(struct{})); err != nil {
			t.Errorf("%v: %.200s", err, image)
		}
		if fixed := regexp.MustCompile(`#[0-9A-Fa-f]{6}|font-family`).FindString(image); fixed != "" {
			t.Errorf("%s doesn't come from the style sheet: %.200s", fixed, image)
		}
		if !strings.Contains(image, `role="img" aria-label=`) && !strings.Contains(image, "aria-hidden") {
			t.Errorf("no text alternative: %.200s", image)
		}
	}
}

func TestEscapes(t *testing.T) {
	hostile := `<script>alert("x")</script>&amp;`
	html := render(t, &Page{Title: hostile, Lead: []string{hostile}, Footer: hostile, Sections: []Section{{hostile, []Block{
		Prose(hostile), List{hostile}, Table{Caption: hostile, Columns: []Column{{hostile, true}}, Rows: []Row{{Cells: []string{hostile}}}},
		Figure{Caption: hostile, Key: []Entry{{0, hostile}}, Panels: []Panel{{hostile, hostile, Intervals{
			Axis: Axis{Label: "x"}, Rows: []Bars{{Name: "<b>&", Dots: []Dot{{0, 1, 1, 1}}}}}}}},
	}}}})
	if strings.Contains(html, "<script") || strings.Contains(html, "<b>") {
		t.Error("text became markup")
	}
	if !strings.Contains(html, "&lt;b&gt;&amp;") {
		t.Error("the name of the row isn't in the plot")
	}
}

func TestErrors(t *testing.T) {
	dots := []Bars{{Dots: []Dot{{0, 1, 0, 2}}}}
	for name, c := range map[string]struct {
		block Block
		want  string
	}{
		"ragged":      {Table{Caption: "T", Columns: []Column{{"A", false}}, Rows: []Row{{Cells: []string{"1", "2"}}}}, `table "T": a row of 2 cells under 1 columns`},
		"undescribed": {Figure{Caption: "F", Panels: []Panel{{Title: "P", Plot: Intervals{Rows: dots}}}}, `figure "F": panel "P" has no description`},
		"empty rows":  {Figure{Panels: []Panel{{"P", "d", Intervals{}}}}, "nothing to draw"},
		"empty lines": {Figure{Panels: []Panel{{"P", "d", Lines{}}}}, "nothing to draw"},
		"empty cloud": {Figure{Panels: []Panel{{"P", "d", Cloud{}}}}, "nothing to draw"},
		"not finite":  {Figure{Panels: []Panel{{"P", "d", Cloud{Points: plotter.XYs{{X: math.NaN()}}}}}}, "can't be drawn"},
	} {
		var out bytes.Buffer
		_, err := (&Page{Title: "broken", Sections: []Section{{"S", []Block{c.block}}}}).WriteTo(&out)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
		if out.Len() > 0 {
			t.Errorf("%s: wrote %d bytes of a page that failed", name, out.Len())
		}
	}
}

// TestMarks checks that as many series can be told apart as documented.
func TestMarks(t *testing.T) {
	seen := make(map[string]Series)
	for s := range Series(40) {
		mark, err := s.mark()
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[string(mark)]; ok {
			t.Errorf("series %d looks like %d", s, other)
		}
		seen[string(mark)] = s
	}
}
