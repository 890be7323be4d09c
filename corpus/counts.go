package corpus

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/zeebo/xxh3"

	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
)

// Counts are the types (distinct words) of a share of a text, all of them, with their counts. The
// counts of all shares make the vocabulary of the text: see [MergeCounts].
type Counts struct {
	header countsHeader
	types  typeCounts
}

// A countsHeader is the first line of a file of counts.
type countsHeader struct {
	// Version is that of the format.
	Version int `json:"kindred_counts"`
	// Shard of Shards is the share of the text, counted from 1.
	Shard  int `json:"shard"`
	Shards int `json:"shards"`
	// Text is the hash of the names and sizes of all inputs, of which the share is a part.
	Text string `json:"text"`
	// KeepWords is the hash of the words that were not to be dropped, "" if there was none.
	KeepWords string `json:"keep_words,omitempty"`
	// Bound is the highest count in the share of a type that the file lacks, and Dropped how many types
	// were dropped, because they needed more memory than allowed.
	Bound   int64 `json:"bound,omitempty"`
	Dropped int64 `json:"types_dropped,omitempty"`
	// Words is the number of lines that follow.
	Words int `json:"words"`
	// Record describes the share. It has no vocabulary, and does not name the inputs.
	Record vocab.Record `json:"record"`
}

const countsVersion = 1

// CountShare counts the words of the share of a text that the shard-th of so many processes reads. Of
// the options, Selection has no effect but for its Keep: words that are never dropped.
func CountShare(ctx context.Context, text *source.Source, shard, shards int, o ReadOptions) (*Counts, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	part, err := text.Share(shard, shards)
	if err != nil {
		return nil, err
	}
	c := newCounter(o, nil)
	if err := c.count(ctx, part, o.Progress); err != nil {
		return nil, err
	}
	counts := &Counts{types: c.typeCounts, header: countsHeader{
		Version: countsVersion, Shard: shard, Shards: shards,
		Text: inputsHash(text), KeepWords: wordsHash(o.Selection.Keep), Bound: c.bound, Dropped: c.dropped, Words: c.table.Len(),
		Record: c.record(part, o, nil),
	}}
	r := &counts.header.Record
	r.MinCount, r.MaxVocabulary, r.KeepWords, r.OnlyWords = 0, 0, 0, 0 // selection comes after the merge
	r.Inputs = nil                                                     // there may be very many
	return counts, nil
}

// Len returns the number of types.
func (c *Counts) Len() int { return c.types.table.Len() }

// Dropped returns how many types were dropped because they needed more memory than allowed, and the
// highest count that one of them may have had.
func (c *Counts) Dropped() (types, bound int64) { return c.types.dropped, c.types.bound }

// Record describes the share, or the text after a merge.
func (c *Counts) Record() vocab.Record { return c.header.Record }

