package format

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"kindred/internal/filetype"
	"kindred/model"
)

// A SyntaxError reports a vector file that breaks the rules of its format.
type SyntaxError struct {
	// Name is the name of the file.
	Name string
	// Line is the line of the fault, counted from 1. It is 0 if the format has no lines; Offset is
	// then the place of the fault in bytes, after decompression.
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
	// r is at the start of the file. Its buffer has sniffBytes bytes.
	r       *bufio.Reader
	content io.Closer
	name    string
	// size is the number of bytes that r yields, -1 if unknown.
	size int64
	// path is the path of the file, "" for a stream.
	path string
	selection
	// newMatrix makes a matrix; nil is [model.NewMatrix].
	newMatrix func(rows, dim int) *model.Matrix
	// disk is the file if its matrices are to stay there, nil otherwise, with what was known of it
	// when it was opened.
	disk     *os.File
	diskInfo fs.FileInfo
	// mapped is true if disk is to be mapped, and verify if it is read for that all the same.
	mapped, verify bool
}

// sniffBytes is how much of a file is looked at to tell its format.
const sniffBytes = 1 << 20

// A prefix is the start of a file, by which its format is told.
type prefix struct {
	path string // of the file, "" for a stream
	data []byte
	// whole is true if data is all of the file.
	whole bool
}

// Load reads the vectors in the file at path, in any format that can be read (see [Read]). It
// decompresses gzip, bzip2, zstd and xz files, and zip archives of one file, if the program imports
// kindred/model/format/compressed. If the format can't hold a manifest and there is one at
// [ManifestPath], Load reads it too; one that can't be used is left out and reported in
// Embeddings.Warnings.
//
// If the vectors need more memory than there is, the error is a *[MemoryError], before anything large is
// read.
func Load(path string) (*model.Embeddings, error) { return LoadOptions{}.Load(path) }

// Load is like the function [Load] for a file known to have format f.
func (f *Format) Load(path string) (*model.Embeddings, error) {
	return LoadOptions{Format: f}.Load(path)
}

// Load is like the function [Load] with options.
func (o LoadOptions) Load(path string) (*model.Embeddings, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	packed := &filetype.File{Name: path}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		packed.At, packed.Size = file, info.Size()
	}
	in, err := open(file, packed)
	if err != nil {
		return nil, err
	}
	defer in.content.Close()
	in.path, in.selection = path, o.selection()
	in.newMatrix = o.NewMatrix
	in.mapped, in.verify = o.Map && o.Words == nil && !o.SkipBad, o.Verify
	if (in.mapped || o.OnDisk && !in.partial()) && in.size == packed.Size && packed.At != nil {
		// The reader has the file of its own, which is closed when it is done.
		if in.disk, in.diskInfo, err = openAgain(file); err != nil {
			return nil, err
		}
	}
	e, f, err := in.decode(o.Format)
	if in.disk != nil && (err != nil || f != native || in.mapped) {
		err = errors.Join(err, in.disk.Close())
	}
	if err != nil {
		return nil, err
	}
	if !f.holdsManifest {
		loadManifest(e, ManifestPath(path), in.partial())
	}
	in.noteSelection(e)
	return e, nil
}

// openAgain opens a file a second time.
func openAgain(f *os.File) (*os.File, fs.FileInfo, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	again, err := os.Open(f.Name())
	if err != nil {
		return nil, nil, err
	}
	if now, err := again.Stat(); err != nil || !os.SameFile(info, now) {
		return nil, nil, errors.Join(fmt.Errorf("%s: another file took its place while it was read", f.Name()), again.Close())
	}
	return again, info, nil
}

// open begins to read vectors from r, which is the file.
func open(r io.Reader, file *filetype.File) (*input, error) {
	file.R, file.Want = bufio.NewReaderSize(r, sniffBytes), filetype.Vectors
	content, err := file.Open()
	if wrong := (*filetype.Error)(nil); errors.As(err, &wrong) {
		return nil, err
	}
	if packed := (*filetype.PackedError)(nil); errors.As(err, &packed) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name, err)
	}
	in := &input{r: content.Reader, content: content, name: file.Name, size: -1}
	if file.At != nil && content.Format == "" {
		in.size = file.Size
	}
	if head, _ := in.r.Peek(len(byteOrderMark)); string(head) == byteOrderMark {
		_, _ = in.r.Discard(len(byteOrderMark)) // the bytes are in the buffer
		if in.size >= 0 {
			in.size -= int64(len(byteOrderMark))
		}
	}
	return in, nil
}

