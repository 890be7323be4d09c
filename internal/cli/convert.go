package cli

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"kindred/corpus/source"
	"kindred/internal/english"
	"kindred/internal/version"
	"kindred/model"
)

const convertAbout = `Reads vectors in any format, compressed or not, and writes them in another, gzipped if OUT ends in .gz. "-" is standard input or
standard output. An existing OUT is replaced when the new file is complete.

--first, --words and --skip-bad choose the words. With --skip-bad, words that the format of OUT can't hold are left out too.

--quantize int8 rounds values to 8-bit integers. Every command reads such a file; converting it again gives floats.

--join makes one model of several. union takes all words; a word that several have keeps the vector of the first, and conflicts are
counted. side-by-side takes the words that all have, and puts their vectors one after the other. Vectors are never averaged:
different trainings use unrelated coordinates. For the same reason, words of different trainings in a union can't be compared, unless
the vectors were aligned before.`

const convertExamples = `
# to the text format of word2vec, chosen by the extension
kindred convert vectors.bin vectors.txt
# to the format of GloVe, without a header
kindred convert vectors.bin out.txt --format glove
# compressed, or from and to another program
kindred convert vectors.bin vectors.txt.gz
xzcat vectors.txt.xz | kindred convert - - --format glove | head
# for projector.tensorflow.org: vectors.tsv and vectors.metadata.tsv
kindred convert vectors.bin vectors.tsv
# the 50,000 most frequent words, of unit length
kindred convert vectors.bin small.bin --first 50000 --normalize
# vectors of the words of a list, also of words that the model lacks but its n-grams make
kindred convert model.fasttext.bin some.txt --words list.txt
# what can be read of a broken file
kindred convert broken.txt good.bin --skip-bad
# a quarter of the size, for search
kindred convert vectors.bin small.safetensors --quantize int8
# vectors of 400 dimensions from two of 200
kindred convert a.bin b.bin both.bin --join side-by-side`

// quantizeInt8 is the type that values are quantized to.
const quantizeInt8 = "int8"

// The ways to join models.
const (
	joinUnion      = "union"
	joinSideBySide = "side-by-side"
)

// convertFlags are the flags of the convert command.
type convertFlags struct {
	vectorsFlags
	format, join, quantize string
	normalize, quiet       bool
}

func convertCommand(con *console) *command {
	var f convertFlags
	return &command{
		name: "convert", summary: "convert vectors to another format", arguments: "IN… OUT [FLAGS]",
		about: convertAbout, examples: convertExamples,
		flags: append([]*flag{
			formatFlag(&f.format, ""),
			{name: "normalize", into: &f.normalize, help: "scale vectors to unit length; output matrices are left out"},
			{name: "join", into: &f.join, value: "HOW", initial: "one input only", choices: oneOf(joinUnion, joinSideBySide),
				parse: func(text string) (any, bool) { return text, text == joinUnion || text == joinSideBySide }, want: joinUnion + " or " + joinSideBySide,
				help: "make one model of several: the union of their words, or side-by-side, the vectors of shared words one after the other"},
			{name: "quantize", into: &f.quantize, value: "TYPE", initial: "none", choices: oneOf(quantizeInt8),
				parse: func(text string) (any, bool) { return text, text == quantizeInt8 }, want: quantizeInt8,
				help: "write 8-bit integers with a scale for each word, a quarter of the size (int8, .safetensors only); output matrices are left out"},
			quietFlag(&f.quiet, ""),
		}, f.vectorsFlags.flags()...),
		files: func(words []string) []namedFile {
			n := max(1, len(words)-1)
			if len(words) < n {
				return nil
			}
			return append(filesOf(inputVectors, words[:n]...), filesOf(outputVectors, words[n:]...)...)
		},
		run: func(c *call) error { return f.run(c, con) },
	}
}

