package cli

import (
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/urfave/cli/v2"

	"kindred/internal/version"
	"kindred/model"
	"kindred/model/format"
)

const convertExamples = `
# to the text format of word2vec, by the extension
kindred convert vectors.bin vectors.txt
# to GloVe's format without a header
kindred convert vectors.bin out.txt --format glove
# for projector.tensorflow.org: vectors.tsv and vectors.metadata.tsv
kindred convert vectors.bin vectors.tsv`

func convertCommand(con *console) *cli.Command {
	var from vectorsFlags
	var name string
	var quiet bool
	return documented(&cli.Command{
		Name: "convert", Usage: "convert vectors to another format", ArgsUsage: "IN OUT [FLAGS]",
		Description: "Reads vectors in any format, gzipped or not, and writes them in another. OUT is replaced when the new file is complete.",
		Flags:       []cli.Flag{formatFlag(&name, ""), from.flag(), quietFlag(&quiet, "")},
		Action: func(c *cli.Context) error {
			if c.NArg() != 2 {
				return usagef("want two files, IN and OUT, but %d %s given", c.NArg(), map[bool]string{true: "is", false: "are"}[c.NArg() == 1])
			}
			in, out := c.Args().Get(0), c.Args().Get(1)
			f, err := outputFormat(out, name)
			if err != nil {
				return err
			}
			for _, path := range f.Paths(out) {
				if err := checkWritable(path, true); err != nil {
					return err
				}
			}
			e, err := from.load(c.Context, con, in)
			if err != nil {
				return err
			}
			e.Manifest = convertedFrom(in, e.Manifest)
			if err := format.Save(out, e, f.Name); err != nil {
				return err
			}
			if !quiet {
				con.list(fact{"Converted", fmt.Sprintf("%s in %s to %s (%s)", shape(e.Input.Rows, e.Dim()), in, out, f)})
			}
			return nil
		},
	}, convertExamples)
}

// convertedFrom returns the manifest of vectors that come from a file, with
// what is known of them from there.
func convertedFrom(path string, known *model.Manifest) *model.Manifest {
	m := &model.Manifest{Tool: version.Tool, Version: version.String(), GoVersion: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if known != nil {
		m = known
	}
	m.Source = filepath.Base(path)
	return m
}
