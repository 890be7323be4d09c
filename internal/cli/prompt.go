package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/peterh/liner"

	"kindred/internal/printable"
)

const (
	// The prompt completes the completionWords most frequent words and offers at most completions
	// at a time.
	completionWords = 200_000
	completions     = 40
)

// ask answers questions until the input ends: at a prompt on a terminal, otherwise one per line.
// name is the name of the command, for the prompt and its history. At the prompt an error is shown
// and the next question follows. Otherwise an error ends the command.
func (s *searchFlags) ask(ctx context.Context, con *console, path, name string, answer func(con *console, words []string) error) error {
	if path == stdStream {
		return usage("standard input has the vectors, and can't have the questions, too; name the words as arguments")
	}
	if !con.prompts {
		return unlessInterrupted(ctx, func() error { return s.askPipe(con, answer) })
	}
	line := liner.NewLiner()
	defer line.Close()
	line.SetCtrlCAborts(true)
	line.SetTabCompletionStyle(liner.TabPrints)
	line.SetWordCompleter(s.complete)
	history := historyFile(name)
	readHistory(line, history)
	fmt.Fprintf(con.out, "%s: %s. Tab completes, Ctrl-D ends.\n", path, counted(s.index.Len(), "word"))
	err := unlessInterrupted(ctx, func() error { return askTerminal(con, line, name+"> ", answer) })
	return errors.Join(err, writeHistory(line, history))
}

// askTerminal answers questions until Ctrl-D or Ctrl-C.
func askTerminal(con *console, line *liner.State, prompt string, answer func(con *console, words []string) error) error {
	for {
		text, err := line.Prompt(prompt)
		if errors.Is(err, io.EOF) || errors.Is(err, liner.ErrPromptAborted) {
			fmt.Fprintln(con.out)
			return nil
		}
		if err != nil {
			return err
		}
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		line.AppendHistory(strings.Join(words, " "))
		if err := answer(con, words); err != nil {
			fmt.Fprintln(con.out, message(err))
		}
	}
}

func (s *searchFlags) askPipe(con *console, answer func(con *console, words []string) error) error {
	lines := bufio.NewScanner(con.in)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		if err := answer(con, words); err != nil {
			return err
		}
	}
	return lines.Err()
}

// complete completes the word that ends at the character pos.
func (s *searchFlags) complete(line string, pos int) (head string, found []string, tail string) {
	runes := []rune(line)
	before := string(runes[:pos])
	start := strings.LastIndexByte(before, ' ') + 1
	prefix := before[start:]
	if prefix == "" {
		return before, nil, string(runes[pos:])
	}
	for id := range min(s.index.Len(), completionWords) {
		// liner prints and inserts words as they are.
		if w := s.index.Word(id); strings.HasPrefix(w, prefix) && printable.Line(w) == w {
			if found = append(found, w); len(found) == completions {
				break
			}
		}
	}
	return before[:start], found, string(runes[pos:])
}

// historyFile returns the path of the history of a prompt, or "" if there is no cache directory.
func historyFile(name string) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "kindred", name+".history")
}

// readHistory reads the history, if there is one.
func readHistory(line *liner.State, path string) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = line.ReadHistory(f) // an unreadable history is as good as none
}

func writeHistory(line *liner.State, path string) error {
	if path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("history of the prompt: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("history of the prompt: %w", err)
	}
	_, err = line.WriteHistory(f)
	return errors.Join(err, f.Close())
}
