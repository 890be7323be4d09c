package sets

import (
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	_ "kindred/internal/compress"
)

// scws returns a line of SCWS: number, word, part of speech, word, part of speech, two sentences, the
// mean and the judgments of ten people.
func scws(n int, first, second string, judgments ...int) string {
	sum := 0
	var list []string
	for _, j := range judgments {
		sum += j
		list = append(list, fmt.Sprint(j))
	}
	return fmt.Sprintf("%d\t%s\tn\t%s\tv\t\"Once the <b> %s </b> was said to be, and 3 others were not\t... a sentence about the <b> %s </b> , as it stands , \" .\t%.1f\t%s\n",
		n, first, second, first, second, float64(sum)/float64(len(judgments)), strings.Join(list, "\t"))
}

// TestColumnsOfPairs reads the forms in which sets of pairs are distributed.
func TestColumnsOfPairs(t *testing.T) {
	pairs := []Pair{{First: "moss", Second: "lichen", Score: 8.25}, {First: "moss", Second: "engine", Score: 0.5}, {First: "ferry", Second: "boat", Score: 7.75}}
	tests := []struct{ name, text, columns string }{
		{"three columns", "moss\tlichen\t8.25\nmoss\tengine\t0.5\nferry\tboat\t7.75\n", ""},
		{"RG-65", "moss;lichen;8.25\nmoss;engine;0.5\nferry;boat;7.75\n", ""},
		{"MTurk", "moss,lichen,8.25\nmoss,engine,0.5\nferry,boat,7.75\n", ""},
		{"WordSim-353", "Word 1,Word 2,Human (mean)\nmoss,lichen,8.25\nmoss,engine,0.5\nferry,boat,7.75\n", ""},
		{"WordSim-353 with judges", "Word 1,Word 2,Human (mean),1,2\nmoss,lichen,8.25,8,8.5\nmoss,engine,0.5,1,0\nferry,boat,7.75,8,7.5\n", "words in columns 1 and 2, scores in column 3 of 5"},
		{"WordSim-353 annotated", "# relation\nt\tmoss\tlichen\t8.25\nu\tmoss\tengine\t0.5\nh\tferry\tboat\t7.75\n", "words in columns 2 and 3, scores in column 4 of 4"},
		{"MEN with parts of speech", "moss n lichen n 8.25\nmoss n engine n 0.5\nferry n boat n 7.75\n", "words in columns 1 and 3, scores in column 5 of 5"},
		{"different parts of speech", "moss n lichen j 8.25\nmoss n engine v 0.5\nferry n boat n 7.75\n", "words in columns 1 and 3, scores in column 5 of 5"},
		{
			"SimLex-999", "word1\tword2\tPOS\tSimLex999\tconc(w1)\tconc(w2)\tconcQ\tAssoc(USF)\tSimAssoc333\tSD(SimLex)\n" +
				"moss\tlichen\tN\t8.25\t2.7\t2.8\t2\t7.25\t1\t0.41\nmoss\tengine\tN\t0.5\t1.7\t2.4\t1\t7.1\t1\t0.67\nferry\tboat\tN\t7.75\t3.7\t2.5\t2\t5.8\t1\t1.19\n",
			"words in columns 1 and 2, scores in column 4 of 10",
		},
		{"SimVerb-3500", "moss\tlichen\tV\t8.25\tSYNONYMS\nmoss\tengine\tV\t0.5\tNONE\nferry\tboat\tV\t7.75\tHYPER/HYPONYMS\n", "words in columns 1 and 2, scores in column 4 of 5"},
		{"HyperLex", "WORD1 WORD2 POS TYPE AVG_SCORE AVG_SCORE_0_10 STD\nmoss lichen N hyp-1 8.25 9.9 0.5\nmoss engine N no-rel 0.5 0.8 1\nferry boat N cohyp 7.75 9.7 1.5\n", "words in columns 1 and 2, scores in column 5 of 7"},
		{"RareWords", "moss\tlichen\t8.25\t8\t9\t8\t8\nmoss\tengine\t0.5\t1\t0\t1\t0\nferry\tboat\t7.75\t8\t7\t8\t8\n", "words in columns 1 and 2, scores in column 3 of 7"},
		{"judges first", "moss\tlichen\t8\t9\t8\t8\t8.25\nmoss\tengine\t1\t0\t1\t0\t0.5\nferry\tboat\t8\t7\t8\t8\t7.75\n", "words in columns 1 and 2, scores in column 7 of 7"},
		{"a data frame", ",word1,word2,score\n0,moss,lichen,8.25\n1,moss,engine,0.5\n2,ferry,boat,7.75\n", "words in columns 2 and 3, scores in column 4 of 4"},
		{"a data frame without header", "0,moss,lichen,8.25\n1,moss,engine,0.5\n2,ferry,boat,7.75\n", "words in columns 2 and 3, scores in column 4 of 4"},
		{"rows of a data frame that was sorted", "17,moss,lichen,8.25\n3,moss,engine,0.5\n250,ferry,boat,7.75\n", "words in columns 2 and 3, scores in column 4 of 4"},
		{"a table of R", "\"word1\",\"word2\",\"score\"\n\"1\",\"moss\",\"lichen\",8.25\n\"2\",\"moss\",\"engine\",0.5\n\"3\",\"ferry\",\"boat\",7.75\n", "words in columns 2 and 3, scores in column 4 of 4"},
		{"numbered names", "pair07 moss lichen 8.25\npair08 moss engine 0.5\npair09 ferry boat 7.75\n", "words in columns 2 and 3, scores in column 4 of 4"},
		{"row numbers before the score", "moss lichen 1 8.25\nmoss engine 2 0.5\nferry boat 3 7.75\n", "words in columns 1 and 2, scores in column 4 of 4"},
		{"a score and its deviation", "moss lichen 8.25 1\nmoss engine 0.5 0.5\nferry boat 7.75 1.5\n", "words in columns 1 and 2, scores in column 3 of 4"},
		{"columns in another order", "score,word2,word1\n8.25,lichen,moss\n0.5,engine,moss\n7.75,boat,ferry\n", "words in columns 3 and 2, scores in column 1 of 3"},
		{"decimal commas", "moss lichen 8,25\nmoss engine 0,5\nferry boat 7,75\n", ""},
		{"quoted decimal commas", "moss,lichen,\"8,25\"\nmoss,engine,\"0,5\"\nferry,boat,\"7,75\"\n", ""},
		{"colons", "moss:lichen:8,25\nmoss:engine:0,5\nferry:boat:7,75\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			set, err := ParseSet("set.txt", strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			s, ok := set.(*SimilaritySet)
			if !ok {
				t.Fatalf("read %s, want pairs", set.Kind())
			}
			if diff := cmp.Diff(pairs, s.Pairs, cmpopts.IgnoreFields(Pair{}, "Line")); diff != "" {
				t.Errorf("pairs (-want +got):\n%s", diff)
			}
			note := Detected(s).Note
			if test.name == "columns in another order" { // three columns, but not the usual ones
				test.columns = ""
			}
			if note != test.columns {
				t.Errorf("columns are %q, want %q", note, test.columns)
			}
		})
	}
}

