// Package ablate trains many models that differ in a few settings, on one text, and measures what each
// setting is worth.
//
// A [Plan] lists the [Variant]s. The first is the baseline. [Plan.Run] trains each variant with each
// of its seeds, several at a time with one thread each, and stores a [Result] of each run, so that an
// interrupted plan can be resumed. [NewReport] compares the variants by pairs of words from held-out
// sentences, by sets of human judgments, and by speed.
package ablate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"kindred/internal/english"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
	"kindred/train"
)

// A Plan lists the variants to compare.
type Plan struct {
	// Variants differ in their names and settings. The first is the baseline.
	Variants []Variant
}

// A Variant is a choice of settings. It is trained once with each of its seeds.
type Variant struct {
	Name string `json:"name"`
	// Changes are the settings that differ from the baseline's, by their names.
	Changes map[string]any `json:"changes"`
	// Config has all settings, with seed 0.
	Config train.Config `json:"settings"`
	Seeds  []uint64     `json:"seeds"`
	// Against names another variant to compare it with, besides the baseline. "" is none.
	Against string `json:"against,omitempty"`
}

// baselineName is the name of the baseline.
const baselineName = "baseline"

// A Grid stands for variants with all combinations of the values of some settings.
type Grid struct {
	// Name is the name of the variant, if there is only one. "" makes names from the settings.
	Name string
	// Values has the values of each setting, by the names that settings have in manifests.
	Values map[string][]any
	// Seeds are the seeds of the variants; if there are none, the seeds of the plan.
	Seeds   []uint64
	Against string
}

// NewPlan returns the plan that compares base with the variants of the grids. Variants with the same
// settings become one, with the seeds of all. Each run has one thread.
func NewPlan(base train.Config, seeds []uint64, grids []Grid) (*Plan, error) {
	base.Seed, base.Threads = 0, 1
	if err := checkSeeds(seeds); err != nil {
		return nil, err
	}
	if err := base.Validate(); err != nil {
		return nil, fmt.Errorf("the baseline: %w", err)
	}
	p := &Plan{Variants: []Variant{{Name: baselineName, Changes: map[string]any{}, Config: base, Seeds: seeds}}}
	for i, g := range grids {
		if err := p.add(base, seeds, g); err != nil {
			return nil, fmt.Errorf("variant %d: %w", i+1, err)
		}
	}
	return p, p.check()
}

