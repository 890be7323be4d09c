package search_test

import (
	"cmp"
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/search"
)

func TestCosine(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, test := range []struct {
		a, b []float32
		want float64
	}{
		{[]float32{1, 0}, []float32{0, 1}, 0},
		{[]float32{3, 4}, []float32{6, 8}, 1},
		{[]float32{3, 4}, []float32{-3, -4}, -1},
		{[]float32{1, 0}, []float32{1, 1}, math.Sqrt2 / 2},
		{[]float32{0, 0}, []float32{1, 1}, 0},
		{[]float32{nan, 0}, []float32{1, 1}, 0},
		{[]float32{inf, 0}, []float32{1, 1}, 0},
		{[]float32{math.MaxFloat32, math.MaxFloat32}, []float32{math.MaxFloat32, math.MaxFloat32}, 1},
		{[]float32{math.SmallestNonzeroFloat32}, []float32{1}, 1},
	} {
		if got := model.Cosine(test.a, test.b); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("Cosine(%v, %v) = %v, want %v", test.a, test.b, got, test.want)
		}
		x := search.NewIndex(pairEmbeddings(t, test.a, test.b), 0)
		if got := x.Nearest(x.Stored(0).Vector, 1, 0)[0].Similarity; math.Abs(got-test.want) > 1e-6 {
			t.Errorf("the similarity of %v and %v is %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

func pairEmbeddings(t *testing.T, a, b []float32) *model.Embeddings {
	m := model.NewMatrix(2, len(a))
	copy(m.Row(0), a)
	copy(m.Row(1), b)
	return modeltest.Embeddings([]string{"a", "b"}, m)
}

func TestIndexRestriction(t *testing.T) {
	e := modeltest.Numbered("a", "b", "c")
	x := search.NewIndex(e, 2)
	if x.Len() != 2 {
		t.Errorf("Len() = %d, want 2", x.Len())
	}
	if q, err := x.Query("b"); q.ID != 1 || err != nil {
		t.Errorf(`Query("b") has the id %d, error %v`, q.ID, err)
	}
	// A restriction is one of the answers, not of the questions.
	if q, err := x.Query("c"); err != nil || q.ID != -1 || model.Cosine(q.Vector, e.Input.(*model.Matrix).Row(2)) < 0.9999 {
		t.Errorf(`Query("c") is %v, %v; want its vector, though it is no candidate`, q, err)
	}
	if list, err := x.NearestWord("c", 5); err != nil || len(list) != 2 {
		t.Errorf("near c: %v, %v; want a and b", list, err)
	}
	if list, err := x.AnalogyWords("c", "a", "c", search.CosMul, 5); err != nil || len(list) != 1 || list[0].Word != "b" {
		t.Errorf("c is to a as c is to %v, %v; want b", list, err)
	}
	var unknown *search.UnknownWordError
	if _, err := x.NearestWord("d", 1); !errors.As(err, &unknown) || unknown.Word != "d" {
		t.Errorf("error %v, want an UnknownWordError for d", err)
	}
	for restrict, want := range map[int]int{0: 3, -1: 3, 3: 3, 99: 3, 1: 1} {
		if got := search.NewIndex(e, restrict).Len(); got != want {
			t.Errorf("restriction to %d has %d words, want %d", restrict, got, want)
		}
	}
}

func TestIndexAmong(t *testing.T) {
	e := modeltest.Random(50, 6, 3)
	word := e.Vocabulary.Word
	x, missing := search.NewIndexAmong(e, []string{word(40), "none", word(7), word(40), word(12)})
	if diff := gocmp.Diff([]string{"none"}, missing); diff != "" || x.Len() != 3 {
		t.Errorf("%d candidates, missing: %s", x.Len(), diff)
	}
	all, err := search.NewIndex(e, 0).NearestWord(word(12), 50)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, n := range all {
		if n.Word == word(40) || n.Word == word(7) {
			want = append(want, n.Word)
		}
	}
	list, err := x.NearestWord(word(12), 50)
	var got []string
	for _, n := range list {
		got = append(got, n.Word)
		if x.Word(n.ID) != n.Word {
			t.Errorf("candidate %d is %s and %s", n.ID, n.Word, x.Word(n.ID))
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%s%v", diff, err)
	}
	if list, err := x.NearestWord(word(3), 50); len(list) != 3 || err != nil {
		t.Errorf("a word off the list has the neighbors %v, %v", list, err)
	}
}

// A sum of several words is that of their unit vectors, whatever their lengths.
func TestNearestWords(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		e := modeltest.Random(rapid.IntRange(5, 80).Draw(r, "rows"), rapid.IntRange(2, 20).Draw(r, "dim"), rapid.Uint64().Draw(r, "seed"))
		x := search.NewIndex(e, rapid.IntRange(0, 20).Draw(r, "restrict"))
		word := rapid.Map(rapid.IntRange(0, e.Vocabulary.Len()-1), e.Vocabulary.Word)
		positive, negative := rapid.SliceOfN(word, 1, 4).Draw(r, "positive"), rapid.SliceOfN(word, 0, 4).Draw(r, "negative")
		sum := make([]float32, e.Dim())
		for i, w := range slices.Concat(positive, negative) {
			v, _ := e.Vector(w)
			unit := make([]float32, len(v))
			model.Unit(unit, v)
			for k := range unit {
				if i < len(positive) {
					sum[k] += unit[k]
				} else {
					sum[k] -= unit[k]
				}
			}
		}
		list, err := x.NearestWords(positive, negative, 3)
		if none := (*search.NoDirectionError)(nil); errors.As(err, &none) {
			if model.FirstNotFinite(sum) >= 0 || !allZero(sum) {
				r.Fatalf("%v, but the sum is %v", err, sum)
			}
			return
		}
		if err != nil {
			r.Fatal(err)
		}
		highest := math.Inf(-1)
		for i := range x.Len() {
			if w := x.Word(i); !slices.Contains(positive, w) && !slices.Contains(negative, w) {
				highest = max(highest, model.Cosine(sum, x.Stored(i).Vector))
			}
		}
		if len(list) == 0 {
			if !math.IsInf(highest, -1) {
				r.Fatalf("no answer, but one of similarity %v", highest)
			}
			return
		}
		if math.Abs(list[0].Similarity-highest) > 1e-4 || slices.Contains(positive, list[0].Word) || slices.Contains(negative, list[0].Word) {
			r.Fatalf("best %v, want one of similarity %v", list[0], highest)
		}
	})
}

func allZero(v []float32) bool {
	return !slices.ContainsFunc(v, func(x float32) bool { return x != 0 })
}

// What has no direction has no neighbors.
func TestNoDirection(t *testing.T) {
	m := model.NewMatrix(3, 2)
	copy(m.Row(1), []float32{1, 0})
	copy(m.Row(2), []float32{1, 1})
	x := search.NewIndex(modeltest.Embeddings([]string{"zero", "a", "b"}, m), 0)
	ask := func(_ any, err error) error { return err }
	for name, test := range map[string]struct {
		err  error
		word string
	}{
		"nearest":    {ask(x.NearestWord("zero", 3)), "zero"},
		"sum":        {ask(x.NearestWords([]string{"a", "zero"}, nil, 3)), "zero"},
		"difference": {ask(x.NearestWords([]string{"a", "b"}, []string{"b", "a"}, 3)), ""},
		"analogy":    {ask(x.AnalogyWords("a", "b", "zero", search.CosMul, 3)), "zero"},
		"similarity": {ask(x.Similarity("zero", "a")), "zero"},
	} {
		var none *search.NoDirectionError
		if !errors.As(test.err, &none) || none.Word != test.word {
			t.Errorf("%s: error %v", name, test.err)
		}
	}
	if c, err := x.Similarity("a", "b"); err != nil || math.Abs(c-math.Sqrt2/2) > 1e-6 {
		t.Errorf("Similarity(a, b) = %v, %v", c, err)
	}
}

// bruteNearest returns the similarities of all words but the excluded, the
// highest first.
func bruteNearest(e *model.Embeddings, query []float32, exclude []int) []float64 {
	var all []float64
	for i := range e.Input.(*model.Matrix).Rows {
		if !slices.Contains(exclude, i) {
			all = append(all, model.Cosine(query, e.Input.(*model.Matrix).Row(i)))
		}
	}
	slices.SortFunc(all, func(a, b float64) int { return cmp.Compare(b, a) })
	return all
}

func ids(neighbors []search.Neighbor) []int {
	var list []int
	for _, n := range neighbors {
		list = append(list, n.ID)
	}
	return list
}

func TestNearestAgainstSorting(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rows, dim := rapid.IntRange(1, 200).Draw(r, "rows"), rapid.IntRange(1, 40).Draw(r, "dim")
		e := modeltest.Random(rows, dim, rapid.Uint64().Draw(r, "seed"))
		x := search.NewIndex(e, 0)
		top := rapid.IntRange(0, rows+2).Draw(r, "top")
		queries := make([][]float32, rapid.IntRange(1, 70).Draw(r, "queries"))
		exclude := make([][]int, len(queries))
		for i := range queries {
			queries[i] = e.Input.(*model.Matrix).Row(i * 7 % rows)
			exclude[i] = []int{i % rows, 3}
		}
		all := x.NearestAll(queries, top, exclude)
		for i, q := range queries {
			want := bruteNearest(e, q, exclude[i])
			if len(all[i]) != min(top, len(want)) {
				r.Fatalf("query %d: %d neighbors of %d, want %d", i, len(all[i]), len(want), top)
			}
			seen := make(map[int]bool)
			for rank, n := range all[i] {
				// Rounding may exchange words that are all but equally near.
				own := model.Cosine(q, e.Input.(*model.Matrix).Row(n.ID))
				if math.Abs(n.Similarity-want[rank]) > 1e-5 || math.Abs(n.Similarity-own) > 1e-5 {
					r.Fatalf("query %d, rank %d: %+v of similarity %v, want %v", i, rank, n, own, want[rank])
				}
				if seen[n.ID] || slices.Contains(exclude[i], n.ID) || n.Word != e.Vocabulary.Word(n.ID) {
					r.Fatalf("query %d, rank %d: %+v is repeated, excluded or misnamed", i, rank, n)
				}
				seen[n.ID] = true
			}
		}
		if diff := gocmp.Diff(all[0], x.Nearest(queries[0], top, exclude[0]...)); diff != "" {
			r.Fatal(diff)
		}
	})
}

