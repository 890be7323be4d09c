package english

import (
	"strings"
	"testing"
)

func TestPlural(t *testing.T) {
	for n, want := range map[int]string{0: "0 words", 1: "1 word", 2: "2 words", 1000: "1000 words"} {
		if got := Plural(n, "word"); got != want {
			t.Errorf("Plural(%d) is %q, want %q", n, got, want)
		}
	}
}

func TestList(t *testing.T) {
	items := strings.Fields("a b c d")
	for shown, want := range map[int]string{4: "a, b, c, d", 5: "a, b, c, d", 3: "a, b, c and 1 more"} {
		if got := List(items, shown); got != want {
			t.Errorf("List of at most %d is %q, want %q", shown, got, want)
		}
	}
}

func TestClosest(t *testing.T) {
	valid := []string{"train", "vocab", "eval"}
	for name, want := range map[string]string{"trian": "train", "xyz": "", "": "", "evaluate": "eval"} {
		if got := Closest(name, valid); got != want {
			t.Errorf("Closest(%q) is %q, want %q", name, got, want)
		}
	}
}

func TestAnd(t *testing.T) {
	for list, want := range map[string]string{"": "", "a": "a", "a b": "a and b", "a b c": "a, b and c"} {
		if got := And(strings.Fields(list)); got != want {
			t.Errorf("And of %q is %q, want %q", list, got, want)
		}
	}
}
