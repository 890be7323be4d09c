package model_test

import (
	"fmt"
	"log"

	"kindred/model/format"
	"kindred/model/search"
)

// The program of the package documentation.
func Example() {
	e, err := format.Load("testdata/tiny.txt")
	if err != nil {
		log.Fatal(err)
	}
	x := search.NewIndex(e, 0)
	neighbors, err := x.NearestWord("king", 2)
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range neighbors {
		fmt.Printf("%.2f %s\n", n.Similarity, n.Word)
	}
	// Output:
	// 0.94 prince
	// 0.74 man
}
