// Package render has what the reports of evaluations and comparisons share when they are written as
// text.
package render

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"kindred/eval/stats"
	"kindred/internal/tabular"
)

// A Style is a way to write a report as text.
type Style struct {
	// Heading, Table and Prose write their kind of text; Prose also names from
	// files and vocabularies inside tables.
	Heading func(string) string
	Table   func(table.Writer) string
	Prose   func(string) string
	// Gap is what separates two notes.
	Gap string
}

// Terminal is the style of a terminal.
var Terminal = Style{
	Heading: func(title string) string { return title },
	Table:   tabular.Terminal,
	Prose:   func(s string) string { return s },
	Gap:     "\n",
}

// Markdown is the style of Markdown files.
var Markdown = Style{
	Heading: func(title string) string { return "## " + markdownEscapes.Replace(title) + "\n" },
	Table:   table.Writer.RenderMarkdown, // which escapes bars
	Prose:   markdownEscapes.Replace,
	Gap:     "\n\n",
}

// markdownEscapes keeps words such as New_York from becoming markup.
var markdownEscapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `&`, `\&`)

// Percent returns the value as a percentage with two decimals, or the reason
// why there is none.
func Percent(s stats.Score) string {
	if !s.Defined() {
		return s.Undefined
	}
	return fmt.Sprintf("%.2f %%", 100*s.Value)
}

// Cell returns the value with its interval, such as "0.6903 [0.628, 0.745]".
func Cell(s stats.Score) string {
	if !s.HasInterval() {
		return s.String()
	}
	return fmt.Sprintf("%v [%.3f, %.3f]", s, s.Interval.Low, s.Interval.High)
}

// PercentCell is Cell as percentages, such as "75.00 % [71.2, 78.4]".
func PercentCell(s stats.Score) string {
	if !s.HasInterval() {
		return Percent(s)
	}
	return fmt.Sprintf("%s [%.1f, %.1f]", Percent(s), 100*s.Interval.Low, 100*s.Interval.High)
}

// Signed returns a difference with its sign and interval.
func Signed(s stats.Score, percent bool) string {
	if !s.Defined() {
		return ""
	}
	factor, value, interval := 1.0, "%+.4f", " [%+.3f, %+.3f]"
	if percent {
		factor, value, interval = 100, "%+.2f %%", " [%+.1f, %+.1f]"
	}
	text := fmt.Sprintf(value, factor*s.Value)
	if s.HasInterval() {
		text += fmt.Sprintf(interval, factor*s.Interval.Low, factor*s.Interval.High)
	}
	return text
}

// Distinct returns the items in their order, each once, without empty ones.
func Distinct(items ...string) []string {
	var list []string
	seen := map[string]bool{"": true}
	for _, item := range items {
		if !seen[item] {
			seen[item] = true
			list = append(list, item)
		}
	}
	return list
}
