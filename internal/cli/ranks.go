package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"kindred/corpus"
	"kindred/train"
	"kindred/train/parallel"
	"kindred/train/parallel/mpi"
)

// startWorld connects this process to the other ranks if an MPI launcher has started it to train. Ranks but the first print nothing, as the first speaks for all.
func (con *console) startWorld(args []string) error {
	if len(args) < 2 || args[1] != "train" {
		return nil
	}
	w, err := mpi.Start()
	if err != nil || w == nil {
		return err
	}
	con.world = w
	if con.follows() {
		con.results.stream, con.voice, con.screen.stream = io.Discard, con.screen.stream, io.Discard
	}
	return nil
}

// follows reports whether this process is not the first rank, which alone prints, locks and writes.
func (con *console) follows() bool { return con.world != nil && con.world.Rank() > 0 }

// endWorld ends the use of MPI, after the command has ended with an error or without. It returns the exit code.
func (con *console) endWorld(failure error, command string) int {
	if con.world == nil {
		return con.exit(failure, command)
	}
	con.world.Leave(failure)
	var other *parallel.RankError
	if con.follows() && errors.As(failure, &other) && other.Rank == 0 && con.world.Rank() == 1 {
		con.screen.stream = con.voice // the first rank can't say it
	}
	code := con.exit(failure, command)
	con.world.Close(code != 0)
	return code
}

// transport returns what connects this process to other ranks, nil if there are none.
func (con *console) transport() parallel.Transport {
	if con.world == nil {
		return nil
	}
	return con.world
}

// checkRanks sets the number of ranks that MPI has.
func (t *trainFlags) checkRanks(c *call, con *console) error {
	if con.world == nil {
		return nil
	}
	n := con.world.Ranks()
	if c.given("ranks") && t.ranks != n {
		return usagef("--ranks is %d, but MPI has started %d; leave --ranks out", t.ranks, n)
	}
	t.ranks = n
	if n > 1 && slices.Contains(t.inputs, stdStream) {
		return usage("several ranks can't read the same standard input; write the text to a file that all of them can read")
	}
	return nil
}

// fromFirst gives all ranks what the first one has found out, or its failure.
func fromFirst[T any](con *console, value T) (T, error) {
	if con.world == nil || con.world.Ranks() == 1 {
		return value, nil
	}
	data, err := json.Marshal(value)
	if err != nil {
		return value, err
	}
	out := make([][]byte, con.world.Ranks())
	for i := range out {
		out[i] = data
	}
	in, err := con.world.Exchange(out)
	if err != nil {
		return value, err
	}
	err = json.Unmarshal(in[0], &value)
	return value, err
}

// readShared reads the text once and lets all other ranks take it from the cache of encoded texts.
func (j *trainJob) readShared(read func() (*corpus.Corpus, error)) (text *corpus.Corpus, err error) {
	con := j.con
	if con.world == nil || con.world.Ranks() == 1 {
		return read()
	}
	if !con.follows() {
		if text, err = read(); err != nil {
			return nil, err
		}
	}
	if _, err := fromFirst(con, true); err != nil {
		if text != nil {
			err = errors.Join(err, text.Close())
		}
		return nil, err
	}
	if !con.follows() {
		return text, nil
	}
	if text, err = read(); err != nil {
		return nil, err
	}
	if !text.Cached() {
		dir := j.read.Dir
		if dir == "" {
			dir = corpus.DefaultCacheDir()
		}
		return nil, errors.Join(fmt.Errorf("the text that rank 0 has encoded is not in the cache %s of this machine; all ranks need the same directory on a shared file system: name it with --cache, and leave --cache-limit above 0", dir), text.Close())
	}
	return text, nil
}

// follow makes a rank resume from the checkpoint that the first one has found.
func (f *checkpointFlags) follow(j *trainJob) error {
	path := ""
	if j.resume != nil {
		path = j.resume.Path
	}
	path, err := fromFirst(j.con, path)
	if err != nil || !j.con.follows() || f.resume == "" {
		return err
	}
	if j.resume, err = train.ReadCheckpoint(path); err != nil {
		return fmt.Errorf("the checkpoint that rank 0 resumes from: %w; all ranks need --resume on a shared file system", err)
	}
	return nil
}

// newest returns words that say how to go on after a failure, "" if there are no checkpoints.
func (j *trainJob) newest() string {
	if j.checkpointDir == "" {
		return "; there are no checkpoints to go on from, as there is no --checkpoint"
	}
	names, err := train.CheckpointNames(j.checkpointDir)
	if err != nil || len(names) == 0 {
		return fmt.Sprintf("; there is no checkpoint in %s yet", j.checkpointDir)
	}
	return fmt.Sprintf("; go on from the newest checkpoint, %s, with --resume %s", names[len(names)-1], j.checkpointDir)
}

// announceEnd tells the user, as soon as ctx is canceled, how to go on: the launcher sends a signal to all ranks when one of them has died, and
// ends them soon after. The second rank speaks if the first one can't.
func (j *trainJob) announceEnd(ctx context.Context) {
	w := j.con.world
	if w == nil || w.Ranks() == 1 || w.Rank() > 1 {
		return
	}
	context.AfterFunc(ctx, func() {
		if w.Rank() == 1 {
			const patience = 400 * time.Millisecond // Open MPI's is a second
			if time.Sleep(patience); w.Announced() {
				return
			}
			j.con.screen.stream = j.con.voice
		}
		w.Announce()
		j.con.say("kindred train: a signal ends the training, as it does when another rank has died" + j.newest())
	})
}
