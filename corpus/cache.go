package corpus

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/filetype"
	"kindred/internal/machine"
)

// DefaultCacheLimit is the usual limit on the size of all encoded texts in a cache, in bytes.
const DefaultCacheLimit = 10 << 30

// DefaultCacheDir returns the usual directory for encoded texts: in the user's cache directory or, if
// there is none, in the directory for temporary files.
func DefaultCacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return temporaryCacheDir()
	}
	return filepath.Join(dir, "kindred")
}

// temporaryCacheDir returns the directory to use if the default can't be written. Each user has another.
func temporaryCacheDir() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("kindred-%d", os.Getuid()))
}

// A CacheDirError reports that no encoded text can be written to any of the default directories, or
// none kept there for later runs.
type CacheDirError struct {
	// Reasons has an error for each of the directories.
	Reasons error
}

func (e *CacheDirError) Error() string {
	return strings.ReplaceAll(e.Reasons.Error(), "\n", "; ")
}

func (e *CacheDirError) Unwrap() error { return e.Reasons }

// usableCacheDir returns the first of the default directories in which this user can write, and makes
// it if it is missing. If there is none, it returns the directory for temporary files, in which no
// text can be kept, and why.
func usableCacheDir() (string, *CacheDirError) {
	usual, temporary := DefaultCacheDir(), temporaryCacheDir()
	reasons := error(nil)
	if usual != temporary {
		if reasons = tryCacheDir(usual, 0o755); reasons == nil {
			return usual, nil
		}
	}
	err := tryCacheDir(temporary, 0o700)
	// Anybody can make a directory of this name, and read or replace the files in it.
	if err == nil && !machine.OwnedByUser(temporary) {
		err = fmt.Errorf("%s belongs to another user, or others may write to it", temporary)
	}
	if err != nil {
		return os.TempDir(), &CacheDirError{errors.Join(reasons, err)}
	}
	return temporary, nil
}

// tryCacheDir makes a directory if it is missing, and returns an error if no file can be made in it.
func tryCacheDir(dir string, mode fs.FileMode) error {
	if err := os.MkdirAll(dir, mode); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, temporaryPrefix+"*"+cacheSuffix)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// An encoded text in the cache is a file with the name KEY.tokens:
//
//	tokens       4 bytes each, in the byte order of the machine
//	held out     the tokens of the held-out sentences, likewise
//	vocabulary   as vocab.Vocabulary.WriteTo writes it
//	record       a vocab.Record as JSON
//	footer       the lengths of these four in bytes, and the XXH3 hash of
//	             the key and everything before the hash: five uint64, little-endian
//
// The key is a hash of the content of the inputs and of all options that decide the result.
// Files get their name when they are complete. A file with wrong lengths or a wrong hash is removed
// and made again, so a torn or altered file costs time and does no harm. The hash shows damage, and no
// forgery: whoever can write to the directory can put another text there. Such a file can't do more
// than that, as its parts must agree with each other and ids outside the vocabulary are errors.
const (
	cacheSuffix = ".tokens"
	footerBytes = 5 * 8
	// cacheVersion changes if the same text would be encoded in another way.
	cacheVersion = "kindred encoded text 4"
	// staleAfter is the age at which the program of an incomplete file has surely died.
	staleAfter = 24 * time.Hour
	// copyBuffer is the size of the blocks in which a file is hashed, in bytes.
	copyBuffer = 256 << 10
)

// cacheKey returns the name of the text in the cache, without suffix, or "" if it can't be cached
// because an input can be read only once.
func cacheKey(text *source.Source, o ReadOptions) (string, error) {
	h := xxh3.New()
	if err := hashOptions(h, o); err != nil {
		return "", err
	}
	if again, err := text.Hash(h); err != nil || !again {
		return "", err
	}
	sum := h.Sum128()
	return fmt.Sprintf("%016x%016x", sum.Hi, sum.Lo), nil
}

// companionSuffix ends the names of files that are kept in the cache beside encoded texts.
const companionSuffix = ".found"

