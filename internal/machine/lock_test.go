package machine

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestLockIsTakenOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := TakeLock(path)
	if err != nil {
		t.Fatal(err)
	}
	var locked *LockedError
	if _, err := TakeLock(path); !errors.As(err, &locked) || locked.Holder != strconv.Itoa(os.Getpid()) {
		t.Fatalf("the second one to take a lock gets %v, want a *LockedError with this process", err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("after the release the file is there: %v", err)
	}
	again, err := TakeLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

// A file that a dead process left is no lock.
func TestLockOfTheDead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(path, []byte("12345678901234567890\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := TakeLock(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != strconv.Itoa(os.Getpid())+"\n" {
		t.Errorf("the file says %q, %v; want the number of this process", text, err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
}

// What has the name of a lock but is none stays as it is.
func TestLockLeavesOthersAlone(t *testing.T) {
	dir := t.TempDir()
	path, own := filepath.Join(dir, "lock"), filepath.Join(dir, "own")
	const text = "notes of the user\n"
	places := map[string]func() error{
		"a file":        func() error { return os.WriteFile(path, []byte(text), 0o644) },
		"a link":        func() error { return os.Symlink(own, path) },
		"a loose link":  func() error { return os.Symlink(filepath.Join(dir, "none"), path) },
		"a hard link":   func() error { return os.Link(own, path) },
		"a directory":   func() error { return os.Mkdir(path, 0o755) },
		"a long number": func() error { return os.WriteFile(path, []byte("123456789012345678901234567890"), 0o644) },
		"a number of a hard link": func() error {
			return errors.Join(os.WriteFile(own, []byte("42\n"), 0o644), os.Link(own, path))
		},
	}
	for what, place := range places {
		if err := errors.Join(os.RemoveAll(path), os.WriteFile(own, []byte(text), 0o644), place()); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(own)
		beforeLock, _ := os.ReadFile(path)
		var no *NoLockError
		if _, err := TakeLock(path); !errors.As(err, &no) || no.Path != path {
			t.Errorf("%s: TakeLock returns %v", what, err)
		}
		after, _ := os.ReadFile(own)
		afterLock, _ := os.ReadFile(path)
		if string(after) != string(before) || string(afterLock) != string(beforeLock) {
			t.Errorf("%s: the file of the user has %q, the lock %q", what, after, afterLock)
		}
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("the directory has %v, %v", entries, err)
	}
}

// Release does not remove what someone else has put in the place of the lock.
func TestReleaseOfAReplacedLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	l, err := TakeLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte("mine"), 0o644), l.Release()); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
		t.Errorf("the file has %q, %v", text, err)
	}
}
