package compare

import (
	"fmt"
	"strings"

	"kindred/internal/english"
)

// Verdicts returns a sentence about the tests of any two systems.
func (c *Comparison) Verdicts() []string {
	var list []string
	for second := range c.Systems {
		for first := range second {
			list = append(list, c.verdict(first, second))
		}
	}
	if len(list) == 0 {
		list = append(list, fmt.Sprintf("%s alone: nothing to compare it with.", c.Systems[0].Name))
	}
	return list
}

// verdict returns a sentence about the tests of two systems.
func (c *Comparison) verdict(first, second int) string {
	var ahead [2][]string
	tested, untested := 0, 0
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			switch {
			case d.First != first || d.Second != second:
			case d.Verdict == NotTested:
				untested++
			case d.Verdict == WithinNoise:
				tested++
			default:
				tested++
				lead := 0
				if d.Difference.Value < 0 {
					lead = 1
				}
				ahead[lead] = append(ahead[lead], m.Name)
			}
		}
	}
	a, b := c.Systems[first].Name, c.Systems[second].Name
	var parts []string
	for i, sets := range ahead {
		if len(sets) > 0 {
			parts = append(parts, fmt.Sprintf("%s is better on %s", []string{a, b}[i], strings.Join(sets, ", ")))
		}
	}
	rest := tested - len(ahead[0]) - len(ahead[1])
	switch {
	case tested == 0:
		parts = append(parts, "no difference could be tested")
	case len(parts) == 0:
		parts = append(parts, fmt.Sprintf("no significant difference on %s", english.Plural(tested, "set")))
	case rest > 0:
		parts = append(parts, fmt.Sprintf("no significant difference on %s", english.Plural(rest, "other set")))
	}
	if tested > 0 && untested > 0 {
		parts = append(parts, fmt.Sprintf("%s not tested", english.Plural(untested, "set")))
	}
	return fmt.Sprintf("%s and %s: %s.", a, b, strings.Join(parts, "; "))
}
