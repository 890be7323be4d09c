package ablate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"kindred/corpus"
	"kindred/eval"
	"kindred/eval/sets"
	"kindred/internal/experiment"
	"kindred/internal/kernel"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/search"
	"kindred/train"
)

// Options say how a plan is run.
type Options struct {
	// Store keeps the results. Runs whose result is there are not done again.
	Store *experiment.Store
	// Parallel is the number of runs at a time, 1 or more.
	Parallel int
	// Sets are the similarity and analogy sets that score the models. Their names differ.
	Sets []sets.Set
	// Restrict is the number of words, from the start of the vocabulary, among which analogies are
	// answered, 0 for all.
	Restrict int
	// KeepVectors saves the vectors of each run in the store.
	KeepVectors bool
	// Observe, unless nil, is told of each run that begins or ends. Calls don't overlap.
	Observe func(Event)
}

// An Event reports that a run began or ended, or that its result was in the store.
type Event struct {
	Variant string
	Seed    uint64
	// Result is nil if the run begins. Found reports that it was in the store.
	Result *Result
	Found  bool
	// Done of Runs runs have a result.
	Done, Runs int
}

// Results are the results of a plan, by variant and then by seed.
type Results [][]*Result

// Run trains what the plan asks for on a text with held-out sentences. A run that diverges has a result
// that says so; any other error ends all runs. If ctx is canceled, Run gives up what is being trained;
// the results so far stay in the store.
func (p *Plan) Run(ctx context.Context, text *corpus.Corpus, o Options) (Results, error) {
	if text.HeldOut() == nil {
		return nil, errors.New("ablation: no sentences were held out of the text; hold some out, such as 1 %")
	}
	if o.Parallel < 1 {
		return nil, fmt.Errorf("ablation: %d runs at a time, want 1 or more", o.Parallel)
	}
	if err := checkSets(o.Sets); err != nil {
		return nil, err
	}
	pairs, err := eval.NewHeldOut(text.HeldOut())
	if err != nil {
		return nil, err
	}
	r := &runner{text: text, pairs: pairs, options: o}
	if err := r.addRuns(p); err != nil {
		return nil, err
	}
	results, err := r.experiment().Resume(ctx, o.Store)
	if mismatch := (*experiment.MismatchError)(nil); errors.As(err, &mismatch) {
		return nil, fmt.Errorf("%w; use another directory, or remove the file to run it again", err)
	}
	if results == nil {
		return nil, err
	}
	if err == nil {
		err = r.checkCoverage(results)
	}
	sorted := make(Results, len(p.Variants))
	for i, v := range p.Variants {
		sorted[i] = make([]*Result, len(v.Seeds))
	}
	for i, run := range r.runs {
		sorted[run.variant][run.seedIndex] = results[i]
	}
	return sorted, err
}

func checkSets(list []sets.Set) error {
	seen := map[string]bool{}
	for _, set := range list {
		name := set.Origin().Name
		switch {
		case set.Kind() != sets.Similarity && set.Kind() != sets.Analogy:
			return fmt.Errorf("ablation: %s holds %s; want similarity and analogy sets", name, set.Kind())
		case seen[name]:
			return fmt.Errorf("ablation: two evaluation sets are called %s; rename one of them", name)
		}
		seen[name] = true
	}
	return nil
}

// A runner trains and scores the runs of a plan.
type runner struct {
	text    *corpus.Corpus
	pairs   *eval.HeldOut
	options Options
	runs    []seedRun
}

// A seedRun is the training of a variant with one of its seeds.
type seedRun struct {
	variant, seedIndex int
	name               string // of the variant
	seed               uint64
	conditions         Conditions
}

// fileName returns the name of the run's files, without an extension.
func (r seedRun) fileName() string {
	return fmt.Sprintf("%s seed=%d", experiment.FileName(r.name), r.seed)
}

// addRuns lists the runs: all variants with their first seed, then with their second, so that early on
// there are results of all variants.
func (r *runner) addRuns(p *Plan) error {
	most := 0
	for _, v := range p.Variants {
		most = max(most, len(v.Seeds))
	}
	for s := range most {
		for i, v := range p.Variants {
			if s >= len(v.Seeds) {
				continue
			}
			conditions, err := r.conditions(v.Config, v.Seeds[s])
			if err != nil {
				return err
			}
			r.runs = append(r.runs, seedRun{variant: i, seedIndex: s, name: v.Name, seed: v.Seeds[s], conditions: conditions})
		}
	}
	return nil
}

