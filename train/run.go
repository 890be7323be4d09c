package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"

	"kindred/corpus"
	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/internal/kernel"
	"kindred/model"
	"kindred/train/negative"
	"kindred/train/parallel"
)

// A DivergedError reports that the loss became infinite or not a number. The vectors are then
// worthless.
type DivergedError struct {
	// Epoch counts from 1, Tokens is the number of tokens processed over all
	// epochs, Rate the learning rate at that point.
	Epoch  int
	Tokens int64
	Rate   float64
	// Hogwild and Workers tell how the training ran: several workers of Hogwild training add up their
	// moves, so that fewer of them may help.
	Hogwild bool
	Workers int
	// Loss is the loss per pair of the last block, NaN or infinite.
	Loss float64
}

func (e *DivergedError) Error() string {
	advice := "try a learning rate several times lower (word2vec.c's is 0.025) or more sub-sampling"
	if e.Hogwild && e.Workers > 1 {
		advice = "try a learning rate several times lower (word2vec.c's is 0.025), more sub-sampling, or fewer threads, whose moves add up in Hogwild training"
	}
	return fmt.Sprintf("training diverged: the loss became %v in epoch %d after %d tokens at learning rate %.4g; %s", e.Loss, e.Epoch, e.Tokens, e.Rate, advice)
}

// Options say what a run does besides training. The zero Options add nothing.
type Options struct {
	// Observe, if not nil, is called with the progress every Interval, when an epoch begins, and at the
	// end. Calls do not overlap.
	Observe  func(Progress)
	Interval time.Duration
	// Checkpoints says where and when to save the state of the training; nil means never.
	Checkpoints *Checkpoints
	// Resume is the checkpoint to resume from. If text or settings are not those of the checkpoint,
	// the error is a *[MismatchError]. But Threads may differ, and there may be more Epochs: the
	// learning rate then follows from the new number of epochs. The run modifies the vectors of the
	// checkpoint.
	Resume *Checkpoint
	// Init are the vectors to begin from; nil means random ones. It is ignored if Resume is set.
	Init *Init
	// Planned, if not nil, is called once, before the parameters are allocated, with the memory that
	// the run needs. If there is less, the error is a *[MemoryError].
	Planned func(Memory)
	// PlannedRanks, if not nil, is called before Planned with the plan of a training by several ranks.
	PlannedRanks func(model.RanksRecord)
	// PlanChanged, if not nil, is called when the training diverges, so that rounds become shorter, and
	// when they become longer again. No worker runs meanwhile.
	PlanChanged func(model.PlanChange)
	// Ranks is the number of ranks that train one model: 0 stands for 1. The vectors depend on it. If Transport is nil, the ranks are goroutines of this
	// process, each with its own parameters, which simulates as many processes. Hogwild training, weights of
	// positions and words that are made of n-grams can't have several.
	Ranks int
	// Transport connects the run with those of other ranks, and says how many there are; nil means that all are in this process. The
	// options of the others must be the same, but only rank 0 needs those that observe, save or judge.
	Transport parallel.Transport
	// AfterEpoch, if not nil, is called with the vectors after each epoch, counted from 1, while
	// nothing else uses them. Training ends if it returns false or an error.
	AfterEpoch func(epoch int, e *model.Embeddings) (more bool, err error)
	// Trace, if not nil, is told what each piece of work takes.
	Trace *Trace
}

