package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"github.com/xrash/smetrics"

	"kindred/train"
)

// Exit codes besides 0.
const (
	exitFailure     = 1   // the work could not be done
	exitUsage       = 2   // the command line asks for nothing that can be done
	exitInterrupted = 130 // as shells have it for SIGINT: 128 + 2
)

// A usageError reports a command line that is wrong in itself.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usage returns an error of the command line.
func usage(message string) error { return usageError{errors.New(message)} }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// asUsage marks an error, if there is one, as one of the command line.
func asUsage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

// An interruption reports that the user stopped the program, and what became
// of the work.
type interruption string

func (i interruption) Error() string { return string(i) }

// grace is how long work may take to end by itself when it is interrupted.
const grace = 300 * time.Millisecond

// unlessInterrupted runs work that may not look at ctx, or wait for a pipe,
// and leaves it behind a moment after ctx is cancelled.
func unlessInterrupted(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(grace):
		return interruption("interrupted")
	}
}

// exit reports the error, if there is one, and returns the exit code.
func (con *console) exit(err error, command string) int {
	if err == nil {
		return 0
	}
	name := strings.TrimSpace("kindred " + command)
	message := strings.ReplaceAll(err.Error(), "\n", "; ") // as errors.Join has it
	fmt.Fprintf(con.err, "%s: %s\n", name, message)
	if fault := (*train.PanicError)(nil); errors.As(err, &fault) {
		fmt.Fprintln(con.err, fault.Stack)
	}
	switch {
	case errors.As(err, new(interruption)):
		return exitInterrupted
	case errors.As(err, new(usageError)):
		fmt.Fprintf(con.err, "See \"%s --help\".\n", name)
		return exitUsage
	}
	return exitFailure
}

// valueMessage is what package flag says about a value that a flag can't have.
var valueMessage = regexp.MustCompile(`^(?:invalid value|invalid boolean value) "(.*)" for (?:flag )?-([^:]*): (.*)$`)

// badValue puts the error of package flag in better words.
func badValue(c *cli.Context, err error, _ bool) error {
	m := valueMessage.FindStringSubmatch(err.Error())
	if m == nil {
		return asUsage(err)
	}
	want := ""
	switch findFlag(c.Command, m[2]).(type) {
	case *cli.IntFlag, *cli.Int64Flag:
		want = "a whole number"
	case *cli.Uint64Flag:
		want = "a whole number, 0 or more"
	case *cli.Float64Flag:
		want = "a number"
	case *cli.BoolFlag:
		want = "true or false"
	default:
		return usagef("%s: %s", dashed(m[2]), m[3])
	}
	return usagef("%s is %q, want %s", dashed(m[2]), m[1], want)
}

// closest returns the candidate that name may have been meant to be, "" where
// there is none like it.
func closest(name string, candidates []string) string {
	best, highest := "", 0.8
	for _, c := range candidates {
		if s := smetrics.JaroWinkler(name, c, 0.7, 4); s > highest {
			best, highest = c, s
		}
	}
	return best
}

// suggestion ends a message about an unknown name.
func suggestion(name string, candidates []string) string {
	if meant := closest(name, candidates); meant != "" {
		return fmt.Sprintf("; did you mean %q?", meant)
	}
	return "; there are: " + strings.Join(candidates, ", ")
}

// noArguments returns a usage error where a command that takes flags only was
// given something else.
func noArguments(c *cli.Context, hint string) error {
	if c.NArg() == 0 {
		return nil
	}
	return usagef("unexpected argument %q%s", c.Args().First(), hint)
}
