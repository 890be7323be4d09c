package format

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kindred/internal/filetype"
	"kindred/model"
)

// ReadNative reads a native file like Load, but without the large buffer, which takes longer to
// allocate than a tiny file to read. sized says whether the size of the file is known beforehand.
func ReadNative(file []byte, sized bool) (*model.Embeddings, error) {
	return ReadNativeWith(file, sized, LoadOptions{})
}

// ReadNativeWith is ReadNative with options.
func ReadNativeWith(file []byte, sized bool, o LoadOptions) (*model.Embeddings, error) {
	in := &input{r: bufio.NewReader(bytes.NewReader(file)), name: "F", size: -1, selection: o.selection()}
	if sized {
		in.size = int64(len(file))
	}
	e, _, err := in.decode(native)
	return e, err
}

// MapNative maps a file with these bytes and checks it. It reads them where files can't be mapped.
func MapNative(t *testing.T, file []byte) (*model.Embeddings, error) {
	path := filepath.Join(t.TempDir(), "mapped")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return LoadOptions{Format: native, Map: true, Verify: true}.Load(path)
}

// ReadSized reads a file of a format, whose size is known, like Load, but without the large buffer.
func ReadSized(f *Format, file []byte, o LoadOptions) (*model.Embeddings, error) {
	in := &input{r: bufio.NewReader(bytes.NewReader(file)), name: "F", size: int64(len(file)), selection: o.selection()}
	e, _, err := in.decode(f)
	return e, err
}

// WithoutUnpacker makes Load do as in a program that does not import package compressed, until the test
// ends.
func WithoutUnpacker(t *testing.T) {
	before := filetype.Register(nil)
	t.Cleanup(func() { filetype.Register(before) })
}

// RegisterForTest adds a format of files that start with magic, until the test ends.
func RegisterForTest(t *testing.T, name, magic string, read func(r io.Reader) (*model.Embeddings, error)) {
	before := formats
	formats = append(slices.Clip(formats), &Format{
		Name:    name,
		sniff:   func(p prefix) bool { return bytes.HasPrefix(p.data, []byte(magic)) },
		read:    func(in *input) (*model.Embeddings, error) { return read(in.r) },
		files:   []outputFile{{samePath, nil}},
		badWord: badSpacedWord,
	})
	t.Cleanup(func() { formats = before })
}
