package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kindred/corpus/analysis"
	"kindred/corpus/vocab"
	"kindred/train"
)

// A summary reports to a human: facts before and after, a gauge in between.
type summary struct {
	con *console
	gauge
}

// A gauge shows progress.
type gauge interface {
	reading(bytes, total int64)
	training(p train.Progress)
	clear()
	interval() time.Duration
}

func (s *summary) read(p plan) {
	s.con.list(textFacts(p.Corpus, p.Cached, p.Vocabulary, selectionText(p.Selection, p.given))...)
	s.con.list(
		fact{"Settings", settingsText(p.Settings)},
		fact{"Start", initText(p.Init)},
		fact{"Resumed", p.Resume.text(p.Settings.Epochs)},
		fact{"Machine", fmt.Sprintf("%s, kernel %s, %s", counted(p.Settings.Threads, "thread"), p.Kernel, memoryText(p.MemoryNeeded, p.MemoryAvailable))},
		fact{"Output", fmt.Sprintf("%s (%s)", p.Output, p.Format)},
	)
}

func (s *summary) trained(o outcome) {
	word := "Trained"
	if !o.Training.Completed {
		word = "Stopped"
	}
	s.con.list(
		fact{word, fmt.Sprintf("%s tokens in %s, %s words/s, loss %.4f", grouped(o.Training.Tokens),
			brief(time.Duration(o.Training.Wall*float64(time.Second))), scaled(o.Training.TokensPerSecond), o.Training.Loss)},
		fact{"Negatives", negativesOutcome(o.Training.Negatives)},
		fact{"Checkpoints", o.Checkpoints.text()},
		fact{"Saved", fmt.Sprintf("%s in %s", shape(o.Vectors, o.Dim), strings.Join(o.Files, " and "))},
	)
	s.con.list(heldOutFacts(o.HeldOut)...)
}

// checkpoint says nothing: there may be many, and they are summed up at the end.
func (s *summary) checkpoint(train.CheckpointReport) {}

// textFacts tell what a text holds and which of its words were selected.
func textFacts(r vocab.Record, cached bool, vocabulary int, selection string) []fact {
	analyzer := ""
	if r.Analyzer != (&analysis.Analyzer{}).String() {
		analyzer = r.Analyzer
	}
	input := fmt.Sprintf("%s: %s of text", enumerated(r.Inputs), size(r.Bytes))
	if cached {
		input += ", encoded by an earlier run"
	}
	covered := r.TokensKept
	if r.HeldOut != nil {
		covered += r.HeldOut.Tokens
	}
	return []fact{
		{"Input", input},
		{"Analyzer", analyzer},
		{"Text", fmt.Sprintf("%s, %s, %s", counted(r.Tokens, "token"), counted(r.Lines, "line"), counted(r.Types, "type"))},
		{"Held out", heldOutSize(r.HeldOut)},
		{"Vocabulary", fmt.Sprintf("%s (%s), which cover %s of the tokens", counted(vocabulary, "type"), selection, percent(covered, r.Tokens))},
		{"Skipped", skippedText(r.Skipped)},
	}
}

// heldOutSize tells how much of a text was held out, "" where nothing was.
func heldOutSize(r *vocab.HeldOutRecord) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%s with %s of the vocabulary", counted(r.Sentences, "sentence"), counted(r.Tokens, "token"))
}

// selectionText tells how a vocabulary was chosen.
func selectionText(s vocab.Selection, given bool) string {
	if given {
		return "given"
	}
	text := fmt.Sprintf("seen %s or more", counted(s.MinCount, "time"))
	if s.MaxSize > 0 {
		text += ", at most " + grouped(s.MaxSize)
	}
	if len(s.Keep) > 0 {
		text += ", or to be kept"
	}
	return text
}

func skippedText(skipped map[string]int64) string {
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(skipped)) {
		parts = append(parts, grouped(skipped[reason])+" "+reason)
	}
	return strings.Join(parts, ", ")
}

func settingsText(c train.Config) string {
	negatives := "no negatives"
	if c.Negatives > 0 {
		unit := string(c.NegativeSharing)
		if c.SharedWindows > 1 {
			unit = counted(c.SharedWindows, unit)
		}
		negatives = fmt.Sprintf("%s per %s %s", negativesText(c), unit, noiseText(c))
	}
	sampling := "no sub-sampling"
	if c.Subsample > 0 {
		sampling = fmt.Sprintf("sub-sampling %g", c.Subsample)
	}
	return fmt.Sprintf("dim %d, window %d, %s, %s, %s, learning rate %g, seed %d",
		c.Dim, c.Window, negatives, sampling, counted(c.Epochs, "epoch"), c.LearningRate, c.Seed)
}

func memoryText(needed, available int64) string {
	if available == 0 {
		return size(needed) + " of memory"
	}
	return fmt.Sprintf("%s of memory (%s available)", size(needed), size(available))
}

// brief returns a duration as people say it.
func brief(d time.Duration) string {
	switch {
	case d < 59950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d.Round(time.Second) < time.Hour:
		return clock(d) + " min"
	}
	return clock(d) + " h"
}

// clock returns a duration as a clock shows it: 0:07, 12:34 or 1:02:03.
func clock(d time.Duration) string {
	seconds := int(d.Round(time.Second).Seconds())
	if seconds < 3600 {
		return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

// shape tells how many vectors there are, and how long they are.
func shape(vectors, dim int) string {
	return fmt.Sprintf("%s of %s", counted(vectors, "vector"), counted(dim, "dimension"))
}
