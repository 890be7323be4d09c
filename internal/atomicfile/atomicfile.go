// Package atomicfile writes files that nobody sees half-written, whatever happens to the process or
// the machine.
//
// A file is written under a temporary name in the directory of its path: ".NAME.tmp-" and a random
// number. When it is complete it is synced to disk, renamed to its path, which replaces a file that is
// there, and then the directory is synced. A process that dies before the renaming leaves the
// temporary file behind; the next [Create] of the same path removes it. A file that is being written
// is locked, so it is not taken for one that was left.
package atomicfile

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"kindred/internal/machine"
)

// A File is a file that is written under a temporary name. The errors of its methods are of type
// [*fs.PathError] and have the path of the complete file.
type File struct {
	temporary *os.File
	path      string
	target    string // path, or what it links to
	done      bool
}

// Create begins to write the file at path. The path may be a symbolic link; its target is then
// replaced. The file has the permissions of the one that it replaces, or else 0644 before umask.
// Call [File.Close] in any case.
//
// Create fails if Commit would: if a name is too long, or if the file that is there may not be
// replaced.
func Create(path string) (*File, error) {
	f := &File{path: path, target: Target(path)}
	existing, err := os.Lstat(f.target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, f.pathError(err)
	case existing.IsDir():
		return nil, f.pathError(errors.New("is a directory"))
	case !existing.Mode().IsRegular():
		return nil, f.pathError(errors.New("not a regular file"))
	default:
		if err := replaceable(f.target); err != nil {
			return nil, f.pathError(err)
		}
	}
	removeUnfinished(f.target)
	permissions := fs.FileMode(0o644)
	if existing != nil {
		permissions = existing.Mode().Perm()
	}
	if f.temporary, err = createTemporary(f.target, permissions); err != nil {
		return nil, f.pathError(err)
	}
	if existing != nil {
		if err := f.temporary.Chmod(permissions); err != nil { // the umask may have taken some
			return nil, errors.Join(f.pathError(err), f.Close())
		}
	}
	return f, nil
}

// Try returns the error that writing a file at path would give, as far as that can be known before. It
// leaves nothing behind.
func Try(path string) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	return f.Close()
}

