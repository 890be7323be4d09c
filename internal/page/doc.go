// Package page writes reports as one self-contained HTML page: text, tables and
// figures that can be read on a phone and on a desktop, on light and on dark
// ground, without a script and without fetching anything.
//
// A [Page] has sections of blocks: [Prose], [List], [Table] and [Figure]. The
// panels of a figure are plots: [Intervals] for scores with their confidence
// intervals in rows, [Lines] for a score against something, [Cloud] for many
// points. They are drawn by gonum/plot as inline SVG, in the colours of the page.
//
// The same page gives the same bytes.
package page
