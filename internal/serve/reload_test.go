package serve

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
)

// mapped loads a file as the command does: mapped, after its hash was checked.
func mapped(_ context.Context, path string) (*model.Embeddings, []string, error) {
	e, err := format.LoadOptions{Map: true, Verify: true}.Load(path)
	return e, nil, err
}

// saveVersion saves vectors of which only the words tell the version.
func saveVersion(t testing.TB, path string, words, version int) {
	t.Helper()
	list := make([]string, words)
	for i := range list {
		list[i] = fmt.Sprintf("w%d", i)
	}
	list[1] = fmt.Sprintf("version%d", version)
	e := modeltest.Embeddings(list, modeltest.Random(words, 20, uint64(version)).Input.(*model.Matrix))
	m := e.Input.(*model.Matrix)
	copy(m.Row(1), m.Row(0)) // the nearest word
	if err := format.Save(path, e, ""); err != nil {
		t.Fatal(err)
	}
}

// until waits for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("after a minute: not %s", what)
}

// watch reloads quickly until the test ends.
func watch(t testing.TB, s *Server) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.Watch(ctx, 2*time.Millisecond) }()
	t.Cleanup(func() { stop(); <-done })
}

// status returns what /health says.
func status(t testing.TB, s *Server) string {
	_, a := ask(t, s, "GET", "/health", "")
	return a["status"].(string)
}

// Hundreds of clients ask while a mapped file is replaced by newer versions. Every request is answered, each from one
// version, and no client sees an older version after a newer one.
func TestReloadMapped(t *testing.T) {
	const clients, versions = 300, 4
	path := filepath.Join(t.TempDir(), "v.safetensors")
	saveVersion(t, path, 500, 1)
	s, err := New(t.Context(), []string{path}, Options{Limits: DefaultLimits(), Load: mapped})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	defer web.Close()
	watch(t, s)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	var asked atomic.Int64
	var group sync.WaitGroup
	done := make(chan struct{})
	for i := range clients {
		group.Go(func() {
			seen := 0
			for {
				select {
				case <-done:
					return
				default:
				}
				address, body := "/v1/neighbors?word=w0&top=1", ""
				if i%3 == 0 {
					address, body = "/v1/batch", `{"requests":[{"operation":"neighbors","word":"w0","top":1},{"operation":"prefix","prefix":"version"}]}`
				}
				var r *http.Response
				var err error
				if body == "" {
					r, err = client.Get(web.URL + address)
				} else {
					r, err = client.Post(web.URL+address, "application/json", strings.NewReader(body))
				}
				if err != nil {
					t.Error(err)
					return
				}
				data, err := io.ReadAll(r.Body)
				r.Body.Close()
				version := 0
				for v := 1; v <= versions; v++ {
					if n := strings.Count(string(data), fmt.Sprintf(`"version%d"`, v)); n > 0 {
						version = v
						if body != "" && n != 2 {
							t.Errorf("a batch is answered from two versions: %s", data)
						}
					}
				}
				if err != nil || r.StatusCode != 200 || version < seen || version == 0 {
					t.Errorf("status %d, %v, after version %d: %s", r.StatusCode, err, seen, data)
					return
				}
				seen = version
				asked.Add(1)
			}
		})
	}
	for v := 2; v <= versions; v++ {
		saveVersion(t, path, 500, v)
		until(t, fmt.Sprint("version ", v), func() bool {
			_, a := ask(t, s, "GET", "/v1/neighbors?word=w0&top=1", "")
			return words(a, "neighbors")[0] == fmt.Sprint("version", v)
		})
	}
	close(done)
	group.Wait()
	if asked.Load() < clients {
		t.Errorf("%d requests of %d clients", asked.Load(), clients)
	}
}

// A mapped file that is cut, which no program of kindred does, makes requests fail until there is a new file, with a message,
// and nothing worse.
func TestCutWhileServed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.safetensors")
	saveVersion(t, path, 5000, 1)
	s, err := New(t.Context(), []string{path}, Options{Limits: DefaultLimits(), Load: mapped})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	done := make(chan struct{})
	for range 8 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				for _, address := range []string{"/v1/neighbors?word=w0&top=1", "/v1/vector?word=w4000", "/v1/line?line=w1+w2"} {
					code, a := ask(t, s, "GET", address, "")
					message := fmt.Sprint(a["error"])
					if code != 200 && (code != 503 || !strings.Contains(message, path)) {
						t.Errorf("%s: status %d, %v", address, code, a)
						return
					}
				}
			}
		})
	}
	if err := os.Truncate(path, 3000); err != nil {
		t.Fatal(err)
	}
	until(t, "failing", func() bool { code, _ := ask(t, s, "GET", "/v1/neighbors?word=w0", ""); return code == 503 })
	if code, a := ask(t, s, "GET", "/health", ""); code != 503 || a["status"] != "failing" {
		t.Errorf("health: %d %v", code, a)
	}
	watch(t, s)
	until(t, "a reason why the cut file is not served", func() bool {
		_, a := ask(t, s, "GET", "/v1/models", "")
		return strings.Contains(fmt.Sprint(a["models"]), "failure")
	})
	saveVersion(t, path, 5000, 2)
	until(t, "well again", func() bool { return status(t, s) == "ok" })
	close(done)
	group.Wait()
	if code, a := ask(t, s, "GET", "/v1/neighbors?word=w0&top=1", ""); code != 200 || words(a, "neighbors")[0] != "version2" {
		t.Errorf("after a new file: %d %v", code, a)
	}
}

