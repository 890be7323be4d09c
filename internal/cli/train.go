package cli

import (
	"errors"
	"slices"

	"github.com/urfave/cli/v2"

	"kindred/corpus"
	"kindred/corpus/vocab"
	"kindred/model/format"
	"kindred/train"
)

const trainDescription = `Reads text and trains a vector for each of its words by skip-gram with negative sampling
(SGNS). All that is unset is as in word2vec.c, but for negatives, which a window shares.

Ctrl-C stops the training and saves the vectors as they are, or, with --checkpoint, the state of the training, from which
--resume goes on to the same vectors as if nothing had happened. A second Ctrl-C ends the program at once.

With --json, standard output takes a JSON object a line: "read" and "progress" events during the work, "plan" before
training and "summary" at the end.`

const trainExamples = `
# the settings of word2vec.c, on all processors
kindred train --input text.txt --output vectors.bin
# several files, compressed or not, in lower case
kindred train --input a.txt.gz b.txt.zst --lower --output vectors.txt
# the same vectors each time, with any number of threads
kindred train --input text.txt --output vectors.bin --threads 8 --seed 7
# from a pipe, words by the rules of Unicode, without English stop words
zcat wiki.gz | kindred train --input - --tokenizer unicode --filter lower stop:english --output vectors.vec
# save the state every half hour; go on after an interruption, with what was said at first
kindred train --input text.txt --output vectors.bin --checkpoint state --checkpoint-every 30m
kindred train --resume state --output vectors.bin
# three more epochs for a training that has ended
kindred train --resume state --epochs 8 --output vectors.bin
# train vectors further on new text; those of words that it lacks stay as they are
kindred train --init vectors.safetensors --input new.txt --output newer.safetensors
# judged by pairs of words from sentences kept out of the training, which ends when it learns no more
kindred train --input text.txt --output vectors.bin --holdout 1% --epochs 50 --patience 2
# the command line of word2vec.c
kindred train -train text8 -output vectors.bin -size 200 -window 8 -negative 25 -sample 1e-4 -threads 20 -binary 1 -iter 15`

// trainFlags are the flags of the train command.
type trainFlags struct {
	textFlags
	initFlags
	checkpointFlags
	heldOutFlags
	config         train.Config
	vocabulary     string
	saveVocabulary string
	cacheDir       string
	cacheLimit     float64 // in GiB
	output, format string
	binary         int
	quiet, json    bool
}

func trainCommand(con *console) *cli.Command {
	t := &trainFlags{config: train.Defaults()}
	return documented(&cli.Command{
		Name: "train", Usage: "train vectors on text", ArgsUsage: "--input FILE… --output VECTORS [FLAGS]",
		Description: trainDescription,
		Flags: slices.Concat(t.textFlags.flags(), t.vocabularyFlags(), t.cacheFlags(), settingFlags(&t.config),
			t.initFlags.flags(), t.heldOutFlags.flags(), t.checkpointFlags.flags(), t.outputFlags()),
		Action: func(c *cli.Context) error {
			j := &job{con: con}
			defer j.close()
			if err := t.prepare(c, j); err != nil {
				return err
			}
			j.report = newReporter(con, t.quiet, t.json)
			return j.run(c.Context)
		},
	}, trainExamples)
}

func (t *trainFlags) vocabularyFlags() []cli.Flag {
	const category = "Vocabulary"
	return []cli.Flag{
		&cli.StringFlag{Name: "vocab", Aliases: []string{"read-vocab"}, Category: category, Destination: &t.vocabulary,
			Usage: "`FILE` use a saved vocabulary with its counts; all of it, unless --min-count or --max-vocab is given too"},
		&cli.StringFlag{Name: "save-vocab", Category: category, Destination: &t.saveVocabulary,
			Usage: "`FILE` save the vocabulary: a word and its count a line"},
	}
}

func (t *trainFlags) cacheFlags() []cli.Flag {
	const category = "Text"
	return []cli.Flag{
		&cli.StringFlag{Name: "cache", Category: category, Destination: &t.cacheDir, DefaultText: corpus.DefaultCacheDir(),
			Usage: "`DIR` directory for encoded texts, 4 bytes a token, twice that while a text is read"},
		&cli.Float64Flag{Name: "cache-limit", Category: category, Destination: &t.cacheLimit, Value: corpus.DefaultCacheLimit / gib,
			Usage: "`GIB` keep so much of them, so that a text is read at once the next time; 0 keeps nothing"},
	}
}

// gib is the number of bytes in a gibibyte.
const gib = 1 << 30

