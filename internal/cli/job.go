package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/kernel"
	"kindred/internal/machine"
	"kindred/model"
	"kindred/model/format"
	"kindred/train"
)

// A job is one training, from text to a file of vectors.
type job struct {
	con            *console
	report         reporter
	inputs         []string
	read           corpus.ReadOptions
	keep           *textFlags // whose list of words to keep is checked; may be nil
	saveVocabulary string
	config         train.Config
	patience       int // see heldOutFlags
	output         string
	format         *format.Format
	init           *train.Init        // nil: random vectors
	resume         *train.Checkpoint  // nil: from the start
	checkpoints    *train.Checkpoints // nil: none
	saved          checkpointRecord
	release        []func() error // gives up what other runs must not use meanwhile
}

// close gives up what the job has kept for itself.
func (j *job) close() {
	for _, release := range slices.Backward(j.release) {
		if err := release(); err != nil {
			j.con.warn(err.Error())
		}
	}
}

// run does the job. Where ctx is cancelled during the training the vectors
// are saved as they are.
func (j *job) run(ctx context.Context) error {
	unlock, err := lockOutput(j.output)
	if err != nil {
		return err
	}
	defer unlock()
	text, err := j.readText(ctx)
	if err != nil {
		return err
	}
	defer text.Close()
	judge, err := newHeldOutJudge(text, j.patience)
	if err != nil {
		return err
	}
	e, stopped := j.train(ctx, text, judge)
	if e == nil {
		return stopped
	}
	if e.Manifest.Training.Tokens == 0 {
		return interruption("interrupted before the training had begun; no vectors were saved")
	}
	safe := j.saved.safe(e.Manifest.Training.Tokens)
	done := percent(e.Manifest.Training.Tokens, text.Len()*int64(j.config.Epochs))
	if stopped != nil && safe {
		return interruption(fmt.Sprintf("interrupted after %s of the training; go on with --resume %s", done, j.saved.Dir))
	}
	outcome := j.outcome(e)
	if judge != nil && stopped == nil { // who interrupts doesn't want to wait
		if outcome.HeldOut, err = judge.conclude(e); err != nil {
			j.con.warn(err.Error()) // the vectors are worth keeping
		}
	}
	if err := format.Save(j.output, e, j.format.Name); err != nil {
		if safe {
			err = fmt.Errorf("%w; the training is safe: save its vectors with --resume %s", err, j.saved.Dir)
		}
		return err
	}
	j.report.trained(outcome)
	if stopped != nil {
		return interruption(fmt.Sprintf("interrupted after %s of the training; the vectors as they were then are in %s", done, j.output))
	}
	return nil
}

// readText reads the text and saves its vocabulary where that is asked for.
func (j *job) readText(ctx context.Context) (*corpus.Corpus, error) {
	src, err := source.Open(j.inputs...)
	if err != nil {
		return nil, err
	}
	if err := checkDistinct(src.Inputs(), append(j.format.Paths(j.output), j.saveVocabulary)); err != nil {
		return nil, err
	}
	var text *corpus.Corpus
	err = unlessInterrupted(ctx, func() (err error) {
		text, err = corpus.Read(ctx, src, watched(j.read, src, j.report))
		return err
	})
	j.report.clear()
	if err != nil {
		return nil, readingError(ctx, err)
	}
	j.con.warn(prunedWords(text.Record(), text.Vocabulary().Len())...)
	if err := text.CacheError(); err != nil {
		j.con.warn(err.Error())
	}
	if j.keep != nil {
		j.con.warn(j.keep.lostWords(text.Vocabulary())...)
	}
	if j.saveVocabulary != "" {
		if err := text.Vocabulary().Save(j.saveVocabulary); err != nil {
			return nil, errors.Join(err, text.Close())
		}
	}
	if err := j.format.CheckWords(text.Vocabulary()); err != nil {
		return nil, errors.Join(err, text.Close())
	}
	return text, nil
}

// watched returns the options with a Progress that reports.
func watched(o corpus.ReadOptions, src *source.Source, report reporter) corpus.ReadOptions {
	total, known := src.Size()
	if !known {
		total = 0
	}
	o.Progress = func(bytes int64) { report.reading(bytes, total) }
	return o
}

// readingError returns the error of reading a text as the user is told.
func readingError(ctx context.Context, err error) error {
	var empty *vocab.EmptyError
	switch {
	case ctx.Err() != nil:
		return interruption("interrupted while the text was read; nothing was saved")
	case errors.As(err, &empty) && empty.Types > 0:
		return fmt.Errorf("%w (--min-count)", err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EFBIG), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w; an encoded text takes 4 bytes a token, twice that while it is read: make room, or name another directory with --cache", err)
	}
	return err
}

