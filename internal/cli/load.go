package cli

import (
	"context"
	"fmt"
	"strings"

	"kindred/corpus/source"
	"kindred/internal/english"
	"kindred/internal/filetype"
	"kindred/internal/lookup"
	"kindred/internal/textfile"
	"kindred/model"
	"kindred/model/format"
	_ "kindred/model/format/compressed" // vectors may be gzipped
	"kindred/model/subword"
)

// vectorsFlags are the flags of commands that read vectors.
type vectorsFlags struct {
	from    string
	first   int
	words   string
	skipBad bool
	onDisk  bool // see [format.LoadOptions]
	mapped  bool // likewise
	verify  bool
}

func (v *vectorsFlags) flags() []*flag {
	const group = "Vectors"
	var known []string
	for _, f := range format.All() {
		if f.Readable() {
			known = append(known, f.Name)
		}
	}
	return []*flag{
		{name: "from", group: group, into: &v.from, value: "NAME", initial: "from the content", choices: formatChoices(true),
			help: "format of the input vectors: " + strings.Join(known, ", ")},
		{name: "first", aliases: []string{"limit"}, group: group, into: &v.first, value: "N", initial: "all", valid: atLeast(0), want: "a number of words, or 0 for all",
			help: "read only the first N words, which are the most frequent ones in most files"},
		{name: "words", group: group, into: &v.words, value: "FILE", initial: "all", file: inputFile,
			help: "read only the words in a file, one per line, and say which are missing; n-grams, if there are any, make words that are not stored"},
		{name: "skip-bad", group: group, into: &v.skipBad,
			help: "leave out rows that can't be read, and count them by kind, instead of ending with an error"},
	}
}

// verifyFlag checks the hash of files that are mapped.
func (v *vectorsFlags) verifyFlag() *flag {
	v.mapped = true
	return &flag{name: "verify", group: "Vectors", into: &v.verify,
		help: "read a file in kindred's own format once before it is used, to check its hash; all other files are read and checked anyway"}
}

// load reads vectors and prints their warnings.
func (v *vectorsFlags) load(ctx context.Context, con *console, path string) (*model.Embeddings, error) {
	o := format.LoadOptions{First: v.first, SkipBad: v.skipBad, OnDisk: v.onDisk, Map: v.mapped, Verify: v.verify}
	if v.from != "" {
		f, err := format.ByName(v.from)
		if err == nil && !f.Readable() {
			err = fmt.Errorf("vectors in the format %s can be written but not read", f)
		}
		if err != nil {
			return nil, asUsage(err)
		}
		o.Format = f
	}
	stdin := path == stdStream
	if stdin {
		path = source.StandardInput
	}
	var e *model.Embeddings
	err := unlessInterrupted(ctx, func() (err error) {
		if v.words != "" {
			if o.Words, err = readList(v.words); err != nil {
				return fmt.Errorf("--words: %w", err)
			}
		}
		if stdin {
			e, err = o.Read(con.in, path)
		} else {
			e, err = o.Load(path)
		}
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

// loadToAsk is load for commands that look words up. They find words whatever their normal form is in
// Unicode, and say so. Those of the words of a list that are not stored and that n-grams make are added.
func (v *vectorsFlags) loadToAsk(ctx context.Context, con *console, path string, list []string) (*model.Embeddings, error) {
	e, err := v.load(ctx, con, path)
	if err != nil {
		return nil, err
	}
	if made := composedOf(e, list); len(made) > 0 {
		con.warn(fmt.Sprintf("%s of the list without a vector of its own in %s, made of n-grams: %s", counted(len(made), "word"), path, english.List(made, 5)))
		ids := make([]int, e.Vocabulary.Len())
		for id := range ids {
			ids[id] = id
		}
		if e, err = subword.Select(e, ids, made); err != nil {
			return nil, err
		}
	}
	e.Vocabulary = lookup.Normalizing(e.Vocabulary, func(word string) {
		con.say(fmt.Sprintf("%q is in the vectors in another Unicode normal form", word))
	})
	return e, nil
}

// composedOf returns the words of a list that are not stored and that n-grams make, each once.
func composedOf(e *model.Embeddings, list []string) []string {
	stored, ok := e.Vocabulary.(*subword.Vocabulary)
	if !ok || len(list) == 0 {
		return nil
	}
	known := lookup.Normalizing(stored, nil)
	r := e.Reader()
	var made []string
	seen := map[string]bool{}
	for _, w := range list {
		if _, ok := known.ID(w); ok || seen[w] {
			continue
		}
		if _, ok := r.Unseen(w); ok {
			made, seen[w] = append(made, w), true
		}
	}
	return made
}

// maxList is the size in bytes of the largest list of words.
const maxList = 1 << 30

// readList reads a list of words, one per line. A word may have any character, but no blank at its
// ends.
func readList(path string) ([]string, error) {
	lines, err := textfile.Open(path, textfile.Options{Want: filetype.List, AnyBytes: true, MaxLines: textfile.MaxWords, MaxBytes: maxList})
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	list := []string{}
	for lines.Scan() {
		if w := strings.Trim(string(lines.Bytes()), " \t"); w != "" {
			list = append(list, w)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s has no word; want one per line", path)
	}
	return list, nil
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
