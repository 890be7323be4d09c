package search_test

import (
	"fmt"
	"log"

	"kindred/model/format"
	"kindred/model/search"
)

func ExampleIndex_AnalogyWords() {
	e, err := format.Load("../testdata/tiny.txt")
	if err != nil {
		log.Fatal(err)
	}
	x := search.NewIndex(e, 0)
	for _, method := range []search.AnalogyMethod{search.CosAdd, search.CosMul} {
		list, err := x.AnalogyWords("man", "woman", "king", method, 1)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: man is to woman as king is to %s\n", method, list[0].Word)
	}
	// Output:
	// 3CosAdd: man is to woman as king is to queen
	// 3CosMul: man is to woman as king is to queen
}

func ExampleIndex_Query() {
	e, err := format.Load("../testdata/tiny.txt")
	if err != nil {
		log.Fatal(err)
	}
	_, err = search.NewIndex(e, 0).Query("qeen")
	fmt.Println(err)
	// Output: no vector for "qeen"; did you mean queen?
}