// settingFlags are the flags of the settings of a training run.
func settingFlags(cfg *train.Config) []cli.Flag {
	const model, training = "Model", "Training"
	return append([]cli.Flag{
		&cli.IntFlag{Name: "dim", Aliases: []string{"size", "vector-size"}, Category: model, Destination: &cfg.Dim, Value: cfg.Dim,
			Usage: "`N` values in a vector"},
		&cli.IntFlag{Name: "window", Aliases: []string{"ws"}, Category: model, Destination: &cfg.Window, Value: cfg.Window,
			Usage: "`N` largest distance of a context word; each window draws its own from 1 to N"},
		&cli.Float64Flag{Name: "subsample", Aliases: []string{"sample", "t"}, Category: model, Destination: &cfg.Subsample, Value: cfg.Subsample,
			Usage: "`T` thin out words whose share of the text is above T; 0 keeps all"},
		&cli.IntFlag{Name: "epochs", Aliases: []string{"iter", "epoch"}, Category: training, Destination: &cfg.Epochs, Value: cfg.Epochs,
			Usage: "`N` passes over the text"},
		&cli.Float64Flag{Name: "lr", Aliases: []string{"alpha"}, Category: training, Destination: &cfg.LearningRate, Value: cfg.LearningRate,
			Usage: "`RATE` learning rate at the start; it falls linearly to 0"},
		&cli.IntFlag{Name: "threads", Aliases: []string{"thread", "workers"}, Category: training, Destination: &cfg.Threads, Value: cfg.Threads,
			DefaultText: "one for each processor", Usage: "`N` workers; the vectors are the same for any number of them"},
		&cli.BoolFlag{Name: "hogwild", Category: training, Destination: &cfg.Hogwild, Value: cfg.Hogwild,
			Usage: "let workers update shared vectors without locks: not reproducible with several"},
		&cli.Uint64Flag{Name: "seed", Category: training, Destination: &cfg.Seed, Value: cfg.Seed,
			Usage: "`N` selects the random numbers"},
		&cli.StringFlag{Name: "kernel", Category: training, Destination: &cfg.Kernel, Value: cfg.Kernel,
			Usage: "`NAME` inner loop; \"kindred version\" lists them"},
	}, negativeFlags(cfg)...)
}

func (t *trainFlags) outputFlags() []cli.Flag {
	const category = "Output"
	return []cli.Flag{
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Category: category, Destination: &t.output,
			Usage: "`VECTORS` file for the vectors; one that exists is replaced when the new one is complete"},
		formatFlag(&t.format, category),
		&cli.IntFlag{Name: "binary", Category: category, Destination: &t.binary, Hidden: true}, // word2vec.c's
		quietFlag(&t.quiet, category),
		&cli.BoolFlag{Name: "json", Category: category, Destination: &t.json,
			Usage: "write progress and summary to standard output, a JSON object a line"},
	}
}

func quietFlag(quiet *bool, category string) cli.Flag {
	return &cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Category: category, Destination: quiet,
		Usage: "say nothing but warnings and errors"}
}

// prepare sets what is to be done; its errors come before any work.
func (t *trainFlags) prepare(c *cli.Context, j *job) error {
	if err := noArguments(c, "; text is named with --input"); err != nil {
		return err
	}
	if err := t.prepareOutput(c, j); err != nil {
		return err
	}
	if err := errors.Join(t.initFlags.check(c), t.checkpointFlags.check(c)); err != nil {
		return err
	}
	if err := t.checkpointFlags.open(j); err != nil {
		return err
	}
	if j.resume != nil {
		if err := t.proceed(c, j.resume); err != nil {
			return err
		}
	}
	if err := t.prepareText(c, j); err != nil {
		return err
	}
	if j.resume != nil {
		err := errors.Join(j.resume.MatchSettings(t.config), t.keepVocabulary(c, j.resume, &j.read))
		if err != nil {
			return err
		}
	}
	var err error
	if j.init, err = t.initFlags.load(c.Context, j.con, c, &j.read); err != nil {
		return err
	}
	if j.init != nil && !c.IsSet("dim") {
		t.config.Dim = j.init.Vectors.Dim()
	}
	j.config = t.config
	return j.init.Check(t.config.Dim)
}

// prepareOutput sets what is written.
func (t *trainFlags) prepareOutput(c *cli.Context, j *job) error {
	if t.output == "" {
		return usage("no output; name the file for the vectors with --output VECTORS")
	}
	if t.quiet && t.json {
		return usage("--quiet and --json exclude each other")
	}
	if t.format == "" && c.IsSet("binary") {
		t.format = map[bool]string{false: "text", true: "binary"}[t.binary != 0]
	}
	j.output, j.saveVocabulary = t.output, t.saveVocabulary
	var err error
	if j.format, err = outputFormat(t.output, t.format); err != nil {
		return err
	}
	return t.checkOutputs(j.format)
}

// prepareText sets what is read, and how.
func (t *trainFlags) prepareText(c *cli.Context, j *job) error {
	var err error
	if j.read, err = t.textFlags.options(); err != nil {
		return err
	}
	if j.read.Holdout, err = t.holdout(); err != nil {
		return err
	}
	if err := t.config.Validate(); err != nil {
		return asUsage(err)
	}
	if !(t.cacheLimit >= 0 && t.cacheLimit < 1<<30) {
		return usagef("--cache-limit is %v, want a number of GiB, 0 or more", t.cacheLimit)
	}
	j.inputs, j.keep, j.patience = t.inputs.Value(), &t.textFlags, t.patience
	j.read.Dir, j.read.CacheLimit = t.cacheDir, int64(t.cacheLimit*gib)
	if t.vocabulary == "" {
		return nil
	}
	selection := vocab.Selection{}
	if c.IsSet("min-count") || c.IsSet("max-vocab") {
		selection = j.read.Selection
	}
	j.read.Vocabulary, err = vocab.Load(t.vocabulary, selection)
	return err
}

// checkOutputs returns an error where one of the files to be written can't be.
func (t *trainFlags) checkOutputs(f *format.Format) error {
	for _, path := range f.Paths(t.output) {
		if err := checkWritable(path, true); err != nil {
			return err
		}
	}
	if t.saveVocabulary == "" {
		return nil
	}
	return checkWritable(t.saveVocabulary, false)
}
