package analysis

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"kindred/corpus/source"
)

// parse returns the analyzer with the given description.
func parse(t testing.TB, description string) *Analyzer {
	t.Helper()
	parts := strings.Split(description, "|")
	a, err := Parse(parts[0], parts[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnalyzer(t *testing.T) {
	for _, test := range []struct {
		analyzer, text, want string // tokens with | between them
	}{
		{"whitespace", "The  cat,\tsat.\r\n\fOn \vmats", "The|cat,|sat.|On|mats"},
		{"whitespace", "a\u00a0b\u0085c\u1680d\u2000e\u2007f\u200ag\u2028h\u2029i\u202fj\u205fk\u3000l", "a|b|c|d|e|f|g|h|i|j|k|l"},
		{"whitespace", "a\x1cb\x1dc\x1ed\x1fe", "a|b|c|d|e"},
		{"whitespace", "\ufeffa\ufeffb\u200bc", "a|b|c"},
		{"whitespace", "a\x00b\x01c\x7fd\u0080e\u009ff", "a|b|c|d|e|f"},
		{"whitespace", "می\u200cخواهم co\u00adop 👩\u200d🚀", "می\u200cخواهم|co\u00adop|👩\u200d🚀"},
		{"whitespace", "caf\xe9 \xff\xfe x\xe2\x82", "caf\ufffd|\ufffd\ufffd|x\ufffd\ufffd"},
		{"whitespace", "longish-ascii-words and à-mixed-ones-with-ends-é", "longish-ascii-words|and|à-mixed-ones-with-ends-é"},
		{"whitespace", " \n\t ", ""},

		{"unicode", "The cat's 3.14 U.S.A. (don't) -- e-mail, x_y _ !", "The|cat's|3.14|U.S.A|don't|e|mail|x_y"},
		{"unicode", "a.b a. .b a:b 1,000,000 1,x 'quoted' \"double\"", "a.b|a|b|a:b|1,000,000|1|x|quoted|double"},
		{"unicode", "Ελληνικά, «русский» हिन्दी עברית", "Ελληνικά|русский|हिन्दी|עברית"},
		{"unicode", "中文。日本 カタカナ", "中|文|日|本|カタカナ"},
		{"unicode", "I ❤️ 👩\u200d🚀👍🏽 🇩🇪🇫🇷 1️⃣ → €", "I|❤️|👩\u200d🚀|👍🏽|🇩🇪|🇫🇷|1️⃣"},
		{"unicode", "a\u202fb\ufeffc\u00a0d", "a|b|c|d"},
		{"unicode", "caf\xe9s", "caf|s"},
		{"unicode", "naïve e\u0301te\u0301 a\u0301", "naïve|e\u0301te\u0301|a\u0301"},

		{"whitespace|lower", "ÀÉ Straße ΣΊΣΥΦΟΣ İI ǅ plain CAPS miXed-Ünd", "àé|straße|σίσυφοσ|ii|ǆ|plain|caps|mixed-ünd"},
		{"whitespace|nfc", "e\u0301 \u212b ﬁ", "é|Å|ﬁ"},
		{"whitespace|nfkc", "ﬁne ① ｗｉｄｅ x\u00a8y \ufdfa", "fine|1|wide|x|\u0308y|صلى|الله|عليه|وسلم"},
		{"whitespace|fold", "Café naïve Ångström Łódź smørrebrød Ærø ĐĐ œuvre ГРОЗНЫЙ ἀρχή", "Cafe|naive|Angstrom|Lodz|smorrebrod|AEro|DD|oeuvre|ГРОЗНЫИ|αρχη"},
		{"whitespace|fold", "हिन्दी שָׁלוֹם が ภาษาไทยดี 한국어 كِتاب", "हिन्दी|שָׁלוֹם|が|ภาษาไทยดี|한국어|كتاب"},
		{"whitespace|fold", "a \u0301\u0302 b", "a|b"},
		{"whitespace|digits:zero", "1984 mp3 ٣٤ x ½", "0000|mp0|00|x|½"},
		{"whitespace|digits:drop", "1984 mp3 3.14 x", "x"},
		{"whitespace|digits:drop-numbers", "1984 mp3 3.14 50% x !", "mp3|x|!"},
		{"logs", "2005-06-03-15.42.50.675872 R02-M1-N0 LOAD_MESSAGE to 172.16.96.116:33569, (0x0b85eee0)", "2005-06-03-15.42.50.675872|R02|M1|N0|LOAD_MESSAGE|to|172.16.96.116:33569|0x0b85eee0"},
		{"logs", "__init__() _ ... a_ 10:59. v1.2 2026-11-27T08:00:01Z größer/ok", "init|a|10:59|v1|2|2026-11-27T08:00|01Z|größer|ok"},
		{"logs|lower|digits:mask", "2005-06-03-15.42.50.675872 R02 172.16.96.116:33569 0x0b85eee0 ce64 dead deaf1 10ms", "0|r0|0|0x0|0x0|dead|0x0|0ms"},
		{"whitespace|digits:mask", "blk_-1608999687919862906 a1b2c3d4z9 550e8400 1st ٣٤ 0x 0xfg 2026-11-27T08:00:01", "blk_-0|0id|0x0|0st|0|0x|0xfg|0"},
		{"whitespace|min-length:2", "a é bc 中 中文", "bc|中文"},
		{"whitespace|max-length:2", "a éé bcd 中文字", "a|éé"},
		{"whitespace|stop:english", "the cat and The dog", "cat|The|dog"},
		{"whitespace|lower", "ΟΔΟΣ ISPARTA İzmir", "οδοσ|isparta|izmir"},
		{"whitespace|lower:turkish", "ISPARTA İzmir I\u0307zmir ÇIĞ şey A1 ΟΔΟΣ", "ısparta|izmir|izmir|çığ|şey|a1|οδοσ"},
		{"whitespace|lower:greek", "ΟΔΟΣ Οδυσσεύς ΣΟΦΟΣ, Σ ΆΣ\u0301 ΣΑΣΜΕΝΟΣ’ I", "οδος|οδυσσεύς|σοφος,|σ|άς\u0301|σασμενος’|i"},
		{"whitespace|lower|stop:english", "the cat and The dog", "cat|dog"},
		{"whitespace|stem:english", "running connections", "run|connect"},
		{"whitespace|nfkc|min-length:2", "\ufdfa ① x\u00a8", "صلى|الله|عليه|وسلم"},
	} {
		got := strings.Join(parse(t, test.analyzer).Tokens(test.text), "|")
		if got != test.want {
			t.Errorf("%s: %q gives\n%q, want\n%q", test.analyzer, test.text, got, test.want)
		}
	}
}

func TestStems(t *testing.T) {
	for language, words := range map[string][2]string{
		"english":   {"national Nationality the", "nation|nation|the"},
		"french":    {"continuellement", "continuel"},
		"hungarian": {"házakban", "ház"},
		"norwegian": {"havnedistriktene", "havnedistrikt"},
		"russian":   {"важная важнейшими", "важн|важн"},
		"spanish":   {"chicas", "chic"},
		"swedish":   {"klostergården", "klostergård"},
		// As stemwords of libstemmer 2.2 gives them.
		"danish":     {"undersøgelserne", "undersøg"},
		"dutch":      {"lichamelijkheden", "licham"},
		"finnish":    {"taloissammekin", "talo"},
		"german":     {"aufeinanderfolgenden Häuser straße", "aufeinanderfolg|Haus|strass"},
		"italian":    {"abbandonatamente", "abbandonat"},
		"portuguese": {"quilométricas", "quilométr"},
		"turkish":    {"evlerimizden", "ev"},
	} {
		if got := strings.Join(parse(t, "whitespace|stem:"+language).Tokens(words[0]), "|"); got != words[1] {
			t.Errorf("%s: %q gives %q, want %q", language, words[0], got, words[1])
		}
	}
	if len(languages) != 14 {
		t.Errorf("%d languages, this test knows 14", len(languages))
	}
}

func TestStopWords(t *testing.T) {
	for language, word := range map[string]string{
		"english": "the", "french": "dans", "hungarian": "hogy", "norwegian": "ikke", "russian": "они", "spanish": "para", "swedish": "inte",
		"danish": "være", "dutch": "zijn", "finnish": "että", "german": "würde", "italian": "perché", "portuguese": "são", "turkish": "çünkü",
	} {
		if got := parse(t, "whitespace|stop:"+language).Tokens(word + " xyzzy"); len(got) != 1 {
			t.Errorf("%s: %q is not dropped: %q", language, word, got)
		}
	}
}

// Each language has stop words, in lower case and NFC, as filters before stop: make them.
func TestStopWordLists(t *testing.T) {
	for name, words := range stopWords() {
		if _, err := ParseFilter("stop:" + name); err != nil || len(words) < 50 {
			t.Errorf("%s has %d words: %v", name, len(words), err)
		}
		for w := range words {
			if norm.NFC.String(w) != w || strings.ToLower(w) != w {
				t.Errorf("%s: %q", name, w)
			}
		}
	}
}

// writeFiles makes files in a new directory and changes to it.
func writeFiles(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStopWordFile(t *testing.T) {
	writeFiles(t, map[string]string{
		"a": "\ufeffthe\r\n  and \u00a0\n\nof", "same": "of\nand\nthe\n", "other": "of\nand\n",
		"two": "the\nof the\n", "none": " \n\n", "latin1": "the\ncaf\xe9\n",
	})
	a := parse(t, "whitespace|stop:@a")
	if got := strings.Join(a.Tokens("the cat and dog of x the"), " "); got != "cat dog x" {
		t.Errorf("got %q, want the words of the file dropped", got)
	}
	hash := func(name string) string {
		_, hash, _ := strings.Cut(parse(t, "whitespace|stop:@"+name).String(), "#")
		return hash
	}
	if hash("a") != hash("same") || hash("a") == hash("other") || len(hash("a")) != 16 {
		t.Errorf("descriptions end in %q, %q (the same words), %q (other words)", hash("a"), hash("same"), hash("other"))
	}
	for name, want := range map[string]string{
		"missing": "missing", "two": "two:2: want one word", "none": "holds no word", "latin1": "latin1:2: not UTF-8",
	} {
		if _, err := ParseFilter("stop:@" + name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("stop:@%s: error %v, want one with %q", name, err, want)
		}
	}
}

func TestLimitOnTokens(t *testing.T) {
	ok, long := strings.Repeat("é", 4), strings.Repeat("é", 4)+"x" // 8 and 9 bytes
	for _, tokenizer := range Tokenizers() {
		a := parse(t, tokenizer)
		a.MaxTokenBytes = 8
		got, stats := events(t, a, ok+" "+long+" "+ok, 1000)
		if diff := cmp.Diff(eventList{ok, ok, "\n"}, got); diff != "" || stats.Overlong != 1 {
			t.Errorf("%s: %d over-long tokens, want 1 (-want +got):\n%s", tokenizer, stats.Overlong, diff)
		}
	}
	// U+33C2 becomes "a.m." by NFKC: 3 bytes become 4.
	a := parse(t, "whitespace|nfkc")
	a.MaxTokenBytes = 8
	got, stats := events(t, a, "\u33c2\u33c2 \u33c2\u33c2\u33c2 a\u33c2\u33c2", 1000)
	if diff := cmp.Diff(eventList{"a.m.a.m.", "\n"}, got); diff != "" || stats.Overlong != 2 {
		t.Errorf("after a filter: %d over-long tokens, want 2 (-want +got):\n%s", stats.Overlong, diff)
	}
	for set, want := range map[int]int{-1: 1024, 0: 1024, 1: 1, 70000: 65536} {
		if got := (&Analyzer{MaxTokenBytes: set}).limit(); got != want {
			t.Errorf("MaxTokenBytes %d means %d, want %d", set, got, want)
		}
	}
}

func TestStatistics(t *testing.T) {
	text := "The cat\x00sat\x01 on\u0099 a\xff mat 12\n\nthe " + strings.Repeat("x", 2000)
	a := parse(t, "whitespace|min-length:2|lower|stop:english|digits:drop|stop:english")
	_, got := events(t, a, text, 4096)
	want := Statistics{
		Bytes: int64(len(text)), Lines: 3, Tokens: 4, Overlong: 1, InvalidBytes: 1, InvalidTokens: 1, NULs: 1, Controls: 2,
		Dropped: map[string]int64{"min-length:2": 0, "lower": 0, "stop:english": 3, "digits:drop": 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var sum Statistics
	sum.Add(got)
	sum.Add(got)
	sum.Add(Statistics{ForcedCuts: 7})
	skipped := map[string]int64{
		"tokens over the length limit": 2, "invalid UTF-8 bytes": 2, "NUL characters": 2, "control characters": 4, "forced cuts": 7,
		"dropped by stop:english": 6, "dropped by digits:drop": 2,
	}
	if diff := cmp.Diff(skipped, sum.Skipped()); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if sum.Tokens != 8 || sum.Lines != 6 || sum.Bytes != 2*int64(len(text)) {
		t.Errorf("sum %+v, want twice the counts", sum)
	}
}

func TestDescription(t *testing.T) {
	for _, want := range []string{
		"whitespace", "unicode", "whitespace|lower|nfc|min-length:2",
		"unicode|nfkc|fold|digits:zero|digits:drop|digits:drop-numbers|max-length:20|stop:french|stem:french",
	} {
		if got := parse(t, want).String(); got != want {
			t.Errorf("description %q, want %q", got, want)
		}
	}
	if got := (&Analyzer{MaxTokenBytes: 99}).String(); got != "whitespace|max-bytes:99" {
		t.Errorf("description %q", got)
	}
}

func TestUnknownNames(t *testing.T) {
	for _, test := range []struct{ tokenizer, filter, want string }{
		{"whitespaces", "", `unknown tokenizer "whitespaces"; did you mean "whitespace"?; valid are: whitespace, unicode`},
		{"bpe", "", `unknown tokenizer "bpe"; valid are: `},
		{"", "lowr", `unknown filter "lowr"; did you mean "lower"?; valid are: lower, lower:turkish, lower:greek, nfc, `},
		{"", "digits", `did you mean "digits:`},
		{"", "digits:one", `unknown filter "digits:one"`},
		{"", "lower:3", `unknown filter "lower:3"; did you mean "lower"?`},
		{"", "zzz", `unknown filter "zzz"; valid are: lower`},
		{"", "", `unknown filter ""; valid are: `},
		{"", "min-length", `filter "min-length": want min-length:N`},
		{"", "max-length:0", `filter "max-length:0": want max-length:N`},
		{"", "min-length:x", `want min-length:N`},
		{"", "stem:englisch", `unknown language "englisch"; did you mean "english"?; valid are: danish, dutch, english, finnish, french`},
		{"", "stop:", `unknown language ""; valid are: danish`},
	} {
		_, err := Parse(test.tokenizer, test.filter)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Parse(%q, %q): error %v, want %q in it", test.tokenizer, test.filter, err, test.want)
		}
	}
}

// ParseFilter accepts everything that Filters lists, with the capitals replaced.
func TestFiltersParse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "words")
	if err := os.WriteFile(file, []byte("x\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, spelling := range Filters() {
		spelling = strings.NewReplacer("LANGUAGE", "spanish", "@FILE", "@"+file, ":N", ":3").Replace(spelling)
		if f, err := ParseFilter(spelling); err != nil || !strings.HasPrefix(f.Name(), spelling) {
			t.Errorf("ParseFilter(%q) = %v, %v", spelling, f, err)
		}
	}
}

// lineBreaker is a filter that puts line ends and spaces in tokens.
type lineBreaker struct{}

func (lineBreaker) Name() string { return "line-breaker" }
func (lineBreaker) Filter(dst, token []byte) []byte {
	if string(token) == "gone" {
		return append(dst, " \n"...)
	}
	return append(append(append(append(dst, '\n'), token...), "\n \u2028"...), token...)
}

func TestForeignFilter(t *testing.T) {
	a := &Analyzer{Filters: []Filter{lineBreaker{}, lineBreaker{}}}
	got, stats := events(t, a, "a gone b\n", 100)
	want := eventList{"a", "a", "a", "a", "b", "b", "b", "b", "\n"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if stats.Lines != 1 || stats.Tokens != 8 || stats.Dropped["line-breaker"] != 1 {
		t.Errorf("statistics %+v", stats)
	}
}

// The filter cache returns what the filters return.
func TestFilterCache(t *testing.T) {
	a := parse(t, "whitespace|lower|digits:drop|stop:english|nfkc|stem:english|max-length:26")
	var text bytes.Buffer
	for i := range cacheEntries {
		ending := []string{"ings", "Ness", "7", "\u00a8x", "ional-and-longer", "-too-long-for-the-memo", "ﬃ"}[i%7]
		fmt.Fprintf(&text, "%c%c%c%s the running\n", 'a'+i%26, 'A'+i/26%26, 'a'+i/676%26, ending)
	}
	read := func(remember bool) (list eventList, stats Statistics) {
		st := a.NewStream(&list)
		for _, line := range bytes.SplitAfter(text.Bytes(), []byte{'\n'}) {
			if !remember {
				st.cache = nil
				st.counts.Bytes = 0
			}
			st.Analyze(source.Chunk{Data: line})
		}
		if remember && st.cache == nil {
			t.Error("nothing was remembered")
		}
		stats = st.Statistics()
		stats.Bytes = 0
		return list, stats
	}
	want, wantStats := read(false)
	got, stats := read(true)
	if !slices.Equal(want, got) {
		t.Error("the tokens differ")
	}
	if diff := cmp.Diff(wantStats, stats); diff != "" {
		t.Errorf("statistics (-anew +remembered):\n%s", diff)
	}
}

func TestNoAllocationPerToken(t *testing.T) {
	line := []byte(strings.Repeat("the quick brown fox jumps over the lazy dog, naïvely, as MANY times as it likes\n", 1000))
	for _, description := range []string{"whitespace", "unicode", "whitespace|lower|nfc|fold|digits:zero|min-length:2|stop:english|stem:english"} {
		st := parse(t, description).NewStream(discard{})
		st.Analyze(source.Chunk{Data: line}) // fills the cache
		if n := testing.AllocsPerRun(3, func() { st.Analyze(source.Chunk{Data: line}) }); n > 0 {
			t.Errorf("%s: %v allocations for 1000 lines, want none", description, n)
		}
	}
}

// discard is a sink that ignores everything.
type discard struct{}

func (discard) Token([]byte) {}
func (discard) EndLine()     {}
