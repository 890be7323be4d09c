package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
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
	if _, err := s.WriteAt(tokenMemory(tokens), offset*tokenBytes); err != nil {
		return 0, fmt.Errorf("encoded text: %w", err)
	}
	return offset, nil
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
