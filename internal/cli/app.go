package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"kindred/internal/version"
)

// Main runs the program with the arguments and streams of the process, and returns its exit
// code. An interrupt or SIGTERM cancels the work; a second one ends the process at once.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return Run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr)
}

// Run runs the program with the given arguments, the first of which is its own name, and
// returns its exit code. Cancelling ctx is what Ctrl-C does: commands stop in
// an orderly way, and the code is 130.
func Run(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	con := newConsole(in, out, err)
	app := newApp(con)
	args, failure := arrange(app, args)
	if failure == nil {
		failure = app.RunContext(ctx, args)
	}
	return con.exit(failure, commandName(app, args))
}

func newApp(con *console) *cli.App {
	app := &cli.App{
		Name:    version.Tool,
		Usage:   "train, evaluate and use word embeddings (skip-gram with negative sampling)",
		Version: version.String(),
		Commands: []*cli.Command{
			trainCommand(con),
			vocabCommand(con),
			evalCommand(con),
			compareCommand(con),
			ablateCommand(con),
			benchCommand(con),
			nearestCommand(con),
			analogyCommand(con),
			convertCommand(con),
			demoCommand(con),
			versionCommand(con),
			completionCommand(con),
		},
		Reader:                    con.in,
		Writer:                    con.out,
		ErrWriter:                 con.err,
		DisableSliceFlagSeparator: true, // file names may hold commas
		ExitErrHandler:            func(*cli.Context, error) {},
	}
	app.Commands = append(app.Commands, candidatesCommand(con, app))
	for _, c := range app.Commands {
		c.HideHelpCommand = true
		c.OnUsageError = badValue
	}
	app.CustomAppHelpTemplate = appHelp(app)
	return app
}

// commandName returns the name of the command that args call, "" where there
// is none.
func commandName(app *cli.App, args []string) string {
	if len(args) > 1 {
		if c := app.Command(args[1]); c != nil {
			return c.Name
		}
	}
	return ""
}
