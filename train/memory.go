package train

import (
	"fmt"
	"runtime/debug"

	"kindred/corpus/vocab"
	"kindred/internal/machine"
	"kindred/model"
	"kindred/train/negative"
)

// Memory is what a run needs, in bytes.
type Memory struct {
	// Matrices is the size of the input and the output matrix together,
	// Vocabulary that of words, counts and index, Sampling that of the noise
	// table and the sub-sampler, Workers that of all buffers. The text itself stays on disk.
	Matrices, Vocabulary, Sampling, Workers int64
}

// workerBytes is what one worker needs: two blocks of tokens, its batch and the
// kernel's scratch, rounded up.
const workerBytes = 512 << 10

// programBytes is what the program takes before it has read a word.
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

// A MemoryError reports that a run needs more memory than the machine has
// available.
type MemoryError struct {
	Needed    Memory
	Available int64
	// Words and Dim are what the need follows from.
	Words, Dim int
}

func (e *MemoryError) Error() string {
	const mib = 1 << 20
	return fmt.Sprintf("training %d words at %d dimensions needs %d MiB of memory (two matrices %d, vocabulary %d, sampling %d, program and workers %d) but %d MiB are available; raise the minimum count, limit the vocabulary, or use fewer dimensions",
		e.Words, e.Dim, e.Needed.Total()/mib, e.Needed.Matrices/mib, e.Needed.Vocabulary/mib, e.Needed.Sampling/mib, e.Needed.Workers/mib, e.Available/mib)
}

// checkMemory returns a *[MemoryError] where the run does not fit the machine. The
// vocabulary is there already and not asked for again.
func checkMemory(v *vocab.Vocabulary, cfg Config) error {
	needed := NeededMemory(v, cfg)
	// What reading the text has left behind is not returned at once, and would come on top of what is needed.
	debug.FreeOSMemory()
	available, ok := machine.Memory()
	if ok && needed.Total()-needed.Vocabulary > available {
		return &MemoryError{needed, available, v.Len(), cfg.Dim}
	}
	return nil
}
