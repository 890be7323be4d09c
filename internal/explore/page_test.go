package explore

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kindred/corpus/vocab"
	"kindred/internal/kmeans"
	"kindred/internal/layout"
	"kindred/internal/report/html/pagetest"
	"kindred/internal/serve"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/search"
)

// topics are groups of words whose vectors are near each other, in both models of the tests.
var topics = map[string][]string{
	"city": {"paris", "london", "berlin", "rome", "madrid", "vienna"}, "animal": {"dog", "cat", "horse", "cow", "sheep", "mouse"},
	"color": {"red", "green", "blue", "yellow", "black", "white"}, "number": {"one", "two", "three", "four", "five", "six"},
}

// toy returns vectors of the topics and of other words. In each model the word "bank" is in another topic. Words a, b, c and d are an analogy.
func toy(t *testing.T, others int, bank string) *model.Embeddings {
	t.Helper()
	const dim = 24
	r := rand.New(rand.NewPCG(1, 2))
	var words []string
	var rows [][]float32
	add := func(word string, center []float32, noise float32) {
		row := make([]float32, dim)
		for k := range row {
			row[k] = center[k] + noise*float32(r.NormFloat64())
		}
		words, rows = append(words, word), append(rows, row)
	}
	random := func() []float32 {
		v := make([]float32, dim)
		for k := range v {
			v[k] = float32(r.NormFloat64())
		}
		return v
	}
	for _, name := range []string{"animal", "city", "color", "number"} {
		center := random()
		for _, w := range topics[name] {
			add(w, center, 0.2)
		}
		if name == bank {
			add("bank", center, 0.2)
		}
	}
	man, royal, female := random(), random(), random()
	sum := func(vs ...[]float32) []float32 {
		v := make([]float32, dim)
		for _, u := range vs {
			for k := range v {
				v[k] += u[k]
			}
		}
		return v
	}
	add("man", man, 0)
	add("king", sum(man, royal), 0)
	add("woman", sum(man, female), 0)
	add("queen", sum(man, female, royal), 0.05)
	add(`<b>&"bold"`, random(), 0)
	for i := range others {
		add(fmt.Sprintf("word%d", i), random(), 0)
	}
	return embeddings(t, words, rows)
}

func embeddings(t *testing.T, words []string, rows [][]float32) *model.Embeddings {
	t.Helper()
	counts := make([]int64, len(words))
	for i := range words {
		counts[i] = int64(10 * (len(words) - i))
	}
	v, err := vocab.New(words, counts)
	if err != nil {
		t.Fatal(err)
	}
	m := model.NewMatrix(len(rows), len(rows[0]))
	for i, row := range rows {
		copy(m.Row(i), row)
	}
	return &model.Embeddings{Vocabulary: v, Input: m, Manifest: &model.Manifest{
		Tool: "kindred", Vectors: len(words), Dim: len(rows[0]), Corpus: &vocab.Record{Inputs: []string{"/home/someone/secret/text.txt"}},
		Training: &model.TrainingRecord{Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), EpochLoss: []float64{2.5, 2.25, 2.125}, Completed: true},
		HeldOut: []byte(`{"sentences":3,"pairs":70,"checks":[{"epoch":1,"roc_auc":0.6},{"epoch":2,"roc_auc":0.7}],` +
			`"references":[{"name":"uniform","scores":{"roc_auc":{"value":0.71,"low":0.69,"high":0.73,"interval":"BCa"}}}]}`),
	}}
}

// open serves the page for models and returns its address.
func open(t *testing.T, models map[string]*model.Embeddings) string {
	t.Helper()
	server, h := newServer(t, models)
	listening := httptest.NewServer(server)
	t.Cleanup(func() {
		listening.Close()
		h.Wait()
	})
	return listening.URL + "/"
}

func load(_ context.Context, path string) (*model.Embeddings, []string, error) {
	e, err := format.Load(path)
	return e, nil, err
}

