// Scaling measures how the cost of training grows with its settings, and writes a
// page of tables and a figure of it:
//
//	go run ./internal/scaling -out docs
//
// It needs a machine with nothing else to do, about six minutes and 2 GB of memory.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "scaling:", err)
		os.Exit(1)
	}
}

// run measures the grid that the arguments ask for and writes scaling.md and scaling.svg.
func run(ctx context.Context, args []string, progress io.Writer) error {
	flags := flag.NewFlagSet("scaling", flag.ContinueOnError)
	flags.SetOutput(progress)
	out := flags.String("out", ".", "`directory` for scaling.md and scaling.svg")
	repeat := flags.Int("repeat", 3, "how many `times` each point is measured")
	quick := flags.Bool("quick", false, "measure a tiny grid, to see that the program works")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *repeat < 1 {
		return fmt.Errorf("got arguments %q and -repeat %d, want no arguments and 1 repeat or more", flags.Args(), *repeat)
	}
	g := fullGrid()
	if *quick {
		g = quickGrid()
	}
	measured, err := measure(ctx, g, *repeat, progress)
	if err != nil {
		return err
	}
	command := strings.Join(append([]string{"go run ./internal/scaling"}, args...), " ")
	page := filepath.Join(*out, "scaling.md")
	if err := os.WriteFile(page, []byte(report(g, measured, command)), 0o644); err != nil {
		return err
	}
	image, err := figure(g, measured)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(*out, "scaling.svg"), image, 0o644)
}
