package e2e

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The Go code in the README is part of the example, which runs as a test.
func TestReadmeLibrary(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(read(t, filepath.Join(root, "README.md")), -1)
	if len(blocks) == 0 {
		t.Fatal("the README has no Go in it")
	}
	example := strings.ReplaceAll(read(t, filepath.Join(root, "example_test.go")), "\n\t", "\n")
	for _, block := range blocks {
		if !strings.Contains(example, block[1]) {
			t.Errorf("example_test.go has not these lines of the README:\n%s", block[1])
		}
	}
}

// The documentation of each package starts with a program. The program compiles, and its body is part
// of the example of the package, which runs as a test.
func TestPackageDocs(t *testing.T) {
	for _, name := range []string{"corpus", "train", "model", "eval"} {
		program := documented(t, filepath.Join(root, name, "doc.go"))
		_, body, found := strings.Cut(program, "func main() {\n")
		body, end := strings.CutSuffix(body, "}\n")
		if !found || !end {
			t.Errorf("%s: the documentation does not begin with a program:\n%s", name, program)
			continue
		}
		if !strings.Contains(read(t, filepath.Join(root, name, "example_test.go")), body) {
			t.Errorf("%s: example_test.go has not these lines of the documentation:\n%s", name, body)
		}
		file := filepath.Join(t.TempDir(), "main.go")
		if err := os.WriteFile(file, []byte(program), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("go", "vet", file).CombinedOutput(); err != nil {
			t.Errorf("%s: the program of the documentation: %v\n%s", name, err, out)
		}
	}
}

// documented returns the program in the documentation of a package.
func documented(t *testing.T, path string) string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	var program strings.Builder
	for line := range strings.Lines(f.Doc.Text()) {
		code, indented := strings.CutPrefix(line, "\t")
		switch {
		case indented || program.Len() > 0 && line == "\n":
			fmt.Fprint(&program, code)
		case program.Len() > 0:
			return strings.TrimRight(program.String(), "\n") + "\n"
		}
	}
	return program.String()
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
