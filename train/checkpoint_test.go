package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kindred/corpus"
	"kindred/model"
	"kindred/model/format"
)

// openDir opens a directory of checkpoints for a test.
func openDir(t testing.TB, path string) *CheckpointDir {
	t.Helper()
	d, err := OpenCheckpointDir(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// bytesOf returns both matrices and the tallies of the manifest.
func bytesOf(t testing.TB, e *model.Embeddings) string {
	t.Helper()
	var b strings.Builder
	copied := *e
	m := *e.Manifest
	record := *m.Training
	record.Started, record.Wall, record.CPU, record.TokensPerSecond, record.Resumed = time.Time{}, 0, 0, 0, 0
	m.Training, m.Settings = &record, nil
	copied.Manifest = &m
	if err := format.Write(&b, &copied, "safetensors"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// whole returns a training that was never interrupted.
func whole(t testing.TB, text *corpus.Corpus, cfg Config) *model.Embeddings {
	t.Helper()
	e, err := Run(context.Background(), text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestResumeFromAnyCheckpoint checks that each checkpoint leads to the same vectors and losses, to
// the bit, with any number of threads. Hogwild training has one thread here.
func TestResumeFromAnyCheckpoint(t *testing.T) {
	text := read(t, zipfText(5000, 300))
	for i := range 4 {
		hogwild := i%2 == 1
		cfg := small()
		cfg.Subsample, cfg.Hogwild = 1e-2, hogwild
		if cfg.PositionWeights = i >= 2; cfg.PositionWeights {
			cfg.Kind = CBOW
		}
		want := bytesOf(t, whole(t, text, cfg))

		dir := openDir(t, t.TempDir())
		var reports []CheckpointReport
		e, err := Run(context.Background(), text, cfg, Options{Checkpoints: &Checkpoints{
			Dir: dir, EveryTokens: 10_000, Keep: 1000, patient: true, Observe: func(r CheckpointReport) { reports = append(reports, r) },
		}})
		if err != nil {
			t.Fatal(err)
		}
		if bytesOf(t, e) != want {
			t.Error("writing checkpoints changes what is learned")
		}
		names, err := dir.Names()
		if err != nil || len(names) < 8 || len(names) != len(reports) {
			t.Fatalf("%d checkpoints of which %d were told: %v", len(names), len(reports), err)
		}
		for i, name := range names {
			path := filepath.Join(dir.Path(), name)
			info, err := os.Stat(path)
			if err != nil || reports[i].Err != nil || reports[i].Path != path || reports[i].Bytes != info.Size() || reports[i].Pause > reports[i].Took {
				t.Errorf("report %+v of %s: %v", reports[i], path, err)
			}
			c, err := ReadCheckpoint(path)
			if err != nil {
				t.Fatal(err)
			}
			goOn := c.Config
			if !hogwild {
				goOn.Threads = 1 + i%3
			}
			e, err := Run(context.Background(), text, goOn, Options{Resume: c})
			if err != nil {
				t.Fatal(err)
			}
			if bytesOf(t, e) != want {
				t.Errorf("hogwild %v, position weights %v: from %s the training goes on to other vectors", hogwild, cfg.PositionWeights, name)
			}
			if e.Manifest.Training.Resumed != 1 {
				t.Errorf("resumed %d times", e.Manifest.Training.Resumed)
			}
		}
	}
}

// TestResumeAfterInterrupts interrupts and resumes a training several times.
func TestResumeAfterInterrupts(t *testing.T) {
	text := read(t, zipfText(15_000, 300))
	cfg := small()
	want := bytesOf(t, whole(t, text, cfg))
	dir := openDir(t, t.TempDir())
	var resume *Checkpoint
	for n := 0; ; n++ {
		ctx, cancel := context.WithCancel(context.Background())
		reports := 0
		o := Options{Resume: resume, Checkpoints: &Checkpoints{Dir: dir, EveryTokens: 50_000, Keep: 2, patient: true, Observe: func(r CheckpointReport) {
			if reports++; r.Err != nil {
				t.Error(r.Err)
			}
			cancel()
		}}}
		e, err := Run(ctx, text, cfg, o)
		cancel()
		if err == nil {
			if bytesOf(t, e) != want {
				t.Errorf("after %d interrupts the vectors are others", n)
			}
			if n < 2 || e.Manifest.Training.Resumed != n {
				t.Errorf("resumed %d times after %d interrupts; want the same, 2 or more", e.Manifest.Training.Resumed, n)
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		names, err := dir.Names()
		if err != nil || len(names) > 2 {
			t.Fatalf("checkpoints %v, %v; want the last two", names, err)
		}
		var skipped []error
		if resume, skipped, err = dir.Newest(); err != nil || len(skipped) > 0 {
			t.Fatal(err, skipped)
		}
		if resume.Tokens() != e.Manifest.Training.Tokens {
			t.Errorf("the checkpoint is at %d tokens, the training had %d", resume.Tokens(), e.Manifest.Training.Tokens)
		}
	}
}

// TestResumeWithMoreEpochs adds epochs to a completed training. The learning rate is then that of
// the longer training.
func TestResumeWithMoreEpochs(t *testing.T) {
	text := read(t, zipfText(1000, 100))
	cfg := small()
	dir := openDir(t, t.TempDir())
	if _, err := Run(context.Background(), text, cfg, Options{Checkpoints: &Checkpoints{Dir: dir}}); err != nil {
		t.Fatal(err)
	}
	c, _, err := dir.Newest()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Epochs = 4
	var rates []float64
	e, err := Run(context.Background(), text, cfg, Options{Resume: c, Observe: func(p Progress) { rates = append(rates, p.Rate) }})
	if err != nil {
		t.Fatal(err)
	}
	if m := e.Manifest.Training; m.Tokens != 4*text.Len() || len(m.EpochLoss) != 4 || !m.Completed {
		t.Errorf("%+v, want four epochs", m)
	}
	if last := rates[len(rates)-1]; !(last > 0 && last < 0.3*cfg.LearningRate) {
		t.Errorf("the last rate is %g of %g", last, cfg.LearningRate)
	}
	if loss := e.Manifest.Training.EpochLoss; loss[3] >= loss[1] {
		t.Errorf("losses of the epochs %v, want less in the last than in the second", loss)
	}
}

// Only names of the form that checkpoints get are theirs; all other files are the user's.
func TestForeignFilesInCheckpointDir(t *testing.T) {
	path := t.TempDir()
	ours := []string{checkpointName(5), checkpointName(123456789012345678), checkpointName(math.MaxInt64)}
	foreign := []string{
		"checkpoint-best.safetensors", "checkpoint-12.safetensors", "checkpoint-+00000000000000012.safetensors", "checkpoint-.safetensors",
		"checkpoint-0000000000000000005.safetensors", "checkpoint-99999999999999999999.safetensors", "checkpoint-000000000000000005.safetensors.bak",
		".checkpoint-best.safetensors.tmp-0123456789abcdef", ".checkpoint-best.safetensors123", ".checkpoint-000000000000000005.safetensors", ".checkpoint-notes",
	}
	unfinished := []string{"." + checkpointName(7) + ".tmp-0123456789abcdef", "." + checkpointName(7) + "123456"}
	for _, name := range slices.Concat(ours, foreign, unfinished) {
		if err := os.WriteFile(filepath.Join(path, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(path, checkpointName(9)), 0o755); err != nil {
		t.Fatal(err)
	}
	d := openDir(t, path)
	got, err := d.Names()
	if diff := cmp.Diff(ours, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if err := d.prune(ours[1], 1); err != nil {
		t.Fatal(err)
	}
	for _, name := range foreign {
		if _, err := os.Stat(filepath.Join(path, name)); err != nil {
			t.Error(err)
		}
	}
	for _, name := range slices.Concat(unfinished, []string{ours[0], ours[2]}) {
		if _, err := os.Stat(filepath.Join(path, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
}
