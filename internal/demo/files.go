package demo

import (
	"fmt"
	"os"
	"path/filepath"
)

// Names of the files that WriteFiles makes.
const (
	TextFile       = "text.txt"
	SimilarityFile = "similarity.tsv"
	AnalogyFile    = "analogies.txt"
)

// WriteFiles writes a text of that seed and length, see Generate, and both
// evaluation sets into a directory, which it makes where there is none. Files
// of the same names are overwritten.
func WriteFiles(dir string, seed uint64, tokens int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("directory of the demo: %w", err)
	}
	text, err := os.Create(filepath.Join(dir, TextFile))
	if err != nil {
		return fmt.Errorf("demo text: %w", err)
	}
	defer text.Close() // a second time where all went well
	if err := Generate(text, seed, tokens); err != nil {
		return err
	}
	if err := text.Close(); err != nil {
		return fmt.Errorf("demo text: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, SimilarityFile), SimilaritySet(), 0o644); err != nil {
		return fmt.Errorf("demo similarity set: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, AnalogyFile), AnalogySet(), 0o644); err != nil {
		return fmt.Errorf("demo analogy set: %w", err)
	}
	return nil
}