// inputsHash returns a hash of the names and sizes of all inputs, wherever they are.
func inputsHash(text *source.Source) string {
	h := xxh3.New()
	for name, info := range text.Files() {
		fmt.Fprintf(h, "%q %d\n", filepath.Base(name), info.Size())
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// wordsHash returns a hash of a set of words, "" if it is empty.
func wordsHash(words []string) string {
	if len(words) == 0 {
		return ""
	}
	h := xxh3.New()
	for _, w := range slices.Compact(slices.Sorted(slices.Values(words))) {
		fmt.Fprintf(h, "%q\n", w)
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// MergeCounts returns the counts of a text from those of all its shares, in any order. They are exact
// if no share dropped types. Otherwise a count is too low by no more than the sum of what the shares may
// have lost of it. The arguments can't be used any more. Memory is [ReadOptions].VocabularyMemory; if the
// types need more, the rarest are dropped. It is an error if a share is missing or comes twice, or if two
// shares are of other texts or were read in another way.
func MergeCounts(shares []*Counts, memory int64) (*Counts, error) {
	if len(shares) == 0 {
		return nil, errors.New("no counts to merge")
	}
	if memory == 0 {
		memory = DefaultVocabularyMemory()
	}
	shares = slices.SortedFunc(slices.Values(shares), func(a, b *Counts) int { return cmp.Compare(a.header.Shard, b.header.Shard) })
	first := shares[0].header
	for _, s := range shares {
		if err := first.sameText(s.header); err != nil {
			return nil, err
		}
	}
	if err := complete(shares); err != nil {
		return nil, err
	}
	sum := shares[0]
	for _, s := range shares[1:] {
		sum.types.add(s.types)
		addRecord(&sum.header.Record, s.header.Record)
		s.types = typeCounts{}
		if cost(sum.types.table) > memory/2 {
			sum.types.prune(memory / 4)
		}
	}
	sum.header.Shard, sum.header.Shards = 1, 1
	sum.header.Bound, sum.header.Dropped, sum.header.Words = sum.types.bound, sum.types.dropped, sum.Len()
	sum.header.Record.Types = int64(sum.Len()) + sum.types.dropped
	return sum, nil
}

// sameText returns an error if two headers are not of shares of the same text, read in the same way.
func (h *countsHeader) sameText(other countsHeader) error {
	for _, d := range []struct {
		what string
		a, b any
	}{
		{"number of shards", h.Shards, other.Shards},
		{"names or sizes of the inputs (hash)", h.Text, other.Text},
		{"analyzer", h.Record.Analyzer, other.Record.Analyzer},
		{"encoding", h.Record.Encoding, other.Record.Encoding},
		{"sentence limit", h.Record.SentenceLimit, other.Record.SentenceLimit},
		{"words to keep (hash)", h.KeepWords, other.KeepWords},
	} {
		if d.a != d.b {
			return fmt.Errorf("shards %d and %d do not belong together: the %s is %v and %v; count both again with the same flags", h.Shard, other.Shard, d.what, d.a, d.b)
		}
	}
	return nil
}

// complete returns an error if shares, sorted, are not all there, each once.
func complete(shares []*Counts) error {
	n := shares[0].header.Shards
	var missing []string
	next := 1
	for _, s := range shares {
		if s.header.Shard < next {
			return fmt.Errorf("shard %d of %d is given twice", s.header.Shard, n)
		}
		for ; next < s.header.Shard; next++ {
			missing = append(missing, strconv.Itoa(next))
		}
		next++
	}
	for ; next <= n; next++ {
		missing = append(missing, strconv.Itoa(next))
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d of %d shards are missing: %s", len(missing), n, listed(missing))
	}
	return nil
}

// listed returns the first of many numbers.
func listed(numbers []string) string {
	const most = 10
	text := ""
	for i, n := range numbers[:min(len(numbers), most)] {
		if i > 0 {
			text += ", "
		}
		text += n
	}
	if len(numbers) > most {
		text += ", …"
	}
	return text
}

// add adds the counts of other. A type that one of them lacks may have occurred there as often as its
// bound says: the sums of bounds are those of Agarwal et al. (2012), "Mergeable Summaries".
func (t *typeCounts) add(other typeCounts) {
	if t.bound > 0 || other.bound > 0 {
		t.missed = append(t.missed, make([]int64, t.table.Len()-len(t.missed))...)
	}
	had := t.table.Len()
	ids := t.table.AddTable(other.table)
	in := make([]bool, t.table.Len())
	for from, id := range ids {
		in[id] = true
		if int(id) == len(t.counts) {
			t.counts = append(t.counts, 0)
			if t.missed != nil {
				t.missed = append(t.missed, t.lost(t.table.Word(id)))
			}
		}
		t.counts[id] += other.counts[from]
		if other.missed != nil {
			t.missed[id] += other.missed[from]
		}
	}
	if other.bound > 0 {
		for id := range had {
			if !in[id] {
				t.missed[id] += other.lost(t.table.Word(int32(id)))
			}
		}
	}
	t.bound += other.bound
	t.dropped += other.dropped
}

// lost returns how often a type that is not in the table may have occurred.
func (t *typeCounts) lost(word []byte) int64 {
	if t.keeps(word) {
		return 0
	}
	return t.bound
}

// Select returns the vocabulary that sel selects, and the record of the text with that selection. The
// error is a [*vocab.EmptyError] if no word is left. Memory is what the counting was allowed.
func (c *Counts) Select(sel vocab.Selection, memory int64) (*vocab.Vocabulary, vocab.Record, error) {
	v, _, err := vocab.Select(c.types.table, c.types.counts, sel)
	if err != nil {
		return nil, vocab.Record{}, err
	}
	r := c.header.Record
	r.MinCount, r.MaxVocabulary, r.KeepWords = max(sel.MinCount, 1), sel.MaxSize, len(sel.Keep)
	r.TokensKept = v.Total()
	if c.types.dropped > 0 {
		if memory == 0 {
			memory = DefaultVocabularyMemory()
		}
		r.Pruning = c.types.pruning(ReadOptions{VocabularyMemory: memory}, v)
	}
	return v, r, nil
}

// WriteTo writes the counts as a line of JSON and a line for each type: the word, its count and, if a
// type was dropped, how many of its occurrences may be lost. The most frequent come first, so equal
// counts give equal files.
func (c *Counts) WriteTo(w io.Writer) (int64, error) {
	out := bufio.NewWriter(w)
	written := int64(0)
	write := func(line []byte) error {
		n, err := out.Write(append(line, '\n'))
		written += int64(n)
		return err
	}
	header, err := json.Marshal(c.header)
	if err == nil {
		err = write(header)
	}
	if err != nil {
		return written, err
	}
	order := make([]int32, c.Len())
	for id := range order {
		order[id] = int32(id)
	}
	t := &c.types
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(t.counts[b], t.counts[a]), bytes.Compare(t.table.Word(a), t.table.Word(b)))
	})
	var line []byte
	for _, id := range order {
		line = append(append(line[:0], t.table.Word(id)...), ' ')
		line = strconv.AppendInt(line, t.counts[id], 10)
		if t.missed != nil {
			line = strconv.AppendInt(append(line, ' '), t.missed[id], 10)
		}
		if err := write(line); err != nil {
			return written, err
		}
	}
	return written, out.Flush()
}

// LoadCounts reads the file at path, which [Counts.WriteTo] wrote. Words of keep have not been dropped
// if the file says that it was counted with them.
func LoadCounts(path string, keep []string) (*Counts, error) {
	lines, err := textfile.Open(path, textfile.Options{Want: filetype.Counts})
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	return readCounts(lines, keep)
}

func readCounts(lines *textfile.Scanner, keep []string) (*Counts, error) {
	c := &Counts{types: typeCounts{table: vocab.NewTable(0), keep: map[string]struct{}{}}}
	if !lines.Scan() {
		if err := lines.Err(); err != nil {
			return nil, err
		}
		return nil, lines.Fail("the file is empty, want the counts of a share, as \"kindred vocab --shard\" writes them")
	}
	h := &c.header
	if err := json.Unmarshal(lines.Bytes(), h); err != nil || h.Version == 0 {
		return nil, lines.Fail("want the counts of a share, as \"kindred vocab --shard\" writes them, found %.60q", lines.Bytes())
	}
	switch {
	case h.Version != countsVersion:
		return nil, lines.Fail("counts of version %d, want %d; count again with this version of kindred", h.Version, countsVersion)
	case h.Shards < 1 || h.Shard < 1 || h.Shard > h.Shards || h.Words < 0 || h.Bound < 0 || h.Dropped < 0 || (h.Bound > 0) != (h.Dropped > 0):
		return nil, lines.Fail("the counts of shard %d of %d with %d words, a bound of %d and %d types dropped are none that \"kindred vocab --shard\" writes", h.Shard, h.Shards, h.Words, h.Bound, h.Dropped)
	}
	t := &c.types
	t.bound, t.dropped = h.Bound, h.Dropped
	if h.KeepWords == wordsHash(keep) {
		for _, w := range keep {
			t.keep[w] = struct{}{}
		}
	}
	columns := 2
	if h.Dropped > 0 {
		columns = 3
	}
	total := int64(0)
	for lines.Scan() {
		fields := bytes.Fields(lines.Bytes())
		if len(fields) != columns {
			return nil, lines.Fail("want a word and %d number(s), found %d fields in %.60q", columns-1, len(fields), lines.Bytes())
		}
		var numbers [2]int64
		for i, text := range fields[1:] {
			n, err := strconv.ParseInt(string(text), 10, 64)
			if err != nil || n < 0 {
				return nil, lines.Fail("want a number of 0 or more after %.60q, found %.60q", fields[0], text)
			}
			numbers[i] = n
		}
		if total > math.MaxInt64-numbers[0] || numbers[1] > h.Bound {
			return nil, lines.Fail("the count %d and the loss %d of %.60q do not fit the other counts of the file", numbers[0], numbers[1], fields[0])
		}
		total += numbers[0]
		if len(t.counts) == vocab.MaxLen {
			return nil, lines.Fail("more than %d words", vocab.MaxLen)
		}
		if id := t.table.Add(fields[0]); int(id) < len(t.counts) {
			return nil, lines.Fail("%.60q occurs for the second time", fields[0])
		}
		t.counts = append(t.counts, numbers[0])
		if h.Dropped > 0 {
			t.missed = append(t.missed, numbers[1])
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(t.counts) != h.Words {
		return nil, lines.Fail("the file ends after %d of %d words: it was cut; count the shard again", len(t.counts), h.Words)
	}
	return c, nil
}
