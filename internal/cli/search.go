package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"kindred/internal/english"
	"kindred/internal/report"
	"kindred/model/search"
)

const nearestAbout = `Lists the words with the highest cosine similarity to each WORD. Without a word it shows a prompt: Tab completes, the arrow
keys bring back earlier questions, Ctrl-D ends. It also reads words from a pipe, one on each line. If a whole line is no word of the
vectors, each of its words is asked for.

With --minus or --together, all words make one question, as in gensim's most_similar: the words with the highest cosine with the sum
of the unit vectors of all WORDs, minus those of the words of --minus. Words of the question are no answers. With a pipe, each line is
then one question; words without a vector are reported and left out, unless there is --minus. At the prompt, "king woman - man" asks
the same as king woman --minus man.

With --lines, the lines of a file are searched: each WORD, or each line of standard input, is a line, and the answers are the lines with the
most similar vectors, after their numbers. --pooling says what the vector of a line is.

--restrict and --among limit the answers, not the questions. --approximate answers from an index, which "kindred index" makes.`

const nearestExamples = `
kindred nearest vectors.bin king --top 5
# a prompt
kindred nearest vectors.bin
# king - man + woman, as gensim's most_similar(positive=["king", "woman"], negative=["man"])
kindred nearest vectors.bin king woman --minus man
# near the mean of three words, among the words of a list
kindred nearest vectors.bin paris london rome --together --among cities.txt
# the lines of a text that are most like one
kindred nearest vectors.safetensors --lines text.txt --pooling sif "the king is dead"
# near the mean of the words of each line
kindred nearest vectors.bin --together --json < sentences.txt
# from an index, for many questions among many words
kindred nearest vectors.safetensors king --approximate
# among the 30,000 most frequent words, for another program
kindred nearest vectors.bin king queen --restrict 30000 --json`

const analogyAbout = `Answers the question "A is to B as C is to what?" by 3CosAdd or 3CosMul. Without words it shows a prompt: Tab completes, the
arrow keys bring back earlier questions, Ctrl-D ends. It also reads questions from a pipe, three words per line, separated by blanks or
tabs. The order is that of word2vec.c's word-analogy. --restrict and --among limit the answers, not the questions. "kindred nearest
VECTORS B C --minus A" gives the answers of 3CosAdd too, and takes any number of words.`

const analogyExamples = `
# man is to king as woman is to …
kindred analogy vectors.bin man king woman
kindred analogy vectors.bin paris france rome --method both --top 3
# a prompt
kindred analogy vectors.bin`

// searchFlags are the flags of the commands nearest and analogy.
type searchFlags struct {
	vectorsFlags
	top, restrict   int
	among           string
	json            bool
	together        bool
	positive, minus []string
	lines, pooling  string
	index           *search.Index
	approximate     bool
	breadth         int
}

func (s *searchFlags) flags() []*flag {
	s.top = 10
	return append([]*flag{
		{name: "top", aliases: []string{"n", "topn", "k"}, into: &s.top, value: "N", valid: atLeast(1), want: "1 or more",
			help: "number of words to list"},
		{name: "restrict", aliases: []string{"restrict-vocab"}, into: &s.restrict, value: "N", initial: "all", valid: atLeast(0), want: "a number of words, or 0 for all",
			help: "search among the N most frequent words; the question may have others"},
		{name: "among", into: &s.among, value: "FILE", initial: "all words", file: inputFile,
			help: "search among the words in a file, one per line; the question may have others"},
		{name: "json", into: &s.json, help: "write one JSON object per line"},
		s.verifyFlag(),
	}, s.vectorsFlags.flags()...)
}

