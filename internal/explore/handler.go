package explore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"kindred/internal/layout"
	"kindred/model"
	"kindred/model/search"
)

// A Served is a model that a server offers.
type Served struct {
	Name string
	// Index returns the vectors as they are now: others after their file was replaced.
	Index func() *search.Index
}

// A Handler answers the requests of the page.
type Handler struct {
	ctx    context.Context
	dir    string
	models []*servedModel
	mux    *http.ServeMux
	// turn lets one map be laid out at a time, as each takes all processors.
	turn sync.Mutex
}

// NewHandler returns a handler for some models. Maps stay in the directory dir. It lays them out in the background, until ctx ends.
func NewHandler(ctx context.Context, models []Served, dir string) *Handler {
	h := &Handler{ctx: ctx, dir: dir, mux: http.NewServeMux()}
	for _, m := range models {
		h.models = append(h.models, &servedModel{Served: m})
	}
	h.mux.HandleFunc("GET /{$}", static("text/html; charset=utf-8", document(`<link rel="stylesheet" href="main.css">`, `<script src="main.js"></script>`)))
	h.mux.HandleFunc("GET /main.js", static("text/javascript; charset=utf-8", script))
	h.mux.HandleFunc("GET /main.css", static("text/css; charset=utf-8", style))
	h.mux.HandleFunc("GET /explore/models", h.listModels)
	h.mux.HandleFunc("GET /explore/map", h.mapOf)
	h.mux.HandleFunc("GET /explore/map-words", h.wordsOf)
	h.mux.HandleFunc("GET /explore/words", h.words)
	h.mux.HandleFunc("POST /explore/neighbors", h.neighbors)
	h.mux.HandleFunc("POST /explore/analogy", h.analogy)
	h.mux.HandleFunc("POST /explore/differences", h.differences)
	for _, m := range h.models {
		h.current(m)
	}
	return h
}

// policy lets the page load what the server has and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-cache")
	h.mux.ServeHTTP(w, r)
}

func static(kind, content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, content)
	}
}

