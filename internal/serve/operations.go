package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"kindred/internal/random"
	"kindred/model"
	"kindred/model/search"
)

// Limits on what one request may ask.
const (
	defaultTop = 10
	maxTop     = 1000
	maxWords   = 1000    // in a question
	maxAmong   = 10_000  // candidates that a question names
	maxLine    = 1 << 16 // bytes of a line
	maxRandom  = 1000
)

// An operation is something that can be asked of a model. The handler, the batches and the OpenAPI document are
// made from it.
type operation struct {
	name, summary string
	request       any // the zero value of its request and its response
	response      any
	run           func(c *call, request any) (any, error)
}

// A call is the work on one question. It has one of the server's places for workers until it calls leave, or ends.
type call struct {
	ctx context.Context
	*vectors
	leave func()
}

// newOperation returns the operation with the types of run.
func newOperation[Q, A any](name, summary string, run func(c *call, q *Q) (A, error)) *operation {
	var q Q
	var a A
	return &operation{name, summary, q, a, func(c *call, request any) (any, error) { return run(c, request.(*Q)) }}
}

// operations are all operations, in the order of the documentation.
var operations = []*operation{
	newOperation("neighbors", "words with the highest cosine with a word, or with the sum of words minus that of others", neighbors),
	newOperation("analogy", "A is to B as C is to what?", analogy),
	newOperation("similarity", "cosines of pairs of words", similarity),
	newOperation("vector", "vectors of words", vector),
	newOperation("line", "the vector of a line: the mean of the unit vectors of its words", line),
	newOperation("prefix", "words that begin with some characters, the most frequent first", prefix),
	newOperation("random", "words drawn at random", randomWords),
}

func findOperation(name string) *operation {
	i := slices.IndexFunc(operations, func(o *operation) bool { return o.name == name })
	if i < 0 {
		return nil
	}
	return operations[i]
}

// A Neighbor is a word that was found by its similarity.
type Neighbor struct {
	Word       string  `json:"word"`
	Similarity float64 `json:"similarity" doc:"cosine, from -1 to 1; the score of 3CosMul, 0 or more"`
	Count      int64   `json:"count,omitempty" doc:"how often the word is in the text; absent if that is unknown"`
}

// Candidates limit the answers of a question, not its words.
type Candidates struct {
	Top      int      `json:"top,omitempty" doc:"number of answers, 1 to 1000; 10 if absent"`
	Restrict int      `json:"restrict,omitempty" doc:"answer with the N most frequent words; 0 for all"`
	Among    []string `json:"among,omitempty" doc:"answer with these words, at most 10000"`
}

// check sets what is absent, and returns an error for what is out of range.
func (q *Candidates) check() error {
	if q.Top == 0 {
		q.Top = defaultTop
	}
	switch {
	case q.Top < 1 || q.Top > maxTop:
		return invalid("top is %d, want 1 to %d", q.Top, maxTop)
	case q.Restrict < 0:
		return invalid("restrict is %d, want a number of words, or 0 for all", q.Restrict)
	case q.Restrict > 0 && len(q.Among) > 0:
		return invalid("among and restrict exclude each other")
	case len(q.Among) > maxAmong:
		return invalid("among has %d words, want at most %d", len(q.Among), maxAmong)
	}
	return nil
}

// index returns the index of the words of among but those with the ids of exclude, and which of them are not stored.
func (c *call) index(among []string, exclude []int) (x *search.Index, missing []string, err error) {
	words := make([]string, 0, len(among))
	for _, w := range among {
		spelled := c.spelled(w)
		switch id, stored := c.e.Vocabulary.ID(spelled); {
		case !stored:
			missing = append(missing, w)
		case !slices.Contains(exclude, id):
			words = append(words, spelled)
		}
	}
	if len(missing) == len(among) {
		return nil, nil, &Error{Status: 404, Message: "none of the words of among is stored"}
	}
	x, _ = search.NewIndexAmong(c.e, words)
	return x, missing, nil
}

