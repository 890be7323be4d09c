package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// testCommands have a flag of each kind.
func testCommands() []*command {
	return []*command{
		{name: "go", flags: []*flag{
			{name: "file", aliases: []string{"f"}, into: new([]string)},
			{name: "out", aliases: []string{"o", "min-out"}, into: new(string)},
			{name: "n", into: new(int), valid: atLeast(-5), want: "-5 or more"},
			{name: "yes", into: new(bool)},
		}},
		{name: "raw", raw: true},
	}
}

func TestNormalize(t *testing.T) {
	tests := []struct{ args, want string }{
		{"", ""},
		{"--help", "--help"},
		{"-v now", "-v"},
		{"help", "help"},
		{"help go", "go --help"},
		{"go a --yes -h b", "go --help"},
		{"raw --what ever -- x", "raw --what ever -- x"},
		{"go", "go --"},
		{"go a b", "go -- a b"},
		{"go a --n 5 b", "go --n=5 -- a b"},
		{"go a -n 5", "go --n=5 -- a"},
		{"go --n=5 a", "go --n=5 -- a"},
		{"go --n -5 -7", "go --n=-5 -- -7"},
		{"go --yes a", "go --yes -- a"},
		{"go --yes=false a", "go --yes=false -- a"},
		{"go --min_out x", "go --out=x --"},
		{"go --o -", "go --out=- --"},
		{"go --out=--yes", "go --out=--yes --"},
		{"go --file a b c", "go --file=a --file=b --file=c --"},
		{"go x --file a b --n 1 y", "go --file=a --file=b --n=1 -- x y"},
		{"go -f a -f b,c", "go --file=a --file=b,c --"},
		{"go --file=a b", "go --file=a -- b"},
		{"go --file a - -- b -n", "go --file=a --file=- -- b -n"},
		{"go -- --n 5", "go -- --n 5"},
		{"go -o -.5 x", "go --out=-.5 -- x"},
	}
	for _, test := range tests {
		args := append([]string{"kindred"}, strings.Fields(test.args)...)
		got, err := normalize(testCommands(), args)
		if err != nil {
			t.Errorf("%q: %v", test.args, err)
			continue
		}
		if diff := cmp.Diff(append([]string{"kindred"}, strings.Fields(test.want)...), got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.args, diff)
		}
	}
}

func TestNormalizeErrors(t *testing.T) {
	tests := []struct{ args, want string }{
		{"og", `there is no command "og"`},
		{"help og", `there is no command "og"`},
		{"ra", `did you mean "raw"?`},
		{"--n 5", `name one first`},
		{"go --outt x", "did you mean --out?"},
		{"go -zzz", "no flag is called -zzz"},
		{"go --out", "--out needs a value"},
		{"go --out --", "--out needs a value"},
		{"go --file --yes", "but the flag --yes follows"},
		{"go -n 1 --n 2", "-n is given twice (--n is another name for it)"},
		{"go --yes --yes", "--yes is given twice; give it once"},
		{"go -n many", `-n is "many", want a whole number`},
		{"go --n=-6", "-n is -6, want -5 or more"},
		{"go --yes=perhaps", `--yes is "perhaps", want true or false`},
	}
	for _, test := range tests {
		_, err := normalize(testCommands(), append([]string{"kindred"}, strings.Fields(test.args)...))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: error %v, want one with %q", test.args, err, test.want)
		}
		if _, ok := err.(usageError); !ok {
			t.Errorf("%q: %T is no usage error", test.args, err)
		}
	}
}

// Wherever flags stand among the other arguments, the result is the same.
func TestNormalizeAnyOrder(t *testing.T) {
	word := rapid.StringMatching(`[a-z,./=]{1,6}`)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 0, 4).Draw(t, "words")
		groups := [][]string{{"--n", "7"}, {"--yes"}, {"-o=" + word.Draw(t, "out")}}
		args := []string{"kindred", "go"}
		for _, w := range words {
			for len(groups) > 0 && rapid.Bool().Draw(t, "flag first") {
				args, groups = append(args, groups[0]...), groups[1:]
			}
			args = append(args, w)
		}
		args = slices.Concat(args, slices.Concat(groups...))
		got, err := normalize(testCommands(), args)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2+3+1+len(words) || got[5] != "--" || !slices.Equal(got[6:], words) {
			t.Fatalf("%q became %q", args, got)
		}
		if again, err := normalize(testCommands(), got); err != nil || !slices.Equal(again, got) {
			t.Fatalf("normalized a second time, %q became %q (%v)", got, again, err)
		}
	})
}

