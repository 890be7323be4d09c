package eval

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kindred/eval/internal/evaltest"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/model"
	"kindred/model/search"
)

// gensimProgram evaluates vectors as the request on its standard input says.
const gensimProgram = `
import json, logging, sys
from gensim.models import KeyedVectors
request = json.load(sys.stdin)
kv = KeyedVectors.load_word2vec_format(request["Vectors"])
answers = []
for o in request["Options"]:
    how = {"restrict_vocab": o["Restrict"] or len(kv), "case_insensitive": not o["ExactCase"], "dummy4unknown": o["Zero"]}
    answer = {"Pairs": [], "Analogies": []}
    for path in request["Similarity"]:
        pearson, spearman, oov = kv.evaluate_word_pairs(path, delimiter=request["Delimiter"], **how)
        answer["Pairs"].append({"Pearson": float(pearson[0]), "Spearman": float(spearman[0]), "Missing": oov})
    for path in request["Analogies"]:
        score, sections = kv.evaluate_word_analogies(path, **how)
        answer["Analogies"].append({"Score": score, "Sections": [
            {"Name": s["section"], "Correct": len(s["correct"]), "Of": len(s["correct"]) + len(s["incorrect"])} for s in sections]})
    answers.append(answer)
print(json.dumps(answers))
`

type gensimOptions struct {
	Restrict  int
	ExactCase bool
	// Zero is dummy4unknown: missing pairs count with similarity 0, questions
	// with missing words as wrong.
	Zero bool
}

type gensimRequest struct {
	Vectors               string
	Similarity, Analogies []string
	Delimiter             string // of the files of pairs
	Options               []gensimOptions
}

type gensimAnswer struct {
	Pairs     []struct{ Pearson, Spearman, Missing float64 }
	Analogies []struct {
		Score    float64
		Sections []struct {
			Name        string
			Correct, Of int
		}
	}
}

// compareWithGensim evaluates e on the files with gensim and here, and
// compares the figures to the fourth digit, and all counts.
func compareWithGensim(t *testing.T, e *model.Embeddings, similarity, analogies []string, options []gensimOptions) {
	t.Helper()
	var list []sets.Set
	for _, path := range append(similarity, analogies...) {
		set, err := sets.ReadSet(path)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, set)
	}
	compareSetsWithGensim(t, e, list, gensimRequest{Similarity: similarity, Analogies: analogies, Delimiter: "\t", Options: options})
}

// compareSetsWithGensim does the same with sets that are already read.
func compareSetsWithGensim(t *testing.T, e *model.Embeddings, list []sets.Set, request gensimRequest) {
	t.Helper()
	python := evaltest.PythonWith(t, "gensim")
	request.Vectors = filepath.Join(t.TempDir(), "vectors.txt")
	writeVectors(t, request.Vectors, e)
	var answers []gensimAnswer
	evaltest.RunPython(t, python, gensimProgram, request, &answers)
	for i, o := range request.Options {
		r, err := Evaluate(e, list, Options{
			ExactCase: o.ExactCase, RestrictSimilarity: o.Restrict, RestrictAnalogies: o.Restrict,
			ZeroMissing: o.Zero, Methods: []search.AnalogyMethod{search.CosAdd},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) { compareReport(t, r, answers[i], o.Zero) })
	}
}

