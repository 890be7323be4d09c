// Package model holds word vectors: it reads and writes them in the formats
// of other tools, and answers questions about similarity with them.
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
//		neighbours, err := x.NearestWord("king", 2)
//		if err != nil {
//			log.Fatal(err)
//		}
//		for _, n := range neighbours {
//			fmt.Printf("%.2f %s\n", n.Similarity, n.Word)
//		}
//	}
//
// # Formats
//
// [format.Load] and [format.Read] tell formats apart by content, [format.Save] by the name it is
// given or the extension of the path (see [format.All]). Of the text formats:
//
//   - A first line of exactly two integers is the header of word2vec. A GloVe
//     file of one-dimensional integers whose first word is a number looks the
//     same, and must be read by the Load method of its [format.Format].
//   - The fields of a line are separated by spaces or tabs, of which there
//     may be some at its end too, as word2vec.c and fastText write them. Other
//     white space, such as a no-break space, is part of a word. Lines may end
//     in CR LF, and empty ones at the end of the file are passed over.
//   - A word of a GloVe file may contain spaces, as some published ones do:
//     the last fields are the numbers, as many as in most of the first 100
//     lines. In the format of word2vec such a line has surplus columns and is
//     an error.
//
// What follows the header of word2vec is text where its first row is a word
// and as many numbers as the header says, and otherwise binary where it has
// bytes that no text has, or just the length that the binary format demands.
// (Only a binary file of one-dimensional vectors can be a text file as well.)
//
// The other way, [format.Save] refuses words that these formats can't hold: empty
// ones, those with ASCII white space or NUL in them, and those longer than 64
// KiB. All other words are written as the bytes they are.
//
// The native format, a safetensors file, holds all of [Embeddings]: words of
// any bytes, counts, both matrices and the manifest. A hash of the whole file
// is in it, so that what was damaged on its way is refused. docs/formats.md
// draws all formats byte by byte.
package model
