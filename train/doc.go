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
// The walk from text to update, a file for each concept:
//
//   - run.go begins with parameters, trains epoch by epoch and ends with vectors;
//   - rounds.go and hogwild.go hand out blocks of text to workers, in two ways;
//   - plan.go says how long blocks and rounds are;
//   - worker.go takes one block through all that follows;
//   - passage.go reads the block and sub-samples it;
//   - draft.go prepares a block of a round, part.go finds the rows that several blocks touch and copies them, and
//     merge.go brings the copies back when the round ends;
//   - window.go turns sentences into steps, each a centre word with its
//     context words;
//   - negatives.go and pool.go draw the noise words of the steps;
//   - sampler.go lists the ways to choose negatives, each in a file sampler_*.go: noise distributions, the
//     chooser of hard ones (sampler_hard.go), and losses of their own (objective.go);
//   - reject.go draws negatives again that may be true contexts, of which related.go knows some;
//   - counts.go knows how many negatives there are, diagnostics.go what they were worth;
//   - schedule.go knows the learning rate;
//   - internal/kernel does the arithmetic of a step, and says what it is.
//
// # Randomness
//
// Each use of randomness has an address, and the numbers follow from seed and
// address alone: the initial vector of a word from its id, the sub-sampling of a token
// from epoch and position, windows and negatives from epoch and block. The
// learning rate follows from the position of the block. So any block of any epoch can be trained alone, and a
// run can stop and go on.
//
// # Threads
//
// Training goes in rounds. The blocks of a round, eight at most, all begin with the same parameters: rows that several blocks
// touch are copied, and each block trains a copy of its own; then what each block did to a row is added to the row, in the order of
// the blocks. Rows that a single block touches, more than half of them, are trained where they are. Which worker trains what, and when, has no part in the result: the same text, settings and seed give
// the same bytes with any number of threads. Only the kernel matters beyond that, as
// kernels round differently, and the portable kernel rounds alike on all processors. The length
// of rounds follows from vocabulary and learning rate; see plan.go and docs/reproducibility.md.
//
// With [Config].Hogwild workers update shared parameters without locks instead (Niu, Recht, Ré and
// Wright 2011). Updates are sparse, so they rarely meet; where they do, one may undo part
// of another, which training survives. With more than one
// thread, two runs then differ slightly. By the rules of Go
// this is a data race, intended and confined to the rows of the two matrices:
// only the kernels touch them during training, and the race detector is told to leave
// the kernels alone and watches everything else.
package train
