package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/train"
	"kindred/train/negative"
)

func TestUnusedSettings(t *testing.T) {
	plain, debiased, related := train.Defaults(), train.Defaults(), train.Defaults()
	debiased.Sampler, related.Reject = negative.Debiased, negative.RejectBoth
	tests := []struct {
		config train.Config
		given  []string
		want   []string
	}{
		{plain, nil, nil},
		{plain, []string{"noise-power", "dim"}, nil},
		{plain, []string{"beta"}, []string{"--beta has no effect with the sampler unigram, only with debiased"}},
		{plain, []string{"candidates"}, []string{"--candidates has no effect with the sampler unigram, only with hard, hard-pair and curriculum"}},
		{plain, []string{"pmi-bound"}, []string{"--pmi-bound has no effect without --reject pmi"}},
		{debiased, []string{"beta", "tau-plus"}, nil},
		{related, []string{"pmi-bound"}, nil},
	}
	for _, test := range tests {
		given := map[string]bool{}
		for _, name := range test.given {
			given[name] = true
		}
		got := unusedSettings(func(name string) bool { return given[name] }, test.config)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.given, diff)
		}
	}
}
