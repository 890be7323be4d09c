package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/model/format"
)

// save writes vectors in which word i is the direction of an angle of i degrees, and returns their path.
func save(t testing.TB, path string, words ...string) string {
	t.Helper()
	v, err := vocab.New(words, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := model.NewMatrix(len(words), 2)
	for i := range words {
		copy(m.Row(i), []float32{float32(100 - i), float32(i)})
	}
	if err := format.Save(path, &model.Embeddings{Vocabulary: v, Input: m}, "text"); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(_ context.Context, path string) (*model.Embeddings, []string, error) {
	e, err := format.Load(path)
	return e, nil, err
}

func testServer(t testing.TB, o Options, paths ...string) *Server {
	t.Helper()
	o.Load = load
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits()
	}
	s, err := New(context.Background(), paths, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends a request and returns the status and the JSON of the answer.
func ask(t testing.TB, s http.Handler, method, target, body string) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var a map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s %s: %v in %q", method, target, err, w.Body)
	}
	return w.Code, a
}

func words(a map[string]any, key string) (list []string) {
	items, _ := a[key].([]any)
	for _, item := range items {
		list = append(list, item.(map[string]any)["word"].(string))
	}
	return list
}

func TestAnswers(t *testing.T) {
	s := testServer(t, Options{}, save(t, filepath.Join(t.TempDir(), "v.txt"), "a", "ab", "abc", "é", "b", "x"))
	for _, c := range []struct {
		method, target, body string
		key                  string
		want                 []string
	}{
		{"GET", "/v1/neighbors?word=a&top=2", "", "neighbors", []string{"ab", "abc"}},
		{"POST", "/v1/neighbors", `{"word":"a","top":2}`, "neighbors", []string{"ab", "abc"}},
		{"POST", "/v1/neighbors", `{"word":"a","among":["b","x","none"]}`, "neighbors", []string{"b", "x"}},
		{"POST", "/v1/neighbors", `{"positive":["b"],"negative":["a"],"restrict":3}`, "neighbors", []string{"abc", "ab"}},
		{"GET", "/v1/neighbors?word=e%CC%81&top=1", "", "neighbors", []string{"abc"}}, // in another normal form
		{"GET", "/v1/prefix?prefix=a&top=2", "", "words", []string{"a", "ab"}},
		{"GET", "/v1/prefix?prefix=abcd", "", "words", nil},
		{"GET", "/v1/prefix?prefix=&top=1000", "", "words", []string{"a", "ab", "abc", "é", "b", "x"}},
		{"GET", "/v1/analogy?a=a&b=ab&c=abc&top=1", "", "neighbors", []string{"é"}},
		{"GET", "/v1/vector?words=a&words=b", "", "vectors", []string{"a", "b"}},
	} {
		status, a := ask(t, s, c.method, c.target, c.body)
		if got := words(a, c.key); status != 200 || !slices.Equal(got, c.want) {
			t.Errorf("%s %s %s: status %d, %q in %v, want %q", c.method, c.target, c.body, status, got, a, c.want)
		}
	}
	status, a := ask(t, s, "POST", "/v1/similarity", `{"pairs":[["a","a"],["a","ab"]]}`)
	if got, _ := a["similarities"].([]any); status != 200 || len(got) != 2 || got[0].(float64) < 0.99999 || got[1].(float64) >= got[0].(float64) {
		t.Errorf("similarities %v", a)
	}
	status, a = ask(t, s, "GET", "/v1/line?line=a+none+ab&top=1", "")
	if got, _ := a["unknown"].([]any); status != 200 || len(got) != 1 || len(words(a, "neighbors")) != 1 {
		t.Errorf("line %v", a)
	}
	status, a = ask(t, s, "POST", "/v1/batch", `{"requests":[{"operation":"prefix","prefix":"ab"},{"operation":"vector","word":"none"},{"operation":"nope"}]}`)
	answers, _ := a["answers"].([]any)
	if status != 200 || len(answers) != 3 || answers[0].(map[string]any)["result"] == nil ||
		answers[1].(map[string]any)["error"].(map[string]any)["status"] != 404.0 || answers[2].(map[string]any)["error"].(map[string]any)["status"] != 400.0 {
		t.Errorf("batch %v", a)
	}
	_, first := ask(t, s, "GET", "/v1/random?number=5&seed=7", "")
	_, second := ask(t, s, "GET", "/v1/random?number=5&seed=7", "")
	if got := words(first, "words"); len(got) != 5 || !slices.Equal(got, words(second, "words")) {
		t.Errorf("random words of one seed: %v and %v", first, second)
	}
}

// Every request that can't be answered gets a status and a message that says what was expected.
func TestRefuses(t *testing.T) {
	o := Options{Limits: DefaultLimits(), Hosts: []string{"example.com"}}
	o.Limits.Body, o.Limits.Batch = 1000, 2
	s := testServer(t, o, save(t, filepath.Join(t.TempDir(), "v.txt"), "king", "queen"))
	for _, c := range []struct {
		method, target, body string
		status               int
		want                 string
	}{
		{"GET", "/v1/neighbors?word=kin", "", 404, `no vector for "kin"`},
		{"GET", "/v1/neighbors", "", 400, "no word"},
		{"GET", "/v1/neighbors?word=", "", 400, "no word"},
		{"GET", "/v1/neighbors?word=king&top=0x", "", 400, `top is "0x", want a whole number`},
		{"GET", "/v1/neighbors?word=king&top=-1", "", 400, "top is -1, want 1 to 1000"},
		{"GET", "/v1/neighbors?word=king&top=5000", "", 400, "top is 5000"},
		{"GET", "/v1/neighbors?word=king&word=queen", "", 400, "word is given 2 times"},
		{"GET", "/v1/neighbors?werd=king", "", 400, "there is no parameter"},
		{"GET", "/v1/neighbors?word=%ff", "", 400, "not UTF-8"},
		{"GET", "/v1/neighbors?word=king&model=none", "", 404, "no model is called"},
		{"GET", "/v1/similarity?pairs=x", "", 400, "send a POST request"},
		{"GET", "/v1/analogy?a=king&b=queen", "", 400, "a word is empty"},
		{"GET", "/v1/analogy?a=king&b=queen&c=king&method=best", "", 400, "want add or mul"},
		{"GET", "/v1/line?line=++", "", 400, "the line has no word"},
		{"GET", "/v1/line?line=x+y", "", 404, "no word of the line"},
		{"GET", "/v1/random?number=-4", "", 400, "number is -4"},
		{"GET", "/nothing", "", 404, "there is nothing at"},
		{"GET", "/v1/neighbors?word=king&model=v&model=v", "", 400, "model is given 2 times"},
		{"GET", "/v1/neighbors?word=king&top=%zz", "", 400, "the parameters can't be read"},
		{"GET", "/v1/neighbors?word=king;top=1", "", 400, "the parameters can't be read"},
		{"GET", "/v1/vector?word=" + strings.Repeat("x", 5000), "", 400, "has 5000 bytes, want at most 4096"},
		{"GET", "/v1/line?line=" + strings.Repeat("x", 5000), "", 400, "has 5000 bytes, want at most 4096"},
		{"POST", "/health", "", 405, "want GET"},
		{"GET", "/v1/batch", "", 405, "want POST"},
		{"POST", "/v1/neighbors", `null`, 400, "want a JSON object, found null"},
		{"POST", "/v1/neighbors", `"king"`, 400, "want a JSON object"},
		{"POST", "/v1/neighbors", `{"word":"\ud800"}`, 400, "half of a surrogate pair"},
		{"POST", "/v1/neighbors", `{"word":"\\ud800"}`, 404, `no vector for "\\ud800"`},
		{"POST", "/v1/neighbors", `{"word":"\ud83d\ude00"}`, 404, "no vector for \"\U0001F600\""},
		{"POST", "/v1/neighbors", `{"word":"king","top":1e99}`, 400, "top is number 1e99, want a whole number"},
		{"POST", "/v1/neighbors", `{"word":"king","top":"3"}`, 400, "top is string, want a whole number"},
		{"POST", "/v1/neighbors", `{"positive":"king"}`, 400, "positive is string, want a list"},
		{"POST", "/v1/neighbors", `{"word":"king","model":3}`, 400, "want the name of a model"},
		{"POST", "/v1/neighbors", `{"positive":["king",""]}`, 400, "a word is empty"},
		{"POST", "/v1/similarity", `{"pairs":[["king"]]}`, 400, "a word is empty"},
		{"POST", "/v1/batch", `{"requests":[{}]} {}`, 400, "more than one JSON value"},
		{"DELETE", "/v1/vector?word=king", "", 405, "want GET or POST"},
		{"POST", "/v1/neighbors", "", 400, "the body is empty"},
		{"POST", "/v1/neighbors", "\xff{}", 400, "not UTF-8"},
		{"POST", "/v1/neighbors", "[1]", 400, "want a JSON object"},
		{"POST", "/v1/neighbors", `{"word":"king"} {}`, 400, "want a JSON object"},
		{"POST", "/v1/neighbors", `{"word":3}`, 400, "word is number, want text"},
		{"POST", "/v1/neighbors", `{"word":"king","top":NaN}`, 400, "want a JSON object"},
		{"POST", "/v1/neighbors", `{"wrod":"king"}`, 400, `no field "wrod"; there are model, word, positive, negative, top, restrict, among`},
		{"POST", "/v1/neighbors", strings.Repeat("[", 900), 400, "want a JSON object"},
		{"POST", "/v1/neighbors", `{"word":"` + strings.Repeat("x", 1000) + `"}`, 413, "larger than 1000 bytes"},
		{"POST", "/v1/neighbors", `{"word":"king","among":["x"]}`, 404, "none of the words of among"},
		{"POST", "/v1/neighbors", `{"word":"king","among":["queen"],"restrict":1}`, 400, "exclude each other"},
		{"POST", "/v1/neighbors", `{"positive":["king"],"negative":["king"]}`, 422, "direction"},
		{"POST", "/v1/batch", `{"requests":[]}`, 400, "has 0 requests"},
		{"POST", "/v1/batch", `{"requests":[{},{},{}]}`, 400, "has 3 requests, want 1 to 2"},
		{"POST", "/v1/batch", `{"request":[]}`, 400, "unknown field"},
		{"GET", "http://evil.test/health", "", 403, "not called"},
	} {
		status, a := ask(t, s, c.method, c.target, c.body)
		e, _ := a["error"].(map[string]any)
		message, _ := e["message"].(string)
		if status != c.status || e["status"] != float64(c.status) || !strings.Contains(message, c.want) {
			t.Errorf("%s %s %.60s: status %d, %v; want %d and %q", c.method, c.target, c.body, status, a, c.status, c.want)
		}
	}
	status, a := ask(t, s, "GET", "/v1/neighbors?word=kink", "")
	if e := a["error"].(map[string]any); status != 404 || !slices.Contains(e["suggestions"].([]any), any("king")) {
		t.Errorf("suggestions for kink: %v", a)
	}
}

func TestToken(t *testing.T) {
	s := testServer(t, Options{Token: "secret-secret-secret"}, save(t, filepath.Join(t.TempDir(), "v.txt"), "a", "b"))
	for token, want := range map[string]int{"": 401, "Bearer wrong": 401, "Bearer secret-secret-secret": 200} {
		r := httptest.NewRequest("GET", "/v1/models", nil)
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != want {
			t.Errorf("with %q: status %d, want %d", token, w.Code, want)
		}
	}
	if status, _ := ask(t, s, "GET", "/health", ""); status != 200 {
		t.Errorf("health without a token: status %d", status)
	}
}

func TestNames(t *testing.T) {
	dir := t.TempDir()
	a := save(t, filepath.Join(dir, "a.txt"), "a")
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	other := save(t, filepath.Join(dir, "sub", "a.txt"), "b")
	if _, err := New(context.Background(), []string{a, other}, Options{Load: load, Limits: DefaultLimits()}); err == nil || !strings.Contains(err.Error(), `both be called "a"`) {
		t.Errorf("two models of one name: %v", err)
	}
	s := testServer(t, Options{}, a, save(t, filepath.Join(dir, "b.txt"), "c"))
	for target, want := range map[string]string{"/v1/random": "a", "/v1/random?model=a": "a", "/v1/random?model=b": "c"} {
		if _, got := ask(t, s, "GET", target, ""); !slices.Equal(words(got, "words"), []string{want}) {
			t.Errorf("%s: %v, want %s", target, got, want)
		}
	}
}

// A file that is replaced while many clients ask is loaded again, and every request is answered from one
// version. A file that is broken leaves the version before in place.
func TestReload(t *testing.T) {
	path := save(t, filepath.Join(t.TempDir(), "v.txt"), "a", "b1")
	var mu sync.Mutex
	var logged []string
	s := testServer(t, Options{Log: func(m string) { mu.Lock(); logged = append(logged, m); mu.Unlock() }}, path)
	web := httptest.NewServer(s)
	defer web.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	watched := make(chan struct{})
	go func() { defer close(watched); s.Watch(ctx, time.Millisecond) }()
	var asked, wrong atomic.Int64
	var clients sync.WaitGroup
	done := make(chan struct{})
	for range 100 {
		clients.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				r, err := http.Get(web.URL + "/v1/neighbors?word=a")
				if err != nil {
					wrong.Add(1)
					continue
				}
				body, _ := io.ReadAll(r.Body)
				r.Body.Close()
				if asked.Add(1); r.StatusCode != 200 || !bytes.Contains(body, []byte(`"b`)) {
					wrong.Add(1)
				}
			}
		})
	}
	version := func(want string) bool {
		for range 2000 {
			if _, a := ask(t, s, "GET", "/v1/prefix?prefix=b", ""); slices.Equal(words(a, "words"), []string{want}) {
				return true
			}
			time.Sleep(time.Millisecond)
		}
		return false
	}
	for i := 2; i <= 4; i++ {
		save(t, path, "a", fmt.Sprint("b", i))
		if !version(fmt.Sprint("b", i)) {
			t.Errorf("version %d is not served", i)
		}
	}
	if err := os.WriteFile(path, []byte("2 2\na 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stale := func() bool { _, a := ask(t, s, "GET", "/health", ""); return a["status"] == "stale" }
	for range 2000 {
		if stale() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if !stale() || !version("b4") {
		t.Error("a broken file: want health stale and version 4 served")
	}
	save(t, path, "a", "b5")
	if !version("b5") || stale() {
		t.Error("a file that is whole again is not served")
	}
	close(done)
	clients.Wait()
	stop()
	<-watched
	if wrong.Load() > 0 || asked.Load() == 0 {
		t.Errorf("%d of %d requests failed", wrong.Load(), asked.Load())
	}
	mu.Lock()
	defer mu.Unlock()
	if n := len(logged); n < 5 {
		t.Errorf("log: %q", logged)
	}
}

// The OpenAPI document has every address that answers, and only those.
func TestOpenAPI(t *testing.T) {
	s := testServer(t, Options{}, save(t, filepath.Join(t.TempDir(), "v.txt"), "a", "b"))
	_, document := ask(t, s, "GET", "/openapi.json", "")
	if _, again := ask(t, s, "GET", "/openapi.json", ""); !reflect.DeepEqual(document, again) {
		t.Error("the document differs from one request to the next")
	}
	paths := document["paths"].(map[string]any)
	for address, methods := range paths {
		for method := range methods.(map[string]any) {
			r := httptest.NewRequest(strings.ToUpper(method), address, strings.NewReader("{}"))
			w := httptest.NewRecorder()
			if s.ServeHTTP(w, r); w.Code == 404 || w.Code == 405 || w.Code >= 500 {
				t.Errorf("%s %s is described but answers %d", method, address, w.Code)
			}
		}
	}
	for _, o := range operations {
		post := paths["/v1/"+o.name].(map[string]any)["post"].(map[string]any)
		body := post["requestBody"].(map[string]any)["content"].(map[string]any)["application/json"].(map[string]any)["schema"].(map[string]any)
		for name := range body["properties"].(map[string]any) {
			_, a := ask(t, s, "POST", "/v1/"+o.name, fmt.Sprintf(`{%q:null}`, name))
			if e, failed := a["error"].(map[string]any); failed && strings.Contains(e["message"].(string), "unknown field") {
				t.Errorf("%s: the document has the field %s, which the server does not know", o.name, name)
			}
		}
	}
}

func TestMetrics(t *testing.T) {
	s := testServer(t, Options{}, save(t, filepath.Join(t.TempDir(), "v.txt"), "a", "b"))
	ask(t, s, "GET", "/v1/neighbors?word=a", "")
	ask(t, s, "GET", "/v1/neighbors?word=none", "")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`kindred_requests_total{address="/v1/neighbors",status="200"} 1`, `kindred_requests_total{address="/v1/neighbors",status="404"} 1`,
		`kindred_request_seconds_count{address="/v1/neighbors"} 2`, `kindred_words{model="v"} 2`, `kindred_stale{model="v"} 0`,
	} {
		if !strings.Contains(w.Body.String(), want+"\n") {
			t.Errorf("the metrics lack %q:\n%s", want, w.Body)
		}
	}
}

// Requests wait for a place, and are refused if they wait too long or if too many wait.
func TestTooBusy(t *testing.T) {
	o := Options{Limits: DefaultLimits()}
	o.Limits.Workers, o.Limits.Concurrent, o.Limits.Wait = 1, 1, 20*time.Millisecond
	s := testServer(t, o, save(t, filepath.Join(t.TempDir(), "v.txt"), "a", "b"))
	s.places <- struct{}{}
	if status, a := ask(t, s, "GET", "/v1/vector?word=a", ""); status != 503 || !strings.Contains(fmt.Sprint(a), "too much to do to answer in time") {
		t.Errorf("while the only place is taken: %d %v", status, a)
	}
	<-s.places
	s.requests <- struct{}{}
	if status, a := ask(t, s, "GET", "/v1/vector?word=a", ""); status != 503 || !strings.Contains(fmt.Sprint(a), "too much to do") {
		t.Errorf("while there are too many requests: %d %v", status, a)
	}
	<-s.requests
	if status, _ := ask(t, s, "GET", "/v1/vector?word=a", ""); status != 200 {
		t.Errorf("when there is room: %d", status)
	}
}

// Large requests and answers share a budget, which small ones need not, and give back what they took.
func TestMemory(t *testing.T) {
	o := Options{Limits: DefaultLimits()}
	o.Limits.Memory, o.Limits.Answer = 200_000, 30_000
	s := testServer(t, o, save(t, filepath.Join(t.TempDir(), "v.txt"), "a", "b"))
	large := `{"word":"a"` + strings.Repeat(" ", 50_000) + `}`
	if status, a := ask(t, s, "POST", "/v1/vector", large); status != 503 {
		t.Errorf("a body for which there is no room: %d %v", status, a)
	}
	if status, a := ask(t, s, "POST", "/v1/vector", `{"word":"a"}`); status != 200 || s.memory.left.Load() != 200_000 {
		t.Errorf("a small one: %d %v, %d bytes left", status, a, s.memory.left.Load())
	}
	many := `{"operation":"vector","words":["a"` + strings.Repeat(`,"a"`, 499) + `]}`
	if status, a := ask(t, s, "POST", "/v1/batch", `{"requests":[`+many+`,`+many+`,{"operation":"vector","word":"a"}]}`); status != 200 ||
		!strings.Contains(fmt.Sprint(a), "the answers of the batch would have more than 30000 bytes") {
		t.Errorf("a batch with a large answer: %d %.300v", status, a)
	} else if answers := a["answers"].([]any); answers[0].(map[string]any)["result"] == nil || answers[1].(map[string]any)["error"] == nil {
		t.Errorf("want an answer to the first, and errors for the others: %.300v", a)
	}
	if status, a := ask(t, s, "POST", "/v1/vector", `{"words":["a"`+strings.Repeat(`,"a"`, 999)+`]}`); status != 400 || !strings.Contains(fmt.Sprint(a), "more than 30000; ask for less") {
		t.Errorf("a large answer: %d %.300v", status, a)
	}
	if s.memory.left.Load() != 200_000 {
		t.Errorf("%d bytes left of 200000", s.memory.left.Load())
	}
}

// Pages of other sites are refused, but not links to the server.
func TestOtherSites(t *testing.T) {
	s := testServer(t, Options{}, save(t, filepath.Join(t.TempDir(), "v.txt"), "a", "b"))
	for _, c := range []struct {
		method, headers string
		status          int
	}{
		{"GET", "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors", 403},
		{"POST", "Sec-Fetch-Site: same-site\nSec-Fetch-Mode: cors", 403},
		{"POST", "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate", 403},
		{"GET", "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate", 200},
		{"POST", "Sec-Fetch-Site: same-origin", 200},
		{"GET", "Sec-Fetch-Site: none", 200},
		{"POST", "Origin: http://evil.test", 403},
		{"POST", "Origin: null", 403},
		{"POST", "Origin: http://example.com", 200},
	} {
		r := httptest.NewRequest(c.method, "/v1/vector?word=a", strings.NewReader(`{"word":"a"}`))
		for _, h := range strings.Split(c.headers, "\n") {
			name, value, _ := strings.Cut(h, ": ")
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != c.status {
			t.Errorf("%s with %q: %d, want %d", c.method, c.headers, w.Code, c.status)
		}
	}
}

// A fault of the program is an error for the request that met it, and nothing else.
func TestFault(t *testing.T) {
	log := ""
	s := testServer(t, Options{Log: func(m string) { log += m }}, save(t, filepath.Join(t.TempDir(), "v.txt"), "a", "b"))
	faulty := newOperation("prefix", "", func(*call, *prefixRequest) (wordsResponse, error) { panic("at the disco") })
	old := operations
	defer func() { operations = old }()
	operations = slices.Clone(operations)
	operations[slices.IndexFunc(operations, func(o *operation) bool { return o.name == "prefix" })] = faulty
	status, a := ask(t, s, "POST", "/v1/batch", `{"requests":[{"operation":"prefix","prefix":"a"},{"operation":"vector","word":"a"}]}`)
	answers, _ := a["answers"].([]any)
	if status != 200 || len(answers) != 2 || answers[0].(map[string]any)["error"].(map[string]any)["status"] != 500.0 || answers[1].(map[string]any)["result"] == nil {
		t.Errorf("a batch with a fault: %d %v", status, a)
	}
	s.Handle("/fault", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("again") }))
	if status, a := ask(t, s, "GET", "/fault", ""); status != 500 || !strings.Contains(log, "disco") || !strings.Contains(log, "again") {
		t.Errorf("a fault in a page: %d %v; log %q", status, a, log)
	}
}