// Target returns the path of the file that is replaced if path is written: what a link leads to, even
// if that is missing, or path itself.
func Target(path string) string {
	const mostLinks = 40 // as Linux has it
	for range mostLinks {
		if linked, err := filepath.EvalSymlinks(path); err == nil {
			return linked
		}
		next, err := os.Readlink(path)
		if err != nil {
			return path
		}
		if _, err := os.Stat(path); err == nil {
			return path // a pipe, which Linux shows as a link that leads nowhere
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return path
}

// Write writes to the file.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.temporary.Write(p)
	return n, f.pathError(err)
}

// Fill writes the whole file by calling write, and syncs it to disk. Commit then fails for very few
// reasons: fill all files of a set before [CommitAll].
func (f *File) Fill(write func(io.Writer) error) error {
	if err := write(f); err != nil {
		return f.named(err)
	}
	return f.pathError(f.temporary.Sync())
}

// Commit makes the file complete. Nothing can be written to it afterwards.
func (f *File) Commit() error { return CommitAll([]*File{f}) }

// CommitAll makes the files of a set complete, and removes those at the obsolete paths, which belonged
// to the set before. Nobody finds a new file beside an old one, even if the process is killed or the
// machine fails: all old files but the first are put aside before the first is replaced, and the other
// new ones come after it. A set with a gap is what an interruption leaves. If the first file can't be
// replaced, the old set is as it was. If the disk does not take the new names, all files are the new
// ones, and it is an error.
func CommitAll(files []*File, obsolete ...string) error {
	for _, f := range files {
		if err := f.temporary.Sync(); err != nil {
			return f.pathError(err)
		}
	}
	var old set
	for _, f := range files[1:] {
		obsolete = append(obsolete, f.target)
	}
	for _, path := range obsolete {
		if err := old.putAside(path); err != nil {
			return errors.Join(&fs.PathError{Op: "writing", Path: path, Err: reason(err)}, old.restore())
		}
	}
	var unsynced error
	for i, f := range files {
		if err := replace(f.temporary, f.target); err != nil {
			if i == 0 {
				return errors.Join(f.pathError(err), old.restore())
			}
			return errors.Join(f.pathError(err), old.remove())
		}
		f.done = true
		// A file that has its name is there, even if a loss of power may undo that. Putting the old
		// ones back now would mix the two sets.
		if err := syncDir(filepath.Dir(f.target)); err != nil && unsynced == nil {
			unsynced = f.pathError(err)
		}
	}
	return errors.Join(unsynced, old.remove())
}

// Close removes the temporary file. It does nothing after a Commit that succeeded.
func (f *File) Close() error {
	if f.done {
		return nil
	}
	f.done = true
	err := f.temporary.Close()
	if errors.Is(err, fs.ErrClosed) { // by a Commit that failed
		err = nil
	}
	return f.pathError(errors.Join(err, removeIfThere(f.temporary.Name())))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// A set has files that were put aside: their paths, and where they are now.
type set struct{ paths, aside []string }

// putAside gives the file at path a temporary name. It does nothing if there is no file.
func (s *set) putAside(path string) error {
	if info, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		return nil
	}
	aside := temporaryName(path)
	if err := os.Rename(path, aside); err != nil {
		return err
	}
	s.paths, s.aside = append(s.paths, path), append(s.aside, aside)
	return syncDir(filepath.Dir(path))
}

// restore gives the files their names back.
func (s *set) restore() error {
	var err error
	for i, path := range s.paths {
		err = errors.Join(err, os.Rename(s.aside[i], path))
	}
	return err
}

func (s *set) remove() error {
	var err error
	for _, aside := range s.aside {
		err = errors.Join(err, removeIfThere(aside))
	}
	return err
}

// Hidden returns the path of a hidden file beside that at path: a dot, the name and the suffix. A name
// of more than 100 bytes is shortened, so that the longest names that a file system takes can be
// written.
func Hidden(path, suffix string) string {
	dir, name := filepath.Split(path)
	const longest, kept = 100, 80
	if len(name) > longest {
		hash := fnv.New64a()
		_, _ = io.WriteString(hash, name)
		cut := kept
		for !utf8.RuneStart(name[cut]) && cut > 0 {
			cut--
		}
		name = fmt.Sprintf("%s-%016x", name[:cut], hash.Sum64())
	}
	return dir + "." + name + suffix
}

// temporaryMark stands before the random number in the name of a temporary file.
const temporaryMark = ".tmp-"

// temporaryName returns a new name for a temporary file of the file at path.
func temporaryName(path string) string {
	return Hidden(path, fmt.Sprintf("%s%016x", temporaryMark, rand.Uint64()))
}

// createTemporary creates a temporary file and locks it.
func createTemporary(path string, permissions fs.FileMode) (*os.File, error) {
	const most = 100 // another process can take the new file for one that was left, but not each time
	for range most {
		f, err := os.OpenFile(temporaryName(path), os.O_RDWR|os.O_CREATE|os.O_EXCL, permissions)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		held := machine.FileLock(f)
		_, err = lstat(f.Name())
		if err == nil && !errors.Is(held, machine.ErrHeld) {
			return f, nil
		}
		f.Close()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.Join(err, removeIfThere(f.Name()))
		}
		_ = os.Remove(f.Name()) // as the other process is about to do
	}
	return nil, fmt.Errorf("%d new files were removed or locked by someone else at once", most)
}

// Tests make it fail.
var lstat = os.Lstat

// removeUnfinished removes the temporary files of path that dead processes left. Errors do not matter:
// what can't be removed is no obstacle.
func removeUnfinished(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	prefix := filepath.Base(Hidden(path, temporaryMark))
	for _, e := range entries {
		number, found := strings.CutPrefix(e.Name(), prefix)
		if !found || !e.Type().IsRegular() || len(number) != 16 || strings.Trim(number, "0123456789abcdef") != "" {
			continue
		}
		f, err := os.Open(filepath.Join(filepath.Dir(path), e.Name()))
		if err != nil {
			continue
		}
		if machine.FileLock(f) == nil {
			_ = os.Remove(f.Name())
		}
		f.Close()
	}
}

// pathError returns the error with the path of the complete file in the place of others.
func (f *File) pathError(err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: "writing", Path: f.path, Err: reason(err)}
}

// named returns an error of a function that writes to the file, with the path. If writing failed, it
// is that error alone.
func (f *File) named(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) && failed.Path == f.path {
		return failed
	}
	return fmt.Errorf("writing %s: %w", f.path, err)
}

// reason returns what is wrong with a file, without its path.
func reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// Write writes a file by calling write. If the path is that of something other than a regular file,
// such as a device or a pipe, it is written to as it is. Errors name the path.
func Write(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return writeStream(path, write)
	}
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Fill(write); err != nil {
		return err
	}
	return f.Commit()
}

// WriteFile writes data to a file as [Write] does.
func WriteFile(path string, data []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writeStream writes to something that is there and no regular file.
func writeStream(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// syncDir makes the names in a directory outlast a loss of power, as far as the system can. Tests make
// it fail.
var syncDir = func(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil // one may write to a directory that one may not read
	}
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, os.ErrInvalid) || errors.Is(err, os.ErrPermission) {
		err = nil // the file system has no such thing
	}
	return errors.Join(err, d.Close())
}
