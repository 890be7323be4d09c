// Package charset decodes text in other encodings than UTF-8.
package charset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// A Charset is an encoding of text. nil is UTF-8.
type Charset struct {
	// Name is its name in the WHATWG's standard or, if it has none there, IANA's.
	Name     string
	encoding encoding.Encoding
}

// aliases are the names by which iconv, Python and others know encodings, if the standards lack them.
var aliases = map[string]string{
	"cp932": "shift_jis", "mskanji": "shift_jis", "sjiswin": "shift_jis", "windows932": "shift_jis",
	"cp936": "gbk", "ms936": "gbk", "windows936": "gbk", "euccn": "gbk", "gb18030": "gb18030", "gb180302000": "gb18030",
	"cp949": "euc-kr", "uhc": "euc-kr", "cp950": "big5", "big5hkscs": "big5", "cp874": "windows-874",
	"latin1": "windows-1252", "latin2": "iso-8859-2", "latin3": "iso-8859-3", "latin4": "iso-8859-4", "latin5": "windows-1254",
	"latin6": "iso-8859-10", "latin7": "iso-8859-13", "latin8": "iso-8859-14", "latin9": "iso-8859-15", "latin10": "iso-8859-16",
	"cyrillic": "iso-8859-5", "arabic": "iso-8859-6", "greek": "iso-8859-7", "hebrew": "iso-8859-8", "thai": "windows-874", "tis620": "windows-874",
	"macroman": "macintosh", "maccyrillic": "x-mac-cyrillic", "macukraine": "x-mac-cyrillic",
	"koi8": "koi8-r", "ascii": "us-ascii", "646": "us-ascii", "eucjp": "euc-jp", "ujis": "euc-jp", "euckr": "euc-kr", "iso2022jp": "iso-2022-jp",
	"utf8": "utf-8", "utf8sig": "utf-8", "utf8mac": "utf-8",
}

// wide are the encodings of 16 and 32 bits. Without an order of bytes in its name, the byte-order
// mark tells, and little-endian is assumed if there is none.
var wide = map[string]struct {
	name     string
	encoding encoding.Encoding
}{
	"utf16":   {"utf-16", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	"utf16le": {"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	"utf16be": {"utf-16be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	"ucs2":    {"utf-16", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	"ucs2le":  {"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	"ucs2be":  {"utf-16be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	"unicode": {"utf-16", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	"utf32":   {"utf-32", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)},
	"utf32le": {"utf-32le", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
	"utf32be": {"utf-32be", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
	"ucs4":    {"utf-32", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)},
	"ucs4le":  {"utf-32le", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
	"ucs4be":  {"utf-32be", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
}

// Find returns the charset of a name in any case: a name of the WHATWG's standard of encodings, one
// that IANA has registered, or what iconv or Python call it. It is nil for UTF-8 and for "".
//
// As on the web, the names of ISO 8859-1 and of ASCII stand for windows-1252, which differs from them
// only in having letters and signs for bytes that they leave without.
func Find(name string) (*Charset, error) {
	plain, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(name)), "//") // iconv's //TRANSLIT
	squeezed := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, plain)
	if w, ok := wide[squeezed]; ok {
		return &Charset{w.name, w.encoding}, nil
	}
	if known, ok := aliases[squeezed]; ok {
		plain = known
	}
	if squeezed == "" && name != "" {
		return nil, unknown(name)
	}
	if plain == "" {
		return nil, nil
	}
	e, err := htmlindex.Get(plain)
	if err != nil {
		e, err = htmlindex.Get(strings.ReplaceAll(plain, "_", "-"))
	}
	if err == nil {
		canonical, err := htmlindex.Name(e)
		switch {
		case err != nil || canonical == "replacement":
			return nil, unknown(name)
		case canonical == "utf-8":
			return nil, nil
		}
		return &Charset{canonical, e}, nil
	}
	if e, err = ianaindex.IANA.Encoding(plain); err != nil || e == nil {
		return nil, unknown(name)
	}
	canonical, err := ianaindex.IANA.Name(e)
	if err != nil {
		return nil, unknown(name)
	}
	return &Charset{strings.ToLower(canonical), e}, nil
}

func unknown(name string) error {
	return fmt.Errorf("unknown encoding %q; examples are windows-1252, iso-8859-15, koi8-r, shift_jis, euc-jp, gbk, gb18030, big5, euc-kr, utf-16", name)
}

// String returns the name of the charset.
func (c *Charset) String() string {
	if c == nil {
		return "utf-8"
	}
	return c.Name
}

// Reader returns a reader of r's text in UTF-8. Bytes that stand for no character become U+FFFD.
func (c *Charset) Reader(r io.Reader) io.Reader {
	if c == nil {
		return r
	}
	return transform.NewReader(r, c.encoding.NewDecoder())
}

// Decoder returns a function that decodes the whole text of a list or a set, or nil for UTF-8. A text
// that is UTF-8 already stays as it is: lists that programs and people write stand beside texts of older
// encodings.
func (c *Charset) Decoder() func(text []byte) ([]byte, error) {
	if c == nil {
		return nil
	}
	return c.decode
}

func (c *Charset) decode(text []byte) ([]byte, error) {
	const escape = 0x1b // begins the shifts of ISO-2022, which is ASCII
	if utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 && bytes.IndexByte(text, escape) < 0 {
		return text, nil
	}
	decoded, err := c.encoding.NewDecoder().Bytes(text)
	if err == nil && bytes.Contains(decoded, []byte("\uFFFD")) {
		return nil, errors.New("is neither UTF-8 nor " + c.Name)
	}
	return decoded, err
}