func compareReport(t *testing.T, r *Report, want gensimAnswer, zero bool) {
	for i, s := range r.Similarity {
		w := want.Pairs[i]
		near(t, s.Name+": Spearman", s.Spearman, w.Spearman)
		near(t, s.Name+": Pearson", s.Pearson, w.Pearson)
		near(t, s.Name+": per cent missing", stats.Score{Value: 100 * float64(s.Missing) / float64(s.Pairs)}, w.Missing)
		t.Logf("%s: Spearman %v, %d of %d pairs missing", s.Name, s.Spearman, s.Missing, s.Pairs)
	}
	for i, a := range r.Analogies {
		m, w := a.Methods[0], want.Analogies[i]
		accuracy := m.Total.Accuracy
		if zero {
			accuracy = m.Total.AccuracyOfAll
		}
		near(t, a.Name+": accuracy", accuracy, w.Score)
		t.Logf("%s: accuracy %v, %d of %d questions skipped", a.Name, accuracy, a.Skipped, a.Questions)
		for j, tally := range append(m.Sections, m.Total) {
			of := tally.Covered
			if zero {
				of = tally.Questions
			}
			if got := w.Sections[j]; tally.Correct != got.Correct || of != got.Of {
				t.Errorf("%s, %s: %d of %d correct, gensim counts %d of %d", a.Name, tally.Name, tally.Correct, of, got.Correct, got.Of)
			}
		}
	}
}

func near(t *testing.T, name string, got stats.Score, want float64) {
	t.Helper()
	if !got.Defined() || math.Abs(got.Value-want) > 5e-5 {
		t.Errorf("%s is %v, gensim's is %.6f", name, got, want)
	}
}

