package cli

import (
	"context"
	"fmt"
	"strings"

	"kindred/corpus/source"
	"kindred/model"
	"kindred/model/format"
	_ "kindred/model/format/compressed" // vectors may be gzipped
)

// vectorsFlags are the flags of commands that read vectors.
type vectorsFlags struct {
	from string
}

func (v *vectorsFlags) flag() *flag {
	var known []string
	for _, f := range format.All() {
		if f.Readable() {
			known = append(known, f.Name)
		}
	}
	return &flag{name: "from", into: &v.from, value: "NAME", initial: "from the content", choices: formatChoices(true),
		help: "format of the input vectors: " + strings.Join(known, ", ")}
}

// load reads vectors and prints their warnings.
func (v *vectorsFlags) load(ctx context.Context, con *console, path string) (*model.Embeddings, error) {
	read, readFrom := format.Load, format.Read
	if v.from != "" {
		f, err := format.ByName(v.from)
		if err == nil && !f.Readable() {
			err = fmt.Errorf("vectors in the format %s can be written but not read", f)
		}
		if err != nil {
			return nil, asUsage(err)
		}
		read, readFrom = f.Load, f.Read
	}
	if path == stdStream {
		path = source.StandardInput
		read = func(name string) (*model.Embeddings, error) { return readFrom(con.in, name) }
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

// vectorsArgument returns the first argument, which names vectors, and the others.
func vectorsArgument(c *call) (path string, others []string, err error) {
	if len(c.words) == 0 {
		return "", nil, usagef("no vectors; name a file, as in \"kindred %s vectors.bin\"", c.command.name)
	}
	return c.words[0], c.words[1:], nil
}

// formatFlag names the format of vectors to be written.
func formatFlag(name *string, group string) *flag {
	return &flag{name: "format", group: group, into: name, value: "NAME", initial: "from the extension", choices: formatChoices(false),
		help: "format of the vectors: " + knownFormats()}
}

// knownFormats lists the formats with their extensions.
func knownFormats() string {
	var known []string
	for _, f := range format.All() {
		known = append(known, fmt.Sprintf("%s (%s)", f.Name, strings.Join(f.Extensions, " ")))
	}
	return strings.Join(known, ", ")
}

// outputFormat returns the format of this name. If name is "", the extension of path decides; for
// standard output it is the text format.
func outputFormat(path, name string) (*format.Format, error) {
	var f *format.Format
	var err error
	switch {
	case name != "":
		f, err = format.ByName(name)
	case path == stdStream:
		f, err = format.ByName("text")
	default:
		if f, err = format.ByExtension(path); err != nil {
			return nil, usagef("the name %s doesn't tell a format; give one with --format: %s", path, knownFormats())
		}
	}
	if err != nil {
		return nil, asUsage(err)
	}
	if path == stdStream && len(f.Paths(path)) > 1 {
		return nil, usagef("the format %s is a pair of files, and standard output is one; name a file", f)
	}
	return f, asUsage(f.CheckPath(path))
}
