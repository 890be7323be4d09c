package main

import "fmt"

// tileWidth is the number of rows on the wide side of a tile, at most.
const tileWidth = 6

// paddingScore is what lanes that hold no score receive, or a multiple of it: the
// sigmoid clamps it, and the softplus of it is zero.
const paddingScore = -100

// byWidth generates a variant of the code for each width of a tile, and the
// comparisons that choose among them.
func (a *assembler) byWidth(name string, width reg, variant func(name string, width int)) {
	for w := tileWidth; w >= 1; w-- {
		next := fmt.Sprintf("%s_not%d", name, w)
		if w > 1 {
			a.op("CMP $%d, %s", w, width)
			a.op("BNE %s", next)
		}
		free := a.scope()
		variant(fmt.Sprintf("%s%d", name, w), w)
		free()
		if w > 1 {
			a.op("B %s_end", name)
			a.label(next)
		}
	}
	a.label(name + "_end")
}

// tileScores generates the loop over count rows, two at a time and then the
// odd one, that multiplies them with the rows whose addresses are in wide. Calling row
// must generate the code that yields the address of the next row; calling store,
// the code that stores the gradient tile for one row.
func (a *assembler) tileScores(name string, wide []reg, count, length reg, row func() reg, store func(gradientTile column)) {
	defer a.scope()()
	a.label(name + "_pairs")
	a.op("SUBS $2, %s", count)
	a.op("BLT %s_odd", name)
	a.innerProducts(name+"_pair", 2, wide, length, row, store)
	a.op("B %s_pairs", name)

	a.label(name + "_odd")
	a.op("ADDS $2, %s", count)
	a.op("BEQ %s_done", name)
	a.innerProducts(name+"_single", 1, wide, length, row, store)
	a.label(name + "_done")
}

// innerProducts generates the multiplication of n rows with the wide rows: each
// product is accumulated in eight lanes.
func (a *assembler) innerProducts(name string, n int, wide []reg, length reg, row func() reg, store func(gradientTile column)) {
	defer a.scope()()
	rows, acc := make([]reg, n), make([][]column, n)
	for i := range rows {
		rows[i] = row()
		acc[i] = a.columns(len(wide))
		a.zero(acc[i]...)
	}
	left := a.copy(length)
	free := a.scope()
	x, w := a.columns(n), a.column()

	a.label(name)
	for i := range rows {
		a.loadNext(x[i], rows[i])
	}
	for j := range wide {
		a.loadNext(w, wide[j])
		for i := range rows {
			for h := range w {
				a.fma(acc[i][j][h], x[i][h], w[h])
			}
		}
	}
	a.op("SUBS $%d, %s", columnBytes, left)
	a.op("BNE %s", name)
	for _, address := range wide {
		a.op("SUB %s, %s", length, address)
	}
	free()
	for i := range rows {
		store(a.laneSums(acc[i]))
	}
}

// laneSums generates the sums of the lanes of up to six accumulators: lane k of
// the gradient tile is the sum of accumulator k. All accumulators are overwritten. The other lanes
// are padding. Each level adds neighbors.
func (a *assembler) laneSums(acc []column) column {
	padding := a.constant(paddingScore)
	// level pairs up registers. Those beyond the end are padding.
	level := func(sums []vec) []vec {
		var next []vec
		for k := 0; k < len(sums); k += 2 {
			second := padding
			if k+1 < len(sums) {
				second = sums[k+1]
			}
			a.three(faddp, sums[k], sums[k], second)
			next = append(next, sums[k])
		}
		return next
	}
	var sums []vec
	for _, c := range acc {
		a.three(fadd, c[0], c[0], c[1])
		sums = append(sums, c[0])
	}
	sums = level(level(sums))
	return column{sums[0], append(sums, padding)[1]}
}
