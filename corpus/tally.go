package corpus

// A Tally counts what an [Analyzer] read and what it left out or repaired.
type Tally struct {
	// Bytes is the size of the text, decompressed, and Lines its number of
	// lines, with the empty ones.
	Bytes, Lines int64
	// Tokens is the number of tokens that came out.
	Tokens int64
	// Overlong is the number of tokens left out because they are longer than
	// the limit.
	Overlong int64
	// InvalidBytes is the number of bytes that are not UTF-8, each of which
	// was replaced by U+FFFD.
	InvalidBytes int64
	// NULs and Controls are the numbers of NUL characters and of other
	// control characters without a meaning in text, which separate tokens.
	NULs, Controls int64
	// ForcedCuts is the number of places where text without any separator
	// over a mebibyte was cut, perhaps within a word, by a tokenizer other
	// than whitespace.
	ForcedCuts int64
	// Dropped is the number of tokens that each filter dropped, by its name.
	Dropped map[string]int64
}

// Add adds the counts of o.
func (t *Tally) Add(o Tally) {
	t.Bytes += o.Bytes
	t.Lines += o.Lines
	t.Tokens += o.Tokens
	t.Overlong += o.Overlong
	t.InvalidBytes += o.InvalidBytes
	t.NULs += o.NULs
	t.Controls += o.Controls
	t.ForcedCuts += o.ForcedCuts
	for name, n := range o.Dropped {
		if t.Dropped == nil {
			t.Dropped = map[string]int64{}
		}
		t.Dropped[name] += n
	}
}

// Skipped returns the counts of what was left out or repaired, without those
// that are zero, by names fit for printing: "tokens over the length limit",
// "invalid UTF-8 bytes", "NUL characters", "control characters", "forced
// cuts", and "dropped by FILTER".
func (t *Tally) Skipped() map[string]int64 {
	skipped := map[string]int64{
		"tokens over the length limit": t.Overlong,
		"invalid UTF-8 bytes":          t.InvalidBytes,
		"NUL characters":               t.NULs,
		"control characters":           t.Controls,
		"forced cuts":                  t.ForcedCuts,
	}
	for name, n := range t.Dropped {
		skipped["dropped by "+name] = n
	}
	for name, n := range skipped {
		if n == 0 {
			delete(skipped, name)
		}
	}
	return skipped
}
