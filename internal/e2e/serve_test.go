package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
)

// A served is a running server.
type served struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string
	log     *logBuffer
	exited  chan error
}

// A logBuffer keeps what a process prints.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var servingAt = regexp.MustCompile(`Serving \d+ models? at http://(\S+)`)

// startServer starts kindred serve with a free port of its own.
func startServer(t *testing.T, args ...string) *served {
	t.Helper()
	s := &served{t: t, cmd: exec.Command("kindred", append([]string{"serve"}, args...)...), log: new(logBuffer), exited: make(chan error, 1)}
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	go func() { s.exited <- s.cmd.Wait() }()
	s.until("serving", func() bool {
		m := servingAt.FindStringSubmatch(s.log.String())
		if m != nil {
			s.address = m[1]
		}
		return m != nil
	})
	return s
}

// until waits for a condition.
func (s *served) until(what string, ok func() bool) {
	s.t.Helper()
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
		select {
		case err := <-s.exited:
			s.t.Fatalf("the server ended: %v\n%s", err, s.log)
		default:
		}
	}
	s.t.Fatalf("after a minute: not %s\n%s", what, s.log)
}

// get sends a GET request, and a token if it is not "".
func (s *served) get(path, token string) (status int, body string, err error) {
	r, err := http.NewRequest("GET", "http://"+s.address+path, nil)
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer a.Body.Close()
	data, err := io.ReadAll(a.Body)
	return a.StatusCode, string(data), err
}

// saveVersion saves random vectors, and one word that tells the version.
func saveVersion(t *testing.T, path string, words, version int) {
	t.Helper()
	random := modeltest.Random(words, 50, 3)
	list := make([]string, words)
	for i := range list {
		list[i] = random.Vocabulary.Word(i)
	}
	list[words-1] = fmt.Sprint("version", version)
	if err := format.Save(path, modeltest.Embeddings(list, random.Input.(*model.Matrix)), ""); err != nil {
		t.Fatal(err)
	}
}

