package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/filetype"
	"kindred/internal/kernel"
	"kindred/internal/machine"
	"kindred/model"
	"kindred/model/format"
	"kindred/train"
	"kindred/train/parallel"
)

// A trainJob is one training, from text to a file of vectors.
type trainJob struct {
	con            *console
	report         reporter
	inputs         []string
	encoding       string
	read           corpus.ReadOptions
	text           *textFlags // for the phrases of the text and words to keep; may be nil
	saveVocabulary string
	config         train.Config
	ranks          int // that train one model; 0 stands for 1
	patience       int // see heldOutFlags
	output         string
	format         *format.Format
	init           *train.Init        // nil starts from random vectors
	resume         *train.Checkpoint  // nil starts a new training
	checkpoints    *train.Checkpoints // nil saves none
	checkpointDir  string             // of checkpoints, "" without
	saved          checkpointRecord
	release        []func() error // unlocks what other runs must not use meanwhile
}

// spareGarbage makes the runtime collect garbage when it is a quarter of what is in use, not as much
// again: most of what a training has in memory are a few large matrices, so collecting costs little, and
// the memory announced before a training is then what it takes.
func spareGarbage() {
	const percent = 25
	if before := debug.SetGCPercent(percent); before < percent {
		debug.SetGCPercent(before) // as the environment wants it
	}
}

// close releases the locks of the job.
func (j *trainJob) close() {
	for _, release := range slices.Backward(j.release) {
		if err := release(); err != nil {
			j.con.warn(err.Error())
		}
	}
}

// run reads the text, trains and saves the vectors. If ctx is canceled during the training, it saves
// the vectors as they are.
func (j *trainJob) run(ctx context.Context) error {
	// A training outlives those who read its output: from now on, writing to a closed pipe is an error
	// and does not end the process.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	j.announceEnd(ctx)
	text, err := j.readShared(func() (*corpus.Corpus, error) { return j.readText(ctx) })
	if err != nil {
		return err
	}
	defer text.Close()
	var judge *heldOutJudge
	if !j.con.follows() {
		if judge, err = newHeldOutJudge(text, j.patience); err != nil {
			return err
		}
	}
	e, stopped := j.train(ctx, text, judge)
	if e == nil {
		if other := (*parallel.RankError)(nil); errors.As(stopped, &other) {
			return fmt.Errorf("%w%s", stopped, j.newest())
		}
		return stopped
	}
	if j.con.follows() {
		return nil // the first rank saves
	}
	if e.Manifest.Training.Pairs == 0 {
		return interruption("interrupted before any pair was trained; no vectors were saved")
	}
	safe := j.saved.safe(e.Manifest.Training.Tokens)
	done := percent(e.Manifest.Training.Tokens, text.Len()*int64(j.config.Epochs))
	if stopped != nil && safe {
		return interruption(fmt.Sprintf("interrupted after %s of the training; go on with --resume %s", done, j.saved.Dir))
	}
	outcome := j.outcome(e)
	if judge != nil && stopped == nil { // after an interrupt, do not make the user wait
		if outcome.HeldOut, err = judge.finish(e); err != nil {
			j.con.warn(err.Error()) // the vectors are worth keeping
		}
	}
	if j.read.Holdout.Apart && stopped == nil {
		if err := j.calibrate(ctx, e); err != nil {
			j.con.warn(fmt.Sprintf("the model has no calibration lines: %v", err)) // the vectors are worth keeping
		} else {
			outcome.Calibration = len(e.Manifest.Calibration.Scores)
		}
	}
	if err := j.con.saveVectors(ctx, j.output, e, j.format); err != nil {
		if safe {
			return fmt.Errorf("%w; the training is safe: save its vectors with --resume %s", err, j.saved.Dir)
		}
		return j.keepAside(e, err)
	}
	j.report.trained(outcome)
	if stopped != nil {
		return interruption(fmt.Sprintf("interrupted after %s of the training; the unfinished vectors are in %s", done, shownPath(j.output, "standard output")))
	}
	return nil
}

