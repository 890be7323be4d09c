package analysis

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"kindred/corpus/source"
)

// benchText returns about a megabyte of words in the given alphabet, drawn by Zipf's law, in lines of
// about 20.
func benchText(alphabet string) []byte {
	letters := []rune(alphabet)
	rng := rand.New(rand.NewPCG(3, 4))
	words := make([]string, 20000)
	for i := range words {
		word := make([]rune, 1+int(math.Log2(float64(i+2))/2)+rng.IntN(4))
		for j := range word {
			word[j] = letters[rng.IntN(len(letters))]
		}
		words[i] = string(word)
	}
	zipf := rand.NewZipf(rng, 1.05, 3, uint64(len(words)-1))
	var b bytes.Buffer
	for b.Len() < 1<<20 {
		b.WriteString(words[zipf.Uint64()])
		if rng.IntN(20) == 0 {
			b.WriteByte('\n')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.Bytes()
}

func BenchmarkAnalyze(b *testing.B) {
	for _, language := range []struct{ name, alphabet string }{
		{"ascii", "eeeettaaooiinnsshhrrdlucmfwypvbgkjxqz"},
		{"capitals", "eeeettaaooiinnsshhrrdlucmfwypvbgkETAOIN"},
		{"accents", "eeeettaaooiinnsshhrrdluéèàüöß"},
		{"cyrillic", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"},
	} {
		text := benchText(language.alphabet)
		for _, analyzer := range []string{
			"whitespace", "unicode", "whitespace|lower", "whitespace|nfc", "whitespace|lower|nfkc|fold|digits:zero|min-length:2|stop:english", "whitespace|lower|stem:english",
		} {
			b.Run(language.name+"/"+analyzer, func(b *testing.B) {
				st := parse(b, analyzer).NewStream(discard{})
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					st.Analyze(source.Chunk{Data: text})
				}
			})
		}
	}
}
