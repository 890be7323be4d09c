// Package parallel carries messages between the processes that train one model together, which are called ranks.
//
// Each rank trains its own share of the text on its own copy of the parameters. Package train says when the ranks bring
// their copies together, which rows travel, and by which rule the copies become one. A [Transport] only carries bytes, so the result cannot
// depend on it.
package parallel

import (
	"fmt"
	"time"
)

// A Transport carries messages between ranks. Each rank has one of its own, and uses it from one goroutine at a time.
type Transport interface {
	// Rank returns the number of this rank, from 0, and Ranks how many there are.
	Rank() int
	Ranks() int
	// Exchange sends out[i] to rank i, for each rank, and returns what each rank sent to this one, by rank. All ranks must come to the
	// same exchanges. out[Rank()] comes back as it is.
	//
	// The messages that it returns are valid until the next call, and must not be changed. Those in out must not be changed before the next call
	// returns.
	//
	// If another rank failed, or was not heard of for too long, the error is a *[RankError]. Exchange does not wait for a rank that has failed.
	Exchange(out [][]byte) (in [][]byte, err error)
	// Leave is called once, when the rank ends. An error says why the rank cannot complete the training; the other ranks get
	// it from their present or next Exchange.
	Leave(err error)
}

// A RankError reports that a rank failed, which ends the training of all ranks.
type RankError struct {
	Rank int // from 0
	Err  error
}

func (e *RankError) Error() string { return fmt.Sprintf("rank %d failed: %v", e.Rank, e.Err) }

func (e *RankError) Unwrap() error { return e.Err }

// A SilentError says that a rank gave no sign of life.
type SilentError struct {
	Host string
	For  time.Duration
}

func (e *SilentError) Error() string {
	return fmt.Sprintf("nothing was heard of it on %s for %.0f seconds; its process is stopped or its machine can't be reached", e.Host, e.For.Seconds())
}
