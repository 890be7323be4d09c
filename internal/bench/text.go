package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/zeebo/xxh3"

	"kindred/corpus/source"
	"kindred/internal/atomicfile"
)

// A Text is the plain file that all tools read.
type Text struct {
	// Inputs are the files it was made from.
	Inputs []string `json:"inputs"`
	// Unpacked reports that the inputs were written to one plain file before the first round. That time
	// counts for no tool.
	Unpacked bool `json:"unpacked"`
	// Words stand between ASCII white space.
	Bytes int64 `json:"bytes"`
	Lines int64 `json:"lines"`
	Words int64 `json:"words"`
	// Hash is the XXH3 hash of the bytes, with 64 bits.
	Hash string `json:"hash"`
	path string
}

// prepare counts the text that patterns name, in an encoding. Unless the text is one plain file, it
// writes the text to a file in dir, or uses the file of an earlier run.
func prepare(ctx context.Context, patterns []string, encoding, dir string) (Text, error) {
	src, err := source.Open(patterns...)
	if err == nil {
		err = src.Decode(encoding)
	}
	if err != nil {
		return Text{}, err
	}
	size, known := src.Size()
	if !known {
		return Text{}, fmt.Errorf("an input is no regular file, but each tool has to read it: %s", enumerate(src.Inputs()))
	}
	var m meter
	if err := src.Concat(ctx, &m); err != nil {
		return Text{}, err
	}
	t := m.text()
	t.Inputs = src.Inputs()
	if t.Words == 0 {
		return Text{}, fmt.Errorf("the input holds no word: %s", enumerate(t.Inputs))
	}
	if len(t.Inputs) == 1 && size == t.Bytes && encoding == "" {
		t.path, err = filepath.Abs(t.Inputs[0])
		return t, err
	}
	t.Unpacked = true
	if t.path, err = filepath.Abs(filepath.Join(dir, "text-"+t.Hash+".txt")); err != nil {
		return Text{}, err
	}
	// Only a complete file has this name.
	if info, err := os.Stat(t.path); err == nil && info.Size() == t.Bytes {
		return t, nil
	}
	return t, unpack(ctx, src, t.path)
}

func unpack(ctx context.Context, src *source.Source, path string) error {
	return atomicfile.Write(path, func(f io.Writer) error {
		w := bufio.NewWriterSize(f, 1<<20)
		return errors.Join(src.Concat(ctx, w), w.Flush())
	})
}

// A meter counts and hashes the text that is written to it.
type meter struct {
	hash                xxh3.Hasher
	bytes, lines, words int64
	inWord              bool
}

func (m *meter) Write(b []byte) (int, error) {
	_, _ = m.hash.Write(b) // never fails
	m.bytes += int64(len(b))
	for _, c := range b {
		switch c {
		case '\n':
			m.lines++
			m.inWord = false
		case ' ', '\t', '\r', '\v', '\f':
			m.inWord = false
		default:
			if !m.inWord {
				m.words++
			}
			m.inWord = true
		}
	}
	return len(b), nil
}

func (m *meter) text() Text {
	return Text{Bytes: m.bytes, Lines: m.lines, Words: m.words, Hash: fmt.Sprintf("%016x", m.hash.Sum64())}
}
