package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/google/renameio/v2"
)

// Load reads an experiment from a TOML file, in which
//
//	input = ["$DATA/wiki.txt.zst"]   # text; paths begin at the file's directory, $NAME is a variable of the environment
//	rounds = 3
//	pin = [0]                        # processors; optional
//	[settings]                       # all optional, as in Settings
//	dim = 100
//	[[tool]]
//	name = "kindred"
//	[[tool]]
//	name = "pairs"                   # path, driver and options are optional
//	driver = "kindred"
//	options = ["--negative-sharing", "pair"]
//	[evaluation]                     # optional
//	sets = ["$DATA/eval"]
//	restrict = 30000
//
// A name that isn't known is an error.
func Load(path string) (Experiment, error) {
	e := Defaults()
	meta, err := toml.DecodeFile(path, &e)
	var broken toml.ParseError
	switch {
	case errors.As(err, &broken) && broken.Position.Line > 0:
		return e, fmt.Errorf("%s, line %d: %s", path, broken.Position.Line, broken.Message)
	case errors.As(err, new(*fs.PathError)): // which names the file
		return e, fmt.Errorf("experiment: %w", err)
	case err != nil:
		return e, fmt.Errorf("%s: %w", path, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return e, fmt.Errorf("%s: there is no setting %s", path, unknown[0])
	}
	if err := e.locate(filepath.Dir(path)); err != nil {
		return e, fmt.Errorf("%s: %w", path, err)
	}
	if err := e.Validate(); err != nil {
		return e, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// locate puts values in the place of variables, and makes relative paths begin at dir.
func (e *Experiment) locate(dir string) error {
	for _, list := range [][]string{e.Input, e.Evaluation.Sets} {
		for i, p := range list {
			var err error
			if list[i], err = expand(p, dir); err != nil {
				return err
			}
		}
	}
	for i, t := range e.Tools {
		if t.Path == "" {
			continue
		}
		var err error
		if e.Tools[i].Path, err = expand(t.Path, dir); err != nil {
			return err
		}
	}
	return nil
}

func expand(path, dir string) (string, error) {
	var unset []string
	expanded := os.Expand(path, func(name string) string {
		value, ok := os.LookupEnv(name)
		if !ok {
			unset = append(unset, name)
		}
		return value
	})
	if len(unset) > 0 {
		return "", fmt.Errorf("%q needs the environment variable %s, which is not set", path, strings.Join(unset, " and "))
	}
	if !filepath.IsAbs(expanded) {
		expanded = filepath.Join(dir, expanded)
	}
	return expanded, nil
}

// Save writes the experiment as a TOML file that [Load] reads. Paths that are relative
// are so to the working directory; in the file, they are to its own.
func (e Experiment) Save(path string) error {
	e.Tools = slices.Clone(e.Tools)
	var err error
	if e.Input, err = relative(e.Input, path); err != nil {
		return err
	}
	if e.Evaluation.Sets, err = relative(e.Evaluation.Sets, path); err != nil {
		return err
	}
	for i, t := range e.Tools {
		if t.Path == "" {
			continue
		}
		located, err := relative([]string{t.Path}, path)
		if err != nil {
			return err
		}
		e.Tools[i].Path = located[0]
	}
	var text bytes.Buffer
	encoder := toml.NewEncoder(&text)
	encoder.Indent = ""
	if err := encoder.Encode(e); err != nil {
		return err
	}
	return renameio.WriteFile(path, text.Bytes(), 0o644)
}

// relative returns paths as they are seen from the directory of file.
func relative(paths []string, file string) ([]string, error) {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	var seen []string
	for _, p := range paths {
		if !filepath.IsAbs(p) {
			abs, err := filepath.Abs(p)
			if err != nil {
				return nil, err
			}
			if p, err = filepath.Rel(dir, abs); err != nil {
				return nil, err
			}
		}
		seen = append(seen, filepath.ToSlash(p))
	}
	return seen, nil
}
