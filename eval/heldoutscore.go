package eval

import (
	"errors"
	"fmt"
	"math"

	"kindred/corpus/sampling"
	"kindred/eval/stats"
	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
)

// HeldOutScores are what a model makes of the pairs held out: the raw material of a [HeldOutReport], and of comparing
// two models pair by pair.
//
// The score of a pair is the inner product of the context's row of the input matrix and the centre's row of the output
// matrix, which is what training by negative sampling makes large for true pairs and small for noise. Its
// sigmoid is the probability, as the model was trained, that the pair is true and no noise.
type HeldOutScores struct {
	// References holds the pairs of the half for tests, by reference.
	Noises []NoiseScores `json:"references"`
	// Sentences is the number of sentences that the pairs are from.
	Sentences int `json:"sentences"`
}

// NoiseScores are the scores of the true pairs and of their negatives from one reference.
type NoiseScores struct {
	Name string `json:"name"`
	// Sentence numbers the sentence that each pair is from.
	Sentence []int32 `json:"sentence"`
	// True are the scores of the true pairs, False those of the same contexts with one random centre each.
	True  []float32 `json:"true"`
	False []float32 `json:"false"`
	// Rank is the place of the true centre among 99 random ones by their scores, 1 the best; equal scores count half.
	Rank []float32 `json:"rank"`
	// Threshold is the score from which on a pair is called true, and Fitted the calibration, both as the half
	// for validation has them best.
	Threshold float64           `json:"threshold"`
	Fitted    stats.Calibration `json:"fitted"`
}

// Score returns what a model makes of the pairs of the half for tests. The model must have the vocabulary of the text
// that the pairs are from, or begin with it, and both matrices.
func (h *HeldOut) Score(e *model.Embeddings) (*HeldOutScores, error) {
	s, err := h.newScorer(e)
	if err != nil {
		return nil, err
	}
	all := &HeldOutScores{Sentences: h.test.sentences}
	for i, r := range references {
		validation, err := s.predictions(&h.validation, i)
		if err != nil {
			return nil, err
		}
		scores := NoiseScores{Name: r.name, Threshold: stats.BestThreshold(validation)}
		if scores.Fitted, err = stats.FitCalibration(validation); err != nil {
			return nil, err
		}
		for _, p := range h.test.pairs {
			products := s.products(p, i, heldOutCandidates)
			scores.Sentence = append(scores.Sentence, p.sentence)
			scores.True = append(scores.True, products[0])
			scores.False = append(scores.False, products[1])
			scores.Rank = append(scores.Rank, rankOfFirst(products))
		}
		if err := errors.Join(finite(scores.True), finite(scores.False)); err != nil {
			return nil, err
		}
		all.Noises = append(all.Noises, scores)
	}
	return all, nil
}

// Validate returns the area under the ROC curve of the half for validation, against unigram^0.75: the figure
// to look at during training, as it leaves the other half alone.
func (h *HeldOut) Validate(e *model.Embeddings) (float64, error) {
	s, err := h.newScorer(e)
	if err != nil {
		return 0, err
	}
	p, err := s.predictions(&h.validation, unigram)
	if err != nil {
		return 0, err
	}
	return stats.ROCAUCStatistic(p).Value(h.validation.sentences), nil
}

// A pairScorer computes the scores of pairs by one model.
type pairScorer struct {
	vectors    *model.Reader
	output     model.Storage
	noise      []*sampling.AliasTable
	kernel     kernel.Kernel
	query      *model.Matrix // one row: the vector of the context
	candidates *model.Matrix // rows of the output matrix, one after the other
	results    []float32
}

func (h *HeldOut) newScorer(e *model.Embeddings) (*pairScorer, error) {
	if e.Output == nil {
		return nil, errors.New("held-out pairs: the vectors come without the output matrix, by which pairs are scored; use the native format, which has it")
	}
	if got, want := e.Vocabulary.Len(), h.noise[0].Len(); got < want {
		return nil, fmt.Errorf("held-out pairs: the model has %d words and the text %d; want the model trained on the rest of that text", got, want)
	}
	k, err := kernel.Select("auto")
	if err != nil {
		return nil, err
	}
	return &pairScorer{
		vectors: e.Reader(), output: e.Output, noise: h.noise, kernel: k,
		query:      model.NewMatrix(1, e.Dim()),
		candidates: model.NewMatrix(heldOutCandidates, e.Dim()), results: make([]float32, heldOutCandidates),
	}, nil
}

// products returns the score of a pair and those of n-1 pairs with a random centre in its place. A draw that equals
// the centre is drawn again; one that happens to be true of another place of the text is not, so that the best
// possible figures are below 1, and are the same for all models.
func (s *pairScorer) products(p heldOutPair, reference, n int) []float32 {
	stride := s.candidates.Stride
	draw := random.New(heldOutSeed, heldOutNegatives, uint64(reference), uint64(p.number))
	candidate := func(i int, word int32) {
		row := s.candidates.Row(i)
		copy(row, s.output.ReadRow(row, int(word)))
	}
	candidate(0, p.centre)
	for i := 1; i < n; i++ {
		negative := p.centre
		for negative == p.centre {
			negative = s.noise[reference].Draw(draw.Uint64())
		}
		candidate(i, negative)
	}
	copy(s.query.Row(0), s.vectors.Stored(int(p.context)))
	results := s.results[:n]
	s.kernel.Products(results, s.candidates.Data[:n*stride], s.query.Data, stride, s.query.Dim)
	return results
}

// predictions returns the pairs of a half, each with one negative.
func (s *pairScorer) predictions(h *heldOutHalf, reference int) ([]stats.Prediction, error) {
	p := make([]stats.Prediction, 0, 2*len(h.pairs))
	for _, pair := range h.pairs {
		products := s.products(pair, reference, 2)
		if err := finite(products); err != nil {
			return nil, err
		}
		p = append(p, stats.Prediction{Score: float64(products[0]), Positive: true, Unit: pair.sentence}, stats.Prediction{Score: float64(products[1]), Positive: false, Unit: pair.sentence})
	}
	return p, nil
}

// rankOfFirst returns the place of the first value in descending order, equal ones counting half.
func rankOfFirst(values []float32) float32 {
	rank := float32(1)
	for _, v := range values[1:] {
		switch {
		case v > values[0]:
			rank++
		case v == values[0]:
			rank += 0.5
		}
	}
	return rank
}

// finite returns an error where a score isn't finite.
func finite(scores []float32) error {
	for _, v := range scores {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("held-out pairs: the score of a pair is %v; the training has diverged", v)
		}
	}
	return nil
}

// predictions returns the pairs that are tested.
func (r *NoiseScores) predictions() []stats.Prediction {
	p := make([]stats.Prediction, 0, 2*len(r.True))
	for i := range r.True {
		p = append(p, stats.Prediction{Score: float64(r.True[i]), Positive: true, Unit: r.Sentence[i]}, stats.Prediction{Score: float64(r.False[i]), Positive: false, Unit: r.Sentence[i]})
	}
	return p
}
