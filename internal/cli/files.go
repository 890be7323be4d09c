package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"kindred/internal/atomicfile"
	"kindred/internal/machine"
	"kindred/internal/report"
	"kindred/internal/report/html"
)

// checkWritable returns an error if no file can be written at path. Files are replaced by renaming,
// so the directory counts. stream says that path may be a pipe or a device, which is written directly.
func checkWritable(path string, stream bool) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("can't write %s: it is a directory; name a file in it", path)
	case err == nil && !info.Mode().IsRegular() && stream:
		return nil
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("can't write %s: it is not a regular file", path)
	}
	dir := filepath.Dir(path)
	probe, err := os.CreateTemp(dir, ".kindred-*")
	if os.IsNotExist(err) {
		return fmt.Errorf("can't write %s: there is no directory %s; create it first", path, dir)
	}
	if err != nil {
		return fmt.Errorf("can't write %s: %w", path, err)
	}
	probe.Close()
	return os.Remove(probe.Name())
}

// writeResults writes results to standard output: as JSON, or their document as Markdown or as text.
func (con *console) writeResults(results any, d *report.Document, asJSON, asMarkdown bool) error {
	switch {
	case asJSON:
		return report.WriteJSON(con.out, results)
	case asMarkdown:
		return report.WriteMarkdown(con.out, d)
	}
	return report.WriteText(con.out, d)
}

// writePage writes a document to a file, as a page. It replaces the file only when the page is complete.
func writePage(path string, d *report.Document) error {
	return atomicfile.Write(path, func(w io.Writer) error { return html.Write(w, d) })
}

// checkDistinct returns an error if an output would replace an input. Outputs may be "".
func checkDistinct(inputs, outputs []string) error {
	for _, out := range outputs {
		written, err := os.Stat(out)
		if err != nil || !written.Mode().IsRegular() {
			continue
		}
		for _, in := range inputs {
			if read, err := os.Stat(in); err == nil && os.SameFile(read, written) {
				return usagef("%s is the input and would be replaced; name another file for the output", out)
			}
		}
	}
	return nil
}

// lockOutput keeps other runs from writing to the same file at the same time. It locks regular files
// only, not pipes.
func lockOutput(path string) (release func() error, err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return func() error { return nil }, nil
	}
	l, err := machine.TakeLock(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock"))
	if err != nil {
		return nil, fmt.Errorf("can't write %s: %w", path, err)
	}
	return l.Release, nil
}