// nearest returns the candidates with the highest cosine with a vector, except the words with the ids of exclude, and the
// words of among that are not stored.
func (c *call) nearest(q *Candidates, vector []float32, exclude []int) (list []Neighbor, missing []string, err error) {
	if !hasDirection(vector) {
		return nil, nil, &search.NoDirectionError{}
	}
	if len(q.Among) > 0 {
		x, missing, err := c.index(q.Among, exclude)
		if err != nil {
			return nil, nil, err
		}
		return c.found(x.Nearest(vector, q.Top)), missing, nil
	}
	c.leave() // whoever waits for others to search together needs no place
	found, err := c.scanner.nearest(c.ctx, q.Restrict, q.Top, vector, exclude)
	return c.found(found), nil, err
}

func hasDirection(v []float32) bool {
	return slices.ContainsFunc(v, func(x float32) bool { return x != 0 })
}

type neighborsRequest struct {
	Word     string   `json:"word,omitempty" doc:"the word, if there is one"`
	Positive []string `json:"positive,omitempty" doc:"words whose unit vectors are added"`
	Negative []string `json:"negative,omitempty" doc:"words whose unit vectors are subtracted"`
	Candidates
}

type neighborsResponse struct {
	Neighbors []Neighbor `json:"neighbors"`
	Composed  []string   `json:"composed,omitempty" doc:"words of the question whose vectors are made of n-grams"`
	Missing   []string   `json:"missing,omitempty" doc:"words of among that are not stored"`
}

// ask returns the queries for the words of a question, which must have a direction.
func (a *neighborsResponse) ask(c *call, words ...string) ([]search.Query, error) {
	queries := make([]search.Query, len(words))
	for i, w := range words {
		q, err := c.query(w)
		if err == nil && !hasDirection(q.Vector) {
			err = &search.NoDirectionError{Word: w}
		}
		if err != nil {
			return nil, err
		}
		if q.ID < 0 {
			a.Composed = append(a.Composed, w)
		}
		queries[i] = q
	}
	return queries, nil
}

func neighbors(c *call, q *neighborsRequest) (a neighborsResponse, err error) {
	positive := q.Positive
	if q.Word != "" {
		positive = append([]string{q.Word}, positive...)
	}
	switch n := len(positive) + len(q.Negative); {
	case n == 0:
		return a, invalid("no word to ask for; give word, or positive and negative")
	case n > maxWords:
		return a, invalid("the question has %d words, want at most %d", n, maxWords)
	}
	if err := q.check(); err != nil {
		return a, err
	}
	queries, err := a.ask(c, append(positive, q.Negative...)...)
	if err != nil {
		return a, err
	}
	sum, exclude := make([]float32, c.e.Dim()), make([]int, len(queries))
	for i, query := range queries {
		sign := float32(1)
		if i >= len(positive) {
			sign = -1
		}
		for k, v := range query.Vector {
			sum[k] += sign * v
		}
		exclude[i] = query.ID
	}
	a.Neighbors, a.Missing, err = c.nearest(&q.Candidates, sum, exclude)
	return a, err
}

// found returns neighbors as they are answered.
func (v *vectors) found(list []search.Neighbor) []Neighbor {
	answers := make([]Neighbor, len(list))
	for i, n := range list {
		answers[i] = Neighbor{Word: n.Word, Similarity: n.Similarity}
		if id, ok := v.e.Vocabulary.ID(n.Word); ok {
			answers[i].Count = v.e.Vocabulary.Count(id)
		}
	}
	return answers
}

type analogyRequest struct {
	A      string `json:"a" doc:"A is to B"`
	B      string `json:"b"`
	C      string `json:"c" doc:"as C is to what?"`
	Method string `json:"method,omitempty" doc:"add (3CosAdd, the default) or mul (3CosMul)"`
	Candidates
}