// newServer returns a server of models with the page.
func newServer(t *testing.T, models map[string]*model.Embeddings) (*serve.Server, *Handler) {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for _, name := range slices.Sorted(maps.Keys(models)) {
		path := filepath.Join(dir, name+".safetensors")
		if err := format.Save(path, models[name], ""); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	server, err := serve.New(t.Context(), paths, serve.Options{Limits: serve.DefaultLimits(), Load: load})
	if err != nil {
		t.Fatal(err)
	}
	return server, Register(t.Context(), server, t.TempDir())
}

// ready is true when the maps that are to be seen are there.
const ready = "window.kindred && document.querySelector('.chip, .ramp, .legend .plain') && !document.querySelector('.pane:not([hidden]) .pane-note:not([hidden])')"

// texts returns the text of all elements that a selector of CSS matches.
func texts(b *pagetest.Browser, selector string) []string {
	return pagetest.Eval[[]string](b, fmt.Sprintf("[...document.querySelectorAll(%q)].map((e) => e.textContent)", selector))
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if got, want := slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// TestPage does on the page what people do: search with completion, click words on the map and in lists, ask for
// analogies, compare models, color, share an address.
func TestPage(t *testing.T) {
	address := open(t, map[string]*model.Embeddings{"first": toy(t, 300, "city"), "second": toy(t, 300, "animal")})
	b := pagetest.Open(t, address, 1280, 800, false)
	b.Wait(ready)
	t.Run("completion", func(t *testing.T) {
		b.Type("#search", "lo")
		b.Wait("document.querySelector('.completions:not([hidden]) li')")
		equal(t, "completions of lo", texts(b, ".completions li"), []string{"london"})
		b.Keys("\t\r")
		b.Wait("document.querySelector('#panel h2').textContent === 'london' && document.querySelector('.answers')")
		list := texts(b, ".answers .word")
		equal(t, "the nearest words", list[:6], []string{"paris", "berlin", "rome", "madrid", "vienna", "bank"})
	})
	t.Run("a word of the list", func(t *testing.T) {
		b.Click(".answers .word")
		b.Wait("location.hash.includes('query=') && !location.hash.includes('london') && document.querySelector('.answers')")
		if title, first := texts(b, "title")[0], texts(b, "#panel h2")[0]; title != first+" · kindred" {
			t.Errorf("the title is %q for %q", title, first)
		}
	})
	t.Run("a word of the map", func(t *testing.T) {
		b.Navigate("about:blank")
		b.Navigate(address + "#query=dog")
		b.Wait(ready + " && document.querySelector('.answers')")
		time.Sleep(600 * time.Millisecond) // the picture flies there
		at := pagetest.Eval[[]float64](b, `(() => {
			const pane = kindred.panes[0], id = pane.atlas.ids.get("cat"), [x, y] = pane.view.toScreen(id), box = document.querySelector(".map").getBoundingClientRect();
			return [x + box.left, y + box.top];
		})()`)
		b.ClickAt(at[0], at[1])
		b.Wait("document.querySelector('#panel h2').textContent === 'cat'")
	})
	t.Run("sums", func(t *testing.T) {
		b.Type("#search", "king woman - man\r")
		b.Wait("document.querySelector('#panel h2').textContent === 'king woman - man' && document.querySelector('.answers')")
		if list := texts(b, ".answers .word"); list[0] != "queen" {
			t.Errorf("king woman - man gives %q", list[:3])
		}
	})
	t.Run("an unknown word", func(t *testing.T) {
		b.Type("#search", "lodnon\r")
		b.Wait("document.querySelector('.failure')")
		b.Click(".failure .word")
		b.Wait("document.querySelector('#panel h2').textContent === 'london'")
	})
	t.Run("odd words", func(t *testing.T) {
		b.Type("#search", "<b>&\"bold\"\r")
		b.Wait("document.querySelector('#panel h2').textContent === '<b>&\"bold\"' && document.querySelector('.answers')")
	})
	t.Run("analogy", func(t *testing.T) {
		b.Click("#tab-analogy")
		for _, field := range [][2]string{{"#analogy-a", "man"}, {"#analogy-b", "king"}, {"#analogy-c", "woman"}} {
			b.Type(field[0], field[1]+"\r")
		}
		b.Wait("document.querySelector('.analogy .answer').textContent === 'queen'")
		if n := pagetest.Eval[int](b, "kindred.panes[0].view.marks.arrows.length"); n != 2 {
			t.Errorf("there are %d arrows, want 2", n)
		}
		b.Screenshot("toy-analogy")
	})
	t.Run("compare", func(t *testing.T) {
		b.Click("#tab-compare")
		b.Type("#search", "bank\r")
		b.Wait(ready + " && document.querySelectorAll('#panel .answers').length === 2")
		columns := pagetest.Eval[[][]string](b, "[...document.querySelectorAll('#panel .answers')].map((l) => [...l.querySelectorAll('.word')].slice(0, 6).map((w) => w.textContent))")
		equal(t, "neighbors in the first model", columns[0], topics["city"])
		equal(t, "neighbors in the second model", columns[1], topics["animal"])
		if n := pagetest.Eval[int](b, "[...document.querySelectorAll('.pane')].filter((p) => p.offsetWidth > 100).length"); n != 2 {
			t.Errorf("%d maps are shown, want 2", n)
		}
		b.Click("#differences")
		b.Wait("document.querySelectorAll('#panel .differences .answers').length === 2")
		b.Screenshot("toy-compare")
	})
	t.Run("model", func(t *testing.T) {
		b.Click("#tab-model")
		b.Wait("document.querySelectorAll('.curve-figure').length === 2 && document.querySelector('table')")
		b.Screenshot("toy-model")
	})
	t.Run("colors", func(t *testing.T) {
		b.Navigate("about:blank")
		b.Navigate(address + "#color=list&list=dog%0Acat%0Aunicorn")
		b.Wait(ready)
		b.Wait("document.querySelector('.legend').textContent.includes('2 of 3 words are on the map. Missing: unicorn.')")
		if n := pagetest.Eval[int](b, "kindred.panes[0].rgba ?? kindred.panes[0].view.rgba.filter((v, i) => i % 4 === 3 && v === 255).length"); n != 2 {
			t.Errorf("%d words are colored, want 2", n)
		}
	})
	t.Run("address", func(t *testing.T) {
		b.Navigate("about:blank")
		b.Navigate(address + "#query=dog&at=0.4,0.6,7&map=pca&color=frequency&top=50")
		b.Wait(ready + " && document.querySelector('.answers')")
		camera := pagetest.Eval[map[string]float64](b, "kindred.panes[0].view.at()")
		if math.Abs(camera["x"]-0.4)+math.Abs(camera["y"]-0.6)+math.Abs(camera["zoom"]-7) > 1e-6 {
			t.Errorf("the camera is at %v", camera)
		}
		if n := len(texts(b, ".answers .word")); n != 50 {
			t.Errorf("there are %d answers, want 50", n)
		}
		b.Click("#zoom-in")
		b.Wait("/at=0.40000,0.60000,11.2/.test(decodeURIComponent(location.hash))")
	})
	t.Run("keys", func(t *testing.T) {
		b.Navigate("about:blank")
		b.Navigate(address)
		b.Wait(ready)
		b.Keys("/")
		b.Wait("document.activeElement.id === 'search'")
		b.Type("#search", "dog\r")
		b.Wait("document.querySelector('#panel h2').textContent === 'dog' && document.querySelector('.answers')")
		b.Keys("\x1b") // leaves the search
		b.Keys("jj")
		if second, focus := texts(b, ".answers .word")[1], pagetest.Eval[string](b, "document.activeElement.textContent"); focus != second {
			t.Errorf("the focus is on %q, want %q", focus, second)
		}
		b.Keys("4")
		b.Wait("document.querySelector('#tab-model[aria-selected=true]')")
		b.Keys("d")
		b.Wait("document.documentElement.dataset.theme === 'dark'")
		b.Keys("m")
		before := pagetest.Eval[float64](b, "kindred.panes[0].view.camera.zoom")
		b.Keys("+")
		if after := pagetest.Eval[float64](b, "kindred.panes[0].view.camera.zoom"); after <= before {
			t.Errorf("the zoom was %v and is %v", before, after)
		}
	})
	t.Run("hostile addresses", func(t *testing.T) {
		for _, hash := range []string{"#tab=nothing&model=none&other=none&map=x&color=y&top=-7&cluster=99999&at=NaN,1,0", "#query=%ff%00&at=1e999,0,1", "#tab=__proto__&cluster=constructor", "#query=" + "x+"} {
			b.Navigate("about:blank")
			b.Navigate(address + hash)
			b.Wait(ready)
		}
	})
}

// TestServerGone: the page says so in plain words if the server does not answer.
func TestServerGone(t *testing.T) {
	handler, h := newServer(t, map[string]*model.Embeddings{"first": toy(t, 20, "city")})
	t.Cleanup(h.Wait)
	server := httptest.NewServer(handler)
	b := pagetest.Open(t, server.URL+"/", 1280, 800, false)
	b.Wait(ready)
	server.CloseClientConnections()
	server.Close()
	b.Type("#search", "dog\r")
	b.Wait("document.querySelector('.failure')?.textContent.startsWith('The server does not answer.')")
}

// export writes a page to a file and returns its address and its bytes.
func export(t *testing.T, models ...Model) (address string, data []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	f, err := os.Create(path)
	if err == nil {
		err = Write(f, models)
	}
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + path, data
}

// atlas returns an atlas of all words.
func atlas(t *testing.T, e *model.Embeddings) *Atlas {
	t.Helper()
	a, kept, err := NewAtlas(t.Context(), e, e.Vocabulary.Len(), t.TempDir(), func(string, float64) {})
	if err != nil || kept != nil {
		t.Fatal(err, kept)
	}
	return a
}

// TestFile: a page in a file answers by itself, as the server does, and looks right in all sizes.
func TestFile(t *testing.T) {
	one, two := toy(t, 300, "city"), toy(t, 300, "animal")
	address, data := export(t, Model{"first", one, atlas(t, one)}, Model{"second", two, atlas(t, two)})
	for _, where := range []string{"/home/someone", "secret"} {
		if bytes.Contains(data, []byte(where)) {
			t.Errorf("the page has %q, a directory of a file that the manifest names", where)
		}
	}
	b := pagetest.Open(t, address, 1280, 800, true)
	b.Wait(ready)
	x := search.NewIndex(one, 0)
	for _, q := range []struct {
		text               string
		positive, negative []string
	}{{"london", []string{"london"}, nil}, {"bank", []string{"bank"}, nil}, {"king woman - man", []string{"king", "woman"}, []string{"man"}}} {
		b.Type("#search", q.text+"\r")
		b.Wait(fmt.Sprintf("document.querySelector('#panel h2').textContent === %q && document.querySelector('.answers')", q.text))
		want, err := x.NearestWords(q.positive, q.negative, 5)
		if err != nil {
			t.Fatal(err)
		}
		got := texts(b, ".answers .word")
		for i, n := range want[:3] { // rounded vectors may change the order of close ones
			if !slices.Contains(got[:5], n.Word) {
				t.Errorf("%s: neighbor %d is %q, not among %q", q.text, i, n.Word, got[:5])
			}
		}
	}
	b.Type("#search", "nothing\r")
	b.Wait("document.querySelector('.failure')?.textContent.includes('is not among the 330 words of this page')")
	b.Navigate("about:blank")
	b.Navigate(address + "#tab=analogy&a=man&b=king&c=woman&method=3CosMul")
	b.Wait("document.querySelector('.analogy .answer')?.textContent === 'queen'")
	b.Navigate("about:blank")
	b.Navigate(address + "#tab=compare&query=bank")
	b.Wait("document.querySelectorAll('#panel .answers').length === 2")
	b.Click("#differences")
	b.Wait("document.querySelectorAll('#panel .differences .answers').length === 2")
	if list := texts(b, ".differences div:first-child .answers .word"); len(list) == 0 || list[0] != "bank" {
		t.Errorf("the words that differ most are %q, want bank first", list)
	}
}

// TestWebGL: WebGL draws the same points as the program that sets pixels, which is used where there is no graphics card.
func TestWebGL(t *testing.T) {
	e := toy(t, 300, "city")
	address, _ := export(t, Model{"first", e, atlas(t, e)})
	var drawn [2]int
	for i, query := range []string{"", "?webgl"} {
		b := pagetest.Open(t, address+query, 900, 700, false)
		b.Wait(ready)
		if kind := pagetest.Eval[string](b, "kindred.panes[0].view.painter.gl ? 'WebGL' : 'pixels'"); query == "?webgl" && kind != "WebGL" {
			t.Skip("this browser has no WebGL")
		}
		// The number of pixels of points, in a copy of the picture that is drawn in the same task.
		drawn[i] = pagetest.Eval[int](b, `(() => {
			const view = kindred.panes[0].view, from = view.pointCanvas, copy = document.createElement("canvas");
			view.draw();
			[copy.width, copy.height] = [from.width, from.height];
			const c = copy.getContext("2d");
			c.drawImage(from, 0, 0);
			return c.getImageData(0, 0, copy.width, copy.height).data.filter((v, k) => k % 4 === 3 && v > 100).length;
		})()`)
	}
	if drawn[0] < 1000 || math.Abs(float64(drawn[0]-drawn[1])) > 0.35*float64(drawn[0]) {
		t.Errorf("%d pixels are drawn without and %d with WebGL", drawn[0], drawn[1])
	}
}

// TestLooks: no text of the page is cut off or too small, nothing overflows, in four widths, in light and in dark.
func TestLooks(t *testing.T) {
	e := toy(t, 300, "city")
	_, data := export(t, Model{"first", e, atlas(t, e)}, Model{"second", e, atlas(t, e)})
	pagetest.Look(t, data)
}

// TestManyWords pans a map of 100,000 words, as a person does with the mouse. How long frames take is measured and printed,
// not judged: it depends on the machine.
func TestManyWords(t *testing.T) {
	const n, dim = 100_000, 4
	r := rand.New(rand.NewPCG(5, 6))
	words, rows := make([]string, n), make([][]float32, n)
	a := &Atlas{Words: words, Counts: make([]int64, n), Layout: &layout.Layout{UMAP: make([]uint16, 2*n), PCA: make([]uint16, 2*n), Clusters: make([]uint8, n)}}
	for i := range n {
		words[i], a.Counts[i] = fmt.Sprintf("word%d", i), int64(n-i)
		c := i % layout.Clusters
		a.Clusters[i] = uint8(c)
		for axis := range 2 {
			center := 32768 + 15000*math.Cos(float64(c)+float64(axis)*1.6)
			a.UMAP[2*i+axis] = uint16(center + 3500*r.NormFloat64())
		}
		rows[i] = []float32{float32(r.NormFloat64()), float32(r.NormFloat64()), float32(r.NormFloat64()), float32(r.NormFloat64())}
	}
	e := embeddings(t, words, rows)
	a.unit = kmeans.Unit(n, dim, e.Reader().Stored)
	a.name()
	address, _ := export(t, Model{"many", e, a})
	for _, size := range [][2]int{{1280, 800}, {390, 844}} {
		b := pagetest.Open(t, address, size[0], size[1], false)
		b.Wait(ready)
		before := b.CPU()
		frames := pagetest.Eval[[]float64](b, `new Promise((done) => {
			const canvas = document.querySelector(".map .layer + .layer"), box = canvas.getBoundingClientRect(), times = [];
			const point = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type, { pointerId: 1, pointerType: "mouse", button: 0, clientX: box.left + x, clientY: box.top + y, bubbles: true }));
			canvas.setPointerCapture = () => {};
			kindred.panes[0].view.zoom(2);
			point("pointerdown", 200, 200);
			let last = 0;
			const step = (now) => {
				if (last) times.push(now - last);
				last = now;
				const k = times.length;
				point("pointermove", 200 + 90 * Math.sin(k / 15), 200 + 90 * Math.sin(k / 22));
				if (k < 240) requestAnimationFrame(step);
				else { point("pointerup", 200, 200); done(times); }
			};
			requestAnimationFrame(step);
		})`)
		used := b.CPU()
		for kind := range used {
			used[kind] = math.Round(10*1000*(used[kind]-before[kind])/float64(len(frames))) / 10
		}
		drawn := pagetest.Eval[int](b, "kindred.panes[0].view.frames.length")
		slices.Sort(frames)
		at := func(share float64) float64 { return frames[int(share*float64(len(frames)-1))] }
		t.Logf("%d x %d: frames while panning take %.1f ms in the median, 95 %% at most %.1f ms, all at most %.1f ms; milliseconds of processor time a frame: %v", size[0], size[1], at(0.5), at(0.95), at(1), used)
		if drawn < len(frames) {
			t.Errorf("%d of %d frames were drawn", drawn, len(frames))
		}
		if x := pagetest.Eval[float64](b, "kindred.panes[0].view.camera.x"); x == 0.5 {
			t.Error("the picture did not move")
		}
		b.Screenshot(fmt.Sprintf("many-%d", size[0]))
	}
}
