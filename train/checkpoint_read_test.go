package train

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/zeebo/xxh3"

	"kindred/model/format"
)

// tinyCheckpoint returns a checkpoint of a few words, and the file as bytes.
func tinyCheckpoint(t testing.TB) (path string, file []byte) {
	t.Helper()
	text := read(t, strings.Repeat("a b a c\n", 3))
	cfg := small()
	cfg.Dim = 1
	dir := openDir(t, t.TempDir())
	if _, err := Run(context.Background(), text, cfg, Options{Checkpoints: &Checkpoints{Dir: dir}}); err != nil {
		t.Fatal(err)
	}
	names, err := dir.Names()
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	path = filepath.Join(dir.Path(), names[0])
	if file, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return path, file
}

// readers keeps the buffers of parseCheckpoint, whose allocation would take most of its time.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 1<<20) }}

// parseCheckpoint is ReadCheckpoint for a file called FILE.
func parseCheckpoint(file []byte) (*Checkpoint, error) {
	native, err := format.ByName("safetensors")
	if err != nil {
		return nil, err
	}
	reader := readers.Get().(*bufio.Reader)
	defer readers.Put(reader)
	reader.Reset(bytes.NewReader(file))
	vectors, err := native.Read(reader, "FILE")
	if err != nil {
		return nil, err
	}
	return newCheckpoint(vectors, "FILE")
}

func TestDamagedCheckpoints(t *testing.T) {
	path, file := tinyCheckpoint(t)
	if _, err := ReadCheckpoint(path); err != nil {
		t.Fatal(err)
	}
	refused := func(what string, content []byte) {
		if _, err := parseCheckpoint(content); err == nil {
			t.Errorf("%s: it was read", what)
		} else if !strings.HasPrefix(err.Error(), "FILE") {
			t.Errorf("%s: the error doesn't say where it is: %v", what, err)
		}
	}
	for bit := range 8 * len(file) {
		content := bytes.Clone(file)
		content[bit/8] ^= 1 << (bit % 8)
		refused(fmt.Sprintf("bit %d of byte %d flipped", bit%8, bit/8), content)
	}
	for n := range file {
		refused(fmt.Sprintf("cut to %d bytes", n), file[:n])
	}
	refused("one byte longer", append(bytes.Clone(file), 0))
}

// sealed returns a safetensors file with its length, and with its hash in place of 32 zeros.
func sealed(header string, data []byte) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	file = append(append(file, header...), data...)
	sum := xxh3.Hash128(file)
	return bytes.Replace(file, []byte(strings.Repeat("0", 32)), fmt.Appendf(nil, "%016x%016x", sum.Hi, sum.Lo), 1)
}

// opened returns the header of a file, with zeros in place of the hash, and its data.
func opened(t testing.TB, file []byte) (header string, data []byte) {
	t.Helper()
	end := 8 + binary.LittleEndian.Uint64(file)
	var entries struct {
		Metadata map[string]string `json:"__metadata__"`
	}
	if err := json.Unmarshal(file[8:end], &entries); err != nil {
		t.Fatal(err)
	}
	return strings.Replace(string(file[8:end]), entries.Metadata["kindred.hash"], strings.Repeat("0", 32), 1), file[end:]
}

// TestImpossibleCheckpoints reads undamaged checkpoints with impossible or unknown contents. The
// error gives the reason.
func TestImpossibleCheckpoints(t *testing.T) {
	_, file := tinyCheckpoint(t)
	header, data := opened(t, file)
	for _, c := range []struct{ old, new, want string }{
		{`"kindred.format":"1"`, `"kindred.format":"2"`, `the file has version "2" of kindred's format, and only "1" can be read`},
		{`{\"version\":3,`, `{\"version\":4,`, "the checkpoint has version 4 and this program knows versions up to 3; use the kindred that wrote it, "},
		{`{\"version\":3,`, `{\"version\":0,`, "the checkpoint has version 0, from which this program would not train on to the same vectors"},
		{`{\"version\":3,`, `{`, "the state of the training has no version"},
		{`{\"version\":3,`, `{\"version\":3,\"moon\":1,`, `unknown field "moon"`},
		{`\"dim\":1,\"window\"`, `\"dim\":1,\"moon\":true,\"window\"`, `the settings: json: unknown field "moon"`},
		{`\"epoch\":2,`, `\"epoch\":3,`, "block 0 of epoch 3 of 2 is next"},
		{`\"epoch\":2,\"block\":0`, `\"epoch\":1,\"block\":-1`, "block -1 of epoch 1 of 2 is next"},
		{`\"text_words\":3`, `\"text_words\":4`, "4 of the 3 words are those of the text"},
		{`\"total\":{\"tokens\":24`, `\"total\":{\"tokens\":25`, "the epochs add up to"},
		{`{\"tokens\":12,`, `{\"tokens\":-12,`, "a tally is"},
		{`\"epochs\":2`, `\"epochs\":1`, "tallies of 2 epochs in a training of 1"},
		{`\"dim\":1,\"window\"`, `\"dim\":2,\"window\"`, "vectors of 1 values in a training of 2 dimensions"},
		{`\"dim\":1,\"window\"`, `\"position_weights\":true,\"dim\":1,\"window\"`, "weights of positions that do not belong to a training with the settings position_weights true and window 5"},
		{`\"window\":5,`, `\"window\":0,`, "the settings: window is 0, want 1 to 4096"},
		{`\"lr\":0.025,`, `\"lr\":-1,`, "the settings: learning rate is -1"},
		{`"kindred.checkpoint"`, `"kindred.checkpoimt"`, "these are vectors, but no checkpoint"},
		{`"kindred.manifest"`, `"kindred.manifesto"`, "the manifest, or the record of text or training in it, is missing"},
	} {
		if !strings.Contains(header, c.old) {
			t.Errorf("%s is not in the header: %s", c.old, header)
			continue
		}
		_, err := parseCheckpoint(sealed(strings.Replace(header, c.old, c.new, 1), data))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "FILE") {
			t.Errorf("%s: error %v, want the path and %q", c.new, err, c.want)
		}
	}
}

