package sets_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"kindred/eval/internal/evaltest"
	"kindred/eval/sets"
)

// checkParsed fails the test unless exactly one of set and error is there, and the
// error says where.
func checkParsed(t *testing.T, items int, err error) {
	t.Helper()
	var syntax *sets.SyntaxError
	if err != nil && (!errors.As(err, &syntax) || syntax.File == "" || syntax.Message == "") {
		t.Fatalf("error without a place: %v", err)
	}
	if err == nil && items == 0 {
		t.Fatal("an empty set and no error")
	}
}

func FuzzParseSimilarity(f *testing.F) {
	for _, seed := range []string{
		evaltest.RoyalPairs, "a\tb\t1\r\n", "\ufeffa;b;1\n\"c;\"\"\";d;2", "old new A 1.58\n", "# c\n,word1,word2,mean\n0,a,b,.5\n", "a b 1,5\n", "a\tb\tInf\n",
		"1\told\tj\tnew\tj\tthe \"old\" man\ta new house\t2.5\t2\t3\n", "0,old,new,3\n1,hard,easy,4\n", "a\tb\tV\t6.81\tSYNONYMS\n", "a:b:3,5\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := sets.ParseSimilarity("f", strings.NewReader(text))
		if err != nil {
			checkParsed(t, 0, err)
			return
		}
		checkParsed(t, s.Len(), nil)
		var again strings.Builder
		fmt.Fprintln(&again, "word1,word2,score")
		quote := strings.NewReplacer(`"`, `""`)
		for _, p := range s.Pairs {
			if p.First == "" || p.Second == "" || math.IsNaN(p.Score) || math.IsInf(p.Score, 0) {
				t.Fatalf("pair %+v", p)
			}
			if strings.ContainsAny(p.First+p.Second, "\t;") {
				return // another separator may fit such words better
			}
			fmt.Fprintf(&again, "\"%s\",\"%s\",%v\n", quote.Replace(p.First), quote.Replace(p.Second), p.Score)
		}
		s2, err := sets.ParseSimilarity("f", strings.NewReader(again.String()))
		if err != nil {
			t.Fatalf("written again: %v\n%s", err, again.String())
		}
		for i := range s.Pairs {
			s.Pairs[i].Line = i + 2
		}
		if diff := cmp.Diff(s.Pairs, s2.Pairs); diff != "" || s.Repeated != s2.Repeated {
			t.Fatalf("written and read again (-first +second):\n%s", diff)
		}
	})
}

func FuzzParseAnalogies(f *testing.F) {
	for _, seed := range []string{evaltest.RoyalQuestions, "a b c d\n", "//x\n: s\r\na\tb c\u00a0d\r\n", "::\n", ": a\n: a\n# x\nw x y z", "a,b,c,d/e\n", "a\tb/c\nd\te\n", ": s\na b\nc d\na e\n", "0,Q,c,d\fe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := sets.ParseAnalogies("f", strings.NewReader(text))
		if err != nil {
			checkParsed(t, 0, err)
			return
		}
		checkParsed(t, s.Len(), nil)
		if s.Pairs > 0 {
			return // the questions are made of pairs
		}
		var again strings.Builder
		fmt.Fprintln(&again, "# written again")
		for i := range s.Sections {
			section := &s.Sections[i]
			if section.Name != "" {
				fmt.Fprintln(&again, ":", section.Name)
			}
			for j, q := range section.Questions {
				if words := q.Words(); slices.ContainsFunc(words[:], func(w string) bool {
					return strings.ContainsAny(w, ",;\"#/:") || strings.ContainsFunc(w, unicode.IsSpace)
				}) {
					return // another separator may fit such words better
				}
				fmt.Fprintln(&again, q.A, q.B, q.C, q.D)
				section.Questions[j].Line = 0
			}
		}
		s2, err := sets.ParseAnalogies("f", strings.NewReader(again.String()))
		if err != nil {
			t.Fatalf("written again: %v\n%s", err, again.String())
		}
		for _, section := range s2.Sections {
			for j := range section.Questions {
				section.Questions[j].Line = 0
			}
		}
		if diff := cmp.Diff(s, s2); diff != "" {
			t.Fatalf("written and read again (-first +second):\n%s", diff)
		}
	})
}

