package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/model/format"
)

// code is text between back quotes.
var code = regexp.MustCompile("`([^`]+)`")

func page(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// rows returns the cells of the table in the README with this first heading, without the headings.
func rows(t *testing.T, heading string) [][]string {
	t.Helper()
	_, table, found := strings.Cut(page(t, "../../README.md"), "\n| "+heading+" |")
	if !found {
		t.Fatalf("the README has no table that begins with %q", heading)
	}
	var cells [][]string
	for i, line := range strings.Split(table, "\n") {
		if i > 1 && !strings.HasPrefix(line, "|") {
			break
		}
		if i > 1 {
			cells = append(cells, strings.Split(strings.Trim(line, "|"), "|"))
		}
	}
	return cells
}

// The program accepts the commands in the README and in docs.
func TestPagesCommands(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range append(pages, "../../README.md") {
		shell := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllString(page(t, path), -1)
		for _, c := range regexp.MustCompile(`(?m)^\s*(?:kindred|go run \.) (.+)$`).FindAllStringSubmatch(strings.Join(shell, ""), -1) {
			found++
			line, _, _ := strings.Cut(c[1], " #")
			line, _, _ = strings.Cut(line, " |")
			line = regexp.MustCompile(`\$\w+`).ReplaceAllString(line, "1") // variables of the shell
			if _, err := normalize(testProgram(), append([]string{"kindred"}, strings.Fields(line)...)); err != nil {
				t.Errorf("%s: %s: %v", path, c[0], err)
			}
		}
	}
	if found < 10 {
		t.Errorf("the pages have %d commands", found)
	}
}

// The README's table of commands is the list of commands in the help.
func TestReadmeCommands(t *testing.T) {
	var want, got []string
	for _, c := range testProgram() {
		if !c.hidden {
			want = append(want, c.name+": "+c.summary)
		}
	}
	for _, row := range rows(t, "command") {
		got = append(got, strings.Trim(row[0], " `")+": "+strings.TrimSpace(row[1]))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the README's commands (-want +got):\n%s", diff)
	}
}

// The README's tables of flags agree with the flags of the train command: names, other names, defaults,
// and samplers.
func TestReadmeFlags(t *testing.T) {
	train := findCommand(testProgram(), "train")
	listed := map[string]bool{}
	for _, row := range append(rows(t, "kindred | word2vec.c"), rows(t, "kindred | values")...) {
		name := code.FindStringSubmatch(row[0])
		if name == nil || findFlag(train.flags, name[1]) == nil {
			t.Errorf("the train command has no flag %s", row[0])
			continue
		}
		f := findFlag(train.flags, name[1])
		listed[f.name] = true
		if len(row) == 5 {
			for _, cell := range row[1:4] {
				for _, other := range code.FindAllStringSubmatch(cell, -1) {
					spelled := strings.TrimLeft(other[1], "-")
					if findFlag(train.flags, "--"+spelled) != f {
						t.Errorf("%s is not another name of %s", other[1], name[1])
					}
					listed[flagName(spelled)] = true
				}
			}
		}
		shown := strings.ReplaceAll(strings.TrimSpace(row[len(row)-1]), "`", "")
		want, err := strconv.ParseFloat(f.defaultText(), 64)
		if got, err2 := strconv.ParseFloat(shown, 64); shown != f.defaultText() && !(err == nil && err2 == nil && got == want) {
			t.Errorf("the default of %s is %q, the README has %q", name[1], f.defaultText(), shown)
		}
		if f.name == "sampler" {
			var names []string
			for _, n := range code.FindAllStringSubmatch(row[1], -1) {
				names = append(names, n[1])
			}
			if strings.Join(names, ", ") != samplerNames() {
				t.Errorf("the samplers are %q, the README has %q", samplerNames(), names)
			}
		}
	}
	for _, f := range train.flags {
		if f.group == "Negatives" && !listed[f.name] {
			t.Errorf("the README does not list --%s", f.name)
		}
		for _, alias := range f.aliases {
			if len(alias) > 1 && !listed[alias] {
				t.Errorf("the README does not list %s as another name of --%s", alias, f.name)
			}
		}
	}
}

// The README's table of formats is the registry.
func TestReadmeFormats(t *testing.T) {
	known := map[string]*format.Format{}
	for _, f := range format.All() {
		known[f.Name] = f
	}
	for _, row := range rows(t, "`--format`") {
		name := strings.Trim(row[0], " `")
		f := known[name]
		if f == nil {
			t.Errorf("there is no format %q", name)
			continue
		}
		delete(known, name)
		if yes := strings.TrimSpace(row[2]) == "yes"; yes != f.Readable() {
			t.Errorf("%s is readable: %v, the README has %q", name, f.Readable(), row[2])
		}
		if got, want := strings.ReplaceAll(strings.TrimSpace(row[1]), "`", ""), strings.Join(f.Extensions, " "); got != want {
			t.Errorf("%s has the extensions %s, the README has %s", name, want, got)
		}
	}
	for name := range known {
		t.Errorf("the README has no format %q", name)
	}
}
