package train_test

import (
	"context"
	"fmt"
	"log"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/train"
)

// The program of the package documentation.
func Example() {
	ctx := context.Background()
	src, err := source.Open("../testdata/demo/text.txt")
	if err != nil {
		log.Fatal(err)
	}
	text, err := corpus.Read(ctx, src, corpus.ReadOptions{Selection: vocab.Selection{MinCount: 5}})
	if err != nil {
		log.Fatal(err)
	}
	defer text.Close()

	settings := train.Defaults()
	settings.Dim, settings.Threads = 16, 1
	vectors, err := train.Run(ctx, text, settings, train.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(vectors.Vocabulary.Len(), "words,", vectors.Dim(), "dimensions")
	fmt.Println("completed:", vectors.Manifest.Training.Completed)
	// Output:
	// 529 words, 16 dimensions
	// completed: true
}
