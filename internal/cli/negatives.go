package cli

import (
	"fmt"

	"kindred/model"
	"kindred/train"
	"kindred/train/negative"
)

// negativesText says how many negatives there are.
func negativesText(c train.Config) string {
	text := fmt.Sprintf("%g negatives", c.Negatives)
	if c.NegativesLast > 0 {
		text = fmt.Sprintf("%g to %g negatives", c.Negatives, c.NegativesLast)
	} else if c.Negatives == 1 {
		text = "1 negative"
	}
	return text
}

// noiseText says where negatives come from.
func noiseText(c train.Config) string {
	text := fmt.Sprintf("of count^%g", c.NoisePower)
	if c.Sampler != negative.Unigram {
		text = "by " + string(c.Sampler)
		if !c.Sampler.Static() {
			text += fmt.Sprintf(" of count^%g", c.NoisePower)
		}
	}
	if c.Reject != negative.RejectTarget {
		text += " without " + string(c.Reject)
	}
	return text
}

// negativesOutcome says what the negatives of a training were worth, "" where there were none.
func negativesOutcome(n *model.NegativesRecord) string {
	if n == nil || n.Inspected == 0 {
		return ""
	}
	return fmt.Sprintf("mean gradient %.3f, %.1f %% of them below 0.01; %.1f %% seem true contexts; %.2g %% drawn again",
		n.MeanGradient, 100*n.Useless, 100*n.FalseNegatives, 100*(n.RejectedTarget+n.RejectedWindow+n.RejectedRelated))
}
