package textfile

import (
	"bytes"
	"fmt"
)

// maxNesting is how deep the tables and lists of a plan may lie in each other.
const maxNesting = 64

// CheckNesting returns an error if a text in TOML has tables or lists that lie deeper in each other than
// those of any plan, as brackets or as parts of a name between dots. A decoder takes memory and time
// that grow with the square of that.
func CheckNesting(name string, text []byte) error {
	depth, dots, line := 0, 0, 1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\n':
			line++
			dots = 0
		case '=', ',':
			dots = 0
		case '.':
			dots++
		case '[', '{':
			depth++
			dots = 0
		case ']', '}':
			depth = max(0, depth-1)
			dots = 0
		case '#':
			i += lineEnd(text[i:]) - 1
		case '"', '\'':
			end := stringEnd(text[i:])
			line += bytes.Count(text[i:i+end], []byte("\n"))
			i += end - 1
		}
		if depth > maxNesting || dots >= maxNesting {
			return &Error{name, line, fmt.Sprintf("tables or lists lie deeper in each other than %d", maxNesting)}
		}
	}
	return nil
}

// lineEnd returns the length of the rest of the line.
func lineEnd(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i
	}
	return len(text)
}

// stringEnd returns the length of the string at the start of text, which is in quotes of either kind,
// or in three of them. One that does not end is left to the decoder.
func stringEnd(text []byte) int {
	quotes := text[:1]
	if three := bytes.Repeat(quotes, 3); bytes.HasPrefix(text, three) {
		quotes = three
	}
	for i := len(quotes); i < len(text); i++ {
		switch {
		case bytes.HasPrefix(text[i:], quotes):
			return i + len(quotes)
		case text[i] == '\\' && text[0] == '"':
			i++
		case text[i] == '\n' && len(quotes) == 1:
			return i
		}
	}
	return len(text)
}