// writeVectors writes e in word2vec's text format.
func writeVectors(t *testing.T, path string, e *model.Embeddings) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, e.Vocabulary.Len(), e.Dim())
	for id := range e.Vocabulary.Len() {
		fmt.Fprintln(w, e.Vocabulary.Word(id), strings.Trim(fmt.Sprint(e.Input.(*model.Matrix).Row(id)), "[]"))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

func TestAgainstGensim(t *testing.T) {
	g := evaltest.NewVectorBuilder(1, 12)
	var pairs, questions strings.Builder
	for _, relation := range []string{"capitals", "gram1-plural"} {
		fmt.Fprintln(&questions, ":", relation)
		for i := range 25 {
			g.AddRelated(relation, fmt.Sprintf("Straße%d%s", i, relation), fmt.Sprintf("o%d%s", i, relation), 0.6)
		}
		for i := range 26 { // the last words aren't in the vocabulary
			for j := range 26 {
				if i == j {
					continue
				}
				format := "Straße%d%s o%d%s Straße%d%s o%d%s\n"
				if (i+j)%2 == 0 { // out of vocabulary where case counts
					format = "STRASSE%d%s o%d%s straße%d%s O%d%s\n"
				}
				fmt.Fprintf(&questions, format, i, relation, i, relation, j, relation, j, relation)
			}
		}
	}
	for _, word := range g.Words[:40] { // rivals that differ in case only
		g.AddNear(strings.ToUpper(word), word, 0.2)
		g.AddNear(strings.ToLower(word), word, 0.2)
	}
	e := g.Embeddings(t)
	for range 150 {
		i, j := g.Random.IntN(len(g.Words)), g.Random.IntN(len(g.Words))
		fmt.Fprintf(&pairs, "%s\t%s\t%d\n", g.Words[i], strings.ToLower(g.Words[j]), g.Random.IntN(12))
	}
	pairs.WriteString("absent\tabsent\t3\nabsent\t" + g.Words[0] + "\t10\n")
	dir := t.TempDir()
	similarity, analogies := filepath.Join(dir, "pairs.tsv"), filepath.Join(dir, "questions.txt")
	writeFile(t, similarity, pairs.String())
	writeFile(t, analogies, questions.String())
	compareWithGensim(t, e, []string{similarity}, []string{analogies},
		[]gensimOptions{{}, {Zero: true}, {ExactCase: true}, {Restrict: 120}, {Restrict: 120, ExactCase: true}})
}

// TestFormsAgainstGensim reads pairs between commas under a header, as gensim does, and pairs as in BATS,
// whose questions gensim gets written out. The other columns of files that gensim does not read are left
// out for it.
func TestFormsAgainstGensim(t *testing.T) {
	g := evaltest.NewVectorBuilder(3, 12)
	var bats, questions strings.Builder
	for i := range 20 {
		g.AddRelated("plural", fmt.Sprintf("w%d", i), fmt.Sprintf("w%ds", i), 0.8)
		fmt.Fprintf(&bats, "w%d\tw%ds\n", i, i)
		for j := range 20 {
			if i != j {
				if questions.Len() == 0 {
					fmt.Fprintln(&questions, ": I01 [noun - plural]")
				}
				fmt.Fprintf(&questions, "w%d w%ds w%d w%ds\n", i, i, j, j)
			}
		}
	}
	e := g.Embeddings(t)
	plain, withHeader, frame, scws, tagged := "", "Word 1,Word 2,Human (mean)\n", "", "", ""
	for i := range 60 {
		first, second, score := g.Words[g.Random.IntN(len(g.Words))], g.Words[g.Random.IntN(len(g.Words))], float64(g.Random.IntN(100))/10
		if i%9 == 0 {
			second = "absent"
		}
		plain += fmt.Sprintf("%s,%s,%v\n", first, second, score)
		frame += fmt.Sprintf("%d,%s,%s,%v\n", i, first, second, score)
		tagged += fmt.Sprintf("%s-n,%s-n,%v\n", first, second, score)
		scws += fmt.Sprintf("%d\t%s\tn\t%s\tn\tThe <b> %s </b> is \"here , not there\tThere is a <b> %s </b> , too .\t%v\t%v\t%v\n", i+1, first, second, first, second, score, score-1, score+1)
	}
	withHeader += plain
	dir := t.TempDir()
	path := func(name, text string) string {
		writeFile(t, filepath.Join(dir, name), text)
		return filepath.Join(dir, name)
	}
	forGensim := path("plain.csv", plain)
	var list []sets.Set
	var similarity []string
	for _, file := range []string{forGensim, path("header.csv", withHeader), path("frame.csv", frame), path("tagged.csv", tagged), path("scws.txt", scws), path("I01 [noun - plural].txt", bats.String())} {
		set, err := sets.ReadSet(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, set)
		if set.Kind() == sets.Similarity {
			similarity = append(similarity, forGensim)
		}
	}
	similarity[1] = filepath.Join(dir, "header.csv")
	compareSetsWithGensim(t, e, list, gensimRequest{
		Similarity: similarity, Analogies: []string{path("questions.txt", questions.String())}, Delimiter: ",",
		Options: []gensimOptions{{}, {Zero: true}, {ExactCase: true}, {Restrict: 30}},
	})
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestAgainstGensimOnRealSets needs WordSim-353, SimLex-999 and Google's
// analogies in the directory eval of $KINDRED_DATA; the vectors are invented.
func TestAgainstGensimOnRealSets(t *testing.T) {
	data := os.Getenv("KINDRED_DATA")
	if data == "" {
		t.Skip("KINDRED_DATA is unset, the directory whose eval/ has ws353.tsv, simlex999.tsv and questions-words.txt")
	}
	path := func(name string) string { return filepath.Join(data, "eval", name) }
	questions, err := sets.ReadAnalogies(path("questions-words.txt"))
	if err != nil {
		t.Fatal(err)
	}
	g := evaltest.NewVectorBuilder(2, 40)
	for _, section := range questions.Sections {
		for _, q := range section.Questions {
			if len(q.A) != 9 { // some words are left out
				g.AddRelated(section.Name, q.A, q.B, 0.5)
			}
		}
	}
	for _, name := range []string{"ws353.tsv", "simlex999.tsv"} {
		s, err := sets.ReadSimilarity(path(name))
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range s.Pairs {
			if i%7 != 0 {
				g.AddWord(p.First)
				g.AddNear(p.Second, p.First, 1/(0.1+p.Score/5))
			}
		}
	}
	compareWithGensim(t, g.Embeddings(t), []string{path("ws353.tsv"), path("simlex999.tsv")}, []string{path("questions-words.txt")},
		[]gensimOptions{{}, {Restrict: 1500, Zero: true}})
}
