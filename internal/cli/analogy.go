package cli

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"kindred/model/search"
)

const analogyDescription = `Answers "A is to B as C is to what?" by 3CosAdd or 3CosMul. Without words it asks for them: Tab completes, the arrows bring
back what was asked before, Ctrl-D ends. Questions may come from a pipe too, three words a line.`

const analogyExamples = `
# man is to king as woman is to …
kindred analogy vectors.bin man king woman
kindred analogy vectors.bin paris france rome --method both --top 3
# a prompt
kindred analogy vectors.bin`

func analogyCommand(con *console) *cli.Command {
	var s searchFlags
	var method string
	return documented(&cli.Command{
		Name: "analogy", Usage: "answer analogy questions", ArgsUsage: "VECTORS [A B C] [FLAGS]",
		Description: analogyDescription,
		Flags:       append([]cli.Flag{methodFlag(&method, search.CosAdd.String())}, s.flags()...),
		Action: func(c *cli.Context) error {
			methods, err := parseMethods(method)
			if err != nil {
				return err
			}
			if n := c.NArg() - 1; n > 0 && n != 3 {
				return usagef("an analogy is asked with three words, A B C, but there %s %d", map[bool]string{true: "is", false: "are"}[n == 1], n)
			}
			path, words, err := s.open(c, con)
			if err != nil {
				return err
			}
			answer := func(con *console, words []string) error { return s.analogy(con, words, methods) }
			if len(words) == 0 {
				return s.ask(c.Context, con, path, "analogy", answer)
			}
			return answer(con, words)
		},
	}, analogyExamples)
}

// analogy prints the answers to one question, by each of the methods.
func (s *searchFlags) analogy(con *console, words []string, methods []search.AnalogyMethod) error {
	if len(words) != 3 {
		return fmt.Errorf("an analogy is asked with three words, A B C: A is to B as C is to what?")
	}
	var ids [3]int
	for i, w := range words {
		id, err := s.index.Lookup(w)
		if err != nil {
			return err
		}
		ids[i] = id
	}
	for i, m := range methods {
		if len(methods) > 1 && !s.json {
			fmt.Fprintf(con.out, "%s%s\n", map[bool]string{true: "\n"}[i > 0], m)
		}
		r := result{Question: words, Method: m.String(), Neighbours: found(s.index.Analogy(ids[0], ids[1], ids[2], m, s.top))}
		if err := s.print(con, r); err != nil {
			return err
		}
	}
	return nil
}
