package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// textName is the name of the text in the directory that a tool runs in. It
// is short, as word2vec.c and its descendants take no more than 99 bytes.
const textName = "text.txt"

// trainPart is the name of the part of a run that is the training itself.
const trainPart = "train"

// A driver knows a tool.
type driver interface {
	// name is the tool's own.
	name() string
	// locate finds the tool on PATH or, unless it is "", at path. The error
	// says why it can't take part.
	locate(ctx context.Context, path string) (program, error)
	// steps are the processes of a run. They run one after the other in a
	// directory of their own, in which the text is at textName.
	steps(p program, s Settings) []step
	// vectors is the file that the last step leaves in its directory.
	vectors() string
	// unmatched tells which of the settings the tool can't be given, and what else
	// makes its training another one: a sentence each.
	unmatched(s Settings) []string
	// actual returns what the tool trains with for each of the settings, by their names: what it is given, what
	// it always has, or nil where it has none.
	actual(s Settings) map[string]any
}

// drivers are all there are.
var drivers = []driver{kindredDriver{}, fastTextDriver{}, gensimDriver{}, word2vecDriver{}, pWord2VecDriver{}, gloveDriver{}, wegoDriver{}}

// DriverNames returns the names of the tools that can be called.
func DriverNames() []string {
	var names []string
	for _, d := range drivers {
		names = append(names, d.name())
	}
	return names
}

// driverOf returns the driver of a tool, nil where there is none.
func driverOf(t Tool) driver {
	for _, d := range drivers {
		if d.name() == t.driverName() {
			return d
		}
	}
	return nil
}

// A program is a tool that was found.
type program struct {
	// files are what is executed, in the order of the steps where there are several.
	files []string
	// version is what the tool tells of it.
	version string
}

// A step is a process.
type step struct {
	file string
	args []string
	// stdin and stdout are files in the directory of the run; output goes to the log where stdout is "".
	stdin, stdout string
	// files are made in that directory first: the text of each by its name.
	files map[string]string
	// parts are the parts of the process. The first begins with it.
	parts []part
}

// A part of a run begins with a line of output.
type part struct {
	name string
	// mark is what the line contains. A part that begins at last does so with the last such line, others with the first.
	mark string
	last bool
}

// commandLine returns the step as it could be typed.
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

// find returns the program called name, which is on PATH, or at path, or in the directory
// at path.
func find(name, path string) (string, error) {
	if path == "" {
		found, err := exec.LookPath(name)
		if err != nil {
			return "", fmt.Errorf("%s is not on PATH", name)
		}
		return filepath.Abs(found)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
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

// single finds a tool that is one program.
func single(name, path string) (program, error) {
	file, err := find(name, path)
	return program{files: []string{file}}, err
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

// enumerate returns the first few of a list, and how many follow.
func enumerate(list []string) string {
	const shown = 8
	if len(list) <= shown {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:shown], ", "), len(list)-shown)
}
