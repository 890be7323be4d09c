package experiment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kindred/internal/atomicfile"
	"kindred/internal/english"
	"kindred/internal/filetype"
	"kindred/internal/machine"
)

// A Store is a directory of results, which one process has at a time.
type Store struct {
	dir  string
	lock *machine.Lock
}

// Open locks a directory of results, which it makes if it is missing. If another process has it, the
// error wraps a [*machine.LockedError].
func Open(dir string) (*Store, error) {
	lock, err := machine.LockDir(dir)
	if err != nil {
		return nil, fmt.Errorf("results in %s: %w", dir, err)
	}
	return &Store{dir, lock}, nil
}

// Close unlocks the directory.
func (s *Store) Close() error { return s.lock.Release() }

// Path returns the path of a name, with slashes, below the directory.
func (s *Store) Path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

// FileName returns name with the characters replaced that file systems don't allow in names.
func FileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
}

// maxResult is the size of the largest result that is read, in bytes.
const maxResult = 1 << 30

// load reads a result. It returns false if there is none.
func (s *Store) load(key string, result any) (found bool, err error) {
	path := s.Path(key)
	text, err := filetype.ReadRegular(path, maxResult)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(text, result); err != nil {
		return false, damaged(path, err)
	}
	if string(bytes.TrimSpace(text)) == "null" {
		return false, damaged(path, errors.New("it holds nothing"))
	}
	return true, nil
}

// damaged returns the error of a file that holds no result, or an incomplete one.
func damaged(path string, err error) error {
	return fmt.Errorf("%s is no result, or a damaged one: %w; remove it to run it again", path, err)
}

// keep writes a result. The file appears only when it is complete.
func (s *Store) keep(key string, result any, indent bool) error {
	text, err := json.Marshal(result)
	if indent {
		text, err = json.MarshalIndent(result, "", "  ")
	}
	if err != nil {
		return err
	}
	path := s.Path(key)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.WriteFile(path, append(text, '\n'))
}

// Conditions are everything that the result of a run depends on: values, as text, by their names.
type Conditions map[string]string

// ConditionsOf returns the fields of v's JSON object as conditions. A string stands without quotes, any
// other value as JSON. It panics if v has no such form, which is an error of the program.
func ConditionsOf(v any) Conditions {
	text, err := json.Marshal(v)
	fields := map[string]json.RawMessage{}
	if err == nil {
		err = json.Unmarshal(text, &fields)
	}
	if err != nil {
		panic(fmt.Sprintf("experiment: conditions of a %T: %v", v, err))
	}
	c := Conditions{}
	for name, value := range fields {
		c[name] = string(value)
		if s := ""; value[0] == '"' && json.Unmarshal(value, &s) == nil {
			c[name] = s
		}
	}
	return c
}

// differences returns what differs from the conditions before, by name.
func (c Conditions) differences(before Conditions) []Difference {
	names := map[string]bool{}
	for _, conditions := range []Conditions{before, c} {
		for name := range conditions {
			names[name] = true
		}
	}
	var list []Difference
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, had := before[name]
		is, has := c[name]
		if was != is || had != has {
			list = append(list, Difference{Name: name, Was: shown(was, had), Is: shown(is, has)})
		}
	}
	return list
}

// shown returns a value as it stands in an error.
func shown(value string, set bool) string {
	switch {
	case !set:
		return "unset"
	case value == "":
		return `""`
	}
	return value
}

// A Difference is a condition that differs.
type Difference struct {
	Name string
	// Was is the value of the stored result, and Is that of the run.
	Was, Is string
}

// A MismatchError reports a stored result that was made under other conditions than its run has.
type MismatchError struct {
	// Path is the file of the result.
	Path string
	// Differences are one or more, sorted by name.
	Differences []Difference
}

func (e *MismatchError) Error() string {
	var list []string
	for _, d := range e.Differences {
		list = append(list, fmt.Sprintf("%s was %s and is %s", d.Name, d.Was, d.Is))
	}
	return fmt.Sprintf("%s was made with other settings: %s", e.Path, english.List(list, 8))
}
