package eval

import (
	"fmt"

	"kindred/eval/internal/lookup"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/model"
	"kindred/model/search"
)

// Options say how an evaluation is done. The zero Options follow gensim's
// evaluate_word_pairs and evaluate_word_analogies, but for the restrictions,
// which are 300,000 words there.
type Options struct {
	// Model is the name of the vectors in the report.
	Model string
	// ExactCase makes Paris and paris different words. Without it, a word is
	// looked up whatever its case, and the most frequent word of those that differ in
	// case only is taken.
	ExactCase bool
	// RestrictSimilarity is the number of words, from the start of the
	// vocabulary, in which those of all sets but analogies are looked up, 0 for
	// all. RestrictAnalogies is the same for the words of analogies and for the answers.
	RestrictSimilarity, RestrictAnalogies int
	// Methods are the ways in which analogies are answered; none means
	// 3CosAdd and 3CosMul.
	Methods []search.AnalogyMethod
	// ZeroMissing counts a word pair out of vocabulary as one of similarity 0
	// (dummy4unknown in gensim), so that models with different vocabularies are
	// judged on the same pairs. Without it such pairs are left out.
	ZeroMissing bool
	// Hubness is the number of words, from the start of the vocabulary, whose
	// neighbours are counted for [Report.Hubness]; 0 leaves it out, for it costs a
	// product of each of these words with each.
	Hubness int
	// Resamples is the number of bootstrap resamples from which the
	// confidence intervals of the scores are taken: 0 for
	// [stats.DefaultResamples], which take a fraction of a second in all, and
	// [NoIntervals] for none.
	Resamples int
	// Confidence is the level of the intervals, between 0 and 1; 0 for [stats.DefaultLevel].
	Confidence float64
	// Seed starts the random numbers of clustering and resampling.
	Seed uint64
}

// NoIntervals as [Options.Resamples] leaves the confidence intervals out.
const NoIntervals = -1

// Evaluate scores e on each of the sets. Items with words out of vocabulary
// are left out and counted. It fails where the options are out of range, the
// vectors don't fit the vocabulary, or a vector holds a value that is NaN or
// infinite; a score that has no value for want of items isn't an error, the
// report says so.
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

// An evalContext holds what the scores of all sets need: the vectors, as the options let them be seen.
type evalContext struct {
	e         *model.Embeddings
	words     *lookup.Lookup
	options   Options
	intervals intervals
	index     *search.Index // of the words of analogies, made at first use
}

// vector returns the vector of a word, and whether it has one: that of a stored word, or one that the
// model composes for a word that it has not stored.
func (c *evalContext) vector(word string) ([]float32, bool) {
	vectors := c.e.Reader()
	if id, stored := c.words.Find(word, 0); stored {
		if r := c.options.RestrictSimilarity; r > 0 && id >= r {
			return nil, false
		}
		return vectors.Stored(id), true
	}
	return vectors.Unseen(word)
}

// A wordList is a list of distinct words in the order they were added.
type wordList struct {
	words []string
	has   map[string]bool
}

// addUnless adds word unless it was found.
func (l *wordList) addUnless(found bool, word string) {
	if found || l.has[word] {
		return
	}
	if l.has == nil {
		l.has = make(map[string]bool)
	}
	l.has[word] = true
	l.words = append(l.words, word)
}

// list returns the words, as an empty slice if there are none: [] in JSON.
func (l *wordList) list() []string {
	if l.words == nil {
		return []string{}
	}
	return l.words
}
