// Package eval scores word vectors on evaluation sets: how well cosines agree with human judgments of
// similarity, how many analogy questions the vectors answer, whether they find the word that does not
// belong, and whether they group words into the categories that people use. Each score has a confidence
// interval.
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
// Package sets reads the sets. [Evaluate] returns a [Report], which is data with a JSON form.
//
// With the same vectors, sets and restriction the scores are those of gensim's evaluate_word_pairs and
// evaluate_word_analogies to the fourth digit. Both ignore case unless told otherwise and leave out
// items with missing words. Here these are counted and listed. A model that composes words from
// subwords also answers words that it has not stored; items with such words are counted, too.
//
// [HeldOut] tests vectors without human judgments: how well they separate pairs of words from held-out
// sentences from random pairs.
//
// # Confidence
//
// A set is a sample of the items that could have been asked. Another sample would give another score. So
// each score has a confidence interval, by [stats.Bootstrap.Interval]. That of a Spearman correlation of
// 0.69 over the 353 pairs of WordSim-353 is about 0.11 wide.
//
// Two intervals do not tell whether two models differ, since both models were asked the same items.
// Package compare tests that. docs/evaluation.md explains what the scores mean.
package eval
