// Package serve answers questions about vectors over HTTP, in JSON. docs/serve.md describes it for users.
package serve

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits bound what requests can cost. The zero value of a field means its default.
type Limits struct {
	// Body is the size in bytes of the largest body of a request, Batch the number of requests in the largest
	// batch.
	Body  int64
	Batch int
	// Concurrent is how many requests are worked on at a time; others wait. Wait is how long one waits and
	// works at most.
	Concurrent int
	Wait       time.Duration
}

// DefaultLimits returns the limits of [New].
func DefaultLimits() Limits {
	return Limits{Body: 1 << 20, Batch: 1000, Concurrent: 4 * runtime.GOMAXPROCS(0), Wait: 30 * time.Second}
}

// Options say how a [Server] works.
type Options struct {
	Load   Loader
	Limits Limits
	// Token, if not "", has to come with each request but /health: "Authorization: Bearer TOKEN".
	Token string
	// Hosts are the names by which the server may be called, without ports; others are refused, so that no page
	// of another site reaches it through a name of its own (DNS rebinding). nil accepts any name.
	Hosts []string
	// Names are the names of the files in requests, if not nil. Else they are called by their base names
	// without extension.
	Names []string
	// Log is called with what happens to files: loaded again, broken.
	Log func(message string)
}

// A Server answers questions about several files of vectors. It is an [http.Handler].
type Server struct {
	o       Options
	sources []*source
	slots   chan struct{}
	mux     *http.ServeMux
	metrics *metrics
}

// New loads the files and returns a server of them. Two files of one name are an error.
func New(ctx context.Context, paths []string, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	s := &Server{o: o, slots: make(chan struct{}, o.Limits.Concurrent), mux: http.NewServeMux(), metrics: newMetrics()}
	for i, path := range paths {
		name := nameOf(path)
		if o.Names != nil {
			name = o.Names[i]
		}
		if i := slices.IndexFunc(s.sources, func(other *source) bool { return other.name == name }); i >= 0 {
			return nil, fmt.Errorf("%s and %s would both be called %q; rename one of them", s.sources[i].path, path, name)
		}
		src := &source{name: name, path: path, load: o.Load}
		if err := src.read(ctx); err != nil {
			return nil, err
		}
		s.sources = append(s.sources, src)
	}
	s.routes()
	return s, nil
}

// Handle adds a page or a file to the server; see [http.ServeMux.Handle]. It is subject to the checks of hosts
// and tokens.
func (s *Server) Handle(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// Watch loads files again that change, until ctx ends. Requests go on meanwhile with the version before.
func (s *Server) Watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, src := range s.sources {
			switch changed, err := src.reload(ctx); {
			case err != nil && ctx.Err() == nil:
				s.o.Log(fmt.Sprintf("%s changed but can't be served; the version before stays: %v", src.path, err))
			case changed:
				s.o.Log(fmt.Sprintf("%s changed and was loaded again", src.path))
			}
		}
	}
}

// routes sets the addresses.
func (s *Server) routes() {
	s.mux.HandleFunc("GET /health", s.health)
	s.mux.HandleFunc("GET /metrics", s.writeMetrics)
	s.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, openAPI()) })
	s.mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		list := make([]ModelFacts, len(s.sources))
		for i, src := range s.sources {
			list[i] = src.facts()
		}
		answer(w, 200, map[string]any{"models": list})
	})
	for _, o := range operations {
		s.mux.HandleFunc("/v1/"+o.name, func(w http.ResponseWriter, r *http.Request) {
			s.limited(w, r, func(ctx context.Context) (any, error) {
				model, request, err := s.read(r, o)
				if err != nil {
					return nil, err
				}
				return s.ask(ctx, model, o, request)
			})
		})
	}
	s.mux.HandleFunc("POST /v1/batch", func(w http.ResponseWriter, r *http.Request) {
		s.limited(w, r, func(ctx context.Context) (any, error) { return s.batch(ctx, r) })
	})
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, 404, &Error{Status: 404, Message: fmt.Sprintf("there is nothing at %.100q; /openapi.json lists the addresses", r.URL.Path)})
	})
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	recorder := &statusRecorder{ResponseWriter: w, status: 200}
	s.guard(recorder, r)
	_, pattern := s.mux.Handler(r)
	s.metrics.observe(pattern, recorder.status, time.Since(start))
}

// guard refuses requests from elsewhere.
func (s *Server) guard(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if s.o.Hosts != nil && !slices.Contains(s.o.Hosts, strings.ToLower(host)) {
		answer(w, 403, &Error{Status: 403, Message: fmt.Sprintf("the server is not called %.100q; call it by the address that it printed", r.Host)})
		return
	}
	given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if s.o.Token != "" && r.URL.Path != "/health" && subtle.ConstantTimeCompare([]byte(given), []byte(s.o.Token)) != 1 {
		h.Set("WWW-Authenticate", "Bearer")
		answer(w, 401, &Error{Status: 401, Message: "want the token of the server, in the header \"Authorization: Bearer TOKEN\""})
		return
	}
	s.mux.ServeHTTP(w, r)
}

