package format_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/corpus/vocab"
	"kindred/eval"
	"kindred/eval/compare"
	"kindred/eval/sets"
	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/search"
)

// A toyFile describes embeddings. The format "toy", which only this test knows, is its JSON.
type toyFile struct {
	Toy    bool // tells the format
	Words  []string
	Counts []int64
	Pairs  bool // words are two rows each
	Int8   bool // the storages are quantized
	Dim    int
}

// embeddings returns embeddings with normal values, which are the same for equal files.
func (f toyFile) embeddings() (*model.Embeddings, error) {
	v, err := vocab.New(f.Words, f.Counts)
	if err != nil {
		return nil, err
	}
	e := &model.Embeddings{Vocabulary: v}
	rows := v.Len()
	if f.Pairs {
		pairs := modeltest.Pairs{Vocabulary: v}
		e.Vocabulary, rows = pairs, pairs.Rows()
	}
	random := rand.New(rand.NewPCG(3, 4))
	storage := func(rows int) model.Storage {
		m := model.NewMatrix(rows, f.Dim)
		for i := range rows {
			for k := range m.Row(i) {
				m.Row(i)[k] = float32(random.NormFloat64())
			}
		}
		if f.Int8 {
			return modeltest.Quantize(m)
		}
		return m
	}
	e.Input, e.Output = storage(rows), storage(v.Len())
	return e, nil
}

// The words of the toy. "unheard" and "unread" are not among them.
var toyWords = strings.Fields("the Paris king queen man woman walk walked swim swam cat dog red blue one two three house tree river")

// eachToy runs a test for each kind of vocabulary and storage, on embeddings that were loaded from a
// file of the toy format.
func eachToy(t *testing.T, test func(t *testing.T, e *model.Embeddings, composes bool)) {
	format.RegisterForTest(t, "toy", `{"Toy":true`, func(r io.Reader) (*model.Embeddings, error) {
		var f toyFile
		if err := json.NewDecoder(r).Decode(&f); err != nil {
			return nil, err
		}
		return f.embeddings()
	})
	for _, pairs := range []bool{false, true} {
		for _, quantized := range []bool{false, true} {
			t.Run(fmt.Sprintf("pairs=%v,int8=%v", pairs, quantized), func(t *testing.T) {
				var counts []int64
				for i := range toyWords {
					counts = append(counts, int64(1000-i))
				}
				file, err := json.Marshal(toyFile{true, toyWords, counts, pairs, quantized, 19})
				if err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(t.TempDir(), "vectors")
				if err := os.WriteFile(path, file, 0o644); err != nil {
					t.Fatal(err)
				}
				e, err := format.Load(path)
				if err != nil {
					t.Fatal(err)
				}
				test(t, e, pairs)
			})
		}
	}
}

// vectorOf returns the vector of a word by the definition of the toy, nil if it has none.
func vectorOf(e *model.Embeddings, word string) []float32 {
	id, stored := e.Vocabulary.ID(word)
	row := func(i int) []float32 { return slices.Clone(e.Input.ReadRow(nil, i)) }
	pairs, composes := e.Vocabulary.(modeltest.Pairs)
	switch {
	case !composes && stored:
		return row(id)
	case !composes:
		return nil
	case !stored:
		id = pairs.Len() + int(word[0]-'a')
	}
	v := row(id)
	for k, x := range row(pairs.Len() + int(word[len(word)-1]-'a')) {
		v[k] = (v[k] + x) / 2
	}
	return v
}

func TestToyVectors(t *testing.T) {
	eachToy(t, func(t *testing.T, e *model.Embeddings, composes bool) {
		for _, word := range append(slices.Clone(toyWords), "unheard", "unread") {
			got, ok := e.Vector(word)
			want := vectorOf(e, word)
			if ok != (want != nil) || !slices.Equal(got, want) {
				t.Errorf("%s: %v, %v, want %v", word, got, ok, want)
			}
		}
		if _, ok := e.Vector("1st"); ok {
			t.Error("there is a vector for a word without letters")
		}
		if err := e.Check(); err != nil {
			t.Error(err)
		}
	})
}

