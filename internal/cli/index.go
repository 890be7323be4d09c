package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"kindred/internal/kernel"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/hnsw"
	"kindred/model/search"
)

const indexAbout = `Builds an index of vectors for approximate search, a graph of neighbors (HNSW; Malkov and Yashunin 2018), and writes it beside them, to
VECTORS.index. "kindred nearest VECTORS WORD --approximate" uses it. The index belongs to exactly these vectors: if they change, build it
again.

It then compares approximate with exact search for 1,000 words and prints the recall, the share of the ten nearest neighbors that are
found, for several breadths. The file keeps these figures, and the least breadth with a recall of 95 % is what searches use by default.

The index is the same with any number of processors. Exact search needs no index and misses nothing; it takes
about 40 ms among 500,000 words of 300 dimensions.`

const indexExamples = `
kindred index vectors.safetensors
kindred nearest vectors.safetensors king --approximate
# more links: a larger file and a higher recall
kindred index vectors.safetensors --links 32 --build-breadth 400`

// recallQueries is the number of words for which recall is measured.
const recallQueries = 1000

type indexFlags struct {
	vectorsFlags
	settings    hnsw.Settings
	seed        int
	json, quiet bool
}

func indexCommand(con *console) *command {
	f := &indexFlags{settings: hnsw.Defaults(), seed: int(hnsw.Defaults().Seed)}
	own := []*flag{
		{name: "links", into: &f.settings.Links, value: "N", valid: func(v float64) bool { return v >= 2 && v <= hnsw.MostLinks }, want: fmt.Sprintf("2 to %d", hnsw.MostLinks),
			help: "links of a word on each level, twice as many on the lowest (M of the paper)"},
		{name: "build-breadth", into: &f.settings.Breadth, value: "N", valid: atLeast(1), want: "1 or more",
			help: "how many words a search keeps in view while the index is built (efConstruction of the paper)"},
		{name: "seed", into: &f.seed, value: "N", valid: atLeast(0), want: "0 or more", help: "seed of the levels"},
		{name: "json", into: &f.json, help: "write what the file keeps of the recall as a line of JSON"},
		quietFlag(&f.quiet, ""),
	}
	for _, fl := range f.vectorsFlags.flags() {
		if fl.name == "from" { // an index is one of all words
			own = append(own, fl)
		}
	}
	return &command{
		name: "index", summary: "make an index of vectors for approximate search", arguments: "VECTORS [FLAGS]",
		about: indexAbout, examples: indexExamples, flags: own,
		files: func(words []string) []namedFile {
			if len(words) == 0 || words[0] == stdStream {
				return filesOf(inputVectors, words[:min(1, len(words))]...)
			}
			return append(filesOf(inputVectors, words[0]), filesOf(outputFile, hnsw.Path(words[0]))...)
		},
		run: func(c *call) error { return f.run(c, con) },
	}
}

func (f *indexFlags) run(c *call, con *console) error {
	path, others, err := vectorsArgument(c)
	switch {
	case err != nil:
		return err
	case len(others) > 0:
		return usagef("want one file of vectors, and %q is given too", others[0])
	case path == stdStream:
		return usage("the index is written beside the vectors, and standard input has no place; name a file")
	}
	f.settings.Seed = uint64(f.seed)
	e, err := f.load(c.ctx, con, path)
	if err != nil {
		return err
	}
	if e.Vocabulary.Len() == 0 {
		return fmt.Errorf("%s has no words to search", path)
	}
	e.Output = nil
	if err := checkIndexMemory(path, e, 0); err != nil {
		return err
	}
	record := hnsw.Record{Kernel: kernel.Auto(e.Dim()).Name, Dim: e.Dim()}
	if record.Vectors, err = format.Fingerprint(e); err != nil {
		return err
	}
	start := time.Now()
	c.stopsItself() // after the batch at work; nothing is written then
	err = f.build(c.ctx, con, path, e, &record)
	if errors.Is(err, context.Canceled) {
		return interruption("interrupted; no index was written")
	}
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(con, record)
	}
	if !f.quiet {
		con.list(summaryLine{"Indexed", fmt.Sprintf("%s in %s to %s, in %s", shape(e.Vocabulary.Len(), e.Dim()), path, hnsw.Path(path), brief(time.Since(start)))})
		con.list(recallLines(record)...)
	}
	return nil
}

func (f *indexFlags) build(ctx context.Context, con *console, path string, e *model.Embeddings, record *hnsw.Record) error {
	x := search.NewIndex(e, 0)
	said := time.Now()
	g, err := x.BuildGraph(ctx, f.settings, func(done int) {
		if !f.quiet && !f.json && time.Since(said) > 5*time.Second {
			said = time.Now()
			con.log.Info("indexing", "done", percent(int64(done), int64(x.Len())))
		}
	})
	if err != nil {
		return err
	}
	if err := x.MeasureRecall(ctx, g, recallQueries, record); err != nil {
		return err
	}
	record.Settings, record.Items = g.Settings(), g.Len()
	return g.Save(hnsw.Path(path), *record)
}

// recallLines says how many neighbors an index finds.
func recallLines(r hnsw.Record) []summaryLine {
	var lines []summaryLine
	for _, recall := range r.Recalls {
		var bands []string
		for _, b := range recall.Bands {
			bands = append(bands, fmt.Sprintf("%s in words %s–%s", proportion(b.Recall), grouped(b.From+1), grouped(min(b.To+1, r.Items))))
		}
		mark := ""
		if recall.Breadth == r.Breadth {
			mark = " (the default)"
		}
		lines = append(lines, summaryLine{"Recall", fmt.Sprintf("%s at breadth %d%s: %s", proportion(recall.Recall), recall.Breadth, mark, strings.Join(bands, ", "))})
	}
	return lines
}

// proportion returns a part of 1 in percent.
func proportion(part float64) string { return fmt.Sprintf("%.1f %%", 100*part) }

// checkApproximate returns an error if the flags don't go with an index.
func (s *searchFlags) checkApproximate(path string) error {
	switch {
	case !s.approximate && s.breadth > 0:
		return usage("--breadth is that of an approximate search; add --approximate")
	case !s.approximate:
		return nil
	case s.among != "" || s.restrict > 0 || s.first > 0 || s.words != "" || s.skipBad:
		return usage("an index has all words of the vectors: --approximate goes with none of --among, --restrict, --first, --words and --skip-bad")
	case path == stdStream:
		return usage("--approximate needs the index beside the vectors, and standard input has no place; name a file")
	}
	return nil
}

// openIndex returns the index of the vectors at path that answers from the graph beside them.
func (s *searchFlags) openIndex(path string, e *model.Embeddings) (*search.Index, error) {
	file := hnsw.Path(path)
	g, err := hnsw.Open(file, s.verify)
	if errors.Is(err, fs.ErrNotExist) {
		if _, there := os.Stat(path); there == nil {
			return nil, fmt.Errorf("there is no index %s; \"kindred index %s\" makes it", file, path)
		}
	}
	if err != nil {
		return nil, err
	}
	hash, err := format.Fingerprint(e)
	if err != nil {
		return nil, err
	}
	if hash != g.Vectors || g.Items != e.Vocabulary.Len() || g.Dim != e.Dim() {
		return nil, fmt.Errorf("%s is the index of other vectors than %s has now; \"kindred index %s\" makes it again", file, path, path)
	}
	breadth := s.breadth
	if breadth == 0 {
		breadth = g.Breadth
	}
	return s.index.Approximate(g.Graph, breadth)
}
