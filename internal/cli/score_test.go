package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kindred/eval/conformal"
	"kindred/internal/random"
)

// madeLog returns n normal lines of a made log, in which templates have numbers, ids and users.
func madeLog(n int, seed uint64) []string {
	draw := random.New(seed)
	users := []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"}
	var lines []string
	for range n {
		user, number := users[draw.Uint32n(8)], draw.Uint32n(1e6)
		lines = append(lines, []string{
			fmt.Sprintf("2026-11-27 10:%02d:%02d sshd[%d]: accepted password for %s from 10.0.%d.%d port %d", number%60, number%59, number, user, number%256, number%251, number),
			fmt.Sprintf("2026-11-27 10:%02d:%02d sshd[%d]: session opened for user %s by uid=0", number%60, number%59, number, user),
			fmt.Sprintf("2026-11-27 10:%02d:%02d sshd[%d]: session closed for user %s", number%60, number%59, number, user),
			fmt.Sprintf("2026-11-27 10:%02d:%02d kernel: cache at 0x%08x flushed, block blk_%d written in %d ms", number%60, number%59, number, number*7, number%90),
			fmt.Sprintf("2026-11-27 10:%02d:%02d cron[%d]: job %s started", number%60, number%59, number, []string{"backup", "rotate", "report"}[number%3]),
		}[draw.Uint32n(5)])
	}
	return lines
}

// oddLines are lines that are not normal there.
var oddLines = []string{
	"2026-11-27 10:01:02 kernel: panic: machine check failure on processor 3",
	"2026-11-27 10:01:03 sshd[12]: invalid user root tried 99 passwords",
	"2026-11-27 10:01:04 kernel: session written for user cache",
	"2026-11-27 10:01:05 disk failure imminent",
}

