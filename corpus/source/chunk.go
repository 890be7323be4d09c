package source

import (
	"bytes"
	"context"
	"io"
	"sync"
	"unicode/utf8"

	"kindred/corpus/internal/separator"
)

// DefaultChunkSize is the usual size of chunks, in bytes. It exceeds the longest token that an
// analyzer allows by far, so a chunk without any separator is part of a token that is too long.
const DefaultChunkSize = 1 << 20

// A Chunk is a stretch of the decompressed text of one input. Where it ends depends on the text
// and the chunk size alone: after the last newline that fits, else after the last separator, else
// between two characters, which is a forced cut.
type Chunk struct {
	// Data is the text, at most the chunk size long. Release makes it invalid.
	Data []byte
	// Input is the index of the input, and Index the chunk's among those of the input.
	Input, Index int
	// Offset is the position of Data in the decompressed text of the input.
	Offset int64
	// Disk is the number of bytes read from disk so far, over all inputs.
	Disk int64
	// Continues is set if Data begins inside a line that the previous chunk began, and Open if it
	// ends inside a line that the next chunk continues.
	Continues, Open bool
	// Decoded is set if the text was decoded from another encoding: U+FFFD in it stands for what had no
	// character.
	Decoded bool
	// InsideRun is set if the previous chunk ended with a forced cut, and Forced if this one does.
	InsideRun, Forced bool

	recycle func()
}

// Release gives the memory of Data back for another chunk. Call it once, or not at all.
func (c *Chunk) Release() {
	c.Data = nil
	if c.recycle != nil {
		c.recycle()
	}
}

// A chunker cuts inputs into chunks.
type chunker struct {
	source  *Source
	size    int
	buffers sync.Pool // of *[]byte, size long
}

func (c *chunker) buffer() *[]byte {
	if b, ok := c.buffers.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, c.size)
	return &b
}

// input reads input i and passes its text to yield in chunks. The last chunk may be empty: it ends
// a line that the chunk before left open.
func (c *chunker) input(ctx context.Context, i int, yield func(Chunk) error) error {
	in := &c.source.inputs[i]
	t, err := in.openText()
	if err != nil {
		return err
	}
	defer t.close()

	chunk := Chunk{Input: i, Offset: t.offset, Decoded: in.charset != nil}
	buffer, kept := c.buffer(), 0
	for last := false; !last; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(t, (*buffer)[kept:])
		last = err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return err
		}
		text := (*buffer)[:kept+n]
		end := len(text)
		chunk.Forced = false
		if !last {
			end, chunk.Forced = cut(text)
		}
		// The rest moves before the chunk leaves, as the receiver may release its buffer.
		next := c.buffer()
		kept = copy(*next, text[end:])

		chunk.Data = text[:end:end]
		chunk.Open = !last && text[end-1] != '\n'
		chunk.Disk = t.disk.n
		full := buffer
		chunk.recycle = func() { c.buffers.Put(full) }
		if end > 0 || chunk.Continues {
			after := Chunk{
				Input: i, Index: chunk.Index + 1, Offset: chunk.Offset + int64(end),
				Continues: chunk.Open, InsideRun: chunk.Forced, Decoded: chunk.Decoded,
			}
			if err := yield(chunk); err != nil {
				return err
			}
			chunk = after
		}
		buffer = next
	}
	c.buffers.Put(buffer)
	return t.check()
}

// cut returns how many bytes of text, which fills a buffer and is not the last of its input, make
// the next chunk, and whether the cut is forced.
func cut(text []byte) (n int, forced bool) {
	if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
		return i + 1, false
	}
	if n := separator.LastEnd(text); n > 0 {
		return n, false
	}
	return wholeRunes(text), true
}

// wholeRunes returns the length of text without an unfinished character at its end.
func wholeRunes(text []byte) int {
	for i := len(text) - 1; i > 0 && i > len(text)-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				return i
			}
			break
		}
	}
	return len(text)
}
