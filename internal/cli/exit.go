package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"kindred/corpus/analysis"
	"kindred/internal/english"
	"kindred/internal/filetype"
	"kindred/internal/printable"
	"kindred/train"
)

// Exit codes besides 0.
const (
	exitFailure     = 1   // the work failed
	exitUsage       = 2   // the command line is wrong
	exitInterrupted = 130 // 128 + SIGINT, as in shells
)

// A usageError reports a wrong command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usage returns an error of the command line.
func usage(message string) error { return usageError{errors.New(message)} }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// asUsage makes an error a usage error, unless a file is to blame: one that can't be read, one that is
// something else, or a list of words that is none. It returns nil for nil.
func asUsage(err error) error {
	if err == nil || errors.As(err, new(*fs.PathError)) || errors.As(err, new(*analysis.ListError)) || errors.As(err, new(*filetype.Error)) {
		return err
	}
	return usageError{err}
}

// An interruption reports that the user stopped the program, and what was saved.
type interruption string

func (i interruption) Error() string { return string(i) }

// grace is how long interrupted work may take to end by itself.
const grace = 300 * time.Millisecond

// unlessInterrupted runs work that does not look at ctx or may wait for a pipe. It abandons the work
// shortly after ctx is canceled.
func unlessInterrupted(ctx context.Context, work func() error) error {
	ended, err := await(ctx, begin(work), grace)
	if !ended {
		return interruption("interrupted")
	}
	return err
}

// begin runs work in a goroutine. The channel gets its error.
func begin(work func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	return done
}

// await waits for the error of work. If ctx is canceled, it gives up after some time.
func await(ctx context.Context, done <-chan error, patience time.Duration) (ended bool, err error) {
	select {
	case err := <-done:
		return true, err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return true, err
	case <-time.After(patience):
		return false, nil
	}
}

// exit prints the error, if there is one, and returns the exit code. Output that could not be
// written is an error, too.
func (con *console) exit(err error, command string) int {
	if err == nil {
		err = con.failure()
	}
	if err == nil {
		return 0
	}
	name := strings.TrimSpace("kindred " + command)
	con.say(name + ": " + message(err))
	if fault := (*train.PanicError)(nil); errors.As(err, &fault) {
		fmt.Fprintln(con.err, fault.Stack)
	}
	switch {
	case errors.As(err, new(interruption)):
		return exitInterrupted
	case errors.As(err, new(usageError)):
		con.say(fmt.Sprintf("See \"%s --help\".", name))
		return exitUsage
	}
	return exitFailure
}

// message returns the text of an error as one line. Errors that [errors.Join] has put on lines of their
// own are separated by semicolons; a newline in a name is escaped.
func message(err error) string {
	text := err.Error()
	switch outer := err.(type) {
	case interface{ Unwrap() []error }:
		var lines, parts []string
		for _, inner := range outer.Unwrap() {
			lines, parts = append(lines, inner.Error()), append(parts, message(inner))
		}
		if joined := strings.Join(lines, "\n"); text == joined {
			return strings.Join(parts, "; ")
		}
	case interface{ Unwrap() error }:
		if inner := outer.Unwrap(); inner != nil {
			if before, after, ok := strings.Cut(text, inner.Error()); ok {
				return printable.Line(before) + message(inner) + printable.Line(after)
			}
		}
	}
	return printable.Line(text)
}

// suggestion ends a message about an unknown name.
func suggestion(name string, valid []string) string {
	if meant := english.Closest(name, valid); meant != "" {
		return fmt.Sprintf("; did you mean %q?", meant)
	}
	return "; there are: " + strings.Join(valid, ", ")
}
