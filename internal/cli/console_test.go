package cli

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNumbers(t *testing.T) {
	tests := []struct{ got, want string }{
		{grouped(0), "0"},
		{grouped(999), "999"},
		{grouped(1000), "1,000"},
		{grouped(-123456), "-123,456"},
		{grouped(int64(1) << 40), "1,099,511,627,776"},
		{counted(1, "type"), "1 type"},
		{counted(0, "type"), "0 types"},
		{scaled(0), "0"},
		{scaled(999), "999"},
		{scaled(1000), "1.00k"},
		{scaled(1.934e6), "1.93M"},
		{scaled(2e9), "2.00G"},
		{size(0), "0 bytes"},
		{size(999), "999 bytes"},
		{size(1 << 20), "1.0 MiB"},
		{size(1000 << 20), "1.0 GiB"},
		{percent(0, 0), "0 %"},
		{percent(1, 3), "33.3 %"},
		{brief(0), "0.0 s"},
		{brief(59940 * time.Millisecond), "59.9 s"},
		{brief(59960 * time.Millisecond), "1:00 min"},
		{brief(3599 * time.Second), "59:59 min"},
		{brief(3600 * time.Second), "1:00:00 h"},
		{clock(7 * time.Second), "0:07"},
		{clock(27*time.Hour + 62*time.Second), "27:01:02"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestInvocation(t *testing.T) {
	for program, want := range map[string]string{
		"kindred":                           "kindred",
		"./kindred":                         "./kindred",
		"/usr/local/bin/kindred":            "kindred",
		"/tmp/go-build123/b001/exe/kindred": "go run .",
	} {
		if got := invocation(program); got != want {
			t.Errorf("%s is called by %q, want %q", program, got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	commands := testProgram()
	tests := []struct {
		words string // separated by blanks; the last may be empty
		want  []string
	}{
		{"", []string{"help", "train", "vocab", "phrases", "eval", "compare", "ablate", "bench", "nearest", "analogy", "similarity", "vectors", "score", "classify", "convert", "index", "serve", "explore", "demo", "version", "completion"}},
		{"e", []string{"eval", "explore"}},
		{"help conv", []string{"convert"}},
		{"nothing ", nil},
		{"train --epo", []string{"--epochs"}},
		{"train --siz", []string{"--size"}},
		{"train -epo", []string{"-epochs"}},
		{"train --bin", nil}, // hidden
		{"train --negative-sharing p", []string{"pair"}},
		{"train --negative-sharing=p", []string{"--negative-sharing=pair"}},
		{"train --lower ", nil},
		{"train --input a ", nil},
		{"train --filter lower f", []string{"fold"}},
		{"train --filter=lower f", nil},
		{"train --filter stem:h", []string{"stem:hungarian"}},
		{"train --tokenizer whitespace ", nil},
		{"eval v.bin --method 3CosM", []string{"3CosMul"}},
		{"eval -- --m", nil},
		{"convert a b --from t", []string{"text", "tsv"}},
		{"convert a b --format t", []string{"text", "tsv"}},
		{"nearest v.bin ", nil},
		{"bench --tools kindred f", []string{"fasttext"}},
		{"completion z", []string{"zsh"}},
	}
	for _, test := range tests {
		var got []string
		for _, c := range complete(commands, strings.Split(test.words, " ")) {
			got = append(got, c.word)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.words, diff)
		}
	}
}

func TestPromptCompletion(t *testing.T) {
	e := vectorsOf(t, "king", "kind", "Köln", "kin", "queen")
	s := searchFlags{index: e}
	tests := []struct {
		line string
		pos  int
		head string
		want []string
		tail string
	}{
		{"", 0, "", nil, ""},
		{"ki", 2, "", []string{"king", "kind", "kin"}, ""},
		{"man Kö woman", 6, "man ", []string{"Köln"}, " woman"},
		{"man ", 4, "man ", nil, ""},
		{"zz", 2, "", nil, ""},
	}
	for _, test := range tests {
		head, got, tail := s.complete(test.line, test.pos)
		if head != test.head || tail != test.tail || !cmp.Equal(got, test.want) {
			t.Errorf("%q at %d: %q %q %q, want %q %q %q", test.line, test.pos, head, got, tail, test.head, test.want, test.tail)
		}
	}
}

// A wrapped line keeps its column. A line is not wrapped without a terminal, or on a very narrow one.
func TestListWithin(t *testing.T) {
	lines := []summaryLine{{"Text", "one two three, four"}, {"Empty", ""}, {"Output", "v.bin"}}
	for width, want := range map[int]string{
		0:  "Text        one two three, four\nOutput      v.bin\n",
		31: "Text        one two three, four\nOutput      v.bin\n",
		30: "Text        one two three,\n            four\nOutput      v.bin\n",
		25: "Text        one two\n            three, four\nOutput      v.bin\n",
		20: "Text        one two three, four\nOutput      v.bin\n",
	} {
		var screen bytes.Buffer
		newConsole(strings.NewReader(""), &screen, &screen).listWithin(width, lines)
		if diff := cmp.Diff(want, screen.String()); diff != "" {
			t.Errorf("width %d (-want +got):\n%s", width, diff)
		}
	}
}

// A command that forgets that names come from files prints them safely all the same.
func TestConsoleEscapes(t *testing.T) {
	var out, said bytes.Buffer
	con := newConsole(strings.NewReader(""), &out, &said)
	fmt.Fprintf(con.err, "a\x1b[2J\n")
	con.say("b\n\a")
	con.list(summaryLine{"c", "d\n\x9b"})
	con.log.Warn("e\n\x7f", "error", errors.New("f\n\u202e"), "text", "g\n")
	con.exit(fmt.Errorf("h: %w", errors.Join(errors.New("i\nj"), errors.New("k\x1b"))), "")
	fmt.Fprintf(con.out, "l\x1b\n")
	want := `a\x1b[2J
b\n\x07
c           d\n\x9b
WRN e\n\u007f error=f\n\u202e text=g\n
kindred: h: i\nj; k\x1b
`
	got := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d `).ReplaceAllString(said.String(), "")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if out.String() != "l\x1b\n" {
		t.Errorf("results that are not on a terminal: %q", &out)
	}
}
