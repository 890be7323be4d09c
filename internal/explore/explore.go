// Package explore is the page on which people look at vectors: search, neighbors, analogies and a map of the
// words. It is one program in TypeScript, in the folder page, which esbuild bundles. A server gives it what it
// shows, or a file has all of it.
package explore

import (
	"cmp"
	"context"
	_ "embed"
	"slices"
	"strings"

	"kindred/internal/kmeans"
	"kindred/internal/layout"
	"kindred/model"
)

//go:generate go tool esbuild page/main.ts --bundle --minify --target=es2020 --charset=utf8 --legal-comments=none --outdir=bundle

// The page and its bundle.
var (
	//go:embed page/page.html
	page string
	//go:embed bundle/main.js
	script string
	//go:embed bundle/main.css
	style string
)

// document returns the page with what belongs into its head and what belongs behind its body.
func document(head, data string) string {
	return strings.NewReplacer("<!--head-->", head, "<!--data-->", data).Replace(page)
}

// An Atlas is a map with its words, the first ones of a model.
type Atlas struct {
	*layout.Layout
	Words []string
	// Counts has how often each word is in the text, 0 if that is unknown.
	Counts []int64
	// Names has a few words for each cluster, the most typical first.
	Names [][]string
	unit  *model.Matrix
}

// NewAtlas returns the atlas of the first n words of e, n <= e.Vocabulary.Len(). The map stays in the directory
// dir for the next time; kept is why it could not be written, if so. The only error is that of ctx.
func NewAtlas(ctx context.Context, e *model.Embeddings, n int, dir string, progress layout.Progress) (a *Atlas, kept, err error) {
	a = &Atlas{Words: make([]string, n), Counts: make([]int64, n)}
	for i := range n {
		a.Words[i], a.Counts[i] = e.Vocabulary.Word(i), e.Vocabulary.Count(i)
	}
	progress("reading vectors", 0)
	a.unit = kmeans.Unit(n, e.Dim(), e.Reader().Stored)
	a.Layout, kept, err = layout.Cached(ctx, dir, a.unit, progress)
	if err != nil {
		return nil, nil, err
	}
	a.name()
	return a, kept, nil
}

const (
	// namesOfCluster is the number of words that name a cluster.
	namesOfCluster = 3
	// likelyNames is the number of words of a cluster among which they are chosen.
	likelyNames = 60
	// longestName is the length in bytes of the longest word that names one.
	longestName = 18
)

// name finds the words that name clusters: of its first words, which people are the more likely to know, those with the highest cosine with the sum of the cluster's vectors.
func (a *Atlas) name() {
	members := make([][]int, layout.Clusters)
	sums := make([][]float64, layout.Clusters)
	for i, c := range a.Clusters {
		if sums[c] == nil {
			sums[c] = make([]float64, a.unit.Dim)
		}
		members[c] = append(members[c], i)
		for k, v := range a.unit.Row(i) {
			sums[c][k] += float64(v)
		}
	}
	a.Names = [][]string{}
	for c, ids := range members {
		if len(ids) == 0 {
			break // clusters are numbered without gaps
		}
		typical := func(i int) (sum float64) {
			for k, v := range a.unit.Row(i) {
				sum += float64(float64(v) * sums[c][k])
			}
			return sum
		}
		candidates := slices.DeleteFunc(slices.Clone(ids[:min(len(ids), likelyNames)]), func(i int) bool { return len(a.Words[i]) > longestName })
		scores := map[int]float64{}
		for _, i := range candidates {
			scores[i] = typical(i)
		}
		slices.SortStableFunc(candidates, func(i, j int) int { return cmp.Compare(scores[j], scores[i]) })
		names := []string{}
		for _, i := range candidates[:min(namesOfCluster, len(candidates))] {
			names = append(names, a.Words[i])
		}
		a.Names = append(a.Names, names)
	}
}

// places returns the places of words as the page reads them: both maps, and the clusters.
func (a *Atlas) places() []byte {
	data := make([]byte, 0, 9*len(a.Words))
	for _, positions := range [][]uint16{a.UMAP, a.PCA} {
		for _, v := range positions {
			data = append(data, byte(v), byte(v>>8))
		}
	}
	return append(data, a.Clusters...)
}
