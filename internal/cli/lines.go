package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
	"kindred/model"
	"kindred/model/lines"
	"kindred/model/search"
)

// eachLine passes the lines of a file, or of standard input for -, to yield.
func (con *console) eachLine(path string, yield func(line []byte) error) (err error) {
	o := textfile.Options{Want: filetype.Text, AnyBytes: true}
	var text *textfile.Scanner
	if path == stdStream {
		o.Interactive = true
		text, err = textfile.New(source.StandardInput, con.in, o)
	} else {
		text, err = textfile.Open(path, o)
	}
	if err != nil {
		return err
	}
	defer text.Close()
	for text.Scan() {
		if err := yield(text.Bytes()); err != nil {
			return err
		}
	}
	return text.Err()
}

// lineVectors are the vectors of the lines of a text.
type lineVectors struct {
	pooler   *lines.Pooler
	analyzer *analysis.Analyzer
	dim      int
	// common is what SIF removes from each vector, nil for the mean.
	common []float64
	texts  []string
	known  []int // words with a vector, by line
	matrix *model.Matrix
	// empty is the number of lines without a word that has a vector, whose vectors are zero.
	empty int
}

func poolingFlag(pooling *string, group string) *flag {
	*pooling = string(lines.Mean)
	return &flag{name: "pooling", group: group, into: pooling, value: "NAME", choices: oneOf(lines.Poolings()...), help: "vector of a line: mean, of the vectors of its words; sif, smooth inverse frequency: rare words count more, and what all lines share is removed"}
}

// newLineVectors returns a maker of vectors of lines by a model.
func newLineVectors(e *model.Embeddings, pooling string) (*lineVectors, error) {
	l := &lineVectors{dim: e.Dim(), analyzer: &analysis.Analyzer{}}
	var err error
	if l.pooler, err = lines.NewPooler(e, lines.Pooling(pooling)); err != nil {
		if !slices.Contains(lines.Poolings(), pooling) {
			err = asUsage(err)
		}
		return nil, err
	}
	if e.Manifest != nil && e.Manifest.Corpus != nil {
		l.analyzer, err = analyzerOf(e.Manifest, "")
	}
	return l, err
}

// vector returns the vector of a line, without what is common, and how many of its words have one.
func (l *lineVectors) vector(line string) ([]float32, int) {
	v := make([]float32, l.dim)
	known := l.pooler.Vector(v, l.analyzer.Tokens(line))
	return v, known
}

