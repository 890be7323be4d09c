// Package source reads texts: files, directories, patterns and pipes, plain or compressed. It cuts
// them into chunks that can be analyzed in parallel.
package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"kindred/internal/charset"
)

// StandardInput is the name that [Open] gives to "-".
const StandardInput = "standard input"

// A Source is a sequence of inputs, each a file or a reader. The end of an input ends its last
// line, with or without a newline.
//
// An input that begins with the signature of gzip, bzip2, zstd or xz is decompressed, whatever its
// name; several streams one after the other are read as one text. A zip archive is read if it holds
// one file and does not come from a pipe. Text is UTF-8 unless [Source.Decode] says otherwise. An
// input that is no text is an error that names what it is: an archive, an office document, an image,
// a file of vectors, text in UTF-16 or UTF-32, other binary data.
//
// A Source with standard input or an io.Reader can be read once, others any number of times.
type Source struct {
	inputs   []input
	encoding string
}

// An input is a file, with the info that Open found, or a reader.
type input struct {
	name   string
	info   fs.FileInfo
	reader io.Reader
	spent  bool     // the reader has been read
	sum    *uint64  // the hash of the content that has to be read; nil if any content will do
	part   *stretch // of a plain file, to be read; nil for all of it
	// charset decodes the text; nil if it is UTF-8.
	charset *charset.Charset
	framed  bool // see Source.Framed
}

// Open returns a source that reads what the patterns name, in their order:
//
//   - "-" is standard input, allowed once;
//   - a file is itself;
//   - a directory stands for all files below it, sorted by path. Files and directories whose names
//     begin with a dot are skipped. Symbolic links to files are followed, those to directories are
//     not;
//   - a pattern with *, ?, [class] or {one,other} stands for the files that match, sorted by path;
//     ** matches any number of directories. Wildcards match no leading dot and follow no symbolic
//     links to directories; directories don't match.
//
// A file that is named twice is read twice. A pattern that matches no file is an error, and so is
// an empty list. Files are opened when they are read; if they changed since Open, reading fails
// with a [ChangedError]. A name that is wrong whatever files there are is a [NameError].
func Open(patterns ...string) (*Source, error) {
	if len(patterns) == 0 {
		return nil, errors.New("no input: name a file, a directory, a glob pattern, or - for standard input")
	}
	s := &Source{}
	stdin := false
	for _, pattern := range patterns {
		if pattern == "-" {
			if stdin {
				return nil, &NameError{pattern, errors.New("standard input (-) is named twice, but can be read only once")}
			}
			stdin = true
			s.inputs = append(s.inputs, input{name: StandardInput, reader: os.Stdin})
			continue
		}
		names, err := expand(pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			info, err := os.Stat(name)
			if err != nil {
				return nil, fmt.Errorf("input %q: %w", name, err)
			}
			s.inputs = append(s.inputs, input{name: name, info: info})
		}
	}
	return s, nil
}

// FromReader returns a source that reads r once. Messages and [Source.Inputs] call it name.
func FromReader(name string, r io.Reader) *Source {
	return &Source{inputs: []input{{name: name, reader: r}}}
}

// Decode makes s decode its text from an encoding, by the name that the WHATWG, IANA or iconv uses. A
// byte sequence that stands for no character becomes U+FFFD. "" and the names of UTF-8 leave the text
// as it is.
func (s *Source) Decode(encoding string) error {
	c, err := charset.Find(encoding)
	if err != nil {
		return err
	}
	s.encoding = ""
	if c != nil {
		s.encoding = c.Name
	}
	for i := range s.inputs {
		s.inputs[i].charset = c
	}
	return nil
}

// Framed makes s read inputs that another program has framed, so that a text whose writer died is no
// text. An input begins with the line "\kindred-tokens 1" and ends with the line "\end N", where N is the
// number of the lines between them, which are the text. An input without these lines is a [FrameError].
func (s *Source) Framed() {
	for i := range s.inputs {
		s.inputs[i].framed = true
	}
}

// Encoding returns the name of the encoding that [Source.Decode] set, "" for UTF-8.
func (s *Source) Encoding() string { return s.encoding }

// Inputs returns the names of all inputs, in the order they are read.
func (s *Source) Inputs() []string {
	names := make([]string, len(s.inputs))
	for i, in := range s.inputs {
		names[i] = in.name
	}
	return names
}

// Size returns the size of all files together, in bytes on disk (compressed, if they are; of the parts
// that belong to a share), and whether that is all: readers, pipes and devices have no size and add nothing.
func (s *Source) Size() (bytes int64, known bool) {
	known = true
	for _, in := range s.inputs {
		if in.regular() {
			bytes += in.bytes()
		} else {
			known = false
		}
	}
	return bytes, known
}

// Once returns the name of an input that can be read only once, such as a pipe, and whether there is
// one.
func (s *Source) Once() (name string, once bool) {
	for i := range s.inputs {
		if !s.inputs[i].regular() {
			return s.inputs[i].name, true
		}
	}
	return "", false
}

// regular tells whether the input is a file with a size.
func (in *input) regular() bool { return in.info != nil && in.info.Mode().IsRegular() }

// A NameError reports an input whose name is wrong whatever files there are: standard input that is
// named twice, a pattern that is malformed.
type NameError struct {
	Name string
	Err  error
}

func (e *NameError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong with the name.
func (e *NameError) Unwrap() error { return e.Err }

// expand returns the names of the files that pattern stands for, at least one. A file with exactly
// that name is taken before files that match it as a glob.
func expand(pattern string) ([]string, error) {
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
	switch {
	case errors.Is(err, doublestar.ErrBadPattern):
		return nil, &NameError{pattern, fmt.Errorf("input pattern %q: %w", pattern, err)}
	case err != nil:
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
		if errors.Is(err, fs.ErrNotExist) && entry.Type()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s is a link to a file that does not exist; remove it, or name the files that are there", filepath.Join(root, path))
		}
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
