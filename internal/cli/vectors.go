package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kindred/model"
	"kindred/model/search"
)

const vectorsAbout = `Prints the vectors of words: each word and its values on a line, as in the text formats. Without words it prints those of all
words of --words, or reads words from standard input, one on each line. If a whole line is no word of the vectors, each of its words
is asked for.

With --lines, each line of the files, or of standard input, has a vector: the mean of those of its words, or the weighted one of
--pooling sif. Lines are split into words as the text of the model was. What is printed begins with the number of the line; --output writes
a file in any format of vectors. A line without a word that has a vector is zero.

With --together, the words of the command line, or those of each line of standard input, have one vector: the mean of their vectors
scaled to unit length, as gensim's get_mean_vector and fastText's print-sentence-vectors compute it. Words without a vector are
reported and left out.`

const vectorsExamples = `
kindred vectors vectors.bin king queen
# those of a list, scaled to unit length
kindred vectors vectors.bin --words list.txt --normalize
# a vector for each line of a text, by smooth inverse frequency, to a NumPy array
kindred vectors vectors.safetensors --lines text.txt --pooling sif --output lines.npy
# the mean of the unit vectors of the words of each line, as fastText prints it
kindred vectors vectors.bin --together --json < sentences.txt`

// vectorsCommandFlags are the flags of the command vectors.
type vectorsCommandFlags struct {
	vectorsFlags
	json, normalize, together, lines bool
	pooling, output                  string
	index                            *search.Index
}

func vectorsCommand(con *console) *command {
	var f vectorsCommandFlags
	return &command{
		name: "vectors", summary: "print the vectors of words or lines", arguments: "VECTORS [WORD…|FILE…] [FLAGS]",
		about: vectorsAbout, examples: vectorsExamples,
		flags: append([]*flag{
			{name: "normalize", into: &f.normalize, help: "scale vectors to unit length"},
			{name: "together", into: &f.together, help: "print the mean of the words' unit vectors; with a pipe, one for each line"},
			{name: "lines", into: &f.lines, help: "make a vector for each line of the files, or of standard input"},
			poolingFlag(&f.pooling, ""),
			{name: "output", aliases: []string{"o"}, into: &f.output, value: "VECTORS", file: outputVectors,
				help: "with --lines, a file for the vectors, such as lines.npy or lines.tsv, whose words are the numbers of the lines"},
			{name: "json", into: &f.json, help: "write one JSON object per line"},
			f.verifyFlag(),
		}, f.vectorsFlags.flags()...),
		files: func(words []string) []namedFile {
			if f.lines {
				return modelAndTexts(words)
			}
			return firstVectors(words)
		},
		run: func(c *call) error { return f.run(c, con) },
	}
}

func (f *vectorsCommandFlags) run(c *call, con *console) error {
	path, words, err := vectorsArgument(c)
	if err != nil {
		return err
	}
	if f.lines {
		return f.runLines(c, con, path, words)
	}
	if f.output != "" || c.given("pooling") {
		return usage("--output and --pooling have no effect without --lines")
	}
	if len(words) == 0 && (f.words == "" || f.together) {
		if err := questionsFree(path); err != nil {
			return err
		}
	}
	e, err := f.loadToAsk(c.ctx, con, path, nil)
	if err != nil {
		return err
	}
	f.index, _ = search.NewIndexAmong(e, nil) // it knows what a word may have been meant to be
	switch {
	case len(words) > 0:
		return f.answer(con, question{words: words})
	case f.words != "" && !f.together:
		for id := range e.Vocabulary.Len() {
			words = append(words, e.Vocabulary.Word(id))
		}
		return unlessInterrupted(c.ctx, func() error { return f.answer(con, question{words: words}) })
	}
	return unlessInterrupted(c.ctx, func() error {
		return askPipe(con, c.command.name, e, f.together, func(q question) error { return f.answer(con, q) })
	})
}

// answer prints the vector of each word of a question, or of all together.
func (f *vectorsCommandFlags) answer(con *console, q question) error {
	var errs []error
	if f.together {
		mean, known, unknown := f.mean(q.words)
		errs = append(errs, unknown...)
		if len(known) > 0 {
			errs = append(errs, f.print(con, wordVector{Words: known, Vector: mean}))
		}
		return errors.Join(errs...)
	}
	for _, w := range q.words {
		v, ok := f.index.Embeddings().Vector(w)
		if !ok {
			_, err := f.index.Query(w)
			errs = append(errs, err)
			continue
		}
		if err := f.index.Check(w, v); err != nil {
			return errors.Join(append(errs, err)...)
		}
		if err := f.print(con, wordVector{Word: w, Vector: v}); err != nil {
			return errors.Join(append(errs, err)...)
		}
	}
	return errors.Join(errs...)
}

// mean returns the mean of the unit vectors of words, and the words that have one.
func (f *vectorsCommandFlags) mean(words []string) (mean []float32, known []string, unknown []error) {
	mean = make([]float32, f.index.Embeddings().Dim())
	for _, w := range words {
		q, err := f.index.Query(w)
		if err != nil {
			unknown = append(unknown, err)
			continue
		}
		known = append(known, w)
		for k, x := range q.Vector {
			mean[k] += x
		}
	}
	for k := range mean {
		mean[k] /= float32(max(1, len(known)))
	}
	return mean, known, unknown
}

// A wordVector is what --json prints of a word or of several.
type wordVector struct {
	Word   string    `json:"word,omitempty"`
	Words  []string  `json:"words,omitempty"`
	Vector []float32 `json:"vector"`
}

func (f *vectorsCommandFlags) print(con *console, v wordVector) error {
	if f.normalize {
		unit := make([]float32, len(v.Vector))
		if !model.Unit(unit, v.Vector) {
			return fmt.Errorf("the vector of %q is zero: it has no direction to scale to unit length", v.Word+strings.Join(v.Words, " "))
		}
		v.Vector = unit
	}
	if f.json {
		return printJSON(con, v)
	}
	line := []byte(con.shown(v.Word + strings.Join(v.Words, " ")))
	for _, x := range v.Vector {
		line = append(line, ' ')
		line = strconv.AppendFloat(line, float64(x), 'g', -1, 32)
	}
	_, err := con.out.Write(append(line, '\n'))
	return err
}
