package stats_test

import (
	"fmt"

	"kindred/eval/stats"
)

func ExampleSpearman() {
	human := []float64{9.1, 7.5, 7.5, 1.2}
	cosines := []float64{0.8, 0.5, 0.6, 0.1}
	rho, err := stats.Spearman(human, cosines)
	fmt.Printf("%.4f %v\n", rho, err)
	_, err = stats.Spearman(human, []float64{1, 1, 1, 1})
	fmt.Println(err)
	// Output:
	// 0.9487 <nil>
	// all values of the second variable are equal
}
