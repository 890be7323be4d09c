package compare

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"kindred/eval/internal/render"
	"kindred/internal/tabular"
)

// settingTable returns the table of the settings that are not the same in all systems, as far as their manifests
// tell, and whether it has a row. The seed is left out, and so is what only the systems of one tool know and agree on.
func (c *Comparison) settingTable(s render.Style) (table.Writer, bool) {
	t := tabular.New(append([]string{"Setting"}, c.names(s)...)...)
	values := make([]map[string]string, len(c.Systems))
	var known wordList
	for i, system := range c.Systems {
		values[i] = settingsOf(system.Models[0])
		for name := range values[i] {
			known.addUnless(name == "seed", name)
		}
	}
	slices.Sort(known.words)
	for _, name := range known.words {
		row := table.Row{s.Prose(name)}
		var kinds, tools wordList // the different values, and the tools that have the setting
		for i, v := range values {
			_, has := v[name]
			tools.addUnless(!has, c.tool(i))
			kinds.addUnless(!has, v[name])
			row = append(row, s.Prose(v[name]))
		}
		for i, v := range values {
			_, has := v[name]
			kinds.addUnless(has || v == nil || !slices.Contains(tools.words, c.tool(i)), "")
		}
		if len(kinds.words) > 1 {
			t.AppendRow(row)
		}
	}
	return t, t.Length() > 0
}

// tool returns the name of the tool that made a system.
func (c *Comparison) tool(system int) string { return c.Systems[system].Models[0].Tool }

// settingsOf returns the settings of a model as text.
func settingsOf(m ModelRecord) map[string]string {
	var all map[string]json.RawMessage
	if json.Unmarshal(m.Settings, &all) != nil { // none, or of an unknown shape
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

// remarks tell what settings don't of how the systems came to be, a paragraph for each that has some.
func (c *Comparison) remarks() []string {
	var list []string
	for _, system := range c.Systems {
		if r := system.Models[0].Remarks; len(r) > 0 {
			list = append(list, fmt.Sprintf("%s: %s", system.Name, strings.Join(r, " ")))
		}
	}
	return list
}

// A wordList is a list of distinct words in the order they were added.
type wordList struct {
	words []string
	has   map[string]bool
}

// addUnless adds word unless it was found.
func (l *wordList) addUnless(found bool, word string) {
	if found || l.has[word] {
		return
	}
	if l.has == nil {
		l.has = make(map[string]bool)
	}
	l.has[word] = true
	l.words = append(l.words, word)
}
