package corpus

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kindred/corpus/vocab"
)

// A text that was encoded by shares is the one that a single process reads: tokens, held-out sentences,
// and record.
func TestSharesMakeTheText(t *testing.T) {
	text := textFile(t, zipfText(rand.New(rand.NewPCG(8, 9)), 9000, 200))
	words, _, err := CountWords(context.Background(), text, ReadOptions{Selection: vocab.Selection{MinCount: 3}})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []ReadOptions{{}, {Holdout: Holdout{Share: 0.05}}, {SentenceLimit: 5}} {
		o.Vocabulary = words
		o.Dir = t.TempDir()
		want, err := Read(context.Background(), text, o)
		if err != nil {
			t.Fatal(err)
		}
		defer want.Close()
		o.CacheLimit = 1 << 20
		for _, shards := range []int{2, 7} {
			o.Dir = t.TempDir()
			for i := shards; i >= 1; i-- {
				if _, present, err := EncodeShare(context.Background(), text, i, shards, o); err != nil || present {
					t.Fatalf("share %d of %d: present %v, %v", i, shards, present, err)
				}
			}
			if _, present, err := EncodeShare(context.Background(), text, 2, shards, o); err != nil || !present {
				t.Fatalf("share 2 again: present %v, %v", present, err)
			}
			got, err := Read(context.Background(), text, o)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Cached() {
				t.Fatalf("%d shares were not used", shards)
			}
			compareTexts(t, want, got)
			got.Close()
			again, err := Read(context.Background(), text, o)
			if err != nil {
				t.Fatal(err)
			}
			compareTexts(t, want, again)
			again.Close()
			left, _ := filepath.Glob(filepath.Join(o.Dir, "*"))
			if len(left) != 1 {
				t.Errorf("files in the cache after the shares were joined: %q", left)
			}
		}
	}
}

func compareTexts(t *testing.T, want, got *Corpus) {
	t.Helper()
	if !slices.EqualFunc(sentences(t, want), sentences(t, got), slices.Equal) {
		t.Error("the sentences differ")
	}
	if diff := gocmp(want.Record(), got.Record()); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if want.HeldOut() == nil {
		return
	}
	if got.HeldOut() == nil || !slices.EqualFunc(sentences(t, want.HeldOut()), sentences(t, got.HeldOut()), slices.Equal) {
		t.Error("the held-out sentences differ")
	}
}

func gocmp(want, got vocab.Record) string {
	return cmp.Diff(want, got, cmpopts.IgnoreFields(vocab.Record{}, "Types"))
}

// If a share is missing, the text is read, and the caller is told.
func TestMissingShare(t *testing.T) {
	text := textFile(t, strings.Repeat("a b c\n", 500))
	words, err := vocab.New([]string{"a", "b"}, []int64{2, 1})
	if err != nil {
		t.Fatal(err)
	}
	o := ReadOptions{Vocabulary: words, Dir: t.TempDir(), CacheLimit: 1 << 20}
	for _, i := range []int{1, 3} {
		if _, _, err := EncodeShare(context.Background(), text, i, 4, o); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Read(context.Background(), text, o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var missing *MissingSharesError
	if c.Len() != 1000 || c.Cached() || !errors.As(c.CacheError(), &missing) || !slices.Equal(missing.Missing, []int{2, 4}) {
		t.Errorf("%d tokens, cached %v, %v; want 1000 tokens read, and shares 2 and 4 missing", c.Len(), c.Cached(), c.CacheError())
	}
}

// A damaged share is an error that names it, and the next EncodeShare replaces it.
func TestDamagedShare(t *testing.T) {
	text := textFile(t, strings.Repeat("a b c\n", 500))
	words, err := vocab.New([]string{"a", "b"}, []int64{2, 1})
	if err != nil {
		t.Fatal(err)
	}
	o := ReadOptions{Vocabulary: words, Dir: t.TempDir(), CacheLimit: 1 << 20}
	for i := 1; i <= 2; i++ {
		if _, _, err := EncodeShare(context.Background(), text, i, 2, o); err != nil {
			t.Fatal(err)
		}
	}
	names, _ := filepath.Glob(filepath.Join(o.Dir, "*.2-of-2.share"))
	if len(names) != 1 {
		t.Fatalf("share 2 is in %q", names)
	}
	if err := os.Truncate(names[0], 100); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(context.Background(), text, o); err == nil || !strings.Contains(err.Error(), "encode share 2 of 2 again") {
		t.Errorf("reading with a share that was cut: %v", err)
	}
	if _, present, err := EncodeShare(context.Background(), text, 2, 2, o); err != nil || present {
		t.Fatalf("present %v, %v", present, err)
	}
	c, err := Read(context.Background(), text, o)
	if err != nil || !c.Cached() || c.Len() != 1000 {
		t.Fatalf("%v, %v", c, err)
	}
	c.Close()
}
