// Command generate writes the demo's text and evaluation sets into a directory:
//
//	go run ./testdata/generate [-seed N] [-tokens N] DIR
package main

import (
	"flag"
	"fmt"
	"os"

	"kindred/internal/demo"
)

func main() {
	seed := flag.Uint64("seed", demo.Seed, "seed of the text")
	tokens := flag.Int("tokens", demo.SampleTokens, "length of the text, in words")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: generate [-seed N] [-tokens N] DIR")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := demo.WriteFiles(flag.Arg(0), *seed, *tokens); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}
