package format

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
	shapes := []*tensor{
		{name: "a", dtype: "I64", shape: []int64{words}},
		{name: "b", dtype: "F32", shape: []int64{words, dim}},
		{name: "c", dtype: "F32", shape: []int64{words, dim}},
		{name: "d", dtype: "U8", shape: []int64{1 << 40}},
	}
	h := &tensorHeader{metadata: map[string]string{}, tensors: shapes}
	size, err := h.place()
	if err != nil {
		t.Fatal(err)
	}
	ends := []int64{8 * words, 8*words + 4*words*dim, 8*words + 8*words*dim, 8*words + 8*words*dim + 1<<40}
	for i, tensor := range shapes {
		if tensor.end != ends[i] || i > 0 && tensor.begin != ends[i-1] {
			t.Errorf("tensor %v: data from %d to %d, want the end %d", tensor, tensor.begin, tensor.end, ends[i])
		}
	}
	if size != ends[3] {
		t.Errorf("%d bytes of data, want %d", size, ends[3])
	}
	head, err := h.encode(shapes[1].begin)
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(binary.LittleEndian.Uint64(head)); n != int64(len(head)-8) || (8+n+shapes[1].begin)%64 != 0 {
		t.Errorf("the header of %d bytes says %d, and its second tensor is not aligned", len(head), n)
	}
	again, err := parseTensorHeader(head[8:])
	if err != nil {
		t.Fatal(err)
	}
	for i, tensor := range again.tensors {
		tensor.at = 0
		if diff := cmp.Diff(shapes[i], tensor, cmp.AllowUnexported(*tensor)); diff != "" {
			t.Error(diff)
		}
	}
	if got, err := again.check(); got != size || err != nil {
		t.Errorf("check says %d bytes, %v; want %d", got, err, size)
	}

	for _, tooLarge := range [][]*tensor{
		{{name: "a", dtype: "F32", shape: []int64{1 << 31, 1 << 30}}},
		{{name: "a", dtype: "U8", shape: []int64{1 << 32, 1 << 32}}},
		{{name: "a", dtype: "U8", shape: []int64{math.MaxInt64}}, {name: "b", dtype: "U8", shape: []int64{1}}},
	} {
		h := &tensorHeader{tensors: tooLarge}
		if size, err := h.place(); err == nil || !strings.Contains(err.Error(), "too large for a file") {
			t.Errorf("tensors %v: %d bytes, %v; want an error", tooLarge, size, err)
		}
	}
}
