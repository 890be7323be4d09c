package cli

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"kindred/corpus/analysis"
	"kindred/model/format"
)

// scripts are the completion scripts, each under the name of its shell.
//
//go:embed scripts
var scripts embed.FS

const completionAbout = `Prints a script that makes a shell complete the commands, flags and values of kindred. The script asks the program
itself, so it stays correct when the program changes.`

const completionExamples = `
# bash, in ~/.bashrc
source <(kindred completion bash)
# zsh, in ~/.zshrc after compinit
source <(kindred completion zsh)
# fish
kindred completion fish > ~/.config/fish/completions/kindred.fish
# PowerShell, in $PROFILE
kindred completion powershell | Out-String | Invoke-Expression`

func completionCommand(con *console) *command {
	return &command{
		name: "completion", summary: "print a completion script for a shell", arguments: strings.Join(shells(), "|"),
		about: completionAbout, examples: completionExamples,
		run: func(c *call) error {
			if len(c.words) != 1 {
				return usagef("name one shell: %s", strings.Join(shells(), ", "))
			}
			script, err := scripts.ReadFile("scripts/" + c.words[0])
			if err != nil {
				return usagef("there is no completion for %q%s", c.words[0], suggestion(c.words[0], shells()))
			}
			_, err = con.out.Write(script)
			return err
		},
	}
}

// shells returns the names of the shells that there are scripts for.
func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

// A completion is a word that may come next on a command line.
type completion struct{ word, help string }

// completeCommand is what the completion scripts call. Its arguments are the words of a command
// line after the name of the program; the last one is being typed. It prints the completions of
// that word, each on a line, with an explanation after a tab. No output means that a file may
// come next.
func completeCommand(con *console, commands []*command) *command {
	return &command{
		name: "__complete", hidden: true, raw: true,
		run: func(c *call) error {
			for _, next := range complete(commands, c.words) {
				if _, err := fmt.Fprintf(con.out, "%s\t%s\n", next.word, next.help); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// complete returns the words that the last of the given ones may become.
func complete(commands []*command, words []string) []completion {
	if len(words) == 0 {
		words = []string{""}
	}
	current := strings.TrimSpace(words[len(words)-1])
	before := words[:len(words)-1]
	if len(before) == 0 || len(before) == 1 && before[0] == "help" {
		return starting(current, completeCommandName(commands))
	}
	c := findCommand(commands, before[0])
	if c == nil || slices.Contains(before, "--") {
		return nil
	}
	if name, value, inline := strings.Cut(current, "="); inline && isFlag(name) {
		list := starting(value, completeValue(findFlag(c.flags, name)))
		for i := range list {
			list[i].word = name + "=" + list[i].word
		}
		return list
	}
	if isFlag(current) || current == "-" || current == "--" {
		return completeFlag(c, current)
	}
	if f := expectingFlag(c, before[1:]); f != nil {
		return starting(current, completeValue(f))
	}
	if c.name == "completion" {
		return starting(current, plain(shells()...))
	}
	return nil
}

// starting returns the completions that begin with prefix.
func starting(prefix string, list []completion) []completion {
	return slices.DeleteFunc(list, func(c completion) bool { return !strings.HasPrefix(c.word, prefix) })
}

func completeCommandName(commands []*command) []completion {
	list := []completion{{"help", "explain a command"}}
	for _, c := range commands {
		if !c.hidden {
			list = append(list, completion{c.name, c.summary})
		}
	}
	return list
}

// completeFlag returns the flags that current may become. It tries their own names first, then
// their aliases.
func completeFlag(c *command, current string) []completion {
	var own, aliases []completion
	for _, f := range append(slices.Clone(c.flags), helpFlag) {
		if f.hidden {
			continue
		}
		for i, name := range f.names() {
			list := &aliases
			if i == 0 {
				list = &own
			}
			*list = append(*list, completion{"--" + name, f.help}, completion{"-" + name, f.help})
		}
	}
	if current == "-" {
		current = "--"
	}
	if found := starting(current, own); len(found) > 0 {
		return found
	}
	return starting(current, aliases)
}

// expectingFlag returns the flag that needs a value after the given words, or nil if there is none.
func expectingFlag(c *command, before []string) *flag {
	for i := len(before) - 1; i >= 0; i-- {
		if !isFlag(before[i]) {
			continue
		}
		f := findFlag(c.flags, before[i])
		if f == nil || f.isSwitch() || strings.Contains(before[i], "=") || !f.takesSeveral() && i < len(before)-1 {
			return nil
		}
		return f
	}
	return nil
}

// completeValue returns the values that a flag can have. Flags that take a file or a number have none.
func completeValue(f *flag) []completion {
	if f == nil || f.choices == nil {
		return nil
	}
	return f.choices()
}

// formatChoices returns a function that lists the vector formats: all, or only the readable ones.
func formatChoices(readable bool) func() []completion {
	return func() []completion {
		var list []completion
		for _, f := range format.All() {
			if f.Readable() || !readable {
				list = append(list, completion{f.Name, f.Description})
			}
		}
		return list
	}
}

// filterChoices returns the filters, one for each language. Numbers and files are left to the user.
func filterChoices() []completion {
	var list []completion
	for _, spelling := range analysis.Filters() {
		kind, argument, _ := strings.Cut(spelling, ":")
		switch argument {
		case "N":
			list = append(list, completion{kind + ":", "a number of characters follows"})
		case "@FILE":
			list = append(list, completion{kind + ":@", "a file follows"})
		case "LANGUAGE":
			for _, language := range analysis.Languages() {
				list = append(list, completion{word: kind + ":" + language})
			}
		default:
			list = append(list, completion{word: spelling})
		}
	}
	return list
}

// plain returns words as completions without an explanation.
func plain(words ...string) []completion {
	list := make([]completion, len(words))
	for i, w := range words {
		list[i].word = w
	}
	return list
}

// oneOf returns a function that lists the words.
func oneOf(words ...string) func() []completion {
	return func() []completion { return plain(words...) }
}