func TestToySearch(t *testing.T) {
	eachToy(t, func(t *testing.T, e *model.Embeddings, composes bool) {
		x := search.NewIndex(e, 0)
		cosine := func(a, b string) float64 { return model.Cosine(vectorOf(e, a), vectorOf(e, b)) }
		for _, word := range []string{"king", "Paris", "unheard"} {
			list, err := x.NearestWord(word, len(toyWords))
			if word == "unheard" && !composes {
				if unknown := (*search.UnknownWordError)(nil); !errors.As(err, &unknown) {
					t.Errorf("error %v, want an UnknownWordError", err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			want := slices.DeleteFunc(slices.Clone(toyWords), func(w string) bool { return w == word })
			slices.SortFunc(want, func(a, b string) int { return -compareFloats(cosine(word, a), cosine(word, b)) })
			var got []string
			for _, n := range list {
				got = append(got, n.Word)
				if c := cosine(word, n.Word); math.Abs(n.Similarity-c) > 1e-6 {
					t.Errorf("%s and %s: similarity %v, want %v", word, n.Word, n.Similarity, c)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("near %s: %s", word, diff)
			}
		}

		questions := [][3]string{{"man", "king", "woman"}, {"walk", "walked", "swim"}}
		if composes {
			questions = append(questions, [3]string{"unheard", "king", "unread"}, [3]string{"man", "unheard", "unheard"})
		}
		for _, method := range []search.AnalogyMethod{search.CosAdd, search.CosMul} {
			var queries [][3]search.Query
			for _, q := range questions {
				var query [3]search.Query
				for i, word := range q {
					var err error
					if query[i], err = x.Query(word); err != nil {
						t.Fatal(err)
					}
				}
				queries = append(queries, query)
			}
			for i, id := range x.Analogies(queries, method) {
				q := questions[i]
				best, highest := "", math.Inf(-1)
				for _, d := range toyWords {
					score := cosine(d, q[1]) - cosine(d, q[0]) + cosine(d, q[2])
					if method == search.CosMul {
						score = (1 + cosine(d, q[1])) / 2 * (1 + cosine(d, q[2])) / 2 / ((1+cosine(d, q[0]))/2 + 0.001)
					}
					if score > highest && !slices.Contains(q[:], d) {
						best, highest = d, score
					}
				}
				list, err := x.AnalogyWords(q[0], q[1], q[2], method, 1)
				if err != nil {
					t.Fatal(err)
				}
				if x.Word(id) != best || list[0].Word != best {
					t.Errorf("%v %v: %s in a batch and %s alone, want %s", method, q, x.Word(id), list[0].Word, best)
				}
			}
		}
	})
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestToyEvaluation(t *testing.T) {
	parse := func(name, text string) sets.Set {
		s, err := sets.ParseSet(name, strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	list := []sets.Set{
		parse("similarity", "king queen 9\ncat dog 8\nred unheard 2\none two 7\nhouse unread 1\n"),
		parse("analogies", ": family\nman king woman queen\nunheard king woman queen\n"),
	}
	eachToy(t, func(t *testing.T, e *model.Embeddings, composes bool) {
		unseen := map[bool]int{true: 1}[composes]
		r, err := eval.Evaluate(e, list, eval.Options{Hubness: 10, ExactCase: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range r.Similarity[0].Items {
			a, b := vectorOf(e, item.Pair.First), vectorOf(e, item.Pair.Second)
			if item.Covered != (a != nil && b != nil) {
				t.Errorf("%v: covered %v", item.Pair, item.Covered)
			}
			if item.Covered && math.Abs(item.Cosine-model.Cosine(a, b)) > 1e-12 {
				t.Errorf("%v: cosine %v, want %v", item.Pair, item.Cosine, model.Cosine(a, b))
			}
		}
		if got, want := r.Similarity[0].Used, 3+2*unseen; got != want {
			t.Errorf("%d pairs are covered, want %d", got, want)
		}
		if got, want := r.Analogies[0].Covered, 1+unseen; got != want {
			t.Errorf("%d questions are covered, want %d", got, want)
		}

		// On stored words the model is equal to its own vectors as dense matrices.
		dense, err := eval.Evaluate(modeltest.Dense(e), list, eval.Options{Hubness: 10, ExactCase: true})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(dense.Hubness, r.Hubness); diff != "" {
			t.Error(diff)
		}
		c, err := compare.Compare([]compare.System{
			{Name: "toy", Models: []compare.Model{{File: "toy", Embeddings: e}}},
			{Name: "dense", Models: []compare.Model{{File: "dense", Embeddings: modeltest.Dense(e)}}},
		}, list, compare.Options{})
		if err != nil {
			t.Fatal(err)
		}
		overlaps := 0
		for _, o := range c.Neighbors {
			for _, b := range o.Bins {
				overlaps++
				if b.Jaccard != 1 {
					t.Errorf("the neighbors of %v overlap by %v, want 1", b, b.Jaccard)
				}
			}
		}
		if overlaps == 0 {
			t.Error("no neighbors were compared")
		}
	})
}

func TestToyExport(t *testing.T) {
	eachToy(t, func(t *testing.T, e *model.Embeddings, composes bool) {
		dense := modeltest.Dense(e)
		for _, f := range exactFormats() {
			if f.Name == "toy" {
				continue
			}
			path, densePath := filepath.Join(t.TempDir(), "toy"), filepath.Join(t.TempDir(), "dense")
			if err := errors.Join(format.Save(path, e, f.Name), format.Save(densePath, dense, f.Name)); err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			for i, file := range f.Paths(path) {
				if readFile(t, file) != readFile(t, f.Paths(densePath)[i]) {
					t.Errorf("%s: the files of the model and of its dense vectors differ", f)
				}
			}
			if !f.Readable() {
				continue
			}
			got, err := f.Load(path)
			if err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			if got.Vocabulary.Len() != len(toyWords) {
				t.Errorf("%s: %d words", f, got.Vocabulary.Len())
			}
			for id, word := range toyWords {
				v, _ := got.Vector(word)
				if want := vectorOf(e, word); !slices.Equal(v, want) {
					t.Errorf("%s: the vector of %s is %v, want %v", f, word, v, want)
				}
				if f.Name == "safetensors" && !slices.Equal(got.Output.ReadRow(nil, id), e.Output.ReadRow(nil, id)) {
					t.Errorf("%s: the output row of %s differs", f, word)
				}
			}
		}
	})
}