// keepAside saves vectors whose output can't be written, because of cause, somewhere else: in the
// directory of the output, the working directory, that of encoded texts, or that for temporary files.
// It returns an error that says where they are.
func (j *trainJob) keepAside(e *model.Embeddings, cause error) error {
	cache := j.read.Dir
	if cache == "" {
		cache = corpus.DefaultCacheDir()
	}
	name, dirs := "vectors", []string{".", cache, os.TempDir()}
	if j.output != stdStream && !isStream(j.output) {
		name, dirs = filepath.Base(j.output), append([]string{filepath.Dir(j.output)}, dirs...)
	}
	const longest = 100 // of the name, in bytes
	name = strings.ToValidUTF8(name[:min(len(name), longest)], "")
	name = fmt.Sprintf("%s.kept-%s-%d.safetensors", name, time.Now().Format("20060102-150405"), os.Getpid())
	var err error
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		if err = format.Save(path, e, "safetensors"); err == nil {
			return fmt.Errorf("%w; the vectors are kept in %s; \"kindred convert\" writes them elsewhere", cause, path)
		}
	}
	return fmt.Errorf("%w; the vectors can't be kept elsewhere: %w", cause, err)
}

// readText reads the text, and saves its vocabulary if the user wants it.
func (j *trainJob) readText(ctx context.Context) (*corpus.Corpus, error) {
	escaped := j.read.Analyzer.Escaped()
	src, err := openText(j.inputs, j.encoding, escaped)
	if err != nil {
		return nil, err
	}
	if j.text != nil {
		if err := j.text.findPhrases(ctx, j.con, src, &j.read, j.report); err != nil {
			return nil, err
		}
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
		j.con.warn(err.Error() + "; another directory can be named with --cache")
	}
	j.con.warn(train.Warnings(text.Record(), j.config)...)
	if j.text != nil {
		j.con.warn(j.text.lostWords(text.Vocabulary())...)
	}
	if j.saveVocabulary != "" && !j.con.follows() {
		if err := j.con.saveVocabulary(j.saveVocabulary, text.Vocabulary(), escaped); err != nil {
			return nil, errors.Join(err, text.Close())
		}
	}
	if err := j.format.CheckWords(text.Vocabulary()); err != nil {
		return nil, errors.Join(err, text.Close())
	}
	return text, nil
}

// watched adds a progress report to the options.
func watched(o corpus.ReadOptions, src *source.Source, report reporter) corpus.ReadOptions {
	total, known := src.Size()
	if !known {
		total = 0
	}
	o.Progress = func(bytes int64) { report.reading(bytes, total) }
	return o
}

// readingError explains an error of reading a text to the user.
func readingError(ctx context.Context, err error) error {
	var empty *vocab.EmptyError
	var noDir *corpus.CacheDirError
	var foreign *filetype.Error
	switch {
	case ctx.Err() != nil:
		return interruption("interrupted while the text was read; nothing was saved")
	case errors.As(err, &empty) && empty.Types > 0:
		return fmt.Errorf("%w (--min-count)", err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EFBIG), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w; an encoded text takes 4 bytes a token, twice that while it is read: make room, or name another directory with --cache", err)
	case errors.As(err, &foreign) && foreign.Type.Encoding != "":
		return fmt.Errorf("%w, or name its encoding: --encoding %s", err, foreign.Type.Encoding)
	case errors.As(err, &noDir):
		return fmt.Errorf("%w; name another directory with --cache", err)
	}
	return err
}

// train trains vectors. If it returns vectors and an error, the training was interrupted. The judge
// may be nil.
func (j *trainJob) train(ctx context.Context, text *corpus.Corpus, judge *heldOutJudge) (*model.Embeddings, error) {
	k, err := kernel.Select(j.config.Kernel, j.config.Dim)
	if err != nil {
		return nil, err
	}
	if j.init != nil && j.init.KeepAll {
		if err := j.format.CheckWords(j.init.Vectors.Vocabulary); err != nil {
			return nil, err
		}
	}
	if j.checkpoints != nil {
		j.saved.Dir = j.checkpoints.Dir.Path()
		j.checkpoints.Observe = j.checkpointed
	}
	rateReason := ""
	if j.config.LearningRate == 0 {
		j.config.LearningRate, rateReason = j.config.RateFor(text.Len())
	}
	var ranks *model.RanksRecord
	planned := func(memory train.Memory) {
		available, _ := machine.Memory() // besides what is present
		j.report.read(plan{
			Corpus: text.Record(), Cached: text.Cached(), Vocabulary: text.Vocabulary().Len(), Selection: j.read.Selection, given: j.read.Vocabulary != nil,
			Settings: j.config, RateReason: rateReason, Kernel: k.Name, MemoryNeeded: memory.Total(), MemoryAvailable: available + memory.Present,
			Ranks: ranks, Output: j.output, Format: j.format.Name,
			Init: j.init.Record(text.Vocabulary(), j.config.Architecture), Resume: continuing(j.resume, j.config),
		})
	}
	e, err := train.Run(ctx, text, j.config, judge.options(train.Options{
		Transport: j.con.transport(), Planned: planned, PlannedRanks: func(r model.RanksRecord) {
			ranks = &r
			j.con.warn(train.RankWarnings(r, j.config.LearningRate)...)
		}, Ranks: j.ranks,
		Observe: j.report.training, Interval: j.report.interval(),
		Checkpoints: j.checkpoints, Resume: j.resume, Init: j.init, PlanChanged: j.planChanged,
	}))
	j.report.clear()
	return e, err
}

