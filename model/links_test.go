package model_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A program that only loads vectors and asks for neighbors links nothing that it does not need.
func TestLinks(t *testing.T) {
	example, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var program strings.Builder
	for line := range strings.Lines(string(example)) {
		if code, ok := strings.CutPrefix(line, "//\t"); ok {
			program.WriteString(code)
		}
	}
	needed := []string{
		"kindred/model", "kindred/model/format", "kindred/model/hnsw", "kindred/model/search", "kindred/model/subword", "kindred/corpus/vocab",
		"kindred/internal/atomicfile", "kindred/internal/filetype", "kindred/internal/kernel", "kindred/internal/machine", "kindred/internal/mapping", "kindred/internal/random", "kindred/internal/safetensors", "kindred/internal/textfile",
		"github.com/klauspost/cpuid/v2", "github.com/klauspost/cpuid/v2/topology", "github.com/zeebo/xxh3",
	}
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range strings.Fields(string(out)) {
		if pkg != "command-line-arguments" && !strings.HasPrefix(pkg, "golang.org/x/sys/") && !slices.Contains(needed, pkg) {
			t.Errorf("the program links %s", pkg)
		}
	}
}