// Every flag has one meaning and says what it is, and every command explains itself within the width
// of a terminal and shows an example that it accepts.
func TestCommandsAreSound(t *testing.T) {
	commands := testProgram()
	files := regexp.MustCompile(`^(FILE|DIR|PATH|VECTORS|WORDS|LIST)`)
	for _, c := range commands {
		seen := map[string]bool{}
		for _, f := range c.flags {
			for _, name := range f.names() {
				if seen[name] {
					t.Errorf("%s: two flags are called %s", c.name, name)
				}
				seen[name] = true
			}
			if !f.hidden && (f.help == "" || !f.isSwitch() && f.value == "") {
				t.Errorf("%s: --%s has no help, or no name for its value", c.name, f.name)
			}
			if declared := f.file != noFile; declared != files.MatchString(f.value) && f.name != "reject" {
				t.Errorf("%s: --%s %s declares files: %v", c.name, f.name, f.value, declared)
			}
		}
		if c.hidden {
			continue
		}
		help, examples, found := strings.Cut(commandHelp(c), "\nExamples:\n")
		if !found {
			t.Errorf("%s: no example", c.name)
		}
		for line := range strings.Lines(help) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > helpWidth {
				t.Errorf("%s: a line of %d columns in the help: %s", c.name, n, line)
			}
		}
		for line := range strings.Lines(examples) {
			_, command, found := strings.Cut(line, "kindred ")
			if !found || strings.Contains(line, "#") {
				continue
			}
			command, _, _ = strings.Cut(strings.TrimRight(command, ")\n"), " |")
			command, _, _ = strings.Cut(command, " >")
			if _, err := normalize(commands, append([]string{"kindred"}, strings.Fields(command)...)); err != nil {
				t.Errorf("%s: example %q: %v", c.name, line, err)
			}
		}
	}
}

// A command line declares all files that it names.
func TestFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	tests := []struct{ args, inputs, outputs string }{
		{"train --input a b --output v --keep-words k --checkpoint c", "a b k", "c v"},
		{"vocab -i a -o w", "a", "w"},
		{"eval v s --sets t --similarity u", "v s t u", ""},
		{"compare x=a,b c --sets s --html h", "a b c s", "h"},
		{"ablate --input a --plan p --output o", "p a", "o"},
		{"bench e.toml --html h", "e.toml", "h"},
		{"nearest v king", "v", ""},
		{"analogy v", "v", ""},
		{"convert a b", "a", "b"},
		{"index v", "v", "v.index"},
		{"demo --dir d", "", "d"},
	}
	for _, test := range tests {
		commands := testProgram()
		args, err := normalize(commands, append([]string{"kindred"}, strings.Fields(test.args)...))
		if err != nil {
			t.Fatal(err)
		}
		c := findCommand(commands, args[1])
		var inputs, outputs []string
		c.run = func(c *call) error {
			for _, f := range c.files() {
				if f.writes() {
					outputs = append(outputs, f.path)
				} else {
					inputs = append(inputs, f.path)
				}
			}
			return nil
		}
		con := newConsole(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
		if err := newApp(con, commands).RunContext(t.Context(), args); err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Join(inputs, " "), test.inputs; got != want {
			t.Errorf("%s: inputs %q, want %q", test.args, got, want)
		}
		if got, want := strings.Join(outputs, " "), test.outputs; got != want {
			t.Errorf("%s: outputs %q, want %q", test.args, got, want)
		}
	}
}

// testProgram returns the commands of the program.
func testProgram() []*command {
	return newCommands(newConsole(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}))
}

// A directory of checkpoints that can't be read is no directory with checkpoints.
func TestUnreadableCheckpointDir(t *testing.T) {
	failure := &fs.PathError{Op: "readdirent", Path: "state", Err: syscall.EIO}
	err := noCheckpoints("state", func() ([]string, error) { return nil, failure })
	if !errors.Is(err, syscall.EIO) || strings.Contains(err.Error(), "another training") || errors.As(err, new(usageError)) {
		t.Errorf("error %v, want that of reading, which is none of the command line", err)
	}
	if err := noCheckpoints("state", func() ([]string, error) { return []string{"checkpoint"}, nil }); err == nil || !strings.Contains(err.Error(), "another training") {
		t.Errorf("error %v", err)
	}
}