func TestColumnsOfSentences(t *testing.T) {
	text := scws(1, "moss", "grow", 2, 3, 2, 3) + scws(2, "bank", "lend", 7, 8, 9, 8) + scws(3, "moss", "pay", 0, 1, 0, 0)
	for lines := range 3 {
		some := strings.Join(strings.SplitAfter(text, "\n")[:lines+1], "")
		set, err := ParseSet("scws.txt", strings.NewReader(some))
		if err != nil {
			t.Fatal(err)
		}
		s := set.(*SimilaritySet)
		if want := (Pair{"moss", "grow", 2.5, 1}); s.Len() != lines+1 || s.Pairs[0] != want {
			t.Errorf("of %d lines: pairs %v, want the first to be %v", lines+1, s.Pairs, want)
		}
		if got, want := Detected(s).Note, "words in columns 2 and 4, scores in column 8 of 12"; got != want {
			t.Errorf("columns are %q, want %q", got, want)
		}
	}
}

// TestUnclearColumns makes sure that tables whose columns are unclear give no figure.
func TestUnclearColumns(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"three columns of words", "moss fern lichen 8\nmoss oak engine 1\nferry ship boat 7\n", "which columns hold the two words: columns 1, 2, 3 may"},
		{"judges without a mean", "moss lichen 8 9 7\nmoss engine 1 0 3\nferry boat 7 9 6\n", "which column holds the score"},
		{"decimal commas between commas", "moss,lichen,8,25\nmoss,engine,0,50\nferry,boat,7,75\n", "decimal commas"},
		{"counts before a score", "moss lichen 812 8.5\nmoss engine 33 1.5\nferry boat 71 7.5\n", "which column holds the score"},
	}
	for _, test := range tests {
		for name, parse := range map[string]func() error{
			"ParseSet":        func() error { _, err := ParseSet("set.txt", strings.NewReader(test.text)); return err },
			"ParseSimilarity": func() error { _, err := ParseSimilarity("set.txt", strings.NewReader(test.text)); return err },
			"ReadSet by name": func() error {
				_, _, err := ReadSets(filepath.Join(fill(t, map[string]string{"set.txt": test.text}), "set.txt"))
				return err
			},
		} {
			if err := parse(); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "word1, word2 and score") {
				t.Errorf("%s, %s: error %v, want %q and what to do", test.name, name, err, test.want)
			}
		}
		_, detected, err := ReadSets(fill(t, map[string]string{"set.txt": test.text}))
		if err != nil || len(detected) != 1 || !strings.Contains(detected[0].Skipped, test.want) {
			t.Errorf("%s, in a directory: %v, %v", test.name, detected, err)
		}
	}
}

