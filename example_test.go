package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/demo"
	"kindred/model/format"
	"kindred/model/search"
	"kindred/train"
)

// check stops the program at an error.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// must returns a value that came without an error.
func must[T any](value T, err error) T {
	check(err)
	return value
}

// The library in ten lines, as the README shows it, on a text of the demo.
func Example_library() {
	ctx := context.Background()
	defer enterDemo(200_000)()

	src := must(source.Open("text.txt"))
	text := must(corpus.Read(ctx, src, corpus.ReadOptions{Selection: vocab.Selection{MinCount: 5}}))
	defer text.Close()

	settings := train.Defaults()
	settings.Seed = 7 // decides every byte, with any number of threads
	vectors := must(train.Run(ctx, text, settings, train.Options{}))
	check(format.Save("vectors.bin", vectors, ""))
	neighbors := must(search.NewIndex(vectors, 0).NearestWord("january", 3))

	for _, n := range neighbors {
		_, err := time.Parse("January", n.Word)
		fmt.Println("a month:", err == nil)
	}
	// Output:
	// a month: true
	// a month: true
	// a month: true
}

// enterDemo makes a directory with the files of the demo the current one, and returns
// a function that leaves it and removes it.
func enterDemo(tokens int) (leave func()) {
	home := must(os.Getwd())
	dir := must(os.MkdirTemp("", "kindred"))
	check(demo.WriteFiles(dir, demo.Seed, tokens))
	check(os.Chdir(dir))
	return func() {
		check(os.Chdir(home))
		check(os.RemoveAll(dir))
	}
}