// A body that stops coming is refused after a while, with a reason.
func TestSlowBody(t *testing.T) {
	o := Options{Limits: DefaultLimits()}
	o.Limits.Receive = 50 * time.Millisecond
	s := testServer(t, o, save(t, filepath.Join(t.TempDir(), "v.txt"), "a", "b"))
	web := httptest.NewUnstartedServer(s)
	web.Config = s.HTTP()
	web.Start()
	defer web.Close()
	body, end := io.Pipe()
	defer end.Close()
	go func() { _, _ = io.WriteString(end, `{"word":`) }()
	r, err := http.Post(web.URL+"/v1/vector", "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if data, _ := io.ReadAll(r.Body); r.StatusCode != 408 || !strings.Contains(string(data), "did not arrive within 50ms") {
		t.Errorf("status %d: %s", r.StatusCode, data)
	}
}

// If there are too many connections, the one that has been idle longest is closed.
func TestConnections(t *testing.T) {
	o := Options{Limits: DefaultLimits()}
	o.Limits.Connections = 3
	s := testServer(t, o, save(t, filepath.Join(t.TempDir(), "v.txt"), "a", "b"))
	web := httptest.NewUnstartedServer(s)
	web.Config = s.HTTP()
	web.Start()
	defer web.Close()
	address := web.Listener.Addr().String()
	var idle []net.Conn
	for range 3 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		idle = append(idle, conn)
	}
	for range 3 { // more clients than there is room for, each with a connection of its own
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		r, err := client.Get(web.URL + "/v1/vector?word=a")
		if err != nil {
			t.Fatal(err)
		}
		if r.Body.Close(); r.StatusCode != 200 {
			t.Errorf("status %d", r.StatusCode)
		}
	}
	_ = idle[0].SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := idle[0].Read(make([]byte, 1)); err != io.EOF && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the connection that was idle longest: %d bytes, %v; want it closed", n, err)
	}
}

// No request makes the server fail, and what is no JSON object of the fields is refused.
func FuzzRequests(f *testing.F) {
	o := Options{Limits: DefaultLimits()}
	o.Limits.Wait = 5 * time.Second
	s := testServer(f, o, save(f, filepath.Join(f.TempDir(), "v.txt"), "a", "b", "é"))
	f.Add("neighbors", []byte(`{"positive":["a"],"negative":["b"],"top":3}`))
	f.Add("similarity", []byte(`{"pairs":[["a","b"]]}`))
	f.Add("batch", []byte(`{"requests":[{"operation":"line","line":"a b","top":1},{"operation":"analogy","a":"a","b":"b","c":"é","method":"mul","among":["a","x"]}]}`))
	f.Add("random", []byte(`{"number":3,"seed":1}`))
	f.Add("prefix", []byte(`{"prefix":"\ud800"}`))
	f.Add("vector", []byte(`{"words":["\u0065\u0301"],"normalize":true,"model":"v"}`))
	f.Fuzz(func(t *testing.T, operation string, body []byte) {
		r := httptest.NewRequest("POST", "/v1/"+url.PathEscape(operation), bytes.NewReader(body))
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code == 200 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}
