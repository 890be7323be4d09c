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
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

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
	mux     *http.ServeMux
	// methods has the methods of the addresses that have only some.
	methods map[string]string
	metrics *metrics
	// requests has an entry for each request that is worked on or waits, places one for each that is worked on.
	requests, places chan struct{}
	memory           budget
	connections      *connections
}

// New loads the files and returns a server of them. Two files of one name are an error.
func New(ctx context.Context, paths []string, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	s := &Server{
		o: o, mux: http.NewServeMux(), methods: map[string]string{}, metrics: newMetrics(), connections: newConnections(o.Limits.Connections),
		requests: make(chan struct{}, o.Limits.Concurrent), places: make(chan struct{}, o.Limits.Workers),
	}
	s.memory.left.Store(o.Limits.Memory)
	for i, path := range paths {
		name := nameOf(path)
		if o.Names != nil {
			name = o.Names[i]
		}
		if i := slices.IndexFunc(s.sources, func(other *source) bool { return other.name == name }); i >= 0 {
			return nil, fmt.Errorf("%s and %s would both be called %q; rename one of them", s.sources[i].path, path, name)
		}
		src := &source{name: name, path: path, load: o.Load}
		if err := src.start(ctx); err != nil {
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
	for address, handler := range map[string]http.HandlerFunc{
		"/health":       s.health,
		"/metrics":      s.writeMetrics,
		"/openapi.json": func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, s.openAPI()) },
		"/v1/models": func(w http.ResponseWriter, _ *http.Request) {
			list := make([]ModelFacts, len(s.sources))
			for i, src := range s.sources {
				list[i] = src.facts()
			}
			answer(w, 200, map[string]any{"models": list})
		},
	} {
		s.methods[address] = http.MethodGet
		s.mux.HandleFunc("GET "+address, handler)
	}
	for _, o := range operations {
		s.methods["/v1/"+o.name] = "GET, POST"
		run := func(ctx context.Context, r *http.Request, body []byte, l *loan) (any, error) {
			model, request, err := o.read(r, body)
			if err != nil {
				return nil, err
			}
			src, err := s.source(model)
			if err != nil {
				return nil, err
			}
			return s.ask(ctx, src.current.Load(), o, request, l)
		}
		s.mux.HandleFunc("GET /v1/"+o.name, func(w http.ResponseWriter, r *http.Request) { s.limited(w, r, run) })
		s.mux.HandleFunc("POST /v1/"+o.name, func(w http.ResponseWriter, r *http.Request) { s.limited(w, r, run) })
	}
	s.methods["/v1/batch"] = http.MethodPost
	s.mux.HandleFunc("POST /v1/batch", func(w http.ResponseWriter, r *http.Request) { s.limited(w, r, s.batch) })
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if methods, known := s.methods[r.URL.Path]; known {
			w.Header().Set("Allow", methods)
			answer(w, 405, &Error{Status: 405, Message: fmt.Sprintf("the method is %.20q, want %s", r.Method, strings.ReplaceAll(methods, ", ", " or "))})
			return
		}
		answer(w, 404, &Error{Status: 404, Message: fmt.Sprintf("there is nothing at %.100q; /openapi.json lists the addresses", r.URL.Path)})
	})
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	recorder := &statusRecorder{ResponseWriter: w, status: 200}
	_, pattern := s.mux.Handler(r)
	defer func() {
		if reason := recover(); reason != nil && reason != http.ErrAbortHandler {
			s.o.Log(fmt.Sprintf("a request to %.100s failed by a fault of the program: %v", r.URL.Path, reason))
			if !recorder.begun {
				answer(recorder, 500, &Error{Status: 500, Message: "a fault of the program; the server's log has it"})
			}
		}
		s.metrics.observe(pattern, recorder.status, time.Since(start))
	}()
	s.guard(recorder, r)
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
	switch {
	case s.o.Hosts != nil && !slices.Contains(s.o.Hosts, strings.ToLower(host)):
		answer(w, 403, &Error{Status: 403, Message: fmt.Sprintf("the server is not called %.100q; call it by the address that it printed", r.Host)})
		return
	case fromOtherSite(r):
		answer(w, 403, &Error{Status: 403, Message: "a page of another site can't ask this server"})
		return
	case r.URL.Path != "/health" && !s.authorized(r):
		h.Set("WWW-Authenticate", "Bearer")
		answer(w, 401, &Error{Status: 401, Message: "want the token of the server, in the header \"Authorization: Bearer TOKEN\""})
		return
	}
	s.mux.ServeHTTP(w, r)
}

