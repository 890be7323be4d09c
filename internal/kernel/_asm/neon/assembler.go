package main

import (
	"fmt"
	"math"
	"strings"
)

// assembler collects the text of functions and gives out registers.
type assembler struct {
	text            strings.Builder
	tables          strings.Builder
	general, vector int // registers in use, from the lowest number
}

// reg is a general register and vec a vector register, by number.
type (
	reg int
	vec int
)

// column is eight floats: a pair of registers. A gradient tile has the same form.
type column [2]vec

const columnBytes = 32

func (r reg) String() string { return fmt.Sprintf("R%d", int(r)) }
func (v vec) String() string { return fmt.Sprintf("V%d", int(v)) }

// pair is how the instructions that load and store two registers name them.
func (c column) pair() string { return fmt.Sprintf("(F%d, F%d)", int(c[0]), int(c[1])) }

func (a *assembler) line(format string, args ...any) { fmt.Fprintf(&a.text, format+"\n", args...) }
func (a *assembler) op(format string, args ...any)   { a.line("\t"+format, args...) }
func (a *assembler) comment(text string)             { a.line("\n\t// %s", text) }
func (a *assembler) label(name string)               { a.line("\n%s:", name) }

// function starts a function that calls no other, with the given size of parameters and results.
func (a *assembler) function(signature, name string, size int) {
	a.general, a.vector = 0, 0
	a.line("\n// %s\nTEXT ·%s(SB), NOSPLIT|NOFRAME, $0-%d", signature, name, size)
}

// scope returns a function that frees the registers that were given out since.
func (a *assembler) scope() (free func()) {
	general, vector := a.general, a.vector
	return func() { a.general, a.vector = general, vector }
}

// reg gives out a general register: R0 to R17 and R19 to R26. R18 belongs
// to the operating system, those above R26 to the assembler and the runtime.
func (a *assembler) reg() reg {
	r := reg(a.general)
	if r >= 18 {
		r++
	}
	if r > 26 {
		panic("no general register is left")
	}
	a.general++
	return r
}

func (a *assembler) vec() vec {
	if a.vector > 31 {
		panic("no vector register is left")
	}
	a.vector++
	return vec(a.vector - 1)
}

func (a *assembler) column() column { return column{a.vec(), a.vec()} }

func (a *assembler) columns(n int) []column {
	columns := make([]column, n)
	for i := range columns {
		columns[i] = a.column()
	}
	return columns
}

// load loads a value of eight bytes, which operand names.
func (a *assembler) load(operand string) reg {
	r := a.reg()
	a.op("MOVD %s, %s", operand, r)
	return r
}

func (a *assembler) copy(r reg) reg { return a.load(r.String()) }

func (a *assembler) zero(columns ...column) {
	for _, c := range columns {
		for _, half := range c {
			a.op("VMOVI $0, %s.B16", half)
		}
	}
}

func (a *assembler) loadColumn(c column, address reg)  { a.op("FLDPQ (%s), %s", address, c.pair()) }
func (a *assembler) storeColumn(c column, address reg) { a.op("FSTPQ %s, (%s)", c.pair(), address) }

// loadNext and storeNext leave the address behind the column.
func (a *assembler) loadNext(c column, address reg) {
	a.op("FLDPQ.P %d(%s), %s", columnBytes, address, c.pair())
}

func (a *assembler) storeNext(c column, address reg) {
	a.op("FSTPQ.P %s, %d(%s)", c.pair(), columnBytes, address)
}

// minimum sets dst to the smaller of two registers.
func (a *assembler) minimum(dst, x, y reg) {
	a.op("CMP %s, %s", y, x)
	a.op("CSEL LT, %s, %s, %s", x, y, dst)
}

// table defines a table of 32-bit values in read-only memory and returns
// a register with its address.
func (a *assembler) table(name string, values ...uint32) reg {
	for i, v := range values {
		fmt.Fprintf(&a.tables, "DATA %s<>+%d(SB)/4, $0x%08x\n", name, 4*i, v)
	}
	fmt.Fprintf(&a.tables, "GLOBL %s<>(SB), RODATA|NOPTR, $%d\n\n", name, 4*len(values))
	return a.load(fmt.Sprintf("$%s<>(SB)", name))
}

func (a *assembler) writeTables() {
	a.line("\n%s", strings.TrimSpace(a.tables.String()))
}

// broadcastNext loads one 32-bit value into all lanes of a register and leaves
// the address behind it.
func (a *assembler) broadcastNext(address reg) vec {
	v := a.vec()
	a.op("VLD1R.P 4(%s), [%s.S4]", address, v)
	return v
}

// constant sets all lanes of a register to a value.
func (a *assembler) constant(value float32) vec {
	defer func(general int) { a.general = general }(a.general)
	v := a.vec()
	bits := a.load(fmt.Sprintf("$0x%08x", math.Float32bits(value)))
	a.op("VDUP %s, %s.S4", bits, v)
	return v
}

// broadcasts defines a table of floats and loads each into all lanes of a register.
func (a *assembler) broadcasts(name string, values ...float32) []vec {
	bits := make([]uint32, len(values))
	for i, v := range values {
		bits[i] = math.Float32bits(v)
	}
	address := a.table(name, bits...)
	loaded := make([]vec, len(values))
	for i := range loaded {
		loaded[i] = a.broadcastNext(address)
	}
	return loaded
}
