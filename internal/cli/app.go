package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/urfave/cli/v2"

	"kindred/internal/kernel"
	"kindred/internal/version"
	"kindred/train"
)

// A command is one of the commands of the program.
type command struct {
	name      string
	summary   string // one line, in the list of commands
	arguments string // as the line of usage shows them
	about     string // paragraphs, for the help
	examples  string // command lines, each with a comment above it
	flags     []*flag
	notes     string // more sections of the help
	// files returns the files that the arguments name; nil means that they name none. Those of flags
	// are known by the flags. No command runs before its files have been checked: see [call.claim].
	files   func(words []string) []namedFile
	run     func(c *call) error
	hidden  bool
	follows bool // another process writes the outputs
	raw     bool // takes its arguments as they are
}

// A call is one call of a command, after its flags have got their values.
type call struct {
	ctx     context.Context
	command *command
	words   []string               // the arguments that are not flags
	given   func(name string) bool // reports whether a flag is on the command line
	outputs []place                // the files that the command writes
	// orderly is set when the command stops by itself if it is interrupted.
	orderly atomic.Bool
}

// action runs a command for urfave/cli.
func (c *command) action(u *cli.Context) error {
	k := &call{ctx: u.Context, command: c, words: u.Args().Slice(), given: u.IsSet}
	release, err := k.claim()
	defer release()
	if err != nil {
		return err
	}
	return k.untilInterrupted(func() error { return c.run(k) })
}

// untilInterrupted runs a command. If ctx is canceled, it gives the command time to stop, and abandons
// it unless it is orderly. So whatever a command reads, an interrupt ends the wait for a pipe that no
// one writes.
func (c *call) untilInterrupted(run func() error) error {
	done := begin(run)
	ended, err := await(c.ctx, done, 2*grace) // parts of a command that abandon their work come first
	switch {
	case ended:
		return err
	case c.orderly.Load():
		return <-done
	}
	return interruption("interrupted")
}

// stopsItself says that from now on the command stops by itself if it is interrupted, however long it
// takes to save what it has.
func (c *call) stopsItself() { c.orderly.Store(true) }

// Main runs the program with the arguments and streams of the process, and returns its exit
// code. An interrupt, SIGTERM or SIGHUP cancels the work; a second one ends the process at once.
func Main() int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup has it ignored
		signal.Notify(signals, syscall.SIGHUP)
	}
	go cancelBy(signals, cancel)
	return run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr)
}

// cancelBy calls cancel at the first signal. From then on an interrupt and SIGTERM do what they do by
// default, but a SIGHUP does nothing: a terminal that is closed sends several, often together with
// SIGTERM.
func cancelBy(signals <-chan os.Signal, cancel func()) {
	for s := range signals {
		cancel()
		if s != syscall.SIGHUP {
			signal.Reset(os.Interrupt, syscall.SIGTERM)
		}
	}
}

// run runs the program and returns its exit code. The first of args is the name of the program.
// If ctx is canceled, the command stops in an orderly way and the code is 130, as after Ctrl-C.
func run(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	con := newConsole(in, out, err)
	if err := con.startWorld(args); err != nil {
		return con.exit(err, "train")
	}
	commands := newCommands(con)
	args, failure := normalize(commands, args)
	if failure == nil {
		failure = newApp(con, commands).RunContext(ctx, args)
	}
	name := ""
	if len(args) > 1 {
		if c := findCommand(commands, args[1]); c != nil {
			name = c.name
		}
	}
	return con.endWorld(failure, name)
}

// newCommands returns all commands in the order of the help.
func newCommands(con *console) []*command {
	commands := []*command{
		trainCommand(con),
		vocabCommand(con),
		phrasesCommand(con),
		evalCommand(con),
		compareCommand(con),
		ablateCommand(con),
		benchCommand(con),
		nearestCommand(con),
		analogyCommand(con),
		similarityCommand(con),
		vectorsCommand(con),
		scoreCommand(con),
		classifyCommand(con),
		convertCommand(con),
		indexCommand(con),
		serveCommand(con),
		exploreCommand(con),
		demoCommand(con),
		versionCommand(con),
		completionCommand(con),
	}
	return append(commands, completeCommand(con, commands))
}

// newApp makes the commands known to urfave/cli, which calls them.
func newApp(con *console, commands []*command) *cli.App {
	app := &cli.App{
		Name:    version.Tool,
		Version: version.String(),
		Reader:  con.in, Writer: con.out, ErrWriter: con.err,
		ExitErrHandler:        func(*cli.Context, error) {},
		CustomAppHelpTemplate: verbatim(appHelp(commands)),
	}
	for _, c := range commands {
		u := &cli.Command{
			Name: c.name, Action: c.action, SkipFlagParsing: c.raw, HideHelp: c.raw, HideHelpCommand: true,
			CustomHelpTemplate: verbatim(commandHelp(c)),
		}
		for _, f := range c.flags {
			u.Flags = append(u.Flags, f.urfave())
		}
		app.Commands = append(app.Commands, u)
	}
	return app
}

// verbatim returns the template that yields text.
func verbatim(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }

// findCommand returns the command of a name, or nil if there is none.
func findCommand(commands []*command, name string) *command {
	if i := slices.IndexFunc(commands, func(c *command) bool { return c.name == name }); i >= 0 {
		return commands[i]
	}
	return nil
}

// build describes the program, in the form in which --json prints it.
type build struct {
	Version   string `json:"version"`
	GoVersion string `json:"go_version"`
	Platform  string `json:"platform"`
	// Kernels can run on this processor. Auto is the one that is chosen for the default dimension.
	Kernels []string `json:"kernels"`
	Auto    string   `json:"auto_kernel"`
}

func versionCommand(con *console) *command {
	var asJSON bool
	return &command{
		name: "version", summary: "print version, platform and kernels", arguments: "[FLAGS]",
		examples: "kindred version",
		flags:    []*flag{{name: "json", into: &asJSON, help: "write JSON"}},
		run: func(c *call) error {
			if err := noArguments(c, ""); err != nil {
				return err
			}
			b := build{Version: version.String(), GoVersion: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Auto: kernel.Auto(train.Defaults().Dim).Name}
			for _, k := range kernel.Available() {
				b.Kernels = append(b.Kernels, k.Name)
			}
			if asJSON {
				return json.NewEncoder(con.out).Encode(b)
			}
			_, err := fmt.Fprintf(con.out, "%s %s\nGo        %s\nPlatform  %s\nKernels   %s (auto takes %s for dimension %d)\n",
				version.Tool, b.Version, b.GoVersion, b.Platform, strings.Join(b.Kernels, ", "), b.Auto, train.Defaults().Dim)
			return err
		},
	}
}
