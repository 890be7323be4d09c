package corpus

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"unsafe"

	"github.com/zeebo/xxh3"

	"kindred/corpus/vocab"
)

// temporaryPrefix begins the names of files that are not complete.
const temporaryPrefix = "kindred-"

// A tokenFile is a file of tokens, and of lists that are stored as tokens. Closing it removes it,
// unless it was given a name.
type tokenFile struct {
	*os.File
	// path is where the file is now, "" if it has no name any more.
	path      string
	temporary bool
	length    atomic.Int64 // in tokens
}

func createTokenFile(dir string) (*tokenFile, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("directory for the encoded text: %w", err)
	}
	f, err := os.CreateTemp(dir, temporaryPrefix+"*"+cacheSuffix)
	if err != nil {
		return nil, fmt.Errorf("file for the encoded text: %w", err)
	}
	return &tokenFile{File: f, path: f.Name(), temporary: true}, nil
}

// append writes tokens at the end and returns their offset. Goroutines may append at the same time.
func (f *tokenFile) append(tokens []Token) (offset int64, err error) {
	n := int64(len(tokens))
	offset = f.length.Add(n) - n
	return offset, f.write(tokens, offset)
}

// write writes tokens at an offset.
func (f *tokenFile) write(tokens []Token, offset int64) error {
	if n, err := f.WriteAt(tokenMemory(tokens), offset*tokenBytes); err != nil {
		return fmt.Errorf("encoded text %v: writing %d bytes at byte %d failed after %d of them: %w", f, len(tokens)*tokenBytes, offset*tokenBytes, n, f.reason(err))
	}
	return nil
}

// read fills tokens with those at an offset.
func (f *tokenFile) read(tokens []Token, offset int64) error {
	_, err := encodedText{file: f, length: f.length.Load()}.readAt(tokens, offset)
	return err
}

// copyFrom appends all tokens of another file and returns them as a text.
func (f *tokenFile) copyFrom(from *tokenFile) (encodedText, error) {
	n := from.length.Load()
	start := f.length.Add(n) - n
	tokens := io.NewSectionReader(from, 0, n*tokenBytes)
	if _, err := io.Copy(io.NewOffsetWriter(f, start*tokenBytes), tokens); err != nil {
		return encodedText{}, fmt.Errorf("encoded text: %w", err)
	}
	return encodedText{file: f, start: start, length: n}, nil
}

// unlink removes the file's name, if the system can do that to an open file. Then nothing is left
// behind however the program ends.
func (f *tokenFile) unlink() {
	if os.Remove(f.path) == nil {
		f.path, f.temporary = "", false
	}
}

// String names the file for errors. Its name on disk may have changed since it was opened, so errors
// of the system, which have the old name, go through [tokenFile.reason].
func (f *tokenFile) String() string {
	if f.path == "" {
		return "in a temporary file of " + filepath.Dir(f.Name())
	}
	return f.path
}

// reason returns an error of the system without the name of the file.
func (f *tokenFile) reason(err error) error {
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// rename gives the file a name to keep.
func (f *tokenFile) rename(name string) error {
	if err := os.Rename(f.path, name); err != nil {
		return err
	}
	f.path, f.temporary = name, false
	return nil
}

// Close closes the file.
func (f *tokenFile) Close() error {
	err := f.File.Close()
	if f.temporary {
		if gone := os.Remove(f.path); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// A storedList is where a token file holds a list of ids or hashes. Offset and length are in tokens.
type storedList struct{ offset, length int64 }

// saveIDs appends ids.
func (f *tokenFile) saveIDs(ids []int32) (storedList, error) {
	offset, err := f.append(idsAsTokens(ids))
	return storedList{offset, int64(len(ids))}, err
}

// loadIDs reads what saveIDs or replaceIDs wrote.
func (f *tokenFile) loadIDs(l storedList) ([]int32, error) {
	ids := make([]int32, l.length)
	return ids, f.read(idsAsTokens(ids), l.offset)
}

// replaceIDs overwrites a list of as many ids.
func (f *tokenFile) replaceIDs(l storedList, ids []int32) error {
	return f.write(idsAsTokens(ids), l.offset)
}

// saveHashes appends the hashes of the words of a table, by id.
func (f *tokenFile) saveHashes(table *vocab.Table) (storedList, error) {
	hashes := make([]uint64, table.Len())
	for id := range hashes {
		hashes[id] = xxh3.Hash(table.Word(int32(id)))
	}
	offset, err := f.append(hashesAsTokens(hashes))
	return storedList{offset, int64(len(hashes)) * tokensPerHash}, err
}

// loadHashes reads what saveHashes wrote.
func (f *tokenFile) loadHashes(l storedList) ([]uint64, error) {
	hashes := make([]uint64, l.length/tokensPerHash)
	return hashes, f.read(hashesAsTokens(hashes), l.offset)
}

// tokensPerHash is the size of a hash in tokens.
const tokensPerHash = 8 / tokenBytes

// idsAsTokens returns the memory of ids as tokens.
func idsAsTokens(ids []int32) []Token {
	return unsafe.Slice((*Token)(unsafe.Pointer(unsafe.SliceData(ids))), len(ids))
}

// hashesAsTokens returns the memory of hashes as tokens.
func hashesAsTokens(hashes []uint64) []Token {
	return unsafe.Slice((*Token)(unsafe.Pointer(unsafe.SliceData(hashes))), len(hashes)*tokensPerHash)
}
