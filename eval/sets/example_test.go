package sets_test

import (
	"fmt"
	"log"
	"strings"

	"kindred/eval/sets"
)

func ExampleParseSet() {
	set, err := sets.ParseSet("pairs.csv", strings.NewReader("word1,word2,score\ntiger,cat,7.35\n"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Kind(), set.Len())
	_, err = sets.ParseSet("pairs.csv", strings.NewReader("word1,word2,score\ntiger,cat,7.35\nbook,paper\n"))
	fmt.Println(err)
	// Output:
	// similarity 1
	// pairs.csv:3: expected 3 fields or more separated by commas, found 2: "book paper"
}
