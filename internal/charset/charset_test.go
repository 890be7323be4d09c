package charset

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"": "utf-8", "UTF-8": "utf-8", "utf8": "utf-8", "UTF-8-SIG": "utf-8",
		"latin1": "windows-1252", "ISO-8859-1": "windows-1252", "iso8859_1": "windows-1252", "CP1252": "windows-1252", "ASCII": "windows-1252",
		"ISO-8859-15": "iso-8859-15", "LATIN9": "iso-8859-15", "latin-2": "iso-8859-2", "windows-1251": "windows-1251", "cp1251": "windows-1251",
		"KOI8-R": "koi8-r", "koi8_u": "koi8-u", "SJIS": "shift_jis", "Shift_JIS": "shift_jis", "CP932": "shift_jis", "EUC-JP": "euc-jp",
		"eucjp": "euc-jp", "ISO-2022-JP": "iso-2022-jp", "GBK": "gbk", "CP936": "gbk", "GB2312": "gbk", "GB18030": "gb18030", "BIG5": "big5",
		"BIG5-HKSCS": "big5", "EUC-KR": "euc-kr", "CP949": "euc-kr", "UHC": "euc-kr", "UTF-16": "utf-16", "utf_16_le": "utf-16le",
		"UTF-16BE": "utf-16be", "UCS-2": "utf-16", "UTF-32": "utf-32", "UTF-32LE": "utf-32le", "MACINTOSH": "macintosh", "cp437": "ibm437",
		"IBM850": "ibm850", "CP866": "ibm866", "TIS-620": "windows-874", "latin1//TRANSLIT": "windows-1252",
	} {
		c, err := Find(name)
		if err != nil || c.String() != want {
			t.Errorf("Find(%q) = %v, %v, want %s", name, c, err, want)
		}
	}
	for _, name := range []string{"x", "latin99", "replacement", "hz-gb-2312", "//", "?"} {
		if c, err := Find(name); err == nil {
			t.Errorf("Find(%q) = %v, want an error", name, c)
		}
	}
}

func TestReader(t *testing.T) {
	for _, test := range []struct{ encoding, text, want string }{
		{"latin1", "na\xefve", "naïve"},
		{"gbk", "\xd6\xd0\xce\xc4", "中文"},
		{"shift_jis", "\x93\xfa\x96\x7b", "日本"},
		{"koi8-r", "\xcd\xc9\xd2", "мир"},
		{"utf-16", "\xff\xfea\x00b\x00", "ab"},
		{"utf-16", "\xfe\xff\x00a\x00b", "ab"},
		{"utf-16", "a\x00b\x00", "ab"},
		{"utf-16be", "\x00a\x00b", "ab"},
		{"utf-32", "\xff\xfe\x00\x00a\x00\x00\x00", "a"},
		{"shift_jis", "a\xffb", "a\uFFFDb"},
	} {
		c, err := Find(test.encoding)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(c.Reader(strings.NewReader(test.text)))
		if err != nil || string(got) != test.want {
			t.Errorf("%q in %s is %q, %v, want %q", test.text, test.encoding, got, err, test.want)
		}
	}
}

// FuzzFind finds encodings by any name and decodes the name by them. What comes out is UTF-8.
func FuzzFind(f *testing.F) {
	for _, name := range []string{"latin1", "utf-16", "IBM037", "x-user-defined", "ISO_8859-1:1987", "cp437"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		c, err := Find(name)
		if err != nil || c == nil {
			return
		}
		text, err := io.ReadAll(c.Reader(strings.NewReader(name)))
		if err != nil || !utf8.Valid(text) {
			t.Fatalf("%q decodes to %q, %v", name, text, err)
		}
	})
}
