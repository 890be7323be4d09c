package classifier_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/model/classifier"
	"kindred/model/format"
	"kindred/train/supervised"
)

// lines are of three labels, with words in several scripts.
func lines() (all []supervised.Line) {
	for i := range 300 {
		label, word := "one", "apple ärger"
		switch i % 3 {
		case 1:
			label, word = "two", "Банан 日本 x"
		case 2:
			label, word = "three-3", "cherry 👩‍🚀"
		}
		all = append(all, supervised.Line{Labels: []string{label}, Text: fmt.Sprintf("%s common%d of%d", word, i%7, i%11)})
	}
	return all
}

func trained(t testing.TB, change func(*supervised.Config)) *classifier.Model {
	t.Helper()
	c := supervised.Defaults()
	c.Dim, c.Epochs, c.Threads, c.Buckets = 10, 5, 1, 3000
	change(&c)
	m, _, err := supervised.Train(context.Background(), lines(), c, supervised.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var questions = []string{"apple common1", "Банан never seen", "日本", "cherry 👩‍🚀 of3 apple", "", "zzz unknown words"}

func probabilities(m *classifier.Model) (all [][]float32) {
	p := m.NewPredictor(nil)
	for _, q := range questions {
		x, _ := p.Probabilities([]byte(q))
		all = append(all, slices.Clone(x))
	}
	return all
}

func TestNativeFile(t *testing.T) {
	for name, change := range map[string]func(*supervised.Config){
		"all":   func(*supervised.Config) {},
		"words": func(c *supervised.Config) { c.WordNGrams, c.MinN, c.MaxN = 1, 0, 0 },
		"ns":    func(c *supervised.Config) { c.Loss = classifier.NegativeSampling },
		"ova":   func(c *supervised.Config) { c.Loss = classifier.OneVsAll },
	} {
		m := trained(t, change)
		path := filepath.Join(t.TempDir(), "model")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		read, err := classifier.Load(path)
		if err != nil {
			t.Fatal(name, err)
		}
		if !slices.EqualFunc(probabilities(m), probabilities(read), slices.Equal) {
			t.Errorf("%s: a model that was saved and read gives other probabilities", name)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, cut := range []int{0, 3, 8, 100, len(data) / 2, len(data) - 1} {
			if _, err := classifier.Read(bytes.NewReader(data[:cut]), int64(cut)); err == nil {
				t.Errorf("%s: a file of %d bytes, cut to %d, is read", name, len(data), cut)
			}
		}
		data[len(data)-5] ^= 1
		if _, err := classifier.Read(bytes.NewReader(data), int64(len(data))); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: a damaged file: %v", name, err)
		}
	}
}

// A file of vectors is no classifier.
func TestVectorsAreNoClassifier(t *testing.T) {
	v, err := vocab.New([]string{"a", "b"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "v.safetensors")
	if err := format.Save(path, &model.Embeddings{Vocabulary: v, Input: model.NewMatrix(2, 3)}, "safetensors"); err != nil {
		t.Fatal(err)
	}
	if _, err := classifier.Load(path); !errors.Is(err, classifier.ErrNotClassifier) {
		t.Errorf("vectors: %v", err)
	}
}

// Features of fastText: its hash of tokens and word n-grams, by hand from its definition.
func TestHash(t *testing.T) {
	if got := classifier.Hash(""); got != 2166136261 {
		t.Errorf("hash of nothing: %d", got)
	}
	// FNV-1a of "a": (2166136261 ^ 97) * 16777619 mod 2^32.
	if got := classifier.Hash("a"); got != 0xe40c292c {
		t.Errorf("hash of a: %#x", got)
	}
	f := classifier.Features{WordNGrams: 3, Buckets: 1000}
	a, b, c := uint64(3), uint64(5), uint64(7)
	want := []int32{int32((a*116049371 + b) % 1000), int32(((a*116049371+b)*116049371 + c) % 1000), int32((b*116049371 + c) % 1000)}
	if got := f.AppendWordNGrams(nil, []uint32{3, 5, 7}); !slices.Equal(got, want) {
		t.Errorf("word n-grams %v, want %v", got, want)
	}
}

func TestBucketSet(t *testing.T) {
	s := classifier.NewBucketSet(1000, func(b int) bool { return b%7 == 3 })
	n := int32(0)
	for b := range int32(1000) {
		want := int32(-1)
		if b%7 == 3 {
			want = n
			n++
		}
		if got := s.Number(b); got != want {
			t.Fatalf("number of bucket %d is %d, want %d", b, got, want)
		}
	}
	if s.Len() != int(n) || len(s.Buckets()) != int(n) || s.Buckets()[1] != 10 {
		t.Errorf("%d buckets %v", s.Len(), s.Buckets()[:3])
	}
}

// predictFastText returns what fastText gives for the questions: labels and probabilities.
func predictFastText(t *testing.T, path string, n int) (all []map[string]float64) {
	t.Helper()
	cmd := exec.Command("fasttext", "predict-prob", path, "-", strconv.Itoa(n), "0")
	cmd.Stdin = strings.NewReader(strings.Join(questions, "\n") + "\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		given, fields := map[string]float64{}, strings.Fields(line)
		for i := 0; i+1 < len(fields); i += 2 {
			p, err := strconv.ParseFloat(fields[i+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			given[strings.TrimPrefix(fields[i], "__label__")] = p
		}
		all = append(all, given)
	}
	return all
}

// compare compares the probabilities of a model with those of fastText, which adds 1e-5 before it takes the logarithm.
func compare(t *testing.T, what string, m *classifier.Model, want []map[string]float64) {
	t.Helper()
	if len(want) != len(questions) {
		t.Fatalf("%s: fastText answered %d of %d questions", what, len(want), len(questions))
	}
	for i, got := range probabilities(m) {
		for k, l := range m.Labels {
			if p, ok := want[i][l.Name]; ok && math.Abs(p-float64(got[k])) > 1e-4 {
				t.Errorf("%s, %q: fastText gives %s %.6f, kindred %.6f", what, questions[i], l.Name, p, got[k])
			}
		}
	}
}

func needFastText(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("fasttext"); err != nil {
		t.Skip("there is no fasttext on the PATH: apt install fasttext")
	}
}

// fastText reads kindred's models, and gives their probabilities.
func TestFastTextReadsModels(t *testing.T) {
	needFastText(t)
	for name, change := range map[string]func(*supervised.Config){
		"softmax": func(*supervised.Config) {},
		"words":   func(c *supervised.Config) { c.WordNGrams, c.MinN, c.MaxN = 1, 0, 0 },
		"ova":     func(c *supervised.Config) { c.Loss = classifier.OneVsAll },
		"ns":      func(c *supervised.Config) { c.Loss = classifier.NegativeSampling },
	} {
		m := trained(t, change)
		path := filepath.Join(t.TempDir(), "model.bin")
		var file bytes.Buffer
		if err := m.WriteFastText(&file); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		want := predictFastText(t, path, 3)
		read, err := classifier.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, name+" read back", read, want)
		if name == "softmax" || name == "words" { // those of other losses are exact, and fastText's are not
			compare(t, name, m, want)
		}
	}
}

// kindred reads fastText's models, with every loss, quantized or not, and gives their probabilities.
func TestReadsFastTextModels(t *testing.T) {
	needFastText(t)
	dir := t.TempDir()
	var text strings.Builder
	for _, l := range lines() {
		fmt.Fprintf(&text, "__label__%s %s\n", l.Labels[0], l.Text)
	}
	input := filepath.Join(dir, "lines.txt")
	if err := os.WriteFile(input, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("fasttext", args...).CombinedOutput(); err != nil {
			t.Fatalf("fasttext %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	for _, loss := range []string{"softmax", "ns", "ova", "hs"} {
		name := filepath.Join(dir, loss)
		run("supervised", "-input", input, "-output", name, "-loss", loss, "-dim", "8", "-wordNgrams", "2", "-minn", "2", "-maxn", "3", "-bucket", "2000", "-thread", "1", "-verbose", "0")
		m, err := classifier.Load(name + ".bin")
		if err != nil {
			t.Fatal(err)
		}
		compare(t, loss, m, predictFastText(t, name+".bin", 3))
		if loss != "hs" && loss != "softmax" {
			continue
		}
		run("quantize", "-input", input, "-output", name, "-qnorm", "-retrain", "-cutoff", "500", "-thread", "1", "-verbose", "0")
		if m, err = classifier.Load(name + ".ftz"); err != nil {
			t.Fatal(err)
		}
		compare(t, loss+" quantized", m, predictFastText(t, name+".ftz", 3))
		data, err := os.ReadFile(name + ".ftz")
		if err != nil {
			t.Fatal(err)
		}
		for cut := 0; cut < len(data); cut += len(data)/97 + 1 {
			if _, err := classifier.Read(bytes.NewReader(data[:cut]), int64(cut)); err == nil {
				t.Errorf("%s: a file cut to %d of %d bytes is read", loss, cut, len(data))
			}
		}
	}
}

// What a file of fastText can't hold is refused.
func TestFastTextCannotHold(t *testing.T) {
	m := trained(t, func(*supervised.Config) {})
	m.Analyzer = "unicode, lower"
	if err := m.WriteFastText(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "analyzer") {
		t.Errorf("another analyzer: %v", err)
	}
	m.Analyzer, m.Labels[0].Name = classifier.FastTextAnalyzer, "two words"
	if err := m.WriteFastText(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "white space") {
		t.Errorf("a label with a blank: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	m := trained(f, func(c *supervised.Config) { c.Dim, c.Buckets = 2, 20 })
	var native, foreign bytes.Buffer
	if err := m.Write(&native); err != nil {
		f.Fatal(err)
	}
	if err := m.WriteFastText(&foreign); err != nil {
		f.Fatal(err)
	}
	f.Add(native.Bytes())
	f.Add(foreign.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := classifier.Read(bytes.NewReader(data), int64(len(data))); err == nil {
			m.NewPredictor(nil).Probabilities([]byte("apple ärger x"))
		}
	})
}
