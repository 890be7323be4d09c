package main

import "testing"

// TestEncode compares with the words that another assembler gives for the same text.
func TestEncode(t *testing.T) {
	for _, c := range []struct {
		want   string
		word   uint32
		encode func() (uint32, string)
	}{
		{"fadd v1.4s, v2.4s, v19.4s", 0x4E33D441, func() (uint32, string) { return fadd.encode(1, 2, 19) }},
		{"fsub v31.4s, v2.4s, v3.4s", 0x4EA3D45F, func() (uint32, string) { return fsub.encode(31, 2, 3) }},
		{"fmul v1.4s, v22.4s, v3.4s", 0x6E23DEC1, func() (uint32, string) { return fmul.encode(1, 22, 3) }},
		{"fdiv v1.4s, v2.4s, v3.4s", 0x6E23FC41, func() (uint32, string) { return fdiv.encode(1, 2, 3) }},
		{"fmax v1.4s, v2.4s, v3.4s", 0x4E23F441, func() (uint32, string) { return fmax.encode(1, 2, 3) }},
		{"fmin v1.4s, v2.4s, v3.4s", 0x4EA3F441, func() (uint32, string) { return fmin.encode(1, 2, 3) }},
		{"faddp v1.4s, v2.4s, v3.4s", 0x6E23D441, func() (uint32, string) { return faddp.encode(1, 2, 3) }},
		{"fabs v1.4s, v2.4s", 0x4EA0F841, func() (uint32, string) { return fabs.encode(1, 2) }},
		{"fneg v1.4s, v2.4s", 0x6EA0F841, func() (uint32, string) { return fneg.encode(1, 2) }},
		{"fcmlt v1.4s, v2.4s, #0.0", 0x4EA0E841, func() (uint32, string) { return negative.encode(1, 2) }},
		{"fmla v1.4s, v2.4s, v19.s[0]", 0x4F931041, func() (uint32, string) { return byLane(fmlaLane, 1, 2, 19, 0) }},
		{"fmla v1.4s, v2.4s, v19.s[1]", 0x4FB31041, func() (uint32, string) { return byLane(fmlaLane, 1, 2, 19, 1) }},
		{"fmul v1.4s, v2.4s, v19.s[2]", 0x4F939841, func() (uint32, string) { return byLane(fmulLane, 1, 2, 19, 2) }},
		{"fmla v1.4s, v2.4s, v19.s[3]", 0x4FB31841, func() (uint32, string) { return byLane(fmlaLane, 1, 2, 19, 3) }},
	} {
		if word, text := c.encode(); word != c.word || text != c.want {
			t.Errorf("%s is encoded as %#08x and named %q, want %#08x", c.want, word, text, c.word)
		}
	}
}
