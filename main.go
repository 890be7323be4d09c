// Command kindred trains word embeddings by skip-gram with negative sampling,
// evaluates them, searches them and converts them between formats.
package main

import (
	"os"

	"kindred/internal/cli"
)

func main() { os.Exit(cli.Main()) }
