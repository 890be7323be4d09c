package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"kindred/corpus"
	"kindred/model"
	"kindred/train/parallel"
)

// A toyCluster connects ranks in one process: a rank sends the moves of its hot rows often and of
// its cold rows rarely, and each rank adds up the moves of all of them, in the order of the ranks.
type toyCluster struct {
	mu       sync.Mutex
	arrived  *sync.Cond
	round    int
	messages []map[int32][]float32 // of this exchange, by rank; nil if not sent yet
	received []map[int32][]float32 // of the last exchange
	failed   *parallel.RankError
}

func newToyCluster(ranks int) *toyCluster {
	c := &toyCluster{messages: make([]map[int32][]float32, ranks)}
	c.arrived = sync.NewCond(&c.mu)
	return c
}

// gather sends a message and returns those of all ranks.
func (c *toyCluster) gather(rank int, message map[int32][]float32) ([]map[int32][]float32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages[rank] = message
	round := c.round
	if !slices.ContainsFunc(c.messages, func(m map[int32][]float32) bool { return m == nil }) {
		c.received, c.messages, c.round = c.messages, make([]map[int32][]float32, len(c.messages)), round+1
		c.arrived.Broadcast()
	}
	for c.round == round && c.failed == nil {
		c.arrived.Wait()
	}
	if c.round == round {
		return nil, fmt.Errorf("exchanging rows: %w", c.failed)
	}
	return c.received, nil
}

// A toyRank is the transport of one rank.
type toyRank struct {
	*toyCluster
	rank   int
	total  int64               // tokens at which all rows travel
	base   parallel.Parameters // as of the last exchange
	number int                 // of exchanges
	sent   [2]int              // hot and cold rows

	changing sync.Mutex
	changed  map[int32]bool
}

const (
	toyHotWords = 20    // travel at every exchange
	toyColdTurn = 3     // the others travel at every third one
	toyTokens   = 2_000 // between exchanges
)

func (r *toyRank) Changed(_ int, words []int32) {
	r.changing.Lock()
	defer r.changing.Unlock()
	for _, word := range words {
		r.changed[word] = true
	}
}

func (r *toyRank) Due(tokens int64) bool { return tokens/toyTokens >= int64(r.number) }

func (r *toyRank) Exchange(_ context.Context, tokens int64, p parallel.Parameters) error {
	if r.number++; tokens == 0 {
		r.base = parallel.Parameters{Input: slices.Clone(p.Input), Output: slices.Clone(p.Output), Stride: p.Stride}
		return nil
	}
	message := map[int32][]float32{}
	for word := range r.changed {
		if hot := word < toyHotWords; hot || tokens == r.total || r.number%toyColdTurn == 0 {
			message[word] = append(r.moves(p.Input, r.base.Input, word), r.moves(p.Output, r.base.Output, word)...)
			delete(r.changed, word)
			if hot {
				r.sent[0]++
			} else {
				r.sent[1]++
			}
		}
	}
	messages, err := r.gather(r.rank, message)
	if err != nil {
		return err
	}
	for _, m := range messages {
		for word, moves := range m {
			for i := range p.Stride {
				r.base.Input[int(word)*p.Stride+i] += moves[i]
				r.base.Output[int(word)*p.Stride+i] += moves[p.Stride+i]
			}
		}
	}
	for _, m := range messages {
		for word := range m {
			i, end := int(word)*p.Stride, int(word+1)*p.Stride
			copy(p.Input[i:end], r.base.Input[i:end])
			copy(p.Output[i:end], r.base.Output[i:end])
		}
	}
	return nil
}

// moves returns what the rank did to a row since its last exchange.
func (r *toyRank) moves(now, base []float32, word int32) []float32 {
	var moves []float32
	for i := int(word) * r.base.Stride; i < int(word+1)*r.base.Stride; i++ {
		moves = append(moves, now[i]-base[i])
	}
	return moves
}

func (r *toyRank) Leave(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil && r.failed == nil {
		r.failed = &parallel.RankError{Rank: r.rank, Err: err}
		r.arrived.Broadcast()
	}
}

