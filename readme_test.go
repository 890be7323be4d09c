package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The library in the README is the one that the example runs.
func TestReadmeLibrary(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(blocks) == 0 {
		t.Fatal("the README has no Go in it")
	}
	example := strings.ReplaceAll(read(t, "example_test.go"), "\n\t", "\n")
	for _, block := range blocks {
		if !strings.Contains(example, block[1]) {
			t.Errorf("example_test.go has not these lines of the README:\n%s", block[1])
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
