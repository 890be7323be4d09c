package eval_test

import (
	"log"
	"os"
	"path/filepath"

	"kindred/eval"
	"kindred/eval/sets"
	"kindred/model/format"
)

// enter makes a directory of small files the current one, and returns a function that
// leaves it and removes it.
func enter(files map[string]string) (leave func()) {
	home, err := os.Getwd()
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "eval")
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			log.Fatal(err)
		}
	}
	change := func(dir string) {
		if err := os.Chdir(dir); err != nil {
			log.Fatal(err)
		}
	}
	change(dir)
	return func() {
		change(home)
		os.RemoveAll(dir)
	}
}

// The program of the package's documentation.
func Example() {
	defer enter(map[string]string{
		"vectors.txt":         "6 3\nman 0 1 0\nwoman 0 0 1\nking 1 1 0\nqueen 1 0 1\nactor -1 1 0\nactress -1 0 1\n",
		"ws353.tsv":           "king\tqueen\t7.5\nman\tactor\t8.3\nking\tactress\t1.5\nman\twoman\t4\n",
		"questions-words.txt": ": family\nman woman king queen\nactor actress man woman\nking queen duke duchess\n",
	})()

	vectors, err := format.Load("vectors.txt")
	if err != nil {
		log.Fatal(err)
	}
	chosen, _, err := sets.ReadSets("ws353.tsv", "questions-words.txt")
	if err != nil {
		log.Fatal(err)
	}
	report, err := eval.Evaluate(vectors, chosen, eval.Options{Model: "vectors.txt", RestrictAnalogies: 30000})
	if err != nil {
		log.Fatal(err)
	}
	if err := report.WriteText(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// vectors.txt: 6 words, 3 dimensions, case ignored
	//
	// Word similarity
	// ┌───────┬──────────┬─────────┬───────┬──────┬─────────┐
	// │ Set   │ Spearman │ Pearson │ Pairs │ Used │ Missing │
	// ├───────┼──────────┼─────────┼───────┼──────┼─────────┤
	// │ ws353 │   1.0000 │  0.9967 │     4 │    4 │       0 │
	// └───────┴──────────┴─────────┴───────┴──────┴─────────┘
	//
	// Analogies: questions-words
	// ┌───────────┬───────────┬─────────┬─────────────────────┬─────────┬─────────────────────┬─────────┐
	// │ Section   │ Questions │ Covered │             3CosAdd │  of all │             3CosMul │  of all │
	// ├───────────┼───────────┼─────────┼─────────────────────┼─────────┼─────────────────────┼─────────┤
	// │ family    │         3 │       2 │            100.00 % │ 66.67 % │             50.00 % │ 33.33 % │
	// ├───────────┼───────────┼─────────┼─────────────────────┼─────────┼─────────────────────┼─────────┤
	// │ semantic  │         3 │       2 │            100.00 % │ 66.67 % │             50.00 % │ 33.33 % │
	// │ syntactic │         0 │       0 │ no covered question │         │ no covered question │         │
	// │ total     │         3 │       2 │            100.00 % │ 66.67 % │             50.00 % │ 33.33 % │
	// └───────────┴───────────┴─────────┴─────────────────────┴─────────┴─────────────────────┴─────────┘
	//
	// 1 question of 3 skipped for want of a word; answers among 6 words. Missing: duke, duchess.
	//
	// Scores without an interval: fewer than 8 independent items to resample.
}
