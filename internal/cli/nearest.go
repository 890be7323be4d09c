package cli

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"kindred/model/search"
)

const nearestDescription = `Lists the words whose vectors have the highest cosine with that of WORD. Without a word it asks for them: Tab completes,
the arrows bring back what was asked before, Ctrl-D ends. Words may come from a pipe too, a line each.`

const nearestExamples = `
kindred nearest vectors.bin king --top 5
# a prompt
kindred nearest vectors.bin
# among the 30,000 most frequent words, for another program
kindred nearest vectors.bin king queen --restrict 30000 --json`

func nearestCommand(con *console) *cli.Command {
	var s searchFlags
	return documented(&cli.Command{
		Name: "nearest", Usage: "list the nearest neighbours of words", ArgsUsage: "VECTORS [WORD…] [FLAGS]",
		Description: nearestDescription,
		Flags:       s.flags(),
		Action: func(c *cli.Context) error {
			path, words, err := s.open(c, con)
			if err != nil {
				return err
			}
			if len(words) == 0 {
				return s.ask(c.Context, con, path, "nearest", s.nearest)
			}
			return s.nearest(con, words)
		},
	}, nearestExamples)
}

// nearest prints the neighbours of each of the words.
func (s *searchFlags) nearest(con *console, words []string) error {
	for _, w := range words {
		if _, err := s.index.Lookup(w); err != nil {
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

// found returns neighbours as they are printed.
func found(list []search.Neighbour) []neighbour {
	answers := make([]neighbour, len(list))
	for i, n := range list {
		answers[i] = neighbour{n.Word, n.Similarity}
	}
	return answers
}
