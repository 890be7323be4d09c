package sets

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseSimilarity(t *testing.T) {
	tiger := []Pair{{"tiger", "cat", 7.35, 0}, {"book", "paper", 7.46, 0}}
	tests := []struct {
		name, text     string
		column, header string
		want           []Pair
	}{
		{"tabs", "tiger\tcat\t7.35\nbook\tpaper\t7.46\n", "", "", tiger},
		{"commas", "tiger,cat,7.35\nbook,paper,7.46", "", "", tiger},
		{"semicolons", "tiger;cat;7.35\nbook;paper;7.46\n", "", "", tiger},
		{"spaces", "tiger cat 7.35\nbook   paper 7.46\n", "", "", tiger},
		{"CRLF, BOM, comments, empty lines", "\ufeff# a set\r\n\r\ntiger\tcat\t7.35\r\n// more\r\nbook\tpaper\t7.46\r\n", "", "", tiger},
		{"quoted fields", "\"tiger\", \"cat\", \"7.35\"\nbook,\"paper\",7.46\n", "", "", tiger},
		{"WordSim-353's CSV", "Word 1,Word 2,Human (mean)\ntiger,cat,7.35\nbook,paper,7.46\n", "Human (mean)", "Word 1,Word 2,Human (mean)", tiger},
		{
			"judges as numbered columns", "Word 1,Word 2,Human (mean),1,2\ntiger,cat,7.35,9,8\nbook,paper,7.46,7,5\n",
			"Human (mean)", "Word 1,Word 2,Human (mean),1,2", tiger,
		},
		{
			"SimLex-999's original columns",
			"word1\tword2\tPOS\tSimLex999\tconc(w1)\tconcQ\nold\tnew\tA\t1.58\t2.72\t2\nsmart\tintelligent\tA\t9.2\t1.75\t1\n",
			"SimLex999", "word1\tword2\tPOS\tSimLex999\tconc(w1)\tconcQ", []Pair{{"old", "new", 1.58, 0}, {"smart", "intelligent", 9.2, 0}},
		},
		{"named column after a number", "a\tb\tid\tscore\nold\tnew\t17\t1.58\n", "score", "a\tb\tid\tscore", []Pair{{"old", "new", 1.58, 0}}},
		{"unnamed number after text", "old new A 1.58 3\nhard easy A 0.95 2\n", "", "", []Pair{{"old", "new", 1.58, 0}, {"hard", "easy", 0.95, 0}}},
		{"words not first", ",word1,word2,score\n0,old,new,1.58\n1,hard,easy,0.95\n", "score", ",word1,word2,score", []Pair{{"old", "new", 1.58, 0}, {"hard", "easy", 0.95, 0}}},
		{"header with spaces that don't line up", "Word 1 Word 2 Score\ntiger cat 7.35\nbook paper 7.46\n", "", "Word 1 Word 2 Score", tiger},
		{"words with spaces", "New York\tcity\t8\n", "", "", []Pair{{"New York", "city", 8, 0}}},
		{"decimal exponent and sign", "a\tb\t-1e-1\n", "", "", []Pair{{"a", "b", -0.1, 0}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := ParseSimilarity("set.txt", strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			for i := range s.Pairs {
				s.Pairs[i].Line = 0
			}
			want := &SimilaritySet{Source: Source{"set", "set.txt"}, ScoreColumn: test.column, Header: test.header, Pairs: test.want}
			if diff := cmp.Diff(want, s, cmpopts.IgnoreFields(SimilaritySet{}, "Columns")); diff != "" {
				t.Errorf("set (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSimilarityLinesAndRepeats(t *testing.T) {
	s, err := ParseSimilarity("x", strings.NewReader("# one\nmoney\tcash\t9.15\n\nbank\tmoney\t8.5\ncash\tmoney\t9.08\nmoney\tcash\t9\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Pair{{"money", "cash", 9.15, 2}, {"bank", "money", 8.5, 4}, {"cash", "money", 9.08, 5}, {"money", "cash", 9, 6}}
	if diff := cmp.Diff(want, s.Pairs); diff != "" || s.Repeated != 2 {
		t.Errorf("%d repeated, want 2; pairs (-want +got):\n%s", s.Repeated, diff)
	}
}

func TestParseAnalogies(t *testing.T) {
	text := "//Copyright\n: family\nboy girl brother sister\r\nking\tqueen  man\u00a0woman\n\n:gram8-plural\n# none yet\n: empty\n"
	s, err := ParseAnalogies("dir/questions-words.txt", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := &AnalogySet{Source: Source{"questions-words", "dir/questions-words.txt"}, Sections: []Section{
		{Name: "family", Questions: []Question{{"boy", "girl", "brother", "sister", 3}, {"king", "queen", "man", "woman", 4}}},
		{Name: "gram8-plural"},
		{Name: "empty"},
	}}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("set (-want +got):\n%s", diff)
	}
	for i, want := range []Category{Semantic, Syntactic, Semantic} {
		if got := s.Sections[i].Category(); got != want {
			t.Errorf("section %q is %s, want %s", s.Sections[i].Name, got, want)
		}
	}
}

func TestMalformedSets(t *testing.T) {
	similarity := func(text string) error { _, err := ParseSimilarity("f.tsv", strings.NewReader(text)); return err }
	analogies := func(text string) error { _, err := ParseAnalogies("f.txt", strings.NewReader(text)); return err }
	any := func(text string) error { _, err := ParseSet("f", strings.NewReader(text)); return err }
	tests := []struct {
		name  string
		parse func(string) error
		text  string
		line  int
		want  string
	}{
		{"empty", similarity, "", 0, "holds no word pair"},
		{"comments alone", similarity, "# nothing\n\n", 0, "holds no word pair"},
		{"header alone", similarity, "word1\tword2\tscore\n", 0, "holds no word pair"},
		{"field missing", similarity, "a\tb\t1\nc\td\ne\tf\t2\n", 2, `expected 3 fields or more separated by tabs, found 2: "c d"`},
		{"no number", similarity, "a\tb\t1\nc\td\thigh\n", 2, `expected a finite number as the score in field 3, found "high"`},
		{"no number in the first line", similarity, "the of nan\na b 1\nc d 2\n", 1, `expected a finite number as the score in field 3, found "nan"`},
		{"missing value in the first line", similarity, "a,b,NA\nc,d,1\ne,f,2\n", 1, `expected a finite number as the score in field 3, found "NA"`},
		{"decimal points and commas", similarity, "a;b;1,5\nc;d;2.5\n", 2, "expected one decimal sign"},
		{"NaN", similarity, "a\tb\t1\nc\td\tNaN\n", 2, `found "NaN"`},
		{"infinite", similarity, "a\tb\t1\nc\td\t-Inf\n", 2, `found "-Inf"`},
		{"too large", similarity, "a\tb\t1\nc\td\t1e999\n", 2, `found "1e999"`},
		{"empty word", similarity, "a\tb\t1\n\td\t2\n", 2, `expected two words in fields 1 and 2, found "" and "d"`},
		{"space in a word", similarity, "a b 1\nNew York city 2\nc d 3\n", 2, `found "city"`},
		{"quote left open", similarity, "a,b,1\n\"c,d,2\ne,f,3\n", 2, "quote"},
		{"named column cut off", similarity, "word1,word2,POS,score\na,b,N,1\nc,d,2\n", 3, "expected 4 fields or more separated by commas, found 3"},
		{"not UTF-8", similarity, "a\tb\t1\nna\xefve\tc\t2\n", 2, "not UTF-8"},
		{"binary", any, "a b\x00c\n", 1, "NUL byte at byte 3"},
		{"no question", analogies, ": family\n", 0, "holds no analogy question"},
		{"three words", analogies, ": family\nboy girl brother\n", 2, "found 3 words"},
		{"five words", analogies, ": family\nboy girl brother sister aunt\n", 2, "found 5 words"},
		{"section without name", analogies, ": \nboy girl brother sister\n", 1, "name of a section"},
		{"nothing", any, "\n#\n", 0, "expected an evaluation set"},
		{"prose", any, "It is a truth universally acknowledged, that a single man in possession of a good fortune\n", 1, "not a known kind of evaluation set"},
		{"two words a line that don't repeat", any, "red green\nblue yellow\n", 1, "not a known kind"},
		{"recognized with a header and a broken line", any, "word1,word2,score\na,b,1\nc,d\n", 3, "expected 3 fields"},
		{"recognized with a broken line", any, "a\tb\t1\nc\td\t2\ne\tf\n", 3, "expected 3 fields"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.parse(test.text)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("error is %v, want a SyntaxError", err)
			}
			if syntax.Line != test.line || !strings.Contains(syntax.Message, test.want) {
				t.Errorf("error is %q at line %d, want %q at line %d", syntax, syntax.Line, test.want, test.line)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	for want, text := range map[string]string{
		"corpus.txt: more than 64 MiB":        strings.Repeat(strings.Repeat("a b c d ", 2000)+"\n", maxFileSize/16001+1),
		"corpus.txt: more than 1048576 lines": strings.Repeat("a b c d\n", maxLines+1),
	} {
		if _, err := ParseSet("corpus.txt", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

func TestReadSetRecognises(t *testing.T) {
	tests := []struct {
		name, text string
		want       Kind
	}{
		{"scores", "tiger\tcat\t7.35\n", Similarity},
		{"scores under a header", "a,b,score\ntiger,cat,7.35\n", Similarity},
		{"four columns with a score", "old new A 1.58\n", Similarity},
		{"sections", ": family\nboy girl brother sister\n", Analogy},
		{"questions ahead of a section", "boy girl brother sister\n: more\nking queen man woman\n", Analogy},
		{"sections over questions with numbers", ": ordinals\none first 2 2nd\n3 3rd 4 4th\n", Analogy},
		{"categories under a header", ",category,word\n0,illness,acne\n1,illness,asthma\n", Categorization},
		{"words and categories", "acne\tillness\nasthma\tillness\noak\ttree\nelm\ttree\n", Categorization},
		{"categories and words by spaces", "illness acne\nillness asthma\ntree oak\ntree elm\n", Categorization},
		{"a table of outliers", ",category,outliers,words\n0,cats,\"['dog', 'cow']\",\"['lion', 'lynx']\"\n", Outlier},
		{"two lists", "lion\nlynx\n\ndog\n", Outlier},
		{"two lists, one of titles", "\nMadison_Square_Garden\nRoyal Albert Hall\n\nBuena Vista Social Club\nRMS\n", Outlier},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "set.txt")
			if err := os.WriteFile(path, []byte(test.text), 0o666); err != nil {
				t.Fatal(err)
			}
			set, err := ReadSet(path)
			if err != nil {
				t.Fatal(err)
			}
			if set.Kind() != test.want || set.Origin() != (Source{"set", path}) || set.Len() == 0 {
				t.Errorf("read %s set of %d items from %v, want %s", set.Kind(), set.Len(), set.Origin(), test.want)
			}
		})
	}
}

func TestReadMissingFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.txt")
	for name, read := range map[string]func() error{
		"ReadSet":        func() error { _, err := ReadSet(path); return err },
		"ReadSimilarity": func() error { _, err := ReadSimilarity(path); return err },
		"ReadAnalogies":  func() error { _, err := ReadAnalogies(path); return err },
	} {
		if err := read(); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
