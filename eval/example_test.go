package eval_test

import (
	"fmt"
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
	for _, s := range report.Similarity {
		fmt.Println(s.Name, s.Spearman, "over", s.Used, "pairs")
	}
	for _, a := range report.Analogies {
		for _, m := range a.Methods {
			fmt.Println(a.Name, m.Method, m.Total.Accuracy, "of", a.Covered, "questions")
		}
	}
	// Output:
	// ws353 1.0000 over 4 pairs
	// questions-words 3CosAdd 1.0000 of 2 questions
	// questions-words 3CosMul 0.5000 of 2 questions
}
