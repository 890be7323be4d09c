package filetype

import "testing"

func TestCompression(t *testing.T) {
	for _, test := range []struct{ head, want string }{
		{"", ""},
		{"BZh9 is a strange word", ""},
		{"BZh91AY&SY", "bzip2"},
		{"\x1f\x8b\x08\x00", "gzip"},
		{"\x1f\x8b", ""},
		{"\x5f\x2a\x4d\x18", "zstd"},
		{"P*M", ""},
		{"\xfd7zXZ\x00", "xz"},
		{"the quick brown", ""},
	} {
		if got := Compression([]byte(test.head)); got != test.want {
			t.Errorf("Compression(%q) = %q, want %q", test.head, got, test.want)
		}
	}
}