func FuzzParseSet(f *testing.F) {
	for _, seed := range []string{evaltest.RoyalPairs, evaltest.RoyalQuestions, ",category,word\n0,illness,acne\n", "a b c d\n", "a b\nc b\n", "a\nb\n\nc\n", "words,outliers\n\"['a', 'b']\",['c']\n", "\x00", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := sets.ParseSet("f", strings.NewReader(text))
		if err != nil {
			checkParsed(t, 0, err)
			return
		}
		checkParsed(t, set.Len(), nil)
		if set.Origin().File != "f" {
			t.Fatalf("origin is %v", set.Origin())
		}
	})
}

func FuzzParseOutliers(f *testing.F) {
	for _, seed := range []string{
		"words,outliers\n\"['a', \"\"b'\"\"]\",['c']\n", ",category,outliers,words\n0,x,\"['c', '']\",\"['a', 'b']\"\n", "\na\nb c\n\nd\n", "words\toutliers\n['\\'a','b']\t['\\\\']\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := sets.ParseOutliers("f", strings.NewReader(text))
		if err != nil {
			checkParsed(t, 0, err)
			return
		}
		checkParsed(t, s.Len(), nil)
		var again strings.Builder
		fmt.Fprintln(&again, "category,words,outliers")
		escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
		list := func(words []string) string {
			quoted := make([]string, len(words))
			for i, w := range words {
				if w == "" || w != strings.TrimSpace(w) {
					t.Fatalf("word %q", w)
				}
				quoted[i] = "'" + escape.Replace(w) + "'"
			}
			return "\"" + strings.ReplaceAll("["+strings.Join(quoted, ", ")+"]", `"`, `""`) + "\""
		}
		for i := range s.Groups {
			g := &s.Groups[i]
			if strings.ContainsAny(fmt.Sprint(g.Words, g.Outliers), "\t;") {
				return // another separator may fit such words better
			}
			g.Name, g.Line = fmt.Sprint("group", i), i+2
			fmt.Fprintf(&again, "%s,%s,%s\n", g.Name, list(g.Words), list(g.Outliers))
		}
		s2, err := sets.ParseOutliers("f", strings.NewReader(again.String()))
		if err != nil {
			t.Fatalf("written again: %v\n%s", err, again.String())
		}
		if diff := cmp.Diff(s.Groups, s2.Groups); diff != "" {
			t.Fatalf("written and read again (-first +second):\n%s", diff)
		}
	})
}

func FuzzParseCategories(f *testing.F) {
	for _, seed := range []string{",category,word\n0,illness,acne\n1,illness,\n", "acne\tillness\nasthma\tillness\noak\ttree\nelm\ttree\n", "class;concept\n\"a;b\";c\nd;c\n", "a b\na c\nd e\nd f\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := sets.ParseCategories("f", strings.NewReader(text))
		if err != nil {
			checkParsed(t, 0, err)
			return
		}
		checkParsed(t, s.Len(), nil)
		var again strings.Builder
		fmt.Fprintln(&again, "category,word")
		quote := strings.NewReplacer(`"`, `""`)
		for i := range s.Items {
			item := &s.Items[i]
			if item.Word == "" || item.Category == "" {
				t.Fatalf("item %+v", *item)
			}
			if strings.ContainsAny(item.Word+item.Category, "\t;") {
				return // another separator may fit such words better
			}
			fmt.Fprintf(&again, "\"%s\",\"%s\"\n", quote.Replace(item.Category), quote.Replace(item.Word))
			item.Line = i + 2
		}
		s2, err := sets.ParseCategories("f", strings.NewReader(again.String()))
		if err != nil {
			t.Fatalf("written again: %v\n%s", err, again.String())
		}
		if diff := cmp.Diff(s.Items, s2.Items); diff != "" || s2.Repeated+s2.Blank+len(s2.Ambiguous) > 0 {
			t.Fatalf("written and read again (-first +second):\n%s", diff)
		}
	})
}
