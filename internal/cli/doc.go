// Package cli is the command line of kindred: a thin layer that turns flags into
// calls of the packages corpus, train, model and eval, and their results into text
// or JSON. [Run] is all there is to call:
//
//	os.Exit(cli.Run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr))
//
// # From arguments to a command
//
// Package flag stops at the first argument that is no flag. So arrange (arrange.go)
// sorts the arguments first, by the definitions of the command's flags: they may then stand
// anywhere, a flag may take several values, and the names and habits of
// word2vec.c, gensim and fastText work; foreign.go answers those that have no
// counterpart. After that urfave/cli parses the values and calls the command.
//
// Each command has a file of its name: its flags, its help with examples, and a
// function that calls the library. The commands that train (train, demo) share a job (job.go);
// those that search (nearest, analogy) share a search (search.go) and a prompt (prompt.go).
// completion prints scripts that ask the hidden command __complete
// (candidates.go) how a command line may go on.
//
// # What the user sees
//
// Results go to standard output; progress, summaries, warnings and errors go
// to standard error. A reporter (job.go) tells what a job does: to people as a
// summary with a gauge in between, which is a bar on a terminal (bar.go) and
// lines in a log elsewhere (ticker.go), or to programs as JSON, a line each (events.go).
//
// An error is one message and an exit code (exit.go): 1 for a failure, 2 for a command
// line that is wrong in itself, 130 for an interruption. What can be known to be
// wrong before the work is reported before it.
//
// # Interruption
//
// When the context of Run is cancelled, a training stops and its vectors are
// saved as they are, marked as incomplete in their manifest. Work that can't look at
// the context, or waits for a pipe, is left behind (unlessInterrupted); files are
// replaced only when they are complete, so nothing is torn.
package cli
