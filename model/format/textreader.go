package format

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"kindred/model"
)

// blockBytes is the size of the blocks that a text is cut into for parsing.
const blockBytes = 1 << 20

// A textReader reads the rows of a text format. One goroutine cuts the text
// into blocks of whole lines and counts these, so that each block knows its
// first row; the others parse blocks straight into the matrix where the
// number of rows is known for sure, and into slices of their own elsewhere.
type textReader struct {
	in  *input
	dim int
	// vectors is the number of rows that a header promises, -1 without one.
	vectors int
	// line is the number of the line that the next block starts with.
	line int64
	// spacedWords is set where a word may contain spaces.
	spacedWords bool
	// matrix takes the vectors; nil where the number of rows is not certain.
	matrix *model.Matrix

	rows    int // rows handed out so far
	surplus *SyntaxError
	blocks  []*textBlock
	rest    []byte      // what was read but belongs to the next block
	buffers chan []byte // that are free
	failed  atomic.Bool
}

// A textBlock is a run of whole lines.
type textBlock struct {
	buffer []byte // which text is a part of
	text   []byte // without the last newline
	line   int64  // the number of the first line
	row    int    // the row of the first line
	rows   int
	words  []string
	// values are the rows' vectors, where they don't go to the matrix.
	values []float32
	err    *SyntaxError
}

// read reads all rows.
func (t *textReader) read() (*model.Embeddings, error) {
	workers := runtime.GOMAXPROCS(0)
	t.buffers = make(chan []byte, 2*workers)
	for range cap(t.buffers) {
		t.buffers <- nil // made when needed
	}
	work := make(chan *textBlock)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for b := range work {
				b.parse(t)
				if b.err != nil {
					t.failed.Store(true)
				}
				t.buffers <- b.buffer
				b.buffer, b.text = nil, nil
			}
		})
	}
	err := t.cutBlocks(work)
	close(work)
	group.Wait()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.in.name, err)
	}
	return t.collect()
}

// cutBlocks sends the blocks of the input to work until it ends, has more
// rows than it should, or a block is found broken.
func (t *textReader) cutBlocks(work chan<- *textBlock) error {
	for last := false; !last && !t.failed.Load(); {
		buffer, n, err := t.fill(<-t.buffers)
		if err != nil && err != io.EOF {
			return err
		}
		last = err == io.EOF
		b := &textBlock{buffer: buffer, text: buffer[:n], line: t.line, row: t.rows}
		if last {
			b.text = bytes.TrimRight(b.text, " \t\r\n")
		}
		if len(b.text) > 0 || !last {
			b.rows = bytes.Count(b.text, []byte("\n")) + 1
		}
		if t.vectors >= 0 && b.rows > t.vectors-t.rows {
			b.rows, last = t.vectors-t.rows, true
			t.surplus = t.fault(t.line+int64(b.rows), "the header promises %d vectors, but here is another line", t.vectors)
		}
		t.rows += b.rows
		t.line += int64(b.rows)
		t.blocks = append(t.blocks, b)
		work <- b
	}
	return nil
}

// fill reads the next block into buffer, which it grows where a line needs
// that, and returns it with the length of the lines in it, without the blanks
// and the newline at their end. The error is io.EOF with the last block.
func (t *textReader) fill(buffer []byte) ([]byte, int, error) {
	if len(buffer) < blockBytes {
		buffer = make([]byte, blockBytes)
	}
	n := copy(buffer, t.rest)
	for {
		m, err := io.ReadFull(t.in.r, buffer[n:])
		n += m
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return buffer, n, io.EOF
		}
		if err != nil {
			return buffer, 0, err
		}
		// Empty lines stay for the next block: they are none at the end of
		// the input.
		if end := len(bytes.TrimRight(buffer[:bytes.LastIndexByte(buffer[:n], '\n')+1], " \t\r\n")); end > 0 {
			newline := end + bytes.IndexByte(buffer[end:n], '\n')
			t.rest = append(t.rest[:0], buffer[newline+1:n]...)
			return buffer, end, nil
		}
		buffer = append(buffer, make([]byte, len(buffer))...)
	}
}

// collect joins the blocks.
func (t *textReader) collect() (*model.Embeddings, error) {
	words := make([]string, 0, t.rows)
	chunks := make([][]float32, 0, len(t.blocks))
	for _, b := range t.blocks {
		if b.err != nil {
			return nil, b.err
		}
		words = append(words, b.words...)
		chunks = append(chunks, b.values)
	}
	switch {
	case t.surplus != nil:
		return nil, t.surplus
	case t.rows < t.vectors:
		return nil, t.fault(t.line, "the file ends after %d vectors, its header promises %d: it is cut off, or the header is wrong", t.rows, t.vectors)
	case t.rows == 0:
		return nil, t.fault(t.line, "%v", errNoVectors)
	}
	m := t.matrix
	if m == nil {
		m = joinRows(chunks, t.dim)
	}
	e, err := newEmbeddings(words, m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.in.name, err)
	}
	return e, nil
}

func (t *textReader) fault(line int64, format string, args ...any) *SyntaxError {
	return &SyntaxError{Name: t.in.name, Line: line, Reason: fmt.Sprintf(format, args...)}
}
