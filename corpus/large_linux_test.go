package corpus

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/corpus/analysis"
	"kindred/corpus/sampling"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// sparseFile returns a token file that has so many tokens and takes hardly any space.
func sparseFile(t *testing.T, tokens int64) *tokenFile {
	t.Helper()
	s, err := createTokenFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Truncate(tokens * tokenBytes); err != nil {
		t.Skipf("needs a file system with sparse files of %d bytes: %v", tokens*tokenBytes, err)
	}
	s.length.Store(tokens)
	return s
}

// TestPositionsBeyond32Bits reads a text of more than 2^32 tokens around the positions where 32
// bits end, signed and unsigned, in tokens and in bytes.
func TestPositionsBeyond32Bits(t *testing.T) {
	v, err := vocab.New([]string{"zero", "one", "two", "three"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const length = 1<<32 + 5000
	s := sparseFile(t, length)
	marks := []int64{1<<29 - 1, 1 << 29, 1<<30 - 1, 1<<31 - 1, 1 << 31, 1<<31 + 4096, 1<<32 - 1, 1 << 32, length - 1}
	for i, at := range marks {
		if err := s.write([]Token{Token(1+i%3) | sentenceEnd}, at); err != nil {
			t.Fatal(err)
		}
	}
	c := &Corpus{vocabulary: v, encoded: encodedText{file: s, length: length}}
	var buf []Token
	for i, at := range marks {
		if buf, err = c.Tokens(buf, at-1, at+2); err != nil {
			t.Fatal(err)
		}
		if at == length-1 && len(buf) != 2 || buf[1] != Token(1+i%3)|sentenceEnd || buf[0] != 0 && !slices.Contains(marks, at-1) {
			t.Errorf("around position %d: %v", at, buf)
		}
	}
	// The same text as a part of a file, after another.
	c.heldOut = encodedText{file: s, start: 1<<31 + 96, length: 1<<31 + 4904}
	c.record.HeldOut = &vocab.HeldOutRecord{}
	held := c.HeldOut()
	for i, at := range marks[5:] {
		if buf, err = held.Tokens(buf, at-(1<<31+96), at-(1<<31+96)+1); err != nil {
			t.Fatal(err)
		}
		if len(buf) != 1 || buf[0] != Token(1+(5+i)%3)|sentenceEnd {
			t.Errorf("of what was held out, at position %d: %v", at-(1<<31+96), buf)
		}
	}
	if c.Len() != length || held.Len() != 1<<31+4904 {
		t.Errorf("lengths %d and %d", c.Len(), held.Len())
	}
}

// TestEncodingBeyond32Bits encodes chunks that lie beyond 2^32 tokens in the counter's file, and
// beyond 2^32 tokens in the encoded text.
func TestEncodingBeyond32Bits(t *testing.T) {
	const far = 1<<32 + 123
	o, err := ReadOptions{Dir: t.TempDir(), Analyzer: &analysis.Analyzer{}}.complete()
	if err != nil {
		t.Fatal(err)
	}
	src := source.FromReader("text", strings.NewReader("a b\nb c\n"))
	c := newCounter(o, sparseFile(t, far))
	if err := c.count(t.Context(), src, nil); err != nil {
		t.Fatal(err)
	}
	if p := c.chunks(); len(p) != 1 || p[0].offset != far || c.stages[0].ids[0].offset < far {
		t.Fatalf("chunks %+v, want one at %d", p, int64(far))
	}
	v, ids, err := vocab.Select(c.table, c.counts, vocab.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	to := sparseFile(t, far)
	e := &encoder{limit: 100, counted: c, ids: ids, train: newSentenceWriter(to)}
	if err := e.encode(t.Context()); err != nil {
		t.Fatal(err)
	}
	text := &Corpus{vocabulary: v, encoded: encodedText{file: to, start: far, length: to.length.Load() - far}}
	if diff := cmp.Diff([][]string{{"a", "b"}, {"b", "c"}}, sentences(t, text)); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(to.Name()); err != nil || info.Size() != (far+4)*tokenBytes {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}

// TestCountsBeyond32Bits adds, prunes, selects, writes and reads counts that need 64 bits, alone and
// in sums.
func TestCountsBeyond32Bits(t *testing.T) {
	const huge = 1<<33 + 7
	counts := typeCounts{table: vocab.NewTable(0)}
	for range 3 {
		table := vocab.NewTable(0)
		table.Add([]byte("often"))
		table.Add([]byte("seldom"))
		counts.merge(table, []int64{huge, 1 << 31})
	}
	counts.prune(typeCost + 10) // room for one
	if counts.bound != 3<<31 || counts.table.Len() != 1 {
		t.Errorf("the bound is %d with %d types, want %d with 1", counts.bound, counts.table.Len(), int64(3)<<31)
	}
	v, _, err := vocab.Select(counts.table, counts.counts, vocab.Selection{MinCount: 3 * huge})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := listing(v), "often 25769803797"; got != want || v.Total() != 3*huge {
		t.Errorf("%s, total %d, want %s", got, v.Total(), want)
	}
	back, err := vocab.Read(strings.NewReader("often 9223372036854775000\nseldom 4294967296\nrare 1\n"), vocab.Selection{MinCount: 1 << 32})
	if err == nil {
		t.Errorf("counts that add up to more than 2^63-1 are read: %s", listing(back))
	}
	back, err = vocab.Read(strings.NewReader("often 9000000000000000000\nseldom 4294967296\nrare 4294967295\n"), vocab.Selection{MinCount: 1 << 32})
	if err != nil || back.Len() != 2 || back.Total() != 9_000_000_004_294_967_296 {
		t.Errorf("%v", err)
	}
	// Sub-sampling and noise of a text of 2^40 tokens.
	text := []int64{1 << 39, 1 << 38, 1 << 38, 1}
	s, err := sampling.NewSubsampler(text, 1e-4)
	if err != nil {
		t.Fatal(err)
	}
	if want := math.Sqrt(1e-4/0.5) + 1e-4/0.5; math.Abs(s.P(0)-want) > 1e-6 || s.P(3) != 1 {
		t.Errorf("P(keep) %v and %v, want %v and 1", s.P(0), s.P(3), want)
	}
	noise, err := sampling.NewNoiseTable(text, 1)
	if err != nil {
		t.Fatal(err)
	}
	if id, p := noise.Heaviest(); id != 0 || math.Abs(p-0.5) > 1e-6 {
		t.Errorf("id %d is drawn with probability %v, want 0 with 0.5", id, p)
	}
	var stats analysis.Statistics
	stats.Add(analysis.Statistics{Tokens: huge, Bytes: 1 << 40, Lines: huge})
	stats.Add(analysis.Statistics{Tokens: huge, Bytes: 1 << 40, Lines: huge})
	if stats.Tokens != 2*huge || stats.Bytes != 1<<41 || stats.Lines != 2*huge {
		t.Errorf("statistics %+v", stats)
	}
}
