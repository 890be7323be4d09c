package format

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"kindred/model"
)

// A fileReader reads the numbers and rows of a binary file, all little-endian, and knows where it is.
type fileReader struct {
	in *input
	// kind is what the file should be, for errors: "a fastText model".
	kind   string
	offset int64
	// bad has the rows of words with a value that is not a finite number, if rows may be left out.
	bad map[int]bool
}

func (r *fileReader) fail(format string, args ...any) error {
	return &SyntaxError{Name: r.in.name, Offset: r.offset, Reason: "in " + r.kind + ": " + fmt.Sprintf(format, args...)}
}

// cut explains an error of reading.
func (r *fileReader) cut(err error, what string) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return r.fail("the file ends in %s", what)
	}
	return r.in.named(err)
}

// values reads fixed-size values.
func (r *fileReader) values(what string, into ...any) error {
	for _, v := range into {
		if err := binary.Read(r.in.r, binary.LittleEndian, v); err != nil {
			return r.cut(err, what)
		}
		r.offset += int64(binary.Size(v))
	}
	return nil
}

// end returns an error if the file goes on.
func (r *fileReader) end(after string) error {
	if _, err := r.in.r.Peek(1); err != io.EOF {
		return r.fail("the file goes on after %s", after)
	}
	return nil
}

// rows reads rows of float32, of which the first are those of words: with SkipBad, such a row with a value that
// is not a finite number is zero, and noted in r.bad. Memory is allocated for what the file has room for, or as rows arrive
// if nobody knows its size.
func (r *fileReader) rows(what string, rows, columns int64, words int) (*model.Matrix, error) {
	rowBytes := 4 * columns
	switch {
	case rows > math.MaxInt32 || !model.Fits(rows, columns):
		return nil, r.fail("%s of %d x %d is too large for this machine", what, rows, columns)
	case r.in.size >= 0 && r.in.size-r.offset < rows*rowBytes:
		return nil, r.fail("%s has %d rows of %d values, which is more than the rest of the file", what, rows, columns)
	}
	var m *model.Matrix
	var chunk []float32
	var chunks [][]float32
	most := int(max(1, chunkBytes/rowBytes)) // rows in a chunk
	if r.in.size >= 0 {
		var err error
		if m, err = r.in.matrix(int(rows), int(columns)); err != nil {
			return nil, err
		}
	}
	buf := make([]byte, rowBytes)
	for row := range int(rows) {
		if _, err := io.ReadFull(r.in.r, buf); err != nil {
			return nil, r.cut(err, fmt.Sprintf("row %d of %d of %s", row+1, rows, what))
		}
		var dst []float32
		if m != nil {
			dst = m.Row(row)
		} else {
			if row%most == 0 {
				chunk = make([]float32, min(most, int(rows)-row)*int(columns))
				chunks = append(chunks, chunk)
			}
			dst = chunk[row%most*int(columns):][:columns]
		}
		if err := decodeFloats(dst, buf); err != nil {
			if !r.in.skipBad || row >= words {
				return nil, r.fail("row %d of %s: a value %v", row+1, what, err)
			}
			clear(dst)
			r.markBad(row)
		}
		r.offset += rowBytes
	}
	if m != nil {
		return m, nil
	}
	return r.in.joinRows(chunks, int(columns))
}

func (r *fileReader) markBad(row int) {
	if r.bad == nil {
		r.bad = make(map[int]bool)
	}
	r.bad[row] = true
}
