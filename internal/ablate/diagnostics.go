package ablate

import (
	"fmt"

	"kindred/model"
)

// diagnosticColumns are the names of what is told of the negatives.
var diagnosticColumns = []string{"Drawn again", "Effective words", "Duplicates", "Gradient", "Useless", "In window", "Held true"}

// diagnosticCells returns what is to be told of the negatives of a training; none where it had none.
func diagnosticCells(t *model.TrainingRecord) []string {
	n := t.Negatives
	if n == nil || n.Drawn == 0 {
		return nil
	}
	share := func(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) }
	return []string{
		share(n.RejectedTarget + n.RejectedWindow + n.RejectedRelated), fmt.Sprintf("%.0f", n.EffectiveWords), fmt.Sprintf("%.3f", n.DuplicatesPerStep),
		fmt.Sprintf("%.4f", n.MeanGradient), share(n.Useless), share(n.InWindow), share(n.FalseNegatives),
	}
}
