package train

import (
	"context"
	"errors"
	"slices"
	"testing"

	"kindred/model"
)

func TestAfterEpoch(t *testing.T) {
	text := read(t, zipfText(3000, 200))
	cfg := small()
	cfg.Epochs, cfg.Threads = 4, 3
	want := trained(t, text, func() Config { c := cfg; c.Threads = 1; return c }())

	var epochs []int
	e, err := Run(context.Background(), text, cfg, Options{AfterEpoch: func(epoch int, e *model.Embeddings) (bool, error) {
		epochs = append(epochs, epoch)
		return epoch < 3, nil
	}})
	if err != nil || !slices.Equal(epochs, []int{1, 2, 3}) {
		t.Fatalf("called after epochs %v, %v; want 1 to 3", epochs, err)
	}
	record := e.Manifest.Training
	if !record.Completed || record.Tokens != 3*text.Len() || len(record.EpochLoss) != 3 {
		t.Errorf("ended after epoch 3: %+v", record)
	}

	// Looking on changes nothing.
	cfg.Threads = 1
	e, err = Run(context.Background(), text, cfg, Options{AfterEpoch: func(int, *model.Embeddings) (bool, error) { return true, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Concat(e.Input.(*model.Matrix).Data, e.Output.(*model.Matrix).Data); !slices.Equal(got, want) {
		t.Error("other vectors with AfterEpoch than without")
	}

	broken := errors.New("no figure")
	for _, at := range []int{2, cfg.Epochs} {
		e, err = Run(context.Background(), text, cfg, Options{AfterEpoch: func(epoch int, _ *model.Embeddings) (bool, error) {
			if epoch == at {
				return true, broken
			}
			return true, nil
		}})
		if e != nil || !errors.Is(err, broken) {
			t.Errorf("error after epoch %d: %v", at, err)
		}
	}
}
