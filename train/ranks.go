package train

import (
	"encoding/json"
	"fmt"
	"math"

	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/internal/version"
	"kindred/model"
	"kindred/train/negative"
)

// Several ranks train one model: see [rankPlan] for what they do, and [team] for how their parameters become one.
var (
	// legWords is how many words a rank trains between two exchanges, after sub-sampling, and shortLegWords how many it does in the first legs.
	legWords, shortLegWords = 16384.0, 4096.0
	// A leg of all ranks has at most 1/earlyLegs of the words that were trained before it, or shortLegWords for each rank.
	earlyLegs = 64.0
	// One rank alone trains the first words: 1/warmShare of all, but at most warmWords for each rank.
	warmShare, warmWords = 64.0, 262144.0
	// All rows travel at the last of maxCycle legs, and before, a row travels before the rank's moves since the last time
	// have a load of travelLoad.
	maxCycle   = 32
	travelLoad = 1.0
	legShare   = 512.0
)

// maxRanks is the largest number of ranks.
const maxRanks = 256

// A rankPlan says what each rank trains and when which rows are exchanged. It follows from text, settings and the number of ranks, so all ranks have
// the same.
//
// The blocks of an epoch are cut into legs. In each leg, each rank trains a share of its blocks: the first rank the first ones, and so on. So
// all that was trained before a leg is the beginning of the text, whatever the number of ranks. At the end of a leg, the
// ranks exchange rows: common words' after each leg, and others' when they are due. A cycle is a
// sequence of legs after which all rows are exchanged.
type rankPlan struct {
	ranks int
	// warm is the number of blocks that come before the first leg. Each rank trains them all, in the same way, so there is nothing to
	// exchange.
	warm int64
	// shortest and longest are the blocks of a rank in a leg.
	shortest, longest int64
	blocks            int64 // in an epoch
	cycle             int   // legs
	// due has the number of words whose rows travel after every leg, after every second one, every fourth one, and so on, for each
	// matrix. Words are in the order of their counts. After the last leg of a cycle all travel.
	due [2][]int
}

// newRankPlan returns the plan for a number of ranks, and an error if the text is too short for so many.
func newRankPlan(ranks int, v *vocab.Vocabulary, tokens int64, s *sampling.Subsampler, n *negative.Plan, p roundPlan, cfg Config) (rankPlan, error) {
	if ranks > maxRanks {
		return rankPlan{}, fmt.Errorf("training: %d ranks, want 1 to %d", ranks, maxRanks)
	}
	rate, _ := keptShares(v, s)
	words := rate * float64(p.blockTokens) // of a block
	r := rankPlan{ranks: ranks, blocks: (tokens + p.blockTokens - 1) / p.blockTokens}
	total := float64(r.blocks) * float64(cfg.Epochs)
	r.warm = int64(min(warmWords*float64(ranks)/words, total/warmShare, float64(r.blocks)/2))
	r.longest = max(int64(min(legWords/words, total/legShare/float64(ranks))), 1)
	r.shortest = min(max(int64(shortLegWords/words), 1), r.longest)
	if r.blocks-r.warm < int64(ranks) {
		return rankPlan{}, fmt.Errorf("training: the text is too short for %d ranks: an epoch has %d blocks of %d tokens, and each rank needs some; use fewer ranks", ranks, r.blocks, p.blockTokens)
	}
	r.cycle = 1
	for r.cycle < maxCycle && int64(r.cycle)*r.longest*int64(ranks)*4 < r.blocks {
		r.cycle *= 2
	}
	r.findDue(v, s, n, words*float64(r.longest), cfg)
	return r, nil
}

// findDue sets the words that are due, in legs of so many words of a rank.
func (r *rankPlan) findDue(v *vocab.Vocabulary, s *sampling.Subsampler, n *negative.Plan, words float64, cfg Config) {
	k := cfg.MaxMeanNegatives()
	o := newOvershoot(cfg.LearningRate, cfg.Architecture, k)
	kept := 0.0
	for id, count := range v.Counts() {
		kept += float64(float64(count) * s.P(int32(id)))
	}
	for every := 1; every < r.cycle; every *= 2 {
		due := [2]int{}
		for id, count := range v.Counts() {
			share := float64(float64(count)*s.P(int32(id))) / kept
			loads := [2]float64{words * share * float64(o.perInput), words * (share + float64(k*n.Share(id))) * float64(o.perOutput)}
			for matrix, load := range loads {
				if load*float64(2*every) > travelLoad {
					due[matrix] = id + 1
				}
			}
		}
		for matrix := range due {
			r.due[matrix] = append(r.due[matrix], due[matrix])
		}
	}
}

// A leg is a piece of an epoch that the ranks train together, before they exchange rows.
type leg struct {
	first  block
	blocks int64
	number int // in its cycle
}

// leg returns the leg that begins with a block. The guard halves it a number of times.
func (p *rankPlan) leg(first block, number, halvings int) leg {
	if first.index >= p.blocks {
		first = block{first.epoch + 1, 0}
	}
	before := int64(first.epoch)*p.blocks + first.index
	ranks := int64(p.ranks)
	each := max(min(max(int64(float64(before)/earlyLegs)/ranks, p.shortest), p.longest)>>halvings, 1)
	rest := p.blocks - first.index
	n := min(each*ranks, rest)
	if rest-n < ranks {
		n = rest // the rest has too little for each rank
	}
	return leg{first, n, number}
}

