//go:build linux

package e2e

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// newInputs returns a victim with vectors of its text and evaluation sets.
func newInputs(t *testing.T) *victim {
	t.Helper()
	v := newVictim(t)
	for _, name := range []string{"similarity.tsv", "analogies.txt"} {
		v.write(name, []byte(read(t, filepath.Join(root, "testdata", "demo", name))))
	}
	v.shell(0, "kindred train --input text.txt --output v.txt --dim 4 --epochs 1 --quiet --save-vocab words.txt")
	return v
}

func (v *victim) writeGzip(name string, data []byte) {
	v.t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		v.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		v.t.Fatal(err)
	}
	v.write(name, b.Bytes())
}

// writeZip writes an archive of some files of the victim.
func (v *victim) writeZip(name string, members ...string) {
	v.t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		w, err := z.Create(m)
		if err != nil {
			v.t.Fatal(err)
		}
		if _, err := w.Write(v.read(m)); err != nil {
			v.t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		v.t.Fatal(err)
	}
	v.write(name, b.Bytes())
}

func (v *victim) writeEncoded(name string, e encoding.Encoding, text []byte) {
	v.t.Helper()
	data, err := e.NewEncoder().Bytes(text)
	if err != nil {
		v.t.Fatal(err)
	}
	v.write(name, data)
}

// Files that are no text, no vectors and no set are named, with what helps, by every reader.
func TestForeignInputs(t *testing.T) {
	v := newInputs(t)
	v.writeZip("two.zip", "text.txt", "similarity.tsv")
	v.writeZip("one.zip", "text.txt")
	v.writeGzip("page.pdf.gz", []byte("%PDF-1.4\n"))
	for name, file := range map[string]struct{ head, want string }{
		"a.7z":        {"7z\xbc\xaf\x27\x1c\x00\x04", "a 7z archive.*7z x a.7z"},
		"a.rar":       {"Rar!\x1a\x07\x01\x00", "a RAR archive.*unrar x a.rar"},
		"a.lz4":       {"\x04\x22\x4d\x18\x64\x40\xa7", "compressed by lz4.*lz4 -d a.lz4"},
		"a.Z":         {"\x1f\x9d\x90\x74\xd0", `compressed by compress (.Z)*gzip -dc a.Z`},
		"a.lzma":      {"\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x3a", "compressed by lzma*xz --format=lzma -dc a.lzma"},
		"a.pdf":       {"%PDF-1.4\n%\xe2\xe3\n", "a PDF document*pdftotext a.pdf"},
		"a.doc":       {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "an office document of Microsoft*libreoffice"},
		"a.pkl":       {"\x80\x04\x95\x13\x00\x00\x00\x00\x00\x00\x00}", "a Python pickle"},
		"a.npy":       {"\x93NUMPY\x01\x00v\x00{", "a NumPy array"},
		"a.ftz":       {"\xba\x16\x4f\x2f\x0c\x00\x00\x00", "a fastText model (.bin or .ftz)*the file ends in its header"},
		"a.h5":        {"\x89HDF\r\n\x1a\n\x00", "an HDF5 file"},
		"a.db":        {"SQLite format 3\x00", "an SQLite database"},
		"a.out":       {"\x7fELF\x02\x01\x01", "a program (ELF)"},
		"a.png":       {"\x89PNG\r\n\x1a\n\x00", "an image (PNG)"},
		"a.u16":       {"\xff\xfet\x00h\x00e\x00 \x00c\x00a\x00t\x00\n\x00", "text in UTF-16*iconv -f UTF-16 -t UTF-8 a.u16"},
		"a.u16le":     {strings.Repeat("t\x00h\x00e\x00 \x00c\x00a\x00t\x00\n\x00", 9), "text in UTF-16LE without a byte-order mark*iconv -f UTF-16LE"},
		"zeros":       {strings.Repeat("\x00", 4096), "binary data"},
		"two.zip":     {"", `a zip archive of 2 files: "text.txt", "similarity.tsv"*unzip two.zip`},
		"page.pdf.gz": {"", "a PDF document compressed by gzip"},
	} {
		if file.head != "" {
			v.write(name, []byte(file.head))
		}
		parts := strings.Split(strings.ReplaceAll(file.want, ".*", "*"), "*")
		for _, command := range []string{
			"vocab --input " + name, "train --quiet --output out.txt --input " + name, "nearest " + name + " the",
			"eval v.txt " + name, "eval v.txt --similarity " + name, "vocab --input text.txt --keep-words " + name,
			"vocab --input text.txt --filter stop:@" + name, "train --input text.txt --output out.txt --vocab " + name,
			"ablate --input text.txt --output results --plan " + name, "bench " + name,
		} {
			said := v.shell(1, "kindred "+command)
			if !strings.Contains(said, parts[0]) || !strings.Contains(said, name) {
				t.Errorf("kindred %s says %s, want %q", command, said, file.want)
			}
			if len(parts) > 1 && strings.HasPrefix(command, "nearest") && !strings.Contains(said, parts[1]) {
				t.Errorf("kindred %s says %s, want %q", command, said, file.want)
			}
		}
		if _, err := os.Stat(v.path("out.txt")); err == nil {
			t.Fatalf("vectors were trained on %s", name)
		}
	}
	// Sets are skipped in directories, and the reason is said.
	v.shell(0, "mkdir sets; cp similarity.tsv a.pdf sets; ln -s nowhere sets/dangling")
	said := v.shell(0, "kindred eval v.txt sets")
	for _, want := range []string{"sets/a.pdf: skipped, this is a PDF document", "sets/dangling: skipped, a link to a file that does not exist", "similarity, 300 items"} {
		if !strings.Contains(said, want) {
			t.Errorf("the program says %s, want %q", said, want)
		}
	}
	if said := v.shell(1, "kindred vocab --input sets"); !strings.Contains(said, "sets/dangling is a link to a file that does not exist") {
		t.Errorf("the program says %s", said)
	}
	if said := v.shell(1, "cat one.zip | kindred vocab --input -"); !strings.Contains(said, "a zip archive that comes from a pipe") {
		t.Errorf("the program says %s", said)
	}
}

