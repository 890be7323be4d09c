// Package parallel connects the processes that train one model together, which are called ranks.
//
// Each rank trains its own share of the text on its own copy of the parameters, round by round.
// Between rounds the ranks bring their copies together. Package train says when a round is over and
// which rows it changed; a [Transport] decides which rows travel after which round, in which
// precision, and by which rule the copies become one.
package parallel

import (
	"context"
	"fmt"
)

// Parameters are the two matrices of a rank: rows of Stride values, by word id.
type Parameters struct {
	Input, Output []float32
	Stride        int
}

// A Transport brings the parameters of all ranks together between rounds. Each run has a Transport
// of its own.
//
// The result must depend on the number of ranks only, never on their speed or on the number of
// their threads. So what a Transport decides follows from the position in the text, and it adds up
// in the order of the ranks.
type Transport interface {
	// Changed is called in each round for each shard of the vocabulary, once its blocks are merged,
	// with the words whose rows the round changed in one of the matrices. Calls for different
	// shards may overlap. The slice is valid during the call only.
	Changed(shard int, words []int32)
	// Due reports whether the ranks exchange rows after the given number of tokens, which this rank
	// has processed over all epochs. It is called at the end of each round.
	Due(tokens int64) bool
	// Exchange is called before the first round, if Due, and at the end of the training. Nothing
	// else uses the parameters meanwhile. All ranks must come to the same exchanges. After the last
	// one the parameters must be the same bytes on all ranks.
	//
	// Exchange returns an error that wraps a *[RankError] if another rank failed, and the error of
	// the context if it is canceled. It must not wait for a rank that has failed.
	Exchange(ctx context.Context, tokens int64, p Parameters) error
	// Leave is called once, when the run ends. A non-nil error says why this rank cannot complete
	// the training; the other ranks get it from their next Exchange.
	Leave(err error)
}

// Single is the [Transport] of a training in one process: nothing is exchanged.
type Single struct{}

func (Single) Changed(int, []int32)                              {}
func (Single) Due(int64) bool                                    { return false }
func (Single) Exchange(context.Context, int64, Parameters) error { return nil }
func (Single) Leave(error)                                       {}

// A RankError reports that a rank failed, which ends the training of all ranks.
type RankError struct {
	Rank int // from 0
	Err  error
}

func (e *RankError) Error() string { return fmt.Sprintf("rank %d failed: %v", e.Rank, e.Err) }

func (e *RankError) Unwrap() error { return e.Err }