// Words of equal similarity come in the order of their ids, and nothing
// depends on the number of processors.
func TestTiesAndProcessors(t *testing.T) {
	const rows = 1000
	m := model.NewMatrix(rows, 2)
	words := make([]string, rows)
	for i := range rows {
		words[i] = string(rune(0x4e00 + i))
		copy(m.Row(i), []float32{float32(i % 3), 1})
	}
	m.Row(500)[0] = float32(math.NaN())
	clear(m.Row(501))
	e := modeltest.Embeddings(words, m)
	questions := make([][3]int, 3000)
	for i := range questions {
		questions[i] = [3]int{i % rows, i * 7 % rows, i * 31 % rows}
	}
	type result struct {
		Nearest   []search.Neighbor
		Zero      []int
		Analogies [2][]int
		Analogy   [2][]search.Neighbor
	}
	compute := func(processors int) (r result) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		x := search.NewIndex(e, 0)
		r.Nearest = x.Nearest([]float32{0, 1}, 20, 3)
		r.Zero = ids(x.Nearest([]float32{0, 0}, 3))
		for _, method := range []search.AnalogyMethod{search.CosAdd, search.CosMul} {
			r.Analogies[method] = x.Analogies(queries(x, questions...), method)
			r.Analogy[method] = x.Analogy(x.Stored(1), x.Stored(2), x.Stored(3), method, 30)
		}
		return r
	}
	want := compute(1)
	if diff := gocmp.Diff([]int{0, 6, 9, 12, 15}, ids(want.Nearest)[:5]); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff([]int{0, 1, 2}, want.Zero); diff != "" {
		t.Error(diff)
	}
	for processors := 2; processors <= 5; processors++ {
		if diff := gocmp.Diff(want, compute(processors)); diff != "" {
			t.Errorf("%d processors: %s", processors, diff)
		}
	}
}

