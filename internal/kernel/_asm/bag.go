package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A bag is a step with one hidden row, the scaled sum of the inputs, in their place. What moves the hidden
// row is scaled and added to each input.
type bag struct {
	*step
	hidden Mem // end of the hidden row
}

// bagStep generates bagAVX2 and its like.
func (f form) bagStep() {
	f.text("bag", "func(s *Step, scale, factor float32)",
		"does one training step of a bag, except that parts of the loss are left in",
		"s.scratch for later. With n targets it is:",
		"",
		"\tfor c := range s.Dim {",
		"\t\tfor _, input := range s.Inputs {",
		"\t\t\th[c] += row(s.In, input)[c]",
		"\t\t}",
		"\t\th[c] *= scale",
		"\t}",
		"\tfor j, target := range s.Targets {",
		"\t\tg[j] = dot(h, row(s.Out, target))",
		"\t}",
		"\tg[0] = s.Rate * σ(-g[0])",
		"\tfor j := 1; j < n; j++ {",
		"\t\tg[j] = -s.Rate * σ(g[j])",
		"\t}",
		"\tfor c := range s.Dim {",
		"\t\tdelta := 0",
		"\t\tfor j, target := range s.Targets {",
		"\t\t\tdelta += g[j] * row(s.Out, target)[c]",
		"\t\t}",
		"\t\tfor _, input := range s.Inputs {",
		"\t\t\trow(s.In, input)[c] += factor * delta",
		"\t\t}",
		"\t\tfor j, target := range s.Targets {",
		"\t\t\trow(s.Out, target)[c] += g[j] * h[c]",
		"\t\t}",
		"\t}",
		"",
		"h is left in s.scratch.deltas.",
	)
	b := f.newBag()
	b.addresses()
	b.sum()
	b.scores()
	b.gradients()
	b.updates()
	VZEROUPPER()
	RET()
}

// bagUpdate generates bagUpdateAVX2 and its like.
func (f form) bagUpdate() {
	f.text("bagUpdate", "func(s *Step, scale, factor float32)",
		"is what the step of a bag does once it has the gradients: g[j] is in lane j%width of",
		"gradient tile (j/width)*s.scratch.rows, and the other lanes are not used.",
	)
	b := f.newBag()
	b.addresses()
	b.sum()
	b.updates()
	VZEROUPPER()
	RET()
}

func (f form) newBag() *bag { return &bag{f.newStep(), AllocLocal(8)} }

// parameter generates a register of copies of a parameter.
func (b *bag) parameter(name string) VecVirtual {
	basic, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	r := b.vector()
	VBROADCASTSS(basic.Addr, r)
	return r
}

// sum generates the hidden row.
func (b *bag) sum() {
	Comment("The hidden row.")
	rows, hidden := b.value(b.scratch("addresses").Base()), b.buffer("deltas")
	SUBQ(b.inputs, rows)
	SUBQ(b.start, hidden)
	MOVQ(hidden, b.hidden)
	scale := b.parameter("scale")
	column := b.firstColumn()
	Label("hidden_columns")
	i, row, sum := GP64(), GP64(), b.zeros(1)[0]
	MOVQ(b.inputs, i)
	Label("hidden_inputs")
	MOVQ(Mem{Base: rows, Index: i, Scale: 1}, row)
	VADDPS(at(row, column), sum, sum)
	ADDQ(U8(8), i)
	JNZ(LabelRef("hidden_inputs"))
	VMULPS(scale, sum, sum)
	VMOVUPS(sum, at(hidden, column))
	b.nextColumn("hidden_columns", column)
}

// hiddenEnd generates the load of the end of the hidden row.
func (b *bag) hiddenEnd() Register {
	end := GP64()
	MOVQ(b.hidden, end)
	return end
}

// scores generates the scores of the hidden row.
func (b *bag) scores() {
	Comment("Scores.")
	b.firstTile()
	gradientTile := b.buffer("gradients")
	Label("scores")
	byWidth("scores", b.tileWidth(), func(name string, w int) {
		wide, mask := b.targetEnds(w), b.sumsMask(w, 1)
		for _, t := range b.gradientTiles(b.innerProducts(name, []Register{b.hiddenEnd()}, wide, b.start), mask) {
			VMOVUPS(t, Mem{Base: gradientTile})
			ADDQ(U8(b.bytes), gradientTile)
		}
	})
	b.nextTile(b.tileWidth(), "scores")
}

