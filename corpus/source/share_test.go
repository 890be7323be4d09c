package source

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readAll returns the text of a source, with the end of each input ending a line.
func readAll(t *testing.T, s *Source) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.concat(context.Background(), &b, 64); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The shares of any number of processes, one after the other, are the text, whatever its lines, files
// and compression.
func TestSharesAreTheText(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 60 {
		dir := t.TempDir()
		for i := range 1 + rng.IntN(5) {
			var text strings.Builder
			for range rng.IntN(12) {
				text.WriteString(strings.Repeat("wörd ", rng.IntN(30)))
				if rng.IntN(8) > 0 {
					text.WriteByte('\n')
				}
			}
			name, content := filepath.Join(dir, fmt.Sprint(i)), []byte(text.String())
			if rng.IntN(4) == 0 {
				content = gzipped(t, content)
			}
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		whole, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		want := readAll(t, whole)
		size, _ := whole.Size()
		for n := 1; n <= 7; n++ {
			got, sum := "", int64(0)
			for i := 1; i <= n; i++ {
				part, err := whole.Share(i, n)
				if err != nil {
					t.Fatal(err)
				}
				got += readAll(t, part)
				bytes, _ := part.Size()
				sum += bytes
			}
			if got != want || sum != size {
				t.Fatalf("round %d: %d shares hold %d bytes of %d, and read\n%q\nwant\n%q", round, n, sum, size, got, want)
			}
		}
	}
}

func TestSharesAreOfSimilarSize(t *testing.T) {
	name := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(name, []byte(strings.Repeat("a b c d\n", 10000)), 0o600); err != nil {
		t.Fatal(err)
	}
	whole, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 16; i++ {
		part, err := whole.Share(i, 16)
		if err != nil {
			t.Fatal(err)
		}
		if bytes, _ := part.Size(); bytes < 4990 || bytes > 5010 {
			t.Errorf("share %d of 16 has %d of 80000 bytes", i, bytes)
		}
	}
}

func TestShareRefuses(t *testing.T) {
	name := filepath.Join(t.TempDir(), "binary")
	if err := os.WriteFile(name, bytes.Repeat([]byte{0, 1, 2, 0xff}, 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	binary, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := binary.Share(2, 3); err == nil {
		t.Error("part 2 of a binary file passes for text")
	}
	if _, err := FromReader("pipe", strings.NewReader("a")).Share(1, 2); err == nil || !strings.Contains(err.Error(), "pipe can be read only once") {
		t.Errorf("a share of a pipe: %v", err)
	}
	for _, bad := range [][2]int{{0, 3}, {4, 3}, {1, 0}, {-1, -1}} {
		if _, err := binary.Share(bad[0], bad[1]); err == nil {
			t.Errorf("share %d of %d is accepted", bad[0], bad[1])
		}
	}
}

// A file that changes after its share was cut is an error, as for whole files.
func TestShareOfChangedFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(name, []byte(strings.Repeat("a b\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	whole, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	part, err := whole.Share(2, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 300); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := part.Concat(context.Background(), &b); err == nil || !strings.Contains(err.Error(), "changed while it was read") {
		t.Errorf("reading a share of a file that was cut: %v", err)
	}
}
