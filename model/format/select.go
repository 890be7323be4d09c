package format

import (
	"errors"
	"fmt"

	"kindred/model"
	"kindred/model/subword"
)

// LoadOptions say which words of a vector file to read, and what to do with rows that can't be read.
// The zero value reads all words of a file in any format, and takes a row that can't be read for an
// error.
type LoadOptions struct {
	// Format is the format of the file. If it is nil, the content tells it.
	Format *Format
	// First is the number of rows to read, 0 for all. Those after them are not even looked at, except in
	// the native format, whose hash covers the whole file.
	First int
	// Words are the only words to read, nil for all. They come in the order of the file.
	// Embeddings.Warnings has those that it lacks. The vectors of other words are not looked at.
	Words []string
	// SkipBad leaves out rows that can't be read: with a wrong number of values, a value that is not a
	// finite number, or a word that is empty, too long or has blanks in it. Embeddings.Warnings counts
	// them by kind. A header of a text file that counts rows wrongly is then a warning, and so is a file
	// that ends within its last row.
	SkipBad bool
	// NewMatrix makes the matrices, whose values must be zero; nil is [model.NewMatrix]. They may have
	// more memory than their rows take: a caller that adds rows then need not copy them.
	NewMatrix func(rows, dim int) *model.Matrix
	// OnDisk leaves the matrices of a native file on disk, if it is no compressed one and all its
	// words are read. Load then only checks them, and Embeddings.Input and Embeddings.Output read a
	// row each time they are asked for it. Their method Err() error tells whether that failed, or the
	// file was changed.
	OnDisk bool
	// Map maps a native file into memory instead of reading it, if that is possible here, the file is no
	// compressed one, and neither Words nor SkipBad is set. The matrices are then [model.BlockStorage]s whose rows are
	// those of the file: opening takes little time and memory, whatever their size. Their method Err() error tells
	// whether a row could not be read or the file was changed. Without Verify, the hash of the file is not checked, nor
	// whether values are finite.
	Map bool
	// Verify reads a file that is mapped once, to check its hash and its values. Those that are read are always checked.
	Verify bool
}

// A selection says which rows of an input to read, and counts those left out.
type selection struct {
	first   int
	words   map[string]bool // true if seen; nil if all words are read
	list    []string        // the words in order, each once
	skipBad bool
	skipped skips
}

func (o LoadOptions) selection() selection {
	s := selection{first: max(0, o.First), skipBad: o.SkipBad}
	if o.Words != nil {
		s.words = make(map[string]bool, len(o.Words))
		for _, w := range o.Words {
			if _, again := s.words[w]; !again {
				s.words[w] = false
				s.list = append(s.list, w)
			}
		}
	}
	return s
}

// wants reports whether the vector of this word is read.
func (s *selection) wants(word []byte) bool {
	if s.words == nil {
		return true
	}
	_, ok := s.words[string(word)]
	return ok
}

// partial reports whether words of the file may be missing.
func (s *selection) partial() bool { return s.first > 0 || s.words != nil || s.skipBad }

// loose reports whether the number of rows that are kept is unknown before they are read.
func (s *selection) loose() bool { return s.words != nil || s.skipBad }

// limit returns the number of rows to read of n.
func (s *selection) limit(n int) int {
	if s.first > 0 {
		return min(n, s.first)
	}
	return n
}

// apply leaves out of e what the reader of its format did not, and reports what was left out. Words that
// are asked for and not stored are made of n-grams, if there are any.
func (in *input) apply(e *model.Embeddings) (*model.Embeddings, error) {
	if n := e.Vocabulary.Len(); in.words != nil || in.limit(n) < n {
		var ids []int
		for id := range in.limit(n) {
			if in.words == nil || in.wants([]byte(e.Vocabulary.Word(id))) {
				ids = append(ids, id)
			}
		}
		unseen := in.unseen(e)
		if len(ids)+len(unseen) == 0 {
			return nil, in.nothingLeft()
		}
		if len(ids) < n || len(unseen) > 0 {
			var err error
			if e, err = selectWords(e, ids, unseen); err != nil {
				return nil, in.named(err)
			}
		}
	}
	in.skipped.warn(e)
	if in.words != nil {
		var missing sample
		for _, w := range in.list {
			if _, ok := e.Vocabulary.ID(w); !ok {
				missing.add(w)
			}
		}
		if missing.n > 0 {
			warnf(e, "%d of the %d words asked for have no vector%s: %s", missing.n, len(in.list), in.among(), &missing)
		}
	}
	return e, nil
}

// selectWords returns the stored words with these ids, and words that n-grams make.
func selectWords(e *model.Embeddings, ids []int, unseen []string) (*model.Embeddings, error) {
	made, ok := e.Vocabulary.(*subword.Vocabulary)
	if !ok {
		return model.Select(e, ids)
	}
	s, err := subword.Select(e, ids, unseen)
	if err == nil && len(unseen) > 0 && made.WordRows() > 0 {
		var list sample
		for _, w := range unseen {
			list.add(w)
		}
		warnf(s, "%d of the words asked for are not in the file; they have vectors made of their n-grams: %s", list.n, &list)
	}
	return s, err
}

