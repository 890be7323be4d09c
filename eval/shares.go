package eval

// shares are the answers of several models to the same questions, in units of questions that are resampled together.
type shares struct {
	number map[any]int // of the units
	asked  []float64   // questions, by unit
	got    [][]float64 // what is counted of them, by model, then by unit
}

func newShares(models int) *shares {
	return &shares{number: make(map[any]int), got: make([][]float64, models)}
}

// ask counts a question of the unit that goes by a key.
func (s *shares) ask(key any) {
	i, known := s.number[key]
	if !known {
		i = len(s.asked)
		s.number[key] = i
		s.asked = append(s.asked, 0)
		for m := range s.got {
			s.got[m] = append(s.got[m], 0)
		}
	}
	s.asked[i]++
}

// count adds what model m got for a question of the unit.
func (s *shares) count(m int, key any, value float64) { s.got[m][s.number[key]] += value }

// shares returns the measurement of a share of all questions; none is why there is none where nothing was asked.
func (c *comparer) shares(name string, items int, none string, s *shares) measurement {
	m := measurement{name: name, items: items, units: len(s.asked), scale: shareScale, reasons: c.withoutScore("")}
	if m.units == 0 {
		m.reasons = c.withoutScore(none)
	}
	for _, n := range s.asked {
		m.used += int(n)
	}
	for _, got := range s.got {
		m.statistics = append(m.statistics, RatioStatistic(got, s.asked))
	}
	return m
}
