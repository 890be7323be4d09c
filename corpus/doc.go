// Package corpus turns text into what a trainer reads: a vocabulary, and the
// text as numbers.
//
//	package main
//
//	import (
//		"context"
//		"fmt"
//		"log"
//		"strings"
//
//		"kindred/corpus"
//		"kindred/corpus/analysis"
//		"kindred/corpus/source"
//		"kindred/corpus/vocab"
//	)
//
//	func main() {
//		src := source.FromReader("example", strings.NewReader("The cat saw the dog.\nThe dog saw nothing!\n"))
//		analyzer, err := analysis.Parse("unicode", "lower")
//		if err != nil {
//			log.Fatal(err)
//		}
//		text, err := corpus.Read(context.Background(), src, corpus.ReadOptions{
//			Analyzer:  analyzer,
//			Selection: vocab.Selection{MinCount: 2},
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//		defer text.Close()
//		fmt.Println(text.Vocabulary().Len(), "words,", text.Len(), "tokens")
//	}
//
// A [Source] finds and decompresses the inputs (see [Open]), an [Analyzer] makes tokens of
// their lines, and [Read] counts and encodes them in one pass over the text:
// each token costs one hash look-up, and becomes four bytes on disk. A
// [vocab.Selection] decides which words make the [Vocabulary].
//
// One line is one sentence. A sentence longer than the limit is cut into
// several, and none of it is lost; a text that is a single line, such as
// text8, is read in the same way. What an analyzer leaves out, or repairs, is
// counted in [vocab.Record].Skipped.
//
// [Subsampler] and [AliasTable] are the two random choices that depend on
// counts alone: which tokens to see, and which words to take as negatives.
package corpus
