package eval

import "kindred/model"

// A CategoryScore is what the vectors make of a [CategoryItem].
type CategoryScore struct {
	Item CategoryItem
	// Covered tells whether the word is in the vocabulary.
	Covered bool
	// Cluster is the number of the cluster that the word was put in, from 0,
	// and -1 where it was put in none.
	Cluster int
}

// A CategoryResult tells how well clusters of vectors agree with categories.
// The words are divided into as many clusters as they have categories, by
// spherical k-means: the best of 50 starts, which are drawn by
// [Options.Seed]. Intervals are those over other words of the kind, given the
// clusters: words are resampled, but not clustered anew. What another seed
// would change comes on top of them.
type CategoryResult struct {
	Source
	// Words is the number of words in the set: those Used, which are in the
	// vocabulary, and the Missing ones.
	Words   int `json:"words"`
	Used    int `json:"used"`
	Missing int `json:"missing"`
	// MissingWords are the words out of vocabulary, in the order of the file.
	MissingWords []string `json:"missing_words"`
	// Blank, Repeated and Ambiguous are the lines and words of the file that
	// were left out, see [CategorySet].
	Blank     int      `json:"blank"`
	Repeated  int      `json:"repeated"`
	Ambiguous []string `json:"ambiguous"`
	// Categories is the number of categories with a word in the vocabulary,
	// and that of clusters.
	Categories int `json:"categories"`
	// Purity, AdjustedRand and VMeasure are those of the functions so called.
	// They are undefined where fewer than two categories are covered.
	Purity       Score `json:"purity"`
	AdjustedRand Score `json:"adjusted_rand"`
	VMeasure     Score `json:"v_measure"`
	// Items are the words in the order of the file.
	Items []CategoryScore `json:"-"`
}

func (s *CategorySet) evaluate(sub *subject, r *Report) {
	result := CategoryResult{Source: s.Source, Words: len(s.Items), Blank: s.Blank, Repeated: s.Repeated, Ambiguous: s.Ambiguous}
	if result.Ambiguous == nil {
		result.Ambiguous = []string{}
	}
	var missing wordList
	var ids []int
	for _, item := range s.Items {
		id, ok := sub.words.find(item.Word, sub.options.RestrictSimilarity)
		missing.addUnless(ok, item.Word)
		if ok {
			ids = append(ids, id)
		}
		result.Items = append(result.Items, CategoryScore{Item: item, Covered: ok, Cluster: -1})
	}
	result.Used, result.Missing = len(ids), len(s.Items)-len(ids)
	result.MissingWords = missing.list()
	result.cluster(sub, ids)
	r.Categories = append(r.Categories, result)
}

// cluster divides the covered words, whose ids are given, into clusters, and sets the scores.
func (r *CategoryResult) cluster(sub *subject, ids []int) {
	var labels []string
	for _, item := range r.Items {
		if item.Covered {
			labels = append(labels, item.Item.Category)
		}
	}
	var categories []int
	categories, r.Categories = numbered(labels)
	if r.Categories < 2 {
		none := Score{Undefined: "fewer than two categories with a covered word"}
		r.Purity, r.AdjustedRand, r.VMeasure = none, none, none
		return
	}
	found := cluster(unitVectors(sub.e, ids), r.Categories, sub.options.Seed).clusters
	next := 0
	for i := range r.Items {
		if r.Items[i].Covered {
			r.Items[i].Cluster = found[next]
			next++
		}
	}
	r.Purity = agreement(Purity(found, categories))
	r.AdjustedRand = agreement(AdjustedRand(found, categories))
	r.VMeasure = agreement(VMeasure(found, categories))
	n := len(found)
	sub.sureness.boundRate(&r.Purity, ofMajority(found, categories), ones(n))
	sub.sureness.bound(&r.AdjustedRand, n, AdjustedRandStatistic(found, categories))
	sub.sureness.bound(&r.VMeasure, n, VMeasureStatistic(found, categories))
}

// unitVectors returns the vectors of some words, scaled to unit length and made coarse (see [coarse]); one without a
// direction is zero.
func unitVectors(e *model.Embeddings, ids []int) *model.Matrix {
	unit := model.NewMatrix(len(ids), e.Dim())
	values := make([]float64, e.Dim())
	for i, id := range ids {
		for j, v := range e.Input.Row(id) {
			values[j] = float64(v)
		}
		setDirection(unit.Row(i), values)
	}
	return unit
}