// TestCheckpointBeyondTheText refuses to go on at a place that the text does not have.
func TestCheckpointBeyondTheText(t *testing.T) {
	text := read(t, zipfText(1000, 100))
	cfg := small()
	dir := openDir(t, t.TempDir())
	if _, err := Run(context.Background(), text, cfg, Options{Checkpoints: &Checkpoints{Dir: dir}}); err != nil {
		t.Fatal(err)
	}
	for _, next := range []block{{0, 1 << 62}, {0, 1e6}, {0, 1}, {1, 0}, {cfg.Epochs, 1}, {1, math.MaxInt64}} {
		c, _, err := dir.Newest()
		if err != nil {
			t.Fatal(err)
		}
		c.state.Epoch, c.state.Block = next.epoch, next.index
		if _, err := Run(context.Background(), text, cfg, Options{Resume: c}); err == nil || !strings.Contains(err.Error(), "impossible") {
			t.Errorf("block %d of epoch %d is next: %v", next.index, next.epoch, err)
		}
	}
}

// TestUnreadableCheckpoint does not go on from an older checkpoint if the system fails to read the
// newest, as that would then be removed.
func TestUnreadableCheckpoint(t *testing.T) {
	const unreadable = "/proc/self/mem" // the first page of memory can't be read
	if _, err := os.Stat(unreadable); err != nil {
		t.Skip(err)
	}
	_, file := tinyCheckpoint(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, checkpointName(1)), file, 0o644); err != nil {
		t.Fatal(err)
	}
	d := openDir(t, dir)
	newest := filepath.Join(dir, checkpointName(1e9))
	for what, place := range map[string]func() error{
		"damaged":    func() error { return os.WriteFile(newest, file[:len(file)-1], 0o644) },
		"unreadable": func() error { return os.Symlink(unreadable, newest) },
	} {
		if err := place(); err != nil {
			t.Fatal(err)
		}
		c, skipped, err := d.Newest()
		switch {
		case what == "damaged" && (err != nil || len(skipped) != 1 || c == nil):
			t.Errorf("%s: %v, %v", what, skipped, err)
		case what == "unreadable" && (err == nil || !strings.Contains(err.Error(), newest)):
			t.Errorf("%s: %v, %v", what, skipped, err)
		}
		if err := os.Remove(newest); err != nil {
			t.Fatal(err)
		}
	}
}

// FuzzCheckpoint reads files of any header and data with a valid hash. An accepted checkpoint must
// make sense, and training resumes from it or refuses to, without a panic.
func FuzzCheckpoint(f *testing.F) {
	_, file := tinyCheckpoint(f)
	header, data := opened(f, file)
	f.Add(header, data)
	for _, c := range [][2]string{
		{`\"epoch\":2,`, `\"epoch\":1,`}, {`\"block\":0`, `\"block\":9223372036854775807`}, {`\"epochs\":2`, `\"epochs\":1000000000`},
		{`\"text_words\":3`, `\"text_words\":2`}, {`\"loss\":`, `\"loss\":1e308,\"loss\":`}, {`"output"`, `"autput"`},
	} {
		f.Add(strings.Replace(header, c[0], c[1], 1), data)
	}
	text := read(f, strings.Repeat("a b a c\n", 3))
	f.Fuzz(func(t *testing.T, header string, data []byte) {
		c, err := parseCheckpoint(sealed(header, data))
		if err != nil {
			return
		}
		if c.state.Epoch < 0 || c.state.Epoch > c.Config.Epochs || c.Tokens() < 0 || c.Vectors.Output == nil || c.Vectors.Dim() != c.Config.Dim {
			t.Errorf("accepted %+v of %+v", c.state, c.Config)
		}
		if _, err := c.TextVocabulary(); err != nil {
			t.Errorf("the vocabulary of the text: %v", err)
		}
		if c.Config.Epochs > 10 {
			return
		}
		r, err := newRun(text, c.Config, Options{Resume: c})
		if err == nil && r.state().Total != c.state.Total {
			t.Errorf("goes on from %+v, not %+v", r.state(), c.state)
		}
	})
}
