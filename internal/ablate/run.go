package ablate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"kindred/corpus"
	"kindred/eval"
	"kindred/internal/kernel"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/search"
	"kindred/train"
)

// Options say how a plan is run.
type Options struct {
	// Dir is where results are kept. Runs whose result is there are not done again.
	Dir string
	// Parallel is the number of runs at a time, 1 or more.
	Parallel int
	// Sets are the similarity and analogy sets that models are asked; there are no others, and their names differ.
	Sets []eval.Set
	// Restrict is the number of words, from the start of the vocabulary, that analogies are answered by, 0 for all.
	Restrict int
	// KeepVectors saves the vectors of each run in Dir.
	KeepVectors bool
	// Observe, where it is not nil, is told of each run that begins or ends; calls don't overlap.
	Observe func(Event)
}

// An Event tells that a run began or ended, or that its result was there.
type Event struct {
	Variant string
	Seed    uint64
	// Result is nil where the run begins. Found tells that it was there.
	Result *Result
	Found  bool
	// Done of Runs have ended, with those that were there.
	Done, Runs int
}

// Results are those of a plan, by variant and then by seed.
type Results [][]*Result

// Run trains what the plan asks for on a text of which sentences were held out. A run that diverges has a result that
// says so; any other error ends all. When ctx is cancelled, what is being trained is given up, and the results so
// far stay.
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
	l := &laboratory{text: text, pairs: pairs, options: o, total: p.Runs()}
	results, pending, err := l.survey(p)
	if err != nil {
		return nil, err
	}
	return results, l.work(ctx, pending)
}

func checkSets(sets []eval.Set) error {
	seen := map[string]bool{}
	for _, set := range sets {
		name := set.Origin().Name
		switch {
		case set.Kind() != eval.Similarity && set.Kind() != eval.Analogy:
			return fmt.Errorf("ablation: %s holds %s; want similarity and analogy sets", name, set.Kind())
		case seen[name]:
			return fmt.Errorf("ablation: two evaluation sets are called %s; rename one of them", name)
		}
		seen[name] = true
	}
	return nil
}

// A laboratory is what all runs share.
type laboratory struct {
	text    *corpus.Corpus
	pairs   *eval.HeldOut
	options Options

	mu          sync.Mutex
	done, total int
}

// A task is a run that is still to be done.
type task struct {
	variant    *Variant
	seed       uint64
	conditions Conditions
	result     **Result // where it goes
}

// survey returns the results that are there, and the runs that are to be done: all variants with their first
// seed, then with their second, so that early on there is something of all.
func (l *laboratory) survey(p *Plan) (Results, []task, error) {
	results := make(Results, len(p.Variants))
	longest := 0
	for i, v := range p.Variants {
		results[i] = make([]*Result, len(v.Seeds))
		longest = max(longest, len(v.Seeds))
	}
	var pending []task
	for s := range longest {
		for i := range p.Variants {
			v := &p.Variants[i]
			if s >= len(v.Seeds) {
				continue
			}
			t := task{variant: v, seed: v.Seeds[s], result: &results[i][s]}
			var err error
			if t.conditions, err = l.conditions(v, t.seed); err != nil {
				return nil, nil, err
			}
			if *t.result, err = loadResult(resultPath(l.options.Dir, v, t.seed), t.conditions); err != nil {
				return nil, nil, err
			}
			if *t.result == nil {
				pending = append(pending, t)
				continue
			}
			l.tell(t, *t.result, true)
		}
	}
	return results, pending, nil
}

func (l *laboratory) conditions(v *Variant, seed uint64) (Conditions, error) {
	k, err := kernel.Select(v.Config.Kernel)
	if err != nil {
		return Conditions{}, err
	}
	record := l.text.Record()
	c := Conditions{
		Settings: v.Config, Text: record.Hash, HeldOut: record.HeldOut.Hash, Kernel: k.Name,
		Sets: map[string]string{}, Restrict: l.options.Restrict,
	}
	c.Settings.Seed = seed
	for _, set := range l.options.Sets {
		c.Sets[set.Origin().Name] = hashOf(set)
	}
	return c, nil
}

