package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// A console is where the program meets its user: results go to out, and what
// is said about the work to err.
type console struct {
	in       io.Reader
	out, err io.Writer
	// log takes warnings, and progress where err is no terminal.
	log *slog.Logger
}

func newConsole(in io.Reader, out, err io.Writer) *console {
	con := &console{in: in, out: out, err: err}
	// A log file wants the time, a screen doesn't.
	withoutTime := func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 && isTerminal(err) {
			return slog.Attr{}
		}
		return a
	}
	con.log = slog.New(tint.NewTextHandler(err, &tint.Options{
		TimeFormat:  "15:04:05",
		ReplaceAttr: withoutTime,
		NoColor:     !con.animated() || os.Getenv("NO_COLOR") != "",
	}))
	return con
}

// animated tells whether progress can be drawn in place. A terminal of unknown size, as
// some programs make, has no place.
func (con *console) animated() bool {
	return con.width() > 0 && os.Getenv("TERM") != "dumb"
}

// width returns the columns of the terminal that err is, 0 where it is none.
func (con *console) width() int {
	f, ok := con.err.(*os.File)
	if !ok {
		return 0
	}
	columns, rows, err := term.GetSize(int(f.Fd()))
	if err != nil || rows == 0 {
		return 0
	}
	return columns
}

// isTerminal tells whether a reader or writer is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// warn logs each of the warnings.
func (con *console) warn(warnings ...string) {
	for _, w := range warnings {
		con.log.Warn(w)
	}
}

// A fact is a line of a summary.
type fact struct{ label, text string }

// factColumn is where the text of a fact begins.
const factColumn = 12

// list prints facts in two columns to err; those without a text are left out. On a terminal
// the second column is broken into lines that fit.
func (con *console) list(facts ...fact) {
	con.listWithin(con.width(), facts)
}

// listWithin prints facts within some columns, of which 0 are as many as it takes.
func (con *console) listWithin(width int, facts []fact) {
	for _, f := range facts {
		var b strings.Builder
		fmt.Fprintf(&b, "%-*s", factColumn, f.label)
		switch {
		case f.text == "":
			continue
		case factColumn+utf8.RuneCountInString(f.text) > width && width > 2*factColumn:
			writeWrapped(&b, f.text, factColumn, width)
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

// counted returns n and the noun, in its number.
func counted[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// scaled returns n to three digits, with k, M or G.
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

// size returns a number of bytes in a unit that fits.
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
