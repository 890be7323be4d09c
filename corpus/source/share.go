package source

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"kindred/internal/filetype"
)

// A stretch is the part of a plain file that a share of a source has, in bytes.
type stretch struct{ from, to int64 }

// Share returns the part of s that the index-th of n processes reads, counted from 1. The parts of all
// processes are the text of s, each line once: part i ends where part i+1 begins. They have about the
// same number of bytes on disk. A line belongs to the process in whose part it begins. A compressed
// file can't be entered in the middle, and an encoding other than UTF-8 may use the byte of a newline
// within a character, so such a file belongs as a whole to the part in which it begins. Many files of
// similar sizes share better than one that is compressed.
//
// Inputs that can be read only once can't be shared. A part may be empty: [Source.Inputs] returns the
// files that the part touches.
func (s *Source) Share(index, n int) (*Source, error) {
	if index < 1 || n < index {
		return nil, fmt.Errorf("share %d of %d, want 1 of 1, or 1 to N of N", index, n)
	}
	if name, once := s.Once(); once {
		return nil, fmt.Errorf("%s can be read only once, so it can't be shared; save it to a file that all processes can read", name)
	}
	total, _ := s.Size()
	// The bounds of the part; the products of large sizes are avoided.
	bound := func(i int) int64 {
		return total/int64(n)*int64(i) + total%int64(n)*int64(i)/int64(n)
	}
	from, to := bound(index-1), bound(index)
	part := &Source{encoding: s.encoding}
	start := int64(0) // of the input, in bytes of all
	for _, in := range s.inputs {
		size := in.info.Size()
		end := start + size
		begins := from <= start && start < to || index == n && start == total // an empty file at the end
		if begins || start < from && from < end {
			whole, err := in.indivisible()
			if err != nil {
				return nil, err
			}
			switch {
			case whole && begins:
				part.inputs = append(part.inputs, in)
			case !whole:
				in.part = &stretch{}
				if in.part.from, err = in.lineStart(from - start); err == nil {
					in.part.to, err = in.lineStart(to - start)
				}
				if err != nil {
					return nil, err
				}
				if in.part.from < in.part.to || begins && size == 0 {
					part.inputs = append(part.inputs, in)
				}
			}
		}
		start = end
	}
	return part, nil
}

// indivisible tells whether the file has to be read from its start.
func (in *input) indivisible() (bool, error) {
	if in.charset != nil {
		return true, nil
	}
	f, err := os.Open(in.name)
	if err != nil {
		return false, fmt.Errorf("input %q: %w", in.name, err)
	}
	defer f.Close()
	head := make([]byte, filetype.HeadBytes)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, fmt.Errorf("input %q: reading failed at byte %d: %w", in.name, n, err)
	}
	head = head[:n]
	if filetype.Compression(head) != "" {
		return true, nil
	}
	// What is no text is refused here, since a part of it may look like text.
	if err := filetype.Check(in.name, head, filetype.Text); err != nil {
		return false, err
	}
	return false, filetype.CheckText(in.name, head, n < filetype.HeadBytes, filetype.Text)
}

// lineStart returns the position of the first line that begins at byte at or later; the end of the
// file if there is none.
func (in *input) lineStart(at int64) (int64, error) {
	if at <= 0 {
		return 0, nil
	}
	if size := in.info.Size(); at >= size {
		return size, nil
	}
	f, err := os.Open(in.name)
	if err != nil {
		return 0, fmt.Errorf("input %q: %w", in.name, err)
	}
	defer f.Close()
	position := at - 1 // its byte may be the newline before at
	r := bufio.NewReaderSize(io.NewSectionReader(f, position, in.info.Size()-position), readBuffer)
	for {
		text, err := r.ReadSlice('\n')
		position += int64(len(text))
		switch {
		case bytes.HasSuffix(text, []byte{'\n'}) || err == io.EOF:
			return position, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return 0, fmt.Errorf("input %q: reading failed at byte %d: %w", in.name, position, err)
		}
	}
}

// bytes returns how many bytes of a file are read: its size, or that of the part that a share has.
func (in *input) bytes() int64 {
	if in.part != nil {
		return in.part.to - in.part.from
	}
	return in.info.Size()
}

// Files yields the name of each input that is a file, and what [Open] found, in the order they are read.
func (s *Source) Files() iter.Seq2[string, fs.FileInfo] {
	return func(yield func(string, fs.FileInfo) bool) {
		for i := range s.inputs {
			if in := &s.inputs[i]; in.info != nil && !yield(in.name, in.info) {
				return
			}
		}
	}
}