// authorized reports whether a request has the token, if there is one.
func (s *Server) authorized(r *http.Request) bool {
	given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	return s.o.Token == "" || subtle.ConstantTimeCompare([]byte(given), []byte(s.o.Token)) == 1
}

// fromOtherSite reports whether a browser says that a page of another site made the request, unless somebody follows
// a link. The page could not read the answer, but could keep the server busy.
func fromOtherSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Method != http.MethodGet
	case "":
		if origin := r.Header.Get("Origin"); origin != "" {
			u, err := url.Parse(origin)
			return err != nil || u.Host != r.Host
		}
	}
	return false
}

// errBusy is the error of a request for which there is no room.
var errBusy = &Error{Status: 503, Message: "the server has too much to do; try again later"}

// limited answers a request within the limits.
func (s *Server) limited(w http.ResponseWriter, r *http.Request, run func(ctx context.Context, r *http.Request, body []byte, l *loan) (any, error)) {
	l := s.memory.loan()
	defer l.end()
	result, err := s.within(w, r, l, run)
	if err != nil {
		e := asError(err)
		if e.Status == 503 {
			w.Header().Set("Retry-After", "1")
		}
		answer(w, e.Status, e)
		return
	}
	answer(w, 200, result)
}

func (s *Server) within(w http.ResponseWriter, r *http.Request, l *loan, run func(ctx context.Context, r *http.Request, body []byte, l *loan) (any, error)) (any, error) {
	var body []byte
	if r.Method == http.MethodPost {
		var err error
		if body, err = s.readBody(w, r, l); err != nil {
			return nil, err
		}
	}
	select {
	case s.requests <- struct{}{}:
		defer func() { <-s.requests }()
	default:
		return nil, errBusy
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.o.Limits.Wait)
	defer cancel()
	return run(ctx, r, body, l)
}

// readBody returns the body of a request.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, l *loan) ([]byte, error) {
	tooLarge := &Error{Status: 413, Message: fmt.Sprintf("the body is larger than %d bytes", s.o.Limits.Body)}
	if r.ContentLength > s.o.Limits.Body {
		return nil, tooLarge
	}
	var b bytes.Buffer
	_, err := io.Copy(meter{&b, l}, http.MaxBytesReader(w, r.Body, s.o.Limits.Body))
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return nil, tooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &Error{Status: 408, Message: fmt.Sprintf("the body did not arrive within %v", s.o.Limits.Receive)}
	case errors.Is(err, errBusy):
		return nil, errBusy
	case err != nil:
		return nil, invalid("the body can't be read: %v", err)
	}
	data := b.Bytes()
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, invalid("the body is empty, want a JSON object")
	case !utf8.Valid(data):
		return nil, invalid("the body is not UTF-8")
	case halfSurrogate(data):
		return nil, invalid("the body has half of a surrogate pair, such as \\ud800 without its other half, which is no character")
	}
	return data, nil
}

// A meter writes a body as far as there is memory for it.
type meter struct {
	*bytes.Buffer
	loan *loan
}

func (m meter) Write(p []byte) (int, error) {
	if !m.loan.take(bodyCost * int64(len(p))) {
		return 0, errBusy
	}
	return m.Buffer.Write(p)
}

// ReadFrom keeps [io.Copy] from the method of the buffer, which would read all at once.
func (m meter) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{m}, r)
}

