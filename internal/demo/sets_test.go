package demo

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fewest is the smallest count in the demo's text of a word in the sets.
const fewest = 40

func checkFrequency(t *testing.T, word string) {
	t.Helper()
	if n := counts()[word]; n < fewest {
		t.Errorf("%q occurs %d times in the text, want %d", word, n, fewest)
	}
}

func TestAnalogySet(t *testing.T) {
	seen := map[string]bool{}
	questions := map[string]int{}
	section := ""
	for line := range lines(string(AnalogySet())) {
		if name, ok := strings.CutPrefix(line, ": "); ok {
			if questions[name] > 0 {
				t.Errorf("section %s opens twice", name)
			}
			section = name
			continue
		}
		words := strings.Fields(line)
		if section == "" || len(words) != 4 || seen[line] {
			t.Fatalf("line %q in section %q: want four words, once, in a section", line, section)
		}
		seen[line] = true
		questions[section]++
		if slices.Sort(words); len(slices.Compact(words)) != 4 {
			t.Errorf("question %q uses a word twice", line)
		}
		for _, word := range words {
			checkFrequency(t, word)
		}
	}
	if len(seen) < 2000 || len(seen) > 4000 {
		t.Errorf("%d questions, want 2,000 to 4,000", len(seen))
	}
	for name, n := range questions {
		if n < 150 {
			t.Errorf("section %s has %d questions, want 150 at least", name, n)
		}
	}
}

func TestAnalogyQuestionsFollowTables(t *testing.T) {
	set := string(AnalogySet())
	for _, question := range []string{
		"paris france rome italy",
		"man woman king queen",
		"big bigger warm warmer",
		"walking walked speaking spoke",
	} {
		if !strings.Contains(set, "\n"+question+"\n") {
			t.Errorf("no question %q", question)
		}
	}
}

func TestSimilarity(t *testing.T) {
	bySense := map[string]sense{}
	for _, s := range senses() {
		bySense[s.word] = s
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"france", "germany", 7},
		{"france", "paris", 7},
		{"france", "japan", 5},
		{"france", "berlin", 4},
		{"france", "tokyo", 2},
		{"france", "dog", 0},
		{"walk", "walked", 7},
		{"bigger", "warmer", 5},
		{"storm", "hail", 5},
		{"storm", "jury", 0},
		{"storm", "france", 0},
	} {
		a, b := bySense[tt.a], bySense[tt.b]
		if a.word == "" || b.word == "" {
			t.Fatalf("%s or %s has no sense", tt.a, tt.b)
		}
		if got := similarity(a, b); got != tt.want {
			t.Errorf("similarity of %s and %s is %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if there, back := similarity(a, b), similarity(b, a); there != back {
			t.Errorf("similarity of %s and %s is %d, back %d", tt.a, tt.b, there, back)
		}
	}
}

func TestSimilaritySet(t *testing.T) {
	rows := strings.Split(strings.TrimSuffix(string(SimilaritySet()), "\n"), "\n")
	if rows[0] != "word1\tword2\tsimilarity" {
		t.Errorf("heading %q", rows[0])
	}
	perScore := map[int]int{}
	seen := map[string]bool{}
	for _, line := range rows[1:] {
		fields := strings.Split(line, "\t")
		if len(fields) != 3 || fields[0] == fields[1] {
			t.Fatalf("line %q: want two different words and a score, separated by tabs", line)
		}
		score, err := strconv.Atoi(fields[2])
		if err != nil || score < 0 || score > 10 {
			t.Errorf("line %q: want a score of 0 to 10", line)
		}
		if pair := fields[0] + " " + fields[1]; seen[pair] {
			t.Errorf("pair %s comes twice", pair)
		} else {
			seen[pair] = true
		}
		perScore[score]++
		checkFrequency(t, fields[0])
		checkFrequency(t, fields[1])
	}
	for _, score := range scores() {
		if perScore[score] != pairsPerScore {
			t.Errorf("%d pairs of score %d, want %d", perScore[score], score, pairsPerScore)
		}
	}
}
