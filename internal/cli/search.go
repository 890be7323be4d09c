package cli

import (
	"encoding/json"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/urfave/cli/v2"

	"kindred/model/search"
)

// searchFlags are what the commands nearest and analogy share.
type searchFlags struct {
	vectorsFlags
	top, restrict int
	json          bool
	index         *search.Index
}

func (s *searchFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "top", Aliases: []string{"n"}, Destination: &s.top, Value: 10, Usage: "`N` words to list"},
		&cli.IntFlag{Name: "restrict", Destination: &s.restrict, DefaultText: "all", Usage: "`N` search among the N most frequent words"},
		&cli.BoolFlag{Name: "json", Destination: &s.json, Usage: "write a JSON object a line"},
		s.vectorsFlags.flag(),
	}
}

// open reads the vectors that the first argument names, and returns their path
// and the other arguments.
func (s *searchFlags) open(c *cli.Context, con *console) (path string, words []string, err error) {
	if path, words, err = vectorsArgument(c); err != nil {
		return "", nil, err
	}
	if s.top < 1 || s.restrict < 0 {
		return "", nil, usagef("--top is %d and --restrict %d, want 1 or more, and 0 (all) or more", s.top, s.restrict)
	}
	e, err := s.load(c.Context, con, path)
	if err != nil {
		return "", nil, err
	}
	s.index = search.NewIndex(e, s.restrict)
	return path, words, nil
}

// A result is what is found for one question, in the form in which --json
// prints it.
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
		width = max(width, text.StringWidth(n.Word))
	}
	for _, n := range r.Neighbours {
		if _, err := fmt.Fprintf(con.out, "%s  %7.4f\n", text.Pad(n.Word, width, ' '), n.Similarity); err != nil {
			return err
		}
	}
	return nil
}
