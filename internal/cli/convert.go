package cli

import (
	"fmt"
	"path/filepath"
	"runtime"

	"kindred/corpus/source"
	"kindred/internal/version"
	"kindred/model"
)

const convertExamples = `
# to the text format of word2vec, chosen by the extension
kindred convert vectors.bin vectors.txt
# to the format of GloVe, without a header
kindred convert vectors.bin out.txt --format glove
# compressed, or from and to another program
kindred convert vectors.bin vectors.txt.gz
xzcat vectors.txt.xz | kindred convert - - --format glove | head
# for projector.tensorflow.org: vectors.tsv and vectors.metadata.tsv
kindred convert vectors.bin vectors.tsv`

func convertCommand(con *console) *command {
	var from vectorsFlags
	var name string
	var quiet bool
	return &command{
		name: "convert", summary: "convert vectors to another format", arguments: "IN OUT [FLAGS]",
		about:    "Reads vectors in any format, gzipped or not, and writes them in another, gzipped if OUT ends in .gz. \"-\" is standard input or standard output. An existing OUT is replaced when the new file is complete.",
		examples: convertExamples,
		flags:    []*flag{formatFlag(&name, ""), from.flag(), quietFlag(&quiet, "")},
		files: func(words []string) []namedFile {
			n := max(1, len(words)-1)
			if len(words) < n {
				return nil
			}
			return append(filesOf(inputVectors, words[:n]...), filesOf(outputVectors, words[n:]...)...)
		},
		run: func(c *call) error {
			if n := len(c.words); n != 2 {
				return usagef("want two files, IN and OUT, but %d %s given", n, map[bool]string{true: "is", false: "are"}[n == 1])
			}
			in, out := c.words[0], c.words[1]
			f, err := outputFormat(out, name)
			if err != nil {
				return err
			}
			e, err := from.load(c.ctx, con, in)
			if err != nil {
				return err
			}
			e.Manifest = convertedFrom(in, e.Manifest)
			if err := con.saveVectors(out, e, f); err != nil {
				return err
			}
			if !quiet {
				con.list(summaryLine{"Converted", fmt.Sprintf("%s in %s to %s (%s)", shape(e.Vocabulary.Len(), e.Dim()), shownPath(in, source.StandardInput), shownPath(out, "standard output"), f)})
			}
			return nil
		},
	}
}

// convertedFrom returns the manifest of vectors that come from a file. It keeps what their manifest
// says.
func convertedFrom(path string, known *model.Manifest) *model.Manifest {
	m := &model.Manifest{Tool: version.Tool, Version: version.String(), GoVersion: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if known != nil {
		m = known
	}
	m.Source = shownPath(filepath.Base(path), source.StandardInput)
	return m
}