// A file gives the same result if it is compressed, or the only one in a zip archive.
func TestCompressedInputs(t *testing.T) {
	v := newInputs(t)
	for _, name := range []string{"text.txt", "v.txt", "similarity.tsv", "words.txt"} {
		v.writeGzip(name+".gz", v.read(name))
		v.writeZip(name+".zip", name)
	}
	packed := v.read("text.txt.gz")
	v.write("text.txt.gz", append(bytes.Clone(packed), make([]byte, 512)...)) // as on a tape
	stop := []byte("the\nof\n")
	v.write("stop", stop)
	v.writeGzip("stop.gz", stop)
	v.writeZip("stop.zip", "stop")
	for _, command := range []string{
		"vocab --input text.txt%s", "eval v.txt%s similarity.tsv --resamples 0 --json 2>/dev/null", "eval v.txt similarity.tsv%s --resamples 0 --json 2>/dev/null",
		"nearest v.txt%s the", "vocab --input text.txt --filter stop:@stop%s 2>/dev/null", "vocab --input text.txt --keep-words stop%s 2>/dev/null",
		"train --input text.txt --vocab words.txt%s --output w.txt --dim 2 --epochs 1 --quiet && cat w.txt",
	} {
		run := func(extension string) string {
			return v.shell(0, "kindred "+strings.ReplaceAll(command, "%s", extension))
		}
		want := run("")
		for _, extension := range []string{".gz", ".zip"} {
			got := strings.ReplaceAll(run(extension), extension, "")
			if clean(got) != clean(want) {
				t.Errorf("kindred %s with %s prints %.300s, want %.300s", command, extension, got, want)
			}
		}
	}
	for _, after := range []string{"x", "garbage", "garbage of more than ten bytes"} {
		v.write("g.gz", append(bytes.Clone(packed), after...))
		if said := v.shell(1, "kindred vocab --input g.gz"); !strings.Contains(said, "something that is not gzip follows the end of the gzip stream") {
			t.Errorf("with %q behind the stream the program says %s", after, said)
		}
	}
}

