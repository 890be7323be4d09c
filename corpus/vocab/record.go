package vocab

// A Record describes a text that was read; it is part of the manifest of what is
// made from it.
type Record struct {
	Inputs []string `json:"inputs"`
	// Analyzer is the canonical description of the analyzer.
	Analyzer string `json:"analyzer"`
	// SentenceLimit is the length in tokens at which sentences were cut.
	SentenceLimit int `json:"sentence_limit"`
	// MinCount, MaxVocabulary, KeepWords and OnlyWords are the [Selection] that made the
	// vocabulary: its bounds and the numbers of words on its lists. VocabularyGiven
	// is set where there was none, as the vocabulary came from elsewhere.
	MinCount        int64 `json:"min_count,omitempty"`
	MaxVocabulary   int   `json:"max_vocabulary,omitempty"`
	KeepWords       int   `json:"keep_words,omitempty"`
	OnlyWords       int   `json:"only_words,omitempty"`
	VocabularyGiven bool  `json:"vocabulary_given,omitempty"`
	// Hash is the XXH3 hash, in hexadecimal, of the words of the vocabulary and
	// the encoded text: equal for equal training data.
	Hash string `json:"hash"`
	// Bytes is the size of the text after decompression.
	Bytes int64 `json:"bytes"`
	Lines int64 `json:"lines"`
	// Tokens counts what the analyzer found, TokensKept what is in the
	// vocabulary.
	Tokens     int64 `json:"tokens"`
	TokensKept int64 `json:"tokens_in_vocabulary"`
	// Types is the number of distinct words before the vocabulary was
	// selected; after pruning, one that came back counts again.
	Types     int64 `json:"types"`
	Sentences int64 `json:"sentences"`
	// Pruning tells how exact the counts are where the types outgrew the memory allowed;
	// nil, where they did not, stands for exact.
	Pruning *Pruning `json:"pruning,omitempty"`
	// HeldOut describes what was held out; of the counts above, only Tokens, Bytes and Lines include it.
	HeldOut *HeldOutRecord `json:"held_out,omitempty"`
	// Skipped counts what was left out or repaired, by reason.
	Skipped map[string]int64 `json:"skipped,omitempty"`
}

// A HeldOutRecord describes the sentences that a [Holdout] kept out of a text.
type HeldOutRecord struct {
	Share float64 `json:"share"`
	// Counted tells whether their words count for the vocabulary.
	Counted   bool  `json:"counted,omitempty"`
	Sentences int64 `json:"sentences"`
	// Tokens is the number of their tokens that are in the vocabulary.
	Tokens int64 `json:"tokens_in_vocabulary"`
	// Hash is the XXH3 hash of the words of the vocabulary and the sentences: equal for equal held-out data.
	Hash string `json:"hash"`
}

// A Pruning tells what was lost because the types of a text outgrew the
// memory that was allowed for them while they were counted. Now and then the rarest of
// them were dropped, so that the most frequent took no more than a quarter of that memory. A
// dropped type that came back was counted anew, and what had been seen of it before is neither in
// its count nor in the encoded text.
//
// Which types go depends on the inputs and the memory allowed alone. The
// words of a keep-list or of a given vocabulary never go.
type Pruning struct {
	// Memory is what was allowed, in bytes.
	Memory int64 `json:"memory_bytes"`
	// Dropped is the number of types that were dropped; one that came back and was
	// dropped again counts twice.
	Dropped int64 `json:"types_dropped"`
	// Undercount is the most that a count can be too low; none is too high. So
	// every word that the text has as often as the minimum count and this
	// together, or more often, is in the vocabulary.
	Undercount int64 `json:"undercount"`
	// Exact is the number of words of the vocabulary whose counts are known to be exact.
	Exact int `json:"words_exact"`
}
