package e2e

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// gensimSearch answers the questions on its standard input with gensim.
const gensimSearch = `
import json, sys
from gensim.models import KeyedVectors
request = json.load(sys.stdin)
kv = KeyedVectors.load_word2vec_format(request["Vectors"], limit=request["First"] or None)
answers = [kv.most_similar(positive=q["Positive"], negative=q["Negative"], topn=10, restrict_vocab=q["Restrict"] or None) for q in request["Questions"]]
print(json.dumps({
    "Neighbors": [[[w, float(s)] for w, s in a] for a in answers],
    "Similarity": [float(kv.similarity(*q["Positive"][:2])) for q in request["Questions"]],
    "Mean": [[float(x) for x in kv.get_mean_vector(q["Positive"])] for q in request["Questions"]]}))
`

// TestSearchAgainstGensim asks kindred and gensim the same questions about the same vectors.
func TestSearchAgainstGensim(t *testing.T) {
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import gensim").Run(); err != nil {
		t.Skipf("%s has no gensim: %v", python, err)
	}
	const words, dim = 400, 20
	random := rand.New(rand.NewPCG(1, 2))
	var file strings.Builder
	fmt.Fprintf(&file, "%d %d\n", words, dim)
	for i := range words {
		fmt.Fprintf(&file, "w%d", i)
		length := math.Exp(random.NormFloat64()) // so that means of vectors and of unit vectors differ
		for range dim {
			fmt.Fprintf(&file, " %.6g", length*random.NormFloat64())
		}
		file.WriteString("\n")
	}
	vectors := filepath.Join(t.TempDir(), "vectors.txt")
	if err := os.WriteFile(vectors, []byte(file.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	type question struct {
		Positive, Negative []string
		Restrict           int
	}
	pick := func(n int) []string {
		list := []string{}
		for range n {
			list = append(list, fmt.Sprintf("w%d", random.IntN(300)))
		}
		return list
	}
	var questions []question
	for i := range 40 {
		questions = append(questions, question{pick(2 + random.IntN(3)), pick(random.IntN(4)), i % 4 * 50})
	}
	request, err := json.Marshal(map[string]any{"Vectors": vectors, "First": 300, "Questions": questions})
	if err != nil {
		t.Fatal(err)
	}
	gensim := exec.Command(python, "-c", gensimSearch)
	gensim.Stdin, gensim.Stderr = strings.NewReader(string(request)), os.Stderr
	said, err := gensim.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Neighbors  [][][2]any
		Similarity []float64
		Mean       [][]float64
	}
	if err := json.Unmarshal(said, &want); err != nil {
		t.Fatal(err)
	}
	kindred := func(answer any, command string, args ...string) {
		t.Helper()
		out, err := exec.Command("kindred", append([]string{command, vectors, "--json", "--limit", "300"}, args...)...).Output()
		if err == nil {
			err = json.Unmarshal(out, answer)
		}
		if err != nil {
			t.Fatalf("%s %q: %v", command, args, err)
		}
	}
	for i, q := range questions {
		var near struct {
			Neighbors []struct {
				Word       string
				Similarity float64
			} `json:"neighbours"`
		}
		args := append([]string{"--topn", "10", "--restrict_vocab", fmt.Sprint(q.Restrict), "--positive"}, q.Positive...)
		if len(q.Negative) > 0 {
			args = append(append(args, "--negative"), q.Negative...)
		}
		kindred(&near, "nearest", args...)
		for rank, w := range want.Neighbors[i] {
			got := near.Neighbors[rank]
			if got.Word != w[0].(string) || math.Abs(got.Similarity-w[1].(float64)) > 1e-5 {
				t.Errorf("%+v, rank %d: %+v, gensim says %v", q, rank, got, w)
			}
		}
		var similarity struct{ Similarity float64 }
		kindred(&similarity, "similarity", q.Positive[:2]...)
		if math.Abs(similarity.Similarity-want.Similarity[i]) > 1e-5 {
			t.Errorf("%q: similarity %v, gensim says %v", q.Positive[:2], similarity, want.Similarity[i])
		}
		var mean struct{ Vector []float64 }
		kindred(&mean, "vectors", append([]string{"--together"}, q.Positive...)...)
		for k, x := range want.Mean[i] {
			if math.Abs(mean.Vector[k]-x) > 1e-5 {
				t.Errorf("%q: value %d of the mean is %v, gensim says %v", q.Positive, k, mean.Vector[k], x)
			}
		}
	}
}

// gensimPhrases prints what gensim's Phrases finds in a text, with its scores, for both scorings.
const gensimPhrases = `
import json, sys
from gensim.models.phrases import Phrases, ENGLISH_CONNECTOR_WORDS
lines = [line.split() for line in open(sys.argv[1])]
answers = {}
for scoring, threshold in ("default", 10), ("npmi", 0.5):
    p = Phrases(lines, min_count=5, threshold=threshold, scoring=scoring, max_vocab_size=40_000_000, connector_words=ENGLISH_CONNECTOR_WORDS)
    answers[scoring] = {"found": {k: float(v) for k, v in p.export_phrases().items()}, "joined": [" ".join(p[line]) for line in lines[:2000]]}
print(json.dumps(answers))
`

// TestPhrasesAgainstGensim finds the same phrases as gensim in the demo text, with the same scores, and joins
// them to the same text.
func TestPhrasesAgainstGensim(t *testing.T) {
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import gensim").Run(); err != nil {
		t.Skipf("%s has no gensim: %v", python, err)
	}
	const text = "../../testdata/demo/text.txt"
	gensim := exec.Command(python, "-c", gensimPhrases, text)
	gensim.Stderr = os.Stderr
	said, err := gensim.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers map[string]struct {
		Found  map[string]float64
		Joined []string
	}
	if err := json.Unmarshal(said, &answers); err != nil {
		t.Fatal(err)
	}
	for theirs, ours := range map[string]string{"default": "word2phrase", "npmi": "npmi"} {
		dir := t.TempDir()
		list, joined := filepath.Join(dir, "list.tsv"), filepath.Join(dir, "joined.txt")
		out, err := exec.Command("kindred", "phrases", "--input", text, "--scoring", ours, "--passes", "1", "--connectors", "english", "--output", list, "--text", joined).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		data, err := os.ReadFile(list)
		if err != nil {
			t.Fatal(err)
		}
		want := answers[theirs].Found
		rows := strings.Split(strings.TrimSpace(string(data)), "\n")[1:]
		if len(rows) != len(want) || len(rows) < 10 {
			t.Errorf("%s: %d phrases, gensim finds %d", ours, len(rows), len(want))
		}
		for _, row := range rows {
			var score float64
			fields := strings.Split(row, "\t")
			fmt.Sscan(fields[2], &score)
			if found, ok := want[fields[1]]; !ok || math.Abs(score-found) > 1e-6*math.Abs(found) {
				t.Errorf("%s: %s scores %v, in gensim %v (%t)", ours, fields[1], score, found, ok)
			}
		}
		data, err = os.ReadFile(joined)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(data), "\n")
		for i, line := range answers[theirs].Joined {
			if lines[i] != line {
				t.Fatalf("%s: line %d is %q, in gensim %q", ours, i+1, lines[i], line)
			}
		}
	}
}
