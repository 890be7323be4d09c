// Package train trains word vectors by skip-gram with negative sampling
// (SGNS; Mikolov et al., "Distributed representations of words and phrases
// and their compositionality", 2013) or by CBOW, of whole words or of their
// character n-grams.
//
//	package main
//
//	import (
//		"context"
//		"fmt"
//		"log"
//
//		"kindred/corpus"
//		"kindred/corpus/source"
//		"kindred/corpus/vocab"
//		"kindred/train"
//	)
//
//	func main() {
//		ctx := context.Background()
//		src, err := source.Open("../testdata/demo/text.txt")
//		if err != nil {
//			log.Fatal(err)
//		}
//		text, err := corpus.Read(ctx, src, corpus.ReadOptions{Selection: vocab.Selection{MinCount: 5}})
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
// # The walk from text to vectors
//
// These files, in this order, are the main path:
//
//   - rounds.go is the loop: it trains the blocks of a round, prepares those of the next one, and merges;
//   - block.go reads a block of text, sub-samples it and makes its windows, a training step for each;
//   - worker.go takes a block through its steps: windows, negatives, kernel;
//   - negative/draw.go draws the negatives;
//   - rows.go finds the rows of a round, copies those that several blocks train, and sums the copies;
//   - shards.go merges the sums, and weights.go says how much a move counts.
//
// Around them, run.go begins with parameters and trains epoch by epoch; plan.go says how long
// blocks and rounds are and gives the learning rate; guard.go shortens rounds that diverge;
// hogwild.go trains without rounds; architecture.go has the forms of the model, and subwords.go
// words of n-grams; checkpoint.go and checkpoint_files.go save and resume. Package negative has the
// samplers, package parallel connects several processes, and internal/kernel does the arithmetic of
// a step.
//
// # Randomness
//
// Random numbers are addressed, not streamed: each follows from the seed and from what it is for.
// The initial vector of a word follows from its id, whether a token is kept from epoch and
// position, windows and negatives from epoch and block. The learning rate follows from the position
// of the block. So each block can be trained alone, and a run can stop and resume.
//
// # Threads
//
// Training goes in rounds of blocks, which all begin with the same parameters. If several blocks touch
// a row, each trains a replica of it. What the blocks did to the row is summed in fixed point, whose
// sums do not depend on their order, weighed by the numbers of pairs that trained it, and added to the
// row when the round ends. A row that a single block touches is trained in place. The result does not
// depend on which worker trains what: the same text, settings and seed give the same bytes with any
// number of threads. It depends on the kernel, as kernels round differently; the portable kernel
// rounds alike on all processors. The length of rounds follows from text and settings; see plan.go and
// docs/reproducibility.md.
//
// With Hogwild, workers update shared parameters without locks instead (Niu, Recht, Ré and Wright
// 2011). Updates are sparse, so they rarely collide; if they do, one may undo part of the other,
// which training survives. Two runs with more than one thread then differ slightly. By the rules of
// Go this is a data race. It is intended and confined to the rows of the two matrices: only the
// kernels touch them during training, and they are excluded from the race detector.
package train
