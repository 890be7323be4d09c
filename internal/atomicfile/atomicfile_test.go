package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
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

// names returns the names in a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// The temporary files of a process that is gone are removed, and no others.
func TestLeftOversAreRemoved(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	busy, err := Create(path) // another process may be writing the same file
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for _, name := range []string{".file.tmp-0123456789abcdef", ".file.tmp-mine", ".file.tmp-0123456789abcde", ".file2.tmp-0123456789abcdef", ".file.lock", "file.tmp-0123456789abcdef"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := Try(path); err != nil {
		t.Fatal(err)
	}
	want := []string{".file.lock", filepath.Base(busy.temporary.Name()), ".file.tmp-0123456789abcde", ".file.tmp-mine", ".file2.tmp-0123456789abcdef", "file.tmp-0123456789abcdef"}
	slices.Sort(want)
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("the directory has %q, want %q", got, want)
	}
	if err := errors.Join(busy.Fill(func(w io.Writer) error { _, err := io.WriteString(w, "text"); return err }), busy.Commit()); err != nil || content(t, path) != "text" {
		t.Errorf("the file has %q, %v", content(t, path), err)
	}
}

// Names are as long as the file system takes them, and longer ones are known before.
func TestLongNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{strings.Repeat("n", 99), strings.Repeat("n", 100), strings.Repeat("n", 101), strings.Repeat("n", 241), strings.Repeat("n", 255), strings.Repeat("é", 127)} {
		path := filepath.Join(dir, name)
		if err := errors.Join(Try(path), WriteFile(path, []byte(name))); err != nil || content(t, path) != name {
			t.Errorf("a name of %d bytes: %v", len(name), err)
		}
		if hidden := filepath.Base(Hidden(path, ".lock")); !utf8.ValidString(hidden) || len(hidden) > 120 {
			t.Errorf("%d bytes are hidden as %q", len(name), hidden)
		}
	}
	long := filepath.Join(dir, strings.Repeat("n", 256))
	if err := Try(long); err == nil || !strings.Contains(err.Error(), "file name too long") {
		t.Errorf("Try returns %v", err)
	}
	if n := len(names(t, dir)); n != 6 {
		t.Errorf("%d files, want 6", n)
	}
}

// pending returns files with new content for the paths, filled.
func pending(t *testing.T, paths ...string) []*File {
	t.Helper()
	var files []*File
	for _, path := range paths {
		f, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		if err := f.Fill(func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// A set is replaced as a whole, or has a gap, or is as before. Removing a temporary file makes its
// renaming fail, as an error of the disk would.
func TestSetsAreNeverMixed(t *testing.T) {
	for _, test := range []struct {
		broken int    // the index of the file whose renaming fails
		want   string // the contents of the three files, "-" for a missing one
	}{{-1, "new new -"}, {0, "old old old"}, {1, "new - -"}} {
		dir := t.TempDir()
		var paths []string
		for _, name := range []string{"vectors", "words", "manifest"} {
			paths = append(paths, filepath.Join(dir, name))
			if err := os.WriteFile(paths[len(paths)-1], []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		files := pending(t, paths[:2]...)
		if test.broken >= 0 {
			if err := os.Remove(files[test.broken].temporary.Name()); err != nil {
				t.Fatal(err)
			}
		}
		if err := CommitAll(files, paths[2]); (err == nil) != (test.broken < 0) {
			t.Errorf("file %d broken: CommitAll returns %v", test.broken, err)
		}
		var got []string
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				text = []byte("-")
			}
			got = append(got, string(text))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("file %d broken: the files have %q, want %q", test.broken, got, test.want)
		}
		for _, f := range files {
			f.Close()
		}
		for _, name := range names(t, dir) {
			if strings.HasPrefix(name, ".") {
				t.Errorf("file %d broken: %s is left", test.broken, name)
			}
		}
	}
}

// A set whose new names the disk does not take is not mixed either, and the error is not lost. The
// directory is synced after the old words were put aside, and after each new file.
func TestSetsAreNotMixedIfTheDirectoryFails(t *testing.T) {
	sync := syncDir
	defer func() { syncDir = sync }()
	for failing, want := range []string{"old old", "new new", "new new"} {
		dir := t.TempDir()
		paths := []string{filepath.Join(dir, "vectors"), filepath.Join(dir, "words")}
		for _, path := range paths {
			if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		files := pending(t, paths...)
		broken, calls := errors.New("broken"), 0
		syncDir = func(dir string) error {
			if calls++; calls-1 == failing {
				return broken
			}
			return sync(dir)
		}
		if err := CommitAll(files); !errors.Is(err, broken) {
			t.Errorf("syncing %d fails: CommitAll returns %v", failing, err)
		}
		if got := content(t, paths[0]) + " " + content(t, paths[1]); got != want {
			t.Errorf("syncing %d fails: the files have %q, want %q", failing, got, want)
		}
		for _, f := range files {
			f.Close()
		}
		if left := names(t, dir); len(left) != 2 {
			t.Errorf("syncing %d fails: the directory has %q", failing, left)
		}
	}
}

// A temporary file that can't be looked at is removed, and one that is gone each time is an error.
func TestTemporaryFilesThatFail(t *testing.T) {
	defer func() { lstat = os.Lstat }()
	for _, broken := range []error{errors.New("broken"), fs.ErrNotExist} {
		dir := t.TempDir()
		lstat = func(string) (fs.FileInfo, error) { return nil, broken }
		if err := WriteFile(filepath.Join(dir, "file"), nil); err == nil {
			t.Errorf("%v: the file is written", broken)
		}
		if left := names(t, dir); len(left) > 0 {
			t.Errorf("%v: the directory has %q", broken, left)
		}
	}
}

func TestDanglingLink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := errors.Join(os.Symlink("target", link), WriteFile(link, []byte("text"))); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 || content(t, target) != "text" {
		t.Errorf("the link has the mode %v, %v, and its target %q", info.Mode(), err, content(t, target))
	}
}
