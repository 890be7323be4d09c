package lookup

import (
	"testing"

	"golang.org/x/text/unicode/norm"

	"kindred/corpus/vocab"
	"kindred/model"
)

func vocabulary(t *testing.T, words ...string) *vocab.Vocabulary {
	t.Helper()
	v, err := vocab.New(words, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestFind finds words by case and normal form.
func TestFind(t *testing.T) {
	composed, decomposed := norm.NFC.String("café"), norm.NFD.String("café")
	tests := []struct {
		name       string
		words      []string
		word       string
		exact      bool
		id         int // -1 for none
		normalized bool
	}{
		{"same form", []string{"a", composed}, composed, true, 1, false},
		{"composed query", []string{"a", decomposed}, composed, true, 1, true},
		{"decomposed query", []string{"a", composed}, decomposed, true, 1, true},
		{"the same form first", []string{composed, decomposed}, decomposed, true, 1, false},
		{"case counts", []string{"a", composed}, "CAFÉ", true, -1, false},
		{"case ignored", []string{"a", composed}, "CAFÉ", false, 1, false},
		{"case ignored, other form", []string{"a", decomposed}, norm.NFC.String("CAFÉ"), false, 1, true},
		{"the first of both forms", []string{composed, decomposed}, decomposed, false, 0, true},
		{"no such word", []string{"cafe"}, composed, false, -1, false},
	}
	for _, test := range tests {
		l := New(vocabulary(t, test.words...), test.exact)
		id, ok := l.Find(test.word)
		if !ok {
			id = -1
		}
		if id != test.id || ok && l.Normalized(test.word, id) != test.normalized {
			t.Errorf("%s: found %d, want %d, normalized %v", test.name, id, test.id, test.normalized)
		}
		if forms := l.Forms(); ok {
			if first, known := forms[l.Form(test.word)]; !known || !test.exact && first != id {
				t.Errorf("%s: form %q has the id %d, %v, in %v", test.name, l.Form(test.word), first, known, forms)
			}
		}
	}
}

// toyComposer composes every word of the first row.
type toyComposer struct{ *vocab.Vocabulary }

func (toyComposer) Stored(buf []int32, id int) ([]int32, float32) { return append(buf, int32(id)), 1 }
func (toyComposer) Unseen(buf []int32, word string) ([]int32, float32, bool) {
	return append(buf, 0), 1, true
}

func TestNormalizing(t *testing.T) {
	v := vocabulary(t, "a", norm.NFD.String("café"))
	var said []string
	n := Normalizing(v, func(word string) { said = append(said, word) })
	for range 2 {
		if id, ok := n.ID(norm.NFC.String("café")); !ok || id != 1 || n.Word(id) != v.Word(1) {
			t.Errorf("found %d, %v", id, ok)
		}
	}
	if _, ok := n.ID("cafe"); ok || len(said) != 1 {
		t.Errorf("cafe found: %v; said %q, want one word", ok, said)
	}
	if _, ok := n.(model.Composer); ok {
		t.Error("a plain vocabulary composes words")
	}
	c, ok := Normalizing(toyComposer{v}, nil).(model.Composer)
	if !ok {
		t.Fatal("a composer no longer composes words")
	}
	if rows, _, ok := c.Unseen(nil, "x"); !ok || len(rows) != 1 {
		t.Errorf("rows %v, %v", rows, ok)
	}
	if id, ok := c.ID(norm.NFC.String("café")); !ok || id != 1 {
		t.Errorf("found %d, %v", id, ok)
	}
}
