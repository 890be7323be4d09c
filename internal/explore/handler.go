package explore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"kindred/internal/layout"
	"kindred/internal/serve"
	"kindred/model/search"
)

// A Handler adds the page and what it needs to a server of vectors.
type Handler struct {
	ctx    context.Context
	server *serve.Server
	dir    string
	mu     sync.Mutex
	// maps has the map of each model that is there or being laid out.
	maps map[string]*mapVersion
	// layouts lets one map be laid out at a time, and comparisons one comparison, as each takes all processors.
	layouts, comparisons sync.Mutex
}

// Register adds the page to a server, at /, and what it asks for besides the server's own answers, below /explore/. It begins to lay
// out the maps of the models, in the background until ctx ends. They stay in the directory dir.
func Register(ctx context.Context, server *serve.Server, dir string) *Handler {
	h := &Handler{ctx: ctx, server: server, dir: dir, maps: map[string]*mapVersion{}}
	for pattern, f := range map[string]http.HandlerFunc{
		"GET /{$}":                  static("text/html; charset=utf-8", document(`<link rel="stylesheet" href="main.css">`, `<script src="main.js"></script>`)),
		"GET /main.js":              static("text/javascript; charset=utf-8", script),
		"GET /main.css":             static("text/css; charset=utf-8", style),
		"GET /explore/map":          h.mapOf,
		"GET /explore/words":        h.wordsOf,
		"POST /explore/differences": h.differences,
	} {
		server.Handle(pattern, secured(f))
	}
	for _, name := range server.Names() {
		h.current(name)
	}
	return h
}

// Wait waits until no map is being laid out.
func (h *Handler) Wait() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, v := range h.maps {
		<-v.ready
	}
}

// policy lets the page load what the server has and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secured sets the headers of all answers.
func secured(f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-cache")
		f(w, r)
	}
}

func static(kind, content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, content)
	}
}

// A mapVersion is the map of one state of the vectors of a model.
type mapVersion struct {
	index *search.Index
	tag   string
	// ready is closed when there is atlas or err.
	ready chan struct{}
	atlas *Atlas
	err   error

	sync.Mutex
	stage string
	done  float64
}

// current returns the map of the vectors of a model as they are now, nil if there is no such model. If there is none it begins
// to lay it out.
func (h *Handler) current(name string) *mapVersion {
	x := h.server.Index(name)
	if x == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if v := h.maps[name]; v != nil && v.index == x {
		return v
	}
	v := &mapVersion{index: x, tag: fmt.Sprintf("%q", rand.Text()), ready: make(chan struct{}), stage: "waiting for another map"}
	h.maps[name] = v
	go func() {
		defer close(v.ready)
		h.layouts.Lock()
		defer h.layouts.Unlock()
		if h.server.Index(name) != x {
			v.err = errors.New("the file was replaced before its map was laid out")
			return
		}
		e := x.Embeddings()
		v.atlas, _, v.err = NewAtlas(h.ctx, e, min(layout.MostWords, e.Vocabulary.Len()), h.dir, func(stage string, done float64) {
			v.Lock()
			defer v.Unlock()
			v.stage, v.done = stage, done
		})
	}()
	return v
}

// answer writes a value as JSON.
func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

// fail writes an error as the server does.
func fail(w http.ResponseWriter, status int, format string, args ...any) {
	answer(w, status, map[string]any{"error": serve.Error{Status: status, Message: fmt.Sprintf(format, args...)}})
}

// version returns the map that a request asks for. If it is not ready, it answers how far it is and returns nil.
func (h *Handler) version(w http.ResponseWriter, r *http.Request) *mapVersion {
	name := r.URL.Query().Get("model")
	v := h.current(name)
	if v == nil {
		fail(w, http.StatusNotFound, "no model is called %.100q", name)
		return nil
	}
	select {
	case <-v.ready:
	default:
		v.Lock()
		stage, done := v.stage, v.done
		v.Unlock()
		answer(w, http.StatusAccepted, map[string]any{"stage": stage, "done": done})
		return nil
	}
	if v.err != nil {
		fail(w, http.StatusServiceUnavailable, "%v", v.err)
		return nil
	}
	w.Header().Set("ETag", v.tag)
	return v
}

func (h *Handler) mapOf(w http.ResponseWriter, r *http.Request) {
	if v := h.version(w, r); v != nil {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(v.atlas.places())
	}
}

func (h *Handler) wordsOf(w http.ResponseWriter, r *http.Request) {
	if v := h.version(w, r); v != nil {
		answer(w, http.StatusOK, map[string]any{"words": v.atlas.Words, "counts": v.atlas.Counts, "clusters": v.atlas.Names})
	}
}

func (h *Handler) differences(w http.ResponseWriter, r *http.Request) {
	if kind := r.Header.Get("Content-Type"); kind != "application/json" { // which no form of another site can send
		fail(w, http.StatusUnsupportedMediaType, "the content is of type %.100q, want application/json", kind)
		return
	}
	var q struct{ Model, Other string }
	const mostBytes = 64 << 10
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBytes)).Decode(&q); err != nil {
		fail(w, http.StatusBadRequest, "the question can't be read: %v", err)
		return
	}
	var indexes [2]*search.Index
	for i, name := range []string{q.Model, q.Other} {
		if indexes[i] = h.server.Index(name); indexes[i] == nil {
			fail(w, http.StatusNotFound, "no model is called %.100q", name)
			return
		}
	}
	h.comparisons.Lock()
	defer h.comparisons.Unlock()
	d, err := Compare(r.Context(), indexes[0], indexes[1])
	if err != nil {
		fail(w, http.StatusServiceUnavailable, "the comparison was stopped")
		return
	}
	answer(w, http.StatusOK, d)
}
