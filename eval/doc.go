// Package eval measures word vectors against human judgements: how well
// cosines agree with the similarity of words as people see it, and how many
// analogy questions vectors answer.
//
//	vectors, err := model.Load("vectors.bin")
//	if err != nil {
//		return err
//	}
//	var sets []eval.Set
//	for _, path := range []string{"ws353.tsv", "questions-words.txt"} {
//		set, err := eval.ReadSet(path)
//		if err != nil {
//			return err
//		}
//		sets = append(sets, set)
//	}
//	report, err := eval.Evaluate(vectors, sets, eval.Options{Model: "vectors.bin", RestrictAnalogies: 30000})
//	if err != nil {
//		return err
//	}
//	return report.WriteText(os.Stdout)
//
// A set is read from a file by [ReadSet], which recognises its kind, or by
// [ReadSimilarity] and [ReadAnalogies]. [Evaluate] gives a [Report], which
// can be written as tables for a terminal, as JSON or as Markdown.
//
// With the same vectors, sets and restriction the figures are those of
// gensim's evaluate_word_pairs and evaluate_word_analogies to the fourth digit.
// Both ignore case unless told otherwise, and leave out items with words that are not in
// the vocabulary; here these are counted, and listed in the report.
package eval
