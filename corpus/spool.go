package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
)

// A spool is a temporary file of tokens, gone when it is closed or the
// program ends.
type spool struct {
	*os.File
	named  bool // where the system can't remove an open file
	length atomic.Int64
}

func createSpool(dir string) (*spool, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("directory for the encoded text: %w", err)
	}
	f, err := os.CreateTemp(dir, "kindred-*.tokens")
	if err != nil {
		return nil, fmt.Errorf("file for the encoded text: %w", err)
	}
	return &spool{File: f, named: os.Remove(f.Name()) != nil}, nil
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

// Close frees the file.
func (s *spool) Close() error {
	err := s.File.Close()
	if s.named {
		if gone := os.Remove(s.Name()); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
