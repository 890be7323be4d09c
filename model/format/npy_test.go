package format_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
)

// TestNumPyReads has NumPy read what kindred writes, and the other way round, also in other types.
func TestNumPyReads(t *testing.T) {
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import numpy").CombinedOutput(); err != nil {
		t.Skipf("needs %s with numpy: %s", python, out)
	}
	e := worldEmbeddings(t)
	dir := t.TempDir()
	if err := format.Save(filepath.Join(dir, "a.npy"), e, ""); err != nil {
		t.Fatal(err)
	}
	const script = `
import numpy as np, sys, shutil
d = sys.argv[1]
a = np.load(d + "/a.npy", mmap_mode="r")
words = open(d + "/a.words.txt", encoding="utf8", newline="\n").read().split("\n")[:-1]
assert a.dtype == np.float32 and a.flags["C_CONTIGUOUS"] and len(words) == len(a)
for word, row in zip(words, a):
    print(word.encode("utf8").hex(), row.tobytes().hex())
for name, kind, version in ("f8", "<f8", (1, 0)), ("f2", "<f2", (2, 0)), ("f4", "<f4", (3, 0)):
    with open(d + "/" + name + ".npy", "wb") as f:
        np.lib.format.write_array(f, a.astype(kind), version=version)
    shutil.copy(d + "/a.words.txt", d + "/" + name + ".words.txt")
np.save(d + "/fortran.npy", np.asfortranarray(a)); shutil.copy(d + "/a.words.txt", d + "/fortran.words.txt")
np.save(d + "/int.npy", a.astype(int)); shutil.copy(d + "/a.words.txt", d + "/int.words.txt")
np.save(d + "/flat.npy", a.ravel()); shutil.copy(d + "/a.words.txt", d + "/flat.words.txt")
`
	var want strings.Builder
	for i, w := range everyScript() {
		fmt.Fprintf(&want, "%x %x\n", w, floats(e.Input.(*model.Matrix).Row(i)...))
	}
	if got := run(t, python, "-X", "utf8", "-c", script, dir); got != want.String() {
		t.Error("NumPy reads other words or values")
	}
	for name, tolerance := range map[string]float64{"a": 0, "f8": 0, "f4": 0, "f2": 1e-3} {
		read, err := format.Load(filepath.Join(dir, name+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		for id := range e.Vocabulary.Len() {
			if read.Vocabulary.Word(id) != e.Vocabulary.Word(id) {
				t.Fatalf("%s: word %d is %q, want %q", name, id, read.Vocabulary.Word(id), e.Vocabulary.Word(id))
			}
			for c, x := range e.Input.(*model.Matrix).Row(id) {
				if got := read.Input.(*model.Matrix).Row(id)[c]; math.Abs(float64(got-x)) > tolerance*math.Abs(float64(x))+tolerance*1e-4 {
					t.Fatalf("%s: value %d of word %d is %v, want %v", name, c, id, got, x)
				}
			}
		}
	}
	for name, want := range map[string]string{"fortran": "column by column", "int": "want <f4, <f8 or <f2", "flat": "two dimensions"} {
		if _, err := format.Load(filepath.Join(dir, name+".npy")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", name, err, want)
		}
	}
}

// npyFile returns an array of float32 with a header of this text.
func npyFile(header string, values ...float32) string {
	head := append([]byte("\x93NUMPY\x01\x00"), 0, 0)
	binary.LittleEndian.PutUint16(head[8:], uint16(len(header)))
	return string(head) + header + floats(values...)
}

func TestBrokenNPY(t *testing.T) {
	const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n"
	nan := float32(math.NaN())
	for name, c := range map[string]struct{ file, words, want string }{
		"good":             {npyFile(good, 1, 2, 3, 4), "a\nb\n", ""},
		"cut":              {npyFile(good, 1, 2, 3), "a\nb\n", "promises 2 vectors of 2 values"},
		"too long":         {npyFile(good, 1, 2, 3, 4, 5), "a\nb\n", "promises 2 vectors of 2 values"},
		"cut in header":    {npyFile(good)[:30], "a\nb\n", "ends in its header"},
		"few words":        {npyFile(good, 1, 2, 3, 4), "a\n", "has 1 words"},
		"no words":         {npyFile(good, 1, 2, 3, 4), "", "does not exist"},
		"not a number":     {npyFile(good, 1, 2, 3, nan), "a\nb\n", `a value of "b" is not a finite number`},
		"lying shape":      {npyFile(strings.Replace(good, "(2, 2)", "(2000000000, 1000000)", 1), 1, 2), "a\nb\n", "promises 2000000000 vectors"},
		"impossible shape": {npyFile(strings.Replace(good, "(2, 2)", "(0, 2)", 1)), "a\n", "want 1 to"},
		"huge number":      {npyFile(strings.Replace(good, "(2, 2)", "(99999999999999999999, 2)", 1)), "a\n", "want 1 to"},
		"no header":        {npyFile("{}\n", 1), "a\n", "two dimensions"},
		"version":          {"\x93NUMPY\x09\x00" + good, "a\nb\n", "version of the array is 9"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "v.npy")
		if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		if c.words != "" {
			if err := os.WriteFile(filepath.Join(dir, "v.words.txt"), []byte(c.words), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := format.Load(path)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func FuzzNPY(f *testing.F) {
	f.Add([]byte(npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n", 1, 2, 3, 4)))
	f.Add([]byte(npyFile("{'descr': '<f2', 'fortran_order': False, 'shape': (1, 4), }\n", 1, 2)))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "v.npy")
		if os.WriteFile(path, data, 0o600) != nil || os.WriteFile(filepath.Join(dir, "v.words.txt"), []byte("a\nb\n"), 0o600) != nil {
			t.Skip()
		}
		npy, _ := format.ByName("npy")
		e, err := npy.Load(path)
		if err != nil {
			return
		}
		if err := format.Save(filepath.Join(dir, "w.npy"), e, ""); err != nil {
			t.Fatal(err)
		}
		again, err := format.Load(filepath.Join(dir, "w.npy"))
		if err != nil || again.Vocabulary.Len() != e.Vocabulary.Len() || again.Dim() != e.Dim() {
			t.Errorf("what was read can't be read again: %v", err)
		}
	})
}

// TestNPYIsAPair saves and loads, also compressed, and a part of the words.
func TestNPYIsAPair(t *testing.T) {
	e := modeltest.Numbered("a b", "c", "\ufeffd")
	for _, name := range []string{"v.npy", "v.npy.gz"} {
		path := filepath.Join(t.TempDir(), name)
		if err := format.Save(path, e, ""); err != nil {
			t.Fatal(err)
		}
		read, err := format.LoadOptions{First: 2}.Load(path)
		if err != nil || read.Vocabulary.Len() != 2 || read.Vocabulary.Word(0) != "a b" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
