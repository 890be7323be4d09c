package bench

import "slices"

// A Spread is what a figure was over the rounds.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// spread returns that of values, nil where there is none or one isn't known, which is 0.
func spread(values []float64) *Spread {
	if len(values) == 0 || slices.Contains(values, 0) {
		return nil
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	s := &Spread{Median: sorted[middle], Min: sorted[0], Max: sorted[len(sorted)-1]}
	if len(sorted)%2 == 0 {
		s.Median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return s
}

// A Ratio is how many times as much of something the second tool had as the first, round by
// round, over the rounds that both have finished.
type Ratio struct {
	First  string `json:"first"`
	Second string `json:"second"`
	Rounds int    `json:"rounds"`
	// A figure is nil where it isn't known for all of the rounds.
	Wall *Spread `json:"wall,omitempty"`
	CPU  *Spread `json:"cpu,omitempty"`
	// TrainingCPU is of the processor time of the training alone.
	TrainingCPU *Spread `json:"training_cpu,omitempty"`
	PeakMemory  *Spread `json:"peak_memory,omitempty"`
}

// newRatio returns the ratio of two tools, nil where they have no round in common.
func newRatio(first, second *ToolResult) *Ratio {
	r := &Ratio{First: first.Name, Second: second.Name}
	var wall, cpu, training, memory []float64
	for _, a := range first.Runs {
		b := second.round(a.Round)
		if b == nil {
			continue
		}
		r.Rounds++
		wall = append(wall, quotient(b.Wall, a.Wall))
		cpu = append(cpu, quotient(b.CPU, a.CPU))
		_, x := a.WordsPerSecond()
		_, y := b.WordsPerSecond()
		training = append(training, quotient(x, y)) // times are inverse to speeds
		memory = append(memory, quotient(float64(b.PeakMemory), float64(a.PeakMemory)))
	}
	if r.Rounds == 0 {
		return nil
	}
	r.Wall, r.CPU, r.TrainingCPU, r.PeakMemory = spread(wall), spread(cpu), spread(training), spread(memory)
	return r
}

// quotient returns a/b, 0 where one of them is not known.
func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
