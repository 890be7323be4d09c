package format_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
)

// worldWords are words in many scripts, and of characters that programs like
// to take for white space.
var worldWords = []string{
	"</s>", "word", "naïve", "Ελληνικά", "слово", "中文", "日本語", "한국어", "עברית", "العربية", "हिन्दी", "ไทย", "አማርኛ", "ᏣᎳᎩ", "ქართული",
	"😀", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "𝕎", "a\u00a0b", "\u2028", "\u0085", "\u3000x", "\ufeff", "e\u0301", "1", "-1.5", "nan", "0x10", "#", `"`, "'", "\\n", "\x1c", "\x7f",
}

// everyScript returns worldWords and a word from each script that Unicode has.
func everyScript() []string {
	words := slices.Clone(worldWords)
	for _, script := range slices.Sorted(maps.Keys(unicode.Scripts)) {
		var word []rune
		for r := rune(0x80); r <= unicode.MaxRune && len(word) < 4; r++ {
			if unicode.Is(unicode.Scripts[script], r) && unicode.In(r, unicode.L, unicode.M, unicode.S) {
				word = append(word, r)
			}
		}
		words = append(words, string(word)+"·"+script)
	}
	return words
}

// gensimPython returns a Python that has gensim.
func gensimPython(t *testing.T) string {
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('gensim') is None)").CombinedOutput(); err != nil {
		t.Skipf("needs %s with gensim: %v %s", python, err, out)
	}
	return python
}

// run runs a program, which must succeed, and returns its output.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func worldEmbeddings(t *testing.T) *model.Embeddings {
	words := everyScript()
	return modeltest.Embeddings(words, modeltest.Random(len(words), 33, 7).Input.(*model.Matrix))
}

// TestGensimLoads has gensim read what kindred writes, and compares words and
// the bits of vectors.
func TestGensimLoads(t *testing.T) {
	python := gensimPython(t)
	e := worldEmbeddings(t)
	dir := t.TempDir()
	var want strings.Builder
	for _, name := range []string{"text", "binary", "glove"} {
		if err := format.Save(filepath.Join(dir, name), e, name); err != nil {
			t.Fatal(err)
		}
		for i, w := range everyScript() {
			fmt.Fprintf(&want, "%s %x %x\n", name, w, floats(e.Input.(*model.Matrix).Row(i)...))
		}
	}
	const script = `
import sys
from gensim.models import KeyedVectors
for format in "text", "binary", "glove":
    kv = KeyedVectors.load_word2vec_format(sys.argv[1] + "/" + format, binary=format == "binary", no_header=format == "glove")
    for word in kv.index_to_key:
        print(format, word.encode("utf8").hex(), kv[word].astype("<f4").tobytes().hex())
`
	if diff := cmp.Diff(want.String(), run(t, python, "-c", script, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestLoadsGensim reads what gensim writes.
func TestLoadsGensim(t *testing.T) {
	python := gensimPython(t)
	e := worldEmbeddings(t)
	dir := t.TempDir()
	source := filepath.Join(dir, "source.bin")
	if err := format.Save(source, e, ""); err != nil {
		t.Fatal(err)
	}
	const script = `
import sys
from gensim.models import KeyedVectors
kv = KeyedVectors.load_word2vec_format(sys.argv[1], binary=True)
kv.save_word2vec_format(sys.argv[2] + "/text", binary=False)
kv.save_word2vec_format(sys.argv[2] + "/binary", binary=True)
kv.save_word2vec_format(sys.argv[2] + "/glove", binary=False, write_header=False)
`
	run(t, python, "-c", script, source, dir)
	for _, name := range []string{"text", "binary", "glove"} {
		got, err := format.Load(filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		words, _ := vectors(got)
		if diff := cmp.Diff(everyScript(), words); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(e.Input, got.Input); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestLoadsFastText reads what fastText writes, with a blank at each line's
// end.
func TestLoadsFastText(t *testing.T) {
	fasttext, err := exec.LookPath("fasttext")
	if err != nil {
		t.Skipf("needs fasttext: %v", err)
	}
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("слово word 😀 中文 a\u00a0b\n", 50)), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, fasttext, "skipgram", "-input", text, "-output", filepath.Join(dir, "v"), "-dim", "7", "-maxn", "0", "-minCount", "1", "-thread", "1", "-epoch", "1", "-bucket", "0")
	e, err := format.Load(filepath.Join(dir, "v.vec"))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{"слово", "word", "😀", "中文", "a\u00a0b", "</s>"} {
		if v, ok := e.Vector(w); !ok || len(v) != 7 {
			t.Errorf("no vector for %q", w)
		}
	}
	if e.Vocabulary.Len() != 6 || len(e.Warnings) > 0 {
		t.Errorf("%d words, want 6; warnings %q", e.Vocabulary.Len(), e.Warnings)
	}
	// A broken file is an error all the same.
	data, err := os.ReadFile(filepath.Join(dir, "v.vec"))
	if err != nil {
		t.Fatal(err)
	}
	var fault *format.SyntaxError
	if _, err := format.Read(strings.NewReader(string(data[:len(data)-20])), "v.vec"); !errors.As(err, &fault) || fault.Line != 7 {
		t.Errorf("error %v, want one in line 7", err)
	}
}
