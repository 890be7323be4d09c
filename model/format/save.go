package format

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/google/renameio/v2"

	"kindred/corpus/vocab"
	"kindred/internal/machine"
	"kindred/model"
)

// Save writes the input matrix of e and its words to path, in the format of
// the given name, or the one that the extension of path stands for where
// format is "". The native format, "safetensors", holds all of e: the output
// matrix, the counts and the manifest too.
//
// Each file is written under a temporary name in the directory of path,
// synced, and renamed once all are complete, so that a failure leaves what
// was there before. Where the format has no place for the manifest it goes
// to [ManifestPath]; a manifest there that describes what is replaced is
// removed if e has none. Where path is no regular file, but a pipe or a
// device, the vectors are written to it directly, without a manifest beside
// them.
//
// Nothing is written where the format can't hold a word, such as one with a
// space in it, or a value is NaN or infinite; the error names the word.
func Save(path string, e *model.Embeddings, format string) error {
	f, err := ByExtension(path)
	if format != "" {
		f, err = ByName(format)
	}
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return f.saveStream(path, e)
	}
	if err := f.check(e); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // replace the file rather than the link
	}
	return f.saveFiles(path, e)
}

// Write writes e to w in the given format, which must be one of a single
// file. A manifest is written only where the format holds one. It checks e as
// [Save] does.
func Write(w io.Writer, e *model.Embeddings, format string) error {
	f, err := ByName(format)
	if err != nil {
		return err
	}
	if len(f.parts) != 1 {
		return fmt.Errorf("format %s consists of %d files, which can't be written as one", f.Name, len(f.parts))
	}
	if err := f.check(e); err != nil {
		return err
	}
	return f.parts[0].write(w, e)
}

func (f *Format) saveStream(path string, e *model.Embeddings) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(Write(file, e, f.Name), file.Close())
}

// saveFiles writes all parts of the format and the manifest.
func (f *Format) saveFiles(path string, e *model.Embeddings) error {
	var pending []*renameio.PendingFile
	defer func() {
		for _, p := range pending {
			p.Cleanup() // does nothing to what was renamed
		}
	}()
	write := func(path string, content func(w io.Writer, e *model.Embeddings) error) error {
		p, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)),
			renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
		if err != nil {
			return err
		}
		pending = append(pending, p)
		if err := errors.Join(content(p, e), p.Sync()); err != nil {
			return fmt.Errorf("writing %s: %w", path, machine.WithoutPath(err))
		}
		return nil
	}
	for _, part := range f.parts {
		if err := write(part.path(path), part.write); err != nil {
			return err
		}
	}
	manifest := ManifestPath(path)
	switch {
	case f.holdsManifest:
	case e.Manifest != nil:
		if err := write(manifest, writeManifest); err != nil {
			return err
		}
	default:
		if err := os.Remove(manifest); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, p := range pending {
		if err := p.CloseAtomicallyReplace(); err != nil {
			return err
		}
	}
	return nil
}

// writeManifest writes the manifest of e.
func writeManifest(w io.Writer, e *model.Embeddings) error {
	data, err := json.MarshalIndent(manifestOf(e), "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// manifest returns the manifest of e with its shape filled in.
func manifestOf(e *model.Embeddings) model.Manifest {
	m := *e.Manifest
	m.Vectors, m.Dim = e.Input.Rows, e.Input.Dim
	return m
}

// check reports why e can't be written in format f.
func (f *Format) check(e *model.Embeddings) error {
	if e.Vocabulary.Len() != e.Input.Rows {
		return fmt.Errorf("%d words but %d vectors", e.Vocabulary.Len(), e.Input.Rows)
	}
	if e.Input.Rows == 0 {
		return errNoVectors
	}
	if err := checkFinite(e.Input, e.Vocabulary); err != nil {
		return err
	}
	return f.CheckWords(e.Vocabulary)
}

// checkFinite returns an error that names the word of v whose row in m has a
// value that is NaN or infinite.
func checkFinite(m *model.Matrix, v *vocab.Vocabulary) error {
	for i := range m.Rows {
		if allFinite(m.Row(i)) {
			continue
		}
		bad := slices.IndexFunc(m.Row(i), func(v float32) bool { return v-v != 0 })
		return fmt.Errorf("value %d of word %d, %.60q, %w", bad+1, i, v.Word(i), errNotFinite)
	}
	return nil
}

// rowsPerChunk is the number of rows that writeRows writes at a time, of
// some 300 values each; fewer of longer ones.
const rowsPerChunk = 256

// writeRows writes rows 0..rows-1 in order. They are formatted by appendRow
// on all cores: worker k takes chunks k, k+workers, …, and the chunks are
// written as they come round.
func writeRows(w io.Writer, rows int, appendRow func(dst []byte, row int) []byte) error {
	chunks := (rows + rowsPerChunk - 1) / rowsPerChunk
	workers := min(runtime.GOMAXPROCS(0), chunks)
	type lane struct{ full, empty chan []byte }
	lanes := make([]lane, workers)
	for k := range lanes {
		l := lane{make(chan []byte, 2), make(chan []byte, 2)}
		l.empty <- nil
		l.empty <- nil
		lanes[k] = l
		go func() {
			for c := k; c < chunks; c += workers {
				buf, more := <-l.empty
				if !more {
					return
				}
				buf = buf[:0]
				for row := c * rowsPerChunk; row < min((c+1)*rowsPerChunk, rows); row++ {
					buf = appendRow(buf, row)
				}
				l.full <- buf
			}
		}()
	}
	defer func() {
		for _, l := range lanes {
			close(l.empty)
		}
	}()
	for c := range chunks {
		l := lanes[c%workers]
		buf := <-l.full
		if _, err := w.Write(buf); err != nil {
			return err
		}
		l.empty <- buf
	}
	return nil
}

// ManifestPath returns the path of the manifest that belongs to a vector file
// in a format that can't hold one.
func ManifestPath(vectors string) string { return vectors + ".manifest.json" }
