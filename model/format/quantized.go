package format

import (
	"encoding/binary"
	"io"
	"math"
	"unsafe"

	"kindred/internal/mapping"
	"kindred/internal/safetensors"
	"kindred/model"
)

// A mappedQuantized is a quantized matrix whose integers are in a mapped file.
type mappedQuantized struct {
	*model.Quantized
	file *mapping.File
}

var _ model.BlockStorage = (*mappedQuantized)(nil)

// ReadRow implements [model.Storage]. If the row can't be read, it is zero and Err tells why.
func (m *mappedQuantized) ReadRow(buf []float32, i int) (row []float32) {
	if err := m.Guard(func() { row = m.Quantized.ReadRow(buf, i) }); err != nil {
		return make([]float32, m.Dim)
	}
	return row
}

// Guard calls read, see [model.BlockStorage].
func (m *mappedQuantized) Guard(read func()) error { return m.file.Use(read) }

// Err returns the first error of reading a row, or says that the file has changed since it was opened.
func (m *mappedQuantized) Err() error { return m.file.Err() }

// AsQuantized returns the integers, see [model.AsQuantized].
func (m *mappedQuantized) AsQuantized() *model.Quantized { return m.Quantized }

// quantizedTensors returns the tensors of a quantized matrix, which s reads.
func (c *chunks) quantizedTensors(s model.Storage, q *model.Quantized) []safetensors.Data {
	rows, dim := int64(q.Rows), int64(q.Dim)
	return []safetensors.Data{{
		Tensor: safetensors.Tensor{Name: scalesName, DType: "F32", Shape: []int64{rows}},
		Write: func(w io.Writer) error {
			return c.write(w, q.Rows, 0, func(dst []byte, i int) []byte {
				return binary.LittleEndian.AppendUint32(dst, math.Float32bits(q.Scales[i]))
			})
		},
	}, {
		Tensor: safetensors.Tensor{Name: inputName, DType: "I8", Shape: []int64{rows, dim}},
		Write: func(w io.Writer) error {
			return c.write(w, q.Rows, q.Dim, func(dst []byte, i int) []byte {
				err := model.Guard(s, func() { dst = append(dst, bytesOf(q.Values[i*q.Dim:(i+1)*q.Dim])...) })
				if err != nil {
					dst = append(dst, make([]byte, q.Dim)...) // the hash of a file that is read was checked; Err tells about a mapped one
				}
				return dst
			})
		},
	}}
}

// bytesOf returns the memory of integers.
func bytesOf(values []int8) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values))
}

// int8sOf returns bytes as integers.
func int8sOf(data []byte) []int8 {
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(data))), len(data))
}

// isQuantized reports whether the input matrix consists of integers with scales.
func (r *nativeReader) isQuantized() bool { return r.Find(inputName).DType == "I8" }

// readScales reads the scales of a quantized matrix.
func (r *nativeReader) readScales(t *safetensors.Tensor) error {
	start := r.Offset()
	data, err := r.Bytes(t.End - t.Begin)
	if err != nil {
		return err
	}
	return r.setScales(start, data)
}

// setScales decodes the scales, which are at offset in the file.
func (r *nativeReader) setScales(offset int64, data []byte) error {
	r.scales = make([]float32, len(data)/4)
	for i := range r.scales {
		s := math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		if r.scales[i] = s; !(s >= 0 && s <= math.MaxFloat32/128) {
			return safetensors.Fault(offset+4*int64(i), "the scale of row %d is %v, expected a number from 0 to %g", i+1, s, math.MaxFloat32/128)
		}
	}
	return nil
}

// readInput reads the input matrix, or the part of it that is kept.
func (r *nativeReader) readInput(t *safetensors.Tensor) (model.Storage, error) {
	if t.DType != "I8" {
		return r.readMatrix(t)
	}
	keep := int64(r.keep) * int64(r.dim)
	if r.file != nil {
		return r.mapInput(t), r.SkipBytes(t.End - t.Begin)
	}
	data, err := r.Bytes(keep)
	if err != nil {
		return nil, err
	}
	return r.quantized(data), r.SkipBytes(t.End - t.Begin - keep)
}

// quantized returns the rows that are kept of a quantized matrix.
func (r *nativeReader) quantized(data []byte) *model.Quantized {
	return &model.Quantized{Rows: r.keep, Dim: r.dim, Values: int8sOf(data)}
}

// mapInput returns the rows of the input matrix that are kept, in the mapped file.
func (r *nativeReader) mapInput(t *safetensors.Tensor) model.Storage {
	if t.DType != "I8" {
		return r.mapMatrix(t)
	}
	return &mappedQuantized{r.quantized(r.file.Bytes(r.DataOffset(t), r.keep*r.dim)), r.file}
}

// setInputScales gives a quantized matrix its scales, which may come behind it in the file.
func (r *nativeReader) setInputScales() {
	if q, ok := model.AsQuantized(r.input); ok {
		q.Scales = r.scales[:r.keep:r.keep]
	}
}
