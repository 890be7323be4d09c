package phrases

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kindred/internal/english"
)

// Counts are what a [Scoring] knows about a pair of words.
type Counts struct {
	// First, Second and Pair are the occurrences of the two words and of the pair.
	First, Second, Pair int64
	// MinCount is the least count of a phrase.
	MinCount int64
	// Types is the number of distinct words and pairs of the text, and Words the number of its
	// words. Connectors count as words, but not as types.
	Types, Words int64
}

// A Scoring says how strongly two words belong together.
type Scoring struct {
	// Name is the name that [ParseScoring] accepts.
	Name string
	// Threshold is the usual score above which a pair is a phrase.
	Threshold float64
	// Lowest and Highest bound the thresholds that make sense.
	Lowest, Highest float64
	// Score returns the score of a pair whose counts are 1 or more and at most Words.
	Score func(Counts) float64
}

var scorings = []Scoring{
	{Name: "npmi", Threshold: 0.5, Lowest: -1, Highest: 1, Score: normalizedPMI},
	{Name: "word2phrase", Threshold: 10, Lowest: math.SmallestNonzeroFloat64, Highest: math.MaxFloat64, Score: word2phrase},
}

// Scorings returns the names that [ParseScoring] accepts, the default first.
func Scorings() []string {
	names := make([]string, len(scorings))
	for i, s := range scorings {
		names[i] = s.Name
	}
	return names
}

// ParseScoring returns the scoring with the given name:
//
//   - npmi: normalized pointwise mutual information (Bouma 2009), ln(p(ab) / (p(a) p(b))) / -ln p(ab),
//     where p is a count divided by the number of words. It is between -1 and 1, and does not grow
//     with the text. Pairs below the minimum count score -Inf. gensim's "npmi".
//   - word2phrase: (count(ab) - minimum count) / (count(a) count(b)) × types, where types is the
//     number of distinct words and pairs (Mikolov et al. 2013, with the factor that gensim gives
//     it). gensim's "default". word2phrase.c takes the number of words as the factor.
//
// An empty name means npmi.
func ParseScoring(name string) (Scoring, error) {
	if name == "" {
		return scorings[0], nil
	}
	for _, s := range scorings {
		if s.Name == name {
			return s, nil
		}
	}
	meant := english.Closest(name, Scorings())
	if meant != "" {
		meant = fmt.Sprintf("; did you mean %q?", meant)
	}
	return Scoring{}, fmt.Errorf("unknown scoring %q%s; valid are: %s", name, meant, strings.Join(slices.Sorted(slices.Values(Scorings())), ", "))
}

// The operations are in the order of gensim's, so that scores agree to the last digits.

func word2phrase(c Counts) float64 {
	return float64(c.Pair-c.MinCount) / (float64(c.First) * float64(c.Second)) * float64(c.Types)
}

func normalizedPMI(c Counts) float64 {
	if c.Pair < c.MinCount {
		return math.Inf(-1)
	}
	words := float64(c.Words)
	first, second, pair := float64(c.First)/words, float64(c.Second)/words, float64(c.Pair)/words
	return math.Log(pair/float64(first*second)) / -math.Log(pair)
}
