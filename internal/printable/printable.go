// Package printable makes text safe to show: a word, a file name or the output of another program may
// hold characters that move the cursor, set the title of a window or reverse the order of what
// follows.
//
// Such characters become escapes as in Go: ESC is \x1b, U+202E is \u202e. The escapes of DEL and of all
// characters above it are those of JSON as well, so JSON stays valid. Escaped are
//
//   - control characters: C0, DEL and C1, and bytes that are not UTF-8, which some terminals take for C1;
//   - line and paragraph separators (U+2028, U+2029) and the byte-order mark (U+FEFF);
//   - embeddings, overrides and isolates of bidirectional text (U+202A to U+202E, U+2066 to U+2069).
//
// The marks that words need stay: joiners, and U+200E, U+200F and U+061C, which give a direction to one
// place only.
package printable

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// Text returns s with the characters escaped that are not safe to show. Newlines and tabs stay.
func Text(s string) string { return escape(s, true) }

// Line is [Text] for what stands in one line, such as a name: newlines and tabs are escaped, too.
func Line(s string) string { return escape(s, false) }

// escape escapes s. layout keeps newlines and tabs.
func escape(s string, layout bool) string {
	var b strings.Builder
	clean := 0 // what is before is in b
	for i := 0; i < len(s); {
		c := s[i]
		if ' ' <= c && c < 0x7f || layout && (c == '\n' || c == '\t') {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if invalid := r == utf8.RuneError && n == 1; invalid || unsafe(r) {
			b.WriteString(s[clean:i])
			b.WriteString(escaped(r, c, invalid))
			clean = i + n
		}
		i += n
	}
	if clean == 0 {
		return s
	}
	return b.String() + s[clean:]
}

// escaped returns the escape of a character, or of the byte c if it is no character.
func escaped(r rune, c byte, invalid bool) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case invalid || r < ' ':
		return fmt.Sprintf(`\x%02x`, c)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// unsafe reports whether a character is escaped.
func unsafe(r rune) bool {
	return r < ' ' || 0x7f <= r && r < 0xa0 || 0x2028 <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 || r == 0xfeff
}

// A Writer writes [Text] to another writer. A character may be split between two calls of Write.
// Goroutines can share a Writer.
type Writer struct {
	w    io.Writer
	mu   sync.Mutex
	rest []byte // the beginning of a character, 3 bytes at most
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write writes the text p. The beginning of a character at its end is held back until the next call.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := append(w.rest, p...)
	end := len(text)
	for i := end - 1; i >= max(0, end-utf8.UTFMax+1); i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				end = i
			}
			break
		}
	}
	w.rest = append([]byte(nil), text[end:]...)
	if _, err := io.WriteString(w.w, Text(string(text[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}
