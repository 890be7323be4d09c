// Package atomicfile writes files that nobody sees half-written, whatever happens to the process or
// the machine.
//
// A file is written under a temporary name in the directory of its path: the base name with a dot
// before it and a random number after it. When it is complete it is synced to disk, renamed to its
// path, which replaces a file that is there, and then the directory is synced. A process that dies
// before the renaming leaves the temporary file behind.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// A File is a file that is written under a temporary name. The errors of its methods are of type
// [*fs.PathError] and have the path of the complete file.
type File struct {
	pending *renameio.PendingFile
	path    string
}

// Create begins to write the file at path. The path may be a symbolic link; its target is then
// replaced. The file has the permissions of the one that it replaces, or else 0644 before umask.
// Call [File.Close] in any case.
func Create(path string) (*File, error) {
	target := path
	if linked, err := filepath.EvalSymlinks(path); err == nil {
		target = linked
	}
	p, err := renameio.NewPendingFile(target, renameio.WithTempDir(filepath.Dir(target)),
		renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	f := &File{p, path}
	if err != nil {
		return nil, f.pathError(err)
	}
	return f, nil
}

// Write writes to the file.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.pending.Write(p)
	return n, f.pathError(err)
}

// Fill writes the whole file by calling write, and syncs it to disk. Commit then fails for very few
// reasons: fill all files of a set before the first Commit.
func (f *File) Fill(write func(io.Writer) error) error {
	if err := write(f); err != nil {
		return f.named(err)
	}
	return f.pathError(f.pending.Sync())
}

// Commit makes the file complete. Nothing can be written to it afterwards.
func (f *File) Commit() error {
	if err := f.pending.CloseAtomicallyReplace(); err != nil {
		return f.pathError(err)
	}
	return f.pathError(syncDir(filepath.Dir(f.pending.Name())))
}

// Close removes the temporary file. It does nothing after a Commit that succeeded.
func (f *File) Close() error { return f.pathError(f.pending.Cleanup()) }

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

// syncDir makes the names in a directory outlast a loss of power, as far as the system can.
func syncDir(dir string) error {
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
