package corpus

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"kindred/corpus/vocab"
)

// BenchmarkTokens reads an encoded text from the page cache in blocks, as training does. It compares
// copying, which kindred does, with touching a mapping of the same file.
func BenchmarkTokens(b *testing.B) {
	const blockTokens, blocks = 4096, 4096
	s, err := createTokenFile(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for range blocks {
		if _, err := s.append(make([]Token, blockTokens)); err != nil {
			b.Fatal(err)
		}
	}
	v, err := vocab.New([]string{"word"}, nil)
	if err != nil {
		b.Fatal(err)
	}
	c := &Corpus{vocabulary: v, encoded: encodedText{file: s, length: blocks * blockTokens}}
	b.Run("read", func(b *testing.B) {
		b.SetBytes(blockTokens * tokenBytes)
		var buf []Token
		for i := int64(0); b.Loop(); i++ {
			at := i % blocks * blockTokens
			if buf, err = c.Tokens(buf, at, at+blockTokens); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("mapped", func(b *testing.B) {
		memory, err := unix.Mmap(int(s.Fd()), 0, blocks*blockTokens*tokenBytes, unix.PROT_READ, unix.MAP_SHARED)
		if err != nil {
			b.Fatal(err)
		}
		defer unix.Munmap(memory)
		tokens := unsafe.Slice((*Token)(unsafe.Pointer(&memory[0])), blocks*blockTokens)
		b.SetBytes(blockTokens * tokenBytes)
		sum := 0
		for i := 0; b.Loop(); i++ {
			at := i % blocks * blockTokens
			for _, t := range tokens[at : at+blockTokens] {
				if int(t.ID()) >= v.Len() {
					sum++
				}
			}
		}
		if sum > 0 {
			b.Fatal("the mapping has other tokens")
		}
	})
}
