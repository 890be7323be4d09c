package cli

import (
	"fmt"
	"io"
	"path/filepath"

	"kindred/corpus"
	"kindred/internal/explore"
	"kindred/internal/layout"
)

const exploreAbout = `Serves a page on which to look at vectors: search with completion, neighbors, analogies, and a map of the words. With two
models it shows where the neighbors of words differ. It prints the address, and runs until Ctrl-C. Only this machine can reach the page,
and the page fetches nothing from elsewhere.

The map shows the 100,000 most frequent words. To lay it out takes about a minute for as many, once: it stays in the cache directory.

With --output it writes one HTML file instead, of the first N words, that needs neither kindred nor a network.`

const exploreExamples = `
kindred explore vectors.bin
# two models side by side
kindred explore old=a.bin new=b.bin
# a page to send to somebody
kindred explore vectors.bin --output page.html --first 5000`

const (
	// exploreAddress is where the page is by default.
	exploreAddress = "127.0.0.1:8080"
	// pageWords is the number of words of a page that is written to a file.
	pageWords = 10_000
)

type exploreFlags struct {
	serveFlags
	output string
}

func exploreCommand(con *console) *command {
	f := exploreFlags{serveFlags: serveFlags{listen: exploreAddress}}
	return &command{
		name: "explore", summary: "look at vectors on a page with a map", arguments: "VECTORS… [FLAGS]",
		about: exploreAbout, examples: exploreExamples,
		flags: append([]*flag{
			{name: "listen", into: &f.listen, value: "ADDRESS", help: "address and port of the page, on this machine; port 0 takes a free one"},
			{name: "output", into: &f.output, value: "FILE", initial: "none", file: outputFile,
				help: "write the page to a file, with the first 10,000 words or those of --first, and serve nothing"},
		}, f.vectorsFlags.flags()...),
		files: systemFiles,
		run:   func(c *call) error { return f.run(c, con) },
	}
}

func (f *exploreFlags) run(c *call, con *console) error {
	if len(c.words) == 0 {
		return usage("no vectors; name a file, as in \"kindred explore vectors.bin\"")
	}
	groups, err := parseModels(c.words)
	if err != nil {
		return err
	}
	if f.output != "" {
		return f.write(c, con, groups)
	}
	_, loopback, err := listenHost(f.listen)
	if err != nil {
		return err
	}
	if !loopback {
		return usagef("--listen is %q, which other machines may reach; want an address of this machine alone, such as %s", f.listen, exploreAddress)
	}
	server, listener, err := f.start(c, con, groups, "")
	if err != nil {
		return err
	}
	explore.Register(c.ctx, server, mapsDir())
	con.say(fmt.Sprintf("Look at http://%s/ and end with Ctrl-C", listener.Addr()))
	return serveUntilDone(c.ctx, server, listener)
}

// write writes a page to the output.
func (f *exploreFlags) write(c *call, con *console, groups []fileGroup) error {
	if c.given("listen") {
		return usage("--listen and --output exclude each other: a page in a file is not served")
	}
	if f.first > layout.MostWords {
		return usagef("--first is %s, but a page shows at most %s words", grouped(f.first), grouped(layout.MostWords))
	}
	var models []explore.Model
	for _, g := range groups {
		e, err := f.load(c.ctx, con, g.files[0])
		if err != nil {
			return err
		}
		n := e.Vocabulary.Len()
		switch {
		case n == 0:
			return fmt.Errorf("%s has no words to show", g.files[0])
		case f.first == 0 && f.words == "" && n > pageWords:
			con.say(fmt.Sprintf("%s: the page has the first %s of %s; --first N takes more or fewer", g.name, grouped(pageWords), counted(n, "word")))
			n = pageWords
		case n > layout.MostWords:
			return fmt.Errorf("%s has %s, but a page shows at most %s; --first N takes the first ones", g.files[0], counted(n, "word"), grouped(layout.MostWords))
		}
		a, _, err := explore.NewAtlas(c.ctx, e, n, mapsDir(), func(string, float64) {})
		if err != nil {
			return interruption("interrupted; nothing was written")
		}
		models = append(models, explore.Model{Name: g.name, Embeddings: e, Atlas: a})
	}
	if err := con.writeFile(f.output, func(w io.Writer) error { return explore.Write(w, models) }); err != nil {
		return err
	}
	if f.output != stdStream {
		con.say(fmt.Sprintf("Wrote %s", f.output))
	}
	return nil
}

// mapsDir returns the directory in which maps stay.
func mapsDir() string { return filepath.Join(corpus.DefaultCacheDir(), "maps") }