// hashOf returns the hash of the items of a set.
func hashOf(set eval.Set) string {
	hash := xxh3.New()
	switch s := set.(type) {
	case *eval.SimilaritySet:
		for _, p := range s.Pairs {
			fmt.Fprintf(hash, "%s\t%s\t%v\n", p.First, p.Second, p.Score)
		}
	case *eval.AnalogySet:
		for _, q := range questions(s) {
			fmt.Fprintf(hash, "%s\t%s\t%s\t%s\n", q.A, q.B, q.C, q.D)
		}
	}
	return fmt.Sprintf("%016x", hash.Sum64())
}

// questions returns those of all sections.
func questions(s *eval.AnalogySet) []eval.Question {
	var all []eval.Question
	for _, section := range s.Sections {
		all = append(all, section.Questions...)
	}
	return all
}

// tell reports an event.
func (l *laboratory) tell(t task, result *Result, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if result != nil {
		l.done++
	}
	if l.options.Observe != nil {
		l.options.Observe(Event{Variant: t.variant.Name, Seed: t.seed, Result: result, Found: found, Done: l.done, Runs: l.total})
	}
}

// work does the runs, several at a time.
func (l *laboratory) work(ctx context.Context, pending []task) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	tasks := make(chan task)
	var workers sync.WaitGroup
	for range l.options.Parallel {
		workers.Go(func() {
			for t := range tasks {
				if err := l.do(ctx, t); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, t := range pending {
		select {
		case tasks <- t:
		case <-ctx.Done():
		}
	}
	close(tasks)
	workers.Wait()
	return context.Cause(ctx)
}

// do does one run and keeps its result.
func (l *laboratory) do(ctx context.Context, t task) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	l.tell(t, nil, false)
	r := &Result{Conditions: t.conditions}
	e, err := train.Run(ctx, l.text, t.conditions.Settings, train.Options{})
	var diverged *train.DivergedError
	switch {
	case errors.As(err, &diverged):
		r.Failure = err.Error()
	case err != nil:
		return fmt.Errorf("%s, seed %d: %w", t.variant.Name, t.seed, err)
	default:
		if err := l.judge(e, r); err != nil { // vectors that are no numbers
			r = &Result{Conditions: t.conditions, Failure: err.Error()}
		}
	}
	if err := r.save(resultPath(l.options.Dir, t.variant, t.seed)); err != nil {
		return err
	}
	if l.options.KeepVectors && e != nil {
		if err := l.keep(e, t); err != nil {
			return err
		}
	}
	*t.result = r
	l.tell(t, r, false)
	return nil
}

// keep saves vectors.
func (l *laboratory) keep(e *model.Embeddings, t task) error {
	dir := filepath.Join(l.options.Dir, "vectors")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return format.Save(filepath.Join(dir, fmt.Sprintf("%s seed=%d.safetensors", fileName(t.variant.Name), t.seed)), e, "")
}

// judge asks a model all that it is to be judged by.
func (l *laboratory) judge(e *model.Embeddings, r *Result) error {
	r.Training = e.Manifest.Training
	var err error
	if r.HeldOut, err = l.pairs.Score(e); err != nil {
		return err
	}
	report, err := eval.Evaluate(e, l.options.Sets, eval.Options{
		RestrictAnalogies: l.options.Restrict, Methods: []search.AnalogyMethod{search.CosAdd}, Resamples: eval.NoIntervals,
	})
	if err != nil {
		return err
	}
	r.Answers = map[string]Answers{}
	for _, s := range report.Similarity {
		var a Answers
		for _, item := range s.Items {
			if item.Covered {
				a.Cosines = append(a.Cosines, &item.Cosine)
			} else {
				a.Cosines = append(a.Cosines, nil)
			}
		}
		r.Answers[s.Name] = a
	}
	for _, s := range report.Analogies {
		var letters strings.Builder
		for _, answer := range s.Methods[0].Answers {
			letters.WriteByte(letter(answer))
		}
		r.Answers[s.Name] = Answers{Correct: letters.String()}
	}
	return nil
}

// letter returns how an answer is kept.
func letter(a eval.Answer) byte {
	switch {
	case !a.Covered:
		return '-'
	case a.Correct:
		return 'y'
	}
	return 'n'
}
