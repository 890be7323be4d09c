package page

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/table"
)

func TestNewTable(t *testing.T) {
	w := table.NewWriter()
	w.AppendHeader(table.Row{"a set", "Score", "Remark", "p"})
	w.AppendRow(table.Row{"1st", "0.5 [0.1, 0.9]", "say \"so\", if", ""})
	w.AppendSeparator()
	w.AppendRow(table.Row{"    indented", -2, "a\nb", "<0.001"})
	want := Table{Caption: "T", Columns: []Column{{"a set", false}, {"Score", true}, {"Remark", false}, {"p", true}}, Rows: []Row{
		{Cells: []string{"1st", "0.5 [0.1, 0.9]", "say \"so\", if", ""}},
		{Cells: []string{"    indented", "-2", "a\nb", "<0.001"}},
	}}
	if diff := cmp.Diff(want, NewTable("T", w)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
