package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kindred/corpus/analysis"
	"kindred/corpus/vocab"
	"kindred/internal/english"
	"kindred/model"
	"kindred/train"
)

func (s *summary) read(p plan) {
	s.con.list(textLines(p.Corpus, p.Cached, p.Vocabulary, selectionText(p.Selection, p.given))...)
	s.con.list(
		summaryLine{"Settings", settingsText(p.Settings, p.RateReason)},
		summaryLine{"Start", initText(p.Init)},
		summaryLine{"Resumed", p.Resume.text(p.Settings.Epochs)},
		summaryLine{"Machine", fmt.Sprintf("%s, kernel %s, %s", counted(p.Settings.Threads, "thread"), p.Kernel, memoryText(p.MemoryNeeded, p.MemoryAvailable))},
		summaryLine{"Ranks", ranksText(p.Ranks)},
		summaryLine{"Output", fmt.Sprintf("%s (%s)", shownPath(p.Output, "standard output"), p.Format)},
	)
}

// ranksText describes what several ranks exchange.
func ranksText(r *model.RanksRecord) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%d, the first %s trained alike by all; then common rows travel every %s of a rank and all rows every %s, as %s; a rank sends about %.0f bytes a token, %s/s at 100,000 tokens/s",
		r.Ranks, counted(r.WarmTokens, "token"), counted(r.LegTokens, "token"), counted(r.LegTokens*int64(r.Cycle), "token"), r.Precision, r.BytesPerToken, size(int64(1e5*r.BytesPerToken)))
}

func (s *summary) trained(o outcome) {
	word := "Trained"
	if !o.Training.Completed {
		word = "Stopped"
	}
	s.con.list(
		summaryLine{word, fmt.Sprintf("%s tokens in %s, %s words/s, loss %.4f", grouped(o.Training.Tokens),
			brief(time.Duration(o.Training.Wall*float64(time.Second))), scaled(o.Training.TokensPerSecond), o.Training.Loss)},
		summaryLine{"Negatives", negativesOutcome(o.Training.Negatives)},
		summaryLine{"Checkpoints", o.Checkpoints.text()},
		summaryLine{"Calibrated", calibrationText(o.Calibration)},
		summaryLine{"Saved", fmt.Sprintf("%s in %s", shape(o.Vectors, o.Dim), strings.Join(o.Files, " and "))},
	)
	s.con.list(heldOutLines(o.HeldOut)...)
}

// checkpoint prints nothing: there may be many, and trained sums them up.
func (s *summary) checkpoint(train.CheckpointReport) {}

// textLines describe a text and its vocabulary.
func textLines(r vocab.Record, cached bool, vocabulary int, selection string) []summaryLine {
	analyzer := ""
	if r.Analyzer != (&analysis.Analyzer{}).String() {
		analyzer = r.Analyzer
	}
	input := fmt.Sprintf("%s: %s of text", english.List(r.Inputs, 5), size(r.Bytes))
	if cached {
		input += ", encoded by an earlier run"
	}
	covered := r.TokensKept
	if r.HeldOut != nil {
		covered += r.HeldOut.Tokens
	}
	types := ""
	if r.Types > 0 { // unknown if shares of the text were encoded apart
		types = ", " + counted(r.Types, "type")
	}
	return []summaryLine{
		{"Input", input},
		{"Analyzer", analyzer},
		{"Text", fmt.Sprintf("%s, %s%s", counted(r.Tokens, "token"), counted(r.Lines, "line"), types)},
		{"Held out", heldOutSize(r.HeldOut)},
		{"Vocabulary", fmt.Sprintf("%s (%s), which cover %s of the tokens", counted(vocabulary, "type"), selection, percent(covered, r.Tokens))},
		{"Skipped", skippedText(r.Skipped)},
	}
}

// heldOutSize says how much of a text was held out, or "" if nothing was.
func heldOutSize(r *vocab.HeldOutRecord) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%s with %s of the vocabulary", counted(r.Sentences, "sentence"), counted(r.Tokens, "token"))
}

// selectionText says how a vocabulary was chosen.
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

func memoryText(needed, available int64) string {
	if available == 0 {
		return size(needed) + " of memory"
	}
	return fmt.Sprintf("%s of memory (%s available)", size(needed), size(available))
}

// brief returns a duration as text: 9.5 s, 1:00 min or 1:02:03 h.
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

// shape returns the number of vectors and their dimension as text.
func shape(vectors, dim int) string {
	return fmt.Sprintf("%s of %s", counted(vectors, "vector"), counted(dim, "dimension"))
}