// updates generates the updates, in two forms: for targets that fit in one tile, and for any number.
func (b *bag) updates() {
	Comment("Updates.")
	b.firstTile()
	CMPQ(b.left, U8(tileWidth))
	JG(LabelRef("tiles"))
	byWidth("window", b.width(), b.window)
	JMP(LabelRef("updated"))
	Label("tiles")
	b.tiles()
	Label("updated")
}

// window generates the update by w targets, whose gradients stay in registers.
func (b *bag) window(name string, w int) {
	targets, hidden, gradientTile := b.targetEnds(w), b.hiddenEnd(), b.buffer("gradients")
	g := b.vectors(w)
	for j := range g {
		VBROADCASTSS(Mem{Base: gradientTile, Disp: 4 * j}, g[j])
	}
	b.eachColumn(name, targets[0], func(name string, column Register, columns int) {
		x, sum := b.loadAll(b.rowColumns(hidden, column, columns)), b.vectors(columns)
		for j, target := range targets {
			for c, m := range b.rowColumns(target, column, columns) {
				if j == 0 {
					VMULPS(m, g[0], sum[c])
				} else {
					VFMADD231PS(m, g[j], sum[c])
				}
			}
		}
		b.addToInputs(name, column, sum)
		for j, target := range targets {
			b.addToTarget(target, column, g[j], x)
		}
	})
}

// tiles generates the update by any number of targets.
func (b *bag) tiles() {
	b.eachColumn("columns", b.hiddenEnd(), func(name string, column Register, columns int) {
		x, sum := b.loadAll(b.rowColumns(b.hiddenEnd(), column, columns)), b.zeros(columns)
		b.eachTarget(name+"_sum", func(target Register, g VecVirtual) {
			for c, m := range b.rowColumns(target, column, columns) {
				VFMADD231PS(m, g, sum[c])
			}
		})
		b.addToInputs(name, column, sum)
		b.eachTarget(name+"_update", func(target Register, g VecVirtual) { b.addToTarget(target, column, g, x) })
	})
}

// eachTarget generates a loop over all targets and their gradients.
func (b *bag) eachTarget(name string, body func(target Register, g VecVirtual)) {
	b.firstTile()
	gradientTile := b.buffer("gradients")
	Label(name + "_tile")
	width, left, address, gradient := b.tileWidth(), GP64(), GP64(), GP64()
	MOVQ(width, left)
	MOVQ(b.target, address)
	MOVQ(gradientTile, gradient)
	Label(name)
	target, g := GP64(), b.vector()
	MOVQ(Mem{Base: address}, target)
	VBROADCASTSS(Mem{Base: gradient}, g)
	body(target, g)
	ADDQ(U8(8), address)
	ADDQ(U8(4), gradient)
	DECQ(left)
	JNZ(LabelRef(name))
	rows := b.value(b.scratch("rows"))
	SHLQ(U8(5), rows)
	ADDQ(rows, gradientTile)
	b.nextTile(width, name+"_tile")
}

// addToInputs generates the addition of what moves the hidden row, which it scales, to some columns of all
// inputs.
func (b *bag) addToInputs(name string, column Register, sum []VecVirtual) {
	factor := b.parameter("factor")
	for _, r := range sum {
		VMULPS(factor, r, r)
	}
	rows, i, row := b.value(b.scratch("addresses").Base()), GP64(), GP64()
	SUBQ(b.inputs, rows)
	MOVQ(b.inputs, i)
	Label(name + "_inputs")
	MOVQ(Mem{Base: rows, Index: i, Scale: 1}, row)
	for c, m := range b.rowColumns(row, column, len(sum)) {
		moved := b.vector()
		VADDPS(m, sum[c], moved)
		VMOVUPS(moved, m)
	}
	ADDQ(U8(8), i)
	JNZ(LabelRef(name + "_inputs"))
}