// halfSurrogate reports whether JSON has an escaped half of a surrogate pair, which encoding/json would replace in
// silence.
func halfSurrogate(data []byte) bool {
	unit := func(i int) rune { // the escaped unit of UTF-16 at i, -1 if there is none
		if i+6 > len(data) || data[i] != '\\' || data[i+1] != 'u' {
			return -1
		}
		n, err := strconv.ParseUint(string(data[i+2:i+6]), 16, 16)
		if err != nil {
			return -1
		}
		return rune(n)
	}
	for i := bytes.IndexByte(data, '\\'); i >= 0 && i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		if r := unit(i); utf16.IsSurrogate(r) {
			if utf16.DecodeRune(r, unit(i+6)) == utf8.RuneError {
				return true
			}
			i += 6
		}
		i++
	}
	return false
}

// read returns the model and the request that r names: in the address for GET, in the body for POST.
func (o *operation) read(r *http.Request, body []byte) (model string, request any, err error) {
	if r.Method == http.MethodPost {
		model, body, err := splitModel(body)
		if err != nil {
			return "", nil, err
		}
		request, err = o.decode(body)
		return model, request, err
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return "", nil, invalid("the parameters can't be read: %v; want name=value&name=value, with %%XX for special characters", err)
	}
	if n := len(query["model"]); n > 1 {
		return "", nil, invalid("model is given %d times, want it once", n)
	}
	request, err = o.fromQuery(query)
	return query.Get("model"), request, err
}