// bruteAnalogy returns the score of each candidate by the formulas of the
// papers, and that of the best.
func bruteAnalogy(e *model.Embeddings, q [3]int, method search.AnalogyMethod) (scores []float64, best float64) {
	best = math.Inf(-1)
	for d := range e.Input.(*model.Matrix).Rows {
		cos := func(i int) float64 {
			return model.Cosine(e.Input.(*model.Matrix).Row(d), e.Input.(*model.Matrix).Row(q[i]))
		}
		score := cos(1) - cos(0) + cos(2)
		if method == search.CosMul {
			score = (1 + cos(1)) / 2 * (1 + cos(2)) / 2 / ((1+cos(0))/2 + 0.001)
		}
		scores = append(scores, score)
		if !slices.Contains(q[:], d) {
			best = max(best, score)
		}
	}
	return scores, best
}

// queries returns questions about ids as the index takes them.
func queries(x *search.Index, questions ...[3]int) [][3]search.Query {
	var list [][3]search.Query
	for _, q := range questions {
		list = append(list, [3]search.Query{x.Stored(q[0]), x.Stored(q[1]), x.Stored(q[2])})
	}
	return list
}

func TestAnalogiesAgainstFormula(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rows := rapid.IntRange(1, 400).Draw(r, "rows")
		e := modeltest.Random(rows, rapid.IntRange(1, 30).Draw(r, "dim"), rapid.Uint64().Draw(r, "seed"))
		x := search.NewIndex(e, 0)
		id := rapid.IntRange(0, rows-1)
		questions := make([][3]int, rapid.IntRange(0, 20).Draw(r, "questions"))
		for i := range questions {
			questions[i] = [3]int{id.Draw(r, "a"), id.Draw(r, "b"), id.Draw(r, "c")}
		}
		for _, method := range []search.AnalogyMethod{search.CosAdd, search.CosMul} {
			tolerance := 1e-5
			if method == search.CosMul {
				tolerance = 1e-4 // its denominator may be as small as 0.001, which raises rounding errors
			}
			for i, answer := range x.Analogies(queries(x, questions...), method) {
				q := questions[i]
				scores, best := bruteAnalogy(e, q, method)
				if math.IsInf(best, -1) {
					if answer != -1 {
						r.Fatalf("answer %d without a candidate", answer)
					}
					continue
				}
				// Rounding may exchange answers that are all but equal.
				if answer < 0 || slices.Contains(q[:], answer) || scores[answer] < best-tolerance*max(1, best) {
					r.Fatalf("%v %v: answer %d, best score %v", method, q, answer, best)
				}
				single := x.Analogy(x.Stored(q[0]), x.Stored(q[1]), x.Stored(q[2]), method, 3)
				if scores[single[0].ID] < best-tolerance*max(1, best) || slices.Contains(q[:], single[0].ID) {
					r.Fatalf("%v %v: single answer %d, best score %v", method, q, single[0].ID, best)
				}
				if method == search.CosMul && math.Abs(single[0].Similarity-best) > 1e-4*max(1, best) {
					r.Fatalf("%v: score %v, want %v", q, single[0].Similarity, best)
				}
			}
		}
	})
}

