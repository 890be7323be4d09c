package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"kindred/internal/version"
)

// A driver knows how to call a tool.
type driver struct {
	// name is the tool's name, and of its program unless locate says otherwise.
	name string
	// locate finds the tool on PATH or, unless it is "", at path. The error says why it can't take part.
	// If it is nil, the tool is one program.
	locate func(ctx context.Context, path string) (program, error)
	// steps are the processes of a run. They run one after the other in the directory of the run, in
	// which the text is at textName.
	steps func(program, Settings) []step
	// vectors is the file that the last step leaves in that directory.
	vectors string
	// unmatched returns a sentence for each setting that the tool can't be given, and for whatever else
	// makes its training differ. nil is none.
	unmatched func(Settings) []string
	// fixed are the settings that the tool can't be given, with the values that it always has: nil for
	// those that have no meaning to it.
	fixed map[string]any
}

var drivers = []driver{
	{name: version.Tool, locate: locateKindred, steps: kindredSteps, vectors: "vectors.bin"},
	{name: "fasttext", steps: fastTextSteps, vectors: "vectors.vec", unmatched: fastTextUnmatched, fixed: map[string]any{"noise_power": 0.5}},
	{name: "gensim", locate: locateGensim, steps: gensimSteps, vectors: "vectors.bin"},
	{name: "word2vec", steps: word2vecSteps, vectors: "vectors.bin", unmatched: word2vecUnmatched, fixed: word2vecFixed},
	{name: "pWord2Vec", steps: pWord2VecSteps, vectors: "vectors.bin", unmatched: pWord2VecUnmatched, fixed: word2vecFixed},
	{name: "glove", locate: locateGlove, steps: gloveSteps, vectors: "vectors.txt", unmatched: gloveUnmatched,
		fixed: map[string]any{"negatives": nil, "noise_power": nil, "subsample": nil, "lr": nil}},
	{name: "wego", steps: wegoSteps, vectors: "vectors.txt", unmatched: wegoUnmatched, fixed: map[string]any{"noise_power": 0, "seed": nil}},
}

// DriverNames returns the names of the tools that can be called.
func DriverNames() []string {
	var names []string
	for _, d := range drivers {
		names = append(names, d.name)
	}
	return names
}

// driverOf returns the driver of a tool, nil if there is none.
func driverOf(t Tool) *driver {
	for i := range drivers {
		if drivers[i].name == t.driverName() {
			return &drivers[i]
		}
	}
	return nil
}

// A program is a tool that was found.
type program struct {
	// files are the executables, in the order of the steps if there are several.
	files []string
	// version is what the tool tells of it, "" if it tells nothing.
	version string
	// hash is a hash of the contents of the files.
	hash string
}

// locateProgram returns the tool's program with its hash.
func (d *driver) locateProgram(ctx context.Context, path string) (program, error) {
	locate := d.locate
	if locate == nil {
		locate = func(context.Context, string) (program, error) { return single(d.name, path) }
	}
	p, err := locate(ctx, path)
	if err == nil {
		p.hash, err = hashFiles(p.files)
	}
	return p, err
}

// unmatchedSettings returns the sentences of unmatched.
func (d *driver) unmatchedSettings(s Settings) []string {
	if d.unmatched == nil {
		return nil
	}
	return d.unmatched(s)
}

// actualSettings returns what the tool trains with, by the names that settings have in manifests: what
// it is given, or its fixed values.
func (d *driver) actualSettings(s Settings) map[string]any {
	actual := map[string]any{
		"dim": s.Dim, "window": s.Window, "negatives": s.Negatives, "subsample": s.Subsample, "noise_power": s.NoisePower,
		"min_count": s.MinCount, "epochs": s.Epochs, "lr": s.LearningRate, "threads": s.Threads, "seed": s.Seed,
	}
	maps.Copy(actual, d.fixed)
	return actual
}

// A step is a process.
type step struct {
	file string
	args []string
	// stdin and stdout are files in the directory of the run. Output goes to the log if stdout is "".
	stdin, stdout string
	// files are written to that directory first: the text of each by its name.
	files map[string]string
	// parts are the parts of the process. The first begins with it.
	parts []part
}

// A part of a run begins with a line of output.
type part struct {
	name string
	// mark is what the line contains. The part begins with the first such line, or with the last one.
	mark string
	last bool
}

// commandLine returns the step as a command that can be typed.
func (s step) commandLine() string {
	words := []string{filepath.Base(s.file)}
	for _, a := range s.args {
		if a == "" || strings.ContainsAny(a, " \t\n\"'\\$&|;<>(){}*?#") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words = append(words, a)
	}
	line := strings.Join(words, " ")
	if s.stdin != "" {
		line += " < " + s.stdin
	}
	if s.stdout != "" {
		line += " > " + s.stdout
	}
	return line
}

// find returns the program called name: on PATH if path is "", else at path, which may be its directory.
func find(name, path string) (string, error) {
	if path == "" {
		found, err := exec.LookPath(name)
		if err != nil {
			return "", fmt.Errorf("%s is not on PATH", name)
		}
		return filepath.Abs(found)
	}
	if isDir(path) {
		path = filepath.Join(path, name)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no %s", path)
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no program", path)
	}
	return filepath.Abs(path)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// single finds a tool that is one program.
func single(name, path string) (program, error) {
	file, err := find(name, path)
	return program{files: []string{file}}, err
}

// hashFiles returns a hash of the contents of files.
func hashFiles(paths []string) (string, error) {
	var h xxh3.Hasher
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(&h, f)
		f.Close()
		if err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%016x", h.Sum64()), nil
}

// flags returns a command line of names and values in turn.
func flags(namesAndValues ...any) []string {
	var args []string
	for _, v := range namesAndValues {
		switch v := v.(type) {
		case float64:
			args = append(args, strconv.FormatFloat(v, 'g', -1, 64))
		default:
			args = append(args, fmt.Sprint(v))
		}
	}
	return args
}
