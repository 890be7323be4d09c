package cli

import (
	"strings"

	"github.com/urfave/cli/v2"

	"kindred/eval"
	"kindred/eval/stats"
	"kindred/model/search"
)

// scoring are the flags of commands that score vectors.
type scoring struct {
	options eval.Options
	method  string
}

// flags returns the flags; method is the way in which analogies are answered, and resamples the number of resamples, unless
// others are given.
func (s *scoring) flags(method string, resamples int) []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "restrict", Destination: &s.options.RestrictAnalogies, DefaultText: "all",
			Usage: "`N` answer analogies by the N most frequent words, and skip questions with others"},
		&cli.IntFlag{Name: "restrict-similarity", Destination: &s.options.RestrictSimilarity, DefaultText: "all",
			Usage: "`N` leave out items of other sets with a word that is not among the N most frequent"},
		methodFlag(&s.method, method),
		&cli.BoolFlag{Name: "case-sensitive", Destination: &s.options.ExactCase, Usage: "tell Paris from paris"},
		&cli.BoolFlag{Name: "zero-missing", Destination: &s.options.ZeroMissing,
			Usage: "count word pairs with an unknown word, with similarity 0, instead of leaving them out"},
		&cli.IntFlag{Name: "resamples", Destination: &s.options.Resamples, Value: resamples,
			Usage: "`N` bootstrap resamples from which confidence intervals are taken; 0 for none"},
		&cli.Float64Flag{Name: "confidence", Destination: &s.options.Confidence, Value: stats.DefaultLevel,
			Usage: "`P` confidence level of the intervals"},
		&cli.Uint64Flag{Name: "seed", Destination: &s.options.Seed, Value: 0,
			Usage: "`N` starts the random numbers of resampling and clustering"},
	}
}

// parse returns the options that the flags stand for.
func (s *scoring) parse() (eval.Options, error) {
	o := s.options
	switch {
	case o.RestrictAnalogies < 0 || o.RestrictSimilarity < 0:
		return o, usage("--restrict and --restrict-similarity want a number of words, or 0 for all")
	case o.Resamples < 0:
		return o, usage("--resamples wants a number of resamples, or 0 for no intervals")
	case !(o.Confidence > 0 && o.Confidence < 1):
		return o, usagef("--confidence is %v, want a level between 0 and 1, such as %v", o.Confidence, stats.DefaultLevel)
	}
	if o.Resamples == 0 {
		o.Resamples = eval.NoIntervals
	}
	var err error
	o.Methods, err = parseMethods(s.method)
	return o, err
}

// methodNames are the values of --method.
var methodNames = []string{search.CosAdd.String(), search.CosMul.String(), "both"}

func methodFlag(method *string, value string) cli.Flag {
	return &cli.StringFlag{Name: "method", Destination: method, Value: value,
		Usage: "`NAME` how analogies are answered: " + strings.Join(methodNames, ", ")}
}

// parseMethods returns the methods that a value of --method stands for.
func parseMethods(name string) ([]search.AnalogyMethod, error) {
	both := []search.AnalogyMethod{search.CosAdd, search.CosMul}
	if strings.EqualFold(name, "both") {
		return both, nil
	}
	for _, m := range both {
		if strings.EqualFold(name, m.String()) {
			return []search.AnalogyMethod{m}, nil
		}
	}
	return nil, usagef("--method is %q, want %s", name, strings.Join(methodNames, ", "))
}
