package eval

import (
	"slices"

	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/model"
)

// An OutlierScore is the score of a case: the words of a group and one of its outliers.
type OutlierScore struct {
	// Group and Outlier are the numbers of the group in the set and of the outlier in the group.
	Group, Outlier int
	// Covered tells whether the outlier and two or more words of the group have vectors. Other cases are
	// skipped. Unseen tells whether a covered case has a word that is not stored.
	Covered, Unseen bool
	// Words is the number of the group's words that have vectors. Position is the number of those that
	// are closer to the rest than the outlier is (see [OutlierResult]), from 0 to Words.
	Words, Position int
}

// Detected reports whether the vectors find the outlier.
func (s OutlierScore) Detected() bool { return s.Covered && s.Position == s.Words }

// An OutlierResult tells how well outliers were detected, by the measures of Camacho-Collados and
// Navigli, "Find the word that does not belong: a framework for an intrinsic evaluation of word vector
// representations" (2016).
//
// A case is a set W of n words and one outlier. The compactness of W without w,
//
//	c(w) = 1/(n(n-1)) Σ cos(u, v)   over all u ≠ v in W but w,
//
// is high if w does not belong, since the others are then close to each other. The position OP of an
// outlier is the number of words with a lower c. n is best and means that the outlier is detected. A word
// with equal c counts against it.
//
// Missing words are left out of their group; n is the number of words left.
type OutlierResult struct {
	sets.Source
	// Groups is the number of groups and Cases the number of outliers, Covered and Skipped.
	Groups  int `json:"groups"`
	Cases   int `json:"cases"`
	Covered int `json:"covered"`
	Skipped int `json:"skipped"`
	WordsFound
	// Blank is the number of empty words in the lists, which are left out.
	Blank int `json:"blank"`
	// Accuracy is the proportion of outliers detected among the covered cases, and AccuracyOfAll that
	// among all cases. OPP, the outlier position percentage, is the mean of OP/n over the covered cases,
	// between 0 and 1.
	Accuracy      stats.Score `json:"accuracy"`
	AccuracyOfAll stats.Score `json:"accuracy_of_all"`
	OPP           stats.Score `json:"opp"`
	// Items are the cases in the order of the file.
	Items []OutlierScore `json:"-"`
}

// outliers scores an outlier set.
func (c *evalContext) outliers(s *sets.OutlierSet) OutlierResult {
	result := OutlierResult{Source: s.Source, Groups: len(s.Groups), Cases: s.Len(), Blank: s.Blank}
	words := c.wordsOf(func(yield func(string) bool) {
		for _, g := range s.Groups {
			for _, word := range slices.Concat(g.Words, g.Outliers) {
				if !yield(word) {
					return
				}
			}
		}
	})
	for i, g := range s.Groups {
		vectors, formOfWords := words.vectors(g.Words)
		similarity := totalSimilarities(vectors)
		for j, outlier := range g.Outliers {
			item := OutlierScore{Group: i, Outlier: j, Words: len(vectors)}
			vector, form, ok := words.vector(outlier)
			form = form.and(formOfWords)
			if item.Covered = ok && len(vectors) >= 2; item.Covered {
				item.Position = outlierPosition(vectors, similarity, vector)
				item.Unseen = form.unseen
				result.Covered++
			}
			words.count(item.Covered, form)
			result.Items = append(result.Items, item)
		}
	}
	result.Skipped = result.Cases - result.Covered
	result.WordsFound = words.found()
	result.score(c.intervals)
	return result
}

// vectors returns the vectors of those of the words that have one, and how these were found.
func (w *setWords) vectors(words []string) (vectors [][]float32, f form) {
	for _, word := range words {
		if v, own, ok := w.vector(word); ok {
			vectors, f = append(vectors, v), f.and(own)
		}
	}
	return vectors, f
}

// totalSimilarities returns the sum of each word's cosines with the others.
func totalSimilarities(words [][]float32) []float64 {
	sums := make([]float64, len(words))
	for i, u := range words {
		for j, v := range words[:i] {
			c := model.Cosine(u, v)
			sums[i] += c
			sums[j] += c
		}
	}
	return sums
}

// outlierPosition returns the number of words that are closer to the rest (which includes the outlier)
// than the outlier is. Compactness without w is the sum of all cosines less those with w: it is the
// higher the lower the sum of w's own cosines.
func outlierPosition(words [][]float32, similarity []float64, outlier []float32) int {
	cosines := make([]float64, len(words))
	own := 0.0
	for i, w := range words {
		cosines[i] = model.Cosine(w, outlier)
		own += cosines[i]
	}
	position := 0
	for i := range words {
		if similarity[i]+cosines[i] > own {
			position++
		}
	}
	return position
}

// score sets the scores from the items. Intervals resample groups, since the cases of a group share its
// words.
func (r *OutlierResult) score(b intervals) {
	if r.Covered == 0 {
		none := stats.Score{Undefined: "no covered case"}
		r.Accuracy, r.AccuracyOfAll, r.OPP = none, none, none
		return
	}
	detected, position := make([]float64, r.Groups), make([]float64, r.Groups)
	covered, cases := make([]float64, r.Groups), make([]float64, r.Groups)
	for _, item := range r.Items {
		cases[item.Group]++
		if item.Detected() {
			detected[item.Group]++
		}
		if item.Covered {
			covered[item.Group]++
			position[item.Group] += float64(item.Position) / float64(item.Words)
		}
	}
	r.AccuracyOfAll = stats.Score{Value: stats.RatioStatistic(detected, cases).Value(r.Groups)}
	r.Accuracy = stats.Score{Value: stats.RatioStatistic(detected, covered).Value(r.Groups)}
	r.OPP = stats.Score{Value: stats.RatioStatistic(position, covered).Value(r.Groups)}
	b.addToRatio(&r.AccuracyOfAll, detected, cases)
	seen := ofCovered(covered, covered)
	b.addToRatio(&r.Accuracy, ofCovered(detected, covered), seen)
	b.addToRatio(&r.OPP, ofCovered(position, covered), seen)
}