func writeLines(t *testing.T, name string, lines []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// kindred runs the program and returns its standard output. It fails the test unless the exit code is 0.
func kindredOutput(t *testing.T, in io.Reader, args ...string) string {
	t.Helper()
	var out, err bytes.Buffer
	if code := run(context.Background(), append([]string{"kindred"}, args...), in, &out, &err); code != 0 {
		t.Fatalf("kindred %s: exit code %d: %s", strings.Join(args, " "), code, err.String())
	}
	return out.String()
}

// logModel trains a model on a made log.
func logModel(t *testing.T, lines []string) string {
	t.Helper()
	model := filepath.Join(t.TempDir(), "model.safetensors")
	kindredOutput(t, nil, "train", "--preset", "logs", "--input", writeLines(t, "normal.log", lines), "--output", model, "--dim", "16", "--quiet", "--cache", t.TempDir())
	return model
}

// TestScoreFindsOddLines checks the report, and that labels do not reach the model.
func TestScoreFindsOddLines(t *testing.T) {
	model := logModel(t, madeLog(1500, 1))
	normal := madeLog(300, 2)
	var labeled, flipped []string
	for i, line := range append(normal, oddLines...) {
		labels := [2]string{"-", "FATAL"}
		odd := 0
		if i >= len(normal) {
			odd = 1
		}
		labeled, flipped = append(labeled, labels[odd]+" "+line), append(flipped, labels[1-odd]+" "+line)
	}
	type report struct {
		Lines, Anomalies int
		ROC              float64 `json:"roc_auc"`
		PR               float64 `json:"pr_auc"`
		Recall           float64
		FalseAlarms      float64 `json:"false_alarms"`
		Intervals        map[string][2]float64
		Scores           []struct{ Score, P float64 }
	}
	var first, second report
	for path, r := range map[string]*report{writeLines(t, "a", labeled): &first, writeLines(t, "b", flipped): &second} {
		if err := json.Unmarshal([]byte(kindredOutput(t, nil, "score", model, path, "--labels", firstColumn, "--json")), r); err != nil {
			t.Fatal(err)
		}
	}
	if first.Lines != 304 || first.Anomalies != 4 || first.ROC < 0.99 || first.PR < 0.9 || first.Recall != 1 || first.FalseAlarms > 0.05 {
		t.Errorf("the report is %+v", first)
	}
	if interval := first.Intervals["pr_auc"]; interval[0] > first.PR || interval[1] < first.PR || interval[0] == 0 {
		t.Errorf("the interval of PR-AUC %v is %v", first.PR, interval)
	}
	if !slices.Equal(first.Scores, second.Scores) {
		t.Error("other labels change the scores")
	}
	if math.Abs(first.ROC+second.ROC-1) > 1e-5 {
		t.Errorf("with flipped labels ROC-AUC is %v after %v", second.ROC, first.ROC)
	}
	// A file of labels does the same.
	var fromFile report
	var labels []string
	for _, line := range labeled {
		label, _, _ := strings.Cut(line, " ")
		labels = append(labels, label)
	}
	text := writeLines(t, "text", append(normal, oddLines...))
	if err := json.Unmarshal([]byte(kindredOutput(t, nil, "score", model, text, "--labels", writeLines(t, "labels", labels), "--json")), &fromFile); err != nil {
		t.Fatal(err)
	}
	if fromFile.ROC != first.ROC || !slices.Equal(fromFile.Scores, first.Scores) {
		t.Error("labels in a file give other scores")
	}
}

// TestScoreStreams waits for the answer to each line before it writes the next.
func TestScoreStreams(t *testing.T) {
	model := logModel(t, madeLog(500, 1))
	in, lines := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan int)
	go func() {
		done <- run(context.Background(), []string{"kindred", "score", model, "-", "--json"}, in, out, io.Discard)
		out.Close()
	}()
	scanner := bufio.NewScanner(answers)
	for i, line := range append(madeLog(20, 3), oddLines...) {
		fmt.Fprintln(lines, line)
		if !scanner.Scan() {
			t.Fatalf("no answer to line %d", i+1)
		}
		var a scoredLine
		if err := json.Unmarshal(scanner.Bytes(), &a); err != nil || a.Text != line || a.Line != int64(i+1) || a.Score == nil || a.P == nil {
			t.Fatalf("the answer to %q is %s (%v)", line, scanner.Bytes(), err)
		}
	}
	lines.Close()
	if code := <-done; code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestFalseAlarmsOfLines splits normal lines, which the model was not trained on and whose scores have many ties, into
// calibration and new ones 200 times.
func TestFalseAlarmsOfLines(t *testing.T) {
	model := logModel(t, madeLog(500, 1))
	var scores []float64
	for line := range strings.Lines(kindredOutput(t, nil, "score", model, writeLines(t, "new", madeLog(6000, 4)), "--json")) {
		var a scoredLine
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		scores = append(scores, *a.Score)
	}
	const splits = 200
	for _, rate := range []float64{0.001, 0.01, 0.05} {
		sum := 0.0
		n := len(scores) / 2
		for split := range splits {
			draw := random.New(5, uint64(split))
			for i := range scores {
				j := i + int(draw.Uint32n(uint32(len(scores)-i)))
				scores[i], scores[j] = scores[j], scores[i]
			}
			c, err := conformal.New(scores[:n])
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Check(rate); err != nil {
				t.Fatal(err)
			}
			alarms := 0
			for i, s := range scores[n:] {
				if c.PValue(s, conformal.Smoothing(uint64(split), int64(i))) <= rate {
					alarms++
				}
			}
			sum += float64(alarms) / float64(len(scores)-n)
		}
		// A beta-binomial share of m new items with n calibration items has the variance
		// α(1-α)(1/m + 1/n) about, and the splits are of one pool of lines.
		slack := 3 * math.Sqrt(rate*(1-rate)*2/float64(n)/splits)
		if mean := sum / splits; math.Abs(mean-rate) > slack {
			t.Errorf("at %v there are %v false alarms on average, want no more than %v from it", rate, mean, slack)
		}
	}
}
