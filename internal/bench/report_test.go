package bench

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kindred/internal/golden"
	"kindred/internal/report"
	"kindred/internal/report/html"
	"kindred/internal/report/html/pagetest"
)

// sample returns a report with something of everything.
func sample() *Report {
	s := Defaults().Settings
	run := func(tool string, round int, wall, cpu float64, parts ...Part) *Run {
		p := Plan{Driver: tool, Program: "00ff", Settings: s, Text: "abcd", Words: 1_000_000}
		p.Settings.Seed += round - 1
		return &Run{Tool: tool, Round: round, Plan: p, Commands: []string{tool + " text.txt"}, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
			Wall: wall, CPU: cpu, PeakMemory: int64(wall*10) << 20, Parts: parts, Vectors: tool + "/vectors.bin"}
	}
	r := &Report{
		Version: "v1", Machine: Machine{"Test CPU", 2, "linux/amd64"},
		Text:     Text{Inputs: []string{"/data/a_b.txt.zst"}, Unpacked: true, Bytes: 5 << 20, Lines: 50_000, Words: 1_000_000, Hash: "abcd"},
		Settings: s, Rounds: 3, Pin: []int{0, 1}, Interrupted: true, Ratios: []*Ratio{},
		Tools: []*ToolResult{
			{Tool: Tool{Name: "kindred"}, Version: "v1", Runs: []*Run{
				run("kindred", 1, 10, 8, Part{"read", 1, 1}, Part{"train", 8, 6.5}, Part{"save", 1, .5}),
				run("kindred", 2, 11, 9, Part{"read", 1, 1}, Part{"train", 8, 7}, Part{"save", 2, 1}),
			}},
			{Tool: Tool{Name: "pairs", Driver: "kindred", Options: []string{"--negative-sharing", "pair"}}, Version: "v1", Runs: []*Run{
				run("pairs", 1, 20, 20, Part{"read", 1, 1}),
				run("pairs", 2, 30, 25, Part{"read", 1, 1}),
				run("pairs", 3, 40, 25, Part{"read", 1, 1}),
			}},
			{Tool: Tool{Name: "fasttext"}, Failure: "round 1: fasttext: exit status 1; it said last:\nout of\nmemory", Unmatched: []string{"Its noise is odd."}},
			{Tool: Tool{Name: "wego"}, NotRun: "wego is not on PATH"},
			{Tool: Tool{Name: "gensim"}, Version: "4.2.0", Unmatched: []string{"It is *quick*."}, Runs: []*Run{run("gensim", 2, 0.5, 0.25)}},
			{Tool: Tool{Name: "glove"}},
		},
	}
	r.summarize()
	return r
}

// writers write a report in each medium.
var writers = map[string]func(io.Writer, *Report) error{
	"txt":  func(w io.Writer, r *Report) error { return report.WriteText(w, r.Document()) },
	"md":   func(w io.Writer, r *Report) error { return report.WriteMarkdown(w, r.Document()) },
	"json": func(w io.Writer, r *Report) error { return report.WriteJSON(w, r) },
	"html": func(w io.Writer, r *Report) error { return html.Write(w, r.Page()) },
}

func TestReports(t *testing.T) {
	for _, extension := range []string{"txt", "md", "json"} {
		name := "report." + extension
		var got bytes.Buffer
		if err := writers[extension](&got, sample()); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, name+".golden", got.String())
	}
}

func TestRatios(t *testing.T) {
	r := sample()
	// pairs took 20/10 and 30/11 times the wall time of kindred, 20/8 and 25/9 of the processor time.
	want := &Ratio{First: "kindred", Second: "pairs", Rounds: 2,
		Wall:       &Spread{Median: (20./10 + 30./11) / 2, Min: 20. / 10, Max: 30. / 11},
		CPU:        &Spread{Median: (20./8 + 25./9) / 2, Min: 20. / 8, Max: 25. / 9},
		PeakMemory: &Spread{Median: (200./100 + 300./110) / 2, Min: 200. / 100, Max: 300. / 110},
	}
	if diff := cmp.Diff(want, r.Ratios[0], cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("ratio (-want +got):\n%s", diff)
	}
	if len(r.Ratios) != 3 {
		t.Errorf("%d ratios, want one for each two tools with a round in common", len(r.Ratios))
	}
	if got := r.Tools[0].TrainingPerSecond; got == nil || got.Max != 5e6/6.5 || got.Min != 5e6/7. {
		t.Errorf("words per second in training are %+v", got)
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   *Spread
	}{
		{nil, nil},
		{[]float64{3, 0}, nil},
		{[]float64{3}, &Spread{3, 3, 3}},
		{[]float64{5, 1, 4}, &Spread{4, 1, 5}},
		{[]float64{5, 1, 4, 2}, &Spread{3, 1, 5}},
	} {
		if diff := cmp.Diff(c.want, spread(c.values)); diff != "" {
			t.Errorf("spread(%v) (-want +got):\n%s", c.values, diff)
		}
	}
}

func TestSpreadText(t *testing.T) {
	for _, c := range []struct {
		s     *Spread
		units units
		want  string
	}{
		{nil, inSeconds, "?"},
		{&Spread{0.0123, 0.0123, 0.0123}, inSeconds, "0.012 s"},
		{&Spread{12.34, 9.876, 123.4}, inSeconds, "12.3 s (9.88–123)"},
		{&Spread{1_234_567, 1e6, 2e6}, inCounts, "1.23M (1.00–2.00)"},
		{&Spread{1 << 20, 1 << 10, 1 << 30}, inBytes, "1.00 MiB (0.001–1024)"},
		{&Spread{2, 1, 3}, inOnes, "2.00 (1.00–3.00)"},
	} {
		if got := c.units.text(c.s); got != c.want {
			t.Errorf("%+v is %q, want %q", c.s, got, c.want)
		}
	}
}

// TestPage looks at the page in a browser.
func TestPage(t *testing.T) {
	var page bytes.Buffer
	if err := writers["html"](&page, sample()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"pairs takes 2.64 (2.50–2.78) times the processor time of kindred.", "a_b.txt.zst", "wego is not on PATH"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	pagetest.Look(t, page.Bytes())
}
