package corpus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// readFile reads a file with a cache in dir.
func readFile(t *testing.T, name, dir string, o ReadOptions) *Corpus {
	t.Helper()
	src, err := source.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	o.Dir = dir
	if o.CacheLimit == 0 {
		o.CacheLimit = 1 << 20
	}
	c, err := Read(context.Background(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// cacheFiles returns the names of the files in a cache.
func cacheFiles(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, filepath.Join(dir, e.Name()))
	}
	return names
}

func TestCacheGivesTheSameText(t *testing.T) {
	dir := t.TempDir()
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), "b a a\nc b a\n\nunique\n")
	o := ReadOptions{Selection: vocab.Selection{MinCount: 1, MaxSize: 3}}
	first := readFile(t, name, dir, o)
	again := readFile(t, name, dir, o)
	if first.Cached() || !again.Cached() {
		t.Errorf("cached: %v, then %v", first.Cached(), again.Cached())
	}
	if diff := cmp.Diff(sentences(t, first), sentences(t, again)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(first.Record(), again.Record()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(listing(first.Vocabulary()), listing(again.Vocabulary())); diff != "" {
		t.Error(diff)
	}
	if files := cacheFiles(t, dir); len(files) != 1 {
		t.Errorf("in the cache: %v", files)
	}
}

func TestCacheKeepsAGivenVocabularyAsItIs(t *testing.T) {
	dir := t.TempDir()
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), "a b c\n")
	// Not in the order of counts, and with a count of 0.
	v, err := vocab.New([]string{"c", "zero", "a"}, []int64{1, 0, 7})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c := readFile(t, name, dir, ReadOptions{Vocabulary: v})
		if got, want := listing(c.Vocabulary()), "c 1, zero 0, a 7"; got != want {
			t.Errorf("vocabulary %s, want %s", got, want)
		}
		if diff := cmp.Diff([][]string{{"a", "c"}}, sentences(t, c)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCacheKeyCoversWhatDecidesTheText(t *testing.T) {
	dir := t.TempDir()
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), "a b a B c c\n")
	v, err := vocab.New([]string{"a"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for what, o := range map[string]ReadOptions{
		"nothing":          {},
		"analyzer":         {Analyzer: &analysis.Analyzer{MaxTokenBytes: 5}},
		"minimum count":    {Selection: vocab.Selection{MinCount: 2}},
		"maximum size":     {Selection: vocab.Selection{MaxSize: 2}},
		"keep-list":        {Selection: vocab.Selection{Keep: []string{"a"}}},
		"sentence limit":   {SentenceLimit: 3},
		"given vocabulary": {Vocabulary: v},
	} {
		if readFile(t, name, dir, o).Cached() {
			t.Errorf("another %s finds the cached text", what)
		}
		if !readFile(t, name, dir, o).Cached() {
			t.Errorf("%s: the same options don't find the cached text", what)
		}
	}
	writeFile(t, name, "a b a B c d\n")
	if readFile(t, name, dir, ReadOptions{}).Cached() {
		t.Error("another text of the same length finds the cached one")
	}
}

func TestCacheNoticesDamage(t *testing.T) {
	dir := t.TempDir()
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), strings.Repeat("a b c\n", 20))
	want := sentences(t, readFile(t, name, dir, ReadOptions{}))
	stored := cacheFiles(t, dir)[0]
	whole, err := os.ReadFile(stored)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, content []byte) {
		writeFile(t, stored, string(content))
		c := readFile(t, name, dir, ReadOptions{})
		if c.Cached() {
			t.Fatalf("%s: the damage is not seen", what)
		}
		if diff := cmp.Diff(want, sentences(t, c)); diff != "" {
			t.Fatalf("%s: %s", what, diff)
		}
	}
	for i := range whole {
		damaged := append([]byte(nil), whole...)
		damaged[i] ^= 0x40
		check("a flipped bit", damaged)
	}
	for n := 0; n < len(whole); n += 7 {
		check("cut off", whole[:n])
	}
}

