package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"kindred/corpus"
	"kindred/corpus/analysis"
	"kindred/corpus/phrases"
	"kindred/corpus/source"
	"kindred/internal/kernel"
	"kindred/train"
)

// checkpointFlags name the directories of checkpoints, to write and to continue from.
type checkpointFlags struct {
	dir, resume string
	every       checkpointInterval
	keep        int
}

// A checkpointInterval is the distance between two checkpoints: a time, or a number of tokens.
type checkpointInterval struct {
	time   time.Duration
	tokens int64
}

func (f *checkpointFlags) flags() []*flag {
	const group = "Checkpoints"
	f.every, f.keep = checkpointInterval{time: 10 * time.Minute}, 2
	return []*flag{
		{name: "checkpoint", group: group, into: &f.dir, value: "DIR", file: outputDir,
			help: "save the state of the training in DIR: at intervals, on Ctrl-C, and at the end"},
		{name: "checkpoint-every", group: group, into: &f.every, value: "TIME", initial: "10m", parse: parseInterval,
			want: "a time such as 10m or 1h30m, or a number of tokens such as 500000, 200k or 50M",
			help: "interval between checkpoints, as a time: 90s, 10m, 1h30m; or as a number of tokens: 500000, 200k, 50M"},
		{name: "checkpoint-keep", group: group, into: &f.keep, value: "N", valid: atLeast(1), want: "1 or more",
			help: "keep the last N checkpoints"},
		{name: "resume", group: group, into: &f.resume, value: "DIR", file: inputFile,
			help: "continue from the newest checkpoint in DIR, with its text and settings; --epochs may be higher"},
	}
}

// parseInterval returns the checkpointInterval that text stands for.
func parseInterval(text string) (any, bool) {
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return checkpointInterval{time: d}, true
	}
	digits, unit := text, int64(1)
	for suffix, size := range map[string]int64{"k": 1e3, "M": 1e6, "G": 1e9} {
		if rest, found := strings.CutSuffix(text, suffix); found {
			digits, unit = rest, size
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 1 || n > (1<<62)/unit {
		return nil, false
	}
	return checkpointInterval{tokens: n * unit}, true
}

// check returns a usage error if the flags contradict each other.
func (f *checkpointFlags) check(c *call, patience int) error {
	if f.dir == "" && f.resume == "" {
		for _, name := range []string{"checkpoint-every", "checkpoint-keep"} {
			if c.given(name) {
				return usagef("--%s has no effect without --checkpoint DIR or --resume DIR", name)
			}
		}
	}
	if patience != 0 && (f.dir != "" || f.resume != "") {
		return usage("--patience needs the scores of all epochs, which checkpoints do not keep; leave out --patience, or --checkpoint and --resume")
	}
	return nil
}

// open opens the directories. It sets j.resume, if the training continues from a checkpoint, and
// j.checkpoints, if it saves any.
func (f *checkpointFlags) open(j *trainJob) error {
	var from *train.CheckpointDir
	if f.resume != "" {
		if err := isDirectory(f.resume); err != nil {
			return err
		}
		var err error
		if from, err = j.openCheckpoints(f.resume); err != nil {
			return err
		}
		var skipped []error
		if j.resume, skipped, err = from.Newest(); err != nil {
			return fmt.Errorf("--resume: %w", err)
		}
		for _, s := range skipped {
			j.con.warn(fmt.Sprintf("a checkpoint can't be used: %v", s))
		}
		if len(skipped) > 0 {
			j.con.warn(fmt.Sprintf("the training continues from an older one, %s", j.resume.Path))
		}
	}
	if f.dir == "" && from == nil {
		return nil
	}
	to := from
	if f.dir != "" && !sameFile(f.dir, f.resume) {
		var err error
		if to, err = j.openCheckpoints(f.dir); err != nil {
			return err
		}
		if err := noCheckpoints(f.dir, to.Names); err != nil {
			return err
		}
	}
	j.checkpoints = &train.Checkpoints{Dir: to, Every: f.every.time, EveryTokens: f.every.tokens, Keep: f.keep}
	return nil
}

// noCheckpoints returns an error if a directory has checkpoints, or if it can't be read.
func noCheckpoints(dir string, list func() ([]string, error)) error {
	names, err := list()
	if err != nil {
		return fmt.Errorf("--checkpoint: %w", err)
	}
	if len(names) > 0 {
		return fmt.Errorf("%s has checkpoints of another training; go on with that by --resume %[1]s, or name another directory", dir)
	}
	return nil
}

func (j *trainJob) openCheckpoints(path string) (*train.CheckpointDir, error) {
	d, err := train.OpenCheckpointDir(path)
	if err == nil {
		j.release = append(j.release, d.Close)
	}
	return d, err
}

// isDirectory returns an error if path is not an existing directory.
func isDirectory(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("--resume: there is no directory %s", path)
	case err == nil && !info.IsDir():
		return fmt.Errorf("--resume: %s is not a directory; name the one with the checkpoints", path)
	}
	return err
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	second, err2 := os.Stat(b)
	return errors.Join(err, err2) == nil && os.SameFile(first, second)
}