// add adds the variants of a grid.
func (p *Plan) add(base train.Config, seeds []uint64, g Grid) error {
	if len(g.Seeds) > 0 {
		if err := checkSeeds(g.Seeds); err != nil {
			return err
		}
		seeds = g.Seeds
	}
	if len(g.Values) == 0 {
		return errors.New("no setting; want one that differs from the baseline, such as negatives = 10")
	}
	if n := g.count(); n > MostRuns || n*float64(len(seeds))+float64(p.runs()) > MostRuns {
		return fmt.Errorf("%.0f combinations with %s each, want at most %d runs in all", n, english.Plural(len(seeds), "seed"), MostRuns)
	}
	combinations := g.combinations()
	if g.Name != "" && len(combinations) > 1 {
		return fmt.Errorf("%q names %d variants; give one value for each setting, or leave the name out", g.Name, len(combinations))
	}
	for _, changes := range combinations {
		cfg, err := apply(base, changes)
		if err != nil {
			return err
		}
		before, after := asMap(base), asMap(cfg)
		maps.DeleteFunc(changes, func(name string, _ any) bool { return before[name] == after[name] })
		p.join(Variant{Name: cmp.Or(g.Name, nameOf(changes)), Changes: changes, Config: cfg, Seeds: slices.Clone(seeds), Against: g.Against})
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

// check returns an error if names are not unique or not known.
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

func checkSeeds(seeds []uint64) error {
	if len(seeds) == 0 {
		return errors.New("no seed; want one or more, such as 1, 2 and 3: differences between single runs can't be told from chance")
	}
	if len(seeds) > MostRuns {
		return fmt.Errorf("%d seeds, want at most %d runs in all", len(seeds), MostRuns)
	}
	seen := map[uint64]bool{}
	for _, s := range seeds {
		if seen[s] {
			return fmt.Errorf("seed %d is there twice, which would count one run for two", s)
		}
		seen[s] = true
	}
	return nil
}

// MostRuns is the largest number of runs of a plan.
const MostRuns = 10_000

// runs returns the number of runs so far.
func (p *Plan) runs() int {
	n := 0
	for _, v := range p.Variants {
		n += len(v.Seeds)
	}
	return n
}

// count returns the number of combinations.
func (g Grid) count() float64 {
	n := 1.0
	for _, values := range g.Values {
		n *= float64(len(values))
	}
	return n
}

// combinations returns one value of each setting in all combinations. The last setting by name changes
// fastest.
func (g Grid) combinations() []map[string]any {
	all := []map[string]any{{}}
	for _, name := range slices.Sorted(maps.Keys(g.Values)) {
		var longer []map[string]any
		for _, combination := range all {
			for _, value := range g.Values[name] {
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
	known := settingNames()
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		switch {
		case name == "threads":
			return base, errors.New("threads can't vary: each run has one, and several run side by side (--parallel)")
		case name == "seed":
			return base, errors.New("the seed is no setting to compare; list some as seeds")
		case !slices.Contains(known, name):
			return base, fmt.Errorf("there is no setting %q; there are: %s", name, strings.Join(known, ", "))
		}
		if number, ok := changes[name].(float64); ok && (math.IsNaN(number) || math.IsInf(number, 0)) {
			return base, fmt.Errorf("%s is %v, want a finite number", name, number)
		}
	}
	data, err := json.Marshal(changes)
	if err != nil {
		return base, err
	}
	if err := json.Unmarshal(data, &base); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			field := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:] // without its group
			return base, fmt.Errorf("%s is %v, want a value of type %s", field, changes[field], wrong.Type)
		}
		return base, err
	}
	if err := base.Validate(); err != nil {
		return base, fmt.Errorf("%s: %w", nameOf(changes), err)
	}
	return base, nil
}

// settingNames returns the names of the settings that may vary.
func settingNames() []string {
	return slices.DeleteFunc(train.SettingNames(), func(name string) bool { return name == "seed" || name == "threads" })
}

// asMap returns settings by their names.
func asMap(cfg train.Config) map[string]any {
	data, err := json.Marshal(cfg)
	m := map[string]any{}
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		panic(fmt.Sprintf("ablate: settings have a JSON form: %v", err))
	}
	return m
}

// shortNames are the names of settings in papers.
var shortNames = map[string]string{"negatives": "k", "noise_power": "power", "negative_sharing": "sharing"}

// shortName returns the name of a setting as it appears in names of variants.
func shortName(setting string) string { return cmp.Or(shortNames[setting], setting) }

// nameOf returns a name for a variant with these changes.
func nameOf(changes map[string]any) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if name == "sampler" {
			parts = append([]string{fmt.Sprint(changes[name])}, parts...)
			continue
		}
		parts = append(parts, fmt.Sprintf("%s=%v", shortName(name), changes[name]))
	}
	return strings.Join(parts, " ")
}

// A planFile is a plan in TOML; see [ReadPlan].
type planFile struct {
	Seeds   []any            `toml:"seeds"`
	Base    map[string]any   `toml:"base"`
	Variant []map[string]any `toml:"variant"`
}

// planOptions say how the files of plans are read.
var planOptions = textfile.Options{Want: filetype.Plan, MaxBytes: 16 << 20}

