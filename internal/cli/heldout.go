package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"kindred/corpus"
	"kindred/eval"
	"kindred/eval/stats"
	"kindred/model"
	"kindred/train"
)

// heldOutFlags hold sentences out of the training and score the vectors by them.
type heldOutFlags struct {
	share    float64 // of the sentences; 0 holds nothing out
	counted  bool
	patience int
	// calibrate is the share of the lines kept out for calibration, 0 for none.
	calibrate float64
}

func (h *heldOutFlags) flags() []*flag {
	return append(h.holdoutFlags(), &flag{name: "calibrate", group: "Held-out pairs", into: &h.calibrate, value: "SHARE", initial: "none", parse: parseShareOrNone,
		want: "a share of the lines below 100 %, such as 20% or 0.2, or 0 for none",
		help: "keep this share of the lines out of training and vocabulary, and their scores in the model: \"kindred score\" compares new lines with them"},
		&flag{name: "patience", group: "Held-out pairs", into: &h.patience, value: "N",
			valid: atLeast(0), want: "0 (all epochs) or more",
			help: "stop when the held-out score has not improved for N epochs; 0 trains all epochs"})
}

// holdoutFlags say which sentences to hold out.
func (h *heldOutFlags) holdoutFlags() []*flag {
	const group = "Held-out pairs"
	initial := ""
	if h.share == 0 {
		initial = "none"
	}
	return []*flag{
		{name: "holdout", group: group, into: &h.share, value: "SHARE", initial: initial, parse: parseShare,
			want: "a share of the sentences above 0 % and below 100 %, such as 1% or 0.01",
			help: "hold this share of the sentences, such as 1%, out of training and vocabulary, and score the vectors by them; the choice does not change between runs"},
		{name: "holdout-counted", group: group, into: &h.counted,
			help: "count the words of held-out sentences for the vocabulary"},
	}
}

// parseShare returns the number that a percentage or a share between 0 and 1 stands for.
func parseShare(text string) (any, bool) {
	number, isPercent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if isPercent {
		share /= 100
	}
	return share, err == nil && share > 0 && share < 1
}

// parseShareOrNone is parseShare for values that may be 0.
func parseShareOrNone(text string) (any, bool) {
	if strings.TrimSuffix(text, "%") == "0" {
		return 0.0, true
	}
	return parseShare(text)
}

// holdout returns what the flags ask for.
func (h *heldOutFlags) holdout() (corpus.Holdout, error) {
	switch {
	case h.calibrate > 0 && h.share > 0:
		return corpus.Holdout{}, usage("--calibrate and --holdout exclude each other: a text is held out in one way")
	case h.calibrate > 0 && h.counted:
		return corpus.Holdout{}, usage("--calibrate and --holdout-counted exclude each other: words of calibration lines must be as new as those of other lines")
	case h.calibrate > 0 && h.patience != 0:
		return corpus.Holdout{}, usage("--calibrate and --patience exclude each other: lines that decide when training stops are no calibration lines")
	case h.calibrate > 0:
		return corpus.Holdout{Share: h.calibrate, Apart: true}, nil
	case h.share == 0 && h.counted:
		return corpus.Holdout{}, usage("--holdout-counted has no effect without --holdout SHARE")
	case h.share == 0 && h.patience != 0:
		return corpus.Holdout{}, usage("--patience needs held-out pairs; hold some out with --holdout 1%")
	}
	return corpus.Holdout{Share: h.share, Counted: h.counted}, nil
}

// A heldOutJudge scores the vectors by the held-out pairs, after each epoch and at the end.
type heldOutJudge struct {
	pairs    *eval.HeldOut
	patience int // epochs; 0 for no limit
	record   heldOutRecord
}

// A heldOutRecord holds the scores. It becomes part of the manifest.
type heldOutRecord struct {
	// Checks are the scores after each epoch.
	Checks []heldOutCheck `json:"checks"`
	// Patience is the number of epochs without a better score after which the training stops, 0 for
	// no limit. EndedEarly says that it stopped for that reason.
	Patience   int  `json:"patience,omitempty"`
	EndedEarly bool `json:"ended_early,omitempty"`
	*eval.HeldOutReport
}

