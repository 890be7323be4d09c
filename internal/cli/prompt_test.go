package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/peterh/liner"
)

// The history is for its user only, and is written neither through a link nor to a pipe.
func TestHistory(t *testing.T) {
	line := liner.NewLiner()
	defer line.Close()
	line.AppendHistory("king queen")
	dir := t.TempDir()
	path := filepath.Join(dir, "kindred", "nearest.history")
	if err := writeHistory(line, path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
		t.Errorf("the history is %v, %v", info, err)
	}
	own := filepath.Join(dir, "own")
	if err := os.WriteFile(own, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(own, path); err != nil {
		t.Skip(err)
	}
	if err := writeHistory(line, path); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(own); err != nil || string(text) != "mine" {
		t.Errorf("the file that a link leads to has %q, %v", text, err)
	}
}