// trainRanks trains one model on two halves of a text, with a rank for each.
func trainRanks(t *testing.T, texts []*corpus.Corpus, cfg Config, o Options) ([]*toyRank, []*model.Embeddings, []error) {
	cluster := newToyCluster(len(texts))
	ranks, models, errs := make([]*toyRank, len(texts)), make([]*model.Embeddings, len(texts)), make([]error, len(texts))
	var running sync.WaitGroup
	for i, text := range texts {
		ranks[i] = &toyRank{toyCluster: cluster, rank: i, total: int64(cfg.Epochs) * text.Len(), changed: map[int32]bool{}}
		own := o
		own.Transport = ranks[i]
		if i == 0 {
			own.AfterEpoch = nil
		}
		running.Go(func() { models[i], errs[i] = Run(context.Background(), text, cfg, own) })
	}
	running.Wait()
	return ranks, models, errs
}

// rankTexts returns two texts of the same words in other lines.
func rankTexts(t *testing.T) []*corpus.Corpus {
	lines := strings.SplitAfter(strings.TrimSpace(zipfText(1500, 200)), "\n")
	first := strings.Join(lines, "")
	slices.Reverse(lines)
	lines[0] += "\n"
	return []*corpus.Corpus{read(t, first), read(t, strings.Join(lines, ""))}
}

// TestRanksTrainOneModel trains with two ranks: both end with the same bytes, for any number of
// threads.
func TestRanksTrainOneModel(t *testing.T) {
	texts := rankTexts(t)
	for id := range texts[0].Vocabulary().Len() {
		if a, b := texts[0].Vocabulary().Word(id), texts[1].Vocabulary().Word(id); a != b {
			t.Fatalf("word %d is %q and %q: ranks need the same vocabulary", id, a, b)
		}
	}
	cfg := small()
	cfg.Epochs = 3
	want := ""
	for _, threads := range []int{1, 3} {
		cfg.Threads = threads
		ranks, models, errs := trainRanks(t, texts, cfg, Options{})
		for i, e := range models {
			if errs[i] != nil {
				t.Fatal(errs[i])
			}
			got := fmt.Sprint(e.Input.(*model.Matrix).Data, e.Output.(*model.Matrix).Data)
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%d threads: rank %d has other vectors", threads, i)
			}
			if loss := e.Manifest.Training.EpochLoss; !(loss[2] < loss[0]) {
				t.Errorf("losses %v", loss)
			}
			hot, cold := ranks[i].sent[0], ranks[i].sent[1]
			if n := ranks[i].number; n < 20 || hot < n*toyHotWords/2 || cold == 0 || cold > n/toyColdTurn*200 {
				t.Errorf("%d exchanges of %d hot and %d cold rows", n, hot, cold)
			}
		}
	}
	alone := whole(t, texts[0], cfg)
	if fmt.Sprint(alone.Input.(*model.Matrix).Data, alone.Output.(*model.Matrix).Data) == want {
		t.Error("two ranks learn what one does")
	}
}

// TestRanksThatFail checks that a rank which fails ends the other one too, and is named.
func TestRanksThatFail(t *testing.T) {
	broken := errors.New("no power")
	_, models, errs := trainRanks(t, rankTexts(t), small(), Options{AfterEpoch: func(int, *model.Embeddings) (bool, error) { return false, broken }})
	var failed *parallel.RankError
	if !errors.As(errs[0], &failed) || failed.Rank != 1 || !errors.Is(errs[0], broken) || models[0] != nil {
		t.Errorf("rank 0 returns %v, want a *RankError of rank 1", errs[0])
	}
	if !errors.Is(errs[1], broken) || errors.As(errs[1], &failed) {
		t.Errorf("rank 1 returns %v, want its own error", errs[1])
	}
	// A rank that never begins is known to the others as well.
	cfg := small()
	cfg.Hogwild = true
	if _, _, errs := trainRanks(t, rankTexts(t), cfg, Options{}); errs[0] == nil || !strings.Contains(errs[1].Error(), "Hogwild") {
		t.Errorf("Hogwild training with ranks: %v", errs)
	}
}
