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
	"kindred/model/format"
	"kindred/model/search"
)

// A Loader reads the vectors of a file and checks them. Warnings tell what was left out or is unusual.
type Loader func(ctx context.Context, path string) (e *model.Embeddings, warnings []string, err error)

// A source is a file of vectors that is served, in the version that was loaded last.
type source struct {
	name, path string
	load       Loader
	current    atomic.Pointer[vectors]

	// Only one goroutine at a time loads, and uses these.
	served  look // the files of what is served
	pending look // the files as they were when they were last looked at, if they are others than those served
	tried   look // the files that could not be loaded
	retry   time.Time
	pause   time.Duration // from one attempt to the next

	mu      sync.Mutex
	failure string // why the newest version of the file is not served, "" if it is
	reloads int64
}

// Vectors are one version of a file, which never changes.
type vectors struct {
	name     string
	e        *model.Embeddings
	index    *search.Index
	scanner  *scanner
	loaded   time.Time
	warnings []string
	// alphabetic returns the ids of all words in the order of their bytes.
	alphabetic func() []int32
}

// nameOf returns the name of a file in requests: without directories and the last extension.
func nameOf(path string) string {
	base := filepath.Base(path)
	base = strings.TrimSuffix(base, ".gz")
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// A look is what the files of a model are: the vectors and those that belong to them. One that is not there is nil.
type look []fs.FileInfo

// look looks at the files.
func (s *source) look() look {
	var l look
	for _, path := range format.InputFiles(s.path) {
		info, err := os.Stat(path)
		if err != nil {
			info = nil
		}
		l = append(l, info)
	}
	return l
}

// same reports whether the files are the same ones, unchanged.
func (l look) same(other look) bool {
	return slices.EqualFunc(l, other, func(a, b fs.FileInfo) bool {
		if a == nil || b == nil {
			return a == nil && b == nil
		}
		return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
	})
}

// read loads the file.
func (s *source) read(ctx context.Context) (*vectors, error) {
	e, warnings, err := s.load(ctx, s.path)
	if err != nil {
		return nil, err
	}
	if e.Vocabulary.Len() == 0 {
		return nil, fmt.Errorf("%s has no words to search", s.path)
	}
	e.Output = nil // questions are about the vectors of words
	v := &vectors{name: s.name, e: e, index: search.NewIndex(e, 0), loaded: time.Now(), warnings: warnings}
	v.scanner = &scanner{index: v.index}
	v.alphabetic = sync.OnceValue(v.sortWords)
	go v.alphabetic() // before anyone waits for it
	return v, nil
}

// start loads the file for the first time.
func (s *source) start(ctx context.Context) error {
	s.served = s.look() // before it is read: a change meanwhile is noticed later
	v, err := s.read(ctx)
	if err != nil {
		return err
	}
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

const (
	// firstPause and longestPause are from one attempt to load a file to the next: memory may have become free.
	firstPause, longestPause = 10 * time.Second, 10 * time.Minute
)

// reload loads the file again if it changed, and has not changed since it was looked at before: whoever writes it may not be
// done. The version before stays until the new one is complete, and if it is not. changed says that the new one is served.
func (s *source) reload(ctx context.Context) (changed bool, err error) {
	now := s.look()
	if now.same(s.served) {
		s.pending, s.tried = nil, nil
		s.note("", 0) // it was broken and is as it was
		return false, nil
	}
	if !now.same(s.pending) {
		s.pending, s.tried = now, nil
		return false, nil
	}
	again := now.same(s.tried)
	if again && time.Now().Before(s.retry) {
		return false, nil
	}
	v, err := s.read(ctx)
	if after := s.look(); !after.same(now) { // it may be a mixture
		s.pending, s.tried = after, nil
		return false, nil
	}
	switch {
	case errors.Is(err, context.Canceled):
		return false, err
	case err != nil:
		if again {
			s.pause = min(2*s.pause, longestPause)
		} else {
			s.pause = firstPause
		}
		s.tried, s.retry = now, time.Now().Add(s.pause)
		s.note(err.Error(), 0)
		if again {
			err = nil // it was told
		}
		return false, err
	}
	s.served, s.pending, s.tried = now, nil, nil
	s.current.Store(v)
	s.note("", 1)
	return true, nil
}

// note keeps why the newest version is not served, and counts reloads.
func (s *source) note(failure string, reloads int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = failure
	s.reloads += reloads
}

// state returns why the newest version of the file is not served, "" if it is, and how often it was loaded
// again. failed is why nothing is served.
func (s *source) state() (failure string, reloads int64, failed error) {
	failed = s.current.Load().index.Err()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure, s.reloads, failed
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

// find returns the query for a word, in which ID is its id in the vocabulary: -1 if its vector is made of n-grams. ok is
// false if it has none.
func (v *vectors) find(word string) (q search.Query, ok bool) {
	word = v.spelled(word)
	if id, stored := v.e.Vocabulary.ID(word); stored {
		return v.index.Stored(id), true
	}
	return v.index.Unseen(word)
}

// query is find with an error for a word that has no vector.
func (v *vectors) query(word string) (search.Query, error) {
	if err := checkWord(word); err != nil {
		return search.Query{}, err
	}
	q, ok := v.find(word)
	if !ok {
		return q, &search.UnknownWordError{Word: word, Suggestions: v.index.Suggest(word, 5)}
	}
	return q, nil
}

// maxWord is the length in bytes of the longest word in a question. The time to make a word of n-grams grows with it.
const maxWord = 4096

func checkWord(word string) error {
	switch {
	case word == "":
		return invalid("a word is empty; want one or more characters")
	case len(word) > maxWord:
		return invalid("the word %.40q… has %d bytes, want at most %d", word, len(word), maxWord)
	}
	return nil
}
