package train

import (
	"fmt"
	"runtime/debug"

	"kindred/corpus/vocab"
	"kindred/internal/machine"
	"kindred/model"
	"kindred/train/negative"
)

// Memory is the memory that a run needs, in bytes. The text itself stays on disk.
type Memory struct {
	// Matrices is the size of both matrices, Vocabulary that of words, counts and index, Sampling
	// that of the noise table, the sub-sampler and the PMI pairs, and Workers that of the program,
	// replica rows and buffers.
	Matrices, Vocabulary, Sampling, Workers int64
}

// workerBytes is what a worker needs for tokens, batch and the scratch of its kernel, rounded up.
const workerBytes = 512 << 10

// programBytes is what the program needs before it reads anything.
const programBytes = 28 << 20

// NeededMemory returns the memory that a run over this vocabulary needs.
func NeededMemory(v *vocab.Vocabulary, cfg Config) Memory {
	sampling := 12 * int64(v.Len())
	if cfg.Reject.PMI() {
		sampling += negative.PairBytes
	}
	return Memory{
		Matrices:   2 * model.MatrixBytes(v.Len(), cfg.Dim),
		Vocabulary: v.Bytes(),
		Sampling:   sampling,
		Workers:    programBytes + maxReplicaBytes(cfg) + int64(cfg.Threads)*workerBytes,
	}
}

// Total returns the sum of all parts.
func (m Memory) Total() int64 { return m.Matrices + m.Vocabulary + m.Sampling + m.Workers }

// A MemoryError reports that a run needs more memory than is available.
type MemoryError struct {
	Needed    Memory
	Available int64
	// Words is the size of the vocabulary, Dim that of its vectors.
	Words, Dim int
}

func (e *MemoryError) Error() string {
	const mib = 1 << 20
	return fmt.Sprintf("training %d words at %d dimensions needs %d MiB of memory (two matrices %d, vocabulary %d, sampling %d, program and workers %d) but %d MiB are available; raise the minimum count, limit the vocabulary, or use fewer dimensions",
		e.Words, e.Dim, e.Needed.Total()/mib, e.Needed.Matrices/mib, e.Needed.Vocabulary/mib, e.Needed.Sampling/mib, e.Needed.Workers/mib, e.Available/mib)
}

// checkMemory returns a *[MemoryError] if a run would not fit in memory. The vocabulary is in
// memory already.
func checkMemory(v *vocab.Vocabulary, cfg Config) error {
	needed := NeededMemory(v, cfg)
	// Garbage from reading the text would otherwise count as used.
	debug.FreeOSMemory()
	available, ok := machine.Memory()
	if ok && needed.Total()-needed.Vocabulary > available {
		return &MemoryError{needed, available, v.Len(), cfg.Dim}
	}
	return nil
}
