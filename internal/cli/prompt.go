package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/peterh/liner"

	"kindred/internal/atomicfile"
	"kindred/internal/filetype"
	"kindred/internal/printable"
	"kindred/internal/textfile"
	"kindred/model"
)

const (
	// The prompt completes the completionWords most frequent words and offers at most completions
	// at a time.
	completionWords = 200_000
	completions     = 40
)

// A question is one line of input, or the words of the command line.
type question struct {
	line  string   // as it was given, "" on the command line
	words []string // that are asked about
	minus []string // to be subtracted; only the prompt has them in a line
}

// A round counts questions and those that got no answer. An error is shown when the next question
// comes, as that of the only one is the error of the command.
type round struct {
	con           *console
	name          string // of the command
	asked, failed int
	last          error
}

// add answers a question. It reports whether to go on: not if what is printed is lost.
func (r *round) add(answer func() error) bool {
	r.show()
	r.asked++
	if r.last = answer(); r.last != nil {
		r.failed++
	}
	return r.con.lost() == nil
}

// show prints the error of the last question.
func (r *round) show() {
	if r.last != nil {
		r.con.say("kindred " + r.name + ": " + message(r.last))
	}
	r.last = nil
}

// end returns the error of the round: that of the lost output or of the only question, or one that
// counts.
func (r *round) end() error {
	if err := r.con.lost(); err != nil {
		return err
	}
	if r.asked == 1 || r.failed == 0 {
		return r.last
	}
	r.show()
	return fmt.Errorf("%d of %d questions had an error", r.failed, r.asked)
}

// ask answers questions until the input ends: at a prompt on a terminal, otherwise one per line. An
// error is shown and the next question follows. Without a prompt, an error makes the command fail at
// the end.
func (s *searchFlags) ask(c *call, con *console, path string, answer func(con *console, q question) error) error {
	name := c.command.name
	if err := questionsFree(path); err != nil {
		return err
	}
	if !con.prompts {
		return unlessInterrupted(c.ctx, func() error {
			return askPipe(con, name, s.index.Embeddings(), s.together, func(q question) error { return answer(con, q) })
		})
	}
	line := liner.NewLiner()
	defer line.Close()
	line.SetCtrlCAborts(true)
	line.SetTabCompletionStyle(liner.TabPrints)
	line.SetWordCompleter(s.complete)
	history := historyFile(name)
	readHistory(line, history)
	fmt.Fprintf(con.out, "%s: %s. Tab completes, Ctrl-D ends.\n", con.shown(path), counted(s.index.Len(), "word"))
	err := unlessInterrupted(c.ctx, func() error { return askTerminal(con, line, name+"> ", name == "nearest", answer) })
	return errors.Join(err, writeHistory(line, history))
}

// questionsFree returns an error if standard input, which has the questions, has the vectors at path.
func questionsFree(path string) error {
	if path == stdStream {
		return usage("standard input has the vectors, and can't have the questions, too; name the words as arguments")
	}
	return nil
}

// askTerminal answers questions until Ctrl-D or Ctrl-C. minus says that the words after a dash are to
// be subtracted.
func askTerminal(con *console, line *liner.State, prompt string, minus bool, answer func(con *console, q question) error) error {
	for {
		text, err := line.Prompt(prompt)
		if errors.Is(err, io.EOF) || errors.Is(err, liner.ErrPromptAborted) {
			fmt.Fprintln(con.out)
			return nil
		}
		if err != nil {
			return err
		}
		q := question{line: text, words: strings.Fields(text)}
		if len(q.words) == 0 {
			continue
		}
		line.AppendHistory(strings.Join(q.words, " "))
		if at := slices.Index(q.words, "-"); minus && at > 0 && at < len(q.words)-1 {
			q.words, q.minus = q.words[:at], q.words[at+1:]
		}
		if err := answer(con, q); err != nil {
			fmt.Fprintln(con.out, message(err))
		}
	}
}

// askPipe answers the questions on the lines of standard input. A line is a word, whatever characters
// it has, if e has such a word. Otherwise it is split at white space. With split, it always is.
func askPipe(con *console, name string, e *model.Embeddings, split bool, answer func(q question) error) error {
	lines, err := textfile.New("standard input", con.in, textfile.Options{Want: filetype.Queries, AnyBytes: true, Interactive: true})
	if err != nil {
		return err
	}
	r := &round{con: con, name: name}
	for lines.Scan() {
		line := string(lines.Bytes())
		q := question{line: line, words: strings.Fields(line)}
		for _, whole := range []string{line, strings.Trim(line, " \t")} {
			if _, known := e.Vocabulary.ID(whole); known && !split {
				q.words = []string{whole}
				break
			}
		}
		if len(q.words) > 0 && !r.add(func() error { return answer(q) }) {
			break
		}
	}
	return errors.Join(r.end(), lines.Err())
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
	words := s.index.Embeddings().Vocabulary
	for id := range min(words.Len(), completionWords) {
		// liner prints and inserts words as they are.
		if w := words.Word(id); strings.HasPrefix(w, prefix) && printable.Line(w) == w {
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
	f, err := filetype.OpenRegular(path)
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
	if f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err == nil { // for nobody else to read
		f.Close()
	}
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return err // a link, a pipe or a device is the user's
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		_, err := line.WriteHistory(w)
		return err
	})
	if err != nil {
		return fmt.Errorf("history of the prompt: %w", err)
	}
	return nil
}