func TestCacheIsBounded(t *testing.T) {
	dir, texts := t.TempDir(), t.TempDir()
	text := strings.Repeat("some words\n", 100)
	var names []string
	for _, word := range []string{"x", "y", "z"} {
		names = append(names, writeFile(t, filepath.Join(texts, word), text+word+"\n"))
	}
	limit := int64(2500) // room for two texts of about 1000 bytes
	readFile(t, names[0], dir, ReadOptions{CacheLimit: limit})
	readFile(t, names[1], dir, ReadOptions{CacheLimit: limit})
	past := time.Now().Add(-time.Hour)
	for _, file := range cacheFiles(t, dir) {
		if err := os.Chtimes(file, past, past); err != nil {
			t.Fatal(err)
		}
	}
	if !readFile(t, names[0], dir, ReadOptions{CacheLimit: limit}).Cached() {
		t.Fatal("the first text is gone before the limit is reached")
	}
	readFile(t, names[2], dir, ReadOptions{CacheLimit: limit})
	if files := cacheFiles(t, dir); len(files) != 2 {
		t.Errorf("%d texts in a cache for two", len(files))
	}
	if !readFile(t, names[0], dir, ReadOptions{CacheLimit: limit}).Cached() {
		t.Error("the text used last was removed")
	}
	if readFile(t, names[1], dir, ReadOptions{CacheLimit: limit}).Cached() {
		t.Error("the text used longest ago is still there")
	}
}

func TestReadersAreNotCached(t *testing.T) {
	dir := t.TempDir()
	c, err := readChunks(t, dir, "a b", 4096, ReadOptions{CacheLimit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if files := cacheFiles(t, dir); len(files) != 0 {
		t.Errorf("in the cache: %v", files)
	}
}

// TestCacheKeyIsPinned fails if this version would not find the texts that earlier ones encoded.
func TestCacheKeyIsPinned(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the keys are those of little-endian machines")
	}
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), "the cat and the dog\nand the other\n")
	v, err := vocab.New([]string{"dog", "the"}, []int64{1, 3})
	if err != nil {
		t.Fatal(err)
	}
	a, err := analysis.Parse("unicode", "lower", "min-length:2")
	if err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]ReadOptions{
		"0155dfe93bd38167303734dc0f55b05d": {},
		"c713edac4affe9bbb086e3e00248311d": {Analyzer: a, Selection: vocab.Selection{MinCount: 2, MaxSize: 9, Keep: []string{"cat"}, Only: v}},
		"87463396bb39038bfabc44b8c4b0b485": {Vocabulary: v, SentenceLimit: 7, Holdout: Holdout{Share: 0.25, Counted: true}},
	} {
		src, err := source.Open(name, name)
		if err != nil {
			t.Fatal(err)
		}
		if o, err = o.complete(); err != nil {
			t.Fatal(err)
		}
		if got, err := cacheKey(src, o); got != want || err != nil {
			t.Errorf("the key is %s, %v, want %s", got, err, want)
		}
	}
}

// A file with the right hash whose parts do not agree, which no version has written, is made again.
func TestCacheNoticesForgery(t *testing.T) {
	dir := t.TempDir()
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), "b a a\nc b a\n\nunique\n")
	want := sentences(t, readFile(t, name, dir, ReadOptions{}))
	path := cacheFiles(t, dir)[0]
	original, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, replacement := range map[string][2]string{
		"the tokens":              {`"tokens_in_vocabulary":7`, `"tokens_in_vocabulary":9`},
		"the sentences":           {`"sentences":3`, `"sentences":8`},
		"the tokens of the text":  {`"tokens":7`, `"tokens":1`},
		"sentences of one word":   {`"sentences_of_one_word":1`, `"sentences_of_one_word":9`},
		"the words of the record": {`"types":4`, `"types":-`},
	} {
		forged := []byte(strings.Replace(string(original), replacement[0], replacement[1], 1))
		if string(forged) == string(original) {
			t.Errorf("%s: the record has no %s", what, replacement[0])
		}
		h := newCacheHash(strings.TrimSuffix(filepath.Base(path), cacheSuffix))
		_, _ = h.Write(forged[:len(forged)-8])
		binary.LittleEndian.PutUint64(forged[len(forged)-8:], h.Sum64())
		if err := os.WriteFile(path, forged, 0o644); err != nil {
			t.Fatal(err)
		}
		c := readFile(t, name, dir, ReadOptions{})
		if c.Cached() {
			t.Errorf("%s: the forged file is used", what)
		}
		if diff := cmp.Diff(want, sentences(t, c)); diff != "" {
			t.Errorf("%s: another text (-want +got):\n%s", what, diff)
		}
	}
}

