package analysis

// Statistics count what an [Analyzer] read, and what it skipped or repaired.
type Statistics struct {
	// Bytes is the size of the decompressed text, Lines its number of lines, with the empty ones.
	Bytes, Lines int64
	// Tokens is the number of tokens that came out.
	Tokens int64
	// Phrases is how many of them the [Joiner] made of several.
	Phrases int64
	// Overlong is the number of tokens skipped because they are longer than the limit.
	Overlong int64
	// InvalidBytes is the number of bytes that are not UTF-8. Each was replaced by U+FFFD.
	InvalidBytes int64
	// Undecodable is the number of places where text in another encoding had no character. Each became
	// U+FFFD.
	Undecodable int64
	// InvalidTokens is the number of runs between separators that had invalid bytes or undecodable
	// places.
	InvalidTokens int64
	// NULs and Controls are the numbers of NUL characters and of other control characters without a
	// meaning in text. They separate tokens.
	NULs, Controls int64
	// ForcedCuts is the number of forced cuts in text without a separator over a mebibyte, which may
	// have split a word. With the whitespace tokenizer there are none.
	ForcedCuts int64
	// Dropped is the number of tokens that each filter dropped, by its name.
	Dropped map[string]int64
}

// Add adds the counts of o.
func (s *Statistics) Add(o Statistics) {
	s.Bytes += o.Bytes
	s.Lines += o.Lines
	s.Tokens += o.Tokens
	s.Phrases += o.Phrases
	s.Overlong += o.Overlong
	s.InvalidBytes += o.InvalidBytes
	s.Undecodable += o.Undecodable
	s.InvalidTokens += o.InvalidTokens
	s.NULs += o.NULs
	s.Controls += o.Controls
	s.ForcedCuts += o.ForcedCuts
	for name, n := range o.Dropped {
		if s.Dropped == nil {
			s.Dropped = map[string]int64{}
		}
		s.Dropped[name] += n
	}
}

// Skipped returns the counts of what was skipped or repaired, without zeros, by names to print:
// "tokens over the length limit", "invalid UTF-8 bytes", "undecodable characters", "NUL characters",
// "control characters", "forced cuts", and "dropped by FILTER".
func (s *Statistics) Skipped() map[string]int64 {
	skipped := map[string]int64{
		"tokens over the length limit": s.Overlong,
		"invalid UTF-8 bytes":          s.InvalidBytes,
		"undecodable characters":       s.Undecodable,
		"NUL characters":               s.NULs,
		"control characters":           s.Controls,
		"forced cuts":                  s.ForcedCuts,
	}
	for name, n := range s.Dropped {
		skipped["dropped by "+name] = n
	}
	for name, n := range skipped {
		if n == 0 {
			delete(skipped, name)
		}
	}
	return skipped
}
