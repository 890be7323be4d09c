package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kindred/corpus"
	"kindred/corpus/vocab"
	"kindred/internal/kernel"
)

// A MismatchError reports that a checkpoint is of another training than the one that shall go on.
type MismatchError struct {
	Path string
	// Differences are sentences without a final stop.
	Differences []string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("the checkpoint %s is of another training: %s", e.Path, strings.Join(e.Differences, "; "))
}

// free are the settings that may change when a training goes on: epochs may be added, which
// is checked elsewhere, and threads decide how fast it is.
var free = []string{"epochs", "threads"}

// MatchSettings returns a *[MismatchError] where training can't go on from the checkpoint with
// these settings: ask before the text is read.
func (c *Checkpoint) MatchSettings(cfg Config) error {
	if k, err := kernel.Select(cfg.Kernel); err == nil {
		cfg.Kernel = k.Name
	}
	return c.mismatch(c.settingsDifferences(cfg))
}

// match is like MatchSettings, for the text too.
func (c *Checkpoint) match(text *corpus.Corpus, cfg Config) error {
	if err := c.MatchSettings(cfg); err != nil {
		return err
	}
	var differences []string
	if d := c.vocabularyDifference(text.Vocabulary()); d != "" {
		differences = append(differences, d)
	} else if d := c.textDifference(text.Record()); d != "" {
		differences = append(differences, d)
	}
	return c.mismatch(differences)
}

func (c *Checkpoint) mismatch(differences []string) error {
	if len(differences) == 0 {
		return nil
	}
	return &MismatchError{c.Path, differences}
}

func (c *Checkpoint) settingsDifferences(cfg Config) []string {
	var differences []string
	was, is := settingsByName(c.Config), settingsByName(cfg)
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if !slices.Contains(free, name) && !bytes.Equal(was[name], is[name]) {
			differences = append(differences, fmt.Sprintf("its %s is %s, not %s", name, was[name], is[name]))
		}
	}
	if cfg.Epochs < c.Config.Epochs {
		differences = append(differences, fmt.Sprintf("its epochs are %d, and can be more but not %d", c.Config.Epochs, cfg.Epochs))
	}
	return differences
}

// settingsByName returns the settings as the manifest has them.
func settingsByName(cfg Config) map[string]json.RawMessage {
	var byName map[string]json.RawMessage
	data, err := json.Marshal(cfg)
	if err == nil {
		err = json.Unmarshal(data, &byName)
	}
	if err != nil {
		panic(fmt.Sprintf("train: settings have a JSON form: %v", err))
	}
	return byName
}

// vocabularyDifference says where a vocabulary differs from that of the text of the checkpoint.
func (c *Checkpoint) vocabularyDifference(v *vocab.Vocabulary) string {
	was, n := c.Vectors.Vocabulary, c.state.TextWords
	for id := range min(n, v.Len()) {
		if was.Word(id) != v.Word(id) || was.Count(id) != v.Count(id) {
			return fmt.Sprintf("word %d of its vocabulary is %.60q, seen %d times, and here it is %.60q, seen %d times", id, was.Word(id), was.Count(id), v.Word(id), v.Count(id))
		}
	}
	if n != v.Len() {
		return fmt.Sprintf("its vocabulary has %d words, and here it has %d", n, v.Len())
	}
	return ""
}

// textDifference says how a text differs from that of the checkpoint.
func (c *Checkpoint) textDifference(is vocab.Record) string {
	was := c.Vectors.Manifest.Corpus
	switch {
	case was.Hash == is.Hash:
		return ""
	case was.TokensKept != is.TokensKept || was.Sentences != is.Sentences:
		return fmt.Sprintf("its text has %d tokens of the vocabulary in %d sentences, and here it has %d in %d", was.TokensKept, was.Sentences, is.TokensKept, is.Sentences)
	}
	return fmt.Sprintf("its text has the hash %s, and here it has %s: the words are the same, but not their order", was.Hash, is.Hash)
}

// resume takes the state of the checkpoint over. It must match.
func (r *run) resume(c *Checkpoint) {
	r.embeddings = c.Vectors
	r.resumed = c.Vectors.Manifest.Training.Resumed + 1
	r.init = c.Vectors.Manifest.Init
	r.position = block{c.state.Epoch, c.state.Block}
	r.plan.blocks = c.state.RoundBlocks
	r.progress.resume(c)
}
