// Package english has the few rules of English that messages need: plurals, lists, and guesses for
// misspelled names.
package english

import (
	"fmt"
	"strings"

	"github.com/xrash/smetrics"
)

// Plural returns n and the noun, which gets an s unless n is 1: "1 word", "2000 words".
func Plural[N ~int | ~int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Be returns "is" for one thing, "are" for more or none.
func Be(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// List joins the items by commas. It shows at most so many, and says how many more there are.
func List(items []string, shown int) string {
	if len(items) <= shown {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:shown], ", "), len(items)-shown)
}

// Closest returns the valid name most like the given one by Jaro-Winkler similarity, or "" if
// none is more than 0.8 like it.
func Closest(name string, valid []string) string {
	best, highest := "", 0.8
	for _, v := range valid {
		if s := smetrics.JaroWinkler(name, v, 0.7, 4); s > highest {
			best, highest = v, s
		}
	}
	return best
}

// And joins the items as "a, b and c".
func And(items []string) string { return join(items, " and ") }

// Or joins the items as "a, b or c".
func Or(items []string) string { return join(items, " or ") }

func join(items []string, last string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	n := len(items) - 1
	return strings.Join(items[:n], ", ") + last + items[n]
}