// A servedModel is a model with its map.
type servedModel struct {
	Served
	sync.Mutex
	// version is of the map that is there or being laid out, for the vectors of index.
	version *mapVersion
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

// current returns the map of the vectors as they are now. If there is none it begins to lay it out.
func (h *Handler) current(m *servedModel) *mapVersion {
	m.Lock()
	defer m.Unlock()
	x := m.Index()
	if m.version != nil && m.version.index == x {
		return m.version
	}
	v := &mapVersion{index: x, tag: fmt.Sprintf("%q", rand.Text()), ready: make(chan struct{}), stage: "waiting for another map"}
	m.version = v
	go func() {
		defer close(v.ready)
		h.turn.Lock()
		defer h.turn.Unlock()
		m.Lock()
		outdated := m.version != v
		m.Unlock()
		if outdated {
			v.err = errors.New("the vectors were replaced meanwhile")
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

// A problem is an error with the status that tells its kind.
type problem struct {
	status int
	text   string
}

func (p *problem) Error() string { return p.text }

// model returns the model of this name.
func (h *Handler) model(name string) (*servedModel, error) {
	for _, m := range h.models {
		if m.Name == name {
			return m, nil
		}
	}
	return nil, &problem{http.StatusNotFound, fmt.Sprintf("there is no model %q", name)}
}

// answer writes a value as JSON, or an error with its message.
func answer(w http.ResponseWriter, value any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		status := http.StatusInternalServerError
		var p *problem
		var unknown *search.UnknownWordError
		var zero *search.NoDirectionError
		switch {
		case errors.As(err, &p):
			status = p.status
		case errors.As(err, &unknown):
			status = http.StatusNotFound
		case errors.As(err, &zero):
			status = http.StatusUnprocessableEntity
		case errors.Is(err, context.Canceled):
			status = http.StatusServiceUnavailable
		}
		w.WriteHeader(status)
		value = map[string]string{"error": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(value)
}

func (h *Handler) listModels(w http.ResponseWriter, _ *http.Request) {
	type facts struct {
		Name     string          `json:"name"`
		Words    int             `json:"words"`
		Dim      int             `json:"dim"`
		Manifest *model.Manifest `json:"manifest,omitempty"`
	}
	list := []facts{}
	for _, m := range h.models {
		e := m.Index().Embeddings()
		list = append(list, facts{m.Name, e.Vocabulary.Len(), e.Dim(), e.Manifest})
	}
	answer(w, map[string]any{"models": list}, nil)
}

// version returns the map that a request asks for. If it is not ready, it answers how far it is and returns nil.
func (h *Handler) version(w http.ResponseWriter, r *http.Request) *mapVersion {
	m, err := h.model(r.FormValue("model"))
	if err != nil {
		answer(w, nil, err)
		return nil
	}
	v := h.current(m)
	select {
	case <-v.ready:
	default:
		v.Lock()
		state := map[string]any{"stage": v.stage, "done": v.done}
		v.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		answer(w, state, nil)
		return nil
	}
	if v.err != nil {
		answer(w, nil, v.err)
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
		answer(w, map[string]any{"words": v.atlas.Words, "counts": v.atlas.Counts, "clusters": v.atlas.Names}, nil)
	}
}

const (
	// mostAnswers is the largest number of words in an answer, and mostQuestions in a question.
	mostAnswers   = 200
	mostQuestions = 100
	// mostBytes is the size of the largest question.
	mostBytes = 64 << 10
)

// words answers with words that begin with a prefix, in upper or lower case, and are not on the map.
func (h *Handler) words(w http.ResponseWriter, r *http.Request) {
	m, err := h.model(r.FormValue("model"))
	if err != nil {
		answer(w, nil, err)
		return
	}
	prefix, list, v := strings.ToLower(r.FormValue("prefix")), []string{}, m.Index().Embeddings().Vocabulary
	for id := layout.MostWords; id < v.Len() && prefix != "" && len(list) < 10; id++ {
		if word := v.Word(id); strings.HasPrefix(strings.ToLower(word), prefix) {
			list = append(list, word)
		}
		if id%4096 == 0 && r.Context().Err() != nil {
			return
		}
	}
	answer(w, map[string]any{"words": list}, nil)
}

// question reads the JSON of a request and returns the model that it names.
func (h *Handler) question(w http.ResponseWriter, r *http.Request, into any, name *string) (*servedModel, error) {
	if kind := r.Header.Get("Content-Type"); kind != "application/json" {
		return nil, &problem{http.StatusUnsupportedMediaType, fmt.Sprintf("the content is of type %q, want application/json", kind)}
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBytes))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return nil, &problem{http.StatusBadRequest, fmt.Sprintf("the question can't be read: %v", err)}
	}
	return h.model(*name)
}

// atMost returns a number of answers that is not too large.
func atMost(top int) int { return min(max(top, 1), mostAnswers) }

type neighbor struct {
	Word       string  `json:"word"`
	Similarity float64 `json:"similarity"`
}

func found(list []search.Neighbor) map[string]any {
	words := make([]neighbor, len(list))
	for i, n := range list {
		words[i] = neighbor{n.Word, n.Similarity}
	}
	return map[string]any{"neighbors": words}
}

func (h *Handler) neighbors(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Model              string
		Positive, Negative []string
		Top                int
	}
	m, err := h.question(w, r, &q, &q.Model)
	if err == nil && len(q.Positive)+len(q.Negative) > mostQuestions {
		err = &problem{http.StatusBadRequest, fmt.Sprintf("there are %d words in the question, want at most %d", len(q.Positive)+len(q.Negative), mostQuestions)}
	}
	if err == nil && len(q.Positive) == 0 {
		err = &problem{http.StatusBadRequest, "there is no word in the question"}
	}
	if err != nil {
		answer(w, nil, err)
		return
	}
	list, err := m.Index().NearestWords(q.Positive, q.Negative, atMost(q.Top))
	answer(w, found(list), err)
}

func (h *Handler) analogy(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Model, A, B, C, Method string
		Top                    int
	}
	m, err := h.question(w, r, &q, &q.Model)
	if err != nil {
		answer(w, nil, err)
		return
	}
	method := search.CosAdd
	if q.Method == search.CosMul.String() {
		method = search.CosMul
	}
	list, err := m.Index().AnalogyWords(q.A, q.B, q.C, method, atMost(q.Top))
	answer(w, found(list), err)
}

func (h *Handler) differences(w http.ResponseWriter, r *http.Request) {
	var q struct{ Model, Other string }
	m, err := h.question(w, r, &q, &q.Model)
	if err != nil {
		answer(w, nil, err)
		return
	}
	other, err := h.model(q.Other)
	if err != nil {
		answer(w, nil, err)
		return
	}
	d, err := Compare(r.Context(), m.Index(), other.Index())
	answer(w, d, err)
}
