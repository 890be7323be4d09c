package eval

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFieldsAreDocumented looks in docs/evaluation.md for each field that reports have.
func TestFieldsAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "evaluation.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, schema, found := strings.Cut(string(page), "\n## JSON\n")
	if !found {
		t.Fatal("docs/evaluation.md has no section JSON")
	}
	eval, compare, found := strings.Cut(schema, "\n### `kindred compare --json`\n")
	if !found {
		t.Fatal("docs/evaluation.md has no section on compare --json")
	}
	for golden, text := range map[string]string{"kinds.json.golden": eval, "full.json.golden": eval, "../compare/testdata/compare.json.golden": eval + compare} {
		data, err := os.ReadFile(filepath.Join("testdata", golden))
		if err != nil {
			t.Fatal(err)
		}
		var report map[string]any
		if err := json.Unmarshal(data, &report); err != nil {
			t.Fatal(err)
		}
		for _, name := range fields(report) {
			if !strings.Contains(text, fmt.Sprintf("%q:", name)) {
				t.Errorf("%s has a field %q that docs/evaluation.md doesn't explain", golden, name)
			}
		}
	}
}

// fields returns the names of all fields in a JSON value except those of training settings.
func fields(value any) []string {
	var names []string
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			names = append(names, name)
			if _, ofModel := v["tool"]; name != "settings" || !ofModel {
				names = append(names, fields(inner)...)
			}
		}
	case []any:
		for _, inner := range v {
			names = append(names, fields(inner)...)
		}
	}
	return names
}
