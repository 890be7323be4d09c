package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/text/unicode/norm"

	"kindred/model"
	"kindred/model/search"
)

// A Loader reads the vectors of a file. Warnings tell what was left out or is unusual.
type Loader func(ctx context.Context, path string) (e *model.Embeddings, warnings []string, err error)

// A source is a file of vectors that is served, in the version that was loaded last.
type source struct {
	name, path string
	load       Loader
	current    atomic.Pointer[vectors]
	info       fs.FileInfo // of the file that was loaded or tried last

	mu      sync.Mutex
	failure string // why the newest version of the file is not served, "" if it is
	reloads int64
}

// Vectors are one version of a file, which never changes.
type vectors struct {
	name     string
	e        *model.Embeddings
	index    *search.Index
	loaded   time.Time
	warnings []string
	// alphabetic returns the ids of all words in the order of their bytes.
	alphabetic func() []int32
}

// name returns the name of a file in addresses: without directories and the last extension.
func nameOf(path string) string {
	base := filepath.Base(path)
	base = strings.TrimSuffix(base, ".gz")
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// read loads the file. It replaces what is served only if that succeeds.
func (s *source) read(ctx context.Context) error {
	info, err := os.Stat(s.path)
	if err != nil {
		return err
	}
	e, warnings, err := s.load(ctx, s.path)
	s.info = info
	if err != nil {
		return err
	}
	if e.Vocabulary.Len() == 0 {
		return fmt.Errorf("%s has no words to search", s.path)
	}
	e.Output = nil // questions are about the vectors of words
	v := &vectors{name: s.name, e: e, index: search.NewIndex(e, 0), loaded: time.Now(), warnings: warnings}
	v.alphabetic = sync.OnceValue(v.sortWords)
	s.current.Store(v)
	return nil
}

// sortWords sorts the words, for the search of prefixes.
func (v *vectors) sortWords() []int32 {
	ids := make([]int32, v.e.Vocabulary.Len())
	for i := range ids {
		ids[i] = int32(i)
	}
	slices.SortFunc(ids, func(a, b int32) int {
		return strings.Compare(v.e.Vocabulary.Word(int(a)), v.e.Vocabulary.Word(int(b)))
	})
	return ids
}

// changed tells whether the file is another one than the one that was loaded or tried last.
func (s *source) changed() bool {
	info, err := os.Stat(s.path)
	if err != nil {
		return false // it may be about to be replaced
	}
	return !os.SameFile(info, s.info) || info.Size() != s.info.Size() || !info.ModTime().Equal(s.info.ModTime())
}

// reload loads the file again if it changed. The version before stays until the new one is complete, and if it
// is not.
func (s *source) reload(ctx context.Context) (changed bool, err error) {
	if !s.changed() {
		return false, nil
	}
	err = s.read(ctx)
	if errors.Is(err, context.Canceled) {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = ""
	if err != nil {
		s.failure = err.Error()
	} else {
		s.reloads++
	}
	return true, err
}

// state returns why the newest version of the file is not served, "" if it is, and how often it was loaded
// again.
func (s *source) state() (failure string, reloads int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure, s.reloads
}

// spelled returns a word as the vectors spell it, if they have it in another Unicode normal form.
func (v *vectors) spelled(word string) string {
	if _, ok := v.e.Vocabulary.ID(word); ok {
		return word
	}
	for _, form := range []norm.Form{norm.NFC, norm.NFD} {
		if other := form.String(word); other != word {
			if _, ok := v.e.Vocabulary.ID(other); ok {
				return other
			}
		}
	}
	return word
}

// query returns the query for a word, and whether its vector is made of n-grams.
func (v *vectors) query(word string) (q search.Query, composed bool, err error) {
	if word == "" {
		return q, false, invalid("a word is empty; want one or more characters")
	}
	word = v.spelled(word)
	if q, err = v.index.Query(word); err != nil {
		return q, false, err
	}
	_, stored := v.e.Vocabulary.ID(word)
	return q, !stored, nil
}
