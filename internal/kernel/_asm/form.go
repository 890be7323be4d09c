package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A form is a kind of registers that the functions are generated for, once for each form.
type form struct {
	suffix string // of the names of its functions
	bytes  int    // of a vector register, which holds a column of a matrix
	// evex says that there are 32 registers, masks and the instructions of AVX-512.
	evex bool
	// columns is how many columns the update of a tile takes at a time. Targets and their sums
	// need 12 registers a column.
	columns int
}

var forms = []form{
	{suffix: "AVX2", bytes: 32, columns: 1},
	{suffix: "AVX512VL", bytes: 32, evex: true, columns: 2},
	{suffix: "AVX512", bytes: 64, evex: true, columns: 2},
}

// lanes is the number of floats in a register.
func (f form) lanes() int { return f.bytes / 4 }

// shift is the number of the bit that the size of a register has.
func (f form) shift() int {
	if f.bytes == 64 {
		return 6
	}
	return 5
}

// tiles is the number of gradient tiles in a register.
func (f form) tiles() int { return f.bytes / gradientTileBytes }

// text starts a function.
func (f form) text(name, signature string, doc ...string) {
	name += f.suffix
	TEXT(name, NOSPLIT, signature)
	doc[0] = name + " " + doc[0]
	Doc(doc...)
	Pragma("noescape")
}

// vector is a virtual vector register.
func (f form) vector() VecVirtual {
	if f.bytes == 64 {
		return ZMM()
	}
	return YMM()
}

func (f form) vectors(n int) []VecVirtual {
	registers := make([]VecVirtual, n)
	for k := range registers {
		registers[k] = f.vector()
	}
	return registers
}

// zeros generates n registers of zeros.
func (f form) zeros(n int) []VecVirtual {
	registers := f.vectors(n)
	for _, r := range registers {
		VXORPS(r, r, r)
	}
	return registers
}

// load generates the load of a register.
func (f form) load(m Mem) VecVirtual {
	r := f.vector()
	VMOVUPS(m, r)
	return r
}

// constant returns copies of a 32-bit value in memory, as many as there are lanes.
func (f form) constant(name string, bits uint32) Mem {
	if f.bytes == 64 {
		name += "16"
	}
	return table(name, f.lanes(), func(int) uint32 { return bits })
}

// tables are those that have been generated, which all functions share.
var tables = map[string]Mem{}

// table returns a table in memory of n 32-bit values, n even.
func table(name string, n int, value func(k int) uint32) Mem {
	if t, ok := tables[name]; ok {
		return t
	}
	t := GLOBL(name, RODATA|NOPTR)
	for k := 0; k < n; k += 2 {
		DATA(4*k, U64(uint64(value(k+1))<<32|uint64(value(k))))
	}
	tables[name] = t
	return t
}

// mask generates a mask of the lanes whose bits are set.
func mask(bits uint32) Register {
	r, k := GP32(), K()
	MOVL(U32(bits), r)
	KMOVW(r, k)
	return k
}

// tileMask generates the mask of the lanes that hold scores in a register of gradient tiles of width w, of
// the given number of inputs.
func (f form) tileMask(w, inputs int) Register {
	bits := uint32(1)<<w - 1
	if inputs == 2 {
		bits |= bits << 8
	}
	return mask(bits)
}
