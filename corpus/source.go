package corpus

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"
)

// StandardInput is the name that [Open] gives to "-".
const StandardInput = "standard input"

// A Source is text to train on: a sequence of inputs, each of them a file or
// a reader. Inputs don't run into each other: the end of one ends its last
// line, with or without a newline.
//
// An input that begins with the signature of gzip, bzip2, zstd or xz is
// decompressed, whatever its name; several streams one after the other are
// read as one text. Text is UTF-8; an input that begins with the byte-order
// mark of UTF-16 is refused.
//
// A Source that reads standard input or an io.Reader can be read once, others
// as often as wanted.
type Source struct {
	inputs    []input
	pieceSize int
	buffers   sync.Pool // of *[]byte, pieceSize long
}

// An input is a file, for which info is what Open found, or a reader.
type input struct {
	name   string
	info   fs.FileInfo
	reader io.Reader
	spent  bool    // the reader has been read
	sum    *uint64 // the hash of the content, where it was asked for; the content has to stay the same
}

// Open returns a source that reads what the patterns name, in their order:
//
//   - "-" is standard input, allowed once;
//   - a file is itself;
//   - a directory stands for all files below it, sorted by path. Files and
//     directories whose names begin with a dot are left out, symbolic links to
//     files are followed, those to directories are not;
//   - a pattern with *, ?, [class] or {one,other} stands for the files that
//     match, sorted by path, where ** matches any number of directories.
//     Wildcards don't match a leading dot, and don't follow symbolic links to
//     directories; directories don't match.
//
// A file that is named twice is read twice. A pattern that stands for no file
// is an error, and so is an empty list. Files are opened when they are read,
// and have to be then what they were when Open looked at them: see
// [ChangedError].
func Open(patterns ...string) (*Source, error) {
	if len(patterns) == 0 {
		return nil, errors.New("no input: name a file, a directory, a glob pattern, or - for standard input")
	}
	var inputs []input
	stdin := false
	for _, pattern := range patterns {
		if pattern == "-" {
			if stdin {
				return nil, errors.New("standard input (-) is named twice, but can be read only once")
			}
			stdin = true
			inputs = append(inputs, input{name: StandardInput, reader: os.Stdin})
			continue
		}
		names, err := expandPattern(pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			info, err := os.Stat(name)
			if err != nil {
				return nil, fmt.Errorf("input %q: %w", name, err)
			}
			inputs = append(inputs, input{name: name, info: info})
		}
	}
	return newSource(inputs), nil
}

// FromReader returns a source that reads r, which it calls name in messages
// and in [Source.Inputs]. It can be read once.
func FromReader(name string, r io.Reader) *Source {
	return newSource([]input{{name: name, reader: r}})
}

func newSource(inputs []input) *Source {
	return &Source{inputs: inputs, pieceSize: defaultPieceSize}
}

// Inputs returns the names of all inputs, in the order they are read.
func (s *Source) Inputs() []string {
	names := make([]string, len(s.inputs))
	for i, in := range s.inputs {
		names[i] = in.name
	}
	return names
}

// Size returns the size of all files together, in bytes as they are on disk
// (compressed, where they are), and whether that is all: it is not where an
// input is a reader, a pipe or a device, which add nothing.
func (s *Source) Size() (bytes int64, known bool) {
	known = true
	for _, in := range s.inputs {
		if in.regular() {
			bytes += in.info.Size()
		} else {
			known = false
		}
	}
	return bytes, known
}

// regular tells whether the input is a file with a size.
func (in *input) regular() bool { return in.info != nil && in.info.Mode().IsRegular() }

// expandPattern returns the names of the files that pattern stands for, at
// least one. A file of exactly that name comes before a glob's meaning.
func expandPattern(pattern string) ([]string, error) {
	info, err := os.Stat(pattern)
	switch {
	case err == nil && info.IsDir():
		return filesBelow(pattern)
	case err == nil:
		return []string{pattern}, nil
	case !strings.ContainsAny(pattern, "*?[{"):
		return nil, fmt.Errorf("input %q: %w", pattern, err)
	}
	names, err := filesMatching(pattern)
	if err != nil {
		return nil, fmt.Errorf("input pattern %q: %w", pattern, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("input pattern %q matches no file", pattern)
	}
	return names, nil
}

// filesMatching returns the files that match a glob pattern, sorted by path.
func filesMatching(pattern string) ([]string, error) {
	matches, err := doublestar.FilepathGlob(pattern, doublestar.WithNoHidden(), doublestar.WithNoFollow(), doublestar.WithFailOnIOErrors())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range matches {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// filesBelow returns the files below a directory, sorted by path.
func filesBelow(root string) ([]string, error) {
	tree := os.DirFS(root)
	var names []string
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := path != "." && strings.HasPrefix(entry.Name(), ".")
		switch {
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case entry.IsDir() || hidden:
			return nil
		}
		info, err := fs.Stat(tree, path)
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() {
			names = append(names, filepath.Join(root, path))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("input directory %q: %w", root, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("input directory %q has no files below it (names that begin with a dot are left out)", root)
	}
	slices.Sort(names)
	return names, nil
}

// A ChangedError reports that a file is not, at the end of reading, what it
// was when [Open] looked at it, so that what was read is no text that ever
// was in the file.
type ChangedError struct {
	// Name is the name of the file.
	Name string
	// What says what changed, with the values before and after.
	What string
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s changed while it was read: %s; nothing was trained, run again when the file is at rest", e.Name, e.What)
}

// compareFiles returns a ChangedError where a file, of which read bytes have
// been read to the end, is no longer what it was.
func compareFiles(name string, before, after fs.FileInfo, read int64) error {
	what := ""
	switch size := before.Size(); {
	case !os.SameFile(before, after):
		what = "another file has taken its name"
	case after.Size() != size:
		what = fmt.Sprintf("its size was %d bytes and is %d", size, after.Size())
	case !after.ModTime().Equal(before.ModTime()):
		what = fmt.Sprintf("it was modified %v and again %v", before.ModTime(), after.ModTime())
	case size > 0 && read != size:
		// Files that the kernel makes up (in /proc) have the size 0.
		what = fmt.Sprintf("its size is %d bytes, but %d were read", size, read)
	default:
		return nil
	}
	return &ChangedError{Name: name, What: what}
}
