package ablate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"kindred/train"
)

// A Plan is what is to be compared.
type Plan struct {
	// Variants differ in their names and settings; the first is the baseline.
	Variants []Variant
}

// A Variant is a choice of settings, which is trained once with each of its seeds.
type Variant struct {
	Name string `json:"name"`
	// Changes are the settings in which it differs from the baseline, by their names.
	Changes map[string]any `json:"changes"`
	// Config has all settings, with seed 0.
	Config train.Config `json:"settings"`
	Seeds  []uint64     `json:"seeds"`
	// Against names the variant that it is compared with besides the baseline, "" for none.
	Against string `json:"against,omitempty"`
}

// BaselineName is the name of the baseline.
const BaselineName = "baseline"

// A Grid stands for variants: all combinations of the values that it lists for settings, by their names, as in the
// manifest of a training.
type Grid struct {
	// Name is that of the variant, where it is one only; "" makes names of the settings.
	Name    string
	Values  map[string][]any
	Seeds   []uint64 // none stand for those of the plan
	Against string
}

// NewPlan returns the plan that compares base with the grids. Variants with the same settings become
// one, with the seeds of all. Each run has one thread.
func NewPlan(base train.Config, seeds []uint64, grids []Grid) (*Plan, error) {
	base.Seed, base.Threads = 0, 1
	if err := checkSeeds(seeds); err != nil {
		return nil, err
	}
	if err := base.Validate(); err != nil {
		return nil, fmt.Errorf("the baseline: %w", err)
	}
	p := &Plan{Variants: []Variant{{Name: BaselineName, Changes: map[string]any{}, Config: base, Seeds: seeds}}}
	for i, c := range grids {
		if err := p.add(base, seeds, c); err != nil {
			return nil, fmt.Errorf("variant %d: %w", i+1, err)
		}
	}
	return p, p.check()
}

// add adds the variants of a choice.
func (p *Plan) add(base train.Config, seeds []uint64, c Grid) error {
	if len(c.Seeds) > 0 {
		if err := checkSeeds(c.Seeds); err != nil {
			return err
		}
		seeds = c.Seeds
	}
	if len(c.Values) == 0 {
		return errors.New("no setting; want one that differs from the baseline, such as negatives = 10")
	}
	names := slices.Sorted(maps.Keys(c.Values))
	combinations := product(names, c.Values)
	if c.Name != "" && len(combinations) > 1 {
		return fmt.Errorf("%q names %d variants; give one value for each setting, or leave the name out", c.Name, len(combinations))
	}
	for _, changes := range combinations {
		cfg, err := apply(base, changes)
		if err != nil {
			return err
		}
		before, after := asMap(base), asMap(cfg)
		maps.DeleteFunc(changes, func(name string, _ any) bool { return before[name] == after[name] })
		p.join(Variant{Name: cmp.Or(c.Name, nameOf(changes)), Changes: changes, Config: cfg, Seeds: slices.Clone(seeds), Against: c.Against})
	}
	return nil
}

// join adds a variant, or its seeds to the one with the same settings.
func (p *Plan) join(v Variant) {
	for i := range p.Variants {
		if old := &p.Variants[i]; old.Config == v.Config {
			for _, seed := range v.Seeds {
				if !slices.Contains(old.Seeds, seed) {
					old.Seeds = append(old.Seeds, seed)
				}
			}
			old.Against = cmp.Or(old.Against, v.Against)
			return
		}
	}
	p.Variants = append(p.Variants, v)
}

// check returns an error where names are not unique or not known.
func (p *Plan) check() error {
	seen := map[string]bool{}
	for _, v := range p.Variants {
		if seen[v.Name] {
			return fmt.Errorf("two variants with different settings are called %q; give each a name of its own", v.Name)
		}
		seen[v.Name] = true
	}
	for _, v := range p.Variants {
		if v.Against != "" && (!seen[v.Against] || v.Against == v.Name) {
			return fmt.Errorf("variant %q is to be compared with %q, which is no other variant; there are: %s", v.Name, v.Against, strings.Join(slices.Sorted(maps.Keys(seen)), ", "))
		}
	}
	return nil
}

// Runs returns the number of trainings.
func (p *Plan) Runs() int {
	n := 0
	for _, v := range p.Variants {
		n += len(v.Seeds)
	}
	return n
}

func checkSeeds(seeds []uint64) error {
	if len(seeds) == 0 {
		return errors.New("no seed; want one or more, such as 1, 2 and 3: differences between single runs can't be told from chance")
	}
	for i, s := range seeds {
		if slices.Contains(seeds[:i], s) {
			return fmt.Errorf("seed %d is there twice, which would count one run for two", s)
		}
	}
	return nil
}

// product returns all combinations of the values, those of the last name changing fastest.
func product(names []string, values map[string][]any) []map[string]any {
	all := []map[string]any{{}}
	for _, name := range names {
		var longer []map[string]any
		for _, combination := range all {
			for _, value := range values[name] {
				with := maps.Clone(combination)
				with[name] = value
				longer = append(longer, with)
			}
		}
		all = longer
	}
	return all
}

// apply returns settings with some of them changed, by their names.
func apply(base train.Config, changes map[string]any) (train.Config, error) {
	known := Settings()
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		switch {
		case name == "threads":
			return base, errors.New("threads can't vary: each run has one, and several run side by side (--parallel)")
		case name == "seed":
			return base, errors.New("the seed is no setting to compare; list some as seeds")
		case !slices.Contains(known, name):
			return base, fmt.Errorf("there is no setting %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	data, err := json.Marshal(changes)
	if err != nil {
		return base, err
	}
	if err := json.Unmarshal(data, &base); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return base, fmt.Errorf("%s is %v, want a value of type %s", wrong.Field, changes[wrong.Field], wrong.Type)
		}
		return base, err
	}
	if err := base.Validate(); err != nil {
		return base, fmt.Errorf("%s: %w", nameOf(changes), err)
	}
	return base, nil
}

// Settings returns the names of the settings that may vary.
func Settings() []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[train.Config]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" && name != "seed" && name != "threads" {
			names = append(names, name)
		}
	}
	return names
}

// shortNames are the names that papers have for settings.
var shortNames = map[string]string{"negatives": "k", "noise_power": "power", "negative_sharing": "sharing"}

// ShortName returns the name of a setting as it stands in that of a variant.
func ShortName(setting string) string { return cmp.Or(shortNames[setting], setting) }

// nameOf returns a name for a variant with these changes.
func nameOf(changes map[string]any) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if name == "sampler" {
			parts = append([]string{fmt.Sprint(changes[name])}, parts...)
			continue
		}
		parts = append(parts, fmt.Sprintf("%s=%v", ShortName(name), changes[name]))
	}
	return strings.Join(parts, " ")
}
