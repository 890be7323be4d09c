package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestPhrasesAreKept trains with the phrases of the text three times: the second run takes them from the cache, and the third one,
// after damage to the cache, finds them anew.
func TestPhrasesAreKept(t *testing.T) {
	var lines []string
	for i := range 400 {
		lines = append(lines, fmt.Sprintf("a%d new york b%d c%d", i%7, i%11, i%13), fmt.Sprintf("c%d b%d a%d", i%13, i%11, i%7))
	}
	text, cache := writeLines(t, "text", lines), t.TempDir()
	train := func() []byte {
		t.Helper()
		output := filepath.Join(t.TempDir(), "v.txt")
		kindredOutput(t, nil, "train", "--input", text, "--phrases", "auto", "--cache", cache, "--dim", "4", "--epochs", "1", "--threads", "1", "--output", output, "--quiet")
		vectors, err := os.ReadFile(output)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(vectors, []byte("\nnew_york ")) {
			t.Error("the phrase is not joined")
		}
		return vectors
	}
	first := train()
	found, err := filepath.Glob(filepath.Join(cache, "*.found"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the cache has %q: %v", found, err)
	}
	list := cachedPhrases(found[0])
	if list == nil || list.Len() == 0 {
		t.Fatal("the cache has no phrases")
	}
	before, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(train(), first) {
		t.Error("with the phrases of the cache the vectors differ")
	}
	damaged := bytes.Clone(before)
	damaged[len(damaged)/2] ^= 1
	for name, content := range map[string][]byte{"damaged": damaged, "cut": before[:len(before)-5]} {
		if err := os.WriteFile(found[0], content, 0o644); err != nil {
			t.Fatal(err)
		}
		if cachedPhrases(found[0]) != nil {
			t.Errorf("a %s file was taken", name)
		}
		if !bytes.Equal(train(), first) {
			t.Errorf("after the file was %s the vectors differ", name)
		}
		if after, err := os.ReadFile(found[0]); err != nil || !bytes.Equal(after, before) {
			t.Errorf("the %s file was not replaced: %v", name, err)
		}
	}
}
