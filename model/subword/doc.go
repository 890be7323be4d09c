// Package subword makes words of the rows of their character n-grams, so that words that were never
// seen have vectors too. [NGrams] says which n-grams a word has and which rows they share, as in
// fastText (Bojanowski et al. 2017), floret and finalfusion. [Vocabulary] is the [model.Composer] over
// it, and [Sparse] a storage of only the rows that training has touched.
package subword
