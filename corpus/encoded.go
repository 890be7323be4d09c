package corpus

import (
	"fmt"
	"io"
	"unsafe"
)

// A Token is one word of an encoded text: its id, and whether it is the last
// of its sentence.
type Token uint32

const sentenceEnd Token = 1 << 31

// ID returns the id of the word in the text's [Vocabulary].
func (t Token) ID() int32 { return int32(t &^ sentenceEnd) }

// EndsSentence tells whether the token is the last of its sentence.
func (t Token) EndsSentence() bool { return t&sentenceEnd != 0 }

const tokenBytes = 4

// encodedText is a text as a file of tokens, in the byte order of the
// machine, or a part of such a file. It is read block by block, into the
// reader's own memory, and not mapped. The copy of 4 bytes a token costs no more than the
// page faults of a mapping (see BenchmarkTokens). In return, a text of any size takes none of the
// program's memory, and a file that shrinks, or a disk that fails, is an error with a
// position; in a mapped file it would be a SIGBUS in the middle of training.
type encodedText struct {
	file          *spool
	start, length int64 // in tokens
}

// readAt fills dst with the tokens from position from on, and returns how
// many there were before the end of the text.
func (e encodedText) readAt(dst []Token, from int64) (int, error) {
	if rest := e.length - from; int64(len(dst)) > rest {
		dst = dst[:max(rest, 0)]
	}
	if len(dst) == 0 {
		return 0, nil
	}
	n, err := e.file.ReadAt(tokenMemory(dst), (e.start+from)*tokenBytes)
	if err == io.EOF && n == len(dst)*tokenBytes {
		err = nil
	}
	if err != nil {
		return 0, fmt.Errorf("encoded text %s: reading %d tokens from token %d on: %w", e.file.Name(), len(dst), from, err)
	}
	return len(dst), nil
}

// tokenMemory returns the bytes that tokens occupy.
func tokenMemory(tokens []Token) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(tokens))), len(tokens)*tokenBytes)
}
