package format

import (
	"bufio"
	"bytes"
	"testing"

	"kindred/model"
)

// ReadNative reads a native file like Load, but without the large buffer, which takes longer to
// allocate than a tiny file to read. sized says whether the size of the file is known beforehand.
func ReadNative(file []byte, sized bool) (*model.Embeddings, error) {
	in := &input{r: bufio.NewReader(bytes.NewReader(file)), name: "F", size: -1}
	if sized {
		in.size = int64(len(file))
	}
	return readNative(in)
}

// WithoutGzip makes Load do as in a program that does not import package compressed, until the test
// ends.
func WithoutGzip(t *testing.T) {
	open := gzipReader
	gzipReader = nil
	t.Cleanup(func() { gzipReader = open })
}
