package safetensors

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Offsets are right where rows x dim exceeds 2^31 and 2^32 values, and files
// of more than 2^63 bytes are refused.
func TestTensorOffsetsOfAnySize(t *testing.T) {
	const words, dim = math.MaxInt32, 1000
	shapes := []*Tensor{
		{Name: "a", DType: "I64", Shape: []int64{words}},
		{Name: "b", DType: "F32", Shape: []int64{words, dim}},
		{Name: "c", DType: "F32", Shape: []int64{words, dim}},
		{Name: "d", DType: "U8", Shape: []int64{1 << 40}},
	}
	h := &header{metadata: map[string]string{}, tensors: shapes}
	size, err := h.place()
	if err != nil {
		t.Fatal(err)
	}
	ends := []int64{8 * words, 8*words + 4*words*dim, 8*words + 8*words*dim, 8*words + 8*words*dim + 1<<40}
	for i, tensor := range shapes {
		if tensor.End != ends[i] || i > 0 && tensor.Begin != ends[i-1] {
			t.Errorf("tensor %v: data from %d to %d, want the end %d", tensor, tensor.Begin, tensor.End, ends[i])
		}
	}
	if size != ends[3] {
		t.Errorf("%d bytes of data, want %d", size, ends[3])
	}
	encoded, err := h.encode(shapes[1].Begin)
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(binary.LittleEndian.Uint64(encoded)); n != int64(len(encoded)-8) || (8+n+shapes[1].Begin)%64 != 0 {
		t.Errorf("the header of %d bytes says %d, and its second tensor is not aligned", len(encoded), n)
	}
	again, err := parseHeader(encoded[8:])
	if err != nil {
		t.Fatal(err)
	}
	for i, tensor := range again.tensors {
		tensor.Entry = 0
		if diff := cmp.Diff(shapes[i], tensor); diff != "" {
			t.Error(diff)
		}
	}
	if got, err := again.check(); got != size || err != nil {
		t.Errorf("check says %d bytes, %v; want %d", got, err, size)
	}

	for _, tooLarge := range [][]*Tensor{
		{{Name: "a", DType: "F32", Shape: []int64{1 << 31, 1 << 30}}},
		{{Name: "a", DType: "U8", Shape: []int64{1 << 32, 1 << 32}}},
		{{Name: "a", DType: "U8", Shape: []int64{math.MaxInt64}}, {Name: "b", DType: "U8", Shape: []int64{1}}},
	} {
		h := &header{tensors: tooLarge}
		if size, err := h.place(); err == nil || !strings.Contains(err.Error(), "too large for a file") {
			t.Errorf("tensors %v: %d bytes, %v; want an error", tooLarge, size, err)
		}
	}
}
