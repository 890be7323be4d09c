package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"kindred/corpus"
	"kindred/corpus/vocab"
	"kindred/model/subword"
	"kindred/train"
)

const trainAbout = `Trains a vector for each word of a text by skip-gram or CBOW with negative sampling. The defaults are those of word2vec.c,
except that all words of a window share their negatives. With --max-n, words are made of their character n-grams, as in
fastText; write .safetensors to keep these.

Ctrl-C stops the training and saves the vectors as they are. With --checkpoint it saves the state of the training, and --resume
continues to the same vectors as an uninterrupted training. A second Ctrl-C ends the program at once.

With --json, standard output has one JSON object per line: "read" and "progress" events during the work, "plan" before the
training and "summary" at the end.`

const trainExamples = `
# the settings of word2vec.c, on all processors
kindred train --input text.txt --output vectors.bin
# several files, compressed or not, in lower case
kindred train --input a.txt.gz b.txt.zst --lower --output vectors.txt
# the same vectors each time, with any number of threads
kindred train --input text.txt --output vectors.bin --threads 8 --seed 7
# from a pipe, with Unicode word boundaries, without English stop words
zcat wiki.gz | kindred train --input - --tokenizer unicode --filter lower stop:english --output vectors.vec
# save the state every half hour; continue after an interruption with the same settings
kindred train --input text.txt --output vectors.bin --checkpoint state --checkpoint-every 30m
kindred train --resume state --output vectors.bin
# add three epochs to a finished training
kindred train --resume state --epochs 8 --output vectors.bin
# continue to train vectors on new text; words that it lacks keep their vectors
kindred train --init vectors.safetensors --input new.txt --output newer.safetensors
# hold 1 % of the sentences out, and stop if the held-out score does not improve for two epochs
kindred train --input text.txt --output vectors.bin --holdout 1% --epochs 50 --patience 2
# a model of normal lines, for "kindred score"
kindred train --preset logs --input normal.log --output model.safetensors
# the command line of word2vec.c
kindred train -train text8 -output vectors.bin -size 200 -window 8 -negative 25 -sample 1e-4 -threads 20 -binary 1 -iter 15`

// trainFlags are the flags of the train command.
type trainFlags struct {
	textFlags
	initFlags
	checkpointFlags
	heldOutFlags
	cache          cacheFlags
	ranks          int
	config         train.Config
	vocabulary     string
	saveVocabulary string
	shard          shard
	preset         string
	output, format string
	binary         int
	quiet, json    bool
}

func trainCommand(con *console) *command {
	t := &trainFlags{config: train.Defaults()}
	return &command{
		name: "train", follows: con.follows(), summary: "train vectors on text", arguments: "--input FILE… --output VECTORS [FLAGS]",
		about: trainAbout, notes: samplersHelp(), examples: trainExamples,
		flags: slices.Concat([]*flag{t.presetFlag()}, t.textFlags.flags(), []*flag{t.vocabularyFlag(), t.saveVocabularyFlag()}, t.cache.flags(), []*flag{t.shardFlag()}, settingFlags(&t.config),
			[]*flag{t.ranksFlag()}, t.initFlags.flags(), t.heldOutFlags.flags(), t.checkpointFlags.flags(), t.outputFlags()),
		run: func(c *call) error {
			j := &trainJob{con: con}
			defer j.close()
			spareGarbage()
			if t.shard.of > 0 {
				return t.encodeShard(c, con)
			}
			if err := t.prepare(c, j); err != nil {
				return err
			}
			j.report = newReporter(con, t.quiet, t.json)
			c.stopsItself()
			return j.run(c.ctx)
		},
	}
}

func (t *trainFlags) vocabularyFlag() *flag {
	return &flag{name: "vocab", aliases: []string{"read-vocab"}, group: "Vocabulary", into: &t.vocabulary, value: "FILE", file: inputFile,
		help: "use a saved vocabulary and its counts; all its words, unless --min-count or --max-vocab is given too"}
}

func (t *trainFlags) saveVocabularyFlag() *flag {
	return &flag{name: "save-vocab", group: "Vocabulary", into: &t.saveVocabulary, value: "FILE", file: outputFile,
		help: "save the vocabulary: a word and its count on each line"}
}