// Run trains vectors on a text and returns them with their manifest.
//
// If ctx is canceled, Run stops within milliseconds and returns the vectors as they are, with an
// error that wraps ctx.Err(). With any other error, among them *[DivergedError], *[MemoryError],
// *[MismatchError], *[NoPairsError] and *[parallel.RankError], there are no vectors. Several ranks stop when all of their rows have travelled, as
// only then they agree; within seconds.
func Run(ctx context.Context, text *corpus.Corpus, cfg Config, o Options) (vectors *model.Embeddings, err error) {
	if o.Transport != nil {
		defer func() { o.Transport.Leave(err) }()
	}
	r, err := newRun(text, cfg, o)
	if err != nil {
		return nil, err
	}
	if err := r.findPMIPairs(ctx); err != nil {
		return nil, err
	}
	r.checkpoints, r.afterEpoch = newCheckpointer(r, o.Checkpoints), o.AfterEpoch
	stop := r.watch(o.Interval, o.Observe)
	err = r.train(ctx)
	stop()
	interrupted := ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
	complete := err == nil || interrupted && r.complete()
	if complete {
		err = r.checkTrained()
	}
	switch {
	case complete && err == nil:
	case complete || !interrupted:
		r.checkpoints.wait()
		return nil, err
	default:
		err = fmt.Errorf("training stopped after %d of %d tokens: %w", r.progress.sum.tokens, r.schedule.total, err)
	}
	r.checkpoints.finish()
	vectors, failed := r.embeddings()
	if failed != nil {
		return nil, failed
	}
	vectors.Manifest = r.manifest(complete)
	return vectors, err
}

// train trains all epochs, unless afterEpoch ends the training earlier.
func (r *run) train(ctx context.Context) error {
	if r.ranks.ranks < 2 {
		return r.trainEpochs(ctx)
	}
	r.ranksRecords = append(r.ranksRecords, r.ranksRecord())
	if r.transport != nil {
		if err := r.compareRanks(); err != nil {
			return err
		}
	}
	if warm := (block{0, r.ranks.warm}); r.processed(r.position) < r.processed(warm) {
		r.pause = warm
		if err := r.trainEpochs(ctx); err != nil {
			return err
		}
		r.pause = block{}
	}
	if r.transport == nil {
		return r.simulate(ctx)
	}
	return r.trainLegs(ctx)
}

// paused reports whether training is to stop here, so that the ranks can begin.
func (r *run) paused() bool { return r.pause.index > 0 && r.position == r.pause }

// trainLegs trains the legs of a rank, as all ranks do at the same time.
func (r *run) trainLegs(ctx context.Context) error {
	r.team = newTeam(r.transport, r.ranks, r.position, &r.guard, r.parameters, r.workers())
	r.position = r.team.start(r.team.leg)
	return r.trainEpochs(ctx)
}

// trainEpochs trains all epochs, or up to the pause.
func (r *run) trainEpochs(ctx context.Context) error {
	stretch := r.rounds
	if r.cfg.Hogwild {
		stretch = r.hogwild
	}
	for r.position.epoch < r.cfg.Epochs && !r.paused() {
		epoch := r.position.epoch
		if err := stretch(ctx); err != nil {
			return err
		}
		if r.position.epoch > epoch {
			if more, err := r.judge(); err != nil || !more {
				return err
			}
		}
		if r.position.epoch < r.cfg.Epochs && r.checkpoints.due(r.processed(r.first())) {
			r.checkpoints.write()
		}
	}
	return nil
}

// judge calls afterEpoch. Of several ranks, the first decides for all.
func (r *run) judge() (more bool, err error) {
	more = true
	if r.afterEpoch != nil {
		e, err := r.embeddings()
		if err != nil {
			return false, err
		}
		if more, err = r.afterEpoch(r.position.epoch, e); err != nil {
			return false, err
		}
	}
	if r.team == nil {
		return more, nil
	}
	return r.team.agree(more, r.parameters)
}

// first returns the first block that is not trained. That of a rank comes later if the others have to train those before it.
func (r *run) first() block {
	if r.team != nil {
		return r.team.leg.first
	}
	return r.position
}

// blocksPerEpoch returns the number of blocks in an epoch.
func (r *run) blocksPerEpoch() int64 {
	return (r.text.Len() + r.plan.blockTokens - 1) / r.plan.blockTokens
}

// processed returns the number of tokens of the run that lie before a block.
func (r *run) processed(b block) int64 {
	return int64(b.epoch)*r.text.Len() + b.index*r.plan.blockTokens
}

