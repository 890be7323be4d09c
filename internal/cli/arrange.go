package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// arrange puts the arguments of a command in the one order that package flag
// understands: the flags, each as --name=value with its canonical name, then
// --, then all other arguments. So flags may stand anywhere:
//
//   - a flag begins with one or two dashes, is spelled with dashes or
//     underscores, and takes its value from behind a = or from the next
//     argument;
//   - a flag of several values takes all arguments up to the next flag;
//   - "-" and negative numbers are values or arguments, and so is everything
//     behind --.
//
// The error for an unknown command or flag is a usage error with a suggestion.
func arrange(app *cli.App, args []string) ([]string, error) {
	if len(args) < 2 {
		return args, nil
	}
	name, rest := args[1], args[2:]
	switch {
	case slices.Contains([]string{"-h", "-help", "--help", "-v", "-version", "--version"}, name):
		return args[:2], nil
	case isFlag(name):
		return args, usagef("%s stands before any command; name one first, as in \"kindred train %s\"", name, strings.Join(args[1:], " "))
	case name == "help" || name == "h":
		if len(rest) == 0 {
			return args[:2], nil
		}
		name = rest[0]
	}
	c := app.Command(name)
	switch {
	case c == nil:
		return args, usagef("there is no command %q%s", name, suggestion(name, commandNames(app)))
	case name != args[1]: // help for a command
		return []string{args[0], name, "--help"}, nil
	case c.SkipFlagParsing:
		return args, nil
	}
	l := &line{command: c, given: map[string]string{}}
	if err := l.read(rest); err != nil {
		return args, err
	}
	if _, ok := l.given["help"]; ok {
		return []string{args[0], name, "--help"}, nil
	}
	return slices.Concat(args[:2], l.flags, []string{"--"}, l.words), nil
}

// A line is the command line of a command, sorted into flags and other words.
type line struct {
	command *cli.Command
	flags   []string
	words   []string
	given   map[string]string // how a flag was spelled, by its canonical name
}

func (l *line) read(args []string) error {
	for len(args) > 0 {
		arg := args[0]
		switch {
		case arg == "--":
			l.words = append(l.words, args[1:]...)
			return nil
		case !isFlag(arg):
			l.words = append(l.words, arg)
			args = args[1:]
			continue
		}
		n, err := l.readFlag(arg, args[1:])
		if err != nil {
			return err
		}
		args = args[1+n:]
	}
	return nil
}

// readFlag takes the flag arg and returns how many of the arguments behind it
// are its values.
func (l *line) readFlag(arg string, behind []string) (int, error) {
	spelled, value, inline := strings.Cut(arg, "=")
	f := findFlag(l.command, spelled)
	if f == nil {
		if n, ok, err := readForeign(l.command, arg, behind); ok {
			return n, err
		}
		return 0, l.unknownFlag(spelled)
	}
	name := f.Names()[0]
	_, several := f.(*cli.StringSliceFlag)
	_, boolean := f.(*cli.BoolFlag)
	if first, again := l.given[name]; again && !several {
		return 0, usagef("%s is given twice%s; give it once", first, otherSpelling(first, spelled))
	}
	l.given[name] = spelled
	switch {
	case inline:
		l.flags = append(l.flags, "--"+name+"="+value)
		return 0, nil
	case boolean:
		l.flags = append(l.flags, "--"+name)
		return 0, nil
	case len(behind) == 0 || behind[0] == "--":
		return 0, usagef("%s needs a value", spelled)
	case isFlag(behind[0]) && findFlag(l.command, behind[0]) != nil:
		return 0, usagef("%s needs a value, but the flag %s follows; write %s=%s if that is the value", spelled, behind[0], spelled, behind[0])
	}
	n := 1
	for several && n < len(behind) && !isFlag(behind[n]) && behind[n] != "--" {
		n++
	}
	for _, v := range behind[:n] {
		l.flags = append(l.flags, "--"+name+"="+v)
	}
	return n, nil
}

func (l *line) unknownFlag(spelled string) error {
	var names []string
	for _, f := range l.command.Flags {
		names = append(names, f.Names()...)
	}
	meant := closest(flagName(spelled), names)
	if meant != "" {
		return usagef("no flag is called %s; did you mean %s?", spelled, dashed(meant))
	}
	return usagef("no flag is called %s; an argument that begins with a dash goes behind --", spelled)
}

// otherSpelling tells that a flag was given under another name before.
func otherSpelling(first, again string) string {
	if first == again {
		return ""
	}
	return fmt.Sprintf(" (%s is another name for it)", again)
}

// isFlag tells whether arg is a flag, and not "-", "--" or a negative number.
func isFlag(arg string) bool {
	return len(arg) > 1 && arg[0] == '-' && arg != "--" && (arg[1] < '0' || arg[1] > '9') && arg[1] != '.'
}

// findFlag returns the flag that arg, such as "--min_count=5", is a spelling
// of; nil where c has none of that name.
func findFlag(c *cli.Command, arg string) cli.Flag {
	name := flagName(arg)
	for _, f := range append(slices.Clone(c.Flags), cli.HelpFlag) {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// flagName returns the name in a flag as it was typed.
func flagName(arg string) string {
	name, _, _ := strings.Cut(arg, "=")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "-"), "-")
	return strings.ReplaceAll(name, "_", "-")
}

// dashed returns the flag of a name as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// commandNames returns the names of the commands that are shown.
func commandNames(app *cli.App) []string {
	var names []string
	for _, c := range app.Commands {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	return append(names, "help")
}
