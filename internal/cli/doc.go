// Package cli is the command line of kindred. It turns flags into calls of the packages corpus,
// train, model and eval, and prints their results as text or JSON. [Main] runs the program:
//
//	os.Exit(cli.Main())
//
// # From arguments to a command
//
// Each command is a value of type command in the file of its name, with its help and a list of
// flags. The type flag (flag.go) describes one flag: names, default, kind, range, choices, files.
// Parsing, help (help.go), completion (completion.go) and the test of the README's tables read that
// description, so a flag is written down once.
//
// urfave/cli and the package flag below it stop at the first argument that is not a flag. So
// normalize (args.go) first sorts the arguments and checks their values. Flags may then stand
// anywhere, may take several values, and may have the names that word2vec.c, gensim and fastText
// give them. Foreign flags (foreign.go) are those that have no counterpart in kindred.
//
// The commands train and demo share a trainJob (trainjob.go). The commands nearest and analogy
// share their flags (search.go) and a prompt (prompt.go). The completion scripts call the hidden
// command __complete.
//
// # What the user sees
//
// Results go to standard output. Progress, summaries, warnings and errors go to standard error. A
// reporter (progress.go) shows what a trainJob does. For people it prints a summary and a gauge: a
// bar on a terminal, log lines elsewhere. For programs it prints one JSON object per line
// (events.go).
//
// An error is one message and an exit code (exit.go): 1 for a failure, 2 for a wrong command line,
// 130 for an interruption. A command checks what it can before it starts its work.
//
// # Interruption
//
// When the context of a command is canceled, a training stops and saves its vectors as they are, with a
// manifest that says so. Work that does not look at the context, or waits for a pipe, is abandoned
// (unlessInterrupted). Files are replaced only when they are complete.
package cli
