package cli

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"kindred/internal/version"
)

// Layout of help, in columns.
const (
	helpWidth  = 90
	helpColumn = 30 // where the explanation of a flag begins
)

// commandHelp returns the help of a command. It ends with examples.
func commandHelp(c *command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kindred %s: %s\n\nUsage:\n  kindred %[1]s %[3]s\n", c.name, c.summary, c.arguments)
	for paragraph := range strings.SplitSeq(c.about, "\n\n") {
		if paragraph != "" {
			b.WriteByte('\n')
			writeWrapped(&b, paragraph, 0, helpWidth)
		}
	}
	for _, group := range groups(c.flags) {
		fmt.Fprintf(&b, "\n%s:\n", group)
		for _, f := range c.flags {
			if !f.hidden && f.heading() == group {
				writeFlag(&b, f)
			}
		}
	}
	b.WriteString(c.notes + "\nExamples:\n")
	for l := range strings.Lines(strings.TrimSpace(c.examples)) {
		b.WriteString("  " + strings.TrimSpace(l) + "\n")
	}
	return b.String()
}

// appHelp returns the help of the whole program.
func appHelp(commands []*command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: train, evaluate and search word embeddings (skip-gram with negative sampling)\n\nUsage:\n  kindred COMMAND [ARGUMENTS] [FLAGS]\n\nCommands:\n", version.Tool)
	for _, c := range commands {
		if !c.hidden {
			fmt.Fprintf(&b, "  %-14s%s\n", c.name, c.summary)
		}
	}
	b.WriteString(`
Start with:
  kindred demo
  kindred train --input TEXT --output vectors.bin
  kindred nearest vectors.bin

"kindred COMMAND --help" explains a command and shows examples. Flags may come before or after
other arguments. They begin with one or two dashes. The flag names of word2vec.c, gensim and
fastText work too. Exit codes: 0 success, 1 failure, 2 wrong command line, 130 interrupted.
`)
	return b.String()
}

// groups returns the headings of the flags in order.
func groups(flags []*flag) []string {
	var names []string
	for _, f := range flags {
		if !f.hidden && !slices.Contains(names, f.heading()) {
			names = append(names, f.heading())
		}
	}
	return names
}

// writeFlag writes the explanation of a flag.
func writeFlag(b *strings.Builder, f *flag) {
	name := "  " + dashed(f.name)
	if !f.isSwitch() {
		name += " " + f.value
	}
	explanation := f.help
	if text := f.defaultText(); text != "" {
		explanation += fmt.Sprintf(" (default %s)", text)
	}
	if len(f.aliases) > 0 {
		var names []string
		for _, alias := range f.aliases {
			names = append(names, dashed(alias))
		}
		explanation += "; also " + strings.Join(names, ", ")
	}
	writeEntry(b, name, explanation)
}

// writeEntry writes a name and, in the column for explanations, what it is.
func writeEntry(b *strings.Builder, name, explanation string) {
	if len(name) > helpColumn-2 {
		b.WriteString(name + "\n" + strings.Repeat(" ", helpColumn))
	} else {
		fmt.Fprintf(b, "%-*s", helpColumn, name)
	}
	writeWrapped(b, explanation, helpColumn, helpWidth)
}

// writeWrapped writes text broken into lines of a width. All lines but the first are indented; the
// first begins in that column already.
func writeWrapped(b *strings.Builder, text string, indent, width int) {
	column := indent
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case column+1+utf8.RuneCountInString(word) > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += utf8.RuneCountInString(word)
	}
	b.WriteByte('\n')
}
