package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"kindred/internal/printable"
	"kindred/train/parallel/mpi"
)

// A console holds the streams of the program. Results go to out; progress, warnings and errors go
// to err.
//
// Words, names of files and the output of other programs may hold characters that a terminal obeys.
// So err escapes them always, and out if it is a terminal; a pipe or a file gets the bytes of the
// data. See package printable.
type console struct {
	in       io.Reader
	out, err io.Writer
	// log takes warnings, and progress if err is not a terminal.
	log *slog.Logger
	// results and screen are out and err without escapes. What draws by control characters of its own
	// writes to screen.
	results, screen *output
	// world connects the process to other ranks, nil if there are none. voice is standard error of a rank that prints nothing.
	world *mpi.World
	voice io.Writer
	// prompts says that the program can ask: in and out are terminals.
	prompts bool

	mu       sync.Mutex // of warnings: checkpoints are written beside the training
	warnings []string   // all that were given, for summaries
}

func newConsole(in io.Reader, out, err io.Writer) *console {
	con := &console{
		in:      in,
		results: &output{stream: out, name: "standard output"}, screen: &output{stream: err, name: "standard error"},
		prompts: isTerminal(in) && isTerminal(out),
	}
	con.err = printable.NewWriter(con.screen)
	con.out = con.results
	if isTerminal(out) {
		con.out = printable.NewWriter(con.results)
	}
	con.log = slog.New(tint.NewTextHandler(con.screen, &tint.Options{
		TimeFormat: "15:04:05",
		NoColor:    !con.animated() || os.Getenv("NO_COLOR") != "",
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			// A log file needs the time; a screen does not.
			if a.Key == slog.TimeKey && len(groups) == 0 && isTerminal(err) {
				return slog.Attr{}
			}
			return printableAttr(a)
		},
	}))
	return con
}

// An output is standard output or standard error. It remembers the first error, which many who write
// to it have no use for, so that a program whose output is lost does not end with success.
type output struct {
	stream io.Writer
	name   string
	mu     sync.Mutex // logs and events come from several goroutines
	failed error
}

// Write writes to the stream.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.stream.Write(p)
	if err == nil {
		return n, nil
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	err = fmt.Errorf("writing to %s: %w", o.name, err)
	if o.failed == nil {
		o.failed = err
	}
	return n, err
}

// failure returns the first error of writing to the streams, standard output first.
func (con *console) failure() error { return cmp.Or(con.lost(), con.screen.failure()) }

// lost returns the first error of writing to standard output. Whoever prints many results should then
// stop.
func (con *console) lost() error { return con.results.failure() }

// failure returns the first error of writing.
func (o *output) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failed
}

// printableAttr returns an attribute of the log, or its message, with its text escaped.
func printableAttr(a slog.Attr) slog.Attr {
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, printable.Line(v.String()))
	case slog.KindAny:
		switch text := v.Any().(type) {
		case slog.Level:
		case error:
			return slog.String(a.Key, printable.Line(text.Error()))
		default:
			return slog.String(a.Key, printable.Line(fmt.Sprint(text)))
		}
	}
	return a
}

// shown returns a word as out shows it: on a terminal it keeps to its line and is as wide as it looks.
func (con *console) shown(word string) string {
	if _, terminal := con.out.(*printable.Writer); terminal {
		return printable.Line(word)
	}
	return word
}

// say prints a line to err.
func (con *console) say(line string) { fmt.Fprintln(con.err, printable.Line(line)) }

// animated reports whether progress can be redrawn in place. That needs a terminal of known size.
func (con *console) animated() bool {
	return con.width() > 0 && os.Getenv("TERM") != "dumb"
}

// width returns the number of columns of the terminal err, or 0 if it is not a terminal.
func (con *console) width() int {
	f, ok := con.screen.stream.(*os.File)
	if !ok {
		return 0
	}
	columns, rows, err := term.GetSize(int(f.Fd()))
	if err != nil || rows == 0 {
		return 0
	}
	return columns
}

// isTerminal reports whether a reader or writer is a terminal.
func isTerminal(stream any) bool {
	if o, ok := stream.(*output); ok {
		stream = o.stream
	}
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// warn logs each of the warnings. --quiet does not silence them.
func (con *console) warn(warnings ...string) {
	con.mu.Lock()
	con.warnings = append(con.warnings, warnings...)
	con.mu.Unlock()
	for _, w := range warnings {
		con.log.Warn(w)
	}
}

// warned returns all warnings so far, not nil.
func (con *console) warned() []string {
	con.mu.Lock()
	defer con.mu.Unlock()
	return append([]string{}, con.warnings...)
}

// A summaryLine is a line of a summary.
type summaryLine struct{ label, text string }

// textColumn is the column in which the text of a summary line begins.
const textColumn = 12

// list prints lines in two columns to err, without those that have no text. On a terminal it wraps
// the second column.
func (con *console) list(lines ...summaryLine) {
	con.listWithin(con.width(), lines)
}

// listWithin prints lines wrapped to the width, which is 0 for no limit.
func (con *console) listWithin(width int, lines []summaryLine) {
	for _, f := range lines {
		f.text = printable.Line(f.text)
		var b strings.Builder
		fmt.Fprintf(&b, "%-*s", textColumn, f.label)
		switch {
		case f.text == "":
			continue
		case textColumn+utf8.RuneCountInString(f.text) > width && width > 2*textColumn:
			writeWrapped(&b, f.text, textColumn, width)
		default:
			fmt.Fprintln(&b, f.text)
		}
		io.WriteString(con.err, b.String())
	}
}

// grouped returns n with a comma between groups of three digits.
func grouped[N int | int64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// counted is [english.Plural] with grouped digits: "2,000 words".
func counted[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// scaled returns n with k, M or G: 1.93M.
func scaled(n float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if n >= u.size {
			return strconv.FormatFloat(n/u.size, 'f', 2, 64) + u.name
		}
	}
	return strconv.FormatFloat(n, 'f', 0, 64)
}

// size returns a number of bytes in a unit that fits: 1.5 GiB.
func size(bytes int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	n, u := float64(bytes), 0
	for n >= 1000 && u < len(units)-1 {
		n /= 1024
		u++
	}
	if u == 0 {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return fmt.Sprintf("%.1f %s", n, units[u])
}

// percent returns the share of part in whole.
func percent(part, whole int64) string {
	if whole == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}
