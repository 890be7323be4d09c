package train

import "math"

// The guard looks at windows of guardRounds rounds. Training diverges if they cost guardFactor times what
// vectors that know nothing would cost them, whatever the passage: (1+k) log 2 a pair. A single odd passage
// does not reach that. After calmWindows windows without divergence, rounds become longer again; each time that
// this proves wrong, the next wait is calmFactor times as long.
const (
	guardRounds = 8
	guardFactor = 1.25
	calmWindows = 32
	calmFactor  = 4
	longestCalm = 1 << 20
)

// A guard shortens the rounds of a training that diverges: it halves the number of their blocks, down to
// rounds of one block, which are plain stochastic gradient descent. The merge weighs moves so that this
// should never be needed; so each change of the plan is recorded.
//
// The losses do not depend on the number of threads, and neither does the guard. Its JSON form is part of
// checkpoints.
type guard struct {
	// Halvings says how often the blocks of rounds are halved: those of the coming round, which may
	// have been prepared, and those of the one after it.
	Halvings [2]int `json:"halvings"`
	// Loss and Pairs are those of the rounds of the present window.
	Loss   float64 `json:"loss"`
	Pairs  float64 `json:"pairs"`
	Rounds int     `json:"rounds"`
	// Calm is the number of windows since the last change, Wait that after which rounds become longer. Longer
	// says that the last change made them so.
	Calm   int  `json:"calm"`
	Wait   int  `json:"wait"`
	Longer bool `json:"longer"`
}

func newGuard() guard { return guard{Wait: calmWindows} }

// valid reports whether a training can have come to this state.
func (g *guard) valid() bool {
	for _, n := range g.Halvings {
		if n < 0 || n > maxHalvings {
			return false
		}
	}
	return g.Loss >= 0 && g.Pairs >= 0 && !math.IsInf(g.Loss+g.Pairs, 0) && g.Rounds >= 0 && g.Rounds < guardRounds &&
		g.Calm >= 0 && g.Calm <= g.Wait && g.Wait >= calmWindows && g.Wait <= longestCalm
}

// maxHalvings is how often a round can be halved.
const maxHalvings = 6

// next moves on by a round, which begins now.
func (g *guard) next() { g.Halvings[0] = g.Halvings[1] }

// blocks returns how many of the blocks of the coming round are left.
func (g *guard) blocks(planned int) int { return max(planned>>g.Halvings[0], 1) }

// add adds a round whose pairs have k negatives and reports whether the plan changes, from the round after the
// coming one on, and the mean loss because of which it does.
func (g *guard) add(done tally, k float64, planned int) (changed bool, meanLoss float64) {
	g.Loss += done.loss
	g.Pairs += float64(done.pairs)
	g.Rounds++
	meanLoss = g.Loss / max(g.Pairs, 1)
	// A loss that explodes need not wait for the end of its window: it has cost as much as a whole one may.
	untrained := (1 + k) * math.Ln2
	if meanLoss*float64(g.Rounds) > guardFactor*untrained*guardRounds {
		if changed = planned>>g.Halvings[1] > 1; changed {
			g.Halvings[1]++
			if g.Longer {
				g.Wait = min(g.Wait*calmFactor, longestCalm)
			}
			g.Longer = false
		}
		g.restart(0)
		return changed, meanLoss
	}
	if g.Rounds == guardRounds {
		g.restart(min(g.Calm+1, g.Wait))
		if changed = g.Halvings[1] > 0 && g.Calm == g.Wait; changed {
			g.Halvings[1]--
			g.Calm, g.Longer = 0, true
		}
	}
	return changed, meanLoss
}

// restart begins a new window.
func (g *guard) restart(calm int) { g.Loss, g.Pairs, g.Rounds, g.Calm = 0, 0, 0, calm }
