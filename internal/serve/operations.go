package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"kindred/model"
	"kindred/model/search"
)

// Limits on what one request may ask.
const (
	maxTop    = 1000
	maxWords  = 1000    // in a question or a list of candidates, times ten for the latter
	maxAmong  = 10_000  // candidates that a question names
	maxLine   = 1 << 16 // bytes of a line
	maxRandom = 1000
)

// An operation is something that can be asked of a model. The handler, the batches and the OpenAPI document are
// made from it.
type operation struct {
	name, summary string
	request       any // the zero value of its request and its response
	response      any
	run           func(ctx context.Context, v *vectors, request any) (any, error)
}

// newOperation returns the operation with the types of run.
func newOperation[Q, A any](name, summary string, run func(ctx context.Context, v *vectors, q *Q) (A, error)) *operation {
	var q Q
	var a A
	return &operation{name, summary, q, a, func(ctx context.Context, v *vectors, request any) (any, error) {
		return run(ctx, v, request.(*Q))
	}}
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

// index returns the index of the candidates.
func (c *Candidates) index(v *vectors) (*search.Index, error) {
	if c.Top == 0 {
		c.Top = 10
	}
	switch {
	case c.Top < 1 || c.Top > maxTop:
		return nil, invalid("top is %d, want 1 to %d", c.Top, maxTop)
	case c.Restrict < 0:
		return nil, invalid("restrict is %d, want a number of words, or 0 for all", c.Restrict)
	case c.Restrict > 0 && len(c.Among) > 0:
		return nil, invalid("among and restrict exclude each other")
	case len(c.Among) > maxAmong:
		return nil, invalid("among has %d words, want at most %d", len(c.Among), maxAmong)
	case len(c.Among) > 0:
		words := make([]string, len(c.Among))
		for i, w := range c.Among {
			words[i] = v.spelled(w)
		}
		x, _ := search.NewIndexAmong(v.e, words)
		if x.Len() == 0 {
			return nil, &Error{Status: 404, Message: "none of the words of among has a vector"}
		}
		return x, nil
	case c.Restrict > 0:
		return v.index.First(c.Restrict), nil
	}
	return v.index, nil
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
}

func neighbors(_ context.Context, v *vectors, q *neighborsRequest) (a neighborsResponse, err error) {
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
	x, err := q.index(v)
	if err != nil {
		return a, err
	}
	for _, words := range [][]string{positive, q.Negative} {
		for i, w := range words {
			_, composed, err := v.query(w)
			if err != nil {
				return a, err
			}
			if composed {
				a.Composed = append(a.Composed, w)
			}
			words[i] = v.spelled(w)
		}
	}
	list, err := x.NearestWords(positive, q.Negative, q.Top)
	a.Neighbors = v.found(list)
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

func analogy(_ context.Context, v *vectors, q *analogyRequest) (a neighborsResponse, err error) {
	method := search.CosAdd
	switch q.Method {
	case "", "add":
	case "mul":
		method = search.CosMul
	default:
		return a, invalid("method is %.40q, want add or mul", q.Method)
	}
	x, err := q.index(v)
	if err != nil {
		return a, err
	}
	for _, w := range []*string{&q.A, &q.B, &q.C} {
		_, composed, err := v.query(*w)
		if err != nil {
			return a, err
		}
		if composed {
			a.Composed = append(a.Composed, *w)
		}
		*w = v.spelled(*w)
	}
	list, err := x.AnalogyWords(q.A, q.B, q.C, method, q.Top)
	a.Neighbors = v.found(list)
	return a, err
}

type similarityRequest struct {
	A     string      `json:"a,omitempty" doc:"a pair of words, if there is one"`
	B     string      `json:"b,omitempty"`
	Pairs [][2]string `json:"pairs,omitempty" doc:"pairs of words, at most 1000"`
}

type similarityResponse struct {
	Similarities []float64 `json:"similarities" doc:"the cosine of each pair, from -1 to 1"`
}

func similarity(_ context.Context, v *vectors, q *similarityRequest) (a similarityResponse, err error) {
	pairs := q.Pairs
	if q.A != "" || q.B != "" {
		pairs = append([][2]string{{q.A, q.B}}, pairs...)
	}
	if len(pairs) == 0 || len(pairs) > maxWords {
		return a, invalid("%d pairs, want 1 to %d: give a and b, or pairs", len(pairs), maxWords)
	}
	for _, p := range pairs {
		for i, w := range p {
			if _, _, err := v.query(w); err != nil {
				return a, err
			}
			p[i] = v.spelled(w)
		}
		cos, err := v.index.Similarity(p[0], p[1])
		if err != nil {
			return a, err
		}
		a.Similarities = append(a.Similarities, cos)
	}
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

func vector(_ context.Context, v *vectors, q *vectorRequest) (a vectorResponse, err error) {
	words := q.Words
	if q.Word != "" {
		words = append([]string{q.Word}, words...)
	}
	if len(words) == 0 || len(words) > maxWords {
		return a, invalid("%d words, want 1 to %d: give word, or words", len(words), maxWords)
	}
	for _, w := range words {
		query, composed, err := v.query(w)
		if err != nil {
			return a, err
		}
		values := query.Vector
		if !q.Normalize {
			stored, _ := v.e.Vector(v.spelled(w))
			values = slices.Clone(stored)
		}
		a.Vectors = append(a.Vectors, wordVector{w, values, composed})
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

func line(_ context.Context, v *vectors, q *lineRequest) (a lineResponse, err error) {
	words := strings.Fields(q.Line)
	switch {
	case len(words) == 0:
		return a, invalid("the line has no word")
	case len(q.Line) > maxLine:
		return a, invalid("the line has %d bytes, want at most %d", len(q.Line), maxLine)
	case q.Top < 0 || q.Top > maxTop:
		return a, invalid("top is %d, want 0 to %d", q.Top, maxTop)
	}
	a.Vector = make([]float32, v.e.Dim())
	known := 0
	for _, w := range words {
		query, _, err := v.query(w)
		if err != nil {
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
		unit := make([]float32, len(a.Vector))
		if !model.Unit(unit, a.Vector) {
			return a, &Error{Status: 422, Message: "the vectors of the line's words cancel each other: their mean has no direction"}
		}
		a.Neighbors = v.found(v.index.Nearest(unit, q.Top))
	}
	return a, nil
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
func prefix(_ context.Context, v *vectors, q *prefixRequest) (a wordsResponse, err error) {
	if q.Top == 0 {
		q.Top = 10
	}
	if q.Top < 1 || q.Top > maxTop {
		return a, invalid("top is %d, want 1 to %d", q.Top, maxTop)
	}
	ids := v.alphabetic()
	word := func(id int32) string { return v.e.Vocabulary.Word(int(id)) }
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
	a.Words = v.words(found)
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
	Number   int    `json:"number,omitempty" doc:"how many words, 1 to 1000; 1 if absent"`
	Restrict int    `json:"restrict,omitempty" doc:"draw among the N most frequent words; 0 for all"`
	Seed     uint64 `json:"seed,omitempty" doc:"the same seed gives the same words; absent or 0 for others each time"`
}

func randomWords(_ context.Context, v *vectors, q *randomRequest) (a wordsResponse, err error) {
	if q.Number == 0 {
		q.Number = 1
	}
	if q.Number < 1 || q.Number > maxRandom || q.Restrict < 0 {
		return a, invalid("number is %d and restrict %d, want 1 to %d words, and a restriction of 0 or more", q.Number, q.Restrict, maxRandom)
	}
	if q.Seed == 0 {
		q.Seed = rand.Uint64()
	}
	n := v.e.Vocabulary.Len()
	if q.Restrict > 0 {
		n = min(n, q.Restrict)
	}
	r := rand.New(rand.NewPCG(q.Seed, 0))
	ids := make([]int32, q.Number)
	for i := range ids {
		ids[i] = int32(r.IntN(n))
	}
	a.Words = v.words(ids)
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
	f.Failure, f.Reloads = s.state()
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
		return &Error{Status: 503, Message: "the request took too long"}
	case errors.Is(err, context.Canceled):
		return &Error{Status: 503, Message: "the server stops"}
	}
	return &Error{Status: 500, Message: err.Error()}
}

// decode reads the JSON of a request into a new value of the operation's type.
func (o *operation) decode(data []byte) (any, error) {
	request := o.newRequest()
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(request); err != nil {
		return nil, invalid("%s: %v; /openapi.json has the fields", o.name, err)
	}
	if d.More() {
		return nil, invalid("%s: there is more than one JSON value", o.name)
	}
	return request, nil
}