// A run is one training of one model.
type run struct {
	cfg        Config
	text       *corpus.Corpus
	kernel     kernel.Kernel
	subsample  *sampling.Subsampler
	negatives  *negative.Plan
	plan       roundPlan
	guard      guard
	weigh      func(*load) float32 // the moves of a row
	schedule   schedule
	parameters *parameters
	subwords   *subwords // nil if words are not made of n-grams
	progress   progress
	// position is the block to train next. It is up to date while no worker runs.
	position    block
	checkpoints *checkpointer
	// pause is a block before which training stops, so that the ranks can begin; the zero block is none.
	pause        block
	ranks        rankPlan
	transport    parallel.Transport // nil if all ranks are in this process
	team         *team              // nil while one rank trains
	ranksRecords []model.RanksRecord
	threads      int // of a rank in this process; 0 without ranks
	resumed      int // number of times
	init         *model.InitRecord
	planChanges  []model.PlanChange
	planChanged  func(model.PlanChange)                     // may be nil
	afterEpoch   func(int, *model.Embeddings) (bool, error) // may be nil
	trace        *Trace                                     // may be nil
}

// workers returns the number of workers of training in rounds. More than there are processors would only push the
// rows of each other out of the caches.
func (r *run) workers() int {
	if r.threads > 0 {
		return r.threads
	}
	return min(r.cfg.Threads, runtime.GOMAXPROCS(0))
}

// shards returns the number of shards of the vocabulary.
func (r *run) shards() int {
	workers := r.workers()
	if r.trace.on() {
		workers = max(workers, r.trace.Workers)
	}
	return shardCount(workers)
}

// changePlan records a change of the plan.
func (r *run) changePlan(c model.PlanChange) {
	r.planChanges = append(r.planChanges, c)
	if r.planChanged != nil {
		r.planChanged(c)
	}
}

// complete reports whether all blocks of all epochs are trained.
func (r *run) complete() bool { return r.progress.sum.tokens == r.schedule.total }

func newRun(text *corpus.Corpus, cfg Config, o Options) (*run, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.LearningRate == 0 {
		cfg.LearningRate, _ = cfg.RateFor(text.Len())
	}
	vocabulary := text.Vocabulary()
	r := &run{cfg: cfg, text: text, transport: o.Transport, trace: o.Trace, planChanged: o.PlanChanged, guard: newGuard(), weigh: (*load).weight}
	ranks := max(o.Ranks, 1)
	if r.transport != nil {
		ranks = r.transport.Ranks()
	}
	switch {
	case ranks > 1 && cfg.Hogwild:
		return nil, errors.New("training: several ranks exchange rows between rounds, which Hogwild training does not have; switch Hogwild off, or train with one rank")
	case ranks > 1 && cfg.PositionWeights:
		return nil, errors.New("training: weights of positions can't be trained by several ranks; switch them off, or train with one")
	case ranks > 1 && cfg.hasSubwords():
		return nil, errors.New("training: words with n-grams can't be trained by several ranks; set the length of n-grams to 0, or train with one")
	}
	var err error
	if r.kernel, err = kernel.Select(cfg.Kernel, cfg.Dim); err != nil {
		return nil, err
	}
	if o.Resume != nil {
		if err := o.Resume.match(text, cfg); err != nil {
			return nil, err
		}
	}
	if text.Len() == 0 {
		return nil, errors.New("training: the text has no tokens that are in the vocabulary")
	}
	if r.subsample, err = sampling.NewSubsampler(vocabulary.Counts(), cfg.Subsample); err != nil {
		return nil, err
	}
	if err := checkPairs(text, r.subsample, cfg); err != nil {
		return nil, err
	}
	if r.negatives, err = negative.NewPlan(cfg.Settings, vocabulary, r.subsample); err != nil {
		return nil, err
	}
	r.plan = newRoundPlan(vocabulary, text.Len(), r.subsample, r.negatives.MaxShare, cfg)
	if r.ranks = (rankPlan{ranks: 1}); ranks > 1 {
		if r.ranks, err = newRankPlan(ranks, vocabulary, text.Len(), r.subsample, r.negatives, r.plan, cfg); err != nil {
			return nil, err
		}
	}
	r.schedule = schedule{cfg.LearningRate, text.Len() * int64(cfg.Epochs)}
	r.progress = newProgress(cfg.Epochs, r.schedule.total)
	return r, r.begin(o)
}