// train trains vectors. Without vectors the error is a failure; with
// vectors it says that the training was interrupted. The judge may be nil.
func (j *job) train(ctx context.Context, text *corpus.Corpus, judge *heldOutJudge) (*model.Embeddings, error) {
	k, err := kernel.Select(j.config.Kernel)
	if err != nil {
		return nil, err
	}
	vocabulary, err := j.init.Vocabulary(text.Vocabulary())
	if err != nil {
		return nil, err
	}
	memory := train.NeededMemory(vocabulary, j.config)
	available, _ := machine.Memory()
	j.report.read(plan{
		Corpus: text.Record(), Cached: text.Cached(), Vocabulary: text.Vocabulary().Len(), Selection: j.read.Selection, given: j.read.Vocabulary != nil,
		Settings: j.config, Kernel: k.Name, MemoryNeeded: memory.Total(), MemoryAvailable: available,
		Output: j.output, Format: j.format.Name,
		Init: j.init.Record(text.Vocabulary()), Resume: continuing(j.resume, j.config),
	})
	if j.checkpoints != nil {
		j.saved.Dir = j.checkpoints.Dir.Path()
		j.checkpoints.Observe = j.checkpointed
	}
	e, err := train.Run(ctx, text, j.config, judge.options(train.Options{
		Observe: j.report.training, Interval: j.report.interval(),
		Checkpoints: j.checkpoints, Resume: j.resume, Init: j.init,
	}))
	j.report.clear()
	return e, err
}

// checkpointed takes note of a checkpoint. One that failed is no reason to stop.
func (j *job) checkpointed(r train.CheckpointReport) {
	j.saved.add(r)
	j.report.checkpoint(r)
	if r.Err != nil {
		j.con.warn(fmt.Sprintf("no checkpoint after %s: %v; the training goes on, and earlier checkpoints stay", counted(r.Tokens, "token"), r.Err))
	}
}

func (j *job) outcome(e *model.Embeddings) outcome {
	files := j.format.Paths(j.output)
	o := outcome{
		Output: j.output, Format: j.format.Name, Files: files,
		Vectors: e.Vocabulary.Len(), Dim: e.Dim(), Training: e.Manifest.Training,
	}
	if j.checkpoints != nil {
		o.Checkpoints = &j.saved
	}
	return o
}

// A plan is what is known before the training begins.
type plan struct {
	Corpus     vocab.Record    `json:"corpus"`
	Cached     bool            `json:"cached"` // the text was not read but found in the cache
	Vocabulary int             `json:"vocabulary"`
	Selection  vocab.Selection `json:"-"`
	given      bool            // the vocabulary was not counted but given
	Settings   train.Config    `json:"settings"`
	Kernel     string          `json:"kernel"`
	// MemoryNeeded and MemoryAvailable are in bytes, the latter 0 where it is
	// not known.
	MemoryNeeded    int64             `json:"memory_needed_bytes"`
	MemoryAvailable int64             `json:"memory_available_bytes,omitempty"`
	Output          string            `json:"output"`
	Format          string            `json:"format"`
	Init            *model.InitRecord `json:"init,omitempty"`
	Resume          *continuation     `json:"resume,omitempty"`
}

// An outcome is what came out of a training, complete or not.
type outcome struct {
	Output   string                `json:"output"`
	Format   string                `json:"format"`
	Files    []string              `json:"files"`
	Vectors  int                   `json:"vectors"`
	Dim      int                   `json:"dim"`
	Training *model.TrainingRecord `json:"training"`
	// Checkpoints is nil where none were asked for.
	Checkpoints *checkpointRecord `json:"checkpoints,omitempty"`
	// HeldOut is nil where nothing was held out.
	HeldOut *heldOutRecord `json:"held_out,omitempty"`
}

// A reporter tells the user what a job does.
type reporter interface {
	// reading tells how many bytes of the files were read; total is 0 where
	// it is not known.
	reading(bytes, total int64)
	// read tells what was read and what will be done.
	read(p plan)
	// training tells how far the training is.
	training(p train.Progress)
	// checkpoint tells of a checkpoint, written or not.
	checkpoint(r train.CheckpointReport)
	// clear ends the reading or the training, well or not.
	clear()
	// trained tells what came out.
	trained(o outcome)
	// interval is the time between two calls of training.
	interval() time.Duration
}

func newReporter(con *console, quiet, json bool) reporter {
	switch {
	case quiet:
		return silence{}
	case json:
		return newEvents(con.out)
	case con.animated():
		return &summary{con, newBar(con.err)}
	}
	return &summary{con, newTicker(con.log)}
}

// silence reports nothing.
type silence struct{}

func (silence) reading(int64, int64)              {}
func (silence) read(plan)                         {}
func (silence) training(train.Progress)           {}
func (silence) checkpoint(train.CheckpointReport) {}
func (silence) clear()                            {}
func (silence) trained(outcome)                   {}
func (silence) interval() time.Duration           { return time.Second }
