package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kindred/corpus/source"
	"kindred/internal/atomicfile"
	"kindred/internal/compress"
	"kindred/internal/machine"
	"kindred/model"
	"kindred/model/format"
)

// fileUse is what a command does with a file that its arguments or flags name.
type fileUse int

const (
	noFile        fileUse = iota
	inputFile             // read; a directory or a pattern stands for its files
	inputVectors          // read, with the files that belong to them; - is standard input
	outputFile            // written; - is standard output
	outputVectors         // written, with the files that belong to them; - is standard output
	outputDir             // files are written below it
)

// A namedFile is a file or directory that a command line names.
type namedFile struct {
	path string
	use  fileUse
	flag *flag // nil for an argument
	// format is the value of the flag --format, for vectors that are written.
	format string
}

// stdStream is the path that stands for standard input or standard output.
const stdStream = "-"

// name says what a file is on the command line.
func (n namedFile) name() string {
	switch {
	case n.flag != nil:
		return dashed(n.flag.name)
	case n.writes():
		return "the output"
	}
	return "an argument"
}

func (n namedFile) writes() bool { return n.use >= outputFile }

// files returns all files that the command line names: those of the arguments, and then those of the
// flags.
func (c *call) files() []namedFile {
	var list []namedFile
	if c.command.files != nil {
		list = c.command.files(c.words)
	}
	for _, f := range c.command.flags {
		if f.file == noFile && f.fileIn == nil {
			continue
		}
		var paths []string
		switch value := f.into.(type) {
		case *string:
			paths = []string{*value}
		case *[]string:
			paths = *value
		}
		for _, path := range paths {
			use := f.file
			if f.fileIn != nil {
				path, use = f.fileIn(path), inputFile
			}
			if path != "" {
				list = append(list, namedFile{path: path, use: use, flag: f})
			}
		}
	}
	for i := range list {
		if f := findFlag(c.command.flags, "--format"); f != nil && list[i].use == outputVectors {
			list[i].format = *f.into.(*string)
		}
	}
	return list
}

// behind returns a function that returns what stands behind a mark in a value, or "".
func behind(mark string) func(value string) string {
	return func(value string) string {
		_, path, _ := strings.Cut(value, mark)
		return path
	}
}

// filesOf returns paths with a use.
func filesOf(use fileUse, paths ...string) []namedFile {
	list := make([]namedFile, len(paths))
	for i, path := range paths {
		list[i] = namedFile{path: path, use: use}
	}
	return list
}

// vectorsAndSets is the files function of a command whose first argument names vectors, and whose other
// arguments name files, too.
func vectorsAndSets(words []string) []namedFile {
	n := min(1, len(words))
	return append(filesOf(inputVectors, words[:n]...), filesOf(inputFile, words[n:]...)...)
}

// firstVectors is the files function of a command whose first argument names vectors.
func firstVectors(words []string) []namedFile {
	return filesOf(inputVectors, words[:min(1, len(words))]...)
}

// modelAndTexts is the files function of a command whose first argument names vectors, and whose other
// arguments name texts; - is standard input.
func modelAndTexts(words []string) []namedFile {
	n := min(1, len(words))
	list := filesOf(inputVectors, words[:n]...)
	for _, path := range words[n:] {
		if path != stdStream {
			list = append(list, namedFile{path: path, use: inputFile})
		}
	}
	return list
}

// firstInput is the files function of a command whose first argument is a file that it reads.
func firstInput(words []string) []namedFile { return filesOf(inputFile, words[:min(1, len(words))]...) }

// A place is where a file is, however it is called.
type place struct {
	path string
	info fs.FileInfo // nil if there is no file
	full string      // the path without links, if there is no file
	name string      // what the file is on the command line
}

func placeOf(path, name string) place {
	p := place{path: path, name: name}
	var err error
	if p.info, err = os.Stat(path); err == nil {
		return p
	}
	p.info, p.full = nil, atomicfile.Target(path)
	if dir, err := filepath.EvalSymlinks(filepath.Dir(p.full)); err == nil {
		p.full = filepath.Join(dir, filepath.Base(p.full))
	}
	if full, err := filepath.Abs(p.full); err == nil {
		p.full = full
	}
	return p
}

// same reports whether two places are the same file. Pipes and devices are no places.
func (p place) same(q place) bool {
	if p.info == nil || q.info == nil {
		return p.info == nil && q.info == nil && p.full == q.full
	}
	return p.info.Mode().IsRegular() && os.SameFile(p.info, q.info)
}

// read returns all files that are read for a file of the command line.
func (n namedFile) read() []place {
	var paths []string
	switch {
	case n.path == stdStream:
		p := place{path: "standard input"}
		p.info, _ = os.Stdin.Stat()
		return []place{p}
	case n.use == inputVectors:
		paths = format.InputFiles(n.path)
	default:
		paths = []string{n.path}
		if src, err := source.Open(n.path); err == nil {
			paths = src.Inputs()
		}
	}
	var list []place
	for _, path := range paths {
		list = append(list, placeOf(path, n.name()))
	}
	return list
}

// written returns all files that are written for a file of the command line. The first is the one that
// it names.
func (n namedFile) written() []place {
	switch {
	case n.path == stdStream:
		return nil
	case n.use == outputDir:
		var list []place
		for _, name := range n.flag.holds {
			list = append(list, placeOf(filepath.Join(n.path, name), name+" in "+n.name()))
		}
		return list
	}
	list := []place{placeOf(n.path, n.name())}
	if n.use != outputVectors || isStream(n.path) {
		return list
	}
	f, err := outputFormat(n.path, n.format)
	if err != nil {
		return list // the command says so
	}
	for i, path := range f.OutputFiles(atomicfile.Target(n.path)) {
		if i > 0 {
			list = append(list, placeOf(path, filepath.Base(path)+", which belongs to "+n.name()+","))
		}
	}
	return list
}

