package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// defaultPieceSize is the largest size of a piece, in bytes. It has to exceed
// MaxTokenBytes by far, so that a run of text that had to be cut is too long
// for a token.
const defaultPieceSize = 1 << 20

// A piece is a stretch of the decompressed text of one input, at most
// Source.pieceSize bytes long. Where it ends depends on the text alone: after
// the last newline that fits, else after the last separator, else (a forced
// cut) between two characters.
type piece struct {
	data   []byte
	input  int   // index of the input
	index  int   // of the piece among those of the input
	offset int64 // of data in the decompressed text of the input
	disk   int64 // bytes read from disk so far, over all inputs

	continues bool // data begins inside a line that the previous piece began
	open      bool // data ends inside a line that the next piece continues
	insideRun bool // the previous piece ended with a forced cut
	forced    bool // this piece ends with a forced cut

	recycle func()
}

// release gives the memory of data back for another piece. It is called
// once, or not at all.
func (p *piece) release() {
	p.data = nil
	if p.recycle != nil {
		p.recycle()
	}
}

// inputPieces does the work of pieces for input i.
func (s *Source) inputPieces(ctx context.Context, i int, yield func(piece) error) error {
	in := &s.inputs[i]
	t, err := in.openText()
	if err != nil {
		return err
	}
	defer t.close()

	p := piece{input: i}
	buffer, held := s.buffer(), 0
	for last := false; !last; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(t, (*buffer)[held:])
		last = err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return err
		}
		text := (*buffer)[:held+n]
		if p.offset == 0 {
			if err := checkEncoding(in.name, text); err != nil {
				return err
			}
		}
		cut := len(text)
		p.forced = false
		if !last {
			cut, p.forced = cutPiece(text)
		}
		// The rest moves before the piece leaves: its buffer may be reused
		// from then on.
		next := s.buffer()
		held = copy(*next, text[cut:])

		p.data = text[:cut:cut]
		p.open = !last && text[cut-1] != '\n'
		p.disk = t.disk.n
		full := buffer
		p.recycle = func() { s.buffers.Put(full) }
		if cut > 0 || p.continues {
			after := piece{
				input: i, index: p.index + 1, offset: p.offset + int64(cut),
				continues: p.open, insideRun: p.forced,
			}
			if err := yield(p); err != nil {
				return err
			}
			p = after
		}
		buffer = next
	}
	s.buffers.Put(buffer)
	return t.check()
}

var newline = []byte{'\n'}

func (s *Source) buffer() *[]byte {
	if b, ok := s.buffers.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, s.pieceSize)
	return &b
}

// cutPiece returns how many bytes of text, which is full and not the last of
// its input, make the next piece, and whether the cut is forced.
func cutPiece(text []byte) (n int, forced bool) {
	if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
		return i + 1, false
	}
	if n := lastSeparatorEnd(text); n > 0 {
		return n, false
	}
	return wholeRunes(text), true
}

// lastSeparatorEnd returns the end of the last separator in text, 0 where
// there is none.
func lastSeparatorEnd(text []byte) int {
	for i := len(text) - 1; i >= 0; i-- {
		if utf8.RuneStart(text[i]) {
			if n := separatorLen(text[i:]); n > 0 {
				return i + n
			}
		}
	}
	return 0
}

// wholeRunes returns the length of text without an unfinished character at
// its end.
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

var errUTF16 = errors.New("begins with a byte-order mark of UTF-16; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)")

// checkEncoding refuses an input in UTF-16, of which every letter would
// become a token.
func checkEncoding(name string, text []byte) error {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return fmt.Errorf("%s %w", name, errUTF16)
	}
	return nil
}