func analogy(c *call, q *analogyRequest) (a neighborsResponse, err error) {
	if q.Method != "" && q.Method != "add" && q.Method != "mul" {
		return a, invalid("method is %.40q, want add or mul", q.Method)
	}
	if err := q.check(); err != nil {
		return a, err
	}
	asked, err := a.ask(c, q.A, q.B, q.C)
	if err != nil {
		return a, err
	}
	exclude := []int{asked[0].ID, asked[1].ID, asked[2].ID}
	if q.Method != "mul" {
		vector := make([]float32, c.e.Dim())
		for k := range vector {
			vector[k] = asked[1].Vector[k] - asked[0].Vector[k] + asked[2].Vector[k]
		}
		a.Neighbors, a.Missing, err = c.nearest(&q.Candidates, vector, exclude)
		return a, err
	}
	x := c.vectors.index.First(q.Restrict)
	if len(q.Among) > 0 {
		if x, a.Missing, err = c.index(q.Among, exclude); err != nil {
			return a, err
		}
		for i := range asked {
			asked[i].ID = -1 // no candidate of x
		}
	}
	a.Neighbors = c.found(x.Analogy(asked[0], asked[1], asked[2], search.CosMul, q.Top))
	return a, nil
}

type similarityRequest struct {
	A     string      `json:"a,omitempty" doc:"a pair of words, if there is one"`
	B     string      `json:"b,omitempty"`
	Pairs [][2]string `json:"pairs,omitempty" doc:"pairs of words, at most 1000"`
}

type similarityResponse struct {
	Similarities []float64 `json:"similarities" doc:"the cosine of each pair, from -1 to 1"`
	Composed     []string  `json:"composed,omitempty" doc:"words whose vectors are made of n-grams"`
}

func similarity(c *call, q *similarityRequest) (a similarityResponse, err error) {
	pairs := q.Pairs
	if q.A != "" || q.B != "" {
		pairs = append([][2]string{{q.A, q.B}}, pairs...)
	}
	if len(pairs) == 0 || len(pairs) > maxWords {
		return a, invalid("%d pairs, want 1 to %d: give a and b, or pairs", len(pairs), maxWords)
	}
	var asked neighborsResponse
	for _, p := range pairs {
		queries, err := asked.ask(c, p[0], p[1])
		if err != nil {
			return a, err
		}
		a.Similarities = append(a.Similarities, model.Cosine(queries[0].Vector, queries[1].Vector))
	}
	a.Composed = asked.Composed
	return a, nil
}

type vectorRequest struct {
	Word      string   `json:"word,omitempty" doc:"the word, if there is one"`
	Words     []string `json:"words,omitempty" doc:"words, at most 1000"`
	Normalize bool     `json:"normalize,omitempty" doc:"scale vectors to unit length"`
}

type wordVector struct {
	Word     string    `json:"word"`
	Vector   []float32 `json:"vector"`
	Composed bool      `json:"composed,omitempty" doc:"the vector is made of n-grams"`
}

type vectorResponse struct {
	Vectors []wordVector `json:"vectors"`
}

func vector(c *call, q *vectorRequest) (a vectorResponse, err error) {
	words := q.Words
	if q.Word != "" {
		words = append([]string{q.Word}, words...)
	}
	if len(words) == 0 || len(words) > maxWords {
		return a, invalid("%d words, want 1 to %d: give word, or words", len(words), maxWords)
	}
	for _, w := range words {
		query, err := c.query(w)
		if err != nil {
			return a, err
		}
		values := query.Vector
		if !q.Normalize {
			stored, _ := c.e.Vector(c.spelled(w))
			values = slices.Clone(stored)
		}
		a.Vectors = append(a.Vectors, wordVector{w, values, query.ID < 0})
	}
	return a, nil
}

type lineRequest struct {
	Line string `json:"line" doc:"words with white space between them"`
	Top  int    `json:"top,omitempty" doc:"number of neighbors of the line's vector, up to 1000; 0 for none"`
}

type lineResponse struct {
	Vector    []float32  `json:"vector"`
	Unknown   []string   `json:"unknown,omitempty" doc:"words without a vector, which are left out"`
	Neighbors []Neighbor `json:"neighbors,omitempty"`
}

