package main

import "fmt"

// The Go assembler has few instructions on vectors of floats. The others are written
// as words, encoded as the Arm Architecture Reference Manual has it (DDI 0487, C7.2):
// destination in bits 0 to 4, first source in 5 to 9, second source in 16 to 20. The
// comments in the output name them as Arm does, destination first.

// A three is an instruction on two vectors of four floats.
type three struct {
	name string
	word uint32
}

// A two is an instruction on one vector of four floats or integers.
type two struct {
	name, suffix string
	word         uint32
}

var (
	fadd  = three{"fadd", 0x4E20D400}
	fsub  = three{"fsub", 0x4EA0D400}
	fmul  = three{"fmul", 0x6E20DC00}
	fdiv  = three{"fdiv", 0x6E20FC00}
	fmax  = three{"fmax", 0x4E20F400} // NaN if either is
	fmin  = three{"fmin", 0x4EA0F400} // NaN if either is
	faddp = three{"faddp", 0x6E20D400}

	fabs     = two{"fabs", "", 0x4EA0F800}
	fneg     = two{"fneg", "", 0x6EA0F800}
	negative = two{"fcmlt", ", #0.0", 0x4EA0E800} // all bits set if less than zero
)

func (t three) encode(d, n, m vec) (uint32, string) {
	return t.word | uint32(m)<<16 | uint32(n)<<5 | uint32(d),
		fmt.Sprintf("%s v%d.4s, v%d.4s, v%d.4s", t.name, d, n, m)
}

func (t two) encode(d, n vec) (uint32, string) {
	return t.word | uint32(n)<<5 | uint32(d), fmt.Sprintf("%s v%d.4s, v%d.4s%s", t.name, d, n, t.suffix)
}

// byLane is an instruction whose second source is one lane of a vector, from 0 to 3: the
// lane's high bit is bit 11 and the low one bit 21.
func byLane(t three, d, n, m vec, lane int) (uint32, string) {
	return t.word | uint32(m)<<16 | uint32(n)<<5 | uint32(d) | uint32(lane>>1)<<11 | uint32(lane&1)<<21,
		fmt.Sprintf("%s v%d.4s, v%d.4s, v%d.s[%d]", t.name, d, n, m, lane)
}

var (
	fmlaLane = three{"fmla", 0x4F801000}
	fmulLane = three{"fmul", 0x4F809000}
)

func (a *assembler) word(word uint32, name string) { a.op("WORD $0x%08X // %s", word, name) }

// three writes d = n op m, for each of the lanes.
func (a *assembler) three(t three, d, n, m vec) { a.word(t.encode(d, n, m)) }

// two writes d = op n.
func (a *assembler) two(t two, d, n vec) { a.word(t.encode(d, n)) }

// fma writes d += n * m.
func (a *assembler) fma(d, n, m vec) { a.op("VFMLA %s.S4, %s.S4, %s.S4", m, n, d) }

// move writes d = n.
func (a *assembler) move(d, n vec) { a.op("VMOV %s.B16, %s.B16", n, d) }

// addColumn writes d += n.
func (a *assembler) addColumn(d, n column) {
	for h := range d {
		a.three(fadd, d[h], d[h], n[h])
	}
}

// scale writes d = g[k] * n, and addScaled d += g[k] * n, where k is one of the eight lanes of
// a gradient tile.
func (a *assembler) scale(d column, g column, k int, n column)     { a.lanes(fmulLane, d, g, k, n) }
func (a *assembler) addScaled(d column, g column, k int, n column) { a.lanes(fmlaLane, d, g, k, n) }

func (a *assembler) lanes(t three, d column, g column, k int, n column) {
	for h := range d {
		a.word(byLane(t, d[h], n[h], g[k/4], k%4))
	}
}
