package anomaly

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/random"
	"kindred/model"
	"kindred/train"
)

// toy returns a model of three words whose scores are worked by hand below.
func toy(t *testing.T) *model.Embeddings {
	t.Helper()
	v, err := vocab.New([]string{"a", "b", "c"}, []int64{6, 3, 1})
	if err != nil {
		t.Fatal(err)
	}
	in, out := model.NewMatrix(3, 2), model.NewMatrix(3, 2)
	copy(in.Data, []float32{1, 0})
	copy(in.Row(1), []float32{0, 2})
	copy(out.Row(0), []float32{0.5, 0.25})
	copy(out.Row(1), []float32{-1, 1})
	return &model.Embeddings{Vocabulary: v, Input: in, Output: out, Manifest: &model.Manifest{
		Settings: json.RawMessage(`{"negatives": 5, "sampler": "subsampled", "subsample": 0}`),
		Corpus:   &vocab.Record{MinCount: 1, Tokens: 12, TokensKept: 8, HeldOut: &vocab.HeldOutRecord{Tokens: 2}},
	}}
}

func score(t *testing.T, s *Scorer, text string) (Score, *Line) {
	t.Helper()
	l := s.Line()
	for _, w := range strings.Fields(text) {
		l.Token([]byte(w))
	}
	return l.Score(), l
}

// TestScoreByHand compares with the formulas. The noise is the text's own distribution, so that the shift is log 5.
// 2 of 12 tokens are outside the vocabulary, and 1 is of a word that occurs once: p = 3/13.
func TestScoreByHand(t *testing.T) {
	s, err := New(toy(t))
	if err != nil {
		t.Fatal(err)
	}
	p := 3. / 13
	if math.Abs(s.UnseenShare()-p) > 1e-12 {
		t.Errorf("share of unseen words is %v, want %v", s.UnseenShare(), p)
	}
	got, line := score(t, s, "a b x a y")
	// PMI(a, b) is the mean of in(a) out(b) = -1 and in(b) out(a) = 0.5, plus log 5.
	pairs := -0.25 + math.Log(5)
	words := (2 - 5*p) / math.Sqrt(5*p*(1-p))
	if math.Abs(got.Pairs-pairs) > 1e-6 || math.Abs(got.Words-words) > 1e-9 || math.Abs(got.Total-(words/4-pairs)) > 1e-6 {
		t.Errorf("score is %+v, want words %v and pairs %v", got, words, pairs)
	}
	if got.Tokens != 5 || got.Unseen != 2 || got.Neighbors != 1 {
		t.Errorf("counts are %+v", got)
	}
	if unseen := fmt.Sprint(line.Unseen()); unseen != "[x y]" {
		t.Errorf("unseen words are %s", unseen)
	}
	if rarest := line.Rarest(3); len(rarest) != 1 || rarest[0].First != "a" || rarest[0].Second != "b" || math.Abs(rarest[0].PMI-pairs) > 1e-6 {
		t.Errorf("pairs are %+v", rarest)
	}
	line.Reset()
	if got := line.Score(); !math.IsInf(got.Total, -1) || got.Tokens != 0 {
		t.Errorf("an empty line has the score %+v", got)
	}
	if one, _ := score(t, s, "a"); one.Pairs != 0 || one.Neighbors != 0 {
		t.Errorf("a single word has the score %+v", one)
	}
}

func TestModelsThatCantScore(t *testing.T) {
	for name, spoil := range map[string]func(e *model.Embeddings){
		"output matrix":  func(e *model.Embeddings) { e.Output = nil },
		"manifest":       func(e *model.Embeddings) { e.Manifest = nil },
		"can't be read":  func(e *model.Embeddings) { e.Manifest.Settings = json.RawMessage(`{"negatives": "x"}`) },
		"rows of output": func(e *model.Embeddings) { e.Output = model.NewMatrix(2, 2) },
		"counts":         func(e *model.Embeddings) { e.Vocabulary, _ = vocab.New([]string{"a", "b", "c"}, nil) },
		"self-adversarial": func(e *model.Embeddings) {
			e.Manifest.Settings = json.RawMessage(`{"negatives": 5, "sampler": "self-adversarial"}`)
		},
		"without negatives": func(e *model.Embeddings) { e.Manifest.Settings = json.RawMessage(`{"negatives": 0}`) },
	} {
		e := toy(t)
		spoil(e)
		_, err := New(e)
		if wrong := ModelError(""); !errors.As(err, &wrong) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// TestRecoversPMI trains on a made text whose pointwise mutual information is known, with noise that is not the text's
// distribution and with sub-sampling, and compares the estimates. Words of a sentence are of one of two topics; one word
// is of both.
func TestRecoversPMI(t *testing.T) {
	const sentences, length = 20_000, 6
	var text strings.Builder
	draw := random.New(7)
	for range sentences {
		topic := draw.Uint32n(2)
		for range length {
			if draw.Uint32n(4) == 0 {
				text.WriteString("both ")
			} else {
				fmt.Fprintf(&text, "w%d_%d ", topic, draw.Uint32n(4))
			}
		}
		text.WriteByte('\n')
	}
	path := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	src, err := source.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := corpus.Read(context.Background(), src, corpus.ReadOptions{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	cfg := train.Defaults()
	cfg.Dim, cfg.Epochs, cfg.Subsample, cfg.Threads = 8, 20, 0.05, 1
	e, err := train.Run(context.Background(), c, cfg, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(e)
	if err != nil {
		t.Fatal(err)
	}
	pmi := func(pair string) float64 { r, _ := score(t, s, pair); return r.Pairs }
	// Two words of a topic are together twice as often as by chance, those of different topics never, and "both"
	// with every word just as often as by chance.
	for pair, want := range map[string]float64{"w0_0 w0_1": math.Log(2), "w1_2 w1_3": math.Log(2), "both w0_1": 0, "both both": 0} {
		if got := pmi(pair); math.Abs(got-want) > 0.2 {
			t.Errorf("PMI of %s is %.3f, want %.3f", pair, got, want)
		}
	}
	if got := pmi("w0_0 w1_1"); got > -2 {
		t.Errorf("PMI of words that are never together is %.3f", got)
	}
}
