package corpus_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"kindred/corpus"
	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// The program of the package documentation.
func Example() {
	src := source.FromReader("example", strings.NewReader("The cat saw the dog.\nThe dog saw nothing!\n"))
	analyzer, err := analysis.Parse("unicode", "lower")
	if err != nil {
		log.Fatal(err)
	}
	text, err := corpus.Read(context.Background(), src, corpus.ReadOptions{
		Analyzer:  analyzer,
		Selection: vocab.Selection{MinCount: 2},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer text.Close()
	fmt.Println(text.Vocabulary().Len(), "words,", text.Len(), "tokens")
	for id := range text.Vocabulary().Len() {
		fmt.Println(text.Vocabulary().Word(id), text.Vocabulary().Count(id))
	}
	// Output:
	// 3 words, 7 tokens
	// the 3
	// dog 2
	// saw 2
}
