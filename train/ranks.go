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

// bursts is how many bytes ranks send of those that they would send if words occurred at random. Words come in bursts, so that fewer rows move: 0.916 and
// 0.926 of them on 17 million words of Wikipedia with two and four ranks, and 0.914 on 0.5 million with two.
const bursts = 0.92

// A traffic computes how many bytes ranks would send if words occurred at random.
type traffic struct {
	plan   *rankPlan
	tiers  [2][]map[int64]float64 // by matrix and tier: the bytes of a rank, by the blocks since the rows last travelled, about
	shares [2][]float64           // how often a row is drawn in a block, on average
	dim    int
}

func (r *run) newTraffic() *traffic {
	v, t := r.text.Vocabulary(), &traffic{plan: &r.ranks, dim: r.cfg.Dim}
	rate, _ := keptShares(v, r.subsample)
	kept := 0.0
	for id, count := range v.Counts() {
		kept += float64(count) * r.subsample.P(int32(id))
	}
	words := float64(r.plan.blockTokens) * rate
	for id, count := range v.Counts() {
		draws := words * float64(count) * r.subsample.P(int32(id)) / kept
		t.shares[input] = append(t.shares[input], draws)
		t.shares[output] = append(t.shares[output], draws+float64(r.plan.pool)*r.negatives.Share(id))
	}
	for matrix := range t.tiers {
		for range len(r.ranks.due[matrix]) + 1 {
			t.tiers[matrix] = append(t.tiers[matrix], map[int64]float64{})
		}
	}
	return t
}

// bytes returns what a rank sends of the rows of a tier, which travel after every leg or every second, fourth, … one, if it has trained so many blocks since they last
// travelled.
func (t *traffic) bytes(matrix, tier int, blocks float64) float64 {
	const steps = 32 // to a factor of e; the result is interpolated
	at := math.Log(blocks) * steps
	low := math.Floor(at)
	at -= low
	return (1-at)*t.at(matrix, tier, int64(low), steps) + at*t.at(matrix, tier, int64(low)+1, steps)
}

func (t *traffic) at(matrix, tier int, n, steps int64) float64 {
	known := t.tiers[matrix][tier]
	if bytes, ok := known[n]; ok {
		return bytes
	}
	first, end := 0, len(t.shares[matrix])
	if tier > 0 {
		first = t.plan.due[matrix][tier-1]
	}
	if tier < len(t.plan.due[matrix]) {
		end = t.plan.due[matrix][tier]
	}
	blocks, ranks := math.Exp(float64(n)/float64(steps)), float64(t.plan.ranks)
	moves, sums := 0.0, 0.0
	for _, share := range t.shares[matrix][first:max(first, end)] {
		moves -= math.Expm1(-share * blocks)
		sums -= math.Expm1(-share * blocks * ranks)
	}
	known[n] = (moves*float64(moveBytes(t.dim)) + sums*float64(sumBytes(t.dim))) * (ranks - 1) / ranks
	return known[n]
}

// run returns the bytes that a rank is expected to send from a block on to the end of its epoch.
func (t *traffic) run(from block) (bytes float64) {
	l := t.plan.leg(from, 0, 0)
	since := [2][]float64{make([]float64, len(t.tiers[0])), make([]float64, len(t.tiers[1]))}
	for ; l.first.epoch == from.epoch; l = t.plan.next(l, 0) {
		for matrix := range since {
			for tier := range since[matrix] {
				since[matrix][tier] += float64(l.blocks) / float64(t.plan.ranks)
				if every := 1 << tier; t.plan.isFull(l) || tier < len(since[matrix])-1 && (l.number+1)%every == 0 {
					bytes += t.bytes(matrix, tier, since[matrix][tier])
					since[matrix][tier] = 0
				}
			}
		}
	}
	return bytes
}

// expect sets what the ranks are expected to exchange in the whole training from the first leg on, and in the long run.
func (r *run) expect(record *model.RanksRecord) {
	t := r.newTraffic()
	first := r.position
	if warm := (block{0, r.ranks.warm}); r.processed(first) < r.processed(warm) {
		first = warm
	}
	total := t.run(first)
	if epochs := int64(r.cfg.Epochs - first.epoch - 1); epochs > 0 {
		// From the second epoch on, legs have their full length nearly always.
		bytes := t.run(block{r.cfg.Epochs - 1, 0})
		total += bytes * float64(epochs)
	}
	total *= bursts
	record.BytesExpected = int64(total)
	record.BytesPerToken = total * float64(r.ranks.ranks) / float64(max(r.schedule.total-r.processed(first), 1))
}

// ranksRecord returns the plan for the manifest.
func (r *run) ranksRecord() model.RanksRecord {
	p := &r.ranks
	record := model.RanksRecord{
		Ranks: p.ranks, Start: r.progress.sum.tokens, WarmTokens: p.warm * r.plan.blockTokens, LegTokens: p.longest * r.plan.blockTokens, Cycle: p.cycle,
		DueInput: p.due[input], DueOutput: p.due[output], Precision: "bfloat16",
	}
	r.expect(&record)
	return record
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

// measuredMoves is the largest product of ranks, tokens of a leg and learning rate with which vectors were compared with those of one rank.
const measuredMoves = 4 * 21376 * 0.05

// RankWarnings returns what makes it doubtful that several ranks learn as much as one does at a learning rate: a sentence each, without a period.
func RankWarnings(r model.RanksRecord, rate float64) []string {
	moves := float64(int64(r.Ranks)*r.LegTokens) * rate
	if moves <= measuredMoves {
		return nil
	}
	return []string{fmt.Sprintf("%d ranks that each train %d tokens between exchanges at a learning rate of %.3g are beyond what was measured, which is 4 ranks, 21376 tokens and 0.05; see docs/ranks.md",
		r.Ranks, r.LegTokens, rate)}
}
