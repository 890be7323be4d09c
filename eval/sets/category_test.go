package sets

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseCategories(t *testing.T) {
	want := []CategoryItem{{"acne", "illness", 0}, {"asthma", "illness", 0}, {"oak", "tree", 0}, {"elm", "tree", 0}}
	tests := []struct{ name, text, header string }{
		{"a numbered table", ",category,word\n0,illness,acne\n1,illness,asthma\n2,tree,oak\n3,tree,elm\n", ",category,word"},
		{"words first", "concept;class\nacne;illness\nasthma;illness\noak;tree\nelm;tree\n", "concept;class"},
		{"category first", "illness,acne\nillness,asthma\ntree,oak\ntree,elm\n", ""},
		{"category second", "acne\tillness\r\nasthma\tillness\r\n\r\n# trees\r\noak\ttree\r\nelm\ttree\r\n", ""},
		{"spaces", "illness acne\nillness asthma\ntree oak\ntree elm\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := ParseCategories("x.csv", strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&CategorySet{Source: Source{"x", "x.csv"}, Header: test.header, Items: want}, s, cmpopts.IgnoreFields(CategoryItem{}, "Line"), cmpopts.IgnoreFields(CategorySet{}, "Columns")); diff != "" {
				t.Errorf("set (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCategoriesRepeatedAndAmbiguous(t *testing.T) {
	s, err := ParseCategories("x", strings.NewReader("category,word\nfruit,apple\nfirm,apple\nfruit,pear\nfruit,pear\nfirm,ford\nfirm,\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := &CategorySet{Source: Source{"x", "x"}, Header: "category,word", Blank: 1, Repeated: 1, Ambiguous: []string{"apple"},
		Items: []CategoryItem{{"pear", "fruit", 4}, {"ford", "firm", 6}}}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("set (-want +got):\n%s", diff)
	}
}

func TestMalformedCategories(t *testing.T) {
	tests := []struct {
		name, text string
		line       int
		want       string
	}{
		{"nothing", "", 0, "no telling which column"},
		{"nothing repeats", "a b\nc d\n", 0, "no telling which column"},
		{"header alone", "category,word\n", 0, "no word with one category"},
		{"all ambiguous", "category,word\nfruit,apple\nfirm,apple\n", 0, "no word with one category"},
		{"field missing", "category,word\nfruit,pear\nfruit\n", 3, "expected a word and its category in fields 2 and 1 separated by commas, found \"fruit\""},
		{"empty category", "category,word\n,pear\n", 2, "expected a word and its category"},
		{"empty words alone", "category,word\nfruit,\n", 0, "no word with one category"},
		{"three fields", "a 1\nb 1\nc 2\nd 2\ne 2 f\n", 5, "expected a word and its category"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseCategories("f", strings.NewReader(test.text))
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line != test.line || !strings.Contains(syntax.Message, test.want) {
				t.Errorf("error is %v, want %q at line %d", err, test.want, test.line)
			}
		})
	}
}
