package bench

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestPrepare(t *testing.T) {
	dir, results := t.TempDir(), t.TempDir()
	const plain = "one two\tthree\r\n\n four \n"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"plain.txt": []byte(plain), "packed.gz": packed.Bytes(), "empty.txt": []byte(" \n")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(dir, name) }

	direct, err := prepare(context.Background(), []string{at("plain.txt")}, "", results)
	if err != nil {
		t.Fatal(err)
	}
	want := Text{Inputs: []string{at("plain.txt")}, Bytes: int64(len(plain)), Lines: 3, Words: 4, Hash: direct.Hash}
	if diff := cmp.Diff(want, direct, cmpopts.IgnoreUnexported(Text{})); diff != "" {
		t.Errorf("plain text (-want +got):\n%s", diff)
	}
	if direct.path != at("plain.txt") {
		t.Errorf("plain text is read from %s", direct.path)
	}

	unpacked, err := prepare(context.Background(), []string{at("packed.gz")}, "", results)
	if err != nil {
		t.Fatal(err)
	}
	if !unpacked.Unpacked || unpacked.Hash != direct.Hash || filepath.Dir(unpacked.path) != results {
		t.Errorf("packed text is %+v, plain text %+v", unpacked, direct)
	}
	if got, err := os.ReadFile(unpacked.path); err != nil || string(got) != plain {
		t.Errorf("unpacked text is %q, %v", got, err)
	}
	before, err := os.Stat(unpacked.path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := prepare(context.Background(), []string{at("packed.gz")}, "", results); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(unpacked.path); err != nil || !os.SameFile(before, after) {
		t.Errorf("the text was unpacked again: %v", err)
	}

	both, err := prepare(context.Background(), []string{at("plain.txt"), at("packed.gz")}, "", results)
	if err != nil {
		t.Fatal(err)
	}
	if !both.Unpacked || both.Words != 8 || both.Bytes != 2*int64(len(plain)) {
		t.Errorf("two inputs are %+v", both)
	}

	if _, err := prepare(context.Background(), []string{at("empty.txt")}, "", results); err == nil || !strings.Contains(err.Error(), "holds no word") {
		t.Errorf("text without a word: error %v", err)
	}
	if _, err := prepare(context.Background(), []string{at("none.txt")}, "", results); err == nil || !strings.Contains(err.Error(), "none.txt") {
		t.Errorf("text that isn't there: error %v", err)
	}
}
