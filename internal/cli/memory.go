package cli

import (
	"fmt"

	"kindred/internal/machine"
	"kindred/model"
	"kindred/model/search"
)

// checkIndexMemory returns an error if there is no memory for an index of the first words of e, all if
// words is 0: a copy of their vectors, unless they are searched where they are. Go would end the program with a dump of all its stacks.
func checkIndexMemory(path string, e *model.Embeddings, words int) error {
	if search.CopiesNothing(e) {
		return nil
	}
	n := e.Vocabulary.Len()
	if words > 0 {
		n = min(n, words)
	}
	needed := model.MatrixBytes(n, e.Dim())
	if available, lacking := machine.Lacks(needed); lacking {
		return fmt.Errorf("%s: searching %s needs %s of memory more, but %s are available; --first N reads only the N most frequent words, --restrict N searches only among them",
			path, shape(n, e.Dim()), size(needed), size(available))
	}
	return nil
}