func (f *convertFlags) run(c *call, con *console) error {
	n := len(c.words)
	switch {
	case f.join == "" && n != 2:
		hint := ""
		if n > 2 {
			hint = fmt.Sprintf("; --join %s or --join %s makes one model of several", joinUnion, joinSideBySide)
		}
		return usagef("want two files, IN and OUT, but %d %s given%s", n, english.Be(n), hint)
	case f.join != "" && n < 3:
		return usagef("--join wants two inputs or more and an output, but %s %s given", english.Plural(n, "file"), english.Be(n))
	}
	in, out := c.words[:n-1], c.words[n-1]
	target, err := outputFormat(out, f.format)
	if err != nil {
		return err
	}
	if f.quantize != "" && !target.Quantizes() {
		return usagef("--quantize writes kindred's own format, and %s is in the format %s; name the output FILE.safetensors", shownPath(out, "standard output"), target)
	}
	var models []*model.Embeddings
	var names []string
	for _, path := range in {
		e, err := f.load(c.ctx, con, path)
		if err != nil {
			return err
		}
		models, names = append(models, e), append(names, shownPath(path, source.StandardInput))
	}
	e, joined, err := f.joinModels(models, names)
	if err != nil {
		return err
	}
	e.Manifest = convertedFrom(names, e.Manifest)
	if joined != "" {
		e.Manifest.Remarks = append(e.Manifest.Remarks, joined)
	}
	if f.normalize {
		var zero []string
		if e, zero = model.Normalize(e); len(zero) > 0 {
			con.warn(fmt.Sprintf("%s of zero length stay as they are: %s", counted(len(zero), "vector"), english.List(zero, 5)))
		}
		e.Manifest.Remarks = append(e.Manifest.Remarks, "the vectors are scaled to unit length")
	}
	if e = model.Dense(e); f.quantize != "" {
		if _, composed := e.Vocabulary.(model.Composer); composed {
			con.warn("the n-grams of the vectors are left out: words that are not stored have no vectors in the file")
		}
		e = model.Quantize(e)
		e.Manifest.Remarks = append(e.Manifest.Remarks, "the vectors are quantized to 8-bit integers")
	}
	if f.skipBad {
		known := len(e.Warnings)
		if e, err = target.Fitting(e); err != nil {
			return err
		}
		con.warn(e.Warnings[known:]...)
	}
	if err := con.saveVectors(c.ctx, out, e, target); err != nil {
		return err
	}
	if !f.quiet {
		con.list(
			summaryLine{"Converted", fmt.Sprintf("%s in %s to %s (%s)", shape(e.Vocabulary.Len(), e.Dim()), english.And(names), shownPath(out, "standard output"), target)},
			summaryLine{"Joined", joined},
		)
	}
	return nil
}

// joinModels makes one model of several, and says what became of their words.
func (f *convertFlags) joinModels(models []*model.Embeddings, names []string) (e *model.Embeddings, joined string, err error) {
	if f.join == "" {
		return models[0], "", nil
	}
	var j *model.Joined
	if f.join == joinUnion {
		if j, err = model.Union(models...); err == nil {
			joined = fmt.Sprintf("the union of %s: %s in several of them, %s with different vectors (the first is kept)",
				english.And(names), counted(j.Shared, "word"), grouped(j.Conflicts))
		}
	} else if j, err = model.SideBySide(models...); err == nil {
		joined = fmt.Sprintf("%s side by side: %s in all of them, %s left out", english.And(names), counted(j.Shared, "word"), grouped(j.Dropped))
	}
	if err != nil {
		return nil, "", fmt.Errorf("--join %s of %s: %w", f.join, english.And(names), err)
	}
	return j.Embeddings, joined, nil
}

// convertedFrom returns the manifest of vectors that come from files. It keeps what their manifest
// says.
func convertedFrom(paths []string, known *model.Manifest) *model.Manifest {
	m := &model.Manifest{Tool: version.Tool, Version: version.String(), GoVersion: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if known != nil {
		m = known
	}
	var names []string
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	m.Source = strings.Join(names, ", ")
	return m
}
