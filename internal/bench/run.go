package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"kindred/model/format"
)

// A Plan is all that decides what a run does. Runs of another plan don't
// belong into the same table.
type Plan struct {
	Driver  string   `json:"driver"`
	Options []string `json:"options,omitempty"`
	// Program is a hash of the program's file.
	Program  string   `json:"program"`
	Version  string   `json:"version,omitempty"`
	Settings Settings `json:"settings"`
	Pin      []int    `json:"pin,omitempty"`
	// Text and Words are the hash and the size of the text.
	Text  string `json:"text"`
	Words int64  `json:"words"`
}

// A Run is one training that was finished.
type Run struct {
	Tool  string `json:"tool"`
	Round int    `json:"round"` // from 1
	Plan  Plan   `json:"plan"`
	// Commands are the command lines; programs ran in the directory of the run, where the text was text.txt.
	Commands []string  `json:"commands"`
	Started  time.Time `json:"started"`
	// Wall and CPU are those of all processes together, in seconds, from their start to their end.
	Wall float64 `json:"wall_seconds"`
	CPU  float64 `json:"cpu_seconds"`
	// PeakMemory is the largest resident set, in bytes, 0 where it is not known.
	PeakMemory int64  `json:"peak_memory_bytes,omitempty"`
	Parts      []Part `json:"parts"`
	// Vectors is the file, below the directory of results.
	Vectors string `json:"vectors"`
}

// trained returns the part that is the training itself, and the seconds before and after it; ok is
// false where the tool didn't tell when it began.
func (r *Run) trained() (p Part, before, after float64, ok bool) {
	for _, q := range r.Parts {
		switch {
		case q.Name == trainPart:
			p, ok = q, true
		case ok:
			after += q.Wall
		default:
			before += q.Wall
		}
	}
	if !ok {
		before = 0
	}
	return p, before, after, ok
}

// WordsPerSecond returns the words of all epochs per second of processor
// time over the whole run, and, where that is known, over the training alone; 0 elsewhere.
func (r *Run) WordsPerSecond() (whole, training float64) {
	words := float64(r.Plan.Words) * float64(r.Plan.Settings.Epochs)
	if r.CPU > 0 {
		whole = words / r.CPU
	}
	if p, _, _, ok := r.trained(); ok && p.CPU > 0 {
		training = words / p.CPU
	}
	return whole, training
}

// runFile is what a finished run is known by.
const runFile = "run.json"

// logFile takes the output of the processes of a run.
const logFile = "output.log"

func runDir(results, tool string, round int) string {
	return filepath.Join(results, fmt.Sprintf("%s-%d", tool, round))
}

// save writes the run to its directory.
func (r *Run) save(dir string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(dir, runFile), append(text, '\n'), 0o644)
}

// stored returns the run in dir that was finished earlier, nil where there is none.
// It is an error if its plan was another.
func stored(dir string, plan Plan) (*Run, error) {
	path := filepath.Join(dir, runFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := new(Run)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w; remove it to repeat the run", path, err)
	}
	differences, err := differences(plan, r.Plan)
	if err != nil {
		return nil, err
	}
	if len(differences) > 0 {
		return nil, fmt.Errorf("%s was made with other settings: %s; keep the results apart with --results DIR, or remove those in %s",
			path, enumerate(differences), filepath.Dir(dir))
	}
	return r, nil
}

// differences names what differs between two plans, as in "dim was 100 and is 50".
func differences(now, before Plan) ([]string, error) {
	values := func(p Plan) (map[string]json.RawMessage, []string, error) {
		flat, names := map[string]json.RawMessage{}, []string(nil)
		for _, v := range []any{p, p.Settings} {
			text, err := json.Marshal(v)
			if err != nil {
				return nil, nil, err
			}
			if err := json.Unmarshal(text, &flat); err != nil {
				return nil, nil, err
			}
		}
		delete(flat, "settings")
		for name := range flat {
			names = append(names, name)
		}
		return flat, names, nil
	}
	a, names, err := values(before)
	if err != nil {
		return nil, err
	}
	b, more, err := values(now)
	if err != nil {
		return nil, err
	}
	return describe(a, b, append(names, more...)), nil
}

func describe(before, now map[string]json.RawMessage, names []string) []string {
	shown := func(v json.RawMessage) string {
		if v == nil {
			return "unset"
		}
		return strings.Trim(string(v), `"`)
	}
	var list []string
	for _, name := range sortedUnique(names) {
		if !bytes.Equal(before[name], now[name]) {
			list = append(list, fmt.Sprintf("%s was %s and is %s", name, shown(before[name]), shown(now[name])))
		}
	}
	return list
}

// tidy removes what a finished run has left but for its vectors, with their manifest, and its output.
func tidy(dir, vectors string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); name != vectors && name != format.ManifestPath(vectors) && name != logFile {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}