func (t *trainFlags) ranksFlag() *flag {
	t.ranks = 1
	return &flag{name: "ranks", group: "Training", into: &t.ranks, value: "N", valid: atLeast(1), want: "1 or more",
		help: "train as N processes on as many machines would, but in this one: N times the memory, and the vectors of \"mpirun -n N\""}
}

func (t *trainFlags) shardFlag() *flag {
	return shardFlag(&t.shard, "Text", "encode a share of the text into --cache and stop; when all shares are there, a training takes them instead of reading the text; needs --vocab")
}

// encodeShard encodes a share of the text.
func (t *trainFlags) encodeShard(c *call, con *console) error {
	for _, name := range []string{"output", "save-vocab", "init", "checkpoint", "resume"} {
		if c.given(name) {
			return usagef("%s has no effect with --shard, which encodes a share of the text and trains nothing", dashed(name))
		}
	}
	if t.vocabulary == "" {
		return usage(`--shard needs the words of all shares: count each with "kindred vocab --shard", merge the counts with "kindred vocab --merge", and name the result with --vocab`)
	}
	if t.escaped() {
		return usage("--tokenizer escaped reads a framed text, which can't be shared")
	}
	if t.phrases == autoPhrases {
		return usage(`--phrases auto needs all of the text; find its phrases with "kindred phrases" first, and name the list: --phrases FILE`)
	}
	t.applyPreset(c)
	if t.calibrate > 0 {
		return usage("--calibrate holds lines out by their place in the whole text, which a share does not know; give --calibrate 0, and normal lines to \"kindred score\" with --normal")
	}
	j := &trainJob{con: con}
	if err := t.prepareText(c, j); err != nil {
		return err
	}
	if j.read.CacheLimit == 0 {
		return usage("--shard keeps the share in the cache, so --cache-limit can't be 0")
	}
	src, err := t.textFlags.open()
	if err != nil {
		return err
	}
	report := newReporter(con, t.quiet || t.json, false)
	var record vocab.Record
	present := false
	err = unlessInterrupted(c.ctx, func() (err error) {
		record, present, err = corpus.EncodeShare(c.ctx, src, t.shard.index, t.shard.of, watched(j.read, src, report))
		return err
	})
	report.clear()
	if err != nil {
		return readingError(c.ctx, err)
	}
	switch {
	case t.json:
		return json.NewEncoder(con.out).Encode(struct {
			Corpus  vocab.Record `json:"corpus"`
			Shard   int          `json:"shard"`
			Shards  int          `json:"shards"`
			Present bool         `json:"present"`
		}{record, t.shard.index, t.shard.of, present})
	case !t.quiet:
		state := "encoded"
		if present {
			state = "encoded by an earlier run"
		}
		con.list(summaryLine{"Share", fmt.Sprintf("%d of %d %s: %s, %s of them in the vocabulary", t.shard.index, t.shard.of, state,
			counted(record.Tokens, "token"), grouped(record.TokensKept))})
	}
	return nil
}

func (t *trainFlags) outputFlags() []*flag {
	const group = "Output"
	return []*flag{
		{name: "output", aliases: []string{"o"}, group: group, into: &t.output, value: "VECTORS", file: outputVectors,
			help: "file for the vectors, compressed if its name ends in .gz, or - for standard output; an existing file is replaced when the new one is complete"},
		formatFlag(&t.format, group),
		{name: "binary", into: &t.binary, hidden: true}, // word2vec.c's
		switchFlag("cbow", &t.config.Kind, train.SkipGram, train.CBOW),
		switchFlag("sg", &t.config.Kind, train.CBOW, train.SkipGram),
		switchFlag("cbow-mean", &t.config.Bag, train.BagSum, train.BagWord2vec),
		quietFlag(&t.quiet, group),
		{name: "json", group: group, into: &t.json, help: "write progress and summary to standard output, one JSON object per line"},
	}
}

// switchFlag is a flag of word2vec.c or gensim that is 0 or 1.
func switchFlag[T any](name string, into *T, zero, one T) *flag {
	return &flag{name: name, into: into, hidden: true, want: "0 or 1", parse: func(text string) (any, bool) {
		if text == "0" {
			return zero, true
		}
		return one, text == "1"
	}}
}

func quietFlag(quiet *bool, group string) *flag {
	return &flag{name: "quiet", aliases: []string{"q"}, group: group, into: quiet, help: "print only warnings and errors"}
}

