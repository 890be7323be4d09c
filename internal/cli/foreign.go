package cli

import (
	"slices"
	"strings"
)

// A foreignFlag is a flag of word2vec.c, gensim or fastText that kindred has no setting for. A value
// that asks for what kindred does anyway is accepted. Any other gets the answer.
type foreignFlag struct {
	name   string // with dashes, as [flagName] returns it
	same   []string
	answer string
}

const (
	negativesOnly = "kindred trains by negative sampling only"
	wholeWords    = "kindred trains whole words: there are no character n-grams"
	noLabels      = "vectors have no labels; \"kindred classify train\" learns those of lines"
	noQuantizing  = "kindred does not quantize vectors"
)

// foreignCommands say what to use in place of the commands of fastText and the programs of word2vec.c.
var foreignCommands = map[string]string{
	"skipgram":               "use \"kindred train\"",
	"cbow":                   "use \"kindred train --architecture cbow\"",
	"supervised":             "use \"kindred classify train\"",
	"test":                   "use \"kindred classify test\"; \"kindred eval\" scores vectors",
	"test-label":             "use \"kindred classify test\", which scores each label",
	"predict":                "use \"kindred classify predict\"",
	"predict-prob":           "use \"kindred classify predict\", which prints probabilities",
	"quantize":               noQuantizing,
	"nn":                     "use \"kindred nearest\"",
	"analogies":              "use \"kindred analogy\"",
	"print-word-vectors":     "use \"kindred vectors\"",
	"print-sentence-vectors": "use \"kindred vectors VECTORS --together\"",
	"print-ngrams":           wholeWords,
	"dump":                   "use \"kindred convert\"",
	"word2vec":               "use \"kindred train\"",
	"distance":               "use \"kindred nearest\"",
	"word-analogy":           "use \"kindred analogy\"",
	"compute-accuracy":       "use \"kindred eval\"",
}

// Values that switch a flag on.
var on = []string{"1", "true", "True"}

// foreignFlags are the foreign flags of each command.
var foreignFlags = map[string][]foreignFlag{
	"classify": { // fastText's supervised
		{"verbose", []string{"0", "1", "2"}, "kindred shows its progress unless --quiet is given; leave -verbose out"},
		{"lrUpdateRate", []string{"100"}, "kindred computes the learning rate anew for each batch of lines; leave -lrUpdateRate out"},
		{"label", []string{"__label__"}, "in lines of fastText's form labels begin with __label__; other forms name labels without a prefix"},
		{"ws", []string{"5"}, "a line is a bag of words without a window; leave -ws out"},
		{"saveOutput", []string{"0"}, "models have their output matrix; leave -saveOutput out"},
		{"autotune-validation", nil, "--holdout 10% --patience 3 choose the number of epochs by lines held out"},
	},
	"train": {
		// two or all of them
		{"hs", []string{"0"}, negativesOnly + ": there is no hierarchical softmax; use -hs 0 or leave it out"},
		// word2vec.c
		{"classes", []string{"0"}, "kindred does not cluster words; train without -classes, and cluster the vectors by another program"},
		{"debug", []string{"2"}, "kindred shows its progress unless --quiet is given; leave -debug out"},
		// fastText
		{"loss", []string{"ns"}, negativesOnly + ": there is no other loss; use -loss ns or leave it out"},
		{"wordNgrams", []string{"1"}, "kindred trains single words: there are no word n-grams; use -wordNgrams 1 or leave it out"},
		{"verbose", []string{"1", "2"}, "kindred shows its progress unless --quiet is given; leave -verbose out"},
		{"lrUpdateRate", []string{"100"}, "kindred computes the learning rate anew for each block of text; leave -lrUpdateRate out"},
		{"pretrainedVectors", nil, "training starts from vectors with --init VECTORS; give that in place of -pretrainedVectors"},
		{"saveOutput", nil, "safetensors files hold the output matrix too; name the output VECTORS.safetensors in place of -saveOutput"},
		{"label", nil, noLabels + "; leave -label out"},
		{"minCountLabel", []string{"0"}, noLabels + "; leave -minCountLabel out"},
		{"autotune-validation", nil, noLabels + "; --holdout 1% scores held-out pairs, and --patience stops by that score"},
		{"autotune-metric", nil, noLabels + "; leave -autotune-metric out"},
		{"autotune-predictions", nil, noLabels + "; leave -autotune-predictions out"},
		{"autotune-duration", nil, noLabels + "; \"kindred ablate\" tries several settings"},
		{"autotune-modelsize", nil, noQuantizing + "; leave -autotune-modelsize out"},
		{"cutoff", nil, noQuantizing + "; --max-vocab limits the number of words"},
		{"retrain", nil, noQuantizing + "; leave -retrain out"},
		{"qnorm", nil, noQuantizing + "; leave -qnorm out"},
		{"qout", nil, noQuantizing + "; leave -qout out"},
		{"dsub", nil, noQuantizing + "; leave -dsub out"},
		// gensim
		{"sentences", nil, "text is named with --input FILE…, one sentence per line"},
		{"min-alpha", nil, "the learning rate falls to a ten-thousandth of --lr, as in word2vec.c; leave --min_alpha out"},
		{"max-vocab-size", nil, "--vocab-memory GIB bounds the memory for counting words, and --max-vocab N their number"},
		{"trim-rule", nil, "words are chosen by --min-count, --max-vocab, --keep-words and --vocab; leave --trim_rule out"},
		{"sorted-vocab", on, "words are always sorted by frequency; leave --sorted_vocab out"},
		{"null-word", []string{"0"}, "there is no word for padding; leave --null_word out"},
		{"shrink-windows", on, "the window of each word is drawn from 1 to --window, as in word2vec.c; leave --shrink_windows out"},
		{"batch-words", nil, "the size of a block of text follows from the settings; leave --batch_words out"},
		{"compute-loss", on, "the loss is always computed; --json writes it; leave --compute_loss out"},
		{"hashfxn", nil, "random numbers follow from --seed alone; leave --hashfxn out"},
		{"callbacks", nil, "--json writes the progress and the loss for another program; leave --callbacks out"},
		{"comment", nil, "the manifest describes the vectors; leave --comment out"},
	},
	"eval":    evaluationFlags,
	"compare": evaluationFlags,
	"nearest": searchingFlags,
	"analogy": searchingFlags,
	"convert": loadingFlags, "similarity": loadingFlags, "vectors": loadingFlags,
}

