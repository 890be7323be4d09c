package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"kindred/corpus/analysis"
	"kindred/internal/bench"
	"kindred/internal/kernel"
	"kindred/model/format"
)

// A candidate is a way to go on with a command line.
type candidate struct{ word, help string }

// candidatesCommand is what the completion scripts call: with the words of a
// command line behind the program's name, of which the last is being typed. It prints
// candidates for that one, each on a line, with an explanation behind a tab.
// None means that a file is expected.
func candidatesCommand(con *console, app *cli.App) *cli.Command {
	return &cli.Command{
		Name: candidatesName, Hidden: true, SkipFlagParsing: true, HideHelp: true,
		Action: func(c *cli.Context) error {
			for _, candidate := range candidates(app, c.Args().Slice()) {
				if _, err := fmt.Fprintf(con.out, "%s\t%s\n", candidate.word, candidate.help); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

const candidatesName = "__complete"

// candidates returns the words that the last of the given ones may become.
func candidates(app *cli.App, words []string) []candidate {
	if len(words) == 0 {
		words = []string{""}
	}
	current := strings.TrimSpace(words[len(words)-1])
	before := words[:len(words)-1]
	if len(before) == 0 || len(before) == 1 && before[0] == "help" {
		return starting(current, commandCandidates(app))
	}
	c := app.Command(before[0])
	if c == nil || slices.Contains(before, "--") {
		return nil
	}
	if flag, value, inline := strings.Cut(current, "="); inline && isFlag(flag) {
		list := starting(value, choices(findFlag(c, flag)))
		for i := range list {
			list[i].word = flag + "=" + list[i].word
		}
		return list
	}
	if isFlag(current) || current == "-" || current == "--" {
		return flagCandidates(c, current)
	}
	if f := expectingFlag(c, before[1:]); f != nil {
		return starting(current, choices(f))
	}
	if c.Name == "completion" {
		return starting(current, plain(shells()))
	}
	return nil
}

// starting returns the candidates that begin with prefix.
func starting(prefix string, list []candidate) []candidate {
	return slices.DeleteFunc(list, func(c candidate) bool { return !strings.HasPrefix(c.word, prefix) })
}

func commandCandidates(app *cli.App) []candidate {
	list := []candidate{{"help", "explain a command"}}
	for _, c := range app.Commands {
		if !c.Hidden {
			list = append(list, candidate{c.Name, c.Usage})
		}
	}
	return list
}

// flagCandidates returns the flags that may be meant: by their own names, else
// by other ones.
func flagCandidates(c *cli.Command, current string) []candidate {
	var first, others []candidate
	for _, f := range append(slices.Clone(c.Flags), cli.HelpFlag) {
		if f != cli.HelpFlag && categoryOf(f) == "" {
			continue
		}
		help := ""
		if d, ok := f.(cli.DocGenerationFlag); ok {
			_, help = splitUsage(d.GetUsage())
		}
		for i, name := range f.Names() {
			list := &others
			if i == 0 {
				list = &first
			}
			*list = append(*list, candidate{"--" + name, help}, candidate{"-" + name, help})
		}
	}
	if current == "-" {
		current = "--"
	}
	if found := starting(current, first); len(found) > 0 {
		return found
	}
	return starting(current, others)
}

// expectingFlag returns the flag that waits for a value behind the given words; nil where
// there is none.
func expectingFlag(c *cli.Command, before []string) cli.Flag {
	for i := len(before) - 1; i >= 0; i-- {
		if !isFlag(before[i]) {
			continue
		}
		f := findFlag(c, before[i])
		_, several := f.(*cli.StringSliceFlag)
		_, boolean := f.(*cli.BoolFlag)
		if f == nil || boolean || strings.Contains(before[i], "=") || !several && i < len(before)-1 {
			return nil
		}
		return f
	}
	return nil
}

// choices returns the values that a flag can have; none for those that take a
// file or a number.
func choices(f cli.Flag) []candidate {
	if f == nil {
		return nil
	}
	switch f.Names()[0] {
	case "format", "from":
		var list []candidate
		for _, format := range format.All() {
			if format.Readable() || f.Names()[0] == "format" {
				list = append(list, candidate{format.Name, format.Description})
			}
		}
		return list
	case "filter":
		return filterChoices()
	case "tokenizer":
		return plain(analysis.Tokenizers())
	case "negative-sharing":
		return plain([]string{"window", "pair"})
	case "sampler":
		return plain(samplerNames())
	case "reject":
		return plain([]string{"target", "window", "pmi", "window,pmi"})
	case "method":
		return plain(methodNames)
	case "tools":
		return plain(bench.DriverNames())
	case "kernel":
		names := []string{"auto"}
		for _, k := range kernel.Available() {
			names = append(names, k.Name)
		}
		return plain(names)
	}
	return nil
}

// filterChoices returns the filters, one for each language; what stands for a
// number or a file is left to be typed.
func filterChoices() []candidate {
	var list []candidate
	for _, spelling := range analysis.Filters() {
		kind, argument, _ := strings.Cut(spelling, ":")
		switch argument {
		case "N":
			list = append(list, candidate{kind + ":", "a number of characters follows"})
		case "@FILE":
			list = append(list, candidate{kind + ":@", "a file follows"})
		case "LANGUAGE":
			for _, language := range analysis.Languages() {
				list = append(list, candidate{word: kind + ":" + language})
			}
		default:
			list = append(list, candidate{word: spelling})
		}
	}
	return list
}

// plain returns words as candidates without an explanation.
func plain(words []string) []candidate {
	list := make([]candidate, len(words))
	for i, w := range words {
		list[i].word = w
	}
	return list
}
