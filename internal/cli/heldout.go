package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"kindred/corpus"
	"kindred/eval"
	"kindred/eval/stats"
	"kindred/model"
	"kindred/train"
)

// heldOutFlags are the flags that keep sentences out of the training and have it judged by them.
type heldOutFlags struct {
	share    string
	counted  bool
	patience int
}

func (h *heldOutFlags) flags() []cli.Flag {
	const category = "Held-out pairs"
	return append(h.holdoutFlags(), &cli.IntFlag{Name: "patience", Category: category, Destination: &h.patience,
		Usage: "`N` end the training where the pairs held out haven't been told apart better for N epochs; 0 trains all epochs"})
}

// holdoutFlags are the flags that say what is held out.
func (h *heldOutFlags) holdoutFlags() []cli.Flag {
	const category = "Held-out pairs"
	return []cli.Flag{
		&cli.StringFlag{Name: "holdout", Category: category, Destination: &h.share,
			Usage: "`SHARE` keep this share of the sentences, such as 1%, out of training and vocabulary, always the same ones, and judge the vectors by them"},
		&cli.BoolFlag{Name: "holdout-counted", Category: category, Destination: &h.counted,
			Usage: "let the words of sentences held out count for the vocabulary"},
	}
}

// holdout returns what the flags ask for.
func (h *heldOutFlags) holdout() (corpus.Holdout, error) {
	const want = "want a share of the sentences above 0 % and below 100 %, such as 1% or 0.01"
	switch {
	case h.share == "" && h.counted:
		return corpus.Holdout{}, usage("--holdout-counted has no meaning without --holdout SHARE")
	case h.share == "" && h.patience != 0:
		return corpus.Holdout{}, usage("--patience looks at pairs held out; hold some out with --holdout 1%")
	case h.patience < 0:
		return corpus.Holdout{}, usagef("--patience is %d epochs, want 0 (all epochs) or more", h.patience)
	case h.share == "":
		return corpus.Holdout{}, nil
	}
	number, isPercent := strings.CutSuffix(h.share, "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if isPercent {
		share /= 100
	}
	if err != nil || !(share > 0 && share < 1) {
		return corpus.Holdout{}, usagef("--holdout is %q, %s", h.share, want)
	}
	return corpus.Holdout{Share: share, Counted: h.counted}, nil
}

// A heldOutJudge judges a training by the pairs held out, while it runs and at its end.
type heldOutJudge struct {
	pairs    *eval.HeldOut
	patience int // epochs; 0 without end
	record   heldOutRecord
}

// A heldOutRecord is what a judge has found; it becomes part of the manifest.
type heldOutRecord struct {
	// Checks are the figures after each epoch.
	Checks []heldOutCheck `json:"checks"`
	// Patience is the number of epochs that the training was to go on without getting better, 0 without end, and
	// EndedEarly tells whether it ended for that.
	Patience   int  `json:"patience,omitempty"`
	EndedEarly bool `json:"ended_early,omitempty"`
	*eval.HeldOutReport
}

// A heldOutCheck is how well the half of the pairs for validation is told from negatives by unigram^0.75.
type heldOutCheck struct {
	Epoch  int     `json:"epoch"`
	ROCAUC float64 `json:"roc_auc"`
}

// newHeldOutJudge returns a judge by the sentences held out of a text, nil where there are none.
func newHeldOutJudge(text *corpus.Corpus, patience int) (*heldOutJudge, error) {
	if text.HeldOut() == nil {
		return nil, nil
	}
	pairs, err := eval.NewHeldOut(text.HeldOut())
	if err != nil {
		return nil, err
	}
	return &heldOutJudge{pairs: pairs, patience: patience, record: heldOutRecord{Patience: patience}}, nil
}

// options returns those of a training that the judge looks at; the judge may be nil.
func (j *heldOutJudge) options(o train.Options) train.Options {
	if j != nil {
		o.AfterEpoch = j.afterEpoch
	}
	return o
}

// afterEpoch looks at the vectors and tells whether to go on; see [train.Options].
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

// conclude judges the trained vectors and puts the record into their manifest.
func (j *heldOutJudge) conclude(e *model.Embeddings) (*heldOutRecord, error) {
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

// heldOutFacts tell what was found, in lines.
func heldOutFacts(r *heldOutRecord) []fact {
	if r == nil {
		return nil
	}
	facts := []fact{{"Held out", fmt.Sprintf("%s of %s against as many random ones, told apart", counted(r.Pairs, "pair"), counted(r.Sentences, "sentence"))}}
	for _, reference := range r.Noises {
		facts = append(facts, fact{" " + strings.Replace(reference.Name, "unigram", "count", 1), heldOutText(reference.Scores)})
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
		facts = append(facts, fact{" learning", text})
	}
	return facts
}

// heldOutText tells the figures against one reference.
func heldOutText(scores map[eval.HeldOutMetric]stats.Score) string {
	var parts []string
	for _, m := range []struct {
		metric eval.HeldOutMetric
		name   string
	}{
		{eval.ROCAUC, "ROC-AUC"}, {eval.PRAUC, "PR-AUC"}, {eval.F1, "F1"}, {eval.Precision, "precision"}, {eval.Recall, "recall"},
		{eval.MRR, "MRR"}, {eval.HitsAt10, "hits@10"}, {eval.LogLoss, "log-loss"}, {eval.Brier, "Brier"},
	} {
		score := scores[m.metric]
		text := m.name + " " + score.String()
		if m.metric == eval.ROCAUC && score.HasInterval() {
			text += fmt.Sprintf(" [%.4f, %.4f]", score.Interval.Low, score.Interval.High)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
