// Package phrases finds phrases, such as "new york" or "bank of america", in a text, and joins them
// to single tokens, such as "new_york".
//
// [Learn] counts the words of a text and its pairs of adjacent words. A [Scoring] says which pairs
// occur together more often than their words would by chance. These are the phrases of the [List].
// The next pass joins them and counts again, so that phrases of phrases are found: "new_york times".
//
//	list, _, err := phrases.Learn(ctx, text, analyzer, phrases.Defaults())
//	…
//	joining := *analyzer
//	joining.Joiner = list
//	c, err := corpus.Read(ctx, text, corpus.ReadOptions{Analyzer: &joining})
//
// The method is that of word2phrase (Mikolov et al. 2013, arXiv 1310.4546). Pairs, scores and
// joining agree with gensim's Phrases, with two differences. Words that contain the delimiter stay
// themselves: gensim counts the word "new_york" and the pair "new york" together. And if memory is
// short, counts are bounded (see [Pass]) where gensim drops all types below a rising count. After
// joining, the word and the phrase are one token here, too.
package phrases