// ReadPlan reads a plan in TOML, which may be compressed:
//
//	seeds = [1, 2, 3]          # of all variants without seeds of their own
//
//	[base]                     # settings of the baseline that differ from those given to ReadPlan
//	lr = 0.035
//
//	[[variant]]                # a list makes a variant of each value,
//	negatives = [0, 1, 2, 10]  # and several lists make one of each combination
//
//	[[variant]]
//	sampler = "hard"
//	name = "hard negatives"    # by default, a name is made from the settings
//	seeds = [1]
//	against = "k=10"           # a variant to compare with besides the baseline
//
// Settings have the names that they have in manifests. Settings and seeds that the plan doesn't name are
// those given.
func ReadPlan(path string, base train.Config, seeds []uint64) (*Plan, error) {
	text, err := textfile.Read(path, planOptions)
	if err != nil {
		return nil, err
	}
	return parsePlan(path, text, base, seeds)
}

func parsePlan(name string, text []byte, base train.Config, seeds []uint64) (*Plan, error) {
	if err := textfile.CheckNesting(name, text); err != nil {
		return nil, err
	}
	var file planFile
	meta, err := toml.Decode(string(text), &file)
	var syntax toml.ParseError
	switch {
	case errors.As(err, &syntax):
		return nil, &textfile.Error{File: name, Line: syntax.Position.Line, Message: syntax.Message}
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(meta.Undecoded()) > 0:
		return nil, fmt.Errorf("%s: %q has no meaning; want seeds, [base] and [[variant]]", name, meta.Undecoded()[0])
	}
	if len(file.Seeds) > 0 {
		if seeds, err = seedList(file.Seeds); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(file.Base) > 0 {
		if base, err = apply(base, file.Base); err != nil {
			return nil, fmt.Errorf("%s: base: %w", name, err)
		}
	}
	if len(file.Variant) == 0 {
		return nil, fmt.Errorf("%s: there is no [[variant]], and so nothing to compare", name)
	}
	var grids []Grid
	for i, block := range file.Variant {
		g, err := gridOf(block)
		if err != nil {
			return nil, fmt.Errorf("%s: variant %d: %w", name, i+1, err)
		}
		grids = append(grids, g)
	}
	plan, err := NewPlan(base, seeds, grids)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return plan, nil
}

// gridOf reads the block of a variant.
func gridOf(block map[string]any) (Grid, error) {
	g := Grid{Values: map[string][]any{}}
	for _, key := range slices.Sorted(maps.Keys(block)) {
		value, ok := block[key], true
		switch key {
		case "name":
			g.Name, ok = value.(string)
		case "against":
			g.Against, ok = value.(string)
		case "seeds":
			var list []any
			if list, ok = value.([]any); ok {
				var err error
				if g.Seeds, err = seedList(list); err != nil {
					return g, err
				}
			}
		default:
			list, several := value.([]any)
			if !several {
				list = []any{value}
			}
			g.Values[key] = list
			ok = len(list) > 0
		}
		if !ok {
			return g, fmt.Errorf("%s is %v, want a text for name and against, whole numbers for seeds, and a value or several for a setting", key, value)
		}
	}
	return g, nil
}

// seedList reads seeds from a plan.
func seedList(list []any) ([]uint64, error) {
	var seeds []uint64
	for _, v := range list {
		n, whole := v.(int64)
		if !whole || n < 0 {
			return nil, fmt.Errorf("seeds has %v, want whole numbers from 0 to %d", v, math.MaxInt64)
		}
		seeds = append(seeds, uint64(n))
	}
	return seeds, nil
}

// ParseValues reads the values of a setting from a text such as "negatives=0,1,2". The name may have
// dashes, as a flag has.
func ParseValues(text string) (setting string, values []any, err error) {
	setting, list, ok := strings.Cut(text, "=")
	if !ok || setting == "" || list == "" {
		return "", nil, fmt.Errorf("%q: want a setting and its values, as in negatives=0,1,2", text)
	}
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		if number, err := strconv.ParseFloat(part, 64); err == nil {
			values = append(values, number)
		} else {
			values = append(values, part)
		}
	}
	return strings.ReplaceAll(strings.TrimSpace(setting), "-", "_"), values, nil
}
