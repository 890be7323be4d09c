// Package report holds what a report says, as data, and writes it.
//
// A [Document] has sections of blocks: [Prose], [List], [Facts], [Table] and
// [Figure]. Each medium has one writer: [WriteText] for terminals,
// [WriteMarkdown], [WriteJSON] for the results themselves, and package
// kindred/internal/report/html for pages with plots, which programs that print
// text do not link. The same Document gives the same bytes.
//
// A builder makes a Document of results. It chooses the words, the number formats
// and the order; the writers choose the markup:
//
//	table := report.NewTable("Scores", "Set", "Spearman", "Pairs")
//	for _, s := range results {
//		table.Add(s.Name, report.Number("%.4f", s.Spearman), s.Pairs)
//	}
//	doc := &report.Document{Title: "Evaluation"}
//	doc.Add("Word similarity", table, report.Prose{"Pairs with a missing word are left out."})
package report

// A Document is a report.
type Document struct {
	// Title stands above the report; without one, text begins with the lead.
	Title string
	// Lead is the result in a sentence or two, for readers who read nothing else.
	Lead     Prose
	Sections []Section
	// Footer says how the report was made.
	Footer string
}

// A Section is a part of a document. It may have no title, or nothing but one.
type Section struct {
	Title  string
	Blocks []Block
}

// Add appends a section. The title may be empty.
func (d *Document) Add(title string, blocks ...Block) {
	d.Sections = append(d.Sections, Section{title, blocks})
}

// A Block is a part of a section: [Prose], [List], [Facts], [*Table] or [*Figure].
// Blocks without content are not written.
type Block interface{ block() }

// Prose is a series of paragraphs of one line each. A newline in a name is escaped.
type Prose []string

// A List is a list of statements. A statement may have several lines.
type List []string

// Facts is a list of lines that each begin with what they are about, such as
// "Rounds: 2". The terminal indents them without bullets.
type Facts []string

func (Prose) block()   {}
func (List) block()    {}
func (Facts) block()   {}
func (*Table) block()  {}
func (*Figure) block() {}
