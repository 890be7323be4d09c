package tabular_test

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"

	"kindred/internal/tabular"
)

func ExampleNew() {
	t := tabular.New("Set", "Spearman")
	t.AppendRow(table.Row{"simlex999", "0.31"})
	t.AppendRow(table.Row{"ws353", "none"})
	fmt.Println(tabular.Terminal(t))
	fmt.Println(t.RenderMarkdown())
	// Output:
	// ┌───────────┬──────────┐
	// │ Set       │ Spearman │
	// ├───────────┼──────────┤
	// │ simlex999 │     0.31 │
	// │ ws353     │     none │
	// └───────────┴──────────┘
	// | Set | Spearman |
	// | --- | ---:|
	// | simlex999 | 0.31 |
	// | ws353 | none |
}
