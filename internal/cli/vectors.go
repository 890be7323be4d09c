package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"kindred/model"
	"kindred/model/format"
)

// vectorsFlags are the flags of commands that read vectors.
type vectorsFlags struct {
	from string
}

func (v *vectorsFlags) flag() cli.Flag {
	var known []string
	for _, f := range format.All() {
		if f.Readable() {
			known = append(known, f.Name)
		}
	}
	return &cli.StringFlag{Name: "from", Destination: &v.from, DefaultText: "by the content",
		Usage: "`NAME` format of the vectors that are read: " + strings.Join(known, ", ")}
}

// load reads vectors; what is odd about them becomes a warning.
func (v *vectorsFlags) load(ctx context.Context, con *console, path string) (*model.Embeddings, error) {
	read := format.Load
	if v.from != "" {
		f, err := format.ByName(v.from)
		if err == nil && !f.Readable() {
			err = fmt.Errorf("vectors in the format %s can be written but not read", f)
		}
		if err != nil {
			return nil, asUsage(err)
		}
		read = f.Load
	}
	var e *model.Embeddings
	err := unlessInterrupted(ctx, func() (err error) {
		e, err = read(path)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, w := range e.Warnings {
		con.warn(fmt.Sprintf("%s: %s", path, w))
	}
	return e, nil
}

// vectorsArgument returns the first argument, which names vectors, and the
// others.
func vectorsArgument(c *cli.Context) (path string, others []string, err error) {
	if c.NArg() == 0 {
		return "", nil, usagef("no vectors; name a file, as in \"kindred %s vectors.bin\"", c.Command.Name)
	}
	return c.Args().First(), c.Args().Tail(), nil
}