// hostileRequests each end with a status.
var hostileRequests = []struct {
	name, request string
	status        int
}{
	{"no word", "GET /v1/neighbors HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
	{"an empty word", "GET /v1/vector?word= HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
	{"an unknown word", "GET /v1/neighbors?word=nobody HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
	{"another name", "GET /health HTTP/1.1\r\nHost: rebound.example\r\n\r\n", 403},
	{"no name", "GET /health HTTP/1.0\r\n\r\n", 403},
	{"another site", "GET /health HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n", 403},
	{"a broken escape", "GET /v1/neighbors?word=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
	{"an address out of the server", "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 307},
	{"invalid UTF-8", post("{\"word\":\"\xff\xfe\"}"), 400},
	{"half a surrogate pair", post(`{"word":"\udfff"}`), 400},
	{"NaN", post(`{"word":"w1","top":NaN}`), 400},
	{"a number out of range", post(`{"word":"w1","top":1e999}`), 400},
	{"no JSON", post("word=w1"), 400},
	{"deep JSON", post(strings.Repeat("[", 900_000)), 400},
	{"deep JSON in a field", post(`{"word":` + strings.Repeat(`{"word":`, 100_000)), 400},
	{"many empty words", post(`{"positive":[""` + strings.Repeat(`,""`, 300_000) + `]}`), 400},
	{"a long word", post(`{"word":"` + strings.Repeat("x", 1_000_000) + `"}`), 400},
	{"a huge body", post(`{"word":"` + strings.Repeat("x", 8_000_000) + `"}`), 413},
	{"a huge body without a length", "POST /v1/vector HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat(" ", 0x10000)+"\r\n", 40), 413},
	{"a length that is none", "POST /v1/vector HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400},
	{"a huge header", "GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 1_000_000) + "\r\n\r\n", 431},
	{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 100), 400},
}

func post(body string) string {
	return fmt.Sprintf("POST /v1/neighbors HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// send sends bytes and returns the answer, which is nil if the server closed the connection without one.
func send(address, request string) (*http.Response, []byte, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return nil, nil, err
	}
	go func() { _, _ = io.WriteString(conn, request) }() // the server may answer before it has all
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil, nil, err
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	return r, data, err
}

// Clients that send garbage, stall in the middle of a header or a body, do not read their answers, or only connect, keep no other
// client from being answered, also while the file is replaced.
func TestHostileClients(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.safetensors")
	saveVersion(t, path, 2000, 1)
	s := startServer(t, path, "--listen", "127.0.0.1:0")

	// Those that hold on to what they get.
	large := strings.Repeat(`{"operation":"vector","words":["w1","w2","w3","w4","w5"]},`, 999) + `{"operation":"random"}`
	for i := range 300 {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		switch i % 4 {
		case 0: // only connects
		case 1:
			_, err = io.WriteString(conn, "GET /v1/neighbors?word=w1 HTTP/1.1\r\nHost: loc")
		case 2:
			_, err = io.WriteString(conn, "POST /v1/neighbors HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"+strings.Repeat(" ", 50_000))
		case 3:
			body := `{"requests":[` + large + `]}`
			_, err = fmt.Fprintf(conn, "POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}

	var group sync.WaitGroup
	var asked atomic.Int64
	done := make(chan struct{})
	for i := range 50 { // honest ones
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				status, body, err := s.get(fmt.Sprintf("/v1/neighbors?word=w%d&top=3", i), "")
				if err != nil || status != 200 {
					t.Errorf("an honest client: status %d, %v: %.200s", status, err, body)
					return
				}
				asked.Add(1)
			}
		})
	}
	for range 3 {
		for _, h := range hostileRequests {
			group.Go(func() {
				r, data, err := send(s.address, h.request)
				if err != nil || r.StatusCode != h.status {
					t.Errorf("%s: %v, %v: %.200s; want the status %d", h.name, r, err, data, h.status)
					return
				}
				var a struct{ Error struct{ Message string } }
				if kind := r.Header.Get("Content-Type"); kind == "application/json" && (json.Unmarshal(data, &a) != nil || a.Error.Message == "") {
					t.Errorf("%s: %q, want an error in JSON", h.name, data)
				}
			})
		}
	}
	for version := 2; version <= 3; version++ {
		saveVersion(t, path, 2000, version)
		s.until(fmt.Sprint("version ", version), func() bool {
			_, body, err := s.get("/v1/prefix?prefix=version", "")
			return err == nil && strings.Contains(body, fmt.Sprintf(`"version%d"`, version))
		})
	}
	close(done)
	group.Wait()
	if asked.Load() < 100 {
		t.Errorf("honest clients had %d answers", asked.Load())
	}
	if _, metrics, err := s.get("/metrics", ""); err != nil || !strings.Contains(metrics, "kindred_reloads_total{model=\"v\"} 2\n") {
		t.Errorf("metrics: %v\n%s", err, metrics)
	}
}

// A server that is asked to stop answers the requests that it has, takes no others, and ends with 0.
func TestServeStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.safetensors")
	saveVersion(t, path, 20_000, 1)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		s := startServer(t, path, "--listen", "localhost:0")
		idle, err := net.Dial("tcp", s.address) // a browser connects before it asks
		if err != nil {
			t.Fatal(err)
		}
		defer idle.Close()
		body := `{"requests":[` + strings.Repeat(`{"operation":"neighbors","word":"w1","top":100},`, 999) + `{"operation":"neighbors","word":"w2"}]}`
		const clients = 4
		var group sync.WaitGroup
		for range clients {
			group.Go(func() {
				r, err := http.Post("http://"+s.address+"/v1/batch", "application/json", strings.NewReader(body))
				if err != nil {
					t.Errorf("a request that had begun: %v", err)
					return
				}
				defer r.Body.Close()
				data, err := io.ReadAll(r.Body)
				var a struct{ Answers []struct{ Result any } }
				if err := json.Unmarshal(data, &a); err != nil || len(a.Answers) != 1000 || a.Answers[999].Result == nil {
					t.Errorf("a request that had begun: status %d, %v, %d answers", r.StatusCode, err, len(a.Answers))
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		s.until("asked", func() bool {
			_, metrics, err := s.get("/metrics", "")
			return err == nil && (strings.Contains(metrics, fmt.Sprintf("kindred_requests_in_progress %d\n", clients)) || strings.Contains(metrics, `address="/v1/batch",status="200"`))
		})
		if err := s.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		group.Wait()
		select {
		case err := <-s.exited:
			if err != nil {
				t.Errorf("after %v: %v\n%s", signal, err, s.log)
			}
		case <-time.After(time.Minute):
			t.Errorf("the server does not end after %v\n%s", signal, s.log)
		}
	}
}

// Beyond this machine the server answers only with its token.
func TestServeBeyondLoopback(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v.safetensors")
	saveVersion(t, path, 20, 1)
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	made := startServer(t, "news="+path, "--listen", "0.0.0.0:0")
	made.until("a token", func() bool { return strings.Contains(made.log.String(), "Bearer ") })
	_, printed, _ := strings.Cut(made.log.String(), "Bearer ")
	for _, s := range []struct {
		*served
		token string
	}{{made, strings.TrimSpace(printed)}, {startServer(t, path, "news="+path, "--listen", "0.0.0.0:0", "--token-file", token), "0123456789abcdef"}} {
		for given, want := range map[string]int{"": 401, "wrong": 401, s.token: 200} {
			for _, path := range []string{"/v1/neighbors?word=w1&model=news", "/v1/models", "/metrics", "/openapi.json"} {
				if status, body, err := s.get(path, given); err != nil || status != want {
					t.Errorf("%s with the token %q: status %d, %v: %s; want %d", path, given, status, err, body, want)
				}
			}
		}
		if status, body, err := s.get("/health", ""); err != nil || status != 200 || strings.Contains(body, dir) {
			t.Errorf("health: status %d, %v: %s", status, err, body)
		}
	}
	for _, line := range strings.Split(startServer(t, path, "--listen", "127.0.0.1:0").log.String(), "\n") {
		if strings.Contains(line, "Bearer") {
			t.Errorf("a server of this machine alone prints %q", line)
		}
	}
}
