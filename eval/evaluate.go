package eval

import (
	"fmt"

	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/lookup"
	"kindred/model"
	"kindred/model/search"
)

// Options say how to evaluate. The zero Options are those of gensim's evaluate_word_pairs and
// evaluate_word_analogies, except for the restrictions, which are 300,000 words there.
type Options struct {
	// Model is the name of the vectors in the report.
	Model string
	// ExactCase makes Paris and paris different words. Without it, words are looked up whatever their
	// case. Of words that differ only in case, the most frequent one is taken.
	ExactCase bool
	// RestrictSimilarity is the number of words, from the start of the vocabulary, among which the words
	// of all sets but analogies are looked up; 0 for all. RestrictAnalogies is the same for the words of
	// analogies and for the answers. Words that a model composes are not restricted.
	RestrictSimilarity, RestrictAnalogies int
	// Methods are the ways to answer analogies; none means 3CosAdd and 3CosMul.
	Methods []search.AnalogyMethod
	// ZeroMissing counts a pair with a missing word as a pair of similarity 0 (dummy4unknown in gensim),
	// so that models with different vocabularies are scored on the same pairs. Without it such pairs
	// are left out.
	ZeroMissing bool
	// Hubness is the number of words, from the start of the vocabulary, whose neighbors are counted for
	// [Report.Hubness]. 0 leaves hubness out: it costs a product of each of these words with each.
	Hubness int
	// Resamples is the number of bootstrap resamples for confidence intervals: 0 for
	// [stats.DefaultResamples], which take a fraction of a second in all, [NoIntervals] for none.
	Resamples int
	// Confidence is the level of the intervals, between 0 and 1; 0 for [stats.DefaultLevel].
	Confidence float64
	// Seed seeds clustering and resampling.
	Seed uint64
}

// NoIntervals as [Options.Resamples] leaves the confidence intervals out.
const NoIntervals = -1

// Evaluate scores e on each of the sets. Items with missing words are left out and counted. The error
// says which option is out of range, or which vector is not finite; see [Options.Check]. A score that
// has no value, for example because no item is covered, is not an error: the report gives the reason.
func Evaluate(e *model.Embeddings, list []sets.Set, o Options) (*Report, error) {
	if len(o.Methods) == 0 {
		o.Methods = []search.AnalogyMethod{search.CosAdd, search.CosMul}
	}
	if err := o.Check(e); err != nil {
		return nil, fmt.Errorf("evaluation: %w", err)
	}
	c := &evalContext{e: e, words: lookup.New(e.Vocabulary, o.ExactCase), options: o, intervals: o.intervals()}
	r := newReport(e, o)
	for _, set := range list {
		switch s := set.(type) {
		case *sets.SimilaritySet:
			r.Similarity = append(r.Similarity, c.similarity(s))
		case *sets.AnalogySet:
			r.Analogies = append(r.Analogies, c.analogies(s))
		case *sets.OutlierSet:
			r.Outliers = append(r.Outliers, c.outliers(s))
		case *sets.CategorySet:
			r.Categories = append(r.Categories, c.categories(s))
		default:
			return nil, fmt.Errorf("evaluation: %s: no score for sets of the kind %q", set.Origin().File, set.Kind())
		}
	}
	if o.Hubness > 0 {
		r.Hubness = c.hubness(o.Hubness)
	}
	return r, nil
}

// Check returns what is wrong with the options, or with the vectors of e: the error of [Evaluate].
func (o Options) Check(e *model.Embeddings) error {
	if o.RestrictSimilarity < 0 || o.RestrictAnalogies < 0 {
		return fmt.Errorf("restricted to %d and %d words, want 0 (all words) or more", o.RestrictSimilarity, o.RestrictAnalogies)
	}
	if o.Hubness < 0 {
		return fmt.Errorf("hubness of %d words, want 0 (none) or more", o.Hubness)
	}
	if o.Resamples < NoIntervals {
		return fmt.Errorf("%d resamples, want 1 or more, 0 (%d) or %d (none)", o.Resamples, stats.DefaultResamples, NoIntervals)
	}
	if o.Confidence != 0 && !(o.Confidence > 0 && o.Confidence < 1) {
		return fmt.Errorf("a confidence level of %v, want one between 0 and 1, such as %v", o.Confidence, stats.DefaultLevel)
	}
	for _, m := range o.Methods {
		if m != search.CosAdd && m != search.CosMul {
			return fmt.Errorf("no analogy method %d, want %v or %v", int(m), search.CosAdd, search.CosMul)
		}
	}
	return e.Check()
}

// An evalContext holds what the scores of all sets need: the vectors, and how the options let them be
// seen.
type evalContext struct {
	e         *model.Embeddings
	words     *lookup.Lookup
	options   Options
	intervals intervals
	index     *search.Index // of the words of analogies, made at first use
}

// analogyIndex returns the index of the words that can answer analogies.
func (c *evalContext) analogyIndex() *search.Index {
	if c.index == nil {
		c.index = search.NewIndex(c.e, c.options.RestrictAnalogies)
	}
	return c.index
}
