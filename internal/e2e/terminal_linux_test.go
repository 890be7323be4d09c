package e2e

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"kindred/internal/printable"
)

// onTerminal runs the program with all streams on a terminal of 24 lines of 200 characters, and returns
// its exit code and what a person would see, with line ends of one character.
func (v *victim) onTerminal(args ...string) (code int, screen string) {
	v.t.Helper()
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		v.t.Skipf("no terminal: %v", err)
	}
	defer pty.Close()
	number, err := unix.IoctlGetInt(int(pty.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(pty.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(int(pty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 200})
	}
	if err != nil {
		v.t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		v.t.Fatal(err)
	}
	cmd, _ := v.command(args...)
	cmd.Env = append(cmd.Env, "NO_COLOR=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	tty.Close()
	var seen bytes.Buffer
	io.Copy(&seen, pty) // ends with EIO when the program has closed the terminal
	return exitCode(v.t, cmd.Wait()), strings.ReplaceAll(seen.String(), "\r\n", "\n")
}

// hostile is a name that would ring, clear the screen, reverse the text behind it, and begin a line.
const hostile = "w\a\x1b[2J\x7f\u009b31m\u202ez"

// TestHostileNames runs commands on words and files with hostile names. What they print is safe on a
// terminal. A pipe gets the words as they are, and messages without control characters.
func TestHostileNames(t *testing.T) {
	v := newVictim(t)
	// A text is split at control characters, and a set with one is refused.
	const reversed = "\u202etheeht"
	text := bytes.ReplaceAll(v.read("text.txt"), []byte(" the "), []byte(" "+reversed+" "))
	file := hostile + "\n.txt"
	v.write(file, text)
	v.write("v.txt", []byte("3 2\n"+hostile+" 1 0\nb 1 0.5\nc 0 1\n"))
	v.write("u.txt", []byte("3 2\n"+reversed+" 1 0\nb 1 0.5\nc 0 1\n"))
	set := hostile + "\nset.tsv"
	v.write(set, []byte("b\tc\t1\n"+reversed+"\tb\t2\n"+reversed+"\tc\t3\nd\t"+reversed+"\t3\n"))
	v.write("broken.txt", []byte("2 2\n"+hostile+" 1 0\n"+hostile+" 1 x\n"))
	v.write("plan.toml", []byte(`[[variant]]
dim = 4
name = "a\u001b[2J"
against = "\u202e\u0007"
`))
	for _, test := range []struct {
		code int
		args []string
		word string // in the output to a pipe
	}{
		{0, []string{"nearest", "v.txt", "b", hostile}, "\n" + hostile + " "},
		{0, []string{"similarity", "v.txt", "b", hostile}, ""},
		{0, []string{"vectors", "v.txt", "b", hostile}, "\n" + hostile + " 1 0\n"},
		{0, []string{"nearest", "v.txt", "b", "--json"}, `"w\u0007\u001b[2J`},
		{1, []string{"nearest", "v.txt", hostile + "?"}, ""},
		{1, []string{"nearest", "broken.txt", "b"}, ""},
		{0, []string{"analogy", "v.txt", hostile, "b", "c", "--method", "both"}, ""},
		{0, []string{"vocab", "--input", file}, reversed + " 2630\n"},
		{0, []string{"vocab", "--input", file, "--output", "words\x1b"}, ""},
		{0, []string{"train", "--input", file, "--output", hostile + ".bin", "--dim", "4", "--epochs", "1"}, ""},
		{2, []string{"train", "--input", file + "?", "--output", "x.bin"}, ""},
		{2, []string{"train", "--input", file, "--output", "x.bin", "--" + hostile}, ""},
		{2, []string{hostile}, ""},
		{0, []string{"eval", "u.txt", set}, ""},
		{0, []string{"eval", "u.txt", set, "--markdown"}, ""},
		{1, []string{"eval", "v.txt", "v.txt"}, ""},
		{0, []string{"compare", hostile + "=v.txt", "u.txt", "--sets", set, "--html", "page.html"}, ""},
		{0, []string{"convert", "v.txt", "\u202e.bin"}, ""},
		{2, []string{"ablate", "--input", file, "--output", "results", "--plan", "plan.toml"}, ""},
		{2, []string{"bench", "--input", file, "--tools", hostile}, ""},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			v := &victim{t, v.dir}
			args := append([]string{"kindred"}, test.args...)
			code, screen := v.onTerminal(args...)
			if code != test.code {
				t.Errorf("exit code %d, want %d: %s", code, test.code, screen)
			}
			screen = screen[strings.LastIndex(screen, "\x1b[J")+1:] // after the bar
			screen = strings.TrimPrefix(screen, "[J")
			if printable.Text(screen) != screen {
				t.Errorf("on a terminal: %q", screen)
			}
			if test.args[0] == "nearest" && strings.HasSuffix(screen, "\n") && !strings.Contains(screen, ":") {
				answers := strings.Split(strings.TrimSpace(screen), "\n")[1:3]
				if len(answers[0]) != len(answers[1]) {
					t.Errorf("numbers are not in one column: %q", answers)
				}
			}
			cmd, _ := v.command(args...)
			var out, said bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &said
			if code := exitCode(t, cmd.Run()); code != test.code {
				t.Errorf("exit code %d without a terminal, want %d: %s", code, test.code, &said)
			}
			if printable.Text(said.String()) != said.String() {
				t.Errorf("messages: %q", &said)
			}
			if strings.Contains(said.String(), "\n.txt") || strings.Contains(said.String(), "\nset.tsv") {
				t.Errorf("a name begins a line: %q", &said)
			}
			if name := test.args[0]; (name == "eval" || name == "compare") && printable.Text(out.String()) != out.String() {
				t.Errorf("report: %q", &out)
			}
			if test.word != "" && !strings.Contains(out.String(), test.word) {
				t.Errorf("the pipe has not %q: %q", test.word, &out)
			}
		})
	}
	if page := string(v.read("page.html")); printable.Text(page) != page {
		t.Error("the page has control characters")
	}
	if words := string(v.read("words\x1b")); !strings.Contains(words, reversed+" 2630\n") {
		t.Error("the vocabulary has not the word as it is")
	}
}