// CompanionPath returns a path in the cache for a file with what was found in the text beside the words, so that later runs need
// not look for it. It follows from the name, the content of the text and the options that decide its encoding. It is "" if nothing
// is cached, because CacheLimit is 0, an input can be read only once, or there is no directory to write to. The file counts towards
// CacheLimit.
func (o ReadOptions) CompanionPath(text *source.Source, name string) (string, error) {
	o, err := o.complete()
	if err != nil || o.CacheLimit == 0 {
		return "", err
	}
	key, err := cacheKey(text, o)
	if err != nil || key == "" {
		return "", err
	}
	return filepath.Join(o.Dir, key+"."+name+companionSuffix), nil
}

// hashOptions adds the options that decide the encoded text to a hash.
func hashOptions(h *xxh3.Hasher, o ReadOptions) error {
	order := binary.NativeEndian.Uint16([]byte{1, 0})
	fmt.Fprintf(h, "%s\x00%d\x00%s\x00%d\x00%x\x00%t\x00", cacheVersion, order, o.Analyzer, o.SentenceLimit, o.Holdout.Share, o.Holdout.Counted)
	if o.Holdout.Apart {
		fmt.Fprint(h, "apart\x00")
	}
	if o.Vocabulary != nil {
		_, err := o.Vocabulary.WriteTo(h)
		return err
	}
	fmt.Fprintf(h, "%d\x00%d\x00%q\x00", o.Selection.MinCount, o.Selection.MaxSize, o.Selection.Keep)
	if o.Selection.Only == nil {
		return nil
	}
	_, err := o.Selection.Only.WriteTo(h)
	return err
}

// loadCached returns the text with the given key from the cache. It returns nil if the text is not
// there, is damaged, or was pruned to another memory for its vocabulary.
func loadCached(dir, key string, text *source.Source, memory int64) *Corpus {
	name := filepath.Join(dir, key+cacheSuffix)
	c := loadNamed(name, key)
	if c == nil {
		return nil
	}
	// The time of last use decides what is evicted first. A cache that can't be written can still
	// be read.
	now := time.Now()
	_ = os.Chtimes(name, now, now)
	if p := c.record.Pruning; p != nil && p.Memory != memory {
		c.Close()
		return nil // another memory may give other counts
	}
	c.record.Inputs = text.Inputs()
	c.cached = true
	return c
}

// loadNamed returns the encoded text of a file, nil if it is not there or damaged.
func loadNamed(name, key string) *Corpus {
	f, err := filetype.OpenRegular(name)
	if err != nil {
		return nil
	}
	c, err := parseCached(f, key)
	if err != nil {
		f.Close()
		os.Remove(name)
		return nil
	}
	return c
}

// parseCached reads and checks the encoded text with the given key.
func parseCached(f *os.File, key string) (*Corpus, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	footer := make([]byte, footerBytes)
	if _, err := f.ReadAt(footer, info.Size()-footerBytes); err != nil {
		return nil, err
	}
	h := newCacheHash(key)
	if err := hashStart(h, f, info.Size()-8); err != nil {
		return nil, err
	}
	if h.Sum64() != binary.LittleEndian.Uint64(footer[footerBytes-8:]) {
		return nil, errors.New("the hash is wrong")
	}
	var lengths [4]int64 // of tokens, held out, vocabulary, record
	rest := info.Size() - footerBytes
	for i := range lengths {
		n := binary.LittleEndian.Uint64(footer[8*i:])
		if n > uint64(rest) {
			return nil, errors.New("the lengths are wrong")
		}
		lengths[i] = int64(n)
		rest -= lengths[i]
	}
	if rest != 0 {
		return nil, errors.New("the lengths are wrong")
	}
	file := &tokenFile{File: f, path: f.Name()}
	tokens, held := lengths[0]/tokenBytes, lengths[1]/tokenBytes
	c := &Corpus{encoded: encodedText{file: file, length: tokens}, heldOut: encodedText{file: file, start: tokens, length: held}}
	words := lengths[0] + lengths[1]
	if c.vocabulary, err = vocab.ReadInOrder(io.NewSectionReader(f, words, lengths[2])); err != nil {
		return nil, err
	}
	record := io.NewSectionReader(f, words+lengths[2], lengths[3])
	if err := json.NewDecoder(record).Decode(&c.record); err != nil {
		return nil, err
	}
	if lengths[0]%tokenBytes != 0 || lengths[1]%tokenBytes != 0 || !c.consistent() {
		return nil, errors.New("the parts of the file do not agree")
	}
	return c, nil
}

