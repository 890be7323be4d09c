package cli

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

// A flag describes one flag of a command. The parser, the help, the completion and the test of the
// README all read it, so a new flag is one new value.
type flag struct {
	name    string
	aliases []string // short forms, and the names in word2vec.c, gensim and fastText
	group   string   // heading in the help; "" is "Flags"
	value   string   // what the help calls the value, like N or FILE…
	help    string
	initial string // the default in the help, if it is not the value that into holds
	hidden  bool   // for compatibility only

	// into points to where the value goes and holds the default. Its type is the kind of the flag:
	// a number, a string, a bool, or a []string for a flag that takes several values.
	into any

	// parse turns text into a value for a kind that has no parser of its own.
	parse func(text string) (value any, ok bool)
	// valid reports whether a number is in range.
	valid func(x float64) bool
	// want ends the message about a value that parse or valid refuses.
	want string

	// choices are the values that completion offers.
	choices func() []completion
	// file says that the value names files, and what the command does with them.
	file fileUse
	// fileIn returns the file that a value of another kind names, as stop:@FILE does, or "".
	fileIn func(value string) string
	// stream says that "-" is standard input, in a flag for files that are read.
	stream bool
	// noStream says why "-" can't be standard output, in a flag for files that are written.
	noStream string
	// holds are the names of files in the directory that the flag names, which the command writes
	// whatever else it writes there.
	holds []string
}

// inGroup puts flags under a heading of the help.
func inGroup(heading string, flags []*flag) []*flag {
	for _, f := range flags {
		f.group = heading
	}
	return flags
}

// atLeast accepts numbers that are not below low.
func atLeast(low float64) func(float64) bool { return within(low, math.Inf(1)) }

// within accepts numbers from low to high.
func within(low, high float64) func(float64) bool {
	return func(x float64) bool { return x >= low && x <= high }
}

// takesSeveral reports whether the flag takes all arguments up to the next flag.
func (f *flag) takesSeveral() bool { _, ok := f.into.(*[]string); return ok }

// isSwitch reports whether the flag needs no value.
func (f *flag) isSwitch() bool { _, ok := f.into.(*bool); return ok }

// names returns all names of the flag, its own first.
func (f *flag) names() []string { return append([]string{f.name}, f.aliases...) }

// heading returns the heading of the flag in the help.
func (f *flag) heading() string {
	if f.group == "" {
		return "Flags"
	}
	return f.group
}

// defaultText returns the default as the help shows it, or "" if there is none.
func (f *flag) defaultText() string {
	switch value := reflect.ValueOf(f.into).Elem(); {
	case f.initial != "":
		return f.initial
	case f.isSwitch() || f.takesSeveral():
		return ""
	default:
		return fmt.Sprint(value.Interface())
	}
}

// read returns the value that text stands for, or an error of the command line.
func (f *flag) read(text string) (any, error) {
	value, want, ok := f.convert(text)
	if !ok {
		if f.want != "" && f.valid == nil {
			want = f.want
		}
		return nil, usagef("%s is %q, want %s", dashed(f.name), text, want)
	}
	if f.valid != nil {
		if v := reflect.ValueOf(value); !f.valid(v.Convert(reflect.TypeFor[float64]()).Float()) {
			return nil, usagef("%s is %v, want %s", dashed(f.name), value, f.want)
		}
	}
	return value, nil
}

// convert turns text into a value of the kind of the flag; want says what the kind is.
func (f *flag) convert(text string) (value any, want string, ok bool) {
	if f.parse != nil {
		value, ok = f.parse(text)
		return value, f.want, ok
	}
	if f.takesSeveral() {
		return text, "", true
	}
	var err error
	kind := reflect.TypeOf(f.into).Elem()
	switch kind.Kind() {
	case reflect.String:
		value = text
	case reflect.Bool:
		value, err = strconv.ParseBool(text)
		want = "true or false"
	case reflect.Int, reflect.Int64:
		value, err = strconv.ParseInt(text, 0, 64)
		want = "a whole number"
	case reflect.Uint64:
		value, err = strconv.ParseUint(text, 0, 64)
		want = "a whole number, 0 or more"
	case reflect.Float64:
		value, err = strconv.ParseFloat(text, 64)
		want = "a number"
	default:
		panic(fmt.Sprintf("flag %s: no parser for %s", f.name, kind))
	}
	if err != nil {
		return nil, want, false
	}
	return reflect.ValueOf(value).Convert(kind).Interface(), want, true
}

// copyFrom sets the value of the flag to that of another one of the same kind.
func (f *flag) copyFrom(other *flag) {
	reflect.ValueOf(f.into).Elem().Set(reflect.ValueOf(other.into).Elem())
}

// urfave returns the flag as urfave/cli takes it. It goes by its own name only: normalize has
// replaced the others.
func (f *flag) urfave() cli.Flag {
	return &cli.GenericFlag{Name: f.name, Value: &setter{flag: f}}
}

// A setter stores the values of a flag when urfave/cli finds them.
type setter struct {
	flag  *flag
	given bool
}

func (s *setter) Set(text string) error {
	value, err := s.flag.read(text)
	if err != nil {
		return err
	}
	into := reflect.ValueOf(s.flag.into).Elem()
	switch {
	case !s.flag.takesSeveral():
		into.Set(reflect.ValueOf(value))
	case !s.given:
		into.Set(reflect.ValueOf([]string{text}))
	default:
		into.Set(reflect.Append(into, reflect.ValueOf(text)))
	}
	s.given = true
	return nil
}

// IsBoolFlag tells package flag, which urfave/cli calls, that a switch needs no value.
func (s *setter) IsBoolFlag() bool { return s.flag.isSwitch() }

// String is part of urfave's interface; no one reads it.
func (s *setter) String() string { return "" }

// findFlag returns the flag that arg spells, like "--min_count=5", or nil if there is none.
func findFlag(flags []*flag, arg string) *flag {
	name := flagName(arg)
	for _, f := range flags {
		if slices.Contains(f.names(), name) {
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

// dashed returns a name as a flag is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}