// Read reads vectors from r in any format that can be read; name is used in errors. It tells the
// format from the first megabyte, as the package documentation describes, and decompresses as [Load]
// does. A byte-order mark at the start is left out.
//
// A value that is NaN or infinite is an error, as it would make every comparison meaningless. Of a
// word that occurs more than once the first vector is kept. A word that is not valid UTF-8 is kept as
// it is. Both are reported in Embeddings.Warnings. Memory is allocated as data arrives, not as a
// header promises.
//
// The error for a file that breaks its format is a [*SyntaxError]. A file that is something else, for
// example an archive, a pickle or a model of fastText, gives an error that names it.
func Read(r io.Reader, name string) (*model.Embeddings, error) { return LoadOptions{}.Read(r, name) }

// Read is like the function [Read] for vectors known to have format f.
func (f *Format) Read(r io.Reader, name string) (*model.Embeddings, error) {
	return LoadOptions{Format: f}.Read(r, name)
}

// Read is like the function [Read] with options.
func (o LoadOptions) Read(r io.Reader, name string) (*model.Embeddings, error) {
	in, err := open(r, &filetype.File{Name: name})
	if err != nil {
		return nil, err
	}
	defer in.content.Close()
	in.selection = o.selection()
	e, _, err := in.decode(o.Format)
	if err != nil {
		return nil, err
	}
	in.noteSelection(e)
	return e, nil
}

// decode reads the input in format f, or in the format that it looks like if f is nil.
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
	if err != nil {
		return nil, nil, err
	}
	e, err = in.apply(e)
	return e, f, err
}

// sniff returns the format that the input looks like.
func (in *input) sniff() (*Format, error) {
	data, err := in.r.Peek(sniffBytes)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	if len(data) == 0 {
		return nil, &SyntaxError{Name: in.name, Line: 1, Reason: "the file is empty, expected vectors"}
	}
	p := prefix{path: in.path, data: data, whole: err == io.EOF}
	if vectors, ok := vectorsPath(in.path); ok {
		return nil, fmt.Errorf("%s: this file has the words of a pair, and not their vectors; name %s", in.name, vectors)
	}
	// The vectors of a pair look like rows of other formats whose words are numbers, so they come first.
	// So do the rows of a table.
	for _, f := range append([]*Format{projector, floret}, formats...) {
		if f.sniff != nil && f.sniff(p) {
			return f, nil
		}
	}
	if err := filetype.CheckText(in.name, data, p.whole, filetype.Vectors); err != nil {
		return nil, err
	}
	return nil, &SyntaxError{Name: in.name, Line: 1,
		Reason: fmt.Sprintf("not a known vector format: expected the number of vectors and their dimension, or a word and numbers, found %.40q", data)}
}

// maxManifest is the size of the largest manifest file, in bytes.
const maxManifest = 64 << 20

// loadManifest sets e.Manifest from the file at path, if there is one. partial says that e may have
// fewer words than the file of the vectors.
func loadManifest(e *model.Embeddings, path string, partial bool) {
	data, err := filetype.ReadRegular(path, maxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		warnf(e, "the manifest %s is left out: %v", path, err)
		return
	}
	decodeManifest(e, data, path, partial)
}

// decodeManifest sets e.Manifest from JSON that was found at place.
func decodeManifest(e *model.Embeddings, data []byte, place string, partial bool) {
	m := new(model.Manifest)
	err := json.Unmarshal(data, m)
	switch {
	case err != nil:
		warnf(e, "the manifest %s is left out: %v", place, err)
	case m.Dim != e.Dim() || m.Vectors < e.Vocabulary.Len() || m.Vectors > e.Vocabulary.Len() && !partial:
		warnf(e, "the manifest %s is left out: it describes %d vectors of %d values, not %d of %d",
			place, m.Vectors, m.Dim, e.Vocabulary.Len(), e.Dim())
	default:
		e.Manifest = m
	}
}

func warnf(e *model.Embeddings, format string, args ...any) {
	e.Warnings = append(e.Warnings, fmt.Sprintf(format, args...))
}
