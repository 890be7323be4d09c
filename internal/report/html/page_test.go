package html

import (
	"bytes"
	"encoding/xml"
	"math"
	"regexp"
	"strings"
	"testing"

	"kindred/internal/golden"
	"kindred/internal/report"
	"kindred/internal/report/html/pagetest"
)

// sample returns a page with everything in it, with long names and wide tables.
func sample() *report.Document {
	zero, forty := 0.0, 40.0
	key := []report.Entry{{Series: 0, Name: "alpha"}, {Series: 1, Name: "beta"}, {Series: 2, Name: "/a/long/path/to/the/vectors/of/the/third/system/of-them-all.bin"}}
	header := []string{"System", "Remark"}
	for range 8 {
		header = append(header, "Spearman's correlation by /a/long/path/to/vectors")
	}
	table := report.NewTable("Scores of <all> systems", header...)
	for _, e := range key {
		row := []any{e.Name, "R&D"}
		for range 8 {
			row = append(row, report.Number("%.4f [%.3f, %.3f]", 0.6903, 0.628, 0.745))
		}
		table.Add(row...).Strong = e.Series == 1
	}
	scores := report.Intervals{Axis: report.Axis{Label: "Spearman correlation"}}
	accuracies := report.Intervals{Axis: report.Axis{Label: "accuracy in %", Include: []float64{0, 100}}}
	for i, e := range key {
		v := 0.6 + 0.03*float64(i)
		scores.Rows = append(scores.Rows, report.IntervalRow{Name: e.Name, Note: "0.6903 [0.628, 0.745]", Dots: []report.Dot{{Series: e.Series, Estimate: report.Estimate{Value: v, Low: v - 0.06, High: v + 0.05}}}})
	}
	scores.Rows = append(scores.Rows, report.IntervalRow{Name: "none", Note: "no covered pair"})
	for _, name := range []string{"capital-common-countries", "gram1-adjective-to-adverb"} {
		var dots []report.Dot
		for i, e := range key {
			v := 40 + 30*float64(i)
			dots = append(dots, report.Dot{Series: e.Series, Estimate: report.Estimate{Value: v, Low: v - 8, High: v}})
		}
		accuracies.Rows = append(accuracies.Rows, report.IntervalRow{Name: name, Dots: dots})
	}
	lines := report.Lines{X: report.Axis{Label: "negatives", Ticks: []report.Tick{{At: 0, Label: "0"}, {At: 1, Label: "1"}, {At: 2, Label: "5"}, {At: 3, Label: "20"}}}, Y: report.Axis{Label: "accuracy in %"}, Reference: &forty}
	cost := report.Lines{X: report.Axis{Label: "CPU seconds"}, Y: report.Axis{Label: "accuracy in %"}}
	for i := range 8 {
		line := report.Line{Series: report.Series(i)}
		for x := range 4 {
			v := 20 + 7*float64(x) + 3*float64(i)
			line.Points = append(line.Points, report.Point{X: float64(x), Estimate: report.Estimate{Value: v, Low: v - 2, High: v + 3}})
		}
		lines.Lines = append(lines.Lines, line)
		v := 40 + 3*float64(i)
		cost.Lines = append(cost.Lines, report.Line{Series: report.Series(i), Apart: true, Points: []report.Point{{X: 30 * math.Pow(1.5, float64(i)), Estimate: report.Estimate{Value: v, Low: v - 2, High: v + 3}}}})
	}
	cloud := report.Scatter{X: report.Axis{Label: "human score"}, Y: report.Axis{Label: "cosine"}, Series: 1}
	for i := range 200 {
		cloud.Points = append(cloud.Points, report.XY{X: float64(i % 37), Y: math.Sin(float64(i))})
	}
	difference := report.Intervals{Axis: report.Axis{Label: "difference"}, Reference: &zero, Rows: []report.IntervalRow{{Name: "alpha - beta", Dots: []report.Dot{{Series: 0, Estimate: report.Estimate{Value: 0.03, Low: 0.01, High: 0.05}}}}}}
	d := &report.Document{
		Title:  "Comparison of three systems",
		Lead:   report.Prose{"gamma is the best on WordSim-353, significantly so; the rest is noise."},
		Footer: "Made by a test.",
	}
	d.Add("Scores", report.Prose{"In brackets: 95 % confidence intervals."}, table, &report.Figure{Caption: "Scores with their intervals.", Panels: []report.Panel{
		{Title: "WordSim-353", Description: "Scores of three systems", Plot: scores}, {Title: "Differences", Description: "Differences of two systems", Plot: difference}}})
	d.Add("Sections", &report.Figure{Key: key, Panels: []report.Panel{{Title: "questions-words", Description: "Accuracy by section", Plot: accuracies}}})
	d.Add("Grid", &report.Figure{Panels: []report.Panel{{Title: "By k", Description: "Accuracy against k", Plot: lines}, {Title: "By cost", Description: "Accuracy against cost", Plot: cost}}})
	d.Add("Human judgement", report.List{"One statement.", "Another."}, &report.Figure{Caption: "Each point is a pair.", Panels: []report.Panel{{Title: "beta", Description: "Cosine against score", Plot: cloud}}})
	return d
}

