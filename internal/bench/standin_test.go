package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kindred/internal/machine"
)

// TestMain makes the test binary a stand-in if it is called by the name of a tool.
func TestMain(m *testing.M) {
	name := filepath.Base(os.Args[0])
	if s, ok := standIns[name]; ok {
		os.Exit(s.run(name, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// The environment variables of the stand-ins.
const (
	standInCalls  = "STANDIN_CALLS"  // file that each call is added to
	standInFails  = "STANDIN_FAILS"  // name of the one that fails
	standInHangs  = "STANDIN_HANGS"  // name and seed of the one that doesn't end
	standInFloods = "STANDIN_FLOODS" // name of the one that writes without end
	standInMemory = "STANDIN_MEMORY" // MiB to be used
)

// A call is a recorded call of a stand-in.
type call struct {
	Name string
	Args []string
	CPUs string
}

// A standIn behaves like a tool, as far as a driver can see. It refuses options that the tool doesn't
// have, writes the tool's output, and leaves vectors at the same place.
type standIn struct {
	// options are those in the tool's source. Each has a value, except for switches.
	options, switches string
	// words is the number of arguments before the options.
	words int
	// output is the option with the path of the vectors, to which extension is added.
	output, extension string
	seed              string
	says              []string
	// stdout is what it writes to its standard output, if that isn't the log.
	stdout string
}

var standIns = map[string]standIn{
	"kindred": {
		options: "--input --output --cache --cache-limit --dim --window --negatives --subsample --noise-power --min-count --epochs --lr --threads --seed --negative-sharing",
		words:   1, switches: "--json", output: "--output", seed: "--seed",
		says: []string{"{\"event\":\"plan\"}\n", "{\"event\":\"progress\"}\n", "{\"event\":\"progress\"}\n{\"event\":\"summary\"}\n"},
	},
	"fasttext": {
		options: "-input -output -loss -minn -maxn -bucket -dim -ws -neg -t -minCount -epoch -lr -thread -seed -verbose",
		words:   1, output: "-output", extension: ".vec", seed: "-seed",
		says: []string{"\rRead 0M words\nNumber of words:  2\nNumber of labels: 0\n", "\rProgress:  50.0%", "\rProgress: 100.0%\n"},
	},
	"word2vec": {
		options: "-train -output -size -window -sample -hs -negative -threads -iter -min-count -alpha -classes -debug -binary -save-vocab -read-vocab -cbow",
		output:  "-output", says: []string{"Starting training using file text.txt\nVocab size: 2\n", "\rAlpha: 0.025", "\rAlpha: 0.001"},
	},
	"pWord2Vec": {
		options: "-train -output -size -window -sample -negative -threads -iter -min-count -alpha -debug -binary -save-vocab -read-vocab -batch-size",
		output:  "-output", says: []string{"starting learning rate: 0.025\nVocab size: 2\n", "\rAlpha: 0.025", "\rAlpha: 0.001"},
	},
	"vocab_count": {options: "-verbose -max-vocab -min-count", stdout: "the 2\n"},
	"cooccur":     {options: "-verbose -symmetric -window-size -vocab-file -memory -max-product -overflow-length -overflow-file -distance-weighting", stdout: "counts"},
	"shuffle":     {options: "-verbose -memory -array-size -temp-file -seed", stdout: "shuffled"},
	"glove": {
		options: "-verbose -vector-size -threads -iter -eta -alpha -x-max -binary -model -input-file -vocab-file -save-file -gradsq-file -save-gradsq -seed",
		output:  "-save-file", extension: ".txt", seed: "-seed",
		says: []string{"TRAINING MODEL\nx_max: 100.0\nalpha: 0.75\n", "11/24/26 - 02:00.00PM, iter: 001, cost: 0.1\n", "iter: 002, cost: 0.05\n"},
	},
	"wego": {
		options: "--input --output --batch --dim --goroutines --initlr --iter --log-batch --max-count --max-depth --min-count --min-lr --model --optimizer --sample --threshold --update-lr-batch --vec-type --window",
		words:   1, switches: "--in-memory --prof --to-lower --verbose", output: "--output",
		says: []string{"read 2 words 1ms\r\n", "trained 2 words 1ms\r\n", "trained 2 words 1ms\r\nsaved 2 words 1ms\r\n"},
	},
	"python3": {words: 2, says: []string{"part vocabulary\n", "part train\n", "part save\n"}},
}

func (s standIn) run(name string, args []string) int {
	if name == "python3" && args[0] == "-c" { // asked for the version
		fmt.Println("4.9.9")
		return 0
	}
	if err := record(call{Name: name, Args: args, CPUs: ownProcessors()}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	values, err := s.parse(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for os.Getenv(standInFloods) == name {
		fmt.Println(strings.Repeat("flood ", 1000))
	}
	if os.Getenv(standInFails) == name {
		fmt.Fprint(os.Stderr, "reading\r 50%\rreading 100%\nout of luck\n")
		return 3
	}
	vectors, seed := values[s.output]+s.extension, values[s.seed]
	if name == "python3" {
		var g gensimSettings
		if err := json.Unmarshal([]byte(args[1]), &g); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		vectors, seed = g.Output, strconv.Itoa(g.Seed)
	}
	if os.Getenv(standInHangs) == name+seed {
		time.Sleep(time.Hour)
	}
	if mib, _ := strconv.Atoi(os.Getenv(standInMemory)); mib > 0 {
		room := make([]byte, mib<<20)
		for i := 0; i < len(room); i += 1 << 10 {
			room[i] = 1
		}
	}
	for i, said := range s.says {
		if i == 1 {
			spin(30 * time.Millisecond) // the training
		}
		fmt.Fprint(os.Stderr, said)
		time.Sleep(20 * time.Millisecond)
	}
	if s.stdout != "" {
		fmt.Print(s.stdout)
		return 0
	}
	if err := writeVectors(vectors, name+seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// parse returns the values of the options. Unknown options are an error.
func (s standIn) parse(args []string) (map[string]string, error) {
	values := map[string]string{}
	if len(args) < s.words {
		return nil, fmt.Errorf("%d arguments", len(args))
	}
	for rest := args[s.words:]; len(rest) > 0; {
		name := rest[0]
		switch {
		case slices.Contains(strings.Fields(s.switches), name):
			rest = rest[1:]
			continue
		case !slices.Contains(strings.Fields(s.options), name):
			return nil, fmt.Errorf("unknown option %s", name)
		case len(rest) < 2:
			return nil, fmt.Errorf("no value for %s", name)
		}
		values[name] = rest[1]
		rest = rest[2:]
	}
	return values, nil
}

// spin uses the processor for a time.
func spin(d time.Duration) {
	for begin := machine.CPUTime(); machine.CPUTime()-begin < d; {
	}
}

// standInWords is the number of words in the vectors of stand-ins.
const standInWords = 40

// writeVectors writes vectors that depend on the seed a little.
func writeVectors(path, seed string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d 4\n", standInWords)
	shift := rand.New(rand.NewPCG(uint64(len(seed)), uint64(seed[len(seed)-1])))
	fixed := rand.New(rand.NewPCG(1, 1))
	for i := range standInWords {
		fmt.Fprintf(&b, "word%d", i)
		for range 4 {
			fmt.Fprintf(&b, " %.4f", fixed.NormFloat64()+0.2*shift.NormFloat64())
		}
		b.WriteByte('\n')
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

func record(c call) error {
	f, err := os.OpenFile(os.Getenv(standInCalls), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	return json.NewEncoder(f).Encode(c)
}

// install writes stand-ins for all tools to a directory, and returns it with a function that returns the
// recorded calls.
func install(t *testing.T) (dir string, calls func() []call) {
	t.Helper()
	dir = t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name := range standIns {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(t.TempDir(), "calls")
	t.Setenv(standInCalls, log)
	return dir, func() []call {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		var list []call
		for line := range strings.Lines(string(text)) {
			var c call
			if err := json.Unmarshal([]byte(line), &c); err != nil {
				t.Fatal(err)
			}
			list = append(list, c)
		}
		return list
	}
}