// unseen returns the words that are asked for and not stored, and that n-grams make.
func (in *input) unseen(e *model.Embeddings) []string {
	if _, ok := e.Vocabulary.(*subword.Vocabulary); !ok {
		return nil
	}
	var list []string
	r := e.Reader()
	for _, w := range in.list {
		if _, stored := e.Vocabulary.ID(w); stored {
			continue
		}
		if _, ok := r.Unseen(w); ok {
			list = append(list, w)
		}
	}
	return list
}

// nothingLeft returns the error for an input without a row to keep.
func (in *input) nothingLeft() error {
	switch {
	case in.words != nil:
		return fmt.Errorf("%s: none of the %d words asked for has a vector%s", in.name, len(in.list), in.among())
	case in.skipBad:
		return fmt.Errorf("%s: no row can be read: %s", in.name, in.skipped.String())
	}
	return fmt.Errorf("%s: %w", in.name, errNoVectors)
}

// among says among which rows words were searched.
func (in *input) among() string {
	if in.first > 0 {
		return fmt.Sprintf(" in the first %d rows", in.first)
	}
	return ""
}

// noteSelection records in the manifest that e has only some of the words that it describes.
func (in *input) noteSelection(e *model.Embeddings) {
	if m, n := e.Manifest, e.Vocabulary.Len(); m != nil && m.Vectors > n {
		m.Remarks = append(m.Remarks, fmt.Sprintf("these are %d of the %d words", n, m.Vectors))
		m.Vectors = n
	}
}

// Fitting returns e without the words that the format can't hold. Its warnings say which were left out.
func (f *Format) Fitting(e *model.Embeddings) (*model.Embeddings, error) {
	var ids []int
	var reasons []string
	refused := make(map[string]*sample)
	for id := range e.Vocabulary.Len() {
		w := e.Vocabulary.Word(id)
		why := f.badWord(w)
		if why == "" {
			ids = append(ids, id)
			continue
		}
		if refused[why] == nil {
			refused[why] = &sample{}
			reasons = append(reasons, why)
		}
		refused[why].add(w)
	}
	if len(ids) == e.Vocabulary.Len() {
		return e, nil
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("format %s can hold none of the words", f.Name)
	}
	s, err := selectWords(e, ids, nil)
	if err != nil {
		return nil, err
	}
	for _, why := range reasons {
		warnf(s, "%d words were left out, as format %s can't hold them (%s): %s", refused[why].n, f.Name, why, refused[why])
	}
	return s, nil
}

// A badKind is a reason why a row can't be read.
type badKind int

const (
	badColumns badKind = iota
	badNumber
	badFinite
	badEmptyWord
	badBlankWord
	badLongWord
	badCut
	badKinds // their number
)

var badReasons = [badKinds]string{
	badColumns:   "they have the wrong number of values",
	badNumber:    "a value is not a number",
	badFinite:    "a value is NaN, infinite or too large for a 32-bit float",
	badEmptyWord: "their word is empty",
	badBlankWord: "their word has blanks in it",
	badLongWord:  fmt.Sprintf("their word has more than %d bytes", maxWordBytes),
	badCut:       "the file ends within them",
}

// A rowFault is the error for a row that can't be read.
type rowFault struct {
	kind badKind
	word []byte
	error
}

func (f *rowFault) Unwrap() error { return f.error }

// asRowFault returns the fault of a row that err is, nil if it is another error.
func asRowFault(err error) *rowFault {
	var fault *rowFault
	errors.As(err, &fault)
	return fault
}

// skips counts rows that were left out, by kind.
type skips [badKinds]sample

// add counts a row at a place in the file: "line 3".
func (s *skips) add(kind badKind, word []byte, place string) {
	if len(s[kind].shown) < shownWords {
		s[kind].addText(fmt.Sprintf("%s %.40q", place, word))
	} else {
		s[kind].n++
	}
}

// merge adds the counts of later rows.
func (s *skips) merge(later *skips) {
	for kind := range s {
		t := &later[kind]
		s[kind].shown = append(s[kind].shown, t.shown[:min(len(t.shown), shownWords-len(s[kind].shown))]...)
		s[kind].n += t.n
	}
}

func (s *skips) warn(e *model.Embeddings) {
	for kind := range s {
		if t := &s[kind]; t.n > 0 {
			warnf(e, "%d rows were left out, as %s: %s", t.n, badReasons[kind], t)
		}
	}
}

// String describes the rows of all kinds.
func (s *skips) String() string {
	text := ""
	for kind := range s {
		if t := &s[kind]; t.n > 0 {
			if text != "" {
				text += "; "
			}
			text += fmt.Sprintf("%d as %s: %s", t.n, badReasons[kind], t)
		}
	}
	return text
}