func render(t *testing.T, d *report.Document) string {
	var b bytes.Buffer
	if err := Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	golden.Check(t, "sample.html", render(t, sample()))
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

// TestImages checks that every image is well-formed, named, and has no color but those of the page.
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
	table := report.NewTable(hostile, hostile)
	table.Add(hostile)
	d := &report.Document{Title: hostile, Lead: report.Prose{hostile}, Footer: hostile}
	d.Add(hostile, report.Prose{hostile}, report.List{hostile}, report.Facts{hostile}, table,
		&report.Figure{Caption: hostile, Key: []report.Entry{{Series: 0, Name: hostile}}, Panels: []report.Panel{{Title: hostile, Description: hostile, Plot: report.Intervals{
			Axis: report.Axis{Label: "x"}, Rows: []report.IntervalRow{{Name: "<b>&", Dots: []report.Dot{{Series: 0, Estimate: report.Exactly(1)}}}}}}}})
	html := render(t, d)
	if strings.Contains(html, "<script") || strings.Contains(html, "<b>") {
		t.Error("text became markup")
	}
	if !strings.Contains(html, "&lt;b&gt;&amp;") {
		t.Error("the name of the row isn't in the plot")
	}
}

func TestErrors(t *testing.T) {
	dots := []report.IntervalRow{{Dots: []report.Dot{{Series: 0, Estimate: report.Estimate{Value: 1, Low: 0, High: 2}}}}}
	for name, c := range map[string]struct {
		panel report.Panel
		want  string
	}{
		"undescribed":   {report.Panel{Title: "P", Plot: report.Intervals{Rows: dots}}, `figure "F": panel "P" has no description`},
		"empty rows":    {report.Panel{Title: "P", Description: "d", Plot: report.Intervals{}}, "nothing to draw"},
		"empty lines":   {report.Panel{Title: "P", Description: "d", Plot: report.Lines{}}, "nothing to draw"},
		"empty scatter": {report.Panel{Title: "P", Description: "d", Plot: report.Scatter{}}, "nothing to draw"},
		"not finite":    {report.Panel{Title: "P", Description: "d", Plot: report.Scatter{Points: []report.XY{{X: math.NaN()}}}}, "can't be drawn"},
	} {
		var out bytes.Buffer
		d := &report.Document{Title: "broken"}
		d.Add("S", &report.Figure{Caption: "F", Panels: []report.Panel{c.panel}})
		if err := Write(&out, d); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
		if out.Len() > 0 {
			t.Errorf("%s: wrote %d bytes of a page that failed", name, out.Len())
		}
	}
}

// TestUntitled checks that a section without a title has no heading, and that what has no content is
// left out.
func TestUntitled(t *testing.T) {
	d := &report.Document{Title: "T"}
	d.Add("", report.Prose{"text"}, report.Prose{}, &report.Figure{})
	html := render(t, d)
	if !strings.Contains(html, "<section id=\"section-0\">\n<p>text</p>\n</section>") {
		t.Errorf("an untitled section is %s", html[strings.Index(html, "<main>"):])
	}
}

// TestMarks checks that as many series can be told apart as documented.
func TestMarks(t *testing.T) {
	seen := make(map[string]report.Series)
	for s := range report.Series(40) {
		image := string(markImage(s))
		if other, ok := seen[image]; ok {
			t.Errorf("series %d looks like %d", s, other)
		}
		seen[image] = s
	}
}

// TestWriteSVG checks that a file is well-formed and has the panels, the key and no color but its own.
func TestWriteSVG(t *testing.T) {
	f := sample().Sections[2].Blocks[0].(*report.Figure)
	f.Key = []report.Entry{{Series: 1, Name: "<beta>"}}
	f.Panels = append(f.Panels, report.Panel{Title: "logarithmic", Description: "d", Plot: report.Lines{Y: report.Axis{Log: true}, Lines: []report.Line{
		{Points: []report.Point{{X: 1, Estimate: report.Exactly(0.5)}, {X: 2, Estimate: report.Exactly(500)}}}}}})
	var out bytes.Buffer
	if err := WriteSVG(&out, f, 2); err != nil {
		t.Fatal(err)
	}
	image := out.String()
	if err := xml.Unmarshal(out.Bytes(), new(struct{})); err != nil {
		t.Fatalf("%v: %s", err, image)
	}
	for _, want := range []string{"&lt;beta&gt;", ">By k<", ">By cost<", ">logarithmic<", ">0.5<", ">200<", `role="img" aria-label="Accuracy against k"`} {
		if !strings.Contains(image, want) {
			t.Errorf("the file lacks %s", want)
		}
	}
	if plots := strings.Count(image, `width="340"`); plots != 3 {
		t.Errorf("%d plots, want 3", plots)
	}
	f.Panels[2].Plot = report.Lines{X: report.Axis{Log: true}, Lines: []report.Line{{Points: []report.Point{{}}}}}
	if err := WriteSVG(&out, f, 2); err == nil || !strings.Contains(err.Error(), `panel "logarithmic": a value that can't be drawn`) {
		t.Errorf("0 on a logarithmic scale: error %v", err)
	}
}

func TestInBrowser(t *testing.T) { pagetest.Look(t, []byte(render(t, sample()))) }
