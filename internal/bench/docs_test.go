package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func documentation(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "benchmarking.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// TestOptionsAreDocumented compares the table of options with the command lines: a named option has the
// value of the setting, and the value of a setting without an option is nowhere on the command line.
func TestOptionsAreDocumented(t *testing.T) {
	_, table, found := strings.Cut(documentation(t), "\n| ours |")
	if !found {
		t.Fatal("the page has no table of options")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	lines := strings.Split(table, "\n")
	tools := cells(lines[0])
	if !slices.Equal(tools, DriverNames()) {
		t.Fatalf("tools of the table are %q", tools)
	}
	option := regexp.MustCompile("`([^`]+)`")
	values := settingValues()
	for _, line := range lines[2:] {
		row := cells(line)
		value, ok := values[row[0]]
		if !ok {
			t.Fatalf("there is no setting %q", row[0])
		}
		delete(values, row[0])
		for i, cell := range row[1:] {
			args := arguments(drivers[i])
			name := ""
			if m := option.FindStringSubmatch(cell); m != nil {
				name = m[1]
			}
			if got := args[name]; name != "" && got != value {
				t.Errorf("%s: %s is %q, want %q", tools[i], name, got, value)
			}
			if name != "" {
				continue
			}
			for given, v := range args {
				if v == value {
					t.Errorf("%s has %s %s, but the table says %q of %s", tools[i], given, v, cell, row[0])
				}
			}
		}
	}
	if len(values) > 0 {
		t.Errorf("settings that the table lacks: %v", values)
	}
}

// cells returns the cells of a row, without the bars.
func cells(row string) []string {
	var list []string
	for c := range strings.SplitSeq(strings.Trim(row, "|"), "|") {
		list = append(list, strings.TrimSpace(c))
	}
	return list
}

// settingValues returns the settings of the tests as text, by their names in TOML.
func settingValues() map[string]string {
	values := map[string]string{}
	for field, v := range reflect.ValueOf(settings).Fields() {
		values[field.Tag.Get("toml")] = fmt.Sprint(v.Interface())
	}
	return values
}

// arguments returns the values of all options of a driver's command lines by their names.
func arguments(d driver) map[string]string {
	args := map[string]string{}
	for _, s := range d.steps(program{files: make([]string, 4)}, settings) {
		for i, a := range s.args[:len(s.args)-1] {
			args[a] = s.args[i+1]
		}
		var object map[string]any
		if json.Unmarshal([]byte(s.args[len(s.args)-1]), &object) == nil {
			for name, v := range object {
				args[name] = fmt.Sprint(v)
			}
		}
	}
	return args
}

// TestFieldsAreDocumented looks for each field of a report on the page.
func TestFieldsAreDocumented(t *testing.T) {
	_, schema, found := strings.Cut(documentation(t), "\n## JSON\n")
	if !found {
		t.Fatal("the page has no section JSON")
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "report.json.golden"))
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`"([a-z_]+)":`).FindAllStringSubmatch(string(golden), -1)
	if len(names) < 50 {
		t.Fatalf("the golden report has %d fields", len(names))
	}
	for _, m := range names {
		if !strings.Contains(schema, m[0]) {
			t.Errorf("the field %q is not explained", m[1])
		}
	}
}

// TestExampleExperiment loads the experiment that the page names.
func TestExampleExperiment(t *testing.T) {
	t.Setenv("KINDRED_DATA", "data")
	if _, err := Load(filepath.Join("..", "..", "docs", "trainers.toml")); err != nil {
		t.Error(err)
	}
}
