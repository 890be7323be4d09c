package model_test

import (
	"fmt"
	"log"
	"os"
	"strings"

	"kindred/model"
)

// The program of the package documentation.
func Example() {
	e, err := model.Load("testdata/tiny.txt")
	if err != nil {
		log.Fatal(err)
	}
	x := model.NewIndex(e, 0)
	neighbours, err := x.NearestWord("king", 2)
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range neighbours {
		fmt.Printf("%.2f %s\n", n.Similarity, n.Word)
	}
	// Output:
	// 0.94 prince
	// 0.74 man
}

func ExampleRead() {
	// GloVe, by its lack of a header.
	e, err := model.Read(strings.NewReader("sun 1 0.5\nmoon 0.5 1\n"), "example")
	if err != nil {
		log.Fatal(err)
	}
	moon, _ := e.Vector("moon")
	fmt.Println(e.Vocabulary.Len(), e.Dim(), moon)
	// Output: 2 2 [0.5 1]
}

func ExampleWrite() {
	e, err := model.Read(strings.NewReader("sun 1 0.5\nmoon 0.5 1\n"), "example")
	if err != nil {
		log.Fatal(err)
	}
	if err := model.Write(os.Stdout, e, "text"); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 2 2
	// sun 1 0.5
	// moon 0.5 1
}

func ExampleIndex_Analogy() {
	e, err := model.Load("testdata/tiny.txt")
	if err != nil {
		log.Fatal(err)
	}
	x := model.NewIndex(e, 0)
	man, _ := x.ID("man")
	woman, _ := x.ID("woman")
	king, _ := x.ID("king")
	for _, method := range []model.AnalogyMethod{model.CosAdd, model.CosMul} {
		best := x.Analogy(man, woman, king, method, 1)[0]
		fmt.Printf("%s: man is to woman as king is to %s\n", method, best.Word)
	}
	// Output:
	// 3CosAdd: man is to woman as king is to queen
	// 3CosMul: man is to woman as king is to queen
}

func ExampleIndex_Lookup() {
	e, err := model.Load("testdata/tiny.txt")
	if err != nil {
		log.Fatal(err)
	}
	_, err = model.NewIndex(e, 0).Lookup("qeen")
	fmt.Println(err)
	// Output: no vector for "qeen"; did you mean queen?
}
