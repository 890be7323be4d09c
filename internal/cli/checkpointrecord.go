package cli

import (
	"fmt"
	"time"

	"kindred/train"
)

// A checkpointRecord sums up the checkpoints that a job wrote.
type checkpointRecord struct {
	Dir     string `json:"dir"`
	Written int    `json:"written"`
	Failed  int    `json:"failed"`
	// LongestPause is the longest time for which training stood still for one, in seconds.
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

// safe tells whether there is a checkpoint of the training after so many tokens.
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

// pause returns a short time.
func pause(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", 1e3*seconds)
	}
	return brief(d)
}
