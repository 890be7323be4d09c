package eval_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"kindred/eval"
	"kindred/model"
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
	var sets []eval.Set
	for _, path := range []string{"ws353.tsv", "questions-words.txt"} {
		set, err := eval.ReadSet(path)
		if err != nil {
			log.Fatal(err)
		}
		sets = append(sets, set)
	}
	report, err := eval.Evaluate(vectors, sets, eval.Options{Model: "vectors.txt", RestrictAnalogies: 30000})
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

func ExampleSpearman() {
	human := []float64{9.1, 7.5, 7.5, 1.2}
	cosines := []float64{0.8, 0.5, 0.6, 0.1}
	rho, err := eval.Spearman(human, cosines)
	fmt.Printf("%.4f %v\n", rho, err)
	_, err = eval.Spearman(human, []float64{1, 1, 1, 1})
	fmt.Println(err)
	// Output:
	// 0.9487 <nil>
	// all values of the second variable are equal
}

func ExampleParseSet() {
	set, err := eval.ParseSet("pairs.csv", strings.NewReader("word1,word2,score\ntiger,cat,7.35\n"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Kind(), set.Len())
	_, err = eval.ParseSet("pairs.csv", strings.NewReader("word1,word2,score\ntiger,cat,7.35\nbook,paper\n"))
	fmt.Println(err)
	// Output:
	// similarity 1
	// pairs.csv:3: expected 3 fields or more separated by commas, found 2: "book paper"
}

func ExampleCompare() {
	load := func(text string) *model.Embeddings {
		e, err := format.Read(strings.NewReader(text), "text")
		if err != nil {
			log.Fatal(err)
		}
		return e
	}
	set, err := eval.ParseSet("pairs.tsv", strings.NewReader("cat dog 8\ncat car 2\ndog car 1\ncar bus 9\nbus cat 1\nbus dog 2\ncat fish 6\ndog fish 5\ncar fish 1\nbus fish 2\n"))
	if err != nil {
		log.Fatal(err)
	}
	systems := []eval.System{
		{Name: "animals", Models: []eval.Entrant{{File: "animals.txt", Embeddings: load("5 2\ncat 1 0\ndog 1 .1\nfish 1 .2\ncar .1 1\nbus 0 1\n")}}},
		{Name: "letters", Models: []eval.Entrant{{File: "letters.txt", Embeddings: load("5 2\ncat 1 .9\ndog 0 1\nfish .1 1\ncar 1 1\nbus 1 0\n")}}},
	}
	c, err := eval.Compare(systems, []eval.Set{set}, eval.CompareOptions{})
	if err != nil {
		log.Fatal(err)
	}
	m := c.Measures[0]
	d := m.Differences[0]
	fmt.Printf("%s: %.2f and %.2f, %s\n", m.Measure, m.Scores[0].Score.Value, m.Scores[1].Score.Value, d.Verdict)
	fmt.Println(c.Verdicts()[0])
	// Output:
	// Spearman: 0.68 and -0.19, within noise
	// animals and letters: no significant difference on 1 set.
}
