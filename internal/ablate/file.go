package ablate

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"kindred/train"
)

// A planFile is the shape of a plan in TOML:
//
//	seeds = [1, 2, 3]          # of all variants that name none
//
//	[base]                     # the baseline, where it differs from the settings given to ReadPlan
//	lr = 0.035
//
//	[[variant]]                # a list stands for a variant with each of its values,
//	negatives = [0, 1, 2, 10]  # and several lists for one with each combination
//
//	[[variant]]
//	sampler = "hard"
//	name = "hard negatives"    # otherwise a name is made of the settings
//	seeds = [1]
//	against = "k=10"           # a variant to compare with besides the baseline
//
// Settings have the names that they have in the manifest of a training; see [Settings].
type planFile struct {
	Seeds   []uint64         `toml:"seeds"`
	Base    map[string]any   `toml:"base"`
	Variant []map[string]any `toml:"variant"`
}

// ReadPlan reads a plan in TOML; see the comment at its shape. Settings and seeds that it doesn't name are those
// given. name stands for the file in errors.
func ReadPlan(name string, r io.Reader, base train.Config, seeds []uint64) (*Plan, error) {
	var file planFile
	meta, err := toml.NewDecoder(r).Decode(&file)
	var syntax toml.ParseError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("%s, line %d: %s", name, syntax.Position.Line, syntax.Message)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(meta.Undecoded()) > 0:
		return nil, fmt.Errorf("%s: %q has no meaning; want seeds, [base] and [[variant]]", name, meta.Undecoded()[0])
	}
	if len(file.Seeds) > 0 {
		seeds = file.Seeds
	}
	if len(file.Base) > 0 {
		if base, err = apply(base, file.Base); err != nil {
			return nil, fmt.Errorf("%s: base: %w", name, err)
		}
	}
	var grids []Grid
	for i, block := range file.Variant {
		c, err := gridOf(block)
		if err != nil {
			return nil, fmt.Errorf("%s: variant %d: %w", name, i+1, err)
		}
		grids = append(grids, c)
	}
	plan, err := NewPlan(base, seeds, grids)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return plan, nil
}

// gridOf reads a block of a plan.
func gridOf(block map[string]any) (Grid, error) {
	c := Grid{Values: map[string][]any{}}
	for _, key := range slices.Sorted(maps.Keys(block)) {
		value, ok := block[key], true
		switch key {
		case "name":
			c.Name, ok = value.(string)
		case "against":
			c.Against, ok = value.(string)
		case "seeds":
			c.Seeds, ok = seedList(value)
		default:
			list, several := value.([]any)
			if !several {
				list = []any{value}
			}
			c.Values[key] = list
			ok = len(list) > 0
		}
		if !ok {
			return c, fmt.Errorf("%s is %v, want a text for name and against, whole numbers for seeds, and a value or several for a setting", key, value)
		}
	}
	return c, nil
}

func seedList(value any) (seeds []uint64, ok bool) {
	list, ok := value.([]any)
	for _, v := range list {
		n, whole := v.(int64)
		if ok = ok && whole && n >= 0; ok {
			seeds = append(seeds, uint64(n))
		}
	}
	return seeds, ok
}

// ParseValues reads the values of a setting from a text such as "negatives=0,1,2".
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
	return strings.TrimSpace(setting), values, nil
}