// splitModel takes the field "model" out of a JSON object.
func splitModel(data []byte) (model string, rest []byte, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return "", nil, invalid("want a JSON object: %v", err)
	}
	if fields == nil {
		return "", nil, invalid("want a JSON object, found null")
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

// source returns the model of a name; "" is the first.
func (s *Server) source(name string) (*source, error) {
	if name == "" {
		return s.sources[0], nil
	}
	i := slices.IndexFunc(s.sources, func(src *source) bool { return src.name == name })
	if i < 0 {
		return nil, &Error{Status: 404, Message: fmt.Sprintf("no model is called %.100q; there are %s", name, strings.Join(s.Names(), ", "))}
	}
	return s.sources[i], nil
}

// ask asks one question, when it is its turn, and returns the answer as JSON.
func (s *Server) ask(ctx context.Context, v *vectors, o *operation, request any, l *loan) (answer json.RawMessage, err error) {
	select {
	case s.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c := &call{ctx: ctx, vectors: v, leave: sync.OnceFunc(func() { <-s.places })}
	defer c.leave()
	defer func() {
		if reason := recover(); reason != nil { // also where a batch has goroutines of its own
			s.o.Log(fmt.Sprintf("%s failed by a fault of the program: %v", o.name, reason))
			err = &Error{Status: 500, Message: "a fault of the program; the server's log has it"}
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	result, err := o.run(c, request)
	if failed := v.index.Err(); failed != nil {
		return nil, &Error{Status: 503, Message: failed.Error()}
	}
	if err != nil {
		return nil, err
	}
	answer, err = encode(result)
	if n := int64(len(answer)); err == nil && n > s.o.Limits.Answer {
		return nil, invalid("the answer would have %d bytes, more than %d; ask for less at once", n, s.o.Limits.Answer)
	} else if err == nil && !l.take(n) {
		return nil, errBusy
	}
	return answer, err
}

// A BatchAnswer is the answer to one request of a batch, or its error.
type BatchAnswer struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  *Error          `json:"error,omitempty"`
}

// batchWidth is how many requests of a batch are answered at the same time.
const batchWidth = mostScans

// batch answers several requests, in their order. One that fails does not stop the others. All are answered from the
// versions that the models had when the batch began.
func (s *Server) batch(ctx context.Context, _ *http.Request, body []byte, l *loan) (any, error) {
	var b struct {
		Requests []json.RawMessage `json:"requests"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(&b)
	if _, more := d.Token(); err == nil && more != io.EOF {
		err = errors.New("there is more than one JSON value")
	}
	if err != nil {
		return nil, invalid("batch: %v; want {\"requests\": [{\"operation\": \"neighbors\", …}, …]}", err)
	}
	if n := len(b.Requests); n == 0 || n > s.o.Limits.Batch {
		return nil, invalid("the batch has %d requests, want 1 to %d", n, s.o.Limits.Batch)
	}
	versions := make(map[*source]*vectors, len(s.sources))
	for _, src := range s.sources {
		versions[src] = src.current.Load()
	}
	answers := make([]BatchAnswer, len(b.Requests))
	size := int64(0)
	for start := 0; start < len(answers); start += batchWidth {
		end := min(start+batchWidth, len(answers))
		var group sync.WaitGroup
		for i := start; i < end && size <= s.o.Limits.Answer; i++ {
			group.Go(func() {
				result, err := s.one(ctx, versions, b.Requests[i], l)
				answers[i].Result = result
				if err != nil {
					answers[i] = BatchAnswer{Error: asError(err)}
				}
			})
		}
		group.Wait()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := start; i < end; i++ {
			if size += int64(len(answers[i].Result)); size > s.o.Limits.Answer {
				answers[i] = BatchAnswer{Error: asError(invalid("the answers of the batch would have more than %d bytes; ask this in another one", s.o.Limits.Answer))}
			}
		}
	}
	if !l.take(min(size, s.o.Limits.Answer)) {
		return nil, errBusy
	}
	return map[string]any{"answers": answers}, nil
}

// one answers one request of a batch.
func (s *Server) one(ctx context.Context, versions map[*source]*vectors, raw []byte, l *loan) (json.RawMessage, error) {
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
	src, err := s.source(model)
	if err != nil {
		return nil, err
	}
	return s.ask(ctx, versions[src], o, request, l)
}

// health answers 200 while all models can be asked, and tells which files changed but are not served. Without the token
// it does not tell why.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	status, code := "ok", 200
	details := map[string]string{}
	for _, src := range s.sources {
		failure, _, failed := src.state()
		switch {
		case failed != nil:
			status, code = "failing", 503
			details[src.name] = failed.Error()
		case failure != "" && status == "ok":
			status = "stale"
			fallthrough
		case failure != "":
			details[src.name] = failure
		}
	}
	if !s.authorized(r) {
		details = nil
	}
	answer(w, code, healthResponse{status, details})
}

type healthResponse struct {
	Status  string            `json:"status" doc:"ok; stale if the newest version of a file can't be served; failing if a model can't be asked"`
	Details map[string]string `json:"details,omitempty" doc:"what is wrong with each model that is not ok"`
}

// encode returns a value as JSON.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return b.Bytes(), err
}

// answer writes a JSON value.
func answer(w http.ResponseWriter, status int, value any) {
	if e, failed := value.(*Error); failed {
		value = errorResponse{e}
	}
	data, isJSON := value.(json.RawMessage)
	if !isJSON {
		var err error
		if data, err = encode(value); err != nil {
			status = 500
			data, _ = encode(errorResponse{&Error{Status: status, Message: err.Error()}}) // text can always be encoded
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(data) // a client that has gone can't be told
}

type errorResponse struct {
	Error *Error `json:"error"`
}

// A statusRecorder remembers the status of a response.
type statusRecorder struct {
	http.ResponseWriter
	status int
	begun  bool
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status, r.begun = status, true
	r.ResponseWriter.WriteHeader(status)
}

func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// HTTP returns an HTTP server that s answers for, with limits on time, headers and connections. It stops by
// [http.Server.Shutdown].
func (s *Server) HTTP() *http.Server {
	const moreToWrite = 30 * time.Second
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       s.o.Limits.Receive,
		WriteTimeout:      s.o.Limits.Receive + s.o.Limits.Wait + moreToWrite,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ConnState:         s.connections.change,
		ErrorLog:          log.New(io.Discard, "", 0), // what clients send and break off is in the metrics
	}
	server.RegisterOnShutdown(s.connections.closeFresh)
	return server
}
