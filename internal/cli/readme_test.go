package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"kindred/model/format"
)

// code is what stands between back quotes.
var code = regexp.MustCompile("`([^`]+)`")

func page(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func program() *cli.App {
	return newApp(newConsole(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}))
}

// rows returns the cells of the table in the README whose first heading is
// given, without its headings.
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

// Commands in the README and the pages beside it are such as the program takes.
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
			if _, err := arrange(program(), append([]string{"kindred"}, strings.Fields(line)...)); err != nil {
				t.Errorf("%s: %s: %v", path, c[0], err)
			}
		}
	}
	if found < 10 {
		t.Errorf("the pages have %d commands", found)
	}
}

// Names that share a row of the README's table are names of one flag.
func TestReadmeFlags(t *testing.T) {
	command := program().Command("train")
	for _, row := range rows(t, "kindred") {
		want := code.FindStringSubmatch(row[0])
		if want == nil || findFlag(command, want[1]) == nil {
			t.Errorf("the train command has no flag %s", row[0])
			continue
		}
		for _, cell := range row[1:4] {
			for _, name := range code.FindAllStringSubmatch(cell, -1) {
				if f := findFlag(command, "--"+strings.TrimLeft(name[1], "-")); f != findFlag(command, want[1]) {
					t.Errorf("%s is not another name of %s", name[1], want[1])
				}
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
