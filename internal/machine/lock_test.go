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
