// Package eval measures word vectors against human judgements: how well
// cosines agree with the similarity of words as people see it, how many
// analogy questions vectors answer, whether they tell the word that doesn't
// belong, and whether they group words into the categories that people do; and it
// says how sure the figures are.
//
//	package main
//
//	import (
//		"fmt"
//		"log"
//
//		"kindred/eval"
//		"kindred/eval/sets"
//		"kindred/model/format"
//	)
//
//	func main() {
//		vectors, err := format.Load("vectors.txt")
//		if err != nil {
//			log.Fatal(err)
//		}
//		chosen, _, err := sets.ReadSets("ws353.tsv", "questions-words.txt")
//		if err != nil {
//			log.Fatal(err)
//		}
//		report, err := eval.Evaluate(vectors, chosen, eval.Options{Model: "vectors.txt", RestrictAnalogies: 30000})
//		if err != nil {
//			log.Fatal(err)
//		}
//		for _, s := range report.Similarity {
//			fmt.Println(s.Name, s.Spearman, "over", s.Used, "pairs")
//		}
//		for _, a := range report.Analogies {
//			for _, m := range a.Methods {
//				fmt.Println(a.Name, m.Method, m.Total.Accuracy, "of", a.Covered, "questions")
//			}
//		}
//	}
//
// A set is read from a file by [sets.ReadSet], which recognises its kind by its
// content, or by one of [sets.ReadSimilarity], [sets.ReadAnalogies], [ReadOutliers] and
// [ReadCategories]; [sets.ReadSets] reads whole directories. [Evaluate] gives a
// [Report]: data with a JSON form.
//
// With the same vectors, sets and restriction the figures are those of
// gensim's evaluate_word_pairs and evaluate_word_analogies to the fourth digit.
// Both ignore case unless told otherwise, and leave out items with words that are not in
// the vocabulary; here these are counted, and listed in the report.
//
// [HeldOut] judges vectors without people, by how well they tell pairs of words from sentences that were kept out of
// the training from random pairs.
//
// # How sure a score is
//
// A set is a sample of the items that could have been asked, and another
// sample would have given another score. So each score has a confidence
// interval, found by [stats.Bootstrap.Interval]: that of a Spearman correlation of
// 0.69 over the 353 pairs of WordSim-353 is about 0.11 wide. Whether two models differ is
// not to be read from two intervals, though, as they were asked the same
// items. For correlations there are the tests of [DependentCorrelations],
// for answers right or wrong there is [stats.McNemar], and [stats.Bootstrap.Difference] for
// every [stats.Statistic]. [stats.Holm] corrects for comparing many models, and [stats.CohenQ],
// [stats.CohenH] and [CohenG] say how large a difference is.
//
// # Comparison
//
// [Compare] does all that for a number of systems, each one model or several
// that differ in their seed: it brings them on equal terms, tests their
// differences, by [stats.Bootstrap.SeedTest] where there are seeds, and gives a
// [Comparison]. What its figures mean and its form in JSON are explained in docs/evaluation.md.
package eval