// planChanged says that training diverges, or no longer does.
func (j *trainJob) planChanged(c model.PlanChange) {
	change := fmt.Sprintf("the training diverged: the loss was %.4g per pair after %s; rounds now have at most %s instead of %d; a lower learning rate may be better",
		c.Loss, counted(c.Tokens, "token"), counted(int64(c.After), "block"), c.Before)
	if c.After > c.Before {
		change = fmt.Sprintf("the training no longer diverges: the loss was %.4g per pair after %s; rounds have up to %s again",
			c.Loss, counted(c.Tokens, "token"), counted(int64(c.After), "block"))
	}
	j.con.warn(change)
}

// checkpointed records a checkpoint. If one fails, the training continues.
func (j *trainJob) checkpointed(r train.CheckpointReport) {
	j.saved.add(r)
	j.report.checkpoint(r)
	if r.Err != nil {
		j.con.warn(fmt.Sprintf("no checkpoint after %s: %v; the training goes on, and earlier checkpoints stay", counted(r.Tokens, "token"), r.Err))
	}
}

func (j *trainJob) outcome(e *model.Embeddings) outcome {
	files := j.format.Paths(shownPath(j.output, "standard output"))
	o := outcome{
		Output: j.output, Format: j.format.Name, Files: files,
		Vectors: e.Vocabulary.Len(), Dim: e.Dim(), Training: e.Manifest.Training,
		Pairs: e.Manifest.Training.Pairs, Warnings: j.con.warned(),
	}
	_, o.MemoryPeak = machine.Resident()
	if j.checkpoints != nil {
		o.Checkpoints = &j.saved
	}
	return o
}

// A plan describes a training before it starts.
type plan struct {
	Corpus     vocab.Record    `json:"corpus"`
	Cached     bool            `json:"cached"` // the text comes from the cache
	Vocabulary int             `json:"vocabulary"`
	Selection  vocab.Selection `json:"-"`
	given      bool            // the vocabulary comes from a file
	Settings   train.Config    `json:"settings"`
	// RateReason says why the learning rate is what it is; "" if it was given.
	RateReason string `json:"lr_reason,omitempty"`
	Kernel     string `json:"kernel"`
	// MemoryNeeded and MemoryAvailable are in bytes. MemoryAvailable is 0 if it is unknown.
	MemoryNeeded    int64 `json:"memory_needed_bytes"`
	MemoryAvailable int64 `json:"memory_available_bytes,omitempty"`
	// Ranks is the plan of several ranks, nil for one.
	Ranks  *model.RanksRecord `json:"ranks,omitempty"`
	Output string             `json:"output"`
	Format string             `json:"format"`
	Init   *model.InitRecord  `json:"init,omitempty"`
	Resume *continuation      `json:"resume,omitempty"`
}

// An outcome is the result of a training, complete or not.
type outcome struct {
	Output   string                `json:"output"`
	Format   string                `json:"format"`
	Files    []string              `json:"files"`
	Vectors  int                   `json:"vectors"`
	Dim      int                   `json:"dim"`
	Training *model.TrainingRecord `json:"training"`
	Pairs    int64                 `json:"pairs"` // of a word and a context word, in all epochs
	// MemoryPeak is the most memory that the process took, in bytes, 0 if the system does not tell.
	MemoryPeak int64 `json:"memory_peak_bytes,omitempty"`
	// Warnings are those that were printed before the summary.
	Warnings []string `json:"warnings"`
	// Checkpoints is nil if none were to be saved.
	Checkpoints *checkpointRecord `json:"checkpoints,omitempty"`
	// Calibration is the number of calibration scores in the model, 0 without them.
	Calibration int `json:"calibration_lines,omitempty"`
	// HeldOut is nil if nothing was held out.
	HeldOut *heldOutRecord `json:"held_out,omitempty"`
}