// restoreFlags gives all flags that are not on the command line the values of the training that
// wrote the checkpoint.
func (t *trainFlags) restoreFlags(c *call, from *train.Checkpoint) error {
	given := settingFlags(&t.config)
	config := from.Config
	if _, err := kernel.Select(config.Kernel, config.Dim); err != nil && !c.given("kernel") {
		return fmt.Errorf("the checkpoint %s is of a training with the kernel %s, which this machine does not have; another one would give other vectors, so go on where it began", from.Path, config.Kernel)
	}
	for i, f := range settingFlags(&config) {
		if c.given(f.name) {
			f.copyFrom(given[i])
		}
	}
	t.config = config
	record := from.Vectors.Manifest.Corpus
	if !c.given("input") {
		if slices.Contains(record.Inputs, source.StandardInput) {
			return usage("the text of the checkpoint came from standard input; give it again with --input -")
		}
		t.inputs = record.Inputs
	}
	if !c.given("encoding") {
		t.encoding = record.Encoding
	}
	analyzer, list, joined := strings.Cut(record.Analyzer, "|"+phrases.NamePrefix)
	if joined && !c.given("phrases") {
		return usagef("the text of the checkpoint was read with phrases (%s%s); give --phrases as you gave it then", phrases.NamePrefix, list)
	}
	if !c.given("tokenizer") && !c.given("filter") && !c.given("lower") {
		parts := strings.Split(analyzer, "|")
		t.tokenizer, t.filters = parts[0], parts[1:]
		if _, err := analysis.ParseEncoded(t.encoding, t.tokenizer, t.filters...); err != nil {
			return usagef("the text of the checkpoint was read with %s; give --tokenizer and --filter as you gave them then", record.Analyzer)
		}
	}
	if !c.given("sentence-limit") {
		t.sentenceLimit = record.SentenceLimit
	}
	if !c.given("min-count") && record.MinCount > 0 {
		t.minCount = record.MinCount
	}
	if !c.given("max-vocab") {
		t.maxVocabulary = record.MaxVocabulary
	}
	switch held := record.HeldOut; {
	case held == nil || c.given("holdout") || c.given("calibrate"):
	case held.Apart:
		t.calibrate = held.Share
	default:
		t.share, t.counted = held.Share, held.Counted
	}
	return nil
}

// restoreRanks continues with the number of ranks of the checkpoint, unless another one is given.
func (t *trainFlags) restoreRanks(c *call, j *trainJob) {
	was := 1
	if records := j.resume.Vectors.Manifest.Training.Ranks; len(records) > 0 {
		was = records[len(records)-1].Ranks
	}
	if !c.given("ranks") && j.con.world == nil {
		t.ranks = was
	}
	if t.ranks != was {
		j.con.warn(fmt.Sprintf("the training continues with %s instead of %d, so its vectors are not those of an uninterrupted training", counted(t.ranks, "rank"), was))
	}
}

// keepVocabulary makes the job read the text with the vocabulary of the checkpoint if the record
// of the text does not suffice to select it again: it has no lists of words.
func (t *trainFlags) keepVocabulary(c *call, from *train.Checkpoint, o *corpus.ReadOptions) error {
	record := from.Vectors.Manifest.Corpus
	if c.given("vocab") || c.given("keep-words") || !record.VocabularyGiven && record.KeepWords == 0 && record.OnlyWords == 0 {
		return nil
	}
	var err error
	o.Vocabulary, err = from.TextVocabulary()
	return err
}

// A continuation says where a training continues.
type continuation struct {
	Checkpoint string `json:"checkpoint"`
	Tokens     int64  `json:"tokens"`
	Epochs     int    `json:"epochs"` // as planned before
	// RateBefore is the learning rate of the last block before, Rate that of the next.
	RateBefore float64 `json:"lr_before"`
	Rate       float64 `json:"lr"`
}

func continuing(from *train.Checkpoint, cfg train.Config) *continuation {
	if from == nil {
		return nil
	}
	return &continuation{from.Path, from.Tokens(), from.Config.Epochs, from.LastRate(), from.NextRate(cfg.Epochs)}
}

// text describes the continuation; epochs is the number that is planned now.
func (c *continuation) text(epochs int) string {
	if c == nil {
		return ""
	}
	text := fmt.Sprintf("%s, after %s", c.Checkpoint, counted(c.Tokens, "token"))
	if epochs != c.Epochs {
		text += fmt.Sprintf("; %s instead of %d; the learning rate follows the new schedule: %.3g instead of %.3g",
			counted(epochs, "epoch"), c.Epochs, c.Rate, c.RateBefore)
	}
	return text
}

// A checkpointRecord sums up the checkpoints that a job wrote.
type checkpointRecord struct {
	Dir     string `json:"dir"`
	Written int    `json:"written"`
	Failed  int    `json:"failed"`
	// LongestPause is the longest time in seconds for which training stood still.
	LongestPause float64 `json:"longest_pause_seconds"`

	last train.CheckpointReport
}

func (c *checkpointRecord) add(r train.CheckpointReport) {
	c.last = r
	c.LongestPause = max(c.LongestPause, r.Pause.Seconds())
	if r.Err != nil {
		c.Failed++
	} else {
		c.Written++
	}
}

// safe reports whether there is a checkpoint of the training after this many tokens.
func (c *checkpointRecord) safe(tokens int64) bool {
	return c.Written > 0 && c.last.Err == nil && c.last.Tokens == tokens
}

func (c *checkpointRecord) text() string {
	if c == nil {
		return ""
	}
	text := fmt.Sprintf("%d written to %s, the longest pause %s", c.Written, c.Dir, pause(c.LongestPause))
	if c.Failed > 0 {
		text += fmt.Sprintf("; %d FAILED", c.Failed)
	}
	return text
}

// pause returns a short time as text.
func pause(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", 1e3*seconds)
	}
	return brief(d)
}
