package compare_test

import (
	"fmt"
	"log"
	"strings"

	"kindred/eval/compare"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/model"
	"kindred/model/format"
)

func ExampleCompare() {
	load := func(text string) *model.Embeddings {
		e, err := format.Read(strings.NewReader(text), "text")
		if err != nil {
			log.Fatal(err)
		}
		return e
	}
	set, err := sets.ParseSet("pairs.tsv", strings.NewReader("cat dog 8\ncat car 2\ndog car 1\ncar bus 9\nbus cat 1\nbus dog 2\ncat fish 6\ndog fish 5\ncar fish 1\nbus fish 2\n"))
	if err != nil {
		log.Fatal(err)
	}
	systems := []compare.System{
		{Name: "animals", Models: []compare.Model{{File: "animals.txt", Embeddings: load("5 2\ncat 1 0\ndog 1 .1\nfish 1 .2\ncar .1 1\nbus 0 1\n")}}},
		{Name: "letters", Models: []compare.Model{{File: "letters.txt", Embeddings: load("5 2\ncat 1 .9\ndog 0 1\nfish .1 1\ncar 1 1\nbus 1 0\n")}}},
	}
	c, err := compare.Compare(systems, []sets.Set{set}, compare.Options{})
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

// A measure can be anything that is computed from a sample of units, here the accuracy of two
// classifiers on the same ten lines.
func ExampleMeasures() {
	asked := []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	first := []float64{1, 1, 1, 0, 1, 1, 1, 1, 0, 1}
	second := []float64{1, 0, 0, 0, 1, 0, 1, 0, 0, 1}
	accuracy := compare.Measure{
		Name: "accuracy", Headline: true, Units: len(asked), Scale: compare.ProportionScale,
		Statistics: []stats.Statistic{stats.RatioStatistic(first, asked), stats.RatioStatistic(second, asked)},
	}
	results, _ := compare.Measures([]compare.Measure{accuracy}, [][]int{{0}, {1}}, stats.Bootstrap{})
	d := results[0].Differences[0]
	fmt.Printf("%.1f and %.1f: difference %.1f, %s\n", results[0].Scores[0].Score.Value, results[0].Scores[1].Score.Value, d.Difference.Value, d.Verdict)
	// Output:
	// 0.8 and 0.4: difference 0.4, significant
}
