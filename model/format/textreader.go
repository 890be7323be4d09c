package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"kindred/model"
)

const (
	// blockBytes is the size of the blocks in which a text is parsed.
	blockBytes = 1 << 20
	// checkBlocks is how many blocks are read before it is checked again whether their vectors fit in
	// memory.
	checkBlocks = 64
)

// A textReader reads the rows of a text format. One goroutine cuts the text into blocks of whole lines
// and counts the lines, so each block knows its first row. The others parse blocks: into the matrix if
// the number of rows is certain, otherwise into slices of their own.
type textReader struct {
	in  *input
	dim int
	// vectors is the number of rows that the header or the file of the words promises, -1 if there is
	// neither or if promises don't count.
	vectors int
	// given are the words of the rows if the lines have none, and words is the file that they are in.
	given []string
	words string
	// line is the number of the line that the next block starts with.
	line int64
	// spacedWords is true if a word may contain spaces.
	spacedWords bool
	// matrix takes the vectors; nil if the number of rows is not certain.
	matrix *model.Matrix

	rows    int // rows handed out so far
	first   int // rows to read, 0 for all
	surplus *SyntaxError
	blocks  []*textBlock
	rest    []byte      // what was read but belongs to the next block
	buffers chan []byte // free buffers
	failed  atomic.Bool
}

// A textBlock is a run of whole lines.
type textBlock struct {
	buffer  []byte // contains text
	text    []byte // without the last newline
	line    int64  // the number of the first line
	row     int    // the row of the first line
	rows    int
	words   []string
	skipped skips
	// values are the vectors, unless they go to the matrix.
	values []float32
	err    *SyntaxError
}

// read reads all rows.
func (t *textReader) read() (*model.Embeddings, error) {
	if t.first = t.in.first; t.vectors >= 0 && t.first >= t.vectors {
		t.first = 0
	}
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
		return nil, t.in.named(err)
	}
	return t.collect()
}

// cutBlocks sends the blocks of the input to work, until the input ends, has more rows than it should,
// or a block proves broken.
func (t *textReader) cutBlocks(work chan<- *textBlock) error {
	for last := false; !last && !t.failed.Load(); {
		buffer, n, err := t.fill(<-t.buffers)
		if errors.As(err, &t.surplus) {
			return nil
		}
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
		if t.first > 0 && b.rows >= t.first-t.rows {
			b.rows, last = t.first-t.rows, true
		} else if t.vectors >= 0 && b.rows > t.vectors-t.rows {
			b.rows, last = t.vectors-t.rows, true
			t.surplus = t.fault(t.line+int64(b.rows), "the header promises %d vectors, but here is another line", t.vectors)
			if t.given != nil {
				t.surplus = t.fault(t.line+int64(b.rows), "%s has %d words, but here is another vector", t.words, t.vectors)
			}
		}
		t.rows += b.rows
		if t.matrix == nil && len(t.blocks)%checkBlocks == checkBlocks-1 {
			// What was read is in memory; the matrix comes on top of it.
			if err := t.in.checkMemory(1, t.rows, t.dim); err != nil {
				return err
			}
		}
		t.line += int64(b.rows)
		t.blocks = append(t.blocks, b)
		work <- b
	}
	return nil
}

// maxLineBytes is the length of the longest line that is read, whatever the dimension.
const maxLineBytes = 64 << 20

// lineLimit is the length of the longest line: a word, and numbers of up to 64 bytes with their blanks.
func (t *textReader) lineLimit() int {
	const word, value = 2 * maxWordBytes, 64
	return word + value*min(t.dim, (maxLineBytes-word)/value)
}

// fill reads the next block into buffer, which it grows for a long line. It returns the buffer and the
// length of the lines in it, without the blanks and the newline at their end. The error is io.EOF for
// the last block.
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
		if len(bytes.TrimLeft(buffer[:n], " \t\r\n")) == 0 {
			return buffer, 0, t.skipBlanks(buffer)
		}
		if line := n - 1 - bytes.LastIndexByte(buffer[:n], '\n'); line > t.lineLimit() {
			return buffer, 0, t.fault(t.line+int64(bytes.Count(buffer[:n], []byte("\n"))),
				"the line is longer than %d bytes, too long for a word and %d values", t.lineLimit(), t.dim)
		}
		// Empty lines go to the next block, as those at the end of the input do not count.
		if end := len(bytes.TrimRight(buffer[:bytes.LastIndexByte(buffer[:n], '\n')+1], " \t\r\n")); end > 0 {
			newline := end + bytes.IndexByte(buffer[end:n], '\n')
			t.rest = append(t.rest[:0], buffer[newline+1:n]...)
			return buffer, end, nil
		}
		buffer = append(buffer, make([]byte, len(buffer))...)
	}
}