// Each case leaves another of the default directories to write to.
func TestDefaultDirectoryFallsBack(t *testing.T) {
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), "a b\n")
	for what, c := range map[string]struct {
		prepare func(t *testing.T, usual, temporary string)
		want    func(usual, temporary string) string // the directory with the text, "" if it is not kept
		why     string
	}{
		"usual": {func(*testing.T, string, string) {}, func(usual, _ string) string { return usual }, ""},
		"usual can't be written": {func(t *testing.T, usual, _ string) { link(t, "/proc/self", usual) },
			func(_, temporary string) string { return temporary }, ""},
		"usual is a file": {func(t *testing.T, usual, _ string) { writeFile(t, usual, "") },
			func(_, temporary string) string { return temporary }, ""},
		"temporary is a link of another": {func(t *testing.T, usual, temporary string) {
			writeFile(t, usual, "")
			link(t, t.TempDir(), temporary)
		}, func(_, _ string) string { return "" }, "belongs to another user"},
		"others may write to temporary": {func(t *testing.T, usual, temporary string) {
			writeFile(t, usual, "")
			if err := errors.Join(os.Mkdir(temporary, 0o777), os.Chmod(temporary, 0o777)); err != nil {
				t.Fatal(err)
			}
		}, func(_, _ string) string { return "" }, "others may write to it"},
		"temporary is another's": {func(t *testing.T, usual, temporary string) {
			writeFile(t, usual, "")
			if err := os.Mkdir(temporary, 0o755); err != nil {
				t.Fatal(err)
			}
			if os.Chown(temporary, 12345, -1) != nil {
				t.Skip("only root can give a directory to another user")
			}
		}, func(_, _ string) string { return "" }, "belongs to another user"},
	} {
		t.Run(what, func(t *testing.T) {
			if runtime.GOOS != "linux" {
				t.Skip("the directories are those of Linux")
			}
			cache, tmp := t.TempDir(), t.TempDir()
			usual, temporary := filepath.Join(cache, "kindred"), filepath.Join(tmp, fmt.Sprintf("kindred-%d", os.Getuid()))
			c.prepare(t, usual, temporary)
			t.Setenv("XDG_CACHE_HOME", cache)
			t.Setenv("TMPDIR", tmp)
			src, err := source.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			text, err := Read(context.Background(), src, ReadOptions{CacheLimit: 1 << 20})
			if err != nil {
				t.Fatal(err)
			}
			defer text.Close()
			want := c.want(usual, temporary)
			for _, dir := range []string{usual, temporary} {
				if kept, _ := filepath.Glob(filepath.Join(dir, "*"+cacheSuffix)); len(kept) > 0 != (dir == want) {
					t.Errorf("%s has %q; the text belongs in %q", dir, kept, want)
				}
			}
			none := (*CacheDirError)(nil)
			if err := text.CacheError(); (err != nil) != (c.why != "") || err != nil && !(errors.As(err, &none) && strings.Contains(err.Error(), c.why)) {
				t.Errorf("the text is not kept because of %v, want %q", err, c.why)
			}
		})
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}
