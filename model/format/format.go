package format

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kindred/model"
	"kindred/model/subword"
)

// A Format is a way to store vectors in a file. [All] lists the formats, [ByName] and [ByExtension]
// find one.
type Format struct {
	// Name is the format's canonical name, Aliases are other names for it.
	Name    string
	Aliases []string
	// Extensions are the ends of a path that imply the format, each with its dot.
	Extensions []string
	// Description describes the format in a line.
	Description string

	// read decodes a file; nil for a format that is only written.
	read func(in *input) (*model.Embeddings, error)
	// sniff reports whether a file that starts with p looks like this format.
	sniff func(p prefix) bool
	// files are the files that the format consists of, the vectors first.
	files []outputFile
	// badWord says why the format can't hold a word, "" if it can.
	badWord func(word string) string
	// holds reports whether the format keeps n-grams of this kind; nil if it keeps none.
	holds func(v *subword.Vocabulary, rows model.Storage) bool
	// requires is the only hash of n-grams that the format can hold, "" if it holds vectors of any kind.
	requires subword.Hash
	// wordless is true if the format can hold a table of floret without words.
	wordless bool
	// holdsManifest is true if the manifest is stored inside the file.
	holdsManifest bool
}

// An outputFile is one of the files of a format.
type outputFile struct {
	// path returns the path of the file for embeddings saved at p.
	path  func(p string) string
	write func(w io.Writer, e *model.Embeddings) error
}

// formats has all formats, in the order in which they are sniffed.
var formats = []*Format{text, binaryFormat, glove, projector, npy, fastText, floret, fifu, native}

// All returns all formats.
func All() []*Format { return slices.Clone(formats) }

// ByName returns the format with the given name or alias, in any case. The error for an unknown name
// lists the formats.
func ByName(name string) (*Format, error) {
	lower := strings.ToLower(name)
	for _, f := range formats {
		if f.Name == lower || slices.Contains(f.Aliases, lower) {
			return f, nil
		}
	}
	return nil, fmt.Errorf("unknown vector format %q; there are: %s", name, choices())
}

// ByExtension returns the format that the extension of path implies: the one with the longest
// extension that matches, in any case, without regard to a .gz behind it. The error for an unknown
// extension lists the formats.
func ByExtension(path string) (*Format, error) {
	lower := withoutGzip(strings.ToLower(filepath.Base(path)))
	var found *Format
	longest := 0
	for _, f := range formats {
		for _, ext := range f.Extensions {
			if strings.HasSuffix(lower, ext) && len(ext) > longest {
				found, longest = f, len(ext)
			}
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%s: the extension %q stands for no vector format; name one of: %s", path, filepath.Ext(path), choices())
	}
	return found, nil
}

// choices lists all formats with their extensions, for an error message.
func choices() string {
	var list []string
	for _, f := range formats {
		list = append(list, fmt.Sprintf("%s (%s)", f.Name, strings.Join(f.Extensions, ", ")))
	}
	return strings.Join(list, ", ")
}

// Readable reports whether the format can be read. All formats can be written.
func (f *Format) Readable() bool { return f.read != nil }

// Quantizes reports whether the format keeps the integers of quantized vectors, see [model.Quantize]. Others get
// the values that they stand for.
func (f *Format) Quantizes() bool { return f == native }

// Requires returns the only hash of n-grams that the format can hold, "" if it can hold vectors of any
// kind: a table of floret is of [subword.Floret] only.
func (f *Format) Requires() subword.Hash { return f.requires }

// String returns the name of the format.
func (f *Format) String() string { return f.Name }

// Paths returns the files that [Save] writes in this format for the given path, except the manifest.
func (f *Format) Paths(path string) []string {
	var paths []string
	for _, file := range f.files {
		paths = append(paths, file.path(path))
	}
	return paths
}

// OutputFiles returns all files that [Save] writes in this format for the given path: those of
// [Format.Paths] and, if the format can't hold it, the manifest.
func (f *Format) OutputFiles(path string) []string {
	paths := f.Paths(path)
	if !f.holdsManifest {
		paths = append(paths, ManifestPath(path))
	}
	return paths
}

// InputFiles returns all files that [Load] may read for the given path: the vectors, their manifest,
// and the words of a pair.
func InputFiles(path string) []string {
	paths := []string{path, ManifestPath(path)}
	if f, err := ByExtension(path); err == nil {
		paths = append(paths, f.Paths(path)[1:]...)
	}
	return paths
}

// CheckPath returns an error if [Save] can't write this format at path: if the name asks for
// compression that the format does not have, or if the format is a pair of files and path is a pipe or
// a device.
func (f *Format) CheckPath(path string) error {
	switch info, err := os.Stat(path); {
	case isCompressed(path) && f.holdsManifest:
		return fmt.Errorf("%s: format %s is not compressed, because its values are read in place; leave out .gz, or choose another format", path, f.Name)
	case isCompressed(path) && gzipWriter == nil:
		return fmt.Errorf("%s: a program that writes files compressed by gzip imports kindred/model/format/compressed", path)
	case len(f.files) > 1 && err == nil && !info.Mode().IsRegular() && !info.IsDir():
		return fmt.Errorf("%s: format %s consists of %d files, which can't be written as one", path, f.Name, len(f.files))
	}
	return nil
}

// gzipExtension ends the names of files that are compressed by gzip.
const gzipExtension = ".gz"

func isCompressed(path string) bool { return strings.HasSuffix(strings.ToLower(path), gzipExtension) }

// withoutGzip returns a path without the extension for gzip.
func withoutGzip(path string) string {
	if isCompressed(path) {
		return path[:len(path)-len(gzipExtension)]
	}
	return path
}

// CheckWords returns an error that names the first word of v that the format can't hold, nil if it
// can hold all. [Save] checks this too; check it before a long training run rather than after it.
func (f *Format) CheckWords(v model.Vocab) error {
	for id := range v.Len() {
		if why := f.badWord(v.Word(id)); why != "" {
			return fmt.Errorf("format %s can't hold word %d, %.60q: %s", f.Name, id, v.Word(id), why)
		}
	}
	return nil
}

// samePath is the path of a format's main file.
func samePath(p string) string { return p }

// maxWordBytes is the length of the longest word that is written and read.
const maxWordBytes = 1 << 16

// badSpacedWord says why a format that separates fields by spaces and rows by newlines can't hold
// word.
func badSpacedWord(word string) string {
	switch {
	case word == "":
		return "it is empty"
	case len(word) > maxWordBytes:
		return fmt.Sprintf("it has %d bytes, at most %d are possible", len(word), maxWordBytes)
	case strings.ContainsAny(word, " \t\n\v\f\r\x00"):
		return "it contains white space or a NUL byte"
	}
	return ""
}