// clean removes the paths, sizes and times that may differ from an output.
func clean(out string) string {
	var lines []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "Input") && !strings.HasPrefix(line, "Analyzer") {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
	}
	return strings.Join(lines, "\n")
}

// Text in any encoding that has a name gives the vectors of the same text in UTF-8, and lists and sets
// may be in either.
func TestEncodings(t *testing.T) {
	v := newInputs(t)
	text := v.read("text.txt")
	accents := bytes.ReplaceAll(text, []byte("e"), []byte("é"))
	chinese := bytes.ReplaceAll(text, []byte("the"), []byte("中文"))
	for _, test := range []struct {
		name     string
		encoding encoding.Encoding
		text     []byte
		spoils   bool // most words if the encoding is not named
	}{
		{"latin1", charmap.ISO8859_1, accents, true},
		{"CP1252", charmap.Windows1252, accents, true},
		{"ISO-8859-15", charmap.ISO8859_15, accents, true},
		{"cp437", charmap.CodePage437, accents, true},
		{"GBK", simplifiedchinese.GBK, chinese, true},
		{"cp936", simplifiedchinese.GBK, chinese, true},
		{"utf-16", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), accents, false},
		{"UTF-16LE", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), accents, false},
		{"utf_16_be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), chinese, false},
	} {
		v.write("plain.txt", test.text)
		v.writeEncoded("encoded.txt", test.encoding, test.text)
		v.writeGzip("encoded.txt.gz", v.read("encoded.txt"))
		v.shell(0, "kindred train --quiet --dim 3 --epochs 1 --input plain.txt --output want.txt")
		for _, input := range []string{"encoded.txt", "encoded.txt.gz"} {
			if said := v.shell(0, "kindred train --quiet --dim 3 --epochs 1 --input "+input+" --output got.txt --encoding "+test.name); said != "" {
				t.Errorf("%s: the program says %s", test.name, said)
			}
			if !bytes.Equal(v.read("got.txt"), v.read("want.txt")) {
				t.Errorf("%s in %s: other vectors than of UTF-8", input, test.name)
			}
		}
		if !test.spoils {
			continue
		}
		said := v.shell(0, "kindred train --quiet --dim 3 --epochs 1 --input encoded.txt --output got.txt")
		if !strings.Contains(said, "had bytes that are not UTF-8, and are spoiled") || !strings.Contains(said, "--encoding") || !strings.Contains(said, "iconv") {
			t.Errorf("%s without its name: the program says %q", test.name, said)
		}
	}
	// Lists and sets: in the encoding, or in UTF-8.
	v.write("plain.txt", accents)
	v.writeEncoded("encoded.txt", charmap.ISO8859_1, accents)
	v.write("list", []byte("thé\n"))
	v.writeEncoded("list.latin1", charmap.ISO8859_1, []byte("thé\n"))
	v.write("set.tsv", bytes.ReplaceAll(v.read("similarity.tsv"), []byte("e"), []byte("é")))
	v.writeEncoded("set.latin1.tsv", charmap.ISO8859_1, v.read("set.tsv"))
	want := v.shell(0, "kindred vocab --input plain.txt --filter stop:@list 2>/dev/null")
	for _, list := range []string{"list", "list.latin1"} {
		if got := v.shell(0, "kindred vocab --input encoded.txt --encoding latin1 --filter stop:@"+list+" 2>/dev/null"); got != want {
			t.Errorf("%s: another vocabulary", list)
		}
	}
	for _, set := range []string{"set.tsv", "set.latin1.tsv"} {
		if said := v.shell(0, "kindred eval want.txt "+set+" --encoding latin1"); !strings.Contains(said, "300 items") {
			t.Errorf("%s: the program says %s", set, said)
		}
	}
	if said := v.shell(1, "kindred eval want.txt set.latin1.tsv"); !strings.Contains(said, "not UTF-8 text") {
		t.Errorf("the program says %s", said)
	}
	v.shell(2, "kindred vocab --input encoded.txt --encoding no-such")
	// A resumed training reads the text as the first did.
	v.shell(0, "kindred train --quiet --dim 3 --epochs 1 --input encoded.txt --encoding latin1 --output a.txt --checkpoint state")
	v.shell(0, "kindred train --quiet --epochs 2 --resume state --output b.txt")
	v.shell(0, "kindred train --quiet --dim 3 --epochs 2 --input plain.txt --output c.txt")
}

