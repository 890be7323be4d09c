// Package vocab has vocabularies: words with ids and counts, how they are selected from the words of
// a text, and their files. It needs no package that reads texts, so a program that only loads vectors
// links none.
package vocab

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"unsafe"
)

// MaxLen is the largest number of words in a [Vocabulary]: ids are non-negative int32.
const MaxLen = math.MaxInt32

// A Vocabulary maps distinct words to ids 0..Len()-1 and back, and has the count of each word in the
// text. A vocabulary made by counting is ordered by descending count, ties by bytes, so an id is a
// frequency rank. A vocabulary read from a vector file keeps the order of the file, and its counts
// may be unknown (all zero). A Vocabulary is immutable and safe for concurrent use.
type Vocabulary struct {
	table  *Table
	counts []int64
	total  int64
}

// New returns the vocabulary of words in the given order. words[i] was seen counts[i] times; nil
// counts are unknown. It is an error if a word is empty or occurs twice, a count is negative, the sum
// of counts overflows, or the lengths differ.
func New(words []string, counts []int64) (*Vocabulary, error) {
	if counts != nil && len(counts) != len(words) {
		return nil, fmt.Errorf("vocabulary: %d words but %d counts", len(words), len(counts))
	}
	if len(words) > MaxLen {
		return nil, fmt.Errorf("vocabulary: %d words, at most %d are possible", len(words), MaxLen)
	}
	v := &Vocabulary{table: NewTable(len(words)), counts: make([]int64, len(words))}
	var batch Batch
	for i, w := range words {
		if w == "" {
			return nil, fmt.Errorf("vocabulary: word %d is empty", i)
		}
		if full := batch.Add(unsafe.Slice(unsafe.StringData(w), len(w))); full || i == len(words)-1 {
			ids := v.table.AddBatch(&batch)
			first := i + 1 - len(ids)
			for k, id := range ids {
				if int(id) != first+k {
					return nil, fmt.Errorf("vocabulary: %q is both word %d and word %d", words[first+k], id, first+k)
				}
			}
		}
		if counts == nil {
			continue
		}
		c := counts[i]
		if c < 0 {
			return nil, fmt.Errorf("vocabulary: count of %q is %d, want 0 or more", w, c)
		}
		if v.total > math.MaxInt64-c {
			return nil, errors.New("vocabulary: the counts add up to more than 2^63-1")
		}
		v.counts[i] = c
		v.total += c
	}
	return v, nil
}

// NewJoined is [New] for words that are given one after the other: word i is text[offsets[i]:offsets[i+1]]. There are as many
// words as counts, which may be 0, and one offset more, which ascend from 0. The vocabulary takes all three slices over.
func NewJoined(text []byte, offsets, counts []int64) (*Vocabulary, error) {
	n := len(counts)
	if n > MaxLen {
		return nil, fmt.Errorf("vocabulary: %d words, at most %d are possible", n, MaxLen)
	}
	v := &Vocabulary{table: NewTable(n), counts: counts}
	v.table.text, v.table.ends = text, offsets[1:1]
	var batch Batch
	for i := range n {
		word := text[offsets[i]:offsets[i+1]]
		if len(word) == 0 {
			return nil, fmt.Errorf("vocabulary: word %d is empty", i)
		}
		if full := batch.Add(word); full || i == n-1 {
			// The words of the batch are in the table already, but for their slots.
			v.table.ends = offsets[1 : i+2]
			if first, second, again := v.table.placeBatch(&batch); again {
				return nil, fmt.Errorf("vocabulary: %q is both word %d and word %d", v.Word(second), first, second)
			}
		}
		if counts[i] < 0 {
			return nil, fmt.Errorf("vocabulary: count of %q is %d, want 0 or more", word, counts[i])
		}
		if v.total > math.MaxInt64-counts[i] {
			return nil, errors.New("vocabulary: the counts add up to more than 2^63-1")
		}
		v.total += counts[i]
	}
	return v, nil
}

// Extend returns the words of v, with the same ids, followed by those of words that v lacks, with a
// count of 0. It returns v itself if v lacks none.
func (v *Vocabulary) Extend(words iter.Seq[string]) (*Vocabulary, error) {
	lacking := 0
	for w := range words {
		if v.table.find([]byte(w)) < 0 {
			lacking++
		}
	}
	if lacking == 0 {
		return v, nil
	}
	n := v.Len() + lacking
	if n > MaxLen {
		return nil, fmt.Errorf("vocabulary: %d words, at most %d are possible", n, MaxLen)
	}
	extended := &Vocabulary{table: NewTable(n), counts: make([]int64, n), total: v.total}
	copy(extended.counts, v.counts)
	for id := range v.Len() {
		extended.table.Add(v.table.Word(int32(id)))
	}
	for w := range words {
		if w == "" {
			return nil, errors.New("vocabulary: a word is empty")
		}
		extended.table.Add([]byte(w))
	}
	extended.counts = extended.counts[:extended.table.Len()] // a word may have come twice
	return extended, nil
}

// Len returns the number of words.
func (v *Vocabulary) Len() int { return v.table.Len() }

// Word returns the word with the given id, 0 <= id < Len(). It shares the memory of the vocabulary,
// which never changes: a million words would otherwise take as many allocations.
func (v *Vocabulary) Word(id int) string {
	word := v.table.Word(int32(id))
	return unsafe.String(unsafe.SliceData(word), len(word))
}

// Count returns how often the word with the given id was seen, 0 if that is unknown.
func (v *Vocabulary) Count(id int) int64 { return v.counts[id] }

// Counts returns the counts of all words by id. The caller must not change them.
func (v *Vocabulary) Counts() []int64 { return v.counts }

// Total returns the sum of all counts: the number of tokens of the text that are in the vocabulary.
func (v *Vocabulary) Total() int64 { return v.total }

// ID returns the id of word and whether it is in the vocabulary.
func (v *Vocabulary) ID(word string) (id int, ok bool) {
	n := v.table.find([]byte(word))
	return int(n), n >= 0
}

// IDs returns for each word of table its id in v, or -1 if v lacks it.
func (v *Vocabulary) IDs(table *Table) []int32 {
	ids := make([]int32, table.Len())
	for id := range ids {
		ids[id] = v.table.find(table.Word(int32(id)))
	}
	return ids
}

// Bytes returns the memory of the vocabulary, in bytes.
func (v *Vocabulary) Bytes() int64 { return v.table.bytes() + int64(8*cap(v.counts)) }