func line(c *call, q *lineRequest) (a lineResponse, err error) {
	words := strings.Fields(q.Line)
	switch {
	case len(words) == 0:
		return a, invalid("the line has no word")
	case len(q.Line) > maxLine:
		return a, invalid("the line has %d bytes, want at most %d", len(q.Line), maxLine)
	case q.Top < 0 || q.Top > maxTop:
		return a, invalid("top is %d, want 0 to %d", q.Top, maxTop)
	}
	a.Vector = make([]float32, c.e.Dim())
	known := 0
	for _, w := range words {
		if err := checkWord(w); err != nil {
			return a, err
		}
		query, ok := c.find(w)
		if !ok {
			a.Unknown = append(a.Unknown, w)
			continue
		}
		known++
		for k, x := range query.Vector {
			a.Vector[k] += x
		}
	}
	if known == 0 {
		return a, &Error{Status: 404, Message: "no word of the line has a vector"}
	}
	for k := range a.Vector {
		a.Vector[k] /= float32(known)
	}
	if q.Top > 0 {
		a.Neighbors, _, err = c.nearest(&Candidates{Top: q.Top}, a.Vector, nil)
	}
	return a, err
}

type prefixRequest struct {
	Prefix string `json:"prefix" doc:"the characters"`
	Top    int    `json:"top,omitempty" doc:"number of words, 1 to 1000; 10 if absent"`
}

// A Word is a stored word.
type Word struct {
	Word  string `json:"word"`
	Count int64  `json:"count,omitempty" doc:"how often the word is in the text; absent if that is unknown"`
}

type wordsResponse struct {
	Words []Word `json:"words"`
}

// prefix returns the most frequent words with a prefix: those with the lowest ids.
func prefix(c *call, q *prefixRequest) (a wordsResponse, err error) {
	if q.Top == 0 {
		q.Top = defaultTop
	}
	if q.Top < 1 || q.Top > maxTop {
		return a, invalid("top is %d, want 1 to %d", q.Top, maxTop)
	}
	ids := c.alphabetic()
	word := func(id int32) string { return c.e.Vocabulary.Word(int(id)) }
	start, _ := slices.BinarySearchFunc(ids, q.Prefix, func(id int32, p string) int { return strings.Compare(word(id), p) })
	var found []int32
	for _, id := range ids[start:] {
		if !strings.HasPrefix(word(id), q.Prefix) {
			break
		}
		if len(found) < q.Top {
			found = append(found, id)
			if len(found) == q.Top {
				slices.Sort(found)
			}
		} else if id < found[q.Top-1] {
			at, _ := slices.BinarySearch(found, id)
			copy(found[at+1:], found[at:q.Top-1])
			found[at] = id
		}
	}
	slices.Sort(found)
	a.Words = c.words(found)
	return a, nil
}

func (v *vectors) words(ids []int32) []Word {
	list := make([]Word, len(ids))
	for i, id := range ids {
		list[i] = Word{v.e.Vocabulary.Word(int(id)), v.e.Vocabulary.Count(int(id))}
	}
	return list
}

type randomRequest struct {
	Number   int    `json:"number,omitempty" doc:"how many words, 1 to 1000, each another one; 1 if absent"`
	Restrict int    `json:"restrict,omitempty" doc:"draw among the N most frequent words; 0 for all"`
	Seed     uint64 `json:"seed,omitempty" doc:"the same seed gives the same words; absent or 0 for others each time"`
}

// wordDraws is the purpose of the numbers that choose words.
const wordDraws = 0x5e17e

