package explore

import (
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"kindred/internal/serve"
	"kindred/model"
	"kindred/model/format"
)

// get sends a request until the answer is not that it has to wait.
func get(t *testing.T, s http.Handler, method, target, kind, body string) *httptest.ResponseRecorder {
	t.Helper()
	for {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		if kind != "" {
			r.Header.Set("Content-Type", kind)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusAccepted {
			return w
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// listed returns the words of the map of a model.
func listed(t *testing.T, s http.Handler, name string) []string {
	t.Helper()
	var a struct {
		Words    []string
		Counts   []int64
		Clusters [][]string
	}
	w := get(t, s, "GET", "/explore/words?model="+name, "", "")
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != 200 {
		t.Fatalf("status %d, %v: %s", w.Code, err, w.Body)
	}
	if len(a.Counts) != len(a.Words) || len(a.Clusters) == 0 {
		t.Fatalf("%d words, %d counts, %d clusters", len(a.Words), len(a.Counts), len(a.Clusters))
	}
	return a.Words
}

func TestHandler(t *testing.T) {
	s, h := newServer(t, map[string]*model.Embeddings{"first": toy(t, 20, "city"), "second": toy(t, 30, "animal")})
	defer h.Wait()
	page := get(t, s, "GET", "/", "", "")
	if policy := page.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; script-src 'self';") {
		t.Errorf("the policy of the page is %q", policy)
	}
	words := listed(t, s, "first")
	places := get(t, s, "GET", "/explore/map?model=first", "", "")
	if n := places.Body.Len(); n != 9*len(words) {
		t.Fatalf("the map of %d words has %d bytes, want 9 a word", len(words), n)
	}
	// Words of a topic are nearer to each other than words of different ones.
	at := func(word string) (x, y float64) {
		for i, w := range words {
			if w == word {
				b := places.Body.Bytes()[4*i:]
				return float64(binary.LittleEndian.Uint16(b)), float64(binary.LittleEndian.Uint16(b[2:]))
			}
		}
		t.Fatalf("no word %q", word)
		return 0, 0
	}
	distance := func(a, b string) float64 {
		ax, ay := at(a)
		bx, by := at(b)
		return (ax-bx)*(ax-bx) + (ay-by)*(ay-by)
	}
	if near, far := distance("dog", "cat"), distance("dog", "london"); near >= far {
		t.Errorf("dog and cat are %v apart, dog and london %v", near, far)
	}
	var d Differences
	if err := json.Unmarshal(get(t, s, "POST", "/explore/differences", "application/json", `{"model":"first","other":"second"}`).Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if d.Compared == 0 || d.Most[0].Word != "bank" || d.Mean <= 0.3 {
		t.Errorf("the models differ by %+v, want bank first", d)
	}
}

// TestBadRequests: what can't be answered gets a status and a message in JSON.
func TestBadRequests(t *testing.T) {
	s, h := newServer(t, map[string]*model.Embeddings{"first": toy(t, 0, "city")})
	defer h.Wait()
	const kind = "application/json"
	for _, c := range []struct {
		method, target, kind, body string
		status                     int
		says                       string
	}{
		{"GET", "/explore/map", "", "", 404, `no model is called ""`},
		{"GET", "/explore/map?model=none", "", "", 404, `no model is called "none"`},
		{"GET", "/explore/words?model=" + strings.Repeat("x", 5000), "", "", 404, "no model is called"},
		{"GET", "/explore/none", "", "", 404, "there is nothing at"},
		{"POST", "/explore/differences", kind, "", 400, "can't be read"},
		{"POST", "/explore/differences", kind, "{", 400, "can't be read"},
		{"POST", "/explore/differences", kind, `{"model":7}`, 400, "can't be read"},
		{"POST", "/explore/differences", kind, strings.Repeat(" ", 100_000) + "{}", 400, "can't be read"},
		{"POST", "/explore/differences", kind, `{"model":"first","other":"none"}`, 404, `no model is called "none"`},
		{"POST", "/explore/differences", "text/plain", `{"model":"first","other":"first"}`, 415, "want application/json"},
	} {
		w := get(t, s, c.method, c.target, c.kind, c.body)
		var a struct{ Error serve.Error }
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Errorf("%s %.60s: %v in %q", c.method, c.target, err, w.Body)
		}
		if w.Code != c.status || a.Error.Status != c.status || !strings.Contains(a.Error.Message, c.says) || len(a.Error.Message) > 500 {
			t.Errorf("%s %.60s %.40s: status %d, %q; want %d, %q", c.method, c.target, c.body, w.Code, a.Error.Message, c.status, c.says)
		}
	}
}

// TestReplacedFile: when a file is replaced while it is served, the map is that of the new one.
func TestReplacedFile(t *testing.T) {
	path := t.TempDir() + "/first.safetensors"
	save := func(e *model.Embeddings) {
		t.Helper()
		if err := format.Save(path, e, ""); err != nil {
			t.Fatal(err)
		}
	}
	save(toy(t, 20, "city"))
	s, err := serve.New(t.Context(), []string{path}, serve.Options{Limits: serve.DefaultLimits(), Load: load})
	if err != nil {
		t.Fatal(err)
	}
	h := Register(t.Context(), s, t.TempDir())
	defer h.Wait()
	before := listed(t, s, "first")
	tag := get(t, s, "GET", "/explore/map?model=first", "", "").Header().Get("ETag")
	save(toy(t, 90, "city"))
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	go s.Watch(t.Context(), 10*time.Millisecond)
	for end := time.Now().Add(time.Minute); len(listed(t, s, "first")) != len(before)+70; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the map still has the words of the file before")
		}
	}
	if w := get(t, s, "GET", "/explore/map?model=first", "", ""); w.Body.Len() != 9*(len(before)+70) || w.Header().Get("ETag") == tag {
		t.Errorf("the map has %d bytes, and the tag %s of before", w.Body.Len(), tag)
	}
}
