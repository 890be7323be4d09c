package sets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"kindred/internal/english"
)

// A DetectedFile says what a file was recognized as.
type DetectedFile struct {
	File string
	// Kind is the kind of set in the file and Items the number of its items, if Skipped is empty.
	Kind  Kind
	Items int
	// Note says how the file was read, if that is not obvious: from which of its columns, or from pairs.
	Note string
	// Skipped says why the file was not read.
	Skipped string
}

// String returns a line of text, such as "ws353.tsv: similarity, 353 items".
func (r DetectedFile) String() string {
	if r.Skipped != "" {
		return fmt.Sprintf("%s: skipped, %s", r.File, r.Skipped)
	}
	text := fmt.Sprintf("%s: %s, %s", r.File, r.Kind, english.Plural(r.Items, "item"))
	if r.Note != "" {
		text += "; " + r.Note
	}
	return text
}

// Detected says what a set that was read from one file was recognized as.
func Detected(set Set) DetectedFile {
	r := DetectedFile{File: set.Origin().File, Kind: set.Kind(), Items: set.Len()}
	var columns *Columns
	switch s := set.(type) {
	case *SimilaritySet:
		columns = s.Columns
	case *CategorySet:
		columns = s.Columns
	case *AnalogySet:
		if s.Pairs > 0 {
			r.Note = fmt.Sprintf("each of %s with each other one of its section: n(n-1) questions of n pairs", english.Plural(s.Pairs, "pair"))
		}
	}
	if columns != nil {
		r.Note = columns.String()
	}
	return r
}

// ReadSets reads the evaluation sets in files and directories, and says what it recognized each file
// as.
//
// It reads all files in a directory, in order of their names, and in the directories in it. Files of
// no known kind, for example a README, vectors or a text, are skipped there, and so are tables whose
// columns are unclear. A set with a broken line is a [*SyntaxError],
// and so is a file given by name that is no set. Files of one directory that hold one outlier group
// each, as 8-8-8 and WikiSem500 are distributed, make one set with the name of the directory. Files of
// pairs make one, too, with a section for each file. Directories whose names start with a number and an
// underscore, as those of BATS, count to the directory that they are in.
//
// Lines of four words, or of two, without section lines are analogies only for [ReadAnalogies] and
// [ReadAnalogySets]: texts look the same.
func ReadSets(paths ...string) ([]Set, []DetectedFile, error) { return Options{}.ReadSets(paths...) }

// ReadSets is the function [ReadSets] with options.
func (o Options) ReadSets(paths ...string) ([]Set, []DetectedFile, error) {
	return o.readSets(formats, o.ReadSet, paths)
}

// ReadAnalogySets reads analogy sets in files, as [ReadAnalogies] does, and in directories, as [ReadSets]
// does. Files in directories that hold no analogies are skipped.
func ReadAnalogySets(paths ...string) ([]Set, []DetectedFile, error) {
	return Options{}.ReadAnalogySets(paths...)
}

// ReadAnalogySets is the function [ReadAnalogySets] with options.
func (o Options) ReadAnalogySets(paths ...string) ([]Set, []DetectedFile, error) {
	return o.readSets(asked, func(path string) (Set, error) {
		d, err := o.open(path)
		if err != nil {
			return nil, err
		}
		return asSet(parseAnalogies)(d)
	}, paths)
}

func (o Options) readSets(among []format, readFile func(path string) (Set, error), paths []string) ([]Set, []DetectedFile, error) {
	r := setReader{Options: o, among: among, readFile: readFile}
	for _, path := range paths {
		if err := r.read(path); err != nil {
			return nil, nil, err
		}
	}
	return r.sets, r.detected, nil
}

// A setReader gathers sets.
type setReader struct {
	Options
	// among are the formats of files in directories, and readFile reads a file that the caller named.
	among    []format
	readFile func(path string) (Set, error)
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
		return r.directory(path, &parts{dir: path})
	}
	set, err := r.readFile(path)
	if err != nil {
		return err
	}
	r.detected = append(r.detected, Detected(set))
	r.sets = append(r.sets, set)
	return nil
}

func (r *setReader) skip(path, why string) {
	r.detected = append(r.detected, DetectedFile{File: path, Skipped: why})
}

// parts are the sets of a directory that have a part in each of several files; nil if there are none.
type parts struct {
	dir    string
	groups *OutlierSet
	pairs  *AnalogySet
}

// numberedDirectory matches the names of directories that are parts of the one they are in.
var numberedDirectory = regexp.MustCompile(`^\d+_`)

// directory reads the files in dir. Parts of sets go into p.
func (r *setReader) directory(dir string, p *parts) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("evaluation sets: %w", err)
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if entry.IsDir() {
			inner := &parts{dir: path}
			if numberedDirectory.MatchString(entry.Name()) {
				inner = p
			}
			if err := r.directory(path, inner); err != nil {
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
		r.detected = append(r.detected, Detected(set))
		r.add(set, p)
	}
	return nil
}

// add adds a set, or joins it to the others that it is a part of.
func (r *setReader) add(set Set, p *parts) {
	source := Source{Name: directoryName(p.dir), File: p.dir}
	switch s := set.(type) {
	case *OutlierSet:
		if len(s.Groups) != 1 {
			break
		}
		if p.groups == nil {
			p.groups = &OutlierSet{Source: source}
			r.sets = append(r.sets, p.groups)
		}
		p.groups.Groups = append(p.groups.Groups, s.Groups...)
		return
	case *AnalogySet:
		if s.Pairs == 0 {
			break
		}
		if p.pairs == nil {
			p.pairs = &AnalogySet{Source: source}
			r.sets = append(r.sets, p.pairs)
		}
		p.pairs.Sections = append(p.pairs.Sections, s.Sections...)
		p.pairs.Pairs += s.Pairs
		return
	}
	r.sets = append(r.sets, set)
}

// entry reads a file found in a directory. The set is nil if the file is skipped.
func (r *setReader) entry(path string, entry fs.DirEntry) (Set, error) {
	info, err := os.Stat(path) // of what a link leads to
	if errors.Is(err, fs.ErrNotExist) && entry.Type()&fs.ModeSymlink != 0 {
		r.skip(path, "a link to a file that does not exist")
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("evaluation sets: %w", err)
	}
	if why := notASet(entry.Name(), info); why != "" {
		r.skip(path, why)
		return nil, nil
	}
	d, err := r.open(path)
	var syntax *SyntaxError
	if errors.As(err, &syntax) { // no text, or too much
		r.skip(path, syntax.Message)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f, other := recognize(d, r.among)
	if f == nil {
		why := "not a known kind of evaluation set"
		if other != "" {
			why += ": " + other
		}
		r.skip(path, why)
		return nil, nil
	}
	set, err := f.parse(d)
	if errors.As(err, &syntax) && syntax.unclear {
		r.skip(path, syntax.Message)
		return nil, nil
	}
	return set, err
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
