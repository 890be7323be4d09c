package corpus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// shareSuffix ends the names of encoded shares: KEY.I-of-N.share. They have the form of an encoded text,
// and the limit of the cache does not remove them.
const shareSuffix = ".share"

// ErrNoVocabulary reports shares that are to be encoded without a common vocabulary.
var ErrNoVocabulary = errors.New("a share can't be encoded without the vocabulary of all shares")

// EncodeShare encodes the share of a text that the shard-th of so many processes reads, with
// [ReadOptions].Vocabulary, and keeps it in Dir under a name of its own. When all shares are there, [Read]
// with the same options takes them instead of reading the text: the result is the one that a single
// process gets. A share that is there is not encoded again. The name depends on the names, sizes and times
// of change of the inputs, not on their content: no process reads all of it. The record has no Inputs and
// Types but those of the share.
func EncodeShare(ctx context.Context, text *source.Source, shard, shards int, o ReadOptions) (record vocab.Record, present bool, err error) {
	if o.Vocabulary == nil {
		return record, false, ErrNoVocabulary
	}
	o, err = o.complete()
	if err != nil {
		return record, false, err
	}
	if o.noCache != nil {
		return record, false, o.noCache
	}
	if o.Holdout.Apart {
		return record, false, errors.New("holdout: a share does not know the numbers that its sentences have in the whole text")
	}
	part, err := text.Share(shard, shards)
	if err != nil {
		return record, false, err
	}
	key, err := sharesKey(text, o)
	if err != nil {
		return record, false, err
	}
	name := shareName(key, shard, shards)
	if c := loadNamed(filepath.Join(o.Dir, name), name); c != nil {
		return c.record, true, c.Close()
	}
	o.partial = true
	c, err := encodeText(ctx, part, o)
	if err != nil {
		return record, false, err
	}
	defer c.Close()
	return c.record, false, c.complete(filepath.Join(o.Dir, name), name)
}

// sharesKey returns the name of the shares of a text, without number and suffix.
func sharesKey(text *source.Source, o ReadOptions) (string, error) {
	h := xxh3.New()
	if err := hashOptions(h, o); err != nil {
		return "", err
	}
	fmt.Fprintf(h, "%s\x00", text.Encoding())
	for name, info := range text.Files() {
		// The processes may be on different machines, where the same file has different paths.
		fmt.Fprintf(h, "%q %d %d\x00", filepath.Base(name), info.Size(), info.ModTime().UnixNano())
	}
	sum := h.Sum128()
	return fmt.Sprintf("%016x%016x", sum.Hi, sum.Lo), nil
}

func shareName(key string, shard, shards int) string {
	return fmt.Sprintf("%s.%d-of-%d%s", key, shard, shards, shareSuffix)
}

// A MissingSharesError reports that some, but not all, shares of a text are encoded.
type MissingSharesError struct {
	Dir string
	// Shards is the number of shares, and Missing are those that are not there, counted from 1.
	Shards  int
	Missing []int
}

func (e *MissingSharesError) Error() string {
	numbers := make([]string, len(e.Missing))
	for i, n := range e.Missing {
		numbers[i] = strconv.Itoa(n)
	}
	return fmt.Sprintf("%s has %d of %d encoded shares of the text, and lacks %s", e.Dir, e.Shards-len(e.Missing), e.Shards, listed(numbers))
}

// findShares returns the number of shares of which all are in the directory, 0 if there is none, or a
// [*MissingSharesError] if shares were encoded but some are not there.
func findShares(dir, key string) (int, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
		return 0, err
	}
	found := map[int][]int{} // by the number of shares, those that are there
	for _, entry := range names {
		rest, ours := strings.CutPrefix(entry.Name(), key+".")
		rest, share := strings.CutSuffix(rest, shareSuffix)
		i, n, of := strings.Cut(rest, "-of-")
		shard, err1 := strconv.Atoi(i)
		shards, err2 := strconv.Atoi(n)
		if ours && share && of && err1 == nil && err2 == nil && 1 <= shard && shard <= shards {
			found[shards] = append(found[shards], shard)
		}
	}
	var incomplete *MissingSharesError
	numbers := make([]int, 0, len(found))
	for shards := range found {
		numbers = append(numbers, shards)
	}
	slices.Sort(numbers)
	for _, shards := range numbers {
		there := found[shards]
		if len(there) == shards {
			return shards, nil
		}
		if incomplete == nil {
			incomplete = &MissingSharesError{Dir: dir, Shards: shards}
			for i := 1; i <= shards; i++ {
				if !slices.Contains(there, i) {
					incomplete.Missing = append(incomplete.Missing, i)
				}
			}
		}
	}
	if incomplete != nil {
		return 0, incomplete
	}
	return 0, nil
}

