package format_test

import (
	"fmt"
	"log"
	"os"
	"strings"

	"kindred/model/format"
)

func ExampleRead() {
	// GloVe, by its lack of a header.
	e, err := format.Read(strings.NewReader("sun 1 0.5\nmoon 0.5 1\n"), "example")
	if err != nil {
		log.Fatal(err)
	}
	moon, _ := e.Vector("moon")
	fmt.Println(e.Vocabulary.Len(), e.Dim(), moon)
	// Output: 2 2 [0.5 1]
}

func ExampleWrite() {
	e, err := format.Read(strings.NewReader("sun 1 0.5\nmoon 0.5 1\n"), "example")
	if err != nil {
		log.Fatal(err)
	}
	if err := format.Write(os.Stdout, e, "text"); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 2 2
	// sun 1 0.5
	// moon 0.5 1
}
