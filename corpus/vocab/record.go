package vocab

import "cmp"

// A Record describes a text that was read, and how its vocabulary was made. It is part of the
// manifest of vectors.
type Record struct {
	// Inputs are the names of the files, in the order they were read.
	Inputs []string `json:"inputs"`
	// Analyzer is the canonical description of the analyzer.
	Analyzer string `json:"analyzer"`
	// SentenceLimit is the length in tokens at which sentences were cut.
	SentenceLimit int `json:"sentence_limit"`
	// MinCount, MaxVocabulary, KeepWords and OnlyWords are the [Selection] that made the vocabulary:
	// its bounds, and the numbers of words on its lists. VocabularyGiven is set if there was none
	// because the vocabulary came from elsewhere.
	MinCount        int64 `json:"min_count,omitempty"`
	MaxVocabulary   int   `json:"max_vocabulary,omitempty"`
	KeepWords       int   `json:"keep_words,omitempty"`
	OnlyWords       int   `json:"only_words,omitempty"`
	VocabularyGiven bool  `json:"vocabulary_given,omitempty"`
	// Hash is the XXH3 hash, in hexadecimal, of the words of the vocabulary and the encoded text:
	// equal for equal training data.
	Hash string `json:"hash"`
	// Bytes and Lines are the size of the text after decompression.
	Bytes int64 `json:"bytes"`
	Lines int64 `json:"lines"`
	// Tokens is the number of tokens that the analyzer found, TokensKept how many of them are in the
	// vocabulary.
	Tokens     int64 `json:"tokens"`
	TokensKept int64 `json:"tokens_in_vocabulary"`
	// Types is the number of distinct words before the selection. A word that was pruned and came
	// back counts twice. 0 means unknown: the shares of the text were encoded apart.
	Types int64 `json:"types"`
	// Sentences is the number of sentences with a word of the vocabulary.
	Sentences int64 `json:"sentences"`
	// SentencesOfOneWord is how many of the sentences have only one word of the vocabulary, which then
	// has no context.
	SentencesOfOneWord int64 `json:"sentences_of_one_word,omitempty"`
	// Pruning tells how exact the counts are if the words needed more memory than allowed. nil means
	// that all counts are exact.
	Pruning *Pruning `json:"pruning,omitempty"`
	// Encoding is the encoding of the text, "" for UTF-8.
	Encoding string `json:"encoding,omitempty"`
	// InvalidTokens is how many tokens had bytes that are not UTF-8, or not of the encoding.
	InvalidTokens int64 `json:"invalid_tokens,omitempty"`
	// HeldOut describes the held-out sentences. Of the counts above, only Tokens, Bytes and Lines
	// include them.
	HeldOut *HeldOutRecord `json:"held_out,omitempty"`
	// Skipped counts what was skipped or repaired, by reason.
	Skipped map[string]int64 `json:"skipped,omitempty"`
}

// A HeldOutRecord describes the sentences that were held out of a text.
type HeldOutRecord struct {
	// Share is the share of distinct sentences that was asked for or, if Apart is set, of all sentences.
	Share float64 `json:"share"`
	// Apart tells whether each copy of a sentence was held out for itself.
	Apart bool `json:"apart,omitempty"`
	// Counted tells whether the words of held-out sentences count for the vocabulary.
	Counted   bool  `json:"counted,omitempty"`
	Sentences int64 `json:"sentences"`
	// Tokens is the number of held-out tokens that are in the vocabulary.
	Tokens int64 `json:"tokens_in_vocabulary"`
	// Hash is the XXH3 hash, in hexadecimal, of the words of the vocabulary and the held-out
	// sentences: equal for equal held-out data.
	Hash string `json:"hash"`
}

// A Pruning tells what was lost because the types (distinct words) of a text needed more memory
// than allowed during counting. From time to time the rarest types were dropped, until the others
// took a quarter of the memory. A dropped type that came back was counted anew; its earlier tokens
// are neither in its count nor in the encoded text.
//
// Which types are dropped depends only on the inputs and the memory. The words of a keep-list or of
// a given vocabulary are never dropped.
type Pruning struct {
	// Memory is the memory that was allowed, in bytes.
	Memory int64 `json:"memory_bytes"`
	// Dropped is the number of types that were dropped. A type that came back and was dropped again
	// counts twice.
	Dropped int64 `json:"types_dropped"`
	// Undercount is the most that a count can be too low; none is too high. Every word that occurs
	// at least as often as the minimum count plus Undercount is in the vocabulary.
	Undercount int64 `json:"undercount"`
	// Exact is the number of words of the vocabulary whose counts are known to be exact.
	Exact int `json:"words_exact"`
}

// invalidBytes is the name of invalid bytes in Skipped.
const invalidBytes = "invalid UTF-8 bytes"

// BrokenTokens returns how many tokens of the text had bytes that stand for no character. Records of
// earlier versions tell only the number of such bytes.
func (r *Record) BrokenTokens() int64 { return cmp.Or(r.InvalidTokens, r.Skipped[invalidBytes]) }
