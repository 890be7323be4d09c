package cli

import (
	"fmt"
	"strings"

	"kindred/model/search"
)

const similarityAbout = `Prints the cosine similarity of two words, from -1 to 1. Without words it reads pairs from standard input, two words per line,
separated by blanks or by a tab, and prints each pair with its similarity, separated by tabs.`

const similarityExamples = `
kindred similarity vectors.bin king queen
# many pairs
kindred similarity vectors.bin < pairs.txt
kindred similarity vectors.bin --json < pairs.txt`

func similarityCommand(con *console) *command {
	var v vectorsFlags
	var asJSON bool
	return &command{
		name: "similarity", summary: "print the cosine similarity of two words", arguments: "VECTORS [A B] [FLAGS]",
		about: similarityAbout, examples: similarityExamples,
		flags: append([]*flag{{name: "json", into: &asJSON, help: "write one JSON object per line"}, v.verifyFlag()}, v.flags()...), files: firstVectors,
		run: func(c *call) error {
			path, words, err := vectorsArgument(c)
			if err != nil {
				return err
			}
			if n := len(words); n > 0 && n != 2 {
				return usagef("want two words, A B, found %d; give many pairs on standard input, a pair per line", n)
			}
			if len(words) == 0 {
				if err := questionsFree(path); err != nil {
					return err
				}
			}
			e, err := v.loadToAsk(c.ctx, con, path, nil)
			if err != nil {
				return err
			}
			x, _ := search.NewIndexAmong(e, nil) // no word is searched for
			if len(words) == 2 {
				cos, err := x.Similarity(words[0], words[1])
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(con, pairSimilarity{words, cos})
				}
				_, err = fmt.Fprintf(con.out, "%.4f\n", cos)
				return err
			}
			return unlessInterrupted(c.ctx, func() error {
				return askPipe(con, c.command.name, e, true, func(q question) error {
					pair := q.words
					if fields := strings.Split(q.line, "\t"); len(fields) == 2 {
						pair = fields
					}
					if len(pair) != 2 {
						return fmt.Errorf("want two words on a line, separated by blanks or by a tab, found %q", q.line)
					}
					cos, err := x.Similarity(pair[0], pair[1])
					if err != nil {
						return err
					}
					if asJSON {
						return printJSON(con, pairSimilarity{pair, cos})
					}
					_, err = fmt.Fprintf(con.out, "%s\t%s\t%.4f\n", con.shown(pair[0]), con.shown(pair[1]), cos)
					return err
				})
			})
		},
	}
}

// A pairSimilarity is what --json prints of a pair.
type pairSimilarity struct {
	Words      []string `json:"words"`
	Similarity float64  `json:"similarity"`
}