// A heldOutCheck is the score of the validation half of the pairs against negatives from unigram^0.75.
type heldOutCheck struct {
	Epoch  int     `json:"epoch"`
	ROCAUC float64 `json:"roc_auc"`
}

// newHeldOutJudge returns a judge by the held-out sentences of a text, or nil if there are none.
func newHeldOutJudge(text *corpus.Corpus, patience int) (*heldOutJudge, error) {
	if held := text.Record().HeldOut; held == nil || held.Apart {
		return nil, nil
	}
	pairs, err := eval.NewHeldOut(text.HeldOut())
	if err != nil {
		return nil, err
	}
	return &heldOutJudge{pairs: pairs, patience: patience, record: heldOutRecord{Patience: patience}}, nil
}

// options makes the training call the judge after each epoch; the judge may be nil.
func (j *heldOutJudge) options(o train.Options) train.Options {
	if j != nil {
		o.AfterEpoch = j.afterEpoch
	}
	return o
}

// afterEpoch scores the vectors and reports whether to go on; see [train.Options].
func (j *heldOutJudge) afterEpoch(epoch int, e *model.Embeddings) (goOn bool, err error) {
	auc, err := j.pairs.Validate(e)
	if err != nil {
		return false, err
	}
	j.record.Checks = append(j.record.Checks, heldOutCheck{epoch, auc})
	j.record.EndedEarly = j.patience > 0 && j.sinceBest() >= j.patience
	return !j.record.EndedEarly, nil
}

// sinceBest returns the number of checks after the best one.
func (j *heldOutJudge) sinceBest() int {
	best, since := math.Inf(-1), 0
	for _, c := range j.record.Checks {
		since++
		if c.ROCAUC > best {
			best, since = c.ROCAUC, 0
		}
	}
	return since
}

// finish scores the trained vectors and puts the record into their manifest.
func (j *heldOutJudge) finish(e *model.Embeddings) (*heldOutRecord, error) {
	scores, err := j.pairs.Score(e)
	if err != nil {
		return nil, err
	}
	j.record.HeldOutReport = scores.Report(0)
	if e.Manifest.HeldOut, err = json.Marshal(j.record); err != nil {
		return nil, err
	}
	return &j.record, nil
}

// heldOutLines are the scores as lines of the summary.
func heldOutLines(r *heldOutRecord) []summaryLine {
	if r == nil {
		return nil
	}
	lines := []summaryLine{{"Held out", fmt.Sprintf("%s of %s against as many random pairs", counted(r.Pairs, "pair"), counted(r.Sentences, "sentence"))}}
	for _, noise := range r.Noises {
		lines = append(lines, summaryLine{" " + strings.Replace(noise.Name, "unigram", "count", 1), heldOutText(noise.Scores)})
	}
	if n := len(r.Checks); n > 1 {
		var curve []string
		for _, c := range r.Checks {
			curve = append(curve, fmt.Sprintf("%.4f", c.ROCAUC))
		}
		text := fmt.Sprintf("ROC-AUC by epoch %s: %+.4f in the last one", strings.Join(curve, " "), r.Checks[n-1].ROCAUC-r.Checks[n-2].ROCAUC)
		if r.EndedEarly {
			text += fmt.Sprintf("; ended after %s without a gain", counted(r.Patience, "epoch"))
		}
		lines = append(lines, summaryLine{" learning", text})
	}
	return lines
}

// heldOutText returns the scores against one noise distribution.
func heldOutText(scores map[eval.HeldOutMetric]stats.Score) string {
	var parts []string
	for _, m := range []eval.HeldOutMetric{eval.ROCAUC, eval.PRAUC, eval.F1, eval.Precision, eval.Recall, eval.MRR, eval.HitsAt10, eval.LogLoss, eval.Brier} {
		text := m.Title() + " " + scores[m].String()
		if m == eval.ROCAUC && scores[m].HasInterval() {
			text += fmt.Sprintf(" [%.4f, %.4f]", scores[m].Interval.Low, scores[m].Interval.High)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
