package cli

import (
	"fmt"
	"kindred/eval/sets"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// setsFlags are the flags that name evaluation sets.
type setsFlags struct {
	any, similarity, analogies cli.StringSlice
}

func (f *setsFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "sets", Destination: &f.any, KeepSpace: true,
			Usage: "`PATH…` evaluation sets, or directories of them, whose files are taken for what they look like"},
		&cli.StringSliceFlag{Name: "similarity", Destination: &f.similarity, KeepSpace: true,
			Usage: "`FILE…` word pairs with scores, such as WordSim-353 and SimLex-999"},
		&cli.StringSliceFlag{Name: "analogies", Destination: &f.analogies, KeepSpace: true,
			Usage: "`FILE…` analogy questions, such as questions-words.txt"},
	}
}

// paths returns all files and directories that the flags name.
func (f *setsFlags) paths() []string {
	return slices.Concat(f.any.Value(), f.similarity.Value(), f.analogies.Value())
}

// read reads all evaluation sets and tells what each file was taken for; others are files of whatever kind, and
// directories.
func (f *setsFlags) read(con *console, others []string) ([]sets.Set, error) {
	var list []sets.Set
	for _, path := range f.similarity.Value() {
		set, err := sets.ReadSimilarity(path)
		if err != nil {
			return nil, err
		}
		list = append(list, set)
	}
	for _, path := range f.analogies.Value() {
		set, err := sets.ReadAnalogies(path)
		if err != nil {
			return nil, err
		}
		list = append(list, set)
	}
	others = slices.Concat(f.any.Value(), others)
	if len(others) == 0 {
		return list, nil
	}
	more, err := readSets(con, others)
	return append(list, more...), err
}

// readSets reads evaluation sets and tells what each file was taken for.
func readSets(con *console, paths []string) ([]sets.Set, error) {
	list, readings, err := sets.ReadSets(paths...)
	for _, r := range readings {
		fmt.Fprintln(con.err, r)
	}
	if err == nil && len(list) == 0 {
		return nil, fmt.Errorf("no evaluation set in %s", strings.Join(paths, ", "))
	}
	return list, err
}
