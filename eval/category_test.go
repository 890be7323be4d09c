package eval

import (
	"testing"

	"kindred/eval/internal/evaltest"
	"kindred/eval/sets"
	"kindred/eval/stats"
)

func TestPlantedCategoriesAreFound(t *testing.T) {
	g, set := evaltest.CategoryVectors(t, 0.5, 30, 5, 12, 40, 3, 20)
	e := g.Embeddings(t)
	r, err := Evaluate(e, []sets.Set{set, evaltest.Parse(t, "sparse", "category,word\nkind0,kind0-1\nkind1,absent\n")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := r.Categories[0]
	for name, s := range map[string]stats.Score{"purity": c.Purity, "adjusted Rand": c.AdjustedRand, "V-measure": c.VMeasure} {
		if !s.Defined() || s.Value < 1-1e-12 {
			t.Errorf("%s is %v, want 1", name, s)
		}
	}
	if c.Words != 110 || c.Used != 110 || c.Categories != 6 {
		t.Errorf("%d words, %d used, %d categories", c.Words, c.Used, c.Categories)
	}
	if s := r.Categories[1]; s.Purity.Defined() || s.AdjustedRand.Defined() || s.VMeasure.Defined() || s.Missing != 1 || s.Items[0].Cluster != -1 {
		t.Errorf("one category of one word has scores: %+v", s)
	}
}
