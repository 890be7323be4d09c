// Package mpi connects the ranks of a training by MPI, the message passing interface of clusters. It is part of programs that are built
// with the tag mpi, which need cgo and Open MPI.
package mpi

import (
	"os"
	"strconv"
)

// launched reports whether an MPI launcher has started this process, and how many of them, 0 if it does not say.
func launched() (ranks int, ok bool) {
	for _, name := range []string{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_NAMESPACE"} {
		if value := os.Getenv(name); value != "" {
			ranks, _ = strconv.Atoi(value)
			return ranks, true
		}
	}
	return 0, false
}
