package search_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/hnsw"
	"kindred/model/search"
)

// settings make small graphs.
var settings = hnsw.Settings{Links: 8, Breadth: 60, Seed: 2}

func graphOf(t *testing.T, x *search.Index) *hnsw.Graph {
	t.Helper()
	g, err := x.BuildGraph(context.Background(), settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// clustered returns vectors in groups, as those of words are, some of which are odd.
func clustered(words, dim int) *model.Embeddings {
	e := modeltest.Random(words, dim, 11)
	m, centers := e.Input.(*model.Matrix), modeltest.Random(words/20, dim, 12).Input.(*model.Matrix)
	for i := range words {
		for k := range m.Row(i) {
			m.Row(i)[k] = m.Row(i)[k]/2 + centers.Row(i % centers.Rows)[k]
		}
	}
	clear(m.Row(1))
	for k := range m.Row(2) {
		m.Row(2)[k] *= 1e37
		m.Row(3)[k] *= 1e-37
	}
	return e
}

// An approximate search finds nearly what an exact one does, with the same similarities, for all kinds of storage.
func TestApproximate(t *testing.T) {
	const words = 2000
	e := clustered(words, 21)
	for name, e := range map[string]*model.Embeddings{"dense": e, "quantized": model.Quantize(e),
		"rows": {Vocabulary: e.Vocabulary, Input: modeltest.Quantize(e.Input.(*model.Matrix))}} {
		x := search.NewIndex(e, 0)
		y, err := x.Approximate(graphOf(t, x), 60)
		if err != nil {
			t.Fatal(err)
		}
		hits := 0
		for id := 4; id < words; id += 9 {
			word := e.Vocabulary.Word(id)
			want, err1 := x.NearestWord(word, 10)
			got, err2 := y.NearestWord(word, 10)
			if err := errors.Join(err1, err2); err != nil || len(got) != 10 {
				t.Fatal(err, got)
			}
			for _, n := range got {
				if n.ID == id {
					t.Errorf("%s: %s is near itself", name, word)
				}
				if i := slices.IndexFunc(want, func(m search.Neighbor) bool { return m.ID == n.ID }); i >= 0 {
					hits++
					if d := n.Similarity - want[i].Similarity; d > 1e-6 || d < -1e-6 {
						t.Errorf("%s: %s and %s: %v, want %v", name, word, n.Word, n.Similarity, want[i].Similarity)
					}
				}
			}
		}
		if asked := (words - 4 + 8) / 9; hits < asked*96/10 {
			t.Errorf("%s: %d of %d neighbors", name, hits, 10*asked)
		}
		if list, err := y.NearestWords([]string{"w7", "w8"}, []string{"w9"}, 500); err != nil || len(list) != 500 {
			t.Errorf("%s: %d neighbors, %v", name, len(list), err)
		}
	}
	x := search.NewIndex(e, 100)
	if _, err := x.Approximate(graphOf(t, search.NewIndex(e, 0)), 10); err == nil {
		t.Error("a graph of other words was taken")
	}
}

// Where a graph leads to too few words, as equal vectors are linked to the same few, the search is exact.
func TestApproximateEqual(t *testing.T) {
	e := modeltest.Random(500, 5, 1)
	for id := range 400 {
		copy(e.Input.(*model.Matrix).Row(id), e.Input.(*model.Matrix).Row(0))
	}
	x := search.NewIndex(e, 0)
	y, err := x.Approximate(graphOf(t, x), 10)
	if err != nil {
		t.Fatal(err)
	}
	list, err := y.NearestWord("w5", 300)
	if err != nil || len(list) != 300 || list[299].Similarity < 0.9999 {
		t.Errorf("%d neighbors, %v", len(list), err)
	}
}

// A graph is the same whether the vectors are in memory or mapped, and with any number of processors.
func TestGraphBytes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v.safetensors")
	if err := format.Save(path, clustered(1500, 17), ""); err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var files [][]byte
	for _, o := range []format.LoadOptions{{}, {Map: true}} {
		e, err := o.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, processors := range []int{1, 3} {
			runtime.GOMAXPROCS(processors)
			if err := graphOf(t, search.NewIndex(e, 0)).Save(filepath.Join(dir, "g"), hnsw.Record{}); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join(dir, "g"))
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, data)
		}
	}
	for i, f := range files {
		if !slices.Equal(f, files[0]) {
			t.Errorf("file %d differs", i)
		}
	}
}

// Recall is that of the searches, and the breadth the least with the recall that is wanted.
func TestMeasureRecall(t *testing.T) {
	x := search.NewIndex(modeltest.Random(2500, 30, 4), 0)
	g := graphOf(t, x)
	var r hnsw.Record
	if err := x.MeasureRecall(context.Background(), g, 300, &r); err != nil {
		t.Fatal(err)
	}
	if r.Queries != 300 || r.Neighbors != 10 || len(r.Recalls) < 2 || len(r.Recalls[0].Bands) != 2 || r.Recalls[0].Bands[0].Queries != 120 {
		t.Errorf("%+v", r)
	}
	last := 0.0
	for _, recall := range r.Recalls {
		if recall.Recall < last-0.01 {
			t.Errorf("recall falls: %+v", r.Recalls)
		}
		last = recall.Recall
		if recall.Breadth < r.Breadth && recall.Recall >= search.WantedRecall || recall.Breadth == r.Breadth && recall.Recall < search.WantedRecall {
			t.Errorf("breadth %d is recommended: %+v", r.Breadth, r.Recalls)
		}
	}
	if last < 0.995 {
		t.Errorf("recall ends at %v", last)
	}
}

// An index file or a file of vectors that is cut while both are searched is an error, not the end.
func TestApproximateFileCut(t *testing.T) {
	for _, which := range []string{"v.safetensors", "v.safetensors.index"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "v.safetensors")
		if err := format.Save(path, clustered(3000, 50), ""); err != nil {
			t.Fatal(err)
		}
		e, err := format.LoadOptions{Map: true}.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		x := search.NewIndex(e, 0)
		if err := graphOf(t, x).Save(hnsw.Path(path), hnsw.Record{}); err != nil {
			t.Fatal(err)
		}
		f, err := hnsw.Open(hnsw.Path(path), false)
		if err != nil {
			t.Fatal(err)
		}
		y, err := x.Approximate(f.Graph, 40)
		if err != nil {
			t.Fatal(err)
		}
		f = nil
		runtime.GC() // the graph holds what it needs
		failed := make(chan error, 3)
		started := make(chan bool, 3)
		for g := range 3 {
			go func() {
				for i := g; ; i++ {
					if _, err := y.NearestWord(e.Vocabulary.Word(4+i%2900), 5); err != nil {
						failed <- err
						return
					}
					if i == g {
						started <- true
					}
				}
			}()
		}
		for range 3 {
			<-started
		}
		if err := os.Truncate(filepath.Join(dir, which), 4000); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			select {
			case err := <-failed:
				if !strings.Contains(err.Error(), which) {
					t.Errorf("error %v, want one with the name of the file %s", err, which)
				}
			case <-time.After(time.Minute):
				t.Fatal("no error")
			}
		}
	}
}
