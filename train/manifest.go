package train

import (
	"encoding/json"
	"fmt"
	"runtime"
	"time"

	"kindred/internal/machine"
	"kindred/internal/version"
	"kindred/model"
)

// manifest describes the run as it stands.
func (r *run) manifest(complete bool) *model.Manifest {
	settings, err := json.Marshal(r.cfg)
	if err != nil {
		panic(fmt.Sprintf("train: a valid configuration has a JSON form: %v", err))
	}
	p := &r.progress
	wall := p.elapsed().Seconds()
	t := &model.TrainingRecord{
		Started: p.began.UTC().Truncate(time.Second),
		Wall:    wall,
		CPU:     (machine.CPUTime() - p.cpuBefore).Seconds(),
		Tokens:  p.sum.tokens, TokensPerSecond: float64(p.sum.tokens) / wall,
		Pairs: p.sum.pairs, Loss: p.sum.meanLoss(),
		Resumed: r.resumed, Completed: complete,
	}
	if r.noise != nil {
		t.Negatives = p.sum.negatives.record()
		t.Negatives.EffectiveWords = r.effective
		if r.rejecter != nil && r.rejecter.related != nil {
			t.Negatives.RelatedPairs, t.Negatives.Undercount = int64(len(r.rejecter.related.words)), r.rejecter.related.undercount
		}
	}
	for _, epoch := range p.epochs {
		if epoch.pairs > 0 {
			t.EpochLoss = append(t.EpochLoss, epoch.meanLoss())
		}
	}
	record := r.text.Record()
	return &model.Manifest{
		Tool: version.Tool, Version: version.String(),
		GoVersion: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Kernel: r.kernel.Name, Settings: settings,
		Corpus: &record, Training: t, Init: r.init,
		Vectors: r.embeddings.Vocabulary.Len(), Dim: r.cfg.Dim,
	}
}
