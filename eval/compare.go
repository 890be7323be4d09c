package eval

import (
	"fmt"

	"kindred/model"
	"kindred/model/search"
)

// A System is what is compared: one model, or several of one setting that differ in their seeds.
type System struct {
	Name   string
	Models []Entrant
}

// An Entrant is a model of a [System].
type Entrant struct {
	// File is the name of the model in the report.
	File       string
	Embeddings *model.Embeddings
}

// DefaultTestResamples is the number of resamples of a comparison where none is given. It is larger than
// [DefaultResamples] as p-values of the paired bootstrap, which are never below 1/(resamples+1), have to withstand a correction
// for tens of tests.
const DefaultTestResamples = 10000

// CompareOptions say how systems are compared. Of the [Options], Model and Hubness don't matter; ZeroMissing counts
// an item with a missing word as wrong, or as a pair of similarity 0, instead of leaving it out for all systems (words of
// categorisation sets are left out all the same). Where no Methods are named, analogies are answered by 3CosAdd alone, and
// where no number of Resamples is given, there are [DefaultTestResamples].
type CompareOptions struct {
	Options
	// OwnVocabulary lets each model answer from all the words it has. Without it, models are cut down to the
	// words that all of them have, so that none is asked to choose among more candidates than another.
	OwnVocabulary bool
}

// Compare evaluates systems on the same items and tests their differences. It brings them on equal terms first, see
// [CompareOptions]; restrictions count words by their mean rank in the models. The error says what is wrong with
// the options, a name or a model, or that the models have no word in common.
//
// A system of several models scores their mean. Between two systems of one model each, differences are tested by
// [Bootstrap.Difference]; where one of them has several, by [SeedTest]. All tests of headline measures
// are corrected together by [Holm].
func Compare(systems []System, sets []Set, o CompareOptions) (*Comparison, error) {
	if len(o.Methods) == 0 {
		o.Methods = []search.AnalogyMethod{search.CosAdd}
	}
	if o.Resamples == 0 {
		o.Resamples = DefaultTestResamples
	}
	c := &comparer{systems: systems, options: o}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("comparison: %w", err)
	}
	c.prepare()
	if c.terms = newEqualTerms(c.models, o); len(c.terms.words) == 0 {
		return nil, fmt.Errorf("comparison: %w", c.nothingShared())
	}
	if err := c.evaluate(sets); err != nil {
		return nil, fmt.Errorf("comparison: %w", err)
	}
	result := c.newComparison()
	for i, set := range sets {
		c.set(result, i, set)
	}
	result.Terms.Tests = c.correct(result)
	c.overlaps(result)
	return result, nil
}

// A comparer does the work of [Compare].
type comparer struct {
	systems   []System
	options   CompareOptions
	bootstrap Bootstrap
	// models are those of all systems, and groups the numbers of each system's among them.
	models []*model.Embeddings
	groups [][]int
	terms  *equalTerms
	// answers are what the models make of the sets: by set, then by model.
	answers [][]*Report
}

// check returns what is wrong with the systems and options.
func (c *comparer) check() error {
	if len(c.systems) == 0 {
		return fmt.Errorf("no system to compare")
	}
	if c.options.Resamples < 0 {
		return fmt.Errorf("%d resamples, want 1 or more, or 0 for %d: tests rest on them", c.options.Resamples, DefaultTestResamples)
	}
	seen := make(map[string]bool)
	for _, s := range c.systems {
		switch {
		case s.Name == "":
			return fmt.Errorf("a system without a name")
		case seen[s.Name]:
			return fmt.Errorf("two systems are called %q; give each a name of its own", s.Name)
		case len(s.Models) == 0:
			return fmt.Errorf("system %q has no model", s.Name)
		}
		seen[s.Name] = true
		for _, m := range s.Models {
			if err := check(m.Embeddings, c.options.Options); err != nil {
				return fmt.Errorf("%s: %w", m.File, err)
			}
		}
	}
	return nil
}

func (c *comparer) prepare() {
	c.bootstrap = *c.options.sureness().bootstrap
	for _, s := range c.systems {
		var group []int
		for _, m := range s.Models {
			group = append(group, len(c.models))
			c.models = append(c.models, m.Embeddings)
		}
		c.groups = append(c.groups, group)
	}
}

// evaluate has all models answer all sets, without intervals.
func (c *comparer) evaluate(sets []Set) error {
	o := c.options.Options
	o.Resamples, o.Hubness = NoIntervals, 0
	c.answers = make([][]*Report, len(sets))
	for m, e := range c.models {
		if !c.options.OwnVocabulary {
			e = c.terms.view(m)
		}
		sub := &subject{e: e, words: newLexicon(e.Vocabulary, o.ExactCase), options: o, sureness: o.sureness()}
		for i, set := range sets {
			r := newReport(e, o)
			set.evaluate(sub, r)
			c.answers[i] = append(c.answers[i], r)
		}
	}
	return nil
}

// newComparison returns a comparison with what is known of the systems and terms.
func (c *comparer) newComparison() *Comparison {
	result := &Comparison{
		Terms: Terms{
			SharedVocabulary: !c.options.OwnVocabulary, SharedWords: len(c.terms.words), Methods: []string{},
			Settings: newSettings(c.options.Options),
		},
		Measures: []Measured{}, Similarity: []SimilarityComparison{}, Analogies: []AnalogyComparison{},
		Vocabularies: []VocabularyOverlap{}, Neighbours: []NeighbourOverlap{},
	}
	for _, m := range c.options.Methods {
		result.Terms.Methods = append(result.Terms.Methods, m.String())
	}
	for i, s := range c.systems {
		record := SystemRecord{Name: s.Name, Words: c.terms.common(c.groups[i])}
		for _, m := range s.Models {
			record.Models = append(record.Models, newModelRecord(m))
		}
		result.Systems = append(result.Systems, record)
	}
	return result
}

func newModelRecord(m Entrant) ModelRecord {
	r := ModelRecord{File: m.File, Words: m.Embeddings.Vocabulary.Len(), Dim: m.Embeddings.Dim()}
	if manifest := m.Embeddings.Manifest; manifest != nil {
		r.Tool, r.Version, r.Settings = manifest.Tool, manifest.Version, manifest.Settings
		r.Remarks = manifest.Remarks
		if t := manifest.Training; t != nil {
			r.Wall, r.CPU, r.TokensPerSecond = t.Wall, t.CPU, t.TokensPerSecond
		}
	}
	return r
}
