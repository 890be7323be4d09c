// Package filetype tells by its first bytes what a file is, and says what helps if it is not what it
// should be. It names archives, office documents, images, models of other tools, and text in
// encodings other than UTF-8.
package filetype

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// HeadBytes is how much of the start of a file [Recognize] looks at. Fewer bytes do if the file
// has no more.
const HeadBytes = 64 << 10

// What a file should hold, for [Error].
const (
	Text    = "a text"
	Vectors = "word vectors"
	Set     = "an evaluation set"
	List    = "a list of words"
	Counts  = "a vocabulary"
	Plan    = "a plan in TOML"
	Queries = "words to look up"
)

// A Type is what a file was recognized as.
type Type struct {
	// Name is its name with an article: "a 7z archive".
	Name string
	// Encoding is the name of the encoding of a text that is not UTF-8, "" for all else.
	Encoding string
	// help says what to do; FILE in it stands for the name of the file, OUT for that name without its
	// extension.
	help string
	// helpVectors is the same for a file that should hold vectors, "" if there is nothing special.
	helpVectors string
}

// An Error reports a file that is not what it should be.
type Error struct {
	// File is the name of the file, Type what it is, Want what was expected.
	File string
	Type *Type
	Want string
}

func (e *Error) Error() string { return e.File + " is " + e.Message() }

// Message returns what the file is and what to do, without its name.
func (e *Error) Message() string {
	help := e.Type.help
	if e.Want == Vectors && e.Type.helpVectors != "" {
		help = e.Type.helpVectors
	}
	want := e.Want
	if want == Text && e.Type.Encoding != "" {
		want = "in UTF-8" // it is a text
	}
	if help == "" {
		return fmt.Sprintf("%s, not %s", e.Type.Name, want)
	}
	file, out := quote(e.File), quote(stem(e.File))
	return fmt.Sprintf("%s, not %s; %s", e.Type.Name, want, strings.NewReplacer("FILE", file, "OUT", out).Replace(help))
}

// Refuse returns the error for a file of a type that only its unpacker can tell. FILE in help stands
// for the name of the file.
func Refuse(f *File, name, help string) error {
	return &Error{f.Name, &Type{Name: name, help: help}, f.Want}
}

// quote returns a file name as a shell takes it.
func quote(name string) string {
	if strings.ContainsAny(name, " \t\n\"'`$&|;<>()*?[]{}\\!#~") {
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}

// stem returns a name without its last extension.
func stem(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > strings.LastIndexByte(name, '/')+1 {
		return name[:i]
	}
	return name + ".out"
}

// Check returns an *[Error] if the file with this start is recognized as something that holds no
// text and no vectors. Pages of the web are refused only if they can't be what was wanted: they are
// text, so a text may be one.
func Check(file string, head []byte, want string) error {
	t := Recognize(head)
	if t == nil && want != Text {
		t = recognizePage(head)
	}
	if t == nil || (t == safetensorsType || t == npyType || t == fastTextType) && want == Vectors {
		return nil
	}
	return &Error{file, t, want}
}

// Recognize returns what a file with this start is, or nil if it may be text or vectors. It does not
// recognize what [Compression] does.
func Recognize(head []byte) *Type {
	head = head[:min(len(head), HeadBytes)]
	for i := range signatures {
		if s := &signatures[i]; len(head) >= s.offset && bytes.HasPrefix(head[s.offset:], []byte(s.bytes)) && (s.also == nil || s.also(head)) {
			return s.is
		}
	}
	if isTar(head) {
		return tarType
	}
	return nil
}

// Compression returns the name of the compressed format that begins with head: "gzip", "bzip2",
// "zstd", "xz" or "zip", or "" for all other data. It needs 10 bytes.
//
// Sources: RFC 1952 (gzip), RFC 8878 (zstd; a stream may begin with a skippable frame), the .xz file
// format 1.0.4, PKWARE's APPNOTE (zip; an empty one has only the end of its directory), and for
// bzip2 the file header with the mark of a first block, or of the end in an empty stream.
func Compression(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b\x08")):
		return "gzip"
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")),
		len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte("\x2a\x4d\x18")):
		return "zstd"
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return "xz"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return "zip"
	case len(head) >= 10 && bytes.HasPrefix(head, []byte("BZh")) && '1' <= head[3] && head[3] <= '9' &&
		(bytes.Equal(head[4:10], []byte("\x31\x41\x59\x26\x53\x59")) || bytes.Equal(head[4:10], []byte("\x17\x72\x45\x38\x50\x90"))):
		return "bzip2"
	}
	return ""
}

// CompressionBytes is how many bytes [Compression] needs.
const CompressionBytes = 10