// An interrupt ends the wait for a pipe that nobody writes, whatever was to be read from it.
func TestInterruptEndsTheWaitForPipes(t *testing.T) {
	v := newInputs(t)
	if err := syscall.Mkfifo(v.path("pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	v.write("bench.toml", []byte("input = [\"text.txt\"]\n[[tool]]\nname = \"kindred\"\n[evaluation]\nsets = [\"pipe\"]\n"))
	for _, command := range []string{
		"vocab --input pipe", "train --input pipe --output o1.txt", "train --input text.txt --output o2.txt --vocab pipe",
		"train --input text.txt --output o3.txt --keep-words pipe", "train --input text.txt --output o4.txt --init pipe",
		"vocab --input text.txt --filter stop:@pipe", "eval pipe similarity.tsv", "eval v.txt pipe", "eval v.txt --similarity pipe",
		"eval v.txt --analogies pipe", "compare v.txt x=pipe --sets similarity.tsv", "compare a=v.txt b=v.txt --sets pipe",
		"nearest pipe the", "nearest v.txt the --among pipe", "analogy pipe a b c", "similarity pipe a b", "vectors pipe a",
		"convert pipe o1.bin", "convert v.txt o2.bin --words pipe", "ablate --input text.txt --output results1 --plan pipe",
		"ablate --input pipe --output results2 --vary dim=2", "ablate --input text.txt --output results3 --vary dim=2 --sets pipe",
		"bench pipe", "bench bench.toml",
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			cmd, out := v.command(append([]string{"kindred"}, strings.Fields(command)...)...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- cmd.Wait() }()
			time.Sleep(time.Second)
			_ = cmd.Process.Signal(os.Interrupt)
			select {
			case err := <-done:
				if code := exitCode(t, err); code != 130 {
					t.Errorf("exit code %d, want 130: %s", code, out)
				}
			case <-time.After(20 * time.Second):
				_ = cmd.Process.Kill()
				t.Errorf("it does not end: %s", out)
			}
		})
	}
}