// skipBlanks reads on behind a block that has nothing but blanks and empty lines, and keeps none of
// them. The error is io.EOF if nothing else follows.
func (t *textReader) skipBlanks(block []byte) error {
	empty := bytes.IndexByte(block, '\n') >= 0
	for {
		if _, err := t.in.r.Peek(1); err != nil {
			return err
		}
		data, _ := t.in.r.Peek(t.in.r.Buffered())
		rest := bytes.TrimLeft(data, " \t\r\n")
		switch {
		case len(rest) > 0 && empty:
			return t.fault(t.line, "%v", t.columns(nil))
		case len(rest) > 0:
			return t.fault(t.line, "%v", errEmptyWord)
		}
		empty = empty || bytes.IndexByte(data, '\n') >= 0
		_, _ = t.in.r.Discard(len(data))
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
		t.in.skipped.merge(&b.skipped)
		words = append(words, b.words...)
		chunks = append(chunks, b.values)
	}
	switch {
	case t.surplus != nil:
		return nil, t.surplus
	case t.rows < t.vectors && t.first == 0:
		if t.given != nil {
			return nil, t.fault(t.line, "the file ends after %d vectors, but %s has %d words: it is cut off, or the words are those of another file", t.rows, t.words, t.vectors)
		}
		return nil, t.fault(t.line, "the file ends after %d vectors, its header promises %d: it is cut off, or the header is wrong", t.rows, t.vectors)
	case t.rows == 0:
		return nil, t.fault(t.line, "%v", errNoVectors)
	case len(words) == 0:
		return nil, t.in.nothingLeft()
	}
	m := t.matrix
	if m == nil {
		var err error
		if m, err = t.in.joinRows(chunks, t.dim); err != nil {
			return nil, err
		}
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

// parse parses the lines of the block, up to the first broken one.
func (b *textBlock) parse(t *textReader) {
	rest := b.text
	if t.matrix == nil && t.in.words == nil { // no more than the text can hold, whatever dim is
		b.values = make([]float32, 0, min(b.rows*t.dim, len(rest)/2))
	}
	var text []byte // all words
	ends := make([]int, 0, b.rows)
	for i := range b.rows {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		rest = after
		kept := len(b.values)
		word, err := b.parseLine(t, i, line)
		if err != nil {
			if bad := asRowFault(err); t.in.skipBad && bad != nil {
				b.values = b.values[:kept]
				b.skipped.add(bad.kind, bad.word, fmt.Sprintf("line %d", b.line+int64(i)))
				continue
			}
			b.err = t.fault(b.line+int64(i), "%v", err)
			return
		}
		if word == nil {
			continue
		}
		text = append(text, word...)
		ends = append(ends, len(text))
	}
	b.words = cutWords(text, ends)
}

// parseLine stores the vector in line, which is row i of the block, and returns its word. The word is
// nil if it is not one of those that are read.
func (b *textBlock) parseLine(t *textReader, i int, line []byte) ([]byte, error) {
	line = bytes.TrimRight(line, " \t\r")
	start := 0 // of the values
	word := line
	if t.given != nil {
		if word = []byte(t.given[b.row+i]); len(word) == 0 {
			return nil, &rowFault{badEmptyWord, nil, fmt.Errorf("the word in %s is empty", t.words)}
		}
	} else {
		if len(line) > 0 && isBlank(line[0]) {
			return nil, &rowFault{badEmptyWord, nil, errEmptyWord}
		}
		start = wordEnd(line)
		word = line[:start]
	}
	// A word with spaces is looked for only if there is a reason to, as it takes as long as parsing.
	longer := 0
	wanted := t.in.wants(word)
	if !wanted && t.spacedWords {
		longer = spacedWordEnd(line, t.dim)
		wanted = longer > start && t.in.wants(line[:longer])
	}
	if !wanted {
		return nil, nil
	}
	if len(line)-start < 2*t.dim-1 { // a digit per value and a blank between two
		return nil, t.columns(line)
	}
	var dst []float32
	if t.matrix != nil {
		dst = t.matrix.Row(b.row + i)
	} else {
		n := len(b.values)
		b.values = slices.Grow(b.values, t.dim)[:n+t.dim]
		dst = b.values[n:]
	}
	err := parseValues(dst, line[start:])
	if err != nil && t.given == nil && (t.spacedWords || t.in.skipBad) {
		longer = spacedWordEnd(line, t.dim)
	}
	if err != nil && longer > start {
		switch spaced := parseValues(dst, line[longer:]); {
		case spaced != nil && !errors.Is(spaced, errNotFinite) && !errors.Is(spaced, errTooLarge):
		case t.spacedWords:
			word, err = line[:longer], spaced
		case spaced == nil:
			return nil, &rowFault{badBlankWord, line[:longer], err}
		}
	}
	switch {
	case bytes.IndexByte(word, '\r') >= 0 && t.given == nil: // what would be a word is several lines
		return nil, errCR
	case err == errColumns:
		return nil, t.columns(line)
	case err != nil:
		kind := badNumber
		if errors.Is(err, errNotFinite) || errors.Is(err, errTooLarge) {
			kind = badFinite
		}
		return nil, &rowFault{kind, word, fmt.Errorf("word %.60q: %w", word, err)}
	case len(word) > maxWordBytes && t.given == nil:
		return nil, &rowFault{badLongWord, word, fmt.Errorf("word %.60q… has %d bytes, at most %d are possible", word[:60], len(word), maxWordBytes)}
	case !t.in.wants(word):
		b.values = b.values[:len(b.values)-t.dim]
		return nil, nil
	}
	return word, nil
}

// columns returns the error for a line with the wrong number of values.
func (t *textReader) columns(line []byte) error {
	start := wordEnd(line)
	if t.given != nil {
		start = 0
	}
	n := len(splitFields(line[start:]))
	switch {
	case t.given != nil:
		return &rowFault{badColumns, line, fmt.Errorf("found %d values, expected %d", n, t.dim)}
	case len(line) == 0:
		return &rowFault{badColumns, line, fmt.Errorf("the line is empty, expected a word and %d values", t.dim)}
	}
	return &rowFault{badColumns, line[:start], fmt.Errorf("word %.60q: found %d values, expected %d", line[:start], n, t.dim)}
}

// wordEnd returns the length of the word at the start of line, which ends before a blank.
func wordEnd(line []byte) int {
	for i, c := range line {
		if isBlank(c) {
			return i
		}
	}
	return len(line)
}

// spacedWordEnd returns the length of what precedes the last dim fields of line. It returns 0 if that
// can't be a word: it is empty, or ends in a number, so the line more likely has too many values. But
// an integer before values that are none ends a word, as in "Apollo 11 0.5 0.25".
func spacedWordEnd(line []byte, dim int) int {
	integers := true
	for range dim {
		line = bytes.TrimRight(line, " \t\r")
		last := lastField(line)
		integers = integers && isInteger(last)
		line = line[:len(line)-len(last)]
	}
	line = bytes.TrimRight(line, " \t\r")
	if last := lastField(line); isNumber(last) && (integers || !isInteger(last)) {
		return 0
	}
	return len(line)
}

// isInteger reports whether field has only digits, after a sign or without one.
func isInteger(field []byte) bool {
	if len(field) > 1 && (field[0] == '-' || field[0] == '+') {
		field = field[1:]
	}
	return len(field) > 0 && len(bytes.Trim(field, "0123456789")) == 0
}

// lastField returns what follows the last blank in line.
func lastField(line []byte) []byte {
	i := len(line)
	for i > 0 && !isBlank(line[i-1]) {
		i--
	}
	return line[i:]
}

var (
	errColumns   = errors.New("wrong number of values")
	errCR        = errors.New("lines end in CR alone, expected LF or CR LF; convert the file (tr '\\r' '\\n')")
	errEmptyWord = errors.New("the word is empty: the line starts with a blank")
)

// parseValues sets dst to the numbers in line, each of which follows blanks. The error is errColumns
// if there are more or fewer.
func parseValues(dst []float32, line []byte) error {
	for i := range dst {
		line = trimBlanks(line)
		if len(line) == 0 {
			return errColumns
		}
		v, n := scanFloat(line)
		if n == 0 || n < len(line) && !isBlank(line[n]) {
			n = wordEnd(line)
			var err error
			if v, err = parseFloat(line[:n]); err != nil {
				return fmt.Errorf("value %d of %d, %.40q, %w", i+1, len(dst), line[:n], err)
			}
		}
		dst[i] = v
		line = line[n:]
	}
	if len(trimBlanks(line)) > 0 {
		return errColumns
	}
	return nil
}

// trimBlanks removes the blanks at the start of line.
func trimBlanks(line []byte) []byte {
	for len(line) > 0 && isBlank(line[0]) {
		line = line[1:]
	}
	return line
}

// cutWords returns the words in text. Word i ends at ends[i].
func cutWords(text []byte, ends []int) []string {
	all := string(text)
	words := make([]string, len(ends))
	start := 0
	for i, end := range ends {
		words[i] = all[start:end]
		start = end
	}
	return words
}
