package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"kindred/train"
)

const (
	defaultCheckpointEvery = "10m"
	defaultCheckpointKeep  = 2
)

// checkpointFlags say where the state of a training is saved and where it is taken from.
type checkpointFlags struct {
	dir, every, resume string
	keep               int
}

func (f *checkpointFlags) flags() []cli.Flag {
	const category = "Checkpoints"
	return []cli.Flag{
		&cli.StringFlag{Name: "checkpoint", Category: category, Destination: &f.dir,
			Usage: "`DIR` save the state of the training there now and then, on Ctrl-C, and at the end"},
		&cli.StringFlag{Name: "checkpoint-every", Category: category, Destination: &f.every, Value: defaultCheckpointEvery,
			Usage: "`TIME` how often: 90s, 10m, 1h30m; or a number of tokens: 500000, 200k, 50M"},
		&cli.IntFlag{Name: "checkpoint-keep", Category: category, Destination: &f.keep, Value: defaultCheckpointKeep,
			Usage: "`N` keep the last N checkpoints"},
		&cli.StringFlag{Name: "resume", Category: category, Destination: &f.resume,
			Usage: "`DIR` go on from the newest checkpoint there; text and settings are those of the checkpoint, but --epochs may be more"},
	}
}

// check returns a usage error where the flags make no sense.
func (f *checkpointFlags) check(c *cli.Context) error {
	if f.dir == "" && f.resume == "" {
		for _, name := range []string{"checkpoint-every", "checkpoint-keep"} {
			if c.IsSet(name) {
				return usagef("--%s says nothing without --checkpoint DIR or --resume DIR", name)
			}
		}
	}
	if c.Int("patience") != 0 && (f.dir != "" || f.resume != "") {
		return usage("--patience looks at the losses of all epochs, which no checkpoint has; leave out --patience, or --checkpoint and --resume")
	}
	if f.keep < 1 {
		return usagef("--checkpoint-keep is %d, want 1 or more", f.keep)
	}
	_, err := f.checkpoints(nil)
	return asUsage(err)
}

// checkpoints returns how a run writes checkpoints to a directory.
func (f *checkpointFlags) checkpoints(dir *train.CheckpointDir) (*train.Checkpoints, error) {
	every, tokens, err := parseEvery(f.every)
	if err != nil {
		return nil, fmt.Errorf("--checkpoint-every is %q, want a time such as 10m or 1h30m, or a number of tokens such as 500000, 200k or 50M", f.every)
	}
	return &train.Checkpoints{Dir: dir, Every: every, EveryTokens: tokens, Keep: f.keep}, nil
}

// parseEvery reads a time or a number of tokens, above 0.
func parseEvery(text string) (time.Duration, int64, error) {
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d, 0, nil
	}
	digits, unit := text, int64(1)
	for suffix, size := range map[string]int64{"k": 1e3, "M": 1e6, "G": 1e9} {
		if rest, found := strings.CutSuffix(text, suffix); found {
			digits, unit = rest, size
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 1 || n > (1<<62)/unit {
		return 0, 0, errors.New("neither a time nor a number")
	}
	return 0, n * unit, nil
}

// open opens the directories: j.resume is where the training goes on, j.checkpoints where it is saved.
func (f *checkpointFlags) open(j *job) error {
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
			j.con.warn(fmt.Sprintf("the training goes on from an older one, %s", j.resume.Path))
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
		if names, err := to.Names(); err != nil || len(names) > 0 {
			return errors.Join(err, usagef("%s has checkpoints of another training; go on with that by --resume %[1]s, or name another directory", f.dir))
		}
	}
	var err error
	j.checkpoints, err = f.checkpoints(to)
	return err
}

func (j *job) openCheckpoints(path string) (*train.CheckpointDir, error) {
	d, err := train.OpenCheckpointDir(path)
	if err == nil {
		j.release = append(j.release, d.Close)
	}
	return d, err
}

// isDirectory returns an error where path is no directory that is there.
func isDirectory(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("--resume: there is no directory %s", path)
	case err == nil && !info.IsDir():
		return usagef("--resume: %s is no directory; name the one with the checkpoints", path)
	}
	return err
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	second, err2 := os.Stat(b)
	return errors.Join(err, err2) == nil && os.SameFile(first, second)
}
