package ablate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kindred/eval/compare"
	"kindred/internal/english"
)

// summarize returns sentences about what the tests of the headline measures found.
func (r *Report) summarize() []string {
	var sentences []string
	for i, v := range r.Variants {
		if v.Failure != "" {
			sentences = append(sentences, v.Failure+".")
		} else if v.Config.Negatives == 0 {
			sentences = append(sentences, r.withoutNegatives(i))
		}
	}
	for _, s := range r.Series {
		if s.has(0) {
			sentences = append(sentences, r.along(s)...)
		}
	}
	var winners []string
	compared := 0
	for i, v := range r.Variants[1:] {
		if v.Failure != "" {
			continue
		}
		compared++
		sentences = append(sentences, r.verdict(i+1, 0))
		if against := r.number(v.Against); against > 0 {
			sentences = append(sentences, r.verdict(i+1, against))
		}
		if better, worse, _ := r.effects(i+1, 0); len(better) > 0 && len(worse) == 0 {
			winners = append(winners, fmt.Sprintf("%s (%.2fx the time)", v.Name, v.Cost))
		}
	}
	switch {
	case compared == 0:
	case len(winners) == 0:
		sentences = append(sentences, fmt.Sprintf("None of %s is significantly better than the baseline on some measure and significantly worse on none.", english.Plural(compared, "variant")))
	default:
		sentences = append(sentences, fmt.Sprintf("Significantly better than the baseline on some measure and significantly worse on none: %s.", strings.Join(winners, ", ")))
	}
	return sentences
}

// number returns the number of the variant with a name, -1 if there is none.
func (r *Report) number(name string) int {
	for i, v := range r.Variants {
		if v.Name == name {
			return i
		}
	}
	return -1
}

// withoutNegatives returns a sentence about vectors trained without negatives.
func (r *Report) withoutNegatives(variant int) string {
	for _, m := range r.headlines() {
		if m.Kind == HeldOutPairs && m.Scores[variant].Score.Defined() {
			return fmt.Sprintf("Without negatives (%s), the ROC-AUC of held-out pairs against noise is %s; chance is 0.5, the baseline %s.",
				r.Variants[variant].Name, m.Scores[variant].Score, m.Scores[0].Score)
		}
	}
	return fmt.Sprintf("Without negatives (%s) the scores have no value.", r.Variants[variant].Name)
}

// along returns sentences about the gain of larger values of a setting than the baseline's, and about the
// loss of smaller ones.
func (r *Report) along(s Series) []string {
	at := slices.IndexFunc(s.Points, func(p SeriesPoint) bool { return p.Variant == 0 })
	below, own, above := s.Points[:at], s.Points[at], s.Points[at+1:]
	name := shortName(s.Setting)
	var sentences []string
	// add adds a sentence about points: some if any of them has effects, else none.
	add := func(points []SeriesPoint, effects func(variant int) []string, some, none string) {
		if len(points) == 0 {
			return
		}
		var list []string
		for _, p := range points {
			if on := effects(p.Variant); len(on) > 0 {
				list = append(list, fmt.Sprintf("%s = %v on %s", name, p.Value, strings.Join(on, ", ")))
			}
		}
		if len(list) > 0 {
			sentences = append(sentences, fmt.Sprintf(some, name, own.Value, strings.Join(list, "; ")))
		} else {
			sentences = append(sentences, fmt.Sprintf(none, name, own.Value, english.Plural(r.tested(points), "measure"), values(points)))
		}
	}
	add(above, func(variant int) []string { better, _, _ := r.effects(variant, 0); return better },
		"Beyond %s = %v there are significant gains: %s.", "Beyond %s = %v no significant gain on this corpus, on any of %s (tried: %s).")
	add(below, func(variant int) []string { _, worse, _ := r.effects(variant, 0); return worse },
		"Less than %s = %v loses significantly: %s.", "Less than %s = %v loses nothing significant on any of %s (tried: %s).")
	return sentences
}

// tested returns the largest number of headline measures by which a variant was tested.
func (r *Report) tested(points []SeriesPoint) int {
	most := 0
	for _, p := range points {
		_, _, n := r.effects(p.Variant, 0)
		most = max(most, n)
	}
	return most
}

// values lists the values of points.
func values(points []SeriesPoint) string {
	var list []string
	for _, p := range points {
		list = append(list, fmt.Sprint(p.Value))
	}
	return strings.Join(list, ", ")
}

// effects returns the headline measures by which a variant is significantly better than another, and
// significantly worse, with the differences, and how many were tested.
func (r *Report) effects(variant, other int) (better, worse []string, all int) {
	for _, m := range r.headlines() {
		d := m.Difference(variant, other)
		if d == nil || d.Verdict == compare.NotTested {
			continue
		}
		all++
		text := fmt.Sprintf("%s (%s)", m, m.change(d.Difference.Value))
		switch m.Effect(d) {
		case 1:
			better = append(better, text)
		case -1:
			worse = append(worse, text)
		}
	}
	return better, worse, all
}

// change returns a difference as text: of accuracies in percentage points.
func (m Measure) change(v float64) string {
	if m.Kind == Analogies {
		return fmt.Sprintf("%+.1f points", 100*v)
	}
	return fmt.Sprintf("%+.4f", v)
}

// verdict returns a sentence that compares a variant with another.
func (r *Report) verdict(variant, other int) string {
	v := r.Variants[variant]
	better, worse, all := r.effects(variant, other)
	var parts []string
	if len(better) > 0 {
		parts = append(parts, "better on "+strings.Join(better, ", "))
	}
	if len(worse) > 0 {
		parts = append(parts, "worse on "+strings.Join(worse, ", "))
	}
	switch rest := all - len(better) - len(worse); {
	case rest == all && all > 0:
		parts = append(parts, fmt.Sprintf("no significant difference on %s", english.Plural(all, "measure")))
	case rest > 0:
		parts = append(parts, fmt.Sprintf("no significant difference on %s", english.Plural(rest, "other measure")))
	}
	if untested := r.untested(variant, other); untested > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be tested", untested))
	}
	text := fmt.Sprintf("%s, at %.2fx the baseline's time: %s.", v.Name, v.Cost, strings.Join(parts, "; "))
	if other > 0 {
		text = fmt.Sprintf("%s compared with %s: %s.", v.Name, r.Variants[other].Name, strings.Join(parts, "; "))
	}
	return text
}

// untested returns the number of headline measures by which two variants could not be compared.
func (r *Report) untested(variant, other int) int {
	n := 0
	for _, m := range r.headlines() {
		if d := m.Difference(variant, other); d != nil && d.Verdict == compare.NotTested {
			n++
		}
	}
	return n
}

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
