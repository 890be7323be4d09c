package format

import (
	"encoding/binary"
	"fmt"

	"github.com/zeebo/xxh3"

	"kindred/model"
)

// Fingerprint returns 32 hexadecimal digits that tell vectors from others: the hash of the file if e was loaded from all of
// a native file, and else one of the words and their vectors. A file keeps it as long as it is not written again.
func Fingerprint(e *model.Embeddings) (string, error) {
	if e.Hash != "" {
		return e.Hash, nil
	}
	h := xxh3.New128()
	buffer := binary.LittleEndian.AppendUint64(nil, uint64(e.Dim()))
	r := e.Reader()
	for id := range e.Vocabulary.Len() {
		word := e.Vocabulary.Word(id)
		buffer = binary.LittleEndian.AppendUint64(buffer, uint64(len(word)))
		buffer = appendFloats(append(buffer, word...), r.Stored(id))
		h.Write(buffer)
		buffer = buffer[:0]
	}
	sum := h.Sum128()
	return fmt.Sprintf("%016x%016x", sum.Hi, sum.Lo), model.StorageErr(e.Input)
}
