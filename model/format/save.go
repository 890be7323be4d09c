package format

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"kindred/internal/atomicfile"
	"kindred/model"
	"kindred/model/subword"
)

// Save writes the words of e and their vectors to path, in the format with the given name, or in the
// one that the extension of path implies if format is "". The native format, "safetensors", holds all
// of e: the output matrix, the counts and the manifest too. A format that can't hold words made of
// several rows gets the vector of each stored word.
//
// Each file is written under a temporary name in the directory of path, synced, and renamed when all
// are complete, so a failure leaves the old files as they were. If the format has no place for the
// manifest, it goes to [ManifestPath]. An old manifest there is removed,
// and so are the old words of a pair, before the vectors are replaced: if the process dies between
// two files, one is missing, and vectors are never beside what belongs to others. If path is a pipe or a
// device, the vectors are written to it directly, without a manifest.
//
// If path ends in .gz, the text formats and word2vec's binary one are compressed by gzip. That needs
// a program that imports kindred/model/format/compressed.
//
// Nothing is written if the format can't hold a word, for example one with a space in it, or if a
// value is NaN or infinite. The error names the word.
func Save(path string, e *model.Embeddings, format string) error {
	f, err := ByExtension(path)
	if format != "" {
		f, err = ByName(format)
	}
	if err == nil {
		err = f.CheckPath(path)
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
	return f.saveFiles(atomicfile.Target(path), e, isCompressed(path)) // the manifest belongs beside the file, not beside the link
}

// Write writes e to w in the format with the given name, which must have a single file. The manifest
// is written only if the format holds it. Write checks e like [Save].
func Write(w io.Writer, e *model.Embeddings, format string) error {
	f, err := ByName(format)
	if err != nil {
		return err
	}
	if len(f.files) != 1 {
		return fmt.Errorf("format %s consists of %d files, which can't be written as one", f.Name, len(f.files))
	}
	if err := f.check(e); err != nil {
		return err
	}
	return errors.Join(f.files[0].write(w, e), readErr(e))
}

// readErr returns why vectors could not be read while they were written.
func readErr(e *model.Embeddings) error {
	err := model.StorageErr(e.Input)
	if e.Output != nil {
		err = errors.Join(err, model.StorageErr(e.Output))
	}
	return err
}

func (f *Format) saveStream(path string, e *model.Embeddings) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := f.check(e); err != nil {
		return errors.Join(err, file.Close())
	}
	return errors.Join(compressed(file, e, isCompressed(path), f.files[0].write), readErr(e), file.Close())
}

// saveFiles writes all files of the format and the manifest.
func (f *Format) saveFiles(path string, e *model.Embeddings, compress bool) error {
	var files []*atomicfile.File
	defer func() {
		for _, file := range files {
			file.Close()
		}
	}()
	write := func(path string, content func(w io.Writer, e *model.Embeddings) error) error {
		file, err := atomicfile.Create(path)
		if err != nil {
			return err
		}
		files = append(files, file)
		return file.Fill(func(w io.Writer) error { return content(w, e) })
	}
	for _, file := range f.files {
		content := func(w io.Writer, e *model.Embeddings) error { return compressed(w, e, compress, file.write) }
		if err := write(file.path(path), content); err != nil {
			return err
		}
	}
	var obsolete []string
	switch manifest := ManifestPath(path); {
	case f.holdsManifest:
	case e.Manifest != nil:
		if err := write(manifest, writeManifest); err != nil {
			return err
		}
	default:
		obsolete = append(obsolete, manifest)
	}
	if err := readErr(e); err != nil {
		return err
	}
	return atomicfile.CommitAll(files, obsolete...)
}

// compressed calls write, and compresses what it writes if compress is true.
func compressed(w io.Writer, e *model.Embeddings, compress bool, write func(w io.Writer, e *model.Embeddings) error) error {
	if !compress {
		return write(w, e)
	}
	z := gzipWriter(w)
	return errors.Join(write(z, e), z.Close())
}

// gzipWriter compresses by gzip; nil if the program has no package that registered it.
var gzipWriter func(w io.Writer) io.WriteCloser

// RegisterGzipWriter sets the function by which [Save] compresses files whose names end in .gz. Package
// compressed calls it when a program imports it.
func RegisterGzipWriter(create func(w io.Writer) io.WriteCloser) { gzipWriter = create }

// writeManifest writes the manifest of e, indented.
func writeManifest(w io.Writer, e *model.Embeddings) error {
	data, err := json.MarshalIndent(manifestOf(e), "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// manifestOf returns the manifest of e with the number of vectors and their dimension filled in.
func manifestOf(e *model.Embeddings) model.Manifest {
	m := *e.Manifest
	m.Vectors, m.Dim = e.Vocabulary.Len(), e.Dim()
	return m
}

// check returns why e can't be written in format f.
func (f *Format) check(e *model.Embeddings) error {
	v, _ := e.Vocabulary.(*subword.Vocabulary)
	switch {
	case f.requires != "" && !f.keepsNGrams(e):
		return fmt.Errorf("format %s holds only a table of the hash %q, of which all words are made, and these vectors have none; choose another format", f.Name, f.requires)
	case e.Vocabulary.Len() > 0 || f.wordless && f.keepsNGrams(e):
	case v != nil:
		return fmt.Errorf("format %s holds words, and a table of n-grams has none; give a list of the words to read", f.Name)
	default:
		return errNoVectors
	}
	if err := e.Check(); err != nil {
		return err
	}
	return f.CheckWords(e.Vocabulary)
}

// wordsPerChunk is the number of words that writeWords writes at a time, valuesPerChunk the number of
// values at which it writes fewer words: some megabytes of text.
const wordsPerChunk, valuesPerChunk = 256, 256 << 10

// writeWords writes the stored words in order. All cores format them by appendWord: worker k takes
// chunks k, k+workers, …, and the chunks are written in turn.
func writeWords(w io.Writer, e *model.Embeddings, appendWord func(dst []byte, id int, vector []float32) []byte) error {
	words := e.Vocabulary.Len()
	perChunk := max(1, min(wordsPerChunk, valuesPerChunk/e.Dim()))
	chunks := (words + perChunk - 1) / perChunk
	type worker struct{ full, empty chan []byte }
	workers := make([]worker, min(runtime.GOMAXPROCS(0), chunks))
	for k := range workers {
		wk := worker{make(chan []byte, 2), make(chan []byte, 2)}
		wk.empty <- nil
		wk.empty <- nil
		workers[k] = wk
		go func() {
			vectors := e.Reader()
			for c := k; c < chunks; c += len(workers) {
				buf, more := <-wk.empty
				if !more {
					return
				}
				buf = buf[:0]
				for id := c * perChunk; id < min((c+1)*perChunk, words); id++ {
					buf = appendWord(buf, id, vectors.Stored(id))
				}
				wk.full <- buf
			}
		}()
	}
	defer func() {
		for _, wk := range workers {
			close(wk.empty)
		}
	}()
	for c := range chunks {
		wk := workers[c%len(workers)]
		buf := <-wk.full
		if _, err := w.Write(buf); err != nil {
			return err
		}
		wk.empty <- buf
	}
	return nil
}

// ManifestPath returns the path of the manifest of a vector file whose format can't hold one.
func ManifestPath(vectors string) string { return vectors + ".manifest.json" }