// joinShares returns the text whose shares are in the directory.
func joinShares(ctx context.Context, text *source.Source, o ReadOptions, key string, shards int) (c *Corpus, err error) {
	file, err := createTokenFile(o.Dir)
	if err != nil {
		return nil, &CacheDirError{err}
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	parts := make([]*Corpus, shards)
	defer func() {
		for _, part := range parts {
			if part != nil {
				part.Close()
			}
		}
	}()
	c = &Corpus{vocabulary: o.Vocabulary, cached: true}
	for i := range parts {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		name := shareName(key, i+1, shards)
		path := filepath.Join(o.Dir, name)
		if parts[i] = loadNamed(path, name); parts[i] == nil {
			return nil, fmt.Errorf("%s: the encoded share is damaged and was removed; encode share %d of %d again", path, i+1, shards)
		}
		r := &parts[i].record
		if i == 0 {
			c.record = *r
			continue
		}
		addRecord(&c.record, *r)
	}
	c.record.Inputs, c.record.Types = text.Inputs(), 0
	join := func(of func(*Corpus) encodedText) (encodedText, string, error) {
		start := file.length.Load()
		w := newSentenceWriter(file)
		buf := make([]Token, copyBuffer/tokenBytes)
		for _, part := range parts {
			from := of(part)
			for at := int64(0); at < from.length; {
				n, err := from.readAt(buf, at)
				if err == nil {
					err = w.append(buf[:n])
				}
				if err != nil {
					return encodedText{}, "", err
				}
				at += int64(n)
			}
		}
		return encodedText{file: file, start: start, length: file.length.Load() - start}, w.hash(c.vocabulary), nil
	}
	if c.encoded, c.record.Hash, err = join(func(p *Corpus) encodedText { return p.encoded }); err != nil {
		return nil, err
	}
	if held := c.record.HeldOut; held != nil {
		if c.heldOut, held.Hash, err = join(func(p *Corpus) encodedText { return p.heldOut }); err != nil {
			return nil, err
		}
	}
	if o.Holdout.Share > 0 && (c.record.Sentences == 0 || c.record.HeldOut == nil) {
		return nil, &HoldoutError{Share: o.Holdout.Share, Sentences: c.record.Sentences, Highest: 1}
	}
	if c.encoded.length == 0 {
		return nil, errors.New("no word of the text is in the vocabulary given; was it counted with the same analyzer?")
	}
	return c, nil
}

// addRecord adds what the record of another share says.
func addRecord(r *vocab.Record, from vocab.Record) {
	r.Bytes += from.Bytes
	r.Lines += from.Lines
	r.Tokens += from.Tokens
	r.TokensKept += from.TokensKept
	r.Sentences += from.Sentences
	r.SentencesOfOneWord += from.SentencesOfOneWord
	r.InvalidTokens += from.InvalidTokens
	for reason, n := range from.Skipped {
		if r.Skipped == nil {
			r.Skipped = map[string]int64{}
		}
		r.Skipped[reason] += n
	}
	if from.Pruning != nil {
		if r.Pruning == nil {
			r.Pruning = from.Pruning
		} else {
			r.Pruning.Dropped += from.Pruning.Dropped
		}
	}
	switch {
	case from.HeldOut == nil:
	case r.HeldOut == nil:
		r.HeldOut = from.HeldOut
	default:
		r.HeldOut.Sentences += from.HeldOut.Sentences
		r.HeldOut.Tokens += from.HeldOut.Tokens
	}
}

// fromShares returns the text whose shares were encoded before, nil if none was, and keeps it under the
// name of its shares in their place. If some shares are missing, the error says which.
func fromShares(ctx context.Context, text *source.Source, o ReadOptions) (*Corpus, error) {
	key, err := sharesKey(text, o)
	if err != nil {
		return nil, err
	}
	if c := loadCached(o.Dir, key, text, o.VocabularyMemory); c != nil {
		return c, nil
	}
	shards, err := findShares(o.Dir, key)
	if shards == 0 {
		return nil, err
	}
	c, err := joinShares(ctx, text, o, key, shards)
	if err != nil {
		return nil, err
	}
	if err := storeCached(o.Dir, key, c, o.CacheLimit); err != nil {
		c.encoded.file.unlink()
		c.cacheError = fmt.Errorf("the encoded text can't be kept in %s for later runs: %w", o.Dir, err)
		return c, nil
	}
	for i := 1; i <= shards; i++ {
		_ = os.Remove(filepath.Join(o.Dir, shareName(key, i, shards))) // what stays does no harm
	}
	return c, nil
}
