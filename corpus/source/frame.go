package source

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// The lines that frame a text. No line of escaped tokens begins like them: an escape is hexadecimal digits up to a
// semicolon.
const (
	frameHead = "\\kindred-tokens 1\n"
	frameTail = "\\end "
	// frameTailBytes is the most that the last line can have: the prefix, an int64 and a newline.
	frameTailBytes = len(frameTail) + 19 + 1
)

// A FrameError reports a framed text that is not whole: see [Source.Framed].
type FrameError struct {
	// Name is the name of the input.
	Name string
	// What says what is wrong.
	What string
}

func (e *FrameError) Error() string {
	return fmt.Sprintf("%s: %s; the program that writes the text must have ended too soon; nothing was trained", e.Name, e.What)
}

// A frameReader reads the text inside a frame.
type frameReader struct {
	name  string
	text  io.Reader
	begun bool
	ended bool   // held no longer has the last line
	held  []byte // the last bytes read, which may be the end of the frame
	lines int64  // that were returned
	err   error
}

// Read reads text without its frame. Its errors are those of the text, or a *FrameError.
func (f *frameReader) Read(b []byte) (int, error) {
	if !f.begun {
		if f.err = f.begin(); f.err != nil {
			return 0, f.err
		}
		f.begun = true
	}
	for f.err == nil && len(f.held) <= frameTailBytes {
		f.err = f.fill(max(len(b), frameTailBytes))
	}
	ready := len(f.held) - frameTailBytes
	if f.err == io.EOF {
		if !f.ended {
			if err := f.end(); err != nil {
				f.err = err
				return 0, err
			}
			f.ended = true
		}
		ready = len(f.held)
	}
	if ready <= 0 {
		return 0, f.err
	}
	n := copy(b, f.held[:ready])
	f.lines += int64(bytes.Count(b[:n], []byte{'\n'}))
	f.held = append(f.held[:0], f.held[n:]...)
	return n, nil
}

// begin reads the first line.
func (f *frameReader) begin() error {
	head := make([]byte, len(frameHead))
	n, err := io.ReadFull(f.text, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	if string(head[:n]) != frameHead {
		return &FrameError{f.name, fmt.Sprintf("want the first line %q of escaped tokens, found %q", frameHead, head[:n])}
	}
	return nil
}

// fill reads up to n bytes more.
func (f *frameReader) fill(n int) error {
	start := len(f.held)
	f.held = append(f.held, make([]byte, n)...)
	got, err := f.text.Read(f.held[start:])
	f.held = f.held[:start+got]
	return err
}

// end checks and removes the last line.
func (f *frameReader) end() error {
	start := bytes.LastIndex(f.held, []byte(frameTail))
	if start < 0 || start > 0 && f.held[start-1] != '\n' {
		return &FrameError{f.name, fmt.Sprintf("the last line %q is missing: the text is cut off", frameTail+"N")}
	}
	lines := f.lines + int64(bytes.Count(f.held[:start], []byte{'\n'}))
	if want := frameTail + strconv.FormatInt(lines, 10) + "\n"; string(f.held[start:]) != want {
		return &FrameError{f.name, fmt.Sprintf("want the last line %q, found %.60q", want, f.held[start:])}
	}
	f.held = f.held[:start]
	return nil
}