func nearestCommand(con *console) *command {
	var s searchFlags
	flags := append([]*flag{
		{name: "minus", aliases: []string{"negative"}, into: &s.minus, value: "WORD…",
			help: "ask for all words at once, and subtract these"},
		{name: "together", into: &s.together,
			help: "ask for all words at once, by their mean, instead of one after the other; with a pipe, for all words of each line"},
		{name: "lines", into: &s.lines, value: "FILE", file: inputFile,
			help: "find lines of this file; each WORD, or each line of standard input, is then a line"},
		poolingFlag(&s.pooling, ""),
		{name: "positive", into: &s.positive, value: "WORD…", hidden: true,
			help: "as WORD… --together, for those who know gensim"},
		{name: "approximate", into: &s.approximate,
			help: "search the index that \"kindred index VECTORS\" has made: much faster among many words, and a few neighbors may be missed"},
		{name: "breadth", into: &s.breadth, value: "N", initial: "of the index", valid: atLeast(1), want: "1 or more",
			help: "how many words an approximate search keeps in view: the more, the fewer neighbors it misses, and the longer it takes"},
	}, s.flags()...)
	return &command{
		name: "nearest", summary: "list the nearest neighbors of words", arguments: "VECTORS [WORD…] [FLAGS]",
		about: nearestAbout, examples: nearestExamples,
		flags: flags, files: firstVectors,
		run: func(c *call) error {
			if s.lines != "" {
				return s.runLines(c, con)
			}
			if c.given("pooling") {
				return usage("--pooling has no effect without --lines")
			}
			path, words, err := s.open(c, con)
			if err != nil {
				return err
			}
			s.together = s.together || len(s.minus)+len(s.positive) > 0
			words = append(words, s.positive...)
			if len(words) == 0 {
				return s.ask(c, con, path, s.nearest)
			}
			if s.together {
				return s.nearest(con, question{words: words})
			}
			r := &round{con: con, name: c.command.name}
			for i, w := range words {
				if !r.add(func() error { return s.nearestWord(con, w, i, len(words)) }) {
					break
				}
			}
			return r.end()
		},
	}
}

func analogyCommand(con *console) *command {
	var s searchFlags
	methods := []search.AnalogyMethod{search.CosAdd}
	return &command{
		name: "analogy", summary: "answer analogy questions", arguments: "VECTORS [A B C] [FLAGS]",
		about: analogyAbout, examples: analogyExamples,
		flags: append([]*flag{methodFlag(&methods)}, s.flags()...), files: firstVectors,
		run: func(c *call) error {
			if n := len(c.words) - 1; n > 0 && n != 3 {
				return usagef("an analogy is asked with three words, A B C, but there %s %d; \"kindred nearest VECTORS WORD… --minus WORD…\" takes any number",
					english.Be(n), n)
			}
			path, words, err := s.open(c, con)
			if err != nil {
				return err
			}
			answer := func(con *console, q question) error { return s.analogy(con, q, methods) }
			if len(words) == 0 {
				return s.ask(c, con, path, answer)
			}
			return answer(con, question{words: words})
		},
	}
}

// open reads the vectors that the first argument names. It returns their path and the other
// arguments.
func (s *searchFlags) open(c *call, con *console) (path string, words []string, err error) {
	if path, words, err = vectorsArgument(c); err != nil {
		return "", nil, err
	}
	if err := s.checkApproximate(path); err != nil {
		return "", nil, err
	}
	if s.among != "" && s.restrict > 0 {
		return "", nil, usage("--among and --restrict exclude each other; --first N reads only the N most frequent words")
	}
	var list []string
	if s.among != "" {
		if list, err = readList(s.among); err != nil {
			return "", nil, fmt.Errorf("--among: %w", err)
		}
	}
	e, err := s.loadToAsk(c.ctx, con, path, list)
	if err != nil {
		return "", nil, err
	}
	if s.among == "" {
		e.Output = nil // not needed, and as large as the index
		if err := checkIndexMemory(path, e, s.restrict); err != nil {
			return "", nil, err
		}
		if s.index = search.NewIndex(e, s.restrict); s.index.Len() == 0 {
			return "", nil, fmt.Errorf("%s has no words to search; give a list of them with --words FILE", path)
		}
		if s.approximate {
			if s.index, err = s.openIndex(path, e); err != nil {
				return "", nil, err
			}
		}
		return path, words, nil
	}
	var missing []string
	if s.index, missing = search.NewIndexAmong(e, list); s.index.Len() == 0 {
		return "", nil, fmt.Errorf("--among: none of the words in %s has a vector", s.among)
	}
	if len(missing) > 0 {
		con.warn(fmt.Sprintf("%s: %d of %s have no vector: %s", s.among, len(missing), counted(len(list), "word"), english.List(missing, 5)))
	}
	return path, words, nil
}