// MaySignify reports whether head, which is short, may be the start of a signature that this package
// knows. If not, a reader of a terminal or a pipe need not wait for more.
func MaySignify(head []byte) bool {
	for _, s := range signatures {
		if s.offset == 0 && len(head) < len(s.bytes) && strings.HasPrefix(s.bytes, string(head)) {
			return true
		}
	}
	for _, s := range []string{"\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "\xfd7zXZ\x00", "PK\x03\x04", "BZh91AY&SY"} {
		if len(head) < len(s) && strings.HasPrefix(s, string(head)) {
			return true
		}
	}
	return false
}

// CheckText returns an *[Error] if the start of a file is no text in UTF-8: UTF-16 or UTF-32, with or
// without a byte-order mark, or binary data. Text in a legacy encoding passes, as its bytes do not
// tell it from broken UTF-8. whole is true if head is all of the file.
func CheckText(file string, head []byte, whole bool, want string) error {
	if t := textType(head[:min(len(head), HeadBytes)], whole && len(head) <= HeadBytes); t != nil {
		return &Error{file, t, want}
	}
	return nil
}

func textType(head []byte, whole bool) *Type {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return encoded("UTF-32", "text in UTF-32")
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return encoded("UTF-16", "text in UTF-16")
	case bytes.IndexByte(head, 0) < 0:
		return nil
	}
	odd := oddBytes(head)
	for _, wide := range []struct {
		name  string
		bytes int
		order binary.ByteOrder
	}{{"UTF-32LE", 4, binary.LittleEndian}, {"UTF-32BE", 4, binary.BigEndian}, {"UTF-16LE", 2, binary.LittleEndian}, {"UTF-16BE", 2, binary.BigEndian}} {
		if len(head) >= shortWide && 10*odd >= len(head) && isWide(head, wide.bytes, wide.order, whole) {
			return encoded(wide.name, "text in "+wide.name+" without a byte-order mark")
		}
	}
	if len(head) >= shortText && 20*odd > len(head) {
		if wordVectors(head) {
			return &Type{Name: "a file of word vectors in word2vec's binary format"}
		}
		return &Type{Name: "binary data"}
	}
	return nil
}

func encoded(encoding, name string) *Type {
	return &Type{Name: name, Encoding: encoding, help: "convert it to UTF-8 (iconv -f " + encoding + " -t UTF-8 FILE > OUT.utf8.txt)"}
}

// isWide reports whether data is text of units of so many bytes: they decode to characters that text
// has.
func isWide(data []byte, size int, order binary.ByteOrder, whole bool) bool {
	if whole && len(data)%size != 0 {
		return false
	}
	surrogate, units, plain := false, 0, 0
	for ; len(data) >= size; data = data[size:] {
		c := uint32(0)
		if size == 4 {
			c = order.Uint32(data)
		} else {
			c = uint32(order.Uint16(data))
		}
		switch {
		case c < ' ' && (c < '\t' || c > '\r'), c > utf8.MaxRune, c == 0xfffe, c == 0xffff,
			size == 4 && 0xd800 <= c && c < 0xe000, 0x7f <= c && c < 0xa0 && c != 0x85:
			return false
		case surrogate != (size == 2 && 0xdc00 <= c && c < 0xe000):
			return false
		}
		surrogate = size == 2 && 0xd800 <= c && c < 0xdc00
		units++
		if c < 0x80 {
			plain++
		}
	}
	// ASCII in the other byte order decodes to characters too, but hardly any of them is ASCII.
	return 50*plain >= units && units > 0
}

// Below these lengths a file is too short to be called binary data, or text of wide characters.
const (
	shortText = 64
	shortWide = 16
)

// oddBytes returns how many bytes of data are NUL, other control characters that text does not have, or
// not part of UTF-8.
func oddBytes(data []byte) int {
	odd := 0
	for rest := data; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 || r < ' ' && (r < '\t' || r > '\r') && r != 0x1b || r == 0x7f {
			odd++
		}
		rest = rest[n:]
	}
	return odd
}

// wordVectors reports whether data begins with the header of word2vec, two numbers.
func wordVectors(data []byte) bool {
	line, _, found := bytes.Cut(data, []byte("\n"))
	fields := bytes.Fields(line)
	return found && len(fields) == 2 && len(bytes.Trim(line, "0123456789 ")) == 0
}

// isTar reports whether head is the first header of a tar archive, which holds a sum of its bytes.
// Archives older than POSIX have no other mark.
func isTar(head []byte) bool {
	const size, at, width = 512, 148, 8
	if len(head) < size || head[0] == 0 {
		return false
	}
	sum := int64(0)
	for i, c := range head[:size] {
		if i >= at && i < at+width {
			c = ' '
		}
		sum += int64(c)
	}
	digits := bytes.Trim(head[at:at+width], " \x00")
	want, n := int64(0), 0
	for _, c := range digits {
		if c < '0' || c > '7' {
			return false
		}
		want = 8*want + int64(c-'0')
		n++
	}
	return n > 0 && want == sum
}