// conditions returns those of a run with the given settings.
func (r *runner) conditions(cfg train.Config, seed uint64) (Conditions, error) {
	k, err := kernel.Select(cfg.Kernel, cfg.Dim)
	if err != nil {
		return Conditions{}, err
	}
	cfg.Seed = seed
	record := r.text.Record()
	c := Conditions{
		Settings: cfg, Text: record.Hash, HeldOut: record.HeldOut.Hash, Kernel: k.Name,
		Sets: map[string]string{}, Restrict: r.options.Restrict,
	}
	for _, set := range r.options.Sets {
		c.Sets[set.Origin().Name] = hashOf(set)
	}
	return c, nil
}

// hashOf returns the hash of the items of a set.
func hashOf(set sets.Set) string {
	hash := xxh3.New()
	switch s := set.(type) {
	case *sets.SimilaritySet:
		for _, p := range s.Pairs {
			fmt.Fprintf(hash, "%s\t%s\t%v\n", p.First, p.Second, p.Score)
		}
	case *sets.AnalogySet:
		for _, q := range s.Questions() {
			fmt.Fprintf(hash, "%s\t%s\t%s\t%s\n", q.A, q.B, q.C, q.D)
		}
	}
	return fmt.Sprintf("%016x", hash.Sum64())
}

// key returns the key of the run's result in the store.
func (r seedRun) key() string { return "runs/" + r.fileName() + ".json" }

func (r *runner) experiment() *experiment.Experiment[Result] {
	e := &experiment.Experiment[Result]{
		Parallel:   r.options.Parallel,
		Perform:    r.perform,
		Check:      func(_ int, result *Result) error { return r.check(result) },
		Conditions: func(result *Result) experiment.Conditions { return result.Conditions.named() },
	}
	for _, run := range r.runs {
		e.Runs = append(e.Runs, experiment.Run{Key: run.key(), Conditions: run.conditions.named()})
	}
	if r.options.Observe != nil {
		e.Notify = func(event experiment.Event[Result]) {
			if event.Kind == experiment.Failed {
				return // Run returns the error
			}
			run := r.runs[event.Run]
			r.options.Observe(Event{
				Variant: run.name, Seed: run.seed, Result: event.Result, Found: event.Kind == experiment.Found, Done: event.Done, Runs: event.Total,
			})
		}
	}
	return e
}

// check returns an error if a stored result is not complete.
func (r *runner) check(result *Result) error {
	if result.Failure != "" {
		return nil
	}
	if result.Training == nil {
		return errors.New("the record of the training is missing")
	}
	if err := r.pairs.Check(result.HeldOut); err != nil {
		return err
	}
	for _, set := range r.options.Sets {
		a := result.Answers[set.Origin().Name]
		got, want := 0, 0
		switch s := set.(type) {
		case *sets.SimilaritySet:
			got, want = len(a.Cosines), len(s.Pairs)
		case *sets.AnalogySet:
			got, want = len(a.Correct), len(s.Questions())
		}
		if got != want {
			return fmt.Errorf("it has %d answers to the %d items of %s", got, want, set.Origin().Name)
		}
	}
	return nil
}

// checkCoverage returns an error if two results answer different items of a set: all runs have the same
// words.
func (r *runner) checkCoverage(results []*Result) error {
	for _, set := range r.options.Sets {
		name, first, coverage := set.Origin().Name, -1, ""
		for i, result := range results {
			if result == nil || result.Failure != "" {
				continue
			}
			covered := result.Answers[name].covered()
			if first < 0 {
				first, coverage = i, covered
			}
			if covered != coverage {
				path := func(i int) string { return r.options.Store.Path(r.runs[i].key()) }
				return fmt.Errorf("%s and %s answer different items of %s, so one of them is damaged; remove both to run them again", path(first), path(i), name)
			}
		}
	}
	return nil
}

// perform trains and scores a run.
func (r *runner) perform(ctx context.Context, i int) (*Result, error) {
	run := r.runs[i]
	result := &Result{Conditions: run.conditions}
	e, err := train.Run(ctx, r.text, run.conditions.Settings, train.Options{})
	if diverged := (*train.DivergedError)(nil); errors.As(err, &diverged) {
		result.Failure = err.Error()
		return result, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s, seed %d: %w", run.name, run.seed, err)
	}
	if r.options.KeepVectors {
		if err := r.save(e, run); err != nil {
			return nil, err
		}
	}
	if err := r.score(e, result); err != nil { // vectors with values that are not finite
		result = &Result{Conditions: run.conditions, Failure: err.Error()}
	}
	return result, nil
}

