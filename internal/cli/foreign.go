package cli

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// A foreignOption is an option of word2vec.c, gensim or fastText that kindred
// has no setting for. A value that asks for what kindred does anyway is
// accepted; any other gets an answer.
type foreignOption struct {
	name   string
	same   []string
	answer string
}

const skipGramOnly = "kindred trains skip-gram with negative sampling (SGNS) only"

var foreignOptions = []foreignOption{
	{"cbow", []string{"0"}, skipGramOnly + ": there is no CBOW; use -cbow 0 or leave it out"},
	{"sg", []string{"1"}, skipGramOnly + ": there is no CBOW; use --sg 1 or leave it out"},
	{"hs", []string{"0"}, skipGramOnly + ": there is no hierarchical softmax; use -hs 0 or leave it out"},
	{"loss", []string{"ns"}, skipGramOnly + ": there is no other loss; use -loss ns or leave it out"},
	{"maxn", []string{"0"}, "kindred trains whole words: there are no character n-grams; use -maxn 0 or leave it out"},
	{"minn", []string{"0"}, "kindred trains whole words: there are no character n-grams; use -minn 0 or leave it out"},
	{"wordNgrams", []string{"1"}, "kindred trains single words: there are no word n-grams; use -wordNgrams 1 or leave it out"},
	{"debug", []string{"2"}, "kindred shows its progress unless --quiet is given; leave -debug out"},
}

// readForeign looks whether arg is a foreign option of the train command and
// returns how many of the arguments behind it belong to it.
func readForeign(c *cli.Command, arg string, behind []string) (n int, ok bool, err error) {
	i := slices.IndexFunc(foreignOptions, func(o foreignOption) bool { return o.name == flagName(arg) })
	if i < 0 || c.Name != "train" {
		return 0, false, nil
	}
	_, value, inline := strings.Cut(arg, "=")
	if !inline && len(behind) > 0 {
		n, value = 1, behind[0]
	}
	if !slices.Contains(foreignOptions[i].same, value) {
		return 0, true, usage(foreignOptions[i].answer)
	}
	return n, true, nil
}
