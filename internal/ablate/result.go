package ablate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"kindred/eval"
	"kindred/model"
	"kindred/train"
)

// A Result is what came of one run. It is kept in a file, as JSON.
type Result struct {
	Conditions Conditions `json:"conditions"`
	// Failure says why there are no vectors; the rest is empty then.
	Failure  string                `json:"failure,omitempty"`
	Training *model.TrainingRecord `json:"training,omitempty"`
	HeldOut  *eval.HeldOutScores   `json:"held_out,omitempty"`
	// Answers are those to the evaluation sets, by their names.
	Answers map[string]Answers `json:"answers,omitempty"`
}

// Conditions are all that a result depends on. Two results can be compared where they differ in settings only.
type Conditions struct {
	Settings train.Config `json:"settings"`
	// Text and HeldOut are the hashes of what was trained on and of what was held out.
	Text    string `json:"text"`
	HeldOut string `json:"held_out"`
	Kernel  string `json:"kernel"`
	// Sets are the names of the evaluation sets with the hashes of their items, and Restrict is the number of words
	// that analogies are answered by, 0 for all.
	Sets     map[string]string `json:"sets"`
	Restrict int               `json:"restrict_analogies"`
}

// Answers are those of a model to the items of a set, in their order.
type Answers struct {
	// Cosines are of a similarity set, null where a word is missing.
	Cosines []*float64 `json:"cosines,omitempty"`
	// Correct has a letter for each question of an analogy set: y for a right answer, n for a wrong one, and - where
	// a word is missing.
	Correct string `json:"correct,omitempty"`
}

// A ConditionsError reports a result that was made under other conditions than those asked for.
type ConditionsError struct {
	Path string
	// Name is what differs; Found is what the file has, Wanted what was asked for.
	Name, Found, Wanted string
}

func (e *ConditionsError) Error() string {
	return fmt.Sprintf("%s is the result of a run with %s %s, not %s; use another directory, or remove the file to run it again",
		e.Path, e.Name, e.Found, e.Wanted)
}

// resultPath returns where the result of a run is kept.
func resultPath(dir string, v *Variant, seed uint64) string {
	return filepath.Join(dir, "runs", fmt.Sprintf("%s seed=%d.json", fileName(v.Name), seed))
}

// fileName returns a name with what file systems don't like replaced.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
}

// loadResult reads a result, nil where there is none. One made under other conditions is a *[ConditionsError].
func loadResult(path string, want Conditions) (*Result, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := &Result{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%s is no result: %w; remove it to run it again", path, err)
	}
	found, wanted := flat(r.Conditions), flat(want)
	for _, name := range slices.Sorted(maps.Keys(joined(found, wanted))) {
		if found[name] != wanted[name] {
			return nil, &ConditionsError{path, name, orNothing(found[name]), orNothing(wanted[name])}
		}
	}
	return r, nil
}

// flat returns the conditions as texts by their names.
func flat(c Conditions) map[string]string {
	all := map[string]string{
		"text": c.Text, "held-out text": c.HeldOut, "kernel": c.Kernel, "restricted analogies": fmt.Sprint(c.Restrict),
	}
	for name, hash := range c.Sets {
		all["set "+name] = hash
	}
	for name, value := range asMap(c.Settings) {
		all["setting "+name] = fmt.Sprint(value)
	}
	return all
}

func joined(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func orNothing(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// save writes the result to a file, which is there only when it is complete.
func (r *Result) save(path string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return renameio.WriteFile(path, append(data, '\n'), 0o644)
}