// limited answers a request when it is its turn.
func (s *Server) limited(w http.ResponseWriter, r *http.Request, run func(ctx context.Context) (any, error)) {
	ctx, cancel := context.WithTimeout(r.Context(), s.o.Limits.Wait)
	defer cancel()
	r.Body = http.MaxBytesReader(w, r.Body, s.o.Limits.Body)
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		w.Header().Set("Retry-After", "1")
		answer(w, 503, &Error{Status: 503, Message: "the server has too much to do; try again later"})
		return
	}
	result, err := run(ctx)
	if err != nil {
		e := asError(err)
		answer(w, e.Status, e)
		return
	}
	answer(w, 200, result)
}

// read returns the model and the request that r names: in the address for GET, in the body for POST.
func (s *Server) read(r *http.Request, o *operation) (model string, request any, err error) {
	switch r.Method {
	case http.MethodGet:
		request, err = o.fromQuery(r.URL.Query())
		return r.URL.Query().Get("model"), request, err
	case http.MethodPost:
		data, err := readBody(r)
		if err != nil {
			return "", nil, err
		}
		model, data, err := splitModel(data)
		if err != nil {
			return "", nil, err
		}
		request, err = o.decode(data)
		return model, request, err
	}
	return "", nil, &Error{Status: 405, Message: fmt.Sprintf("the method is %.20q, want GET or POST", r.Method)}
}

// readBody returns the body of a request.
func readBody(r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &Error{Status: 413, Message: fmt.Sprintf("the body is larger than %d bytes", large.Limit)}
	case err != nil:
		return nil, invalid("the body can't be read: %v", err)
	case !utf8.Valid(data):
		return nil, invalid("the body is not UTF-8")
	case len(bytes.TrimSpace(data)) == 0:
		return nil, invalid("the body is empty, want a JSON object")
	}
	return data, nil
}

// splitModel takes the field "model" out of a JSON object.
func splitModel(data []byte) (model string, rest []byte, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return "", nil, invalid("want a JSON object: %v", err)
	}
	raw, given := fields["model"]
	if !given {
		return "", data, nil
	}
	if err := json.Unmarshal(raw, &model); err != nil {
		return "", nil, invalid("model is %.40q, want the name of a model", raw)
	}
	delete(fields, "model")
	rest, err = json.Marshal(fields)
	return model, rest, err
}

// ask asks one question of a model; "" is the first.
func (s *Server) ask(ctx context.Context, model string, o *operation, request any) (any, error) {
	src := s.sources[0]
	if model != "" {
		i := slices.IndexFunc(s.sources, func(src *source) bool { return src.name == model })
		if i < 0 {
			return nil, &Error{Status: 404, Message: fmt.Sprintf("no model is called %.100q; /v1/models lists them", model)}
		}
		src = s.sources[i]
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return o.run(ctx, src.current.Load(), request)
}

// A BatchAnswer is the answer to one request of a batch, or its error.
type BatchAnswer struct {
	Result any    `json:"result,omitempty"`
	Error  *Error `json:"error,omitempty"`
}

// batch answers several requests, in their order. One that fails does not stop the others.
func (s *Server) batch(ctx context.Context, r *http.Request) (any, error) {
	data, err := readBody(r)
	if err != nil {
		return nil, err
	}
	var b struct {
		Requests []json.RawMessage `json:"requests"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return nil, invalid("batch: %v; want {\"requests\": [{\"operation\": \"neighbors\", …}, …]}", err)
	}
	if n := len(b.Requests); n == 0 || n > s.o.Limits.Batch {
		return nil, invalid("the batch has %d requests, want 1 to %d", n, s.o.Limits.Batch)
	}
	answers := make([]BatchAnswer, len(b.Requests))
	for i, raw := range b.Requests {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if answers[i].Result, err = s.one(ctx, raw); err != nil {
			answers[i] = BatchAnswer{Error: asError(err)}
		}
	}
	return map[string]any{"answers": answers}, nil
}

// one answers one request of a batch.
func (s *Server) one(ctx context.Context, raw []byte) (any, error) {
	model, raw, err := splitModel(raw)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, invalid("want a JSON object: %v", err)
	}
	name := ""
	if err := json.Unmarshal(fields["operation"], &name); err != nil {
		return nil, invalid("the request has no operation, such as \"neighbors\"")
	}
	o := findOperation(name)
	if o == nil {
		return nil, invalid("there is no operation %.40q; /openapi.json lists them", name)
	}
	delete(fields, "operation")
	if raw, err = json.Marshal(fields); err != nil {
		return nil, err
	}
	request, err := o.decode(raw)
	if err != nil {
		return nil, err
	}
	return s.ask(ctx, model, o, request)
}

// health answers 200 while all models can be asked, and tells which files changed but are not served.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	failures := map[string]string{}
	for _, src := range s.sources {
		if failure, _ := src.state(); failure != "" {
			failures[src.name] = failure
		}
	}
	status := "ok"
	if len(failures) > 0 {
		status = "stale"
	}
	answer(w, 200, map[string]any{"status": status, "stale": failures})
}

// answer writes a JSON value.
func answer(w http.ResponseWriter, status int, value any) {
	if e, failed := value.(*Error); failed {
		value = map[string]*Error{"error": e}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		status = 500
		b.Reset()
		fmt.Fprintf(&b, "{\"error\":{\"status\":500,\"message\":%q}}\n", err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a client that has gone can't be told
}

// A statusRecorder remembers the status of a response.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// HTTP returns an HTTP server with limits on time and headers that s answers for. It stops by
// [http.Server.Shutdown].
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      s.o.Limits.Wait + 30*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          nil,
	}
}
