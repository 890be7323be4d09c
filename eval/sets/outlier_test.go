package sets

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseOutliers(t *testing.T) {
	cats := OutlierGroup{Name: "cats", Words: []string{"lion", "lynx"}, Outliers: []string{"dog", "cow"}}
	tests := []struct {
		name, text string
		want       []OutlierGroup
	}{
		{"a table", ",category,outliers,words\n0,cats,\"['dog', 'cow', '']\",\"['lion', 'lynx']\"\n", []OutlierGroup{cats}},
		{"tabs, other order", "words\toutliers\n\"['lion','lynx']\"\t\"[ \"\"dog\"\" , 'cow' , ]\"\n", []OutlierGroup{{"line 2", cats.Words, cats.Outliers, 0}}},
		{"quotes in words", "words;outliers\n\"['d\\'or', \"\"l'eau\"\"]\";['a\\\\b']\n", []OutlierGroup{{"line 2", []string{"d'or", "l'eau"}, []string{`a\b`}, 0}}},
		{"lists", "# a comment\n\nlion\nlynx\n\ndog\n// another\ncow\n\n", []OutlierGroup{{"x", cats.Words, cats.Outliers, 0}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := ParseOutliers("x.txt", strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, s.Groups, cmpopts.IgnoreFields(OutlierGroup{}, "Line")); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMalformedOutliers(t *testing.T) {
	table := "category,outliers,words\n"
	tests := []struct {
		name, text string
		line       int
		want       string
	}{
		{"nothing", "\n", 0, "expected words and outliers"},
		{"header alone", table, 0, "no group under its header"},
		{"field missing", table + "cats,['dog']\n", 2, "expected 3 fields or more separated by commas, found 2"},
		{"no list", table + "cats,dog,['lion']\n", 2, `field 2: expected a list like ['tiger', 'lion'], found "dog"`},
		{"no quotes", table + "cats,[dog],['lion']\n", 2, `expected a word in quotes, found "dog"`},
		{"quote left open", table + "cats,['dog],['lion']\n", 2, "closing quote"},
		{"no comma", table + "cats,['dog' 'cow'],['lion']\n", 2, "expected a comma before"},
		{"unknown escape", table + "cats,['d\\x6f'],['lion']\n", 2, "after the backslash"},
		{"one word", table + "cats,['dog'],['lion']\n", 2, "two words or more and one outlier or more, found 1 and 1"},
		{"no outlier", table + "cats,[''],\"['lion', 'lynx']\"\n", 2, "found 2 and 0"},
		{"one list", "lion\nlynx\n", 1, "found 2 and 0"},
		{"three lists", "lion\nlynx\n\ndog\n\ncow\n", 6, `another before "cow"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseOutliers("f", strings.NewReader(test.text))
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line != test.line || !strings.Contains(syntax.Message, test.want) {
				t.Errorf("error is %v, want %q at line %d", err, test.want, test.line)
			}
		})
	}
}
