package sets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kindred/internal/english"
)

// A DetectedFile says what a file was recognized as.
type DetectedFile struct {
	File string
	// Kind is the kind of set in the file and Items the number of its items, if Skipped is empty.
	Kind  Kind
	Items int
	// Skipped says why the file was not read.
	Skipped string
}

// String returns a line of text, such as "ws353.tsv: similarity, 353 items".
func (r DetectedFile) String() string {
	if r.Skipped != "" {
		return fmt.Sprintf("%s: skipped, %s", r.File, r.Skipped)
	}
	return fmt.Sprintf("%s: %s, %s", r.File, r.Kind, english.Plural(r.Items, "item"))
}

// ReadSets reads the evaluation sets in files and directories, and says what it recognized each file
// as.
//
// It reads all files in a directory, in order of their names, and in the directories in it. Files of
// no known kind, for example a README, are skipped there. A set with a broken line is a [*SyntaxError],
// and so is a file given by name that is no set. Files of one directory that hold one outlier group
// each, as 8-8-8 and WikiSem500 are distributed, make one set with the name of the directory.
func ReadSets(paths ...string) ([]Set, []DetectedFile, error) {
	var r setReader
	for _, path := range paths {
		if err := r.read(path); err != nil {
			return nil, nil, err
		}
	}
	return r.sets, r.detected, nil
}

// A setReader gathers sets.
type setReader struct {
	sets     []Set
	detected []DetectedFile
}

// read reads a file or directory that the caller named.
func (r *setReader) read(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("evaluation set: %w", err)
	}
	if info.IsDir() {
		return r.directory(path)
	}
	set, err := ReadSet(path)
	if err != nil {
		return err
	}
	r.add(path, set)
	r.sets = append(r.sets, set)
	return nil
}

func (r *setReader) add(path string, set Set) {
	r.detected = append(r.detected, DetectedFile{File: path, Kind: set.Kind(), Items: set.Len()})
}

func (r *setReader) skip(path, why string) {
	r.detected = append(r.detected, DetectedFile{File: path, Skipped: why})
}

// directory reads the files in dir.
func (r *setReader) directory(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("evaluation sets: %w", err)
	}
	var groups *OutlierSet // of the files with one group each
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if entry.IsDir() {
			if err := r.directory(path); err != nil {
				return err
			}
			continue
		}
		set, err := r.entry(path, entry)
		switch {
		case err != nil:
			return err
		case set == nil:
			continue
		}
		r.add(path, set)
		if s, ok := set.(*OutlierSet); ok && len(s.Groups) == 1 {
			if groups == nil {
				groups = &OutlierSet{Source: Source{Name: directoryName(dir), File: dir}}
				r.sets = append(r.sets, groups)
			}
			groups.Groups = append(groups.Groups, s.Groups...)
			continue
		}
		r.sets = append(r.sets, set)
	}
	return nil
}

// entry reads a file found in a directory. The set is nil if the file is skipped.
func (r *setReader) entry(path string, entry fs.DirEntry) (Set, error) {
	info, err := os.Stat(path) // of what a link leads to
	if err != nil {
		return nil, fmt.Errorf("evaluation sets: %w", err)
	}
	if why := notASet(entry.Name(), info); why != "" {
		r.skip(path, why)
		return nil, nil
	}
	d, err := openDocument(path)
	var syntax *SyntaxError
	if errors.As(err, &syntax) { // no text, or too much
		r.skip(path, syntax.Message)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f := recognize(d)
	if f == nil {
		r.skip(path, "not a known kind of evaluation set")
		return nil, nil
	}
	return f.parse(d)
}

// notASet returns why a file holds no set by its name or type, "" if it may hold one.
func notASet(name string, info fs.FileInfo) string {
	if strings.HasPrefix(name, ".") {
		return "a hidden file"
	}
	for _, prefix := range []string{"README", "LICENSE", "LICENCE", "COPYING"} {
		if strings.HasPrefix(strings.ToUpper(name), prefix) {
			return "by its name no evaluation set"
		}
	}
	if !info.Mode().IsRegular() {
		return "not a regular file"
	}
	return ""
}

// directoryName returns the name of a directory, also of one given as ".".
func directoryName(dir string) string {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	return filepath.Base(dir)
}
