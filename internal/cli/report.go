package cli

import (
	"io"
	"slices"

	"kindred/internal/report"
	"kindred/internal/report/html"
)

// reportFlags say in which forms a command writes its report.
type reportFlags struct {
	json, markdown bool
	html           string
}

// flags returns the flags for a report that the help calls by this noun.
func (f *reportFlags) flags(noun, group string) []*flag {
	return []*flag{
		{name: "json", group: group, into: &f.json, help: "write the " + noun + " as JSON"},
		{name: "markdown", group: group, into: &f.markdown, help: "write the " + noun + " as Markdown"},
	}
}

// withPage returns the same flags, and one for a page.
func (f *reportFlags) withPage(noun, group string) []*flag {
	return slices.Concat(f.flags(noun, group), []*flag{
		{name: "html", group: group, into: &f.html, value: "FILE", file: outputFile, noStream: reportOnStdout,
			help: "also write the " + noun + " as a self-contained HTML page with plots"},
	})
}

// reportOnStdout is why no other file of a command that prints a report can be standard output.
const reportOnStdout = "standard output has the report"

// check returns a usage error if the flags contradict each other.
func (f *reportFlags) check() error {
	if f.json && f.markdown {
		return usage("--json and --markdown exclude each other")
	}
	return nil
}

// write writes the page to its file, if the user wants one, and the results to standard output: as JSON,
// or their document as Markdown or as text. page is nil for a command without pages.
func (f *reportFlags) write(con *console, results any, d, page *report.Document) error {
	if f.html != "" {
		if err := con.writeFile(f.html, func(w io.Writer) error { return html.Write(w, page) }); err != nil {
			return err
		}
	}
	switch {
	case f.json:
		return report.WriteJSON(con.out, results)
	case f.markdown:
		return report.WriteMarkdown(con.out, d)
	}
	return report.WriteText(con.out, d)
}
