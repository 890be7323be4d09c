package train_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"kindred/corpus"
	"kindred/train"
)

func Example() {
	ctx := context.Background()
	text := strings.Repeat("the king rules the land\nthe queen rules the land\nan apple falls from a tree\na pear falls from a tree\n", 200)
	source := corpus.FromReader("example", strings.NewReader(text))
	encoded, err := corpus.Read(ctx, source, corpus.ReadOptions{Selection: corpus.Selection{MinCount: 5}})
	if err != nil {
		log.Fatal(err)
	}
	defer encoded.Close()

	settings := train.Defaults()
	settings.Dim, settings.Subsample, settings.Threads = 16, 0, 1
	vectors, err := train.Run(ctx, encoded, settings, train.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(vectors.Vocabulary.Len(), "words,", vectors.Dim(), "dimensions")
	fmt.Println("completed:", vectors.Manifest.Training.Completed)
	// Output:
	// 12 words, 16 dimensions
	// completed: true
}
