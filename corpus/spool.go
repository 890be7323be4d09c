package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"unsafe"

	"github.com/zeebo/xxh3"

	"kindred/corpus/vocab"
)

// spoolPrefix begins the names of files that are not complete.
const spoolPrefix = "kindred-"

// A spool is a file of tokens. It is gone when it is closed, unless it was
// given a name.
type spool struct {
	*os.File
	temporary bool
	length    atomic.Int64
}

func createSpool(dir string) (*spool, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("directory for the encoded text: %w", err)
	}
	f, err := os.CreateTemp(dir, spoolPrefix+"*"+cacheSuffix)
	if err != nil {
		return nil, fmt.Errorf("file for the encoded text: %w", err)
	}
	return &spool{File: f, temporary: true}, nil
}

// append writes tokens behind all others and returns where they are.
// Goroutines may append at the same time.
func (s *spool) append(tokens []Token) (offset int64, err error) {
	n := int64(len(tokens))
	offset = s.length.Add(n) - n
	return offset, s.write(tokens, offset)
}

// write writes tokens at an offset.
func (s *spool) write(tokens []Token, offset int64) error {
	if n, err := s.WriteAt(tokenMemory(tokens), offset*tokenBytes); err != nil {
		return fmt.Errorf("encoded text: writing %d bytes at byte %d failed after %d of them: %w", len(tokens)*tokenBytes, offset*tokenBytes, n, err)
	}
	return nil
}

// unlink removes the file's name where the system can do that to an open
// file, so that nothing stays behind however the program ends.
func (s *spool) unlink() {
	if os.Remove(s.Name()) == nil {
		s.temporary = false
	}
}

// rename gives the file a name under which it stays.
func (s *spool) rename(name string) error {
	if err := os.Rename(s.Name(), name); err != nil {
		return err
	}
	s.temporary = false
	return nil
}

// Close closes the file.
func (s *spool) Close() error {
	err := s.File.Close()
	if s.temporary {
		if gone := os.Remove(s.Name()); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// An idMap is a list of ids in a spool, at an offset in tokens.
type idMap struct{ offset, length int64 }

// saveIDs writes ids behind all else.
func (s *spool) saveIDs(ids []int32) (idMap, error) {
	offset, err := s.append(idTokens(ids))
	return idMap{offset, int64(len(ids))}, err
}

// saveHashes writes the hashes of the words of a table, by id.
func (s *spool) saveHashes(table *vocab.Table) (idMap, error) {
	hashes := make([]uint64, table.Len())
	for id := range hashes {
		hashes[id] = xxh3.Hash(table.Word(int32(id)))
	}
	n := int64(len(hashes)) * hashTokens
	offset, err := s.append(hashMemory(hashes))
	return idMap{offset, n}, err
}

// hashTokens is the size of a hash in tokens.
const hashTokens = 8 / tokenBytes

// loadHashes reads what saveHashes wrote.
func (s *spool) loadHashes(m idMap) ([]uint64, error) {
	hashes := make([]uint64, m.length/hashTokens)
	_, err := encodedText{file: s, length: s.length.Load()}.readAt(hashMemory(hashes), m.offset)
	return hashes, err
}

// hashMemory returns hashes as tokens, which occupy the same memory.
func hashMemory(hashes []uint64) []Token {
	return unsafe.Slice((*Token)(unsafe.Pointer(unsafe.SliceData(hashes))), len(hashes)*hashTokens)
}

// loadIDs reads what saveIDs or replaceIDs wrote.
func (s *spool) loadIDs(m idMap) ([]int32, error) {
	ids := make([]int32, m.length)
	_, err := encodedText{file: s, length: s.length.Load()}.readAt(idTokens(ids), m.offset)
	return ids, err
}

// replaceIDs writes ids in the place of as many.
func (s *spool) replaceIDs(m idMap, ids []int32) error {
	return s.write(idTokens(ids), m.offset)
}

// idTokens returns ids as tokens, which occupy the same memory.
func idTokens(ids []int32) []Token {
	return unsafe.Slice((*Token)(unsafe.Pointer(unsafe.SliceData(ids))), len(ids))
}