// prepare sets what the job does. Its errors come before any work.
func (t *trainFlags) prepare(c *call, j *trainJob) error {
	if err := noArguments(c, "; text is named with --input"); err != nil {
		return err
	}
	t.applyPreset(c)
	if err := t.prepareOutput(c, j); err != nil {
		return err
	}
	if err := errors.Join(t.initFlags.check(c), t.checkpointFlags.check(c, t.patience)); err != nil {
		return err
	}
	if err := t.checkRanks(c, j.con); err != nil {
		return err
	}
	if !j.con.follows() {
		if err := t.checkpointFlags.open(j); err != nil {
			return err
		}
	}
	j.checkpointDir = cmp.Or(t.checkpointFlags.dir, t.checkpointFlags.resume)
	if err := t.checkpointFlags.follow(j); err != nil {
		return err
	}
	if j.resume != nil {
		if err := t.restoreFlags(c, j.resume); err != nil {
			return err
		}
		t.restoreRanks(c, j)
	}
	if err := t.prepareText(c, j); err != nil {
		return err
	}
	if j.resume != nil {
		match := j.resume.MatchSettings(t.config)
		if other := (*train.MismatchError)(nil); errors.As(match, &other) && other.Kernel != "" {
			match = fmt.Errorf("%w; give --kernel %s, or leave --kernel out", match, other.Kernel)
		}
		err := errors.Join(match, t.keepVocabulary(c, j.resume, &j.read))
		if err != nil {
			return err
		}
	}
	var err error
	if j.init, err = t.initFlags.load(c.ctx, j.con, c, &j.read); err != nil {
		return err
	}
	if j.init != nil && !c.given("dim") {
		t.config.Dim = j.init.Vectors.Dim()
	}
	if !slices.ContainsFunc(nGramFlags, c.given) {
		j.con.warn(takeNGrams(j.init, &t.config.Architecture)...)
	}
	if j.format.Requires() == subword.Floret && t.config.HashCount == 0 {
		return usagef("the format %s holds only a table of n-grams, without rows of words; give --hash-count too, or choose another format", j.format)
	}
	j.config, j.ranks = t.config, t.ranks
	j.con.warn(unusedSettings(c.given, t.config)...)
	return j.init.Check(t.config.Dim)
}

// prepareOutput sets the outputs of the job.
func (t *trainFlags) prepareOutput(c *call, j *trainJob) error {
	if t.output == "" {
		return usage("no output; name the file for the vectors with --output VECTORS")
	}
	if t.quiet && t.json {
		return usage("--quiet and --json exclude each other")
	}
	if t.format == "" && c.given("binary") {
		t.format = map[bool]string{false: "text", true: "binary"}[t.binary != 0]
	}
	j.output, j.saveVocabulary = t.output, t.saveVocabulary
	var err error
	j.format, err = outputFormat(t.output, t.format)
	return err
}

// prepareText sets the inputs of the job, and how to read them.
func (t *trainFlags) prepareText(c *call, j *trainJob) error {
	var err error
	if j.read, err = t.textFlags.options(); err != nil {
		return err
	}
	if j.read.Holdout, err = t.holdout(); err != nil {
		return err
	}
	if err := t.checkCalibration(c, j); err != nil {
		return err
	}
	completeNGrams(c.given, &t.config, c.given("resume"))
	if t.config.LearningRate == asWord2vec {
		t.config.LearningRate = t.config.Word2vecRate()
	}
	if err := t.config.Validate(); err != nil {
		return asUsage(err)
	}
	if err := c.alsoReads(filesOf(inputFile, t.inputs...)...); err != nil {
		return err
	}
	j.con.warn(t.warnings...)
	j.inputs, j.encoding, j.text, j.patience = t.inputs, t.encoding, &t.textFlags, t.patience
	j.read.Dir, j.read.CacheLimit = t.cache.dir, int64(t.cache.limit*gib)
	if t.vocabulary == "" {
		return nil
	}
	selection := vocab.Selection{}
	if c.given("min-count") || c.given("max-vocab") {
		selection = j.read.Selection
	}
	var warnings []string
	j.read.Vocabulary, warnings, err = readVocabulary(t.vocabulary, t.escaped(), selection)
	j.con.warn(warnings...)
	return err
}