// Questions about more words than a batch holds.
func TestAnalogiesOfManyWords(t *testing.T) {
	e := modeltest.Random(1800, 8, 5)
	x := search.NewIndex(e, 0)
	var questions [][3]int
	for i := range 600 {
		questions = append(questions, [3]int{3 * i, 3*i + 1, 3*i + 2})
	}
	for _, method := range []search.AnalogyMethod{search.CosAdd, search.CosMul} {
		answers := x.Analogies(queries(x, questions...), method)
		if len(answers) != len(questions) {
			t.Fatalf("%d answers to %d questions", len(answers), len(questions))
		}
		for i, q := range questions {
			if i%30 == 0 {
				if want := x.Analogies(queries(x, q), method)[0]; answers[i] != want {
					t.Errorf("%v %v: %d in a batch, %d alone", method, q, answers[i], want)
				}
			}
		}
	}
}

func TestAnalogyMethodNames(t *testing.T) {
	if a, m := search.CosAdd.String(), search.CosMul.String(); a != "3CosAdd" || m != "3CosMul" {
		t.Errorf("names %s, %s", a, m)
	}
}

func TestSuggest(t *testing.T) {
	x := search.NewIndex(modeltest.Numbered("the", "Paris", "king", "kings", "government", "governor", "women", "naïve", "москва", "a", "s"), 0)
	for word, want := range map[string][]string{
		"paris":  {"Paris"},
		"kinf":   {"king"},
		"kins":   {"king", "kings"},
		"govern": {"governor", "government"},
		"wimin":  {"women"},
		"naive":  {"naïve"},
		"Москва": {"москва"},
		"A":      {"a"},
		"-":      nil,
		"zzzzzz": nil,
		"":       nil,
	} {
		if diff := gocmp.Diff(want, x.Suggest(word, 5), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q: %s", word, diff)
		}
	}
	if got := x.Suggest("kins", 1); len(got) != 1 {
		t.Errorf("%d suggestions, want 1", len(got))
	}
}
