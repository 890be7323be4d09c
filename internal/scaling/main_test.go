package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kindred/corpus"
)

// The program writes a table with a row for each point of each axis, and a figure in XML.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	if err := run(context.Background(), []string{"-quick", "-repeat", "1", "-out", dir}, io.Discard); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "scaling.md"))
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, a := range quickGrid().axes {
		want += 2 + len(a.values) // two lines of heading
	}
	rows := 0
	for line := range strings.Lines(string(page)) {
		if cells := strings.Count(line, "|") - 1; cells == 1+len(columns) {
			rows++
		}
	}
	if rows != want {
		t.Errorf("%d lines of tables, want %d:\n%s", rows, want, page)
	}
	if strings.Contains(string(page), "NaN") || strings.Contains(string(page), "Inf") {
		t.Errorf("not all figures are finite:\n%s", page)
	}
	image, err := os.ReadFile(filepath.Join(dir, "scaling.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if title := []byte(">dimension<"); !bytes.Contains(image, title) {
		t.Errorf("the figure has no %s", title)
	}
	d := xml.NewDecoder(bytes.NewReader(image))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the figure is not XML: %v", err)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"now"}, {"-repeat", "0"}, {"-quack"}} {
		if err := run(context.Background(), args, io.Discard); err == nil {
			t.Errorf("%q is no error", args)
		}
	}
}

// The text has the given numbers of tokens and types, and its most frequent word has about the count that
// Zipf's law says.
func TestText(t *testing.T) {
	const words, tokens = 1000, 50000
	text, err := readText(context.Background(), t.TempDir(), words, tokens)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	harmonic := 0.0
	for rank := range words {
		harmonic += 1 / float64(rank+1)
	}
	if got, want := float64(text.Vocabulary().Count(0)), 1+(tokens-words)/harmonic; got < 0.95*want || got > 1.05*want {
		t.Errorf("the first word occurs %v times, want about %.0f", got, want)
	}
	if text.Record().Sentences != tokens/corpus.DefaultSentenceLimit {
		t.Errorf("%d sentences", text.Record().Sentences)
	}
}

// A spread doesn't depend on the order of the runs.
func TestSpread(t *testing.T) {
	seconds := func(values ...float64) samples {
		var s samples
		for _, v := range values {
			s = append(s, sample{cpu: v})
		}
		return s
	}
	for _, c := range []struct {
		runs samples
		want spread
	}{
		{seconds(4), spread{4, 4, 4}},
		{seconds(3, 1), spread{2, 1, 3}},
		{seconds(9, 1, 2), spread{2, 1, 9}},
	} {
		if got := c.runs.spread(sample.cpuSeconds); got != c.want {
			t.Errorf("spread %v, want %v", got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{
		2.134e6: "2.13 M", 999.9e3: "1.00 M", 812345: "812 k", 999.9: "1.00 k", 123.4: "123", 99.99: "100", 12.34: "12.3", 9.996: "10.0", 1.234: "1.23", 0.03514: "0.0351",
	} {
		if got := number(x); got != want {
			t.Errorf("number(%v) is %q, want %q", x, got, want)
		}
	}
}
