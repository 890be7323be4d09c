package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"kindred/corpus"
	"kindred/corpus/sampling"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// lineTokens is the length of a line of text, the longest sentence that is not cut:
// windows rarely meet an end.
const lineTokens = corpus.DefaultSentenceLimit

// readText writes a text to a file in dir and reads it.
func readText(ctx context.Context, dir string, words, tokens int) (*corpus.Corpus, error) {
	path := filepath.Join(dir, "text.txt")
	defer os.Remove(path)
	if err := writeText(path, words, tokens); err != nil {
		return nil, err
	}
	src, err := source.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := corpus.Read(ctx, src, corpus.ReadOptions{Dir: dir, Selection: vocab.Selection{MinCount: 1}})
	if err != nil {
		return nil, err
	}
	if v := text.Vocabulary().Len(); v != words || text.Len() != int64(tokens) {
		text.Close()
		return nil, fmt.Errorf("the text was read as %d tokens of %d types, want %d of %d", text.Len(), v, tokens, words)
	}
	return text, nil
}

// writeText writes a text of exactly the given number of types: each of them once, in
// random order, and then tokens by Zipf's law, the word of rank r with a probability in proportion to 1/r.
func writeText(path string, words, tokens int) error {
	if tokens < words {
		return fmt.Errorf("%d tokens can't have %d types", tokens, words)
	}
	weights := make([]float64, words)
	for i := range weights {
		weights[i] = 1 / float64(i+1)
	}
	zipf, err := sampling.NewAliasTable(weights)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriterSize(file, 1<<20)
	rng := rand.New(rand.NewPCG(1, uint64(words)))
	once := rng.Perm(words)
	var token []byte
	for i := range tokens {
		word := int64(0)
		if i < words {
			word = int64(once[i])
		} else {
			word = int64(zipf.Draw(rng.Uint64()))
		}
		end := byte(' ')
		if (i+1)%lineTokens == 0 {
			end = '\n'
		}
		token = append(strconv.AppendInt(token[:0], word, 36), end)
		w.Write(token) // the error is kept for Flush
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Close()
}