// begin sets the parameters with which training begins.
func (r *run) begin(o Options) error {
	init := o.Init
	if o.Resume != nil {
		init = nil
		if err := r.resume(o.Resume); err != nil {
			return err
		}
	}
	if err := init.Check(r.cfg.Dim); err != nil {
		return err
	}
	vocabulary, err := init.Vocabulary(r.text.Vocabulary())
	if err != nil {
		return err
	}
	if r.cfg.hasSubwords() {
		if r.subwords, err = newSubwords(vocabulary, r.cfg, o); err != nil {
			return err
		}
	}
	if o.PlannedRanks != nil && r.ranks.ranks > 1 {
		o.PlannedRanks(r.ranksRecord())
	}
	needed := r.neededMemory(vocabulary, o)
	if o.Planned != nil {
		o.Planned(needed)
	}
	if err := needed.check(vocabulary, r.cfg); err != nil {
		return err
	}
	if o.Resume != nil {
		if r.subwords != nil {
			return r.subwords.take(o.Resume)
		}
		return nil
	}
	r.init = init.Record(r.text.Vocabulary(), r.cfg.Architecture)
	return r.initialize(vocabulary, init)
}

// initialize sets the parameters of a training that begins.
func (r *run) initialize(v *vocab.Vocabulary, init *Init) error {
	var ids []int32
	var err error
	if r.parameters, ids, err = initial(v, r.cfg, r.plan.replicaRows(r.cfg.Window)*r.workers(), init); err != nil || r.subwords == nil {
		return err
	}
	if err := r.subwords.fill(init); err != nil {
		return err
	}
	if r.init != nil && !r.init.NGrams {
		r.subwords.fit(&r.kernel, r.parameters.Input, func(word int) bool { return ids[word] >= 0 })
	}
	return nil
}

// embeddings returns the parameters as vectors, which share their memory. No worker may run.
func (r *run) embeddings() (*model.Embeddings, error) {
	e := r.parameters.embeddings()
	if r.subwords == nil {
		return e, nil
	}
	rows, err := r.subwords.storage()
	e.Vocabulary, e.Input = r.subwords.vocabulary, rows
	return e, err
}

// checkLoss returns a *[DivergedError] if the loss of a block is not finite.
func (r *run) checkLoss(b block, done tally, rate float64) error {
	if math.IsNaN(done.loss) || math.IsInf(done.loss, 0) {
		return &DivergedError{Epoch: b.epoch + 1, Tokens: r.progress.trained() + done.tokens, Rate: rate, Loss: done.meanLoss(),
			Hogwild: r.cfg.Hogwild, Workers: r.cfg.Threads}
	}
	return nil
}

// findPMIPairs finds the PMI pairs of the text, as sub-sampling leaves it in the first epoch, if
// the settings reject them.
func (r *run) findPMIPairs(ctx context.Context) error {
	if r.negatives.Noise == nil || !r.cfg.Reject.PMI() {
		return nil
	}
	counter := negative.NewPairCounter(r.text.Vocabulary().Len(), r.cfg.Window)
	reader, c := newReader(r), new(contextBlock)
	for index := range r.blocksPerEpoch() {
		if ctx.Err() != nil {
			return nil // training stops at once
		}
		if _, err := reader.read(c, block{0, index}); err != nil {
			return err
		}
		start := 0
		for _, end := range c.ends {
			first, last := c.centers(start, end)
			counter.Add(c.words[:end], first, last)
			start = end
		}
	}
	r.negatives.Pairs = counter.Pairs(r.cfg.PMIBound)
	return nil
}
