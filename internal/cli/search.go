package cli

import (
	"encoding/json"
	"fmt"

	"kindred/internal/report"
	"kindred/model/search"
)

const nearestAbout = `Lists the words with the highest cosine similarity to each WORD. Without a word it shows a prompt: Tab completes, the arrow
keys bring back earlier questions, Ctrl-D ends. It also reads words from a pipe, one question per line.`

const nearestExamples = `
kindred nearest vectors.bin king --top 5
# a prompt
kindred nearest vectors.bin
# among the 30,000 most frequent words, for another program
kindred nearest vectors.bin king queen --restrict 30000 --json`

const analogyAbout = `Answers the question "A is to B as C is to what?" by 3CosAdd or 3CosMul. Without words it shows a prompt: Tab completes, the
arrow keys bring back earlier questions, Ctrl-D ends. It also reads questions from a pipe, three words per line.`

const analogyExamples = `
# man is to king as woman is to …
kindred analogy vectors.bin man king woman
kindred analogy vectors.bin paris france rome --method both --top 3
# a prompt
kindred analogy vectors.bin`

// searchFlags are the flags of the commands nearest and analogy.
type searchFlags struct {
	vectorsFlags
	top, restrict int
	json          bool
	index         *search.Index
}

func (s *searchFlags) flags() []*flag {
	s.top = 10
	return []*flag{
		{name: "top", aliases: []string{"n"}, into: &s.top, value: "N", valid: atLeast(1), want: "1 or more",
			help: "number of words to list"},
		{name: "restrict", into: &s.restrict, value: "N", initial: "all", valid: atLeast(0), want: "a number of words, or 0 for all",
			help: "search among the N most frequent words"},
		{name: "json", into: &s.json, help: "write one JSON object per line"},
		s.vectorsFlags.flag(),
	}
}

func nearestCommand(con *console) *command {
	var s searchFlags
	return &command{
		name: "nearest", summary: "list the nearest neighbors of words", arguments: "VECTORS [WORD…] [FLAGS]",
		about: nearestAbout, examples: nearestExamples,
		flags: s.flags(), files: firstVectors,
		run: func(c *call) error {
			path, words, err := s.open(c, con)
			if err != nil {
				return err
			}
			if len(words) == 0 {
				return s.ask(c.ctx, con, path, "nearest", s.nearest)
			}
			return s.nearest(con, words)
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
				return usagef("an analogy is asked with three words, A B C, but there %s %d", map[bool]string{true: "is", false: "are"}[n == 1], n)
			}
			path, words, err := s.open(c, con)
			if err != nil {
				return err
			}
			answer := func(con *console, words []string) error { return s.analogy(con, words, methods) }
			if len(words) == 0 {
				return s.ask(c.ctx, con, path, "analogy", answer)
			}
			return answer(con, words)
		},
	}
}

// open reads the vectors that the first argument names. It returns their path and the other
// arguments.
func (s *searchFlags) open(c *call, con *console) (path string, words []string, err error) {
	if path, words, err = vectorsArgument(c); err != nil {
		return "", nil, err
	}
	e, err := s.load(c.ctx, con, path)
	if err != nil {
		return "", nil, err
	}
	s.index = search.NewIndex(e, s.restrict)
	return path, words, nil
}

// nearest prints the neighbors of each word.
func (s *searchFlags) nearest(con *console, words []string) error {
	for _, w := range words {
		if _, err := s.index.Query(w); err != nil {
			return err
		}
	}
	for i, w := range words {
		list, err := s.index.NearestWord(w, s.top)
		if err != nil {
			return err
		}
		if len(words) > 1 && !s.json {
			fmt.Fprintf(con.out, "%s%s\n", map[bool]string{true: "\n"}[i > 0], w)
		}
		if err := s.print(con, result{Word: w, Neighbours: found(list)}); err != nil {
			return err
		}
	}
	return nil
}

// analogy prints the answers to one question by each method.
func (s *searchFlags) analogy(con *console, words []string, methods []search.AnalogyMethod) error {
	if len(words) != 3 {
		return fmt.Errorf("an analogy is asked with three words, A B C: A is to B as C is to what?")
	}
	for i, m := range methods {
		list, err := s.index.AnalogyWords(words[0], words[1], words[2], m, s.top)
		if err != nil {
			return err
		}
		if len(methods) > 1 && !s.json {
			fmt.Fprintf(con.out, "%s%s\n", map[bool]string{true: "\n"}[i > 0], m)
		}
		r := result{Question: words, Method: m.String(), Neighbours: found(list)}
		if err := s.print(con, r); err != nil {
			return err
		}
	}
	return nil
}

// A result is the answer to one question, as --json prints it.
type result struct {
	Word       string      `json:"word,omitempty"`
	Question   []string    `json:"question,omitempty"`
	Method     string      `json:"method,omitempty"`
	Neighbours []neighbour `json:"neighbours"`
}

type neighbour struct {
	Word       string  `json:"word"`
	Similarity float64 `json:"similarity"`
}

// print writes a result in two columns, or as JSON.
func (s *searchFlags) print(con *console, r result) error {
	if s.json {
		e := json.NewEncoder(con.out)
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	width := 0
	for _, n := range r.Neighbours {
		width = max(width, report.Width(n.Word))
	}
	for _, n := range r.Neighbours {
		if _, err := fmt.Fprintf(con.out, "%s  %7.4f\n", report.Pad(n.Word, width), n.Similarity); err != nil {
			return err
		}
	}
	return nil
}

// found returns neighbors as they are printed.
func found(list []search.Neighbor) []neighbour {
	answers := make([]neighbour, len(list))
	for i, n := range list {
		answers[i] = neighbour{n.Word, n.Similarity}
	}
	return answers
}
