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

// HeldOutScores are the scores of a model for held-out pairs: the data of a [HeldOutReport], and of
// comparing models pair by pair.
//
// The score of a pair is the inner product of the context's input vector and the center's output
// vector. Training by negative sampling makes it large for true pairs and small for noise. Its sigmoid
// is the probability, as the model was trained, that the pair is true.
type HeldOutScores struct {
	// Noises hold the scores of the test pairs, by noise distribution.
	Noises []NoiseScores `json:"references"`
	// Sentences is the number of sentences that the pairs are from.
	Sentences int `json:"sentences"`
}

// NoiseScores are the scores of the true pairs and of their negatives from one noise distribution.
type NoiseScores struct {
	// Name is the name of the noise distribution.
	Name string `json:"name"`
	// Sentence is the number of the sentence of each pair.
	Sentence []int32 `json:"sentence"`
	// True are the scores of the true pairs. False are the scores of the same contexts with one random center
	// each.
	True  []float32 `json:"true"`
	False []float32 `json:"false"`
	// Rank is the rank of the true center among 99 random ones by score, 1 the best. Equal scores count
	// half.
	Rank []float32 `json:"rank"`
	// Threshold is the score from which a pair is called true, and Fitted the calibration. Both are the
	// best for the validation pairs.
	Threshold float64           `json:"threshold"`
	Fitted    stats.Calibration `json:"fitted"`
}

// Score returns the scores of a model for the test pairs. The model needs an output matrix, and the
// vocabulary of the text that the pairs are from, or one that begins with it.
func (h *HeldOut) Score(e *model.Embeddings) (*HeldOutScores, error) {
	s, err := h.newScorer(e)
	if err != nil {
		return nil, err
	}
	all := &HeldOutScores{Sentences: h.test.sentences}
	for noise, d := range noiseDistributions {
		validation, err := s.predictions(&h.validation, noise)
		if err != nil {
			return nil, err
		}
		scores := NoiseScores{Name: d.name, Threshold: stats.BestThreshold(validation)}
		if scores.Fitted, err = stats.FitCalibration(validation); err != nil {
			return nil, err
		}
		for _, p := range h.test.pairs {
			products := s.products(p, noise, heldOutCandidates)
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

// Check returns an error if scores that were stored are not complete, or are of other pairs.
func (h *HeldOut) Check(s *HeldOutScores) error {
	if s == nil || len(s.Noises) != len(noiseDistributions) || s.Sentences != h.test.sentences {
		return errors.New("the scores of held-out pairs are not complete")
	}
	for i, n := range s.Noises {
		pairs := len(h.test.pairs)
		if n.Name != noiseDistributions[i].name || len(n.Sentence) != pairs || len(n.True) != pairs || len(n.False) != pairs || len(n.Rank) != pairs {
			return fmt.Errorf("the scores of held-out pairs against %s are not complete", noiseDistributions[i].name)
		}
		for j, p := range h.test.pairs {
			if n.Sentence[j] != p.sentence {
				return fmt.Errorf("pair %d is of sentence %d, want %d", j+1, n.Sentence[j], p.sentence)
			}
		}
	}
	return nil
}

// Validate returns the area under the ROC curve of the validation pairs against unigram^0.75. It is the
// score to look at during training, since it leaves the test pairs alone.
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
	positions  *model.Matrix // nil if words are not weighed by position
	noises     []*sampling.AliasTable
	kernel     kernel.Kernel
	query      *model.Matrix // one row: the vector of the context
	candidates *model.Matrix // rows of the output matrix, one after the other
	results    []float32
}

func (h *HeldOut) newScorer(e *model.Embeddings) (*pairScorer, error) {
	if e.Output == nil {
		return nil, errors.New("held-out pairs: the vectors come without the output matrix, by which pairs are scored; safetensors files have it")
	}
	if got, want := e.Vocabulary.Len(), h.noises[0].Len(); got < want {
		return nil, fmt.Errorf("held-out pairs: the model has %d words and the text %d; want the model trained on the rest of that text", got, want)
	}
	return &pairScorer{
		vectors: e.Reader(), output: e.Output, positions: e.Positions, noises: h.noises, kernel: kernel.Auto(e.Dim()),
		query:      model.NewMatrix(1, e.Dim()),
		candidates: model.NewMatrix(heldOutCandidates, e.Dim()), results: make([]float32, heldOutCandidates),
	}, nil
}

// products returns the score of a pair, and those of n-1 pairs with a random center instead. A draw that
// equals the center is drawn again. One that is true of another place in the text is not, so the best
// possible scores are below 1, and are the same for all models.
func (s *pairScorer) products(p heldOutPair, noise, n int) []float32 {
	stride := s.candidates.Stride
	draw := random.New(heldOutSeed, heldOutNegatives, uint64(noise), uint64(p.number))
	candidate := func(i int, word int32) {
		row := s.candidates.Row(i)
		copy(row, s.output.ReadRow(row, int(word)))
	}
	candidate(0, p.center)
	for i := 1; i < n; i++ {
		negative := p.center
		for negative == p.center {
			negative = s.noises[noise].Draw(draw.Uint64())
		}
		candidate(i, negative)
	}
	copy(s.query.Row(0), s.vectors.Stored(int(p.context)))
	s.weigh(s.query.Row(0), int(p.distance))
	results := s.results[:n]
	s.kernel.Products(results, s.candidates.Data[:n*stride], s.query.Data, stride, s.query.Dim)
	return results
}

// weigh weighs the vector of a context word as the model does at a distance from the center, if it does. What is beyond its window counts
// as the farthest position.
func (s *pairScorer) weigh(vector []float32, distance int) {
	if s.positions == nil {
		return
	}
	for i, weight := range s.positions.Row(model.PositionRow(s.positions.Rows/2, distance)) {
		vector[i] *= weight
	}
}

// predictions returns the pairs of a half, each with one negative.
func (s *pairScorer) predictions(h *heldOutHalf, noise int) ([]stats.Prediction, error) {
	p := make([]stats.Prediction, 0, 2*len(h.pairs))
	for _, pair := range h.pairs {
		products := s.products(pair, noise, 2)
		if err := finite(products); err != nil {
			return nil, err
		}
		p = appendPair(p, products[0], products[1], pair.sentence)
	}
	return p, nil
}

// appendPair appends a true pair and its negative.
func appendPair(p []stats.Prediction, positive, negative float32, sentence int32) []stats.Prediction {
	return append(p,
		stats.Prediction{Score: float64(positive), Positive: true, Unit: sentence},
		stats.Prediction{Score: float64(negative), Unit: sentence})
}

// rankOfFirst returns the rank of the first value in descending order. Equal values count half.
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

// finite returns an error if a score is not finite.
func finite(scores []float32) error {
	for _, v := range scores {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("held-out pairs: the score of a pair is %v; the training has diverged", v)
		}
	}
	return nil
}