// A file whose hash is wrong, one that is gone, and one that lacks the words of its pair leave the version before in place,
// until there is a good one. So does a file that cannot be loaded for lack of something else, which is tried again.
func TestKeepsTheVersionBefore(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v.npy")
	saveVersion(t, path, 30, 1)
	s, err := New(t.Context(), []string{path}, Options{Limits: DefaultLimits(), Load: mapped})
	if err != nil {
		t.Fatal(err)
	}
	watch(t, s)
	serves := func(version string) {
		t.Helper()
		until(t, "served "+version, func() bool {
			_, a := ask(t, s, "GET", "/v1/prefix?prefix=version", "")
			return words(a, "words")[0] == version && status(t, s) == "ok"
		})
	}
	stale := func() {
		t.Helper()
		until(t, "stale", func() bool { return status(t, s) == "stale" })
		if _, a := ask(t, s, "GET", "/v1/prefix?prefix=version", ""); words(a, "words")[0] != "version1" {
			t.Errorf("served: %v", a)
		}
	}
	list := format.InputFiles(path)[2]
	aside := filepath.Join(dir, "aside")
	if err := os.Rename(list, aside); err != nil { // as while a pair is replaced
		t.Fatal(err)
	}
	stale()
	if err := os.Rename(aside, list); err != nil {
		t.Fatal(err)
	}
	serves("version1")
	if err := os.Rename(path, aside); err != nil {
		t.Fatal(err)
	}
	stale()
	saveVersion(t, path, 30, 2)
	serves("version2")

	native := filepath.Join(dir, "n.safetensors")
	saveVersion(t, native, 30, 1)
	if s, err = New(t.Context(), []string{native}, Options{Limits: DefaultLimits(), Load: mapped}); err != nil {
		t.Fatal(err)
	}
	watch(t, s)
	saveVersion(t, aside+".safetensors", 30, 3)
	data, err := os.ReadFile(aside + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-10] ^= 1 // only the hash tells
	if err := os.WriteFile(aside, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(aside, native); err != nil {
		t.Fatal(err)
	}
	stale()
	if _, a := ask(t, s, "GET", "/health", ""); !strings.Contains(fmt.Sprint(a["details"]), "hash") {
		t.Errorf("health: %v, want what is wrong", a)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if !strings.Contains(w.Body.String(), "kindred_stale{model=\"n\"} 1\n") {
		t.Errorf("metrics: %s", w.Body)
	}
	saveVersion(t, native, 30, 4)
	serves("version4")
}

// A file that is being written is not loaded before it is the same at two looks, and one that changes while it is loaded
// is not served.
func TestUnsettledFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.txt")
	save(t, path, "a", "b1")
	loads := 0
	var during func()
	s, err := New(t.Context(), []string{path}, Options{Limits: DefaultLimits(), Load: func(ctx context.Context, path string) (*model.Embeddings, []string, error) {
		loads++
		e, warnings, err := load(ctx, path)
		if during != nil {
			during()
		}
		return e, warnings, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	look := func(wantLoads int, wantChanged bool) {
		t.Helper()
		changed, err := s.sources[0].reload(t.Context())
		if err != nil || changed != wantChanged || loads != wantLoads {
			t.Fatalf("changed %v, %v, %d loads; want %v and %d loads", changed, err, loads, wantChanged, wantLoads)
		}
	}
	look(1, false)
	for i := range 3 { // somebody writes
		save(t, path, "a", fmt.Sprint("b", i+2), strings.Repeat("x", i+1))
		look(1, false)
	}
	during = func() { save(t, path, "a", "b5") }
	look(2, false) // it changed meanwhile
	during = nil
	look(3, true)
	look(3, false)
	if _, a := ask(t, s, "GET", "/v1/prefix?prefix=b", ""); words(a, "words")[0] != "b5" {
		t.Errorf("served: %v", a)
	}
}

// Many searches at once, some with other candidates, have the answers that each has alone.
func TestSearchesTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.safetensors")
	saveVersion(t, path, 700, 1)
	s, err := New(t.Context(), []string{path}, Options{Limits: DefaultLimits(), Load: mapped})
	if err != nil {
		t.Fatal(err)
	}
	address := func(i int) string {
		return fmt.Sprintf("/v1/neighbors?word=w%d&top=%d&restrict=%d", 2+i%600, 1+i%20, (i%3)*200)
	}
	const questions = 400
	var alone [questions]string
	for i := range alone {
		_, a := ask(t, s, "GET", address(i), "")
		alone[i] = fmt.Sprint(a)
	}
	var group sync.WaitGroup
	for i := range questions {
		group.Go(func() {
			if _, a := ask(t, s, "GET", address(i), ""); fmt.Sprint(a) != alone[i] {
				t.Errorf("%s: %v, alone %s", address(i), a, alone[i])
			}
		})
	}
	group.Wait()
}
