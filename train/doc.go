// Package train trains word vectors by skip-gram with negative sampling
// (SGNS; Mikolov et al., "Distributed representations of words and phrases
// and their compositionality", 2013).
//
//	package main
//
//	import (
//		"context"
//		"fmt"
//		"log"
//
//		"kindred/corpus"
//		"kindred/train"
//	)
//
//	func main() {
//		ctx := context.Background()
//		source, err := corpus.Open("../testdata/demo/text.txt")
//		if err != nil {
//			log.Fatal(err)
//		}
//		text, err := corpus.Read(ctx, source, corpus.ReadOptions{Selection: corpus.Selection{MinCount: 5}})
//		if err != nil {
//			log.Fatal(err)
//		}
//		defer text.Close()
//
//		settings := train.Defaults()
//		settings.Dim, settings.Threads = 16, 1
//		vectors, err := train.Run(ctx, text, settings, train.Options{})
//		if err != nil {
//			log.Fatal(err)
//		}
//		fmt.Println(vectors.Vocabulary.Len(), "words,", vectors.Dim(), "dimensions")
//		fmt.Println("completed:", vectors.Manifest.Training.Completed)
//	}
//
// The walk from text to update, a file for each concept:
//
//   - run.go hands out blocks of text to workers and ends with vectors;
//   - worker.go takes one block through sub-sampling, windows and kernel;
//   - window.go turns a sentence into steps, each a centre word with its
//     context words;
//   - negatives.go draws the noise words of the steps;
//   - schedule.go knows the learning rate;
//   - internal/kernel does the arithmetic of a step, and says what it is.
//
// # Randomness
//
// Each use of randomness has an address, and the numbers follow from seed and
// address alone: the initial vector of a word from its id, the sub-sampling of a token
// from epoch and position, windows and negatives from epoch and block. The
// learning rate follows from the position of the block. So one thread always
// gives the same vectors, and any block of any epoch can be trained alone.
//
// # Threads
//
// Workers update shared parameters without locks (Hogwild; Niu, Recht, Ré and
// Wright 2011). Updates are sparse, so they rarely meet; where they do, one may undo part
// of another, which training survives. With more than one
// thread, two runs therefore differ slightly. By the rules of Go
// this is a data race, intended and confined to the rows of the two matrices:
// only the kernels touch them during training, and the race detector is told to leave
// the kernels alone and watches everything else.
package train
