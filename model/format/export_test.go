package format

import (
	"bufio"
	"bytes"

	"kindred/model"
)

// ReadNative reads a native file as Load does, but without the large buffer,
// which takes longer to allocate than a tiny file to read. sized says whether
// the size of the file is known beforehand.
func ReadNative(file []byte, sized bool) (*model.Embeddings, error) {
	in := &input{r: bufio.NewReader(bytes.NewReader(file)), name: "F", size: -1}
	if sized {
		in.size = int64(len(file))
	}
	return readSafetensors(in)
}