// consistent reports whether the record of an encoded text may be that of its tokens and vocabulary.
func (c *Corpus) consistent() bool {
	r := &c.record
	held := int64(0)
	if r.HeldOut != nil {
		held = r.HeldOut.Tokens
	}
	return c.vocabulary.Len() > 0 && r.TokensKept == c.encoded.length && held == c.heldOut.length &&
		r.Tokens >= r.TokensKept+held && r.Types >= 0 && r.Bytes >= 0 && r.Lines >= 0 &&
		0 <= r.SentencesOfOneWord && r.SentencesOfOneWord <= r.Sentences && r.Sentences <= r.TokensKept
}

// newCacheHash returns the hasher for an encoded text. The hash begins with the key, so a file under
// a wrong name is found.
func newCacheHash(key string) *xxh3.Hasher {
	h := xxh3.New()
	_, _ = h.WriteString(key)
	return h
}

// hashStart adds the first n bytes of a file to a hash.
func hashStart(h *xxh3.Hasher, f io.ReaderAt, n int64) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{h}, io.NewSectionReader(f, 0, n), make([]byte, copyBuffer))
	return err
}

// storeCached completes the file of c, names it after the key and evicts old texts.
func storeCached(dir, key string, c *Corpus, limit int64) error {
	if err := c.complete(filepath.Join(dir, key+cacheSuffix), key); err != nil {
		return err
	}
	return evictCache(dir, key, limit)
}

// complete completes the file of c and gives it a name.
func (c *Corpus) complete(name, key string) error {
	f := c.encoded.file
	var tail bytes.Buffer
	words, err := c.vocabulary.WriteTo(&tail)
	if err != nil {
		return err
	}
	record, err := json.Marshal(c.record)
	if err != nil {
		return err
	}
	tail.Write(record)
	tokens, held := c.encoded.length*tokenBytes, c.heldOut.length*tokenBytes
	for _, n := range []int64{tokens, held, words, int64(len(record))} {
		tail.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
	}
	h := newCacheHash(key)
	if err := hashStart(h, f, tokens+held); err != nil {
		return fmt.Errorf("encoded text: %w", err)
	}
	h.Write(tail.Bytes())
	tail.Write(binary.LittleEndian.AppendUint64(nil, h.Sum64()))
	if _, err := f.WriteAt(tail.Bytes(), tokens+held); err != nil {
		return fmt.Errorf("encoded text: %w", err)
	}
	if err := f.rename(name); err != nil {
		return fmt.Errorf("encoded text: %w", err)
	}
	return nil
}

// evictCache removes stale files, and then the least recently used texts until the others are within
// the limit. The text with the key keep stays.
func evictCache(dir, keep string, limit int64) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var texts []fs.FileInfo
	total := int64(0)
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !strings.HasSuffix(entry.Name(), cacheSuffix) && !strings.HasSuffix(entry.Name(), companionSuffix) {
			continue // another run may have removed it
		}
		if strings.HasPrefix(entry.Name(), temporaryPrefix) {
			if time.Since(info.ModTime()) > staleAfter {
				os.Remove(filepath.Join(dir, entry.Name()))
			}
			continue
		}
		total += info.Size()
		if entry.Name() != keep+cacheSuffix {
			texts = append(texts, info)
		}
	}
	slices.SortFunc(texts, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, info := range texts {
		if total <= limit {
			break
		}
		if err := os.Remove(filepath.Join(dir, info.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		total -= info.Size()
	}
	return nil
}
