package cli

import (
	"fmt"
	"slices"
	"strings"

	"kindred/internal/english"
)

// normalize puts the arguments of a command in the one order that urfave/cli understands: the
// flags, each as --name=value with its own name, then --, then all other arguments. So flags may
// stand anywhere:
//
//   - A flag begins with one or two dashes and is spelled with dashes or underscores. Its value
//     follows after = or as the next argument.
//   - A flag that takes several values takes all arguments up to the next flag.
//   - "-" and negative numbers are values or arguments, and so is everything after --.
//
// All values are checked. The error for an unknown command, an unknown flag or a wrong value is a
// usage error.
func normalize(commands []*command, args []string) ([]string, error) {
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
	c := findCommand(commands, name)
	switch {
	case c == nil:
		if answer, ok := foreignCommands[name]; ok {
			return args, usagef("there is no command %q; %s", name, answer)
		}
		return args, usagef("there is no command %q%s", name, suggestion(name, shownNames(commands)))
	case name != args[1]: // help for a command
		return []string{args[0], name, "--help"}, nil
	case c.raw:
		return args, nil
	}
	l := &line{command: c, given: map[string]string{}}
	if err := l.read(rest); err != nil {
		return args, err
	}
	if _, ok := l.given["help"]; ok {
		return []string{args[0], name, "--help"}, nil
	}
	if l.mistake != nil {
		return args, l.mistake
	}
	return slices.Concat(args[:2], l.flags, []string{"--"}, l.words), nil
}

// shownNames returns the names of the commands that the help shows.
func shownNames(commands []*command) []string {
	var names []string
	for _, c := range commands {
		if !c.hidden {
			names = append(names, c.name)
		}
	}
	return append(names, "help")
}

// helpFlag is a flag of every command.
var helpFlag = &flag{name: "help", aliases: []string{"h"}, into: new(bool), help: "explain the command"}

// A line is the command line of a command, split into flags and other words.
type line struct {
	command *command
	flags   []string
	words   []string
	given   map[string]string // how a flag was spelled, by its own name
	mistake error             // the first wrong value; --help comes before it
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

// find returns the flag that arg spells, or nil if there is none.
func (l *line) find(arg string) *flag {
	if f := findFlag(l.command.flags, arg); f != nil {
		return f
	}
	return findFlag([]*flag{helpFlag}, arg)
}

// readFlag reads the flag arg and returns how many of the arguments after it are its values.
func (l *line) readFlag(arg string, after []string) (int, error) {
	spelled, value, inline := strings.Cut(arg, "=")
	f := l.find(spelled)
	if f == nil {
		if n, ok, err := readForeignFlag(l.command, arg, after); ok {
			return n, err
		}
		return 0, l.unknownFlag(spelled)
	}
	if first, again := l.given[f.name]; again && !f.takesSeveral() {
		return 0, usagef("%s is given twice%s; give it once", first, otherSpelling(first, spelled))
	}
	l.given[f.name] = spelled
	switch {
	case inline:
		l.add(f, value)
		return 0, nil
	case f.isSwitch():
		l.flags = append(l.flags, "--"+f.name)
		return 0, nil
	case len(after) == 0 || after[0] == "--":
		return 0, usagef("%s needs a value", spelled)
	case isFlag(after[0]) && l.find(after[0]) != nil:
		return 0, usagef("%s needs a value, but the flag %s follows; write %s=%s if that is the value", spelled, after[0], spelled, after[0])
	}
	n := 1
	for f.takesSeveral() && n < len(after) && !isFlag(after[n]) && after[n] != "--" {
		n++
	}
	for _, v := range after[:n] {
		l.add(f, v)
	}
	return n, nil
}

// add adds a flag with a value.
func (l *line) add(f *flag, value string) {
	if _, err := f.read(value); err != nil && l.mistake == nil {
		l.mistake = err
	}
	l.flags = append(l.flags, "--"+f.name+"="+value)
}

func (l *line) unknownFlag(spelled string) error {
	var names []string
	for _, f := range l.command.flags {
		names = append(names, f.names()...)
	}
	if meant := english.Closest(flagName(spelled), names); meant != "" {
		return usagef("no flag is called %s; did you mean %s?", spelled, dashed(meant))
	}
	return usagef("no flag is called %s; an argument that begins with a dash goes after --", spelled)
}

// otherSpelling says that a flag was given under another name before.
func otherSpelling(first, again string) string {
	if first == again {
		return ""
	}
	return fmt.Sprintf(" (%s is another name for it)", again)
}

// isFlag reports whether arg is a flag, and not "-", "--" or a negative number.
func isFlag(arg string) bool {
	return len(arg) > 1 && arg[0] == '-' && arg != "--" && (arg[1] < '0' || arg[1] > '9') && arg[1] != '.'
}

// noArguments returns a usage error if a command that takes only flags has other arguments.
func noArguments(c *call, hint string) error {
	if len(c.words) == 0 {
		return nil
	}
	return usagef("unexpected argument %q%s", c.words[0], hint)
}
