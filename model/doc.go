// Package model holds word vectors. Package format reads and writes them, package search finds
// neighbors and answers analogies.
//
//	package main
//
//	import (
//		"fmt"
//		"log"
//
//		"kindred/model/format"
//		"kindred/model/search"
//	)
//
//	func main() {
//		e, err := format.Load("testdata/tiny.txt")
//		if err != nil {
//			log.Fatal(err)
//		}
//		x := search.NewIndex(e, 0)
//		neighbors, err := x.NearestWord("king", 2)
//		if err != nil {
//			log.Fatal(err)
//		}
//		for _, n := range neighbors {
//			fmt.Printf("%.2f %s\n", n.Similarity, n.Word)
//		}
//	}
//
// # Words and rows
//
// [Embeddings] are a [Vocab] and a [Storage]. The Vocab has the words of the model and says which rows
// of the storage make up the vector of a word. The Storage has the rows. All other packages read
// vectors by word, through [Embeddings.Vector] or a [Reader], so they work for every pair:
//
//   - A *[vocab.Vocabulary] over a [Matrix] is what word2vec has: word i is row i. The Reader returns
//     the row itself and copies nothing.
//   - A [Composer] makes each word of several rows, for example of its own and those of its character
//     n-grams, or of a few rows of a hashed table. It may compose words that it has not stored.
//   - A Storage that is not a Matrix has its rows elsewhere or in another form, for example in a mapped
//     file or as 8-bit integers.
package model