// otherFiles are files that are no sets, but have their shapes.
func otherFiles() map[string]string {
	fourWords := strings.Repeat("the old man walked\na dog ran home\n", 12)
	return map[string]string{
		"word2vec.txt":       "3 4\nthe 0.1 0.2 0.3 0.4\nof 0.5 -0.6 0.7 0.8\n: 0.5 0.5 0.7 1\n",
		"word2vec-header":    "4 2\nthe 0.1 0.2\nof 0.5 -0.6\n: 0.5 0.5\n</s> 1 2\n",
		"glove.txt":          "the 0.1 0.2 0.3\nof 0.5 -0.6 0.7\n: 0.5 0.5 0.7\n1 2 0.5 0.25\n",
		"glove-2.txt":        "the 0.1 0.2\nof 0.5 -0.6\n1 0.5 0.25\n",
		"glove-1.txt":        "the 0.1\nof 0.1\nto 0.5\na 0.5\n",
		"glove.gap.txt":      "the 0.1 0.2\nof 0.5 -0.6\n\n1 0.5 0.25\n",
		"corpus.txt":         fourWords + "the 25th line has many more words than four\n",
		"chat.txt":           ": he said so and went\n" + fourWords + ": no\nthe end\n" + strings.Repeat("and so on and on and on\n", 30),
		"bigrams.txt":        strings.Repeat("the man\nthe dog\na man\na dog\n", 5),
		"labeled.tsv":        "ham\tSee you at five then, will you?\nspam\tCall now to win a prize of 900 pounds\nham\tAll right, not before six\nspam\tWin a car in our big draw\n",
		"counts.txt":         "the 900\nof 900\nto 17\nin 17\nit 2\nis 2\n",
		"edges.txt":          "0 31\n0 21\n0 19\n1 2\n1 3\n",
		"weighted-edges.txt": "0 31 0.5\n0 21 1\n1 2 3\n",
		"poem.txt":           "There was an old man\nwho had a red hat\n\nand he went by train\nto the sea and back\n",
		"dictionary.txt":     "dog\tHund\ncat\tKatze\nhouse\tHaus\n",
	}
}