// isStream reports whether path is a pipe or a device.
func isStream(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// claim makes sure, before the command runs, that its files are those that it may read and write: no
// output replaces an input or another output, each output can be written in the form in which it will
// be, and no other run writes it meanwhile. The function that it returns lets other runs write again.
func (c *call) claim() (release func(), err error) {
	var locks []*machine.Lock
	release = func() {
		for _, l := range locks {
			_ = l.Release()
		}
	}
	files := c.files()
	if err := c.checkStreams(files); err != nil {
		return release, err
	}
	for _, n := range files {
		if n.writes() {
			c.outputs = append(c.outputs, n.written()...)
		}
	}
	for i, p := range c.outputs {
		for _, q := range c.outputs[:i] {
			if p.same(q) {
				return release, usagef("%s and %s are the same file, %s; name another one", q.name, p.name, p.path)
			}
		}
	}
	for _, n := range files {
		if !n.writes() {
			if err := c.alsoReads(n); err != nil {
				return release, err
			}
		}
	}
	for _, n := range files {
		if !n.writes() || n.path == stdStream || c.command.follows {
			continue
		}
		if _, err := os.Stat(n.path); err != nil && n.use == outputDir {
			continue // it has no files yet
		}
		for i, p := range n.written() {
			if err := tryWrite(p.path, n.use == outputVectors && i == 0); err != nil {
				return release, err
			}
		}
		if n.use == outputDir || isStream(n.path) {
			continue // the command locks a directory itself
		}
		l, err := lockOutput(n.path)
		if err != nil {
			return release, err
		}
		locks = append(locks, l)
	}
	return release, nil
}

// alsoReads returns a usage error if an output of the command would replace a file that it reads. A
// command calls it for files that its command line doesn't name, such as those of a plan.
func (c *call) alsoReads(files ...namedFile) error {
	for _, n := range files {
		for _, in := range n.read() {
			for _, out := range c.outputs {
				switch {
				case !in.same(out):
				case in.path == out.path:
					return usagef("%s is the input and would be replaced; name another file for the output", out.path)
				default:
					return usagef("%s is the input %s and would be replaced; name another file for the output", out.path, in.path)
				}
			}
		}
	}
	return nil
}

// checkStreams returns a usage error if "-" stands for something that can't be standard input or output.
func (c *call) checkStreams(files []namedFile) error {
	var reads, writes []string
	for _, n := range files {
		if n.path != stdStream {
			continue
		}
		name := n.name()
		switch {
		case n.use == outputDir:
			return usagef("%s is -, but has to be a directory; ./- is one of that name", name)
		case n.writes() && n.flag != nil && n.flag.noStream != "":
			return usagef("%s is -, but %s; name a file", name, n.flag.noStream)
		case n.writes():
			writes = append(writes, name)
		case n.use == inputVectors || n.flag != nil && n.flag.stream:
			reads = append(reads, name)
		default:
			return usagef("%s is -, but can't be standard input; name a file (./- is one of that name)", name)
		}
	}
	if f := findFlag(c.command.flags, "--json"); f != nil && len(writes) > 0 && *f.into.(*bool) {
		writes = append(writes, "--json")
	}
	switch {
	case len(reads) > 1:
		return usagef("standard input (-) is named twice, but can be read only once: %s", strings.Join(reads, ", "))
	case len(writes) > 1:
		return usagef("%s can't all be standard output; name a file for one of them", strings.Join(writes, " and "))
	}
	return nil
}

// tryWrite returns an error if no file can be written at path. stream says that path may be a pipe or a
// device, which is not tried.
func tryWrite(path string, stream bool) error {
	target := atomicfile.Target(path)
	info, err := os.Stat(target)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("can't write %s: it is a directory; name a file in it", path)
	case err == nil && !info.Mode().IsRegular() && stream:
		return nil
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("can't write %s: it is not a regular file", path)
	}
	err = atomicfile.Try(target)
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("can't write %s: there is no directory %s; create it first", path, filepath.Dir(target))
	case errors.As(err, &at):
		return fmt.Errorf("can't write %s: %w", path, at.Err)
	}
	return err
}

// lockOutput keeps other runs from writing to the same file at the same time.
func lockOutput(path string) (*machine.Lock, error) {
	l, err := machine.TakeLock(atomicfile.Hidden(atomicfile.Target(path), ".lock"))
	if err != nil {
		return nil, fmt.Errorf("can't write %s: %w", path, err)
	}
	return l, nil
}

// writeFile writes a file by calling write, and replaces it when it is complete. "-" is standard
// output. A file whose name ends in .gz is compressed.
func (con *console) writeFile(path string, write func(io.Writer) error) error {
	if path == stdStream {
		return write(con.results)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		if !compress.IsGzip(path) {
			return write(w)
		}
		z := compress.NewGzip(w)
		return errors.Join(write(z), z.Close())
	})
}

// saveVectors writes vectors. "-" is standard output. A pipe that nobody reads is given up if ctx is
// canceled meanwhile.
func (con *console) saveVectors(ctx context.Context, path string, e *model.Embeddings, f *format.Format) error {
	if lost := f.Loses(e); lost != "" {
		con.warn(lost)
	}
	write := func() error { return format.Save(path, e, f.Name) }
	if path == stdStream {
		write = func() error { return format.Write(con.results, e, f.Name) }
	}
	if ctx.Err() == nil && (path == stdStream || isStream(path)) {
		return unlessInterrupted(ctx, write)
	}
	return write()
}

// shownPath returns a path as a message shows it.
func shownPath(path, stream string) string {
	if path == stdStream {
		return stream
	}
	return path
}