// nearest answers a question: for each of its words, or for all together.
func (s *searchFlags) nearest(con *console, q question) error {
	if !s.together && len(q.minus) == 0 {
		var errs []error
		for i, w := range q.words {
			if errs = append(errs, s.nearestWord(con, w, i, len(q.words))); con.lost() != nil {
				break
			}
		}
		return errors.Join(errs...)
	}
	minus := append(q.minus, s.minus...)
	positive := q.words
	var unknown []error
	if len(minus) == 0 { // a mean is not another question if it lacks a word
		positive = nil
		for _, w := range q.words {
			if _, err := s.index.Query(w); err != nil {
				unknown = append(unknown, err)
			} else {
				positive = append(positive, w)
			}
		}
		if len(positive) == 0 {
			return errors.Join(unknown...)
		}
	}
	list, err := s.index.NearestWords(positive, minus, s.top)
	if err != nil {
		return err
	}
	return errors.Join(append(unknown, s.print(con, result{Positive: positive, Negative: minus, Neighbors: found(list)}))...)
}

// nearestWord prints the neighbors of word i of n, below the word if there are several.
func (s *searchFlags) nearestWord(con *console, word string, i, n int) error {
	list, err := s.index.NearestWord(word, s.top)
	if err != nil {
		return err
	}
	if n > 1 && !s.json {
		fmt.Fprintf(con.out, "%s%s\n", map[bool]string{true: "\n"}[i > 0], con.shown(word))
	}
	return s.print(con, result{Word: word, Neighbors: found(list)})
}

// analogy prints the answers to one question by each method.
func (s *searchFlags) analogy(con *console, q question, methods []search.AnalogyMethod) error {
	words := q.words
	if fields := strings.Split(q.line, "\t"); len(fields) == 3 {
		words = fields
	}
	if len(words) != 3 {
		return fmt.Errorf("an analogy is asked with three words, A B C: A is to B as C is to what? There %s %d in %q",
			english.Be(len(words)), len(words), q.line)
	}
	for i, m := range methods {
		list, err := s.index.AnalogyWords(words[0], words[1], words[2], m, s.top)
		if err != nil {
			return err
		}
		if len(methods) > 1 && !s.json {
			fmt.Fprintf(con.out, "%s%s\n", map[bool]string{true: "\n"}[i > 0], m)
		}
		r := result{Question: words, Method: m.String(), Neighbors: found(list)}
		if err := s.print(con, r); err != nil {
			return err
		}
	}
	return nil
}

// A result is the answer to one question, as --json prints it.
type result struct {
	Word      string     `json:"word,omitempty"`
	Positive  []string   `json:"positive,omitempty"`
	Negative  []string   `json:"negative,omitempty"`
	Question  []string   `json:"question,omitempty"`
	Method    string     `json:"method,omitempty"`
	Neighbors []neighbor `json:"neighbours"`
}

type neighbor struct {
	Word       string  `json:"word"`
	Similarity float64 `json:"similarity"`
}

// print writes a result in two columns, or as JSON.
func (s *searchFlags) print(con *console, r result) error {
	if s.json {
		return printJSON(con, r)
	}
	width := 0
	for _, n := range r.Neighbors {
		width = max(width, report.Width(con.shown(n.Word)))
	}
	for _, n := range r.Neighbors {
		if _, err := fmt.Fprintf(con.out, "%s  %7.4f\n", report.Pad(con.shown(n.Word), width), n.Similarity); err != nil {
			return err
		}
	}
	return nil
}

// printJSON writes a value as a line of JSON.
func printJSON(con *console, value any) error {
	e := json.NewEncoder(con.out)
	e.SetEscapeHTML(false)
	return e.Encode(value)
}

// found returns neighbors as they are printed.
func found(list []search.Neighbor) []neighbor {
	answers := make([]neighbor, len(list))
	for i, n := range list {
		answers[i] = neighbor{n.Word, n.Similarity}
	}
	return answers
}