// TestOtherFilesAreNoSets makes sure that vectors, texts and lists are skipped in directories.
func TestOtherFilesAreNoSets(t *testing.T) {
	files := otherFiles()
	files["pairs.tsv"] = "moss\tlichen\t8.25\n"
	sets, detected, err := ReadSets(fill(t, files))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range detected {
		if d.Skipped == "" && filepath.Base(d.File) != "pairs.tsv" {
			t.Errorf("taken for a set: %v", d)
		}
	}
	if len(sets) != 1 || len(detected) != len(files) {
		t.Errorf("%d sets in %d of %d files, want one", len(sets), len(detected), len(files))
	}
	for name, text := range otherFiles() {
		if set, err := ParseSet(name, strings.NewReader(text)); err == nil {
			t.Errorf("%s by name: taken for %s", name, set.Kind())
		} else if strings.Contains(name, "glove") && name != "glove-1.txt" || strings.Contains(name, "word2vec") {
			if !strings.Contains(err.Error(), "word vectors") {
				t.Errorf("%s by name: error %q does not say that it holds vectors", name, err)
			}
		}
	}
}

// TestAnalogiesIfAsked reads what is an analogy set only if the user says so.
func TestAnalogiesIfAsked(t *testing.T) {
	dir := fill(t, map[string]string{
		"four.txt":  "boy girl brother sister\nking queen man woman\n",
		"pairs.txt": "dog puppy\ncat kitten\ncow calf\n",
		"prose.txt": "It is a truth universally acknowledged\n",
		"scores":    "moss\tlichen\t8.25\n",
	})
	if sets, _, err := ReadSets(dir); err != nil || len(sets) != 1 || sets[0].Kind() != Similarity {
		t.Errorf("unasked: %v, %v; want the similarity set alone", sets, err)
	}
	if _, err := ReadSet(filepath.Join(dir, "four.txt")); err == nil || !strings.Contains(err.Error(), "--analogies") {
		t.Errorf("four words by name: error %v, want one that names --analogies", err)
	}
	sets, detected, err := ReadAnalogySets(dir)
	if err != nil || len(sets) != 2 || len(detected) != 4 || sets[0].Len() != 2 || sets[1].Len() != 6 {
		t.Errorf("asked for a directory: %v, %v, %v", sets, detected, err)
	}
	if sets, _, err = ReadAnalogySets(filepath.Join(dir, "four.txt")); err != nil || len(sets) != 1 {
		t.Errorf("asked for a file: %v, %v", sets, err)
	}
	for _, name := range []string{"prose.txt", "scores"} {
		if _, _, err := ReadAnalogySets(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s taken for analogies", name)
		}
	}
}

func TestAnalogySeparators(t *testing.T) {
	want := []Section{{Name: "family", Questions: []Question{{"boy", "girl", "brother", "sister/sis", 2}}}}
	for name, text := range map[string]string{
		"commas":     ": family\nboy,girl,brother,sister/sis\n",
		"quoted":     ": family\n\"boy\",\"girl\", \"brother\",\"sister/sis\"\n",
		"semicolons": ": family\nboy; girl; brother; sister/sis\n",
		"tabs":       ":family\nboy\tgirl\tbrother\tsister/sis\n",
	} {
		set, err := ParseSet("f.txt", strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, set.(*AnalogySet).Sections); diff != "" {
			t.Errorf("%s: sections (-want +got):\n%s", name, diff)
		}
	}
	s, err := ParseAnalogies("f.txt", strings.NewReader("United Kingdom,London,New Zealand,Wellington\n"))
	if err != nil || s.Sections[0].Questions[0].A != "United Kingdom" {
		t.Errorf("names with spaces: %v, %v", s, err)
	}
	s, err = ParseAnalogies("f.txt", strings.NewReader(": faces\n:) happy :( sad\nhappy :) sad :(\nen:dog de:Hund en:cat de:Katze\n"))
	if err != nil || len(s.Sections) != 1 || s.Len() != 3 || s.Sections[0].Questions[0].A != ":)" {
		t.Errorf("words with colons: %v, %v", s, err)
	}
	for d, answers := range map[string][]string{"a": {"a"}, "a/b/c": {"a", "b", "c"}, "/c/en/dog": {"/c/en/dog"}, "a/": {"a/"}} {
		if diff := cmp.Diff(answers, Question{D: d}.Answers()); diff != "" {
			t.Errorf("answers in %q (-want +got):\n%s", d, diff)
		}
	}
}

