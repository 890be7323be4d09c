// Package format reads and writes files of word vectors: those of word2vec, GloVe and kindred itself, a
// file of this package for each.
//
// [Load] and [Read] tell formats apart by content. [Save] takes the name of a format, or goes by the
// extension of the path (see [All]).
//
// [LoadOptions] read the first words of a file, the words of a list, or what can be read of a broken
// file. For example, the 50,000 most frequent words of most files:
//
//	e, err := format.LoadOptions{First: 50_000}.Load("vectors.bin")
//
// # Text formats
//
//   - A first line of exactly two integers is the header of word2vec. A GloVe file of one-dimensional
//     integers whose first word is a number looks the same, and must be read by the Load method of its
//     [Format].
//   - The fields of a line are separated by spaces or tabs. There may be some at the end of a line too,
//     as word2vec.c and fastText write them. Other white space, for example a no-break space, is part
//     of a word. Lines may end in CR LF. Empty lines at the end of the file are ignored.
//   - A word of a GloVe file may contain spaces, as some published ones do: the last fields are the
//     numbers, as many as in most of the first 100 lines. Such a word may end in an integer if the
//     values are not all integers, but in no other number. In the format of word2vec such a line has too
//     many columns and is an error.
//
// What follows the header of word2vec is text if its first row is a word and as many numbers as the
// header says. Otherwise it is binary if it has bytes that no text has, or exactly the length that the
// binary format requires. (A binary file can be a text file as well only if its vectors have one
// dimension.)
//
// [Save] refuses words that these formats can't hold: empty ones, those with ASCII white space or NUL in
// them, and those longer than 64 KiB. All other words are written as the bytes they are.
//
// # Native format
//
// The native format, a safetensors file, holds all of [model.Embeddings]: words of any bytes, counts,
// both matrices and the manifest. It contains a hash of the whole file, so a damaged file is refused.
// docs/formats.md draws all formats byte by byte.
//
// # N-grams
//
// Words that are made of character n-grams have a [subword.Vocabulary]. The native format keeps all kinds of
// them, those of fastText, floret and finalfusion their own. A list of words to read may then have words that
// the file lacks: their vectors are made of n-grams. [Format.Loses] says what a format does not keep.
//
// # Compression
//
// A file compressed by gzip, bzip2, zstd or xz, or the only one in a zip archive, is decompressed only
// if the program imports kindred/model/format/compressed; a program that does not need this links no
// decompressor.
package format
