// Command kindred trains word embeddings by skip-gram with negative sampling,
// evaluates them, searches them and converts them between formats.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"kindred/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal ends the program at once
	os.Exit(cli.Run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr))
}
