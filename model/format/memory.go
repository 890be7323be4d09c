package format

import (
	"errors"
	"fmt"

	"kindred/internal/machine"
	"kindred/model"
)

// A MemoryError reports that vectors need more memory than is available.
type MemoryError struct {
	// Name is the name of the file.
	Name string
	// Vectors and Dim are their number and dimension, as far as they are known.
	Vectors, Dim int
	// Needed and Available are in bytes.
	Needed, Available int64
}

func (e *MemoryError) Error() string {
	const mib = 1 << 20
	return fmt.Sprintf("%s: %d vectors of %d dimensions need %d MiB of memory but %d MiB are available; load fewer of them",
		e.Name, e.Vectors, e.Dim, e.Needed/mib, e.Available/mib)
}

// named returns an error with the name of the file, which some have already.
func (in *input) named(err error) error {
	if err == nil || errors.As(err, new(*MemoryError)) {
		return err
	}
	return fmt.Errorf("%s: %w", in.name, err)
}

// wordBytes is about what a word takes, with the lists of words while a file is read.
const wordBytes = 80

// unlimitedBytes is what is taken without a look at what there is: the look takes longer than reading a file as small as that.
const unlimitedBytes = 1 << 20

// checkMemory returns a *[MemoryError] if so many matrices, and their words, need more memory than there
// is.
func (in *input) checkMemory(matrices, rows, dim int) error {
	needed := int64(matrices)*model.MatrixBytes(rows, dim) + int64(rows)*wordBytes
	if needed < unlimitedBytes {
		return nil
	}
	if available, lacking := machine.Lacks(needed); lacking {
		return &MemoryError{in.name, rows, dim, needed, available}
	}
	return nil
}

// matrix returns a zero matrix, or the error of checkMemory.
func (in *input) matrix(rows, dim int) (*model.Matrix, error) {
	if err := in.checkMemory(1, rows, dim); err != nil {
		return nil, err
	}
	if in.newMatrix != nil {
		return in.newMatrix(rows, dim), nil
	}
	return model.NewMatrix(rows, dim), nil
}