// save saves the vectors of a run.
func (r *runner) save(e *model.Embeddings, run seedRun) error {
	path := r.options.Store.Path("vectors/" + run.fileName() + ".safetensors")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return format.Save(path, e, "")
}

// score scores the vectors of a run by held-out pairs and evaluation sets.
func (r *runner) score(e *model.Embeddings, result *Result) error {
	result.Training = e.Manifest.Training
	var err error
	if result.HeldOut, err = r.pairs.Score(e); err != nil {
		return err
	}
	report, err := eval.Evaluate(e, r.options.Sets, eval.Options{
		RestrictAnalogies: r.options.Restrict, Methods: []search.AnalogyMethod{search.CosAdd}, Resamples: eval.NoIntervals,
	})
	if err != nil {
		return err
	}
	result.Answers = map[string]Answers{}
	for _, s := range report.Similarity {
		var a Answers
		for _, item := range s.Items {
			if item.Covered {
				a.Cosines = append(a.Cosines, &item.Cosine)
			} else {
				a.Cosines = append(a.Cosines, nil)
			}
		}
		result.Answers[s.Name] = a
	}
	for _, s := range report.Analogies {
		var letters strings.Builder
		for _, answer := range s.Methods[0].Answers {
			letters.WriteByte(letterOf(answer))
		}
		result.Answers[s.Name] = Answers{Correct: letters.String()}
	}
	return nil
}

// letterOf returns the letter that stands for an answer in [Answers].
func letterOf(a eval.Answer) byte {
	switch {
	case !a.Covered:
		return '-'
	case a.Correct:
		return 'y'
	}
	return 'n'
}

// A Result is the result of one run, stored as JSON.
type Result struct {
	Conditions Conditions `json:"conditions"`
	// Failure says why there are no vectors. The fields below are empty then.
	Failure  string                `json:"failure,omitempty"`
	Training *model.TrainingRecord `json:"training,omitempty"`
	HeldOut  *eval.HeldOutScores   `json:"held_out,omitempty"`
	// Answers are those to the evaluation sets, by their names.
	Answers map[string]Answers `json:"answers,omitempty"`
}

// Conditions are everything that a result depends on. Two results can be compared if they differ in
// settings only.
type Conditions struct {
	Settings train.Config `json:"settings"`
	// Text and HeldOut are the hashes of the training text and of the held-out text.
	Text    string `json:"text"`
	HeldOut string `json:"held_out"`
	Kernel  string `json:"kernel"`
	// Sets are the hashes of the items of the evaluation sets, by their names.
	Sets map[string]string `json:"sets"`
	// Restrict is the number of words among which analogies are answered, 0 for all.
	Restrict int `json:"restrict_analogies"`
}

// Answers are the answers of a model to the items of a set, in their order.
type Answers struct {
	// Cosines are of a similarity set, null if a word is missing.
	Cosines []*float64 `json:"cosines,omitempty"`
	// Correct has a letter for each question of an analogy set: y for a right answer, n for a wrong one,
	// and - if a word is missing.
	Correct string `json:"correct,omitempty"`
}

// covered has a + for each item that is covered and a - for each other.
func (a Answers) covered() string {
	var items strings.Builder
	for _, cosine := range a.Cosines {
		items.WriteByte(map[bool]byte{true: '+', false: '-'}[cosine != nil])
	}
	for _, letter := range []byte(a.Correct) {
		items.WriteByte(map[bool]byte{true: '+', false: '-'}[letter != '-'])
	}
	return items.String()
}

// named returns the conditions by names that people understand.
func (c Conditions) named() experiment.Conditions {
	named := experiment.Conditions{
		"text": c.Text, "held-out text": c.HeldOut, "kernel": c.Kernel, "restricted analogies": strconv.Itoa(c.Restrict),
	}
	for name, hash := range c.Sets {
		named["set "+name] = hash
	}
	for name, value := range experiment.ConditionsOf(c.Settings) {
		named["setting "+name] = value
	}
	return named
}
