package textfile

import (
	"strings"
	"testing"

	"kindred/internal/filetype"
)

func TestMaxLines(t *testing.T) {
	for _, test := range []struct {
		text string
		ok   bool
	}{{"a\nb\nc\n", true}, {"a\nb\nc", true}, {"a\r\nb\r\nc\r\n", true}, {"a\nb\nc\nd", false}, {"a\nb\nc\n\n", false}} {
		lines, err := New("F", strings.NewReader(test.text), Options{Want: filetype.List, MaxLines: 3})
		if err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
		}
		err = lines.Err()
		if (err == nil) != test.ok || err != nil && err.Error() != "F: more than 3 lines, too many for a list of words" {
			t.Errorf("%q: %v", test.text, err)
		}
	}
}

// Deep nesting is found wherever it is, and dots and brackets elsewhere don't count.
func TestCheckNesting(t *testing.T) {
	many := func(s string) string { return strings.Repeat(s, 1000) }
	for _, text := range []string{
		"a" + many(".a") + "=1", `"a"` + many(`."a"`) + "=1", "[a" + many(" . a") + "]", "a=" + many("["),
		"a=" + many("{a="), "a=" + many("{a=["), "#x\ns='''\n'''\n[" + many("["),
	} {
		if err := CheckNesting("F", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "F:") {
			t.Errorf("%.20q…: %v", text, err)
		}
	}
	for _, text := range []string{
		"", "a=[" + many("1.5,") + "]", "a=[" + many("[1.5],") + "]", many("[[variant]]\nlr=[0.1,0.2]\n"),
		"#" + many("[{."), "#" + many("[{.") + "\na=1", "a='" + many("[") + "'", `a="\"` + many("[") + `"`,
		"a=\"\"\"" + many("[\n") + "\"\"\"", "a='''" + many("'[.\n") + "'''", "a='" + many("[.")[:60] + "\nb=1", `a="` + many(`\`), "'",
	} {
		if err := CheckNesting("F", []byte(text)); err != nil {
			t.Errorf("%.20q…: %v", text, err)
		}
	}
}
