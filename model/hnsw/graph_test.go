package hnsw_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/model/hnsw"
)

// points are items at places on a torus of some dimensions; near ones are similar.
type points struct {
	at  [][]float64
	now []float64
}

func newPoints(n, dim int, seed uint64) *points {
	r := rand.New(rand.NewPCG(seed, 3))
	p := &points{}
	for range n {
		at := make([]float64, dim)
		for k := range at {
			at[k] = r.Float64()
		}
		p.at = append(p.at, at)
	}
	return p
}

func (p *points) similarity(a, b []float64) float32 {
	sum := 0.0
	for k := range a {
		d := max(a[k]-b[k], b[k]-a[k])
		d = min(d, 1-d)
		sum -= d * d
	}
	return float32(sum)
}

func (p *points) scorer() hnsw.Scorer { return &points{at: p.at} }

func (p *points) SetItem(item int32) { p.now = p.at[item] }

func (p *points) Scores(dst []float32, items []int32) {
	for i, item := range items {
		dst[i] = p.similarity(p.now, p.at[item])
	}
}

// nearest returns the n items nearest to a place.
func (p *points) nearest(place []float64, n int) []int32 {
	items := make([]int32, len(p.at))
	for i := range items {
		items[i] = int32(i)
	}
	slices.SortStableFunc(items, func(a, b int32) int {
		x, y := p.similarity(place, p.at[a]), p.similarity(place, p.at[b])
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return items[:min(n, len(items))]
}

func build(t testing.TB, p *points, s hnsw.Settings) *hnsw.Graph {
	t.Helper()
	g, err := hnsw.Build(context.Background(), len(p.at), s, p.scorer, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// recall returns the share of the ten nearest items to some places that are found.
func recall(t testing.TB, p *points, g *hnsw.Graph, breadth int) float64 {
	places, hits := newPoints(100, len(p.at[0]), 99), 0
	r := g.NewSearcher()
	for _, place := range places.at {
		found, err := r.Search(&points{at: p.at, now: place}, breadth)
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(found); i++ {
			if found[i].Score > found[i-1].Score {
				t.Fatal("the best does not come first")
			}
		}
		for _, item := range p.nearest(place, 10) {
			if slices.ContainsFunc(found, func(f hnsw.Found) bool { return f.Item == item }) {
				hits++
			}
		}
	}
	return float64(hits) / float64(10*len(places.at))
}

// A search finds nearly all neighbors, more with a greater breadth, and all with a breadth of all items.
func TestRecall(t *testing.T) {
	for _, dim := range []int{2, 10} {
		p := newPoints(3000, dim, 1)
		g := build(t, p, hnsw.Settings{Links: 8, Breadth: 60, Seed: 1})
		narrow, wide, all := recall(t, p, g, 10), recall(t, p, g, 100), recall(t, p, g, 3000)
		t.Logf("%d dimensions: recall %v, %v, %v", dim, narrow, wide, all)
		if narrow < 0.6 || wide < 0.97 || wide < narrow || all != 1 {
			t.Errorf("%d dimensions: recall %v, %v and %v", dim, narrow, wide, all)
		}
	}
}

// Of few items nearly all are found, and each by itself.
func TestFewItems(t *testing.T) {
	for n := range 40 {
		p := newPoints(n, 3, 2)
		g := build(t, p, hnsw.Settings{Links: 4, Breadth: 20 + n%7, Seed: 5})
		r := g.NewSearcher()
		for item := range n {
			place := p.at[item]
			found, err := r.Search(&points{at: p.at, now: place}, n)
			if err != nil || len(found) < n*9/10 || found[0].Item != int32(item) {
				t.Errorf("%d items, item %d: found %v, %v", n, item, found, err)
			}
		}
		if found, err := r.Search(&points{at: p.at, now: []float64{0, 0, 0}}, 1); err != nil || len(found) != min(n, 1) {
			t.Errorf("%d items: found %v, %v", n, found, err)
		}
	}
}

// Items that are all the same are found, though not all of them: their links lead to the same few.
func TestEqualItems(t *testing.T) {
	p := newPoints(1, 2, 1)
	for range 299 {
		p.at = append(p.at, p.at[0])
	}
	g := build(t, p, hnsw.Settings{Links: 4, Breadth: 20, Seed: 1})
	found, err := g.NewSearcher().Search(&points{at: p.at, now: p.at[0]}, 20)
	if err != nil || len(found) < 4 || len(found) > 20 {
		t.Errorf("found %v, %v", found, err)
	}
}

// The graph is the same with any number of processors, and another with another seed.
func TestProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	p := newPoints(2500, 5, 4)
	s := hnsw.Settings{Links: 5, Breadth: 30, Seed: 9}
	path := filepath.Join(t.TempDir(), "graph")
	var files [][]byte
	for _, processors := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(processors)
		if err := build(t, p, s).Save(path, hnsw.Record{}); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, data)
	}
	if !slices.Equal(files[0], files[1]) || !slices.Equal(files[0], files[2]) {
		t.Error("the graph depends on the number of processors")
	}
	s.Seed++
	if err := build(t, p, s).Save(path, hnsw.Record{}); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || slices.Equal(files[0], data) {
		t.Errorf("another seed gives the same graph, %v", err)
	}
}

func TestBuildStops(t *testing.T) {
	p := newPoints(3000, 3, 4)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := hnsw.Build(ctx, 3000, hnsw.Defaults(), p.scorer, func(n int) {
		if n > 100 {
			cancel()
		}
	}, nil)
	if err != context.Canceled {
		t.Errorf("error %v", err)
	}
	for _, s := range []hnsw.Settings{{Links: 1, Breadth: 5}, {Links: 257, Breadth: 5}, {Links: 5}} {
		if _, err := hnsw.Build(context.Background(), 3, s, p.scorer, nil, nil); err == nil {
			t.Errorf("%+v is no error", s)
		}
	}
}

// saved returns a file with a graph.
func saved(t testing.TB) (path string, p *points, g *hnsw.Graph, r hnsw.Record) {
	t.Helper()
	p = newPoints(800, 4, 6)
	g = build(t, p, hnsw.Settings{Links: 4, Breadth: 40, Seed: 3})
	path = filepath.Join(t.TempDir(), "v.index")
	r = hnsw.Record{Vectors: "abc", Dim: 4, Kernel: "none", Breadth: 40, Queries: 7, Neighbors: 10,
		Recalls: []hnsw.Recall{{Breadth: 40, Recall: 0.5, Bands: []hnsw.Band{{From: 0, To: 9, Queries: 7, Recall: 0.5}}}}}
	if err := g.Save(path, r); err != nil {
		t.Fatal(err)
	}
	return path, p, g, r
}

func TestFile(t *testing.T) {
	path, p, g, r := saved(t)
	for _, verify := range []bool{false, true} {
		f, err := hnsw.Open(path, verify)
		if err != nil {
			t.Fatal(err)
		}
		r.Items, r.Settings, r.Entry = 800, g.Settings(), f.Entry
		if diff := cmp.Diff(r, f.Record); diff != "" {
			t.Error(diff)
		}
		one, two := g.NewSearcher(), f.NewSearcher()
		for _, place := range newPoints(50, 4, 8).at {
			want, err1 := one.Search(&points{at: p.at, now: place}, 30)
			want = slices.Clone(want)
			err := f.Guard(func() {
				got, err2 := two.Search(&points{at: p.at, now: place}, 30)
				if err1 != nil || err2 != nil || !slices.Equal(got, want) {
					t.Errorf("found %v, want %v; %v, %v", got, want, err1, err2)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Err(); err != nil {
			t.Error(err)
		}
		if err := f.Save(path+"2", f.Record); err != nil {
			t.Fatal(err)
		}
	}
	one, _ := os.ReadFile(path)
	if two, err := os.ReadFile(path + "2"); err != nil || !slices.Equal(one, two) {
		t.Errorf("the file is another when it is saved again, %v", err)
	}
}

// A damaged file is an error before or when it is searched.
func TestDamaged(t *testing.T) {
	path, p, _, _ := saved(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	open := func(data []byte, verify bool) (*hnsw.File, error) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return hnsw.Open(path, verify)
	}
	for _, c := range []struct{ old, new, want string }{
		{`\"links\":4`, `\"links\":5`, "expected I32"},
		{`\"links\":4`, `\"links\":0`, "0 links"},
		{`\"items\":800`, `\"items\":801`, "expected U8"},
		{`\"entry\":`, `\"entry\":9`, "searches start"},
		{`kindred.index`, `kindred.indey`, "no index"},
		{`"levels"`, `"lovels"`, `there is no tensor "levels"`},
	} {
		text := strings.Replace(string(good), c.old, c.new, 1)
		if n := len(text) - len(good); n > 0 { // the header ends with spaces
			text = strings.Replace(text, strings.Repeat(" ", n), "", 1)
		}
		if _, err := open([]byte(text), false); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want %q in it", c.new, err, c.want)
		}
	}
	for cut := 1; cut < len(good); cut *= 2 {
		if _, err := open(good[:cut], false); err == nil {
			t.Errorf("the first %d bytes are no error", cut)
		}
	}
	flipped := slices.Clone(good)
	for i := len(flipped) - 800 - 20_000; i < len(flipped)-800; i += 4 {
		flipped[i+2] = 0x7f
	}
	if _, err := open(flipped, true); err == nil || !strings.Contains(err.Error(), "hash") {
		t.Errorf("error %v, want one about the hash", err)
	}
	f, err := open(flipped, false)
	if err != nil {
		t.Fatal(err)
	}
	failed := false
	for _, place := range newPoints(50, 4, 8).at {
		if err := f.Guard(func() {
			_, err := f.NewSearcher().Search(&points{at: p.at, now: place}, 30)
			failed = failed || err != nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if !failed {
		t.Error("wrong links are no error")
	}
}

// FuzzOpen opens files with any header, and searches what is accepted.
func FuzzOpen(f *testing.F) {
	path, p, _, _ := saved(f)
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if g, err := hnsw.Open(path, true); err == nil && g.Len() > len(data) {
			t.Errorf("%d items in %d bytes", g.Len(), len(data))
		}
		g, err := hnsw.Open(path, false)
		if err != nil || g.Len() > len(p.at) {
			return
		}
		if err := g.Guard(func() {
			found, err := g.NewSearcher().Search(&points{at: p.at, now: p.at[0]}, 10)
			if err == nil && len(found) > 10 {
				t.Errorf("found %d", len(found))
			}
		}); err != nil {
			t.Fatal(err)
		}
	})
}