// TestPairFiles reads a directory like that of BATS.
func TestPairFiles(t *testing.T) {
	files := map[string]string{
		"BATS_3.0/metadata.json": "{}\n",
		"BATS_3.0/1_Inflectional_morphology/I01 [noun - plural_reg].txt":   "album\talbums\nvalve\tvalves\nyear\tyears\n",
		"BATS_3.0/4_Lexicographic_semantics/L01 [hypernyms - animals].txt": "ant\tinsect/animal\ncobra\tsnake/reptile/animal\ncobra\treptile/beast\n",
		"BATS_3.0/3_Encyclopedic_semantics/E02 [country - language].txt":   "argentina\tspanish\nchile\tspanish\njamaica\tenglish\nbelize\tenglish\n",
		"ws.tsv": "moss\tlichen\t8.25\n",
	}
	sets, detected, err := ReadSets(fill(t, files))
	if err != nil {
		t.Fatal(err)
	}
	var s *AnalogySet
	for _, set := range sets {
		if set.Kind() == Analogy {
			s = set.(*AnalogySet)
		}
	}
	if len(sets) != 2 || s == nil || s.Name != "BATS_3.0" {
		t.Fatalf("sets %v, want BATS_3.0 and ws; detected %v", sets, detected)
	}
	want := []Section{
		{"I01 [noun - plural_reg]", []Question{
			{"album", "albums", "valve", "valves", 2}, {"album", "albums", "year", "years", 3}, {"valve", "valves", "album", "albums", 1},
			{"valve", "valves", "year", "years", 3}, {"year", "years", "album", "albums", 1}, {"year", "years", "valve", "valves", 2},
		}},
		{"E02 [country - language]", s.Sections[min(1, len(s.Sections)-1)].Questions},
		{"L01 [hypernyms - animals]", []Question{
			{"ant", "insect", "cobra", "snake/reptile/animal/beast", 2}, {"cobra", "snake", "ant", "insect/animal", 1},
		}},
	}
	if diff := cmp.Diff(want, s.Sections); diff != "" || s.Pairs != 9 {
		t.Errorf("%d pairs, want 9; sections (-want +got):\n%s", s.Pairs, diff)
	}
	if s.Sections[0].Category() != Syntactic || s.Sections[2].Category() != Semantic {
		t.Errorf("categories are %s and %s", s.Sections[0].Category(), s.Sections[2].Category())
	}
	found := false
	for _, d := range detected {
		found = found || strings.Contains(d.String(), "analogy, 6 items; each of 3 pairs with each other one of its section: n(n-1) questions of n pairs")
	}
	if !found {
		t.Errorf("detected %v, want how questions are made", detected)
	}
	if s, err := ParseAnalogies("x.txt", strings.NewReader(": young\ndog,puppy\ncat,kitten/kitty\n: gram\ncow,cows\nox,oxen\n")); err != nil || s.Len() != 4 || s.Pairs != 4 {
		t.Errorf("pairs under section lines: %v, %v", s, err)
	}
	for _, text := range []string{"dog\tpuppy\n", "dog\tpuppy\ncat\n", "dog\tpuppy\ncat\tkitten\ncow\t\n"} {
		var syntax *SyntaxError
		if _, err := ParseAnalogies("x.txt", strings.NewReader(text)); !errors.As(err, &syntax) {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// TestBLESS reads the four columns in which BLESS is distributed.
func TestBLESS(t *testing.T) {
	text := "ant-n\tinsect\tattri\tsmall-j\nant-n\tinsect\thyper\tanimal-n\nbeetle-n\tinsect\trandom-v\tpay-v\nboat-n\tvehicle\tcoord\tferry-n\nboat-n\tvehicle\tevent\tsail-v\ncar-n\tvehicle\tmero\twheel-n\n"
	set, err := ParseSet("BLESS.txt", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	s, ok := set.(*CategorySet)
	if !ok {
		t.Fatalf("read %s", set.Kind())
	}
	want := []CategoryItem{{"ant-n", "insect", 1}, {"beetle-n", "insect", 3}, {"boat-n", "vehicle", 4}, {"car-n", "vehicle", 6}}
	if diff := cmp.Diff(want, s.Items); diff != "" || s.Repeated != 0 || Detected(s).Note != "words in column 1, categories in column 2 of 4" {
		t.Errorf("%d repeated, %s; items (-want +got):\n%s", s.Repeated, Detected(s).Note, diff)
	}
	s, err = ParseCategories("x.csv", strings.NewReader("0,illness,acne\n1,illness,asthma\n2,tree,oak\n3,tree,elm\n"))
	if err != nil || s.Len() != 4 || s.Items[0].Word != "acne" || s.Items[0].Category != "illness" {
		t.Errorf("numbered rows: %v, %v", s, err)
	}
}

func TestUntag(t *testing.T) {
	for word, want := range map[string]string{"dog-n": "dog", "dog_NN": "dog", "run/VERB": "run", "go.v": "go", "New_York_NNP": "New_York", "x-ray": "", "-n": "", "dog": "", "dog-": ""} {
		got, ok := Untag(word)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%s is %q, %v; want %q", word, got, ok, want)
		}
	}
}

func TestDanglingLink(t *testing.T) {
	dir := fill(t, map[string]string{"pairs.tsv": "moss\tlichen\t8.25\n"})
	if err := os.Symlink(filepath.Join(dir, "none"), filepath.Join(dir, "link.tsv")); err != nil {
		t.Skip(err)
	}
	sets, detected, err := ReadSets(dir)
	if err != nil || len(sets) != 1 || !strings.Contains(detected[0].Skipped, "does not exist") {
		t.Errorf("%v, %v, %v", sets, detected, err)
	}
}

// TestFilesOfSets reads sets by other line ends, compressed, and with a byte-order mark, and names
// what is no text.
func TestFilesOfSets(t *testing.T) {
	text := "moss\tlichen\t8.25\nmoss\tengine\t0.5\n"
	var packed strings.Builder
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := fill(t, map[string]string{
		"cr.tsv": strings.ReplaceAll(text, "\n", "\r"), "crlf.tsv": strings.ReplaceAll(text, "\n", "\r\n"), "bom.tsv": "\ufeff" + text, "gzip.tsv.gz": packed.String(),
		"wide.tsv": "\xff\xfem\x00o\x00s\x00s\x00\t\x00", "pack.7z": "7z\xbc\xaf\x27\x1c and more", "cut.gz": packed.String()[:20],
	})
	for _, name := range []string{"cr.tsv", "crlf.tsv", "bom.tsv", "gzip.tsv.gz"} {
		set, err := ReadSet(filepath.Join(dir, name))
		if err != nil || set.Len() != 2 || set.(*SimilaritySet).Pairs[1] != (Pair{"moss", "engine", 0.5, 2}) || set.(*SimilaritySet).Pairs[0].First != "moss" {
			t.Errorf("%s: %v, %v", name, set, err)
		}
		if want, _, _ := strings.Cut(name, "."); err == nil && set.Origin().Name != want {
			t.Errorf("%s is called %s", name, set.Origin().Name)
		}
	}
	for name, want := range map[string]string{"wide.tsv": "UTF-16", "pack.7z": "7z archive", "cut.gz": "cut off"} {
		if _, err := ReadSet(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
	}
	if err := os.Remove(filepath.Join(dir, "cut.gz")); err != nil {
		t.Fatal(err)
	}
	if sets, _, err := ReadSets(dir); err != nil || len(sets) != 4 {
		t.Errorf("in a directory: %v, %v; want four sets", sets, err)
	}
}
