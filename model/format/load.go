package format

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/gzip"

	"kindred/model"
)

// A SyntaxError reports a vector file that is not what its format demands.
type SyntaxError struct {
	// Name is the name of the file.
	Name string
	// Line is the line of the fault, counted from 1; 0 where the format has
	// no lines, and then Offset is its place in bytes (after unpacking).
	Line, Offset int64
	// Reason says what was expected and what was found.
	Reason string
}

func (e *SyntaxError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s: at byte %d: %s", e.Name, e.Offset, e.Reason)
}

// input is a vector file that is being read.
type input struct {
	// r stands at the start of the file. Its buffer has sniffBytes bytes.
	r    *bufio.Reader
	name string
	// size is the number of bytes r yields, -1 where that is not known.
	size int64
}

// sniffBytes is how much of a file is looked at to tell its format.
const sniffBytes = 1 << 20

// Load reads the vectors in the file at path, whatever their format (see
// [Read]). A file that was compressed by gzip is unpacked. Where the format
// can't hold a manifest and there is one at [ManifestPath], it is read too;
// one that can't be used is left out and reported in Embeddings.Warnings.
func Load(path string) (*model.Embeddings, error) {
	return load(path, nil)
}

// Load is like the function [Load] for a file known to be of format f.
func (f *Format) Load(path string) (*model.Embeddings, error) {
	return load(path, f)
}

// load reads the file at path in format f, or the one it looks like where f is nil.
func load(path string, f *Format) (*model.Embeddings, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in := &input{r: bufio.NewReaderSize(file, sniffBytes), name: path, size: -1}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		in.size = info.Size()
	}
	if magic, _ := in.r.Peek(2); string(magic) == "\x1f\x8b" {
		unpacked, err := gzip.NewReader(in.r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		defer unpacked.Close()
		in.r, in.size = bufio.NewReaderSize(unpacked, sniffBytes), -1
	}
	e, f, err := in.decode(f)
	if err != nil {
		return nil, err
	}
	if !f.holdsManifest {
		loadManifest(e, ManifestPath(path))
	}
	return e, nil
}

// Read reads vectors from r in any format that can be read, which it tells
// from the first megabyte; name is used in errors. How formats are told apart
// is described in the package documentation.
//
// A value that is NaN or infinite is an error, as it would make every
// comparison meaningless. Of a word that occurs more than once the first
// vector is kept. A word that is not valid UTF-8 is kept as it is. Both are
// reported in Embeddings.Warnings. Memory is allocated as data arrives, not
// as a header promises.
//
// The error for a file that breaks its format is a [*SyntaxError].
func Read(r io.Reader, name string) (*model.Embeddings, error) {
	in := &input{r: bufio.NewReaderSize(r, sniffBytes), name: name, size: -1}
	e, _, err := in.decode(nil)
	return e, err
}

// Read is like the function [Read] for vectors known to be of format f.
func (f *Format) Read(r io.Reader, name string) (*model.Embeddings, error) {
	in := &input{r: bufio.NewReaderSize(r, sniffBytes), name: name, size: -1}
	e, _, err := in.decode(f)
	return e, err
}

// decode reads the input in format f, or the one it looks like where f is nil.
func (in *input) decode(f *Format) (*model.Embeddings, *Format, error) {
	var err error
	if f == nil {
		if f, err = in.sniff(); err != nil {
			return nil, nil, err
		}
	}
	if !f.Readable() {
		return nil, nil, fmt.Errorf("%s: format %s can be written but not read", in.name, f.Name)
	}
	e, err := f.read(in)
	return e, f, err
}

// loadManifest sets e.Manifest from the file at path, if there is one.
func loadManifest(e *model.Embeddings, path string) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		warnf(e, "the manifest %s is left out: %v", path, err)
		return
	}
	decodeManifest(e, data, path)
}

// decodeManifest sets e.Manifest from JSON that was found where place says.
func decodeManifest(e *model.Embeddings, data []byte, place string) {
	m := new(model.Manifest)
	err := json.Unmarshal(data, m)
	switch {
	case err != nil:
		warnf(e, "the manifest %s is left out: %v", place, err)
	case m.Vectors != e.Vocabulary.Len() || m.Dim != e.Dim():
		warnf(e, "the manifest %s is left out: it describes %d vectors of %d values, not %d of %d",
			place, m.Vectors, m.Dim, e.Vocabulary.Len(), e.Dim())
	default:
		e.Manifest = m
	}
}

func warnf(e *model.Embeddings, format string, args ...any) {
	e.Warnings = append(e.Warnings, fmt.Sprintf(format, args...))
}
