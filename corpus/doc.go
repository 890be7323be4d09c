// Package corpus counts and encodes a text: it reads the text once and keeps it as a vocabulary and
// a sequence of ids.
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
// A [source.Source] finds and decompresses the inputs, an [analysis.Analyzer] makes tokens of them,
// and [Read] counts and encodes the tokens in one pass: each token costs one hash look-up and 4
// bytes on disk. A [vocab.Selection] decides which words make the [vocab.Vocabulary].
//
// A line is a sentence. A sentence longer than the limit is cut into several, and none of it is
// lost. A text that is one line, such as text8, is read in the same way. What an analyzer skips or
// repairs is counted in Skipped of the [vocab.Record].
//
// Package sampling has the two random choices that depend on counts alone: which tokens to train
// on, and which words to draw as negatives.
package corpus