// next returns the leg after another one.
func (p *rankPlan) next(l leg, halvings int) leg {
	number := l.number + 1
	if p.isFull(l) {
		number = 0
	}
	return p.leg(l.first.plus(int(l.blocks)), number, halvings)
}

// isFull reports whether all rows travel after a leg.
func (p *rankPlan) isFull(l leg) bool {
	return l.number+1 >= p.cycle || l.first.index+l.blocks >= p.blocks
}

// dueAfter returns the number of words whose rows of a matrix travel after a leg.
func (p *rankPlan) dueAfter(l leg, matrix, words int) int {
	if p.isFull(l) {
		return words
	}
	n, every := p.due[matrix][0], l.number+1 // a cycle of one leg is always full
	for _, more := range p.due[matrix][1:] {
		if every%2 != 0 {
			break
		}
		n, every = more, every/2
	}
	return n
}

// share returns the blocks of a rank in a leg, the last one excluded.
func (l leg) share(rank, ranks int) (from, to int64) {
	return l.first.index + l.blocks*int64(rank)/int64(ranks), l.first.index + l.blocks*int64(rank+1)/int64(ranks)
}

// bytesPerToken returns how many bytes a rank is expected to send for each token that it trains, in legs of full length. Words are taken
// to occur at random, which overestimates what bursts of the same word need.
func (p *rankPlan) bytesPerToken(v *vocab.Vocabulary, s *sampling.Subsampler, n *negative.Plan, r roundPlan, dim int) float64 {
	rate, _ := keptShares(v, s)
	kept := 0.0
	for id, count := range v.Counts() {
		kept += float64(count) * s.P(int32(id))
	}
	legs := float64(p.longest)
	words := legs * float64(r.blockTokens) * rate
	ranks, total := float64(p.ranks), 0.0
	for id, count := range v.Counts() {
		share := float64(count) * s.P(int32(id)) / kept
		for matrix, draws := range [2]float64{words * share, words*share + legs*float64(r.pool)*n.Share(id)} {
			every := float64(p.every(matrix, id))
			moved := -math.Expm1(-draws * every)
			sums := -math.Expm1(-draws * every * ranks)
			total += (moved + sums) * float64(moveBytes(dim)) / every
		}
	}
	return total * (ranks - 1) / ranks / (legs * float64(r.blockTokens))
}

// every returns after how many legs a row travels.
func (p *rankPlan) every(matrix, word int) int {
	every := 1
	for _, n := range p.due[matrix] {
		if word < n {
			break
		}
		every *= 2
	}
	return every
}

// record returns the plan for the manifest.
func (r *run) ranksRecord() model.RanksRecord {
	p := &r.ranks
	return model.RanksRecord{
		Ranks: p.ranks, Start: r.progress.sum.tokens, WarmTokens: p.warm * r.plan.blockTokens, LegTokens: p.longest * r.plan.blockTokens, Cycle: p.cycle,
		DueInput: p.due[input], DueOutput: p.due[output], Precision: "bfloat16",
		BytesPerToken: p.bytesPerToken(r.text.Vocabulary(), r.subsample, r.negatives, r.plan, r.cfg.Dim),
	}
}

// compareRanks returns an error if another rank would train something else.
func (r *run) compareRanks() error {
	record, at := r.text.Record(), r.position
	own := [][2]string{
		{"version", version.String()},
		{"kernel", r.kernel.Name},
		{"text", fmt.Sprintf("%s of %d tokens", record.Hash, r.text.Len())},
		{"vocabulary", fmt.Sprintf("of %d words", r.parameters.Vocabulary.Len())},
		{"next block", fmt.Sprintf("%d of epoch %d", at.index, at.epoch+1)},
	}
	settings := settingsByName(r.cfg)
	for _, name := range settingNames {
		if name != "threads" && name != "kernel" { // the kernel is above
			own = append(own, [2]string{name, string(settings[name])})
		}
	}
	own = append(own, [2]string{"checksum of the first vectors", fmt.Sprintf("%08x", r.parameters.checksum())})
	data, err := json.Marshal(own)
	if err != nil {
		return err
	}
	out := make([][]byte, r.ranks.ranks)
	for rank := range out {
		out[rank] = data
	}
	all, err := r.transport.Exchange(out)
	if err != nil {
		return err
	}
	for rank := range all {
		var theirs [][2]string
		if err := json.Unmarshal(all[rank], &theirs); err != nil || len(theirs) != len(own) {
			return fmt.Errorf("rank %d runs another version of kindred than rank %d", rank, r.transport.Rank())
		}
		for i, o := range own {
			if theirs[i] != o {
				return fmt.Errorf("the ranks would not train the same model: %s is %s at rank %d, and %s is %s at rank %d",
					o[0], o[1], r.transport.Rank(), theirs[i][0], theirs[i][1], rank)
			}
		}
	}
	return nil
}
