package ablate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// A Series is a list of variants that differ in one setting only, a number.
type Series struct {
	Setting string `json:"setting"`
	// Points are in ascending order of the setting, three or more.
	Points []SeriesPoint `json:"points"`
}

// A SeriesPoint is a variant and its value of the setting.
type SeriesPoint struct {
	Value   float64 `json:"value"`
	Variant int     `json:"variant"`
}

// has reports whether a variant is in the series.
func (s Series) has(variant int) bool {
	return slices.ContainsFunc(s.Points, func(p SeriesPoint) bool { return p.Variant == variant })
}

// series returns all series of three or more variants, sorted by setting and then by first variant.
func series(p *Plan) []Series {
	var settings []map[string]any
	for _, v := range p.Variants {
		settings = append(settings, asMap(v.Config))
	}
	changed := map[string]bool{}
	for _, v := range p.Variants {
		for name := range v.Changes {
			changed[name] = true
		}
	}
	var all []Series
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		groups := map[string]int{} // by the values of all other settings
		var own []Series
		for i, s := range settings {
			value, isNumber := s[name].(float64)
			if !isNumber {
				continue
			}
			rest := maps.Clone(s)
			delete(rest, name)
			key := fmt.Sprint(rest) // in the order of the names
			n, known := groups[key]
			if !known {
				n = len(own)
				groups[key] = n
				own = append(own, Series{Setting: name})
			}
			own[n].Points = append(own[n].Points, SeriesPoint{value, i})
		}
		for _, s := range own {
			if len(s.Points) >= 3 {
				slices.SortFunc(s.Points, func(a, b SeriesPoint) int { return cmp.Compare(a.Value, b.Value) })
				all = append(all, s)
			}
		}
	}
	return all
}
