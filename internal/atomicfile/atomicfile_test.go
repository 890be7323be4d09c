package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// onlyFile checks that a directory has one file and no temporary ones.
func onlyFile(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("the directory has %v, %v; want %s only", entries, err, name)
	}
}

func TestFileIsReplacedAtOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	err = f.Fill(func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	})
	if err != nil || content(t, path) != "old" {
		t.Errorf("before Commit the file has %q, %v", content(t, path), err)
	}
	if err := errors.Join(f.Commit(), f.Close()); err != nil || content(t, path) != "new" {
		t.Errorf("after Commit the file has %q, %v", content(t, path), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file has the mode %v, %v; want that of the file before", info.Mode(), err)
	}
	onlyFile(t, dir, "file")
}

func TestFailureLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := WriteFile(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := Write(path, func(w io.Writer) error {
		io.WriteString(w, "half")
		return broken
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "writing "+path) {
		t.Errorf("Write returns %v", err)
	}
	if content(t, path) != "old" {
		t.Errorf("the file has %q", content(t, path))
	}
	onlyFile(t, dir, "file")
}

// The errors have the path that the caller knows, not that of a temporary file.
func TestErrorsNameThePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "file")
	err := WriteFile(path, nil)
	if want := "writing " + path + ": no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("WriteFile returns %v, want %s", err, want)
	}
	var at *fs.PathError
	if !errors.As(err, &at) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%#v is no *fs.PathError of a missing file", err)
	}
	path = t.TempDir()
	if err := WriteFile(path, nil); err == nil || !strings.HasPrefix(err.Error(), "writing "+path+": ") || strings.Count(err.Error(), path) != 1 {
		t.Errorf("a directory is replaced: %v", err)
	}
}

func TestLinksAndStreams(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(target, nil, 0o644), os.Symlink(target, link), WriteFile(link, []byte("text"))); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 || content(t, target) != "text" {
		t.Errorf("the link has the mode %v, %v, and its target %q", info.Mode(), err, content(t, target))
	}
	if err := WriteFile(os.DevNull, []byte("text")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s is replaced by a file: %v", os.DevNull, err)
	}
}
