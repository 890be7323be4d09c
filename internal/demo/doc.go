// Package demo makes English-like text whose structure is known, and the
// similarity and analogy sets that follow from that structure: something to
// train on, and to be judged by, that needs no download.
//
//	if err := demo.Generate(os.Stdout, demo.Seed, demo.Tokens); err != nil {
//		log.Fatal(err)
//	}
//	os.WriteFile("analogies.txt", demo.AnalogySet(), 0o644)
//	os.WriteFile("similarity.tsv", demo.SimilaritySet(), 0o644)
//
// # Structure
//
// The lexicon holds tables: nations, kin, verbs, adjectives, animals and so
// on. A row is an entity or lemma, a column is a role or an inflection, a cell
// is a word; rows stand in groups. The context of a word comes from all three:
//
//   - each row keeps company with a few words of its own ("paris", "france" and
//     "french" with "wine"), which other rows and prose use as well;
//   - each group has words for all of its rows ("fjord" in the north);
//   - each column has its own templates and lists of words (mayors and
//     museums for capitals, "yesterday" and "ago" for the past tense).
//
// So a word's contexts are about those of its row plus those of its column,
// and the vectors of a good model make parallelograms of two rows and two columns.
//
// # Frequencies
//
// Rows, topics and words are drawn by Zipf's law, and topics of prose, whose
// words are mostly invented, make the long tail: the text as a whole has a
// rank-frequency slope near -1 and about 14,000 types that occur 5 times.
//
// # Noise
//
// Company is drawn from a wrong row, words are replaced, exchanged and
// intruded, clauses about something else are attached, and some sentences are babble. Each has its
// rate among the constants of this package.
//
// Everything is drawn with integers: a seed gives the same bytes on every platform.
package demo

//go:generate go run ../../testdata/generate ../../testdata/demo