// read reads the lines of files and makes their vectors.
func (l *lineVectors) read(con *console, paths []string, pooling string) error {
	var values []float32
	for _, path := range paths {
		err := con.eachLine(path, func(line []byte) error {
			if len(l.texts) == vocab.MaxLen {
				return fmt.Errorf("%s: more than %d lines", path, vocab.MaxLen)
			}
			v, known := l.vector(string(line))
			l.texts, l.known = append(l.texts, string(line)), append(l.known, known)
			values = append(values, v...)
			if known == 0 {
				l.empty++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(l.texts) == 0 {
		return fmt.Errorf("there are no lines in %s", paths[0])
	}
	l.matrix = model.NewMatrix(len(l.texts), l.dim)
	for i := range l.texts {
		copy(l.matrix.Row(i), values[i*l.dim:])
	}
	if pooling == string(lines.SIF) {
		l.common = lines.Common(l.matrix)
		for i := range l.texts {
			lines.Remove(l.matrix.Row(i), l.common)
		}
	}
	if l.empty > 0 {
		con.warn(fmt.Sprintf("%s without a word that has a vector; the vectors of such lines are zero", counted(l.empty, "line")))
	}
	return nil
}

// embeddings returns the vectors with the numbers of the lines, from 1, as words.
func (l *lineVectors) embeddings() (*model.Embeddings, error) {
	numbers := make([]string, len(l.texts))
	for i := range numbers {
		numbers[i] = strconv.Itoa(i + 1)
	}
	v, err := vocab.New(numbers, nil)
	if err != nil {
		return nil, err
	}
	return &model.Embeddings{Vocabulary: v, Input: l.matrix}, nil
}

// A lineVector is what --json prints of a line.
type lineVector struct {
	Line  int    `json:"line"`
	Words int    `json:"words"` // that have a vector
	Text  string `json:"text"`
	// Vector is zero without such words.
	Vector []float32 `json:"vector"`
}

// runLines prints or saves the vectors of lines.
func (f *vectorsCommandFlags) runLines(c *call, con *console, path string, inputs []string) error {
	if len(inputs) == 0 {
		inputs = []string{stdStream}
	}
	if f.together {
		return usage("--lines and --together exclude each other")
	}
	if slices.Contains(inputs, stdStream) {
		if err := questionsFree(path); err != nil {
			return err
		}
		if countOf(inputs, stdStream) > 1 {
			return usage("- is given twice, and standard input can be read once")
		}
	}
	if f.output != "" && f.json {
		return usage("--json writes to standard output; leave --output out")
	}
	e, err := f.load(c.ctx, con, path)
	if err != nil {
		return err
	}
	l, err := newLineVectors(e, f.pooling)
	if err != nil {
		return err
	}
	if f.output != "" {
		return f.saveLines(c.ctx, con, l, inputs)
	}
	return unlessInterrupted(c.ctx, func() error {
		if f.pooling == string(lines.SIF) { // what is common is known at the end
			if err := l.read(con, inputs, f.pooling); err != nil {
				return err
			}
			for i, text := range l.texts {
				if err := f.printLine(con, lineVector{i + 1, l.known[i], text, l.matrix.Row(i)}); err != nil {
					return err
				}
			}
			return nil
		}
		number := 0
		for _, input := range inputs {
			err := con.eachLine(input, func(line []byte) error {
				number++
				v, known := l.vector(string(line))
				if known == 0 {
					l.empty++
				}
				return f.printLine(con, lineVector{number, known, string(line), v})
			})
			if err != nil {
				return err
			}
		}
		if l.empty > 0 {
			con.warn(fmt.Sprintf("%s without a word that has a vector; the vectors of such lines are zero", counted(l.empty, "line")))
		}
		return nil
	})
}

// saveLines saves the vectors of lines to a file.
func (f *vectorsCommandFlags) saveLines(ctx context.Context, con *console, l *lineVectors, inputs []string) error {
	form, err := outputFormat(f.output, "")
	if err != nil {
		return err
	}
	if err := unlessInterrupted(ctx, func() error { return l.read(con, inputs, f.pooling) }); err != nil {
		return err
	}
	if f.normalize {
		for i := range l.texts {
			model.Unit(l.matrix.Row(i), l.matrix.Row(i)) // zero stays
		}
	}
	e, err := l.embeddings()
	if err != nil {
		return err
	}
	return con.saveVectors(ctx, f.output, e, form)
}

// printLine prints the vector of a line: its number and the values, or JSON.
func (f *vectorsCommandFlags) printLine(con *console, v lineVector) error {
	if f.normalize {
		unit := make([]float32, len(v.Vector))
		model.Unit(unit, v.Vector) // zero stays
		v.Vector = unit
	}
	if f.json {
		return printJSON(con, v)
	}
	line := strconv.AppendInt(nil, int64(v.Line), 10)
	for _, x := range v.Vector {
		line = append(line, ' ')
		line = strconv.AppendFloat(line, float64(x), 'g', -1, 32)
	}
	_, err := con.out.Write(append(line, '\n'))
	return err
}

// A similarLine is a line that is like another.
type similarLine struct {
	Line       int     `json:"line"`
	Similarity float64 `json:"similarity"`
	Text       string  `json:"text"`
}

// A lineAnswer is what --json prints of the lines similar to one.
type lineAnswer struct {
	Text      string        `json:"text"`
	Neighbors []similarLine `json:"neighbors"`
}

// runLines finds the lines that are most similar to those of the command line or of standard input.
func (s *searchFlags) runLines(c *call, con *console) error {
	path, queries, err := vectorsArgument(c)
	if err != nil {
		return err
	}
	if s.together || len(s.minus) > 0 || len(s.positive) > 0 || s.among != "" || s.restrict > 0 {
		return usage("--lines searches lines, and --together, --minus, --among and --restrict ask for words")
	}
	if len(queries) == 0 {
		if err := questionsFree(path); err != nil {
			return err
		}
	}
	e, err := s.load(c.ctx, con, path)
	if err != nil {
		return err
	}
	l, err := newLineVectors(e, s.pooling)
	if err != nil {
		return err
	}
	return unlessInterrupted(c.ctx, func() error {
		if err := l.read(con, []string{s.lines}, s.pooling); err != nil {
			return err
		}
		vectors, err := l.embeddings()
		if err != nil {
			return err
		}
		x := search.NewIndex(vectors, 0)
		r := &round{con: con, name: c.command.name}
		ask := func(i int, text string) bool {
			return r.add(func() error { return s.similarLines(con, l, x, i, text, len(queries)) })
		}
		for i, text := range queries {
			if !ask(i, text) {
				break
			}
		}
		if len(queries) == 0 {
			i := 0
			err := con.eachLine(stdStream, func(line []byte) error {
				i++
				if !ask(i-1, string(line)) {
					return con.lost()
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return r.end()
	})
}

// similarLines prints the lines most similar to one, below it if there are several.
func (s *searchFlags) similarLines(con *console, l *lineVectors, x *search.Index, i int, text string, asked int) error {
	v, known := l.vector(text)
	if known == 0 {
		return fmt.Errorf("no word of the line %.60q has a vector", text)
	}
	lines.Remove(v, l.common)
	answer := lineAnswer{Text: text, Neighbors: []similarLine{}}
	for _, n := range x.Nearest(v, s.top) {
		answer.Neighbors = append(answer.Neighbors, similarLine{n.ID + 1, n.Similarity, l.texts[n.ID]})
	}
	if s.json {
		return printJSON(con, answer)
	}
	if asked != 1 {
		fmt.Fprintf(con.out, "%s%s\n", map[bool]string{true: "\n"}[i > 0], con.shown(text))
	}
	for _, n := range answer.Neighbors {
		if _, err := fmt.Fprintf(con.out, "%7.4f  %6d  %s\n", n.Similarity, n.Line, con.shown(n.Text)); err != nil {
			return err
		}
	}
	return nil
}
