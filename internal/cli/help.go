package cli

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
)

// Layout of help, in columns.
const (
	helpWidth  = 90
	helpColumn = 30 // where the explanation of a flag begins
)

// documented gives a command its help, which ends with examples: command
// lines, each with a comment above it.
func documented(c *cli.Command, examples string) *cli.Command {
	var b strings.Builder
	fmt.Fprintf(&b, "kindred %s: %s\n\nUsage:\n  kindred %[1]s %[3]s\n", c.Name, c.Usage, c.ArgsUsage)
	for paragraph := range strings.SplitSeq(c.Description, "\n\n") {
		if paragraph != "" {
			b.WriteByte('\n')
			writeWrapped(&b, paragraph, 0, helpWidth)
		}
	}
	for _, category := range categories(c.Flags) {
		fmt.Fprintf(&b, "\n%s:\n", category)
		for _, f := range c.Flags {
			writeFlag(&b, f, category)
		}
	}
	b.WriteString("\nExamples:\n")
	for l := range strings.Lines(strings.TrimSpace(examples)) {
		b.WriteString("  " + strings.TrimSpace(l) + "\n")
	}
	c.CustomHelpTemplate = verbatim(b.String())
	return c
}

// appHelp returns the help of the whole program.
func appHelp(app *cli.App) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\nUsage:\n  kindred COMMAND [ARGUMENTS] [FLAGS]\n\nCommands:\n", app.Name, app.Usage)
	for _, c := range app.Commands {
		if !c.Hidden {
			fmt.Fprintf(&b, "  %-14s%s\n", c.Name, c.Usage)
		}
	}
	b.WriteString(`
Begin with:
  kindred demo
  kindred train --input TEXT --output vectors.bin
  kindred nearest vectors.bin

"kindred COMMAND --help" explains a command, with examples. Flags may stand before or behind
other arguments and begin with one or two dashes; the names of word2vec.c, gensim and fastText
are understood. Exit codes: 0 done, 1 failed, 2 wrong command line, 130 interrupted.
`)
	return verbatim(b.String())
}

// verbatim returns the template that yields text.
func verbatim(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }

// categories returns the categories of the flags that are shown, in order.
func categories(flags []cli.Flag) []string {
	var names []string
	for _, f := range flags {
		if name := categoryOf(f); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// categoryOf returns the category of a flag, "" where it is not shown.
func categoryOf(f cli.Flag) string {
	if v, ok := f.(cli.VisibleFlag); ok && !v.IsVisible() {
		return ""
	}
	if c, ok := f.(cli.CategorizableFlag); ok && c.GetCategory() != "" {
		return c.GetCategory()
	}
	return "Flags"
}

// writeFlag writes the explanation of a flag of the category.
func writeFlag(b *strings.Builder, f cli.Flag, category string) {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok || categoryOf(f) != category {
		return
	}
	placeholder, explanation := splitUsage(d.GetUsage())
	name := "  " + dashed(f.Names()[0])
	if d.TakesValue() {
		name += " " + placeholder
	}
	if text := d.GetDefaultText(); text != "" && d.TakesValue() {
		explanation += fmt.Sprintf(" (default %s)", strings.Trim(text, `"`))
	}
	if others := f.Names()[1:]; len(others) > 0 {
		var names []string
		for _, o := range others {
			names = append(names, dashed(o))
		}
		explanation += "; also " + strings.Join(names, ", ")
	}
	if len(name) > helpColumn-2 {
		b.WriteString(name + "\n" + strings.Repeat(" ", helpColumn))
	} else {
		fmt.Fprintf(b, "%-*s", helpColumn, name)
	}
	writeWrapped(b, explanation, helpColumn, helpWidth)
}

// splitUsage returns what the value is called, which stands in backquotes at
// the beginning, and the explanation.
func splitUsage(usage string) (placeholder, explanation string) {
	rest, found := strings.CutPrefix(usage, "`")
	if !found {
		return "VALUE", usage
	}
	placeholder, explanation, _ = strings.Cut(rest, "`")
	return placeholder, strings.TrimSpace(explanation)
}

// writeWrapped writes text broken into lines of a width, of which all but the first are
// indented; the first is taken to begin in the same column.
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
