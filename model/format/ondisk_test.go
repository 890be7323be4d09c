package format

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kindred/corpus/vocab"
	"kindred/model"
)

// onDiskFile saves vectors of both matrices and loads them with their matrices left on disk.
func onDiskFile(t *testing.T) (path string, want, got *model.Embeddings) {
	t.Helper()
	const rows, dim = 50, 7
	var words []string
	want = &model.Embeddings{}
	in, out := model.NewMatrix(rows, dim), model.NewMatrix(rows, dim)
	for i := range rows {
		words = append(words, fmt.Sprint("w", i))
		for k := range dim {
			in.Row(i)[k], out.Row(i)[k] = float32(i*dim+k), float32(-i)/float32(1+k)
		}
	}
	v, err := vocab.New(words, nil)
	if err != nil {
		t.Fatal(err)
	}
	want.Vocabulary, want.Input, want.Output = v, in, out
	path = filepath.Join(t.TempDir(), "v.safetensors")
	if err := Save(path, want, ""); err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-time.Hour) // so that a change shows, however coarse the clock of the files is
	if err := os.Chtimes(path, before, before); err != nil {
		t.Fatal(err)
	}
	if got, err = (LoadOptions{OnDisk: true}).Load(path); err != nil {
		t.Fatal(err)
	}
	return path, want, got
}

func readFault(s model.Storage) error { return s.(interface{ Err() error }).Err() }

func TestMatricesOnDisk(t *testing.T) {
	_, want, got := onDiskFile(t)
	if _, dense := got.Input.(*model.Matrix); dense {
		t.Fatal("the matrix is in memory")
	}
	buffer := make([]float32, got.Dim())
	for id := range want.Vocabulary.Len() {
		if got.Vocabulary.Word(id) != want.Vocabulary.Word(id) || !slices.Equal(got.Input.ReadRow(buffer, id), want.Input.ReadRow(nil, id)) ||
			!slices.Equal(got.Output.ReadRow(nil, id), want.Output.ReadRow(nil, id)) {
			t.Errorf("row %d differs", id)
		}
	}
	if err := errors.Join(got.Check(), readFault(got.Input), readFault(got.Output)); err != nil {
		t.Error(err)
	}
}

// What happens to the file after it was checked is an error, not wrong vectors.
func TestFileOnDiskChanges(t *testing.T) {
	for what, change := range map[string]func(path string) error{
		"cut": func(path string) error { return os.Truncate(path, 1000) },
		"overwritten": func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			if _, err := f.Seek(-20, io.SeekEnd); err != nil {
				return err
			}
			_, err = f.WriteString("other")
			return errors.Join(err, f.Close())
		},
	} {
		path, _, got := onDiskFile(t)
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		row := got.Output.ReadRow(nil, 49)
		if err := readFault(got.Output); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one with the name of the file", what, err)
		}
		if what == "cut" && slices.Max(row) != 0 {
			t.Errorf("a row behind the end is %v", row)
		}
	}
}