// evaluationFlags are arguments of gensim's evaluate_word_pairs and evaluate_word_analogies.
var evaluationFlags = append([]foreignFlag{
	{"case-insensitive", on, "words are found with or without regard to case unless --case-sensitive is given; leave --case_insensitive out"},
	{"delimiter", nil, "tabs, commas and blanks are recognized; leave --delimiter out"},
	{"similarity-function", nil, "cosines are answered; --method chooses how analogies are"},
}, loadingFlags...)

// searchingFlags are arguments of gensim's most_similar.
var searchingFlags = append([]foreignFlag{
	{"clip-start", []string{"0"}, "--restrict N searches among the N most frequent words, and --among FILE among a list"},
	{"clip-end", nil, "--restrict N searches among the N most frequent words, and --among FILE among a list"},
	{"indexer", nil, "the search is exact and needs no index; leave --indexer out"},
}, loadingFlags...)

// loadingFlags are arguments of gensim's load_word2vec_format.
var loadingFlags = []foreignFlag{
	{"fvocab", nil, "the file of vectors has its words; leave --fvocab out"},
	{"unicode-errors", []string{"strict"}, "words that are not UTF-8 are an error; --skip-bad leaves them out and counts them"},
	{"datatype", nil, "vectors are 32-bit numbers; leave --datatype out"},
	{"no-header", nil, "the format is recognized; --from glove reads text without a header"},
}

// readForeignFlag reports whether arg is a foreign flag of the command, and returns how many of the
// arguments after it belong to it.
func readForeignFlag(c *command, arg string, after []string) (n int, ok bool, err error) {
	flags := foreignFlags[c.name]
	i := slices.IndexFunc(flags, func(f foreignFlag) bool { return f.name == flagName(arg) })
	if i < 0 {
		return 0, false, nil
	}
	_, value, inline := strings.Cut(arg, "=")
	if !inline && len(after) > 0 {
		n, value = 1, after[0]
	}
	if !slices.Contains(flags[i].same, value) {
		return 0, true, usage(flags[i].answer)
	}
	return n, true, nil
}
