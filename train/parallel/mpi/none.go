//go:build !mpi

package mpi

import (
	"fmt"

	"kindred/train/parallel"
)

// Available says whether this program was built with MPI.
const Available = false

// A World connects the ranks of an MPI job. This program has none.
type World struct{ parallel.Transport }

// Start returns nil, or an error if an MPI launcher has started several processes, each of which would train alone.
func Start() (*World, error) {
	if ranks, _ := launched(); ranks > 1 {
		return nil, fmt.Errorf("an MPI launcher has started %d processes, but this kindred was built without MPI, so each would train alone; build it with: go build -tags mpi", ranks)
	}
	return nil, nil
}

// Close does nothing.
func (*World) Close(bool) {}

// Announce does nothing.
func (*World) Announce() {}

// Announced returns false.
func (*World) Announced() bool { return false }
