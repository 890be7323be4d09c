// Package compare tests whether models differ: in their scores on evaluation sets by [Compare], and by
// any other measure by [Measures].
package compare

import (
	"cmp"
	"fmt"

	"kindred/eval"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/model"
	"kindred/model/search"
)

// A System is one model, or several with the same settings that differ in their seeds.
type System struct {
	Name   string
	Models []Model
}

// A Model is a model of a [System].
type Model struct {
	// File is the name of the model in the report.
	File       string
	Embeddings *model.Embeddings
}

// DefaultResamples is the number of resamples of a comparison if none is given. It is larger than
// [stats.DefaultResamples]: p-values of the paired bootstrap are never below 1/(resamples+1), and have
// to withstand a correction for tens of tests.
const DefaultResamples = 10000

// Options say how systems are compared. Of the [eval.Options], Model and Hubness do not matter.
// ZeroMissing counts an item with a missing word as wrong, or as a pair of similarity 0, instead of
// leaving it out for all systems; words of categorization sets are left out all the same. The default
// of Methods is 3CosAdd alone, and that of Resamples is [DefaultResamples].
type Options struct {
	eval.Options
	// OwnVocabulary lets each model answer from all the words it has. Without it, models are cut down to
	// the words that all of them have, so that none has to choose among more candidates than another.
	OwnVocabulary bool
}

// Compare evaluates systems on the same items and tests their differences, see [Measures].
// Restrictions count words by their mean rank in the models. The error says what is wrong with the
// options, a name or a model, or that the models have no word in common.
func Compare(systems []System, list []sets.Set, o Options) (*Comparison, error) {
	if len(o.Methods) == 0 {
		o.Methods = []search.AnalogyMethod{search.CosAdd}
	}
	o.Resamples = cmp.Or(o.Resamples, DefaultResamples)
	c := &comparer{systems: systems, options: o}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("comparison: %w", err)
	}
	for _, s := range systems {
		var group []int
		for _, m := range s.Models {
			group = append(group, len(c.models))
			c.models = append(c.models, m.Embeddings)
		}
		c.groups = append(c.groups, group)
	}
	c.bootstrap = stats.Bootstrap{Resamples: o.Resamples, Level: cmp.Or(o.Confidence, stats.DefaultLevel), Seed: o.Seed}
	if c.shared = newSharedVocabulary(c.models, o.ExactCase); len(c.shared.words) == 0 {
		return nil, fmt.Errorf("comparison: %w", c.nothingShared())
	}
	if err := c.evaluate(list); err != nil {
		return nil, fmt.Errorf("comparison: %w", err)
	}
	result := c.newComparison()
	var measures []Measure
	position := make(map[sets.Kind]int) // of the set among those of its kind
	for _, set := range list {
		measures = append(measures, c.measures(result, set, position[set.Kind()])...)
		position[set.Kind()]++
	}
	result.Measures, result.Settings.Tests = Measures(measures, c.groups, c.bootstrap)
	c.overlaps(result)
	return result, nil
}

// A comparer does the work of [Compare].
type comparer struct {
	systems   []System
	options   Options
	bootstrap stats.Bootstrap
	// models are the models of all systems, and groups has the numbers of the models of each system.
	models []*model.Embeddings
	groups [][]int
	shared *sharedVocabulary
	// reports are the results of the models on the sets.
	reports []*eval.Report
}

// check returns what is wrong with the systems and options.
func (c *comparer) check() error {
	if len(c.systems) == 0 {
		return fmt.Errorf("no system to compare")
	}
	if c.options.Resamples < 0 {
		return fmt.Errorf("%d resamples, want 1 or more, or 0 for %d: tests rest on them", c.options.Resamples, DefaultResamples)
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
			if err := c.options.Check(m.Embeddings); err != nil {
				return fmt.Errorf("%s: %w", m.File, err)
			}
		}
	}
	return nil
}

// evaluate scores all models on all sets, without intervals.
func (c *comparer) evaluate(list []sets.Set) error {
	o := c.options.Options
	o.Resamples, o.Hubness = eval.NoIntervals, 0
	for m, e := range c.models {
		if !c.options.OwnVocabulary {
			e = c.shared.view(m)
		}
		r, err := eval.Evaluate(e, list, o)
		if err != nil {
			return err
		}
		c.reports = append(c.reports, r)
	}
	return nil
}

// newComparison returns a comparison without scores: the systems and the settings.
func (c *comparer) newComparison() *Comparison {
	result := &Comparison{
		Settings: Settings{
			SharedVocabulary: !c.options.OwnVocabulary, SharedWords: len(c.shared.words), Methods: []string{},
			Settings: c.options.Settings(),
		},
		Similarity: []SimilarityDetails{}, Analogies: []AnalogyDetails{},
		Vocabularies: []VocabularyOverlap{}, Neighbors: []NeighborOverlap{},
	}
	for _, m := range c.options.Methods {
		result.Settings.Methods = append(result.Settings.Methods, m.String())
	}
	for i, s := range c.systems {
		record := SystemRecord{Name: s.Name, Words: c.shared.count(c.groups[i])}
		for _, m := range s.Models {
			record.Models = append(record.Models, newModelRecord(m))
		}
		result.Systems = append(result.Systems, record)
	}
	return result
}

func newModelRecord(m Model) ModelRecord {
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

// usedByAll returns the numbers of the items that all models cover, or of all items if missing ones
// count.
func (c *comparer) usedByAll(items int, covered func(model, item int) bool) []int {
	var used []int
	for i := range items {
		all := true
		for m := range c.models {
			all = all && covered(m, i)
		}
		if all || c.options.ZeroMissing {
			used = append(used, i)
		}
	}
	return used
}

// unseen returns the number of the items used for which some model's answer is unseen.
func (c *comparer) unseen(used []int, isUnseen func(model, item int) bool) int {
	n := 0
	for _, i := range used {
		for m := range c.models {
			if isUnseen(m, i) {
				n++
				break
			}
		}
	}
	return n
}