// randomWords draws words without replacement, by Floyd's algorithm (Bentley and Floyd, "A sample of brilliance", 1987).
func randomWords(c *call, q *randomRequest) (a wordsResponse, err error) {
	if q.Number == 0 {
		q.Number = 1
	}
	if q.Number < 1 || q.Number > maxRandom {
		return a, invalid("number is %d, want 1 to %d", q.Number, maxRandom)
	}
	if q.Restrict < 0 {
		return a, invalid("restrict is %d, want a number of words, or 0 for all", q.Restrict)
	}
	if q.Seed == 0 {
		q.Seed = rand.Uint64()
	}
	n := c.e.Vocabulary.Len()
	if q.Restrict > 0 {
		n = min(n, q.Restrict)
	}
	r := random.New(q.Seed, wordDraws)
	var ids []int32
	drawn := map[int32]bool{}
	for last := max(0, n-q.Number); last < n; last++ {
		id := int32(r.Uint32n(uint32(last + 1)))
		if drawn[id] {
			id = int32(last)
		}
		drawn[id] = true
		ids = append(ids, id)
	}
	a.Words = c.words(ids)
	return a, nil
}

// ModelFacts say what is served under a name.
type ModelFacts struct {
	Name     string    `json:"name"`
	Words    int       `json:"words" doc:"number of stored words"`
	Dim      int       `json:"dim"`
	NGrams   bool      `json:"ngrams" doc:"words never seen have vectors, made of n-grams"`
	Loaded   time.Time `json:"loaded"`
	Reloads  int64     `json:"reloads"`
	Failure  string    `json:"failure,omitempty" doc:"why the newest version of the file is not served"`
	Warnings []string  `json:"warnings,omitempty"`
	// Manifest is absent if the file has none.
	Manifest *model.Manifest `json:"manifest,omitempty" doc:"how the vectors were made"`
}

// facts returns what is known of a model.
func (s *source) facts() ModelFacts {
	v := s.current.Load()
	f := ModelFacts{Name: s.name, Words: v.e.Vocabulary.Len(), Dim: v.e.Dim(), Loaded: v.loaded, Warnings: v.warnings, Manifest: v.e.Manifest}
	_, f.NGrams = v.e.Vocabulary.(model.Composer)
	var failed error
	f.Failure, f.Reloads, failed = s.state()
	if failed != nil {
		f.Failure = strings.Join(slices.DeleteFunc([]string{failed.Error(), f.Failure}, func(s string) bool { return s == "" }), "; ")
	}
	return f
}

// An Error is what a request gets instead of an answer.
type Error struct {
	Status      int      `json:"status"`
	Message     string   `json:"message"`
	Suggestions []string `json:"suggestions,omitempty" doc:"words that may have been meant"`
}

func (e *Error) Error() string { return e.Message }

// invalid returns the error of a request that can't be answered whatever the vectors are.
func invalid(format string, args ...any) error {
	return &Error{Status: 400, Message: fmt.Sprintf(format, args...)}
}

// asError returns an error as it is answered.
func asError(err error) *Error {
	var known *Error
	var unknown *search.UnknownWordError
	var zero *search.NoDirectionError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &unknown):
		return &Error{Status: 404, Message: fmt.Sprintf("no vector for %.100q", unknown.Word), Suggestions: unknown.Suggestions}
	case errors.As(err, &zero):
		return &Error{Status: 422, Message: err.Error()}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Status: 503, Message: "the server had too much to do to answer in time; ask for less at once, or try again later"}
	case errors.Is(err, context.Canceled):
		return &Error{Status: statusGone, Message: "the client has gone"}
	}
	return &Error{Status: 500, Message: err.Error()}
}

// statusGone is what metrics count for clients that did not wait for their answer, as nginx does.
const statusGone = 499

// decode reads the JSON of a request into a new value of the operation's type.
func (o *operation) decode(data []byte) (any, error) {
	request := o.newRequest()
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(request); err != nil {
		return nil, o.explain(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, invalid("%s: there is more than one JSON value", o.name)
	}
	return request, nil
}

// explain returns an error of encoding/json in the terms of the client.
func (o *operation) explain(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return invalid("%s is %s, want %s", wrong.Field, wrong.Value, kindName(wrong.Type))
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return invalid("%s has no field %.60s; there are %s", o.name, name, strings.Join(o.fieldNames(), ", "))
	}
	return invalid("%s: %v; /openapi.json has the fields", o.name, err)
}
