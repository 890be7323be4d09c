package eval

// bandEnds are the last ranks of the bands of frequency, about three to a power of ten.
var bandEnds = []int{1000, 3000, 10000, 30000, 100000}

// allBands returns the bands, the last of which has no end.
func allBands() []Band {
	var bands []Band
	from := 1
	for _, to := range bandEnds {
		bands = append(bands, Band{from, to})
		from = to + 1
	}
	return append(bands, Band{From: from})
}

// has reports whether a rank is in the band.
func (b Band) has(rank int) bool { return b.From <= rank && (b.To == 0 || rank <= b.To) }

// bands returns scores by band: of the items used, each with its words, whose rarest gives the band. Items with a
// word that not all models have are in none.
func (c *comparer) bands(used []int, words func(item int) []string, measure func(items []int) measurement) []BandScores {
	list := []BandScores{}
	for _, band := range allBands() {
		var items []int
		for _, i := range used {
			if rank, ok := c.terms.rarest(words(i)...); ok && band.has(rank) {
				items = append(items, i)
			}
		}
		if len(items) == 0 {
			continue
		}
		m := measure(items)
		p := c.bootstrap.sample(m.units, m.statistics)
		list = append(list, BandScores{Band: band, Used: m.used, Units: m.units, Scores: c.scores(m, p)})
	}
	return list
}
