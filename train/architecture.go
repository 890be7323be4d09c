package train

import (
	"errors"
	"fmt"

	"kindred/model/subword"
)

// Architecture is the form of the model.
type Architecture struct {
	// Kind is SkipGram or CBOW; "" is SkipGram.
	Kind Kind `json:"architecture"`
	// Bag says how CBOW makes one vector of a window: BagWord2vec, BagMean or BagSum; "" is BagWord2vec.
	Bag Bag `json:"bag,omitempty"`
	// PositionWeights weighs the values of each word by its position in the window, with weights that are trained (Mikolov et al. 2018).
	PositionWeights bool `json:"position_weights,omitempty"`
	// MinN and MaxN are the lengths of the shortest and the longest character n-grams of which words are made, in
	// runes with the marks < and > around a word, and Buckets is the number of rows that n-grams share. MaxN 0 makes words of
	// no n-grams.
	MinN    int `json:"min_n,omitempty"`
	MaxN    int `json:"max_n,omitempty"`
	Buckets int `json:"bucket,omitempty"`
	// HashCount is the number of rows of each n-gram and of each word, 1 to 4, of one table with Buckets rows, by the hash of
	// floret: the compact mode. 0 is fastText's mode: each word has a row of its own, and each n-gram one of Buckets others.
	HashCount int `json:"hash_count,omitempty"`
	// Dim is the number of values in a vector, 1 to 65536.
	Dim int `json:"dim"`
	// Window is the largest distance between the center and a context word, 1 to 4096.
	// The reach of each window is drawn uniformly from 1..Window, so that near words count more.
	Window int `json:"window"`
}

// A Kind says what predicts the center of a window.
type Kind string

// The kinds of Mikolov et al. 2013 (arXiv 1301.3781).
const (
	// SkipGram trains each word of the window to predict the center.
	SkipGram Kind = "skipgram"
	// CBOW, the continuous bag of words, trains the words of the window together: the mean or sum of their
	// input vectors, h, predicts the center.
	CBOW Kind = "cbow"
)

// A Bag says what h of CBOW is for n words, and how these move. Gradient descent moves h by d, and each word by
// dh/dx d, which is d/n if h is the mean: a word of a small window moves further than one of a large window.
type Bag string

const (
	// BagWord2vec is the mean, but a word moves by d whatever n is, as in word2vec.c and gensim. That is not the
	// gradient (İrsoy, Benton and Stratos 2021, arXiv 2012.15332). It is the default all the same: on real text
	// it solves more analogies than the gradient does at its best learning rate. docs/benchmarks.md has the
	// measurements.
	BagWord2vec Bag = "word2vec"
	// BagMean is the mean, and its gradient: a word moves by (window+1)/n d, where window+1 is the mean of n.
	// The constant factor makes up for the division, so that learning rates mean what they do in
	// word2vec.c; only the input matrix has it.
	BagMean Bag = "mean"
	// BagSum is the sum, and its gradient: a word moves by d.
	BagSum Bag = "sum"
)

// bagScale returns the factor from the sum of n words to h, and that from the move of h to the move of each word.
func (a Architecture) bagScale(n int) (hidden, move float32) {
	switch a.Bag {
	case BagSum:
		return 1, 1
	case BagMean:
		return 1 / float32(n), float32(a.Window+1) / float32(n)
	}
	return 1 / float32(n), 1
}

// isCBOW reports whether windows are trained as bags.
func (a Architecture) isCBOW() bool { return a.Kind == CBOW }

// hasSubwords reports whether words are made of n-grams.
func (a Architecture) hasSubwords() bool { return a.MaxN > 0 }

// nGrams returns the n-grams of words.
func (a Architecture) nGrams() subword.NGrams {
	if a.HashCount != 0 {
		return subword.NGrams{Hash: subword.Floret, MinN: a.MinN, MaxN: a.MaxN, Buckets: a.Buckets, Hashes: a.HashCount, Seed: subword.FloretSeed}
	}
	return subword.NGrams{Hash: subword.FastText, MinN: a.MinN, MaxN: a.MaxN, Buckets: a.Buckets}
}

// NGramsOf returns the architecture with words that are made of the given n-grams, and whether training knows such n-grams: the
// hash is fastText's, or floret's with its seed, and the marks are the usual ones.
func (a Architecture) NGramsOf(g subword.NGrams) (Architecture, bool) {
	a.MinN, a.MaxN, a.Buckets, a.HashCount = g.MinN, g.MaxN, g.Buckets, g.Hashes
	own := a.nGrams()
	return a, a.hasSubwords() && own.Same(&g)
}

// validate returns an error that names what is not known.
func (a Architecture) validate() error {
	var errs []error
	if a.Kind != "" && a.Kind != SkipGram && a.Kind != CBOW {
		errs = append(errs, fmt.Errorf("architecture is %q, want %s or %s", a.Kind, SkipGram, CBOW))
	}
	switch a.Bag {
	case "", BagMean, BagSum, BagWord2vec:
	default:
		errs = append(errs, fmt.Errorf("bag is %q, want %s, %s or %s", a.Bag, BagWord2vec, BagMean, BagSum))
	}
	if n := a.nGrams(); a.hasSubwords() || a.MinN != 0 || a.Buckets != 0 || a.HashCount != 0 {
		if err := n.Check(); err != nil {
			errs = append(errs, err)
		} else if !a.hasSubwords() {
			errs = append(errs, errors.New("n-grams have a shortest length or buckets but no longest length; set both lengths and the buckets, or none"))
		}
	}
	return errors.Join(errs...)
}
