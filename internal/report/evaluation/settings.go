package evaluation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"kindred/eval/compare"
	"kindred/internal/report"
)

// settingTable has the settings that differ between systems, as far as their manifests tell. It leaves
// out the seed, and what only the systems of one tool know and agree on.
func (c comparison) settingTable() *report.Table {
	t := report.NewTable("Settings that differ", append([]string{"Setting"}, c.names()...)...)
	values := make([]map[string]string, len(c.Systems))
	var known []string
	for i, system := range c.Systems {
		values[i] = settingsOf(system.Models[0])
		for name := range values[i] {
			if name != "seed" {
				known = append(known, name)
			}
		}
	}
	slices.Sort(known)
	for _, name := range slices.Compact(known) {
		row := []any{name}
		different := map[string]bool{}
		tools := map[string]bool{} // that have the setting
		for i, v := range values {
			value, has := v[name]
			if has {
				tools[c.tool(i)] = true
				different[value] = true
			}
			row = append(row, setting(value))
		}
		for i, v := range values {
			if _, has := v[name]; !has && v != nil && tools[c.tool(i)] {
				different[""] = true
			}
		}
		if len(different) > 1 {
			t.Add(row...)
		}
	}
	return t
}

// tool returns the name of the tool that made a system.
func (c comparison) tool(system int) string { return c.Systems[system].Models[0].Tool }

// setting returns the cell of a setting's value.
func setting(value string) report.Cell {
	var number float64
	if json.Unmarshal([]byte(value), &number) == nil {
		return report.Number("%s", value)
	}
	return report.Text(value)
}

// settingsOf returns the settings of a model as text, nil if it has none or they are no JSON object.
func settingsOf(m compare.ModelRecord) map[string]string {
	var all map[string]json.RawMessage
	if json.Unmarshal(m.Settings, &all) != nil {
		return nil
	}
	text := make(map[string]string, len(all))
	for name, value := range all {
		if text[name] = strings.Trim(string(value), `"`); text[name] == "null" {
			text[name] = "none"
		}
	}
	return text
}

// remarks tell what settings do not tell of how the systems were made.
func (c comparison) remarks() report.Prose {
	var list report.Prose
	for _, system := range c.Systems {
		if r := system.Models[0].Remarks; len(r) > 0 {
			list = append(list, fmt.Sprintf("%s: %s", system.Name, strings.Join(r, " ")))
		}
	}
	return list
}
