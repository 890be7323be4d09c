package demo_test

import (
	"bytes"
	"fmt"
	"log"
	"os"

	"kindred/internal/demo"
)

func ExampleGenerate() {
	if err := demo.Generate(os.Stdout, demo.Seed, 30); err != nil {
		log.Fatal(err)
	}
	// Output:
	// these donkeys with only shoe cart and chips went to the barn
	// the moso to geamed the were rudder and nired the zufelous rudder the
	// the worked scenario the the and with report of as on baker dretasted in rudder
}

func ExampleAnalogySet() {
	lines := bytes.SplitN(demo.AnalogySet(), []byte("\n"), 4)
	fmt.Printf("%s\n%s\n", lines[0], lines[1])
	// Output:
	// : capital-common-countries
	// paris france rome italy
}