// A pipe in place of a file that the program itself writes is left alone and never waited for.
func TestPipesInPlaceOfOwnFiles(t *testing.T) {
	v := newInputs(t)
	v.train(0, "--input", "text.txt", "--dim", "4", "--epochs", "1", "--output", "w.bin", "--checkpoint", "state")
	for _, path := range v.cached() {
		if err := os.Remove(v.path(path)); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(v.path(path), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"state/checkpoint-999999999999999999.safetensors", "v2.txt.manifest.json"} {
		if err := syscall.Mkfifo(v.path(path), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	v.write("v2.txt", v.read("v.txt"))
	for _, command := range []string{
		"train --input text.txt --dim 4 --epochs 1 --output w2.bin --quiet", "train --resume state --epochs 2 --output w3.bin --quiet", "nearest v2.txt the",
	} {
		said := v.shell(0, "timeout -k 1 60 kindred "+command)
		if strings.Contains(command, "v2.txt") && !strings.Contains(said, "not a regular file") {
			t.Errorf("kindred %s says %s", command, said)
		}
	}
}

// Lists and vocabularies say what is odd about them, and where.
func TestOddLists(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	v := newInputs(t)
	long := strings.Repeat("x", 70000)
	v.write("long", []byte("the\n"+long+"\n"))
	v.write("longer", []byte("the\n"+strings.Repeat(long, 20)+"\n"))
	v.write("marked", []byte("\uFEFFthe\r\nof\r\n"))
	v.write("mac", []byte("the\rof\r"))
	v.write("twice", []byte("the\nof\nthe\n"))
	v.write("empty", nil)
	v.write("two words", []byte("the\nof it\n"))
	v.write("zeros", []byte("the 5\nof 0\nand 0\n"))
	v.write("all zeros", []byte("the 0\nof 0\n"))
	v.write("marked words", append([]byte("\uFEFF"), v.read("words.txt")...))
	for _, test := range []struct {
		code          int
		command, want string
	}{
		{0, "vocab --input text.txt --keep-words long", "1 word of --keep-words not in the vocabulary"},
		{1, "vocab --input text.txt --keep-words longer", "longer:2: the line is longer than 1048576 bytes"},
		{0, "vocab --input text.txt --min-count 1000000 --keep-words marked", "\nof "},
		{0, "vocab --input text.txt --min-count 1000000 --keep-words mac", "\nof "},
		{0, "vocab --input text.txt --keep-words twice", "twice: 1 line with a word that came before"},
		{0, "vocab --input text.txt --filter stop:@twice", "twice: 1 line with a word that came before"},
		{0, "vocab --input text.txt --keep-words empty", "empty holds no word"},
		{1, "vocab --input text.txt --filter stop:@empty", "empty holds no word"},
		{1, "vocab --input text.txt --keep-words 'two words'", "two words:2: want one word"},
		{1, "vocab --input text.txt --filter 'stop:@two words'", "two words:2: want one word"},
		{1, "train --input text.txt --output o.txt --vocab empty", "empty: the file is empty, expected a word and its count"},
		{1, "train --input text.txt --output o.txt --vocab 'all zeros'", "all of the 2 words have the count 0"},
		{1, "train --input text.txt --output o.txt --vocab zeros --dim 2 --quiet", "zeros: 2 words with the count 0 left out"},
		{0, "train --input text.txt --output o.txt --vocab 'marked words' --dim 2 --epochs 1 && grep '^the ' o.txt", "the "},
		{1, "nearest v.txt <long", `no vector for "xxxx`},
		{1, "nearest v.txt <longer", "standard input:2: the line is longer than"},
		{0, "kindred nearest v.txt --top 1 <mac >mac.out; printf 'the\\nof\\n' | kindred nearest v.txt --top 1 | cmp - mac.out && echo alike", "alike"},
		{1, "vocab --input text.txt --keep-words /dev/zero", "/dev/zero is binary data"},
		{1, "vocab --input text.txt --filter stop:@/dev/zero", "/dev/zero is binary data"},
		{1, "eval v.txt /dev/zero", "/dev/zero: this is binary data"},
		{1, "nearest /dev/zero the", "/dev/zero is binary data"},
		{1, "(printf '1 1\\na '; cat /dev/zero | tr '\\0' ' ') | kindred nearest /dev/stdin the", "the line is longer than"},
		{1, "(printf '1 1\\na '; cat /dev/zero | tr '\\0' '1') | kindred nearest /dev/stdin the", "the line is longer than"},
		{1, "yes | kindred vocab --input text.txt --filter stop:@/dev/stdin", "too many for a list of words"},
	} {
		command := test.command
		if !strings.Contains(command, "| kindred") {
			command = "kindred " + command
		}
		if said := v.shell(test.code, "ulimit -v 8000000; "+command); !strings.Contains(said, test.want) {
			t.Errorf("%s says %.300s, want %q", command, said, test.want)
		}
	}
}
