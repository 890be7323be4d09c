package layout

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestCache: a kept layout is the computed one and is not computed again; a damaged one is.
func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	unit := made(3, 40, 8, 1)
	computed := 0
	get := func() *Layout {
		computed = 0
		l, kept, err := Cached(t.Context(), dir, unit, func(string, float64) { computed++ })
		if err != nil || kept != nil {
			t.Fatal(err, kept)
		}
		return l
	}
	first := get()
	if computed == 0 {
		t.Fatal("nothing was computed")
	}
	same := func(l *Layout) bool {
		return slices.Equal(l.UMAP, first.UMAP) && slices.Equal(l.PCA, first.PCA) && slices.Equal(l.Clusters, first.Clusters)
	}
	if l := get(); computed > 0 || !same(l) {
		t.Errorf("the kept layout was computed again (%v), or differs", computed > 0)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 1 {
		t.Fatalf("the files %q, want one", files)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{"cut": data[:len(data)-1], "changed": append(slices.Clone(data[:60]), append([]byte{data[60] ^ 1}, data[61:]...)...), "empty": nil} {
		if err := os.WriteFile(files[0], damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		if l := get(); computed == 0 || !same(l) {
			t.Errorf("%s: the damaged layout was used (%v), or the new one differs", name, computed == 0)
		}
	}
	unit.Row(7)[0] += 1. / 2048
	if get(); computed == 0 {
		t.Error("other vectors have the same layout")
	}
}

// TestCacheWithoutDirectory: a layout that can't be kept is still given, with the reason.
func TestCacheWithoutDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	l, kept, err := Cached(t.Context(), file, made(2, 20, 5, 1), silent)
	if l == nil || kept == nil || err != nil {
		t.Errorf("layout %v, kept %v, error %v; want a layout and why it was not kept", l != nil, kept, err)
	}
}
