package train

import (
	"context"
	"fmt"
	"math"
	"testing"

	"kindred/corpus/sampling"
)

// TestTrace checks what a trace says: every kept word once, the same rows whatever the number of
// workers, and, as rounds promise, no row that a piece of a phase writes and another one of the
// phase touches. To trace changes no byte.
func TestTrace(t *testing.T) {
	text := readDemo(t, 30_000)
	cfg := structureSettings()
	cfg.Dim, cfg.Epochs = 20, 1
	subsample, err := sampling.NewSubsampler(text.Vocabulary().Counts(), cfg.Subsample)
	if err != nil {
		t.Fatal(err)
	}
	rate, _ := keptShares(text.Vocabulary(), subsample)
	kept := rate * float64(text.Len())
	var first string
	want := parametersHash(t, text, cfg)
	for _, threads := range []int{1, 3} {
		cfg.Threads = threads
		words, shared, said := int64(0), 0, ""
		trace := &Trace{Workers: 64, Phase: func(p *Phase) {
			type row struct {
				output bool
				number int32
			}
			wrote := map[row]int{}
			touched := func(rows TouchedRows, do func(row)) {
				for _, n := range rows.Input {
					do(row{false, n})
				}
				for _, n := range rows.Output {
					do(row{true, n})
				}
			}
			for i, piece := range p.Pieces {
				if piece.Time <= 0 || p.End <= 0 {
					t.Errorf("a piece took %v, the end of a phase %v", piece.Time, p.End)
				}
				words += piece.Words
				said += fmt.Sprintln(piece.Kind, piece.Index, piece.Words, piece.Handed, len(piece.Writes.Input), len(piece.Writes.Output))
				shared += len(piece.Reads.Input)
				touched(piece.Writes, func(r row) {
					if other, ok := wrote[r]; ok && other != i {
						t.Errorf("pieces %d and %d of a phase write %v", other, i, r)
					}
					wrote[r] = i
				})
			}
			for i, piece := range p.Pieces {
				touched(piece.Reads, func(r row) {
					if other, ok := wrote[r]; ok && other != i {
						t.Errorf("piece %d reads %v, which piece %d of the phase writes", i, r, other)
					}
				})
			}
		}}
		_, err := Run(context.Background(), text, cfg, Options{Trace: trace})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(float64(words)-kept) > 0.05*kept || shared == 0 {
			t.Errorf("%d threads: pieces train %d words, want about %.0f, and copy %d rows", threads, words, kept, shared)
		}
		if first == "" {
			first = said
		}
		if said != first {
			t.Errorf("%d threads do other pieces than 1", threads)
		}
	}
	if got := parametersHash(t, text, cfg); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}
