package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/model/search"
	"kindred/train"
)

// vectorsOf returns an index of words, of some vectors.
func vectorsOf(t *testing.T, words ...string) *search.Index {
	t.Helper()
	v, err := vocab.New(words, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := &model.Embeddings{Vocabulary: v, Input: model.NewMatrix(len(words), 2)}
	for i := range words {
		copy(e.Input.(*model.Matrix).Row(i), []float32{1, float32(i)})
	}
	return search.NewIndex(e, 0)
}

// A bar can be drawn, ended and begun again, whether or not it reached its end.
func TestBar(t *testing.T) {
	var out bytes.Buffer
	b := newBar(&out)
	b.clear()
	for _, tokens := range []int64{0, 50, 100, 100} {
		b.reading(tokens, 100)
	}
	b.clear()
	b.reading(5, 0)
	b.clear()
	b.training(train.Progress{Epoch: 1, Epochs: 2, Tokens: 50, TotalTokens: 100})
	b.clear()
	if b.line != nil {
		t.Error("a bar is left after the end")
	}
}

func TestUnlessInterrupted(t *testing.T) {
	failure := errors.New("failure")
	ctx, cancel := context.WithCancel(context.Background())
	if err := unlessInterrupted(ctx, func() error { return failure }); err != failure {
		t.Errorf("error %v, want that of the work", err)
	}
	cancel()
	if err := unlessInterrupted(ctx, func() error { return failure }); err != failure {
		t.Errorf("error %v, want that of the work, which ends soon", err)
	}
	forever := make(chan error)
	defer close(forever)
	err := unlessInterrupted(ctx, func() error { return <-forever })
	if !errors.As(err, new(interruption)) {
		t.Errorf("error %v, want an interruption", err)
	}
}

// The log of a training that is no terminal is text of one line each time.
func TestTicker(t *testing.T) {
	var out bytes.Buffer
	con := newConsole(strings.NewReader(""), &out, &out)
	k := newTicker(con.log)
	k.reading(1, 2) // too early for a line
	k.last = time.Now().Add(-time.Hour)
	k.reading(1<<20, 2<<20)
	k.training(train.Progress{Epoch: 1, Epochs: 5, Tokens: 20, TotalTokens: 100, TokensPerSecond: 1.5e6, Remaining: 90 * time.Second, Rate: 0.0125, Loss: 2.5, Pairs: 9})
	k.training(train.Progress{Done: true})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[0], "INF reading done=50.0%") ||
		!strings.HasSuffix(lines[1], "INF training done=20.0% epoch=1/5 words/s=1.50M eta=1:30 lr=0.0125 loss=2.5000") {
		t.Errorf("the log is %q", lines)
	}
}

// A fault of the program ends it with exit code 1, and with all that helps to find the fault.
func TestPanicIsReported(t *testing.T) {
	var out bytes.Buffer
	con := newConsole(strings.NewReader(""), &out, &out)
	code := con.exit(&train.PanicError{Value: "index out of range", Stack: "goroutine 7"}, "train")
	if code != exitFailure || !strings.Contains(out.String(), "kindred train: a worker failed: index out of range; ") || !strings.Contains(out.String(), "\ngoroutine 7\n") {
		t.Errorf("exit code %d after %q", code, out.String())
	}
}
