package cli

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The options of other tools, from their sources: word2vec.c 0.1c, fastText 0.9.2 (train and quantize),
// and gensim 4 (Word2Vec, evaluate_word_pairs, evaluate_word_analogies, most_similar and
// load_word2vec_format).
var otherTools = map[string]string{
	"train": `-train -output -size -window -sample -hs -negative -threads -iter -min-count -alpha -classes -debug -binary -save-vocab -read-vocab -cbow
		-input -verbose -minCount -minCountLabel -wordNgrams -bucket -minn -maxn -t -label -lr -lrUpdateRate -dim -ws -epoch -neg -loss -thread
		-pretrainedVectors -saveOutput -seed -autotune-validation -autotune-metric -autotune-predictions -autotune-duration -autotune-modelsize
		-cutoff -retrain -qnorm -qout -dsub
		--sentences --corpus_file --vector_size --alpha --window --min_count --max_vocab_size --sample --seed --workers --min_alpha --sg --hs
		--negative --ns_exponent --cbow_mean --hashfxn --epochs --null_word --trim_rule --sorted_vocab --batch_words --compute_loss --callbacks
		--comment --max_final_vocab --shrink_windows`,
	"eval":    "--delimiter --restrict_vocab --case_insensitive --dummy4unknown --similarity_function --limit --unicode_errors --datatype --no_header --fvocab",
	"nearest": "--negative --topn --clip_start --clip_end --restrict_vocab --indexer --limit --unicode_errors --datatype --no_header --fvocab",
	"convert": "--limit --unicode_errors --datatype --no_header --fvocab",
}

// TestForeignCommands checks that the answer to a command of another tool names commands that exist.
func TestForeignCommands(t *testing.T) {
	commands := testProgram()
	named := regexp.MustCompile(`"kindred ([a-z]+)`)
	for name, answer := range foreignCommands {
		if findCommand(commands, name) != nil {
			t.Errorf("%s has an answer and is a command", name)
		}
		for _, match := range named.FindAllStringSubmatch(answer, -1) {
			if findCommand(commands, match[1]) == nil {
				t.Errorf("the answer to %s names %q, which is no command", name, match[1])
			}
		}
		if _, err := normalize(commands, []string{"kindred", name, "-input", "x"}); err == nil || !strings.Contains(err.Error(), answer) {
			t.Errorf("%s: %v, want %q", name, err, answer)
		}
	}
}

// TestForeignFlags checks that every option of the other tools works or has an answer. An answer names
// only flags that the command has.
func TestForeignFlags(t *testing.T) {
	commands := testProgram()
	for name, options := range otherTools {
		c := findCommand(commands, name)
		for _, option := range strings.Fields(options) {
			if findFlag(c.flags, option) != nil {
				continue
			}
			_, err := (&line{command: c, given: map[string]string{}}).readFlag(option, []string{"zzz"})
			if err == nil || strings.Contains(err.Error(), "no flag is called") || !errors.As(err, new(usageError)) {
				t.Errorf("%s %s: %v", name, option, err)
			}
		}
	}
	named := regexp.MustCompile(`[ ("]--?[A-Za-z][A-Za-z_-]*`)
	for name, flags := range foreignFlags {
		c := findCommand(commands, name)
		var seen []string
		for _, f := range flags {
			if findFlag(c.flags, "--"+f.name) != nil || slices.Contains(seen, f.name) {
				t.Errorf("%s: --%s has an answer and is a flag, or has two", name, f.name)
			}
			seen = append(seen, f.name)
			for _, option := range named.FindAllString(" "+f.answer, -1) {
				if option = option[1:]; flagName(option) != f.name && findFlag(c.flags, option) == nil {
					t.Errorf("%s: the answer to --%s names %s, which is no flag", name, f.name, option)
				}
			}
			for _, value := range f.same {
				if n, ok, err := readForeignFlag(c, "--"+f.name, []string{value, "x"}); n != 1 || !ok || err != nil {
					t.Errorf("%s --%s %s: %d, %v, %v", name, f.name, value, n, ok, err)
				}
			}
		}
	}
}
