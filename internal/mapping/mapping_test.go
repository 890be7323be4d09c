//go:build linux || darwin

package mapping_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kindred/internal/mapping"
)

// opened returns a mapped file of some pages, each of them full of its number.
func opened(t *testing.T, pages int) (*mapping.File, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mapped")
	var content []byte
	for page := range pages {
		content = append(content, bytes.Repeat([]byte{byte(page)}, os.Getpagesize())...)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, before, before); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := mapping.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return f, path
}

func TestRead(t *testing.T) {
	f, _ := opened(t, 3)
	page := int64(os.Getpagesize())
	if err := f.Use(func() {
		if b := f.Bytes(page-1, 2); b[0] != 0 || b[1] != 1 {
			t.Errorf("bytes %v, want 0 and 1", b)
		}
		if v := f.Floats(2*page, 2)[1]; math.Float32bits(v) != 0x02020202 {
			t.Errorf("a float with the bits %x", math.Float32bits(v))
		}
	}); err != nil || f.Err() != nil || f.Size() != 3*page {
		t.Errorf("%v, %v, %d bytes", err, f.Err(), f.Size())
	}
}

// A file that is cut is an error, also in a goroutine of its own, and panics for other reasons remain.
func TestCut(t *testing.T) {
	f, path := opened(t, 3)
	page := os.Getpagesize()
	if err := os.Truncate(path, int64(page)); err != nil {
		t.Fatal(err)
	}
	sum := 0
	if err := f.Use(func() { sum += int(f.Bytes(0, page)[page-1]) }); err != nil {
		t.Errorf("what is there: %v", err)
	}
	done := make(chan error)
	for range 4 {
		go func() {
			done <- f.Use(func() { sum := byte(0); sum += f.Bytes(0, 3*page)[2*page+5]; _ = sum; t.Error("read it", sum) })
		}()
	}
	for range 4 {
		if err := <-done; err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want one with the name of the file", err)
		}
	}
	if f.Err() == nil {
		t.Error("the failure is forgotten")
	}
	defer func() {
		if reason := recover(); reason != "other" {
			t.Errorf("recovered %v", reason)
		}
	}()
	_ = f.Use(func() { panic("other") })
}

func TestChanged(t *testing.T) {
	f, path := opened(t, 1)
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("other"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Err(); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("error %v, want that the file was changed", err)
	}
	if _, err := mapping.Open(file); err == nil {
		t.Error("a closed file was mapped")
	}
}
