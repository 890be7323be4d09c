package search_test

import (
	"fmt"
	"log"

	"kindred/model/format"
	"kindred/model/search"
)

func ExampleIndex_Analogy() {
	e, err := format.Load("../testdata/tiny.txt")
	if err != nil {
		log.Fatal(err)
	}
	x := search.NewIndex(e, 0)
	man, _ := x.ID("man")
	woman, _ := x.ID("woman")
	king, _ := x.ID("king")
	for _, method := range []search.AnalogyMethod{search.CosAdd, search.CosMul} {
		best := x.Analogy(man, woman, king, method, 1)[0]
		fmt.Printf("%s: man is to woman as king is to %s\n", method, best.Word)
	}
	// Output:
	// 3CosAdd: man is to woman as king is to queen
	// 3CosMul: man is to woman as king is to queen
}

func ExampleIndex_Lookup() {
	e, err := format.Load("../testdata/tiny.txt")
	if err != nil {
		log.Fatal(err)
	}
	_, err = search.NewIndex(e, 0).Lookup("qeen")
	fmt.Println(err)
	// Output: no vector for "qeen"; did you mean queen?
}
