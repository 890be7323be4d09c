package ablate

import "kindred/model"

// diagnosticColumns are the names of what is told of the negatives.
var diagnosticColumns = []string{}

// diagnosticCells returns what is to be told of the negatives of a training.
func diagnosticCells(*model.TrainingRecord) []string { return nil }
