"""Word2Vec with gensim's names. The program trains; this module hands it sentences and shows what comes back."""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from collections import Counter
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

import numpy as np

from . import _stream
from ._binary import flags, run
from ._files import Directory, open_vectors
from ._native import NativeFile, write_native
from ._training import Progress, Run
from .errors import FormatError, TrainingError, TrainingInterrupted, UnsupportedError
from .keyedvectors import KeyedVectors, initial_vectors

_SMALL = 10_000  # tokens of a text that is trained without sub-sampling by default
_SAMPLE = 1e-3
# Settings that the parameters of Word2Vec do not name, with their defaults. Those that differ come back with a model.
_USUAL = {"sampler": "unigram", "negatives_last": 0, "candidates": 0, "temperature": 1, "tau_plus": 0.01, "beta": 1, "reject": "target",
          "pmi_bound": 3, "negative_sharing": "window", "share_windows": 1, "hogwild": False}
_TWICE = ("calibrate", "phrases")  # settings for which the program reads the text twice

Callback = Any


class Word2Vec:
    """Word vectors by skip-gram or CBOW with negative sampling.

    >>> sentences = [["the", "king", "rules"], ["the", "queen", "rules"], ["a", "dog", "barks"], ["a", "cat", "purrs"]] * 50
    >>> model = Word2Vec(sentences, vector_size=20, min_count=1, sg=1, epochs=20)
    >>> model.wv.most_similar("king", topn=1)
    [('queen', 0.9...)]
    >>> model.wv["king"].shape
    (20,)
    """

    _architecture_flags: Dict[str, Any] = {}

    def __init__(self, sentences: Optional[Iterable[Sequence[str]]] = None, corpus_file: Optional[str] = None, vector_size: int = 100,
                 alpha: Optional[float] = None, window: int = 5, min_count: int = 5, max_vocab_size: Optional[int] = None,
                 sample: Optional[float] = None, seed: int = 1, workers: Optional[int] = None, min_alpha: Optional[float] = None,
                 sg: int = 0, hs: int = 0, negative: float = 5, ns_exponent: float = 0.75, cbow_mean: int = 1,
                 hashfxn: Any = None, epochs: int = 5, null_word: int = 0,
                 trim_rule: Optional[Callable[[str, int, int], int]] = None, sorted_vocab: int = 1, batch_words: Optional[int] = None,
                 compute_loss: bool = False, callbacks: Sequence[Callback] = (), comment: Optional[str] = None,
                 max_final_vocab: Optional[int] = None, shrink_windows: bool = True, *, progress: Optional[bool] = None,
                 checkpoint: Union[str, bool, None] = None, **options: Any):
        """Train at once if there are ``sentences`` or a ``corpus_file``; otherwise with ``build_vocab`` and ``train``.

        Parameters have gensim's names and meanings. These differ:

        - ``alpha``: None, the default, chooses the learning rate (0.05 for skip-gram and 0.1 for CBOW in 5 epochs; higher
          for fewer epochs, lower for more and for long texts). It always falls to a ten-thousandth of its start, so ``min_alpha`` must stay None or 0.0001.
        - ``sample``: None, the default, is 0.001, and 0 for less than 10,000 tokens, of which it would leave too few.
        - ``workers``: None, the default, takes all processors. The number does not change the vectors.
        - ``sentences``: may be a generator, which is read once. A token may be any string; what is no string raises TokenError.
        - ``hs=1``, ``sorted_vocab=0``, ``null_word=1`` and ``shrink_windows=False`` raise UnsupportedError.
        - ``hashfxn``, ``batch_words`` and ``compute_loss`` have no effect: the loss is always known.

        ``progress`` shows a bar: None does so in notebooks and terminals. ``checkpoint`` names a directory for the state of an
        interrupted training; False saves none. ``options`` are other settings of ``kindred train``, such as ``sampler="hard"``.

        ``callbacks`` are objects with any of the methods ``on_train_begin(model)``, ``on_epoch_begin(model)``,
        ``on_epoch_end(model)``, ``on_train_end(model)``, as gensim's CallbackAny2Vec, and ``on_progress(model, event)``.
        """
        if hs:
            raise UnsupportedError("hs=1: kindred has no hierarchical softmax; leave hs=0, and choose negative=5 to 20")
        if not negative:
            raise UnsupportedError("negative=0: without negatives nothing is learned, as kindred has no hierarchical softmax")
        if null_word:
            raise UnsupportedError("null_word=1: kindred has no CBOW that concatenates vectors")
        if not sorted_vocab:
            raise UnsupportedError("sorted_vocab=0: words are always sorted by falling count")
        if not shrink_windows:
            raise UnsupportedError("shrink_windows=False: each window draws its size from 1 to window, as in word2vec.c")
        if max_vocab_size is not None:
            raise UnsupportedError("max_vocab_size: counting is bounded by memory; give vocab_memory, in GiB, or max_final_vocab")
        if min_alpha is not None and min_alpha > 0.0001:
            raise UnsupportedError(f"min_alpha={min_alpha}: the learning rate falls to a ten-thousandth of alpha")
        self.vector_size = self.layer1_size = int(vector_size)
        self.alpha, self.min_alpha = alpha, min_alpha
        self.window, self.min_count, self.sample, self.seed, self.workers = window, min_count, sample, seed, workers
        self.sg, self.hs, self.negative, self.ns_exponent, self.cbow_mean = int(bool(sg)), 0, negative, ns_exponent, cbow_mean
        self.epochs, self.max_final_vocab, self.trim_rule, self.comment = epochs, max_final_vocab, trim_rule, comment
        self.compute_loss = compute_loss
        self.options = options
        self.progress, self.checkpoint = progress, checkpoint
        self.corpus_count = self.corpus_total_words = 0
        self.raw_vocab: Dict[str, int] = {}
        self.total_train_time = 0.0
        self.running_training_loss = 0.0
        self.epoch_losses: List[float] = []
        self.train_count = 0
        self.last_event: Optional[dict] = None
        self.warnings: List[str] = []
        self.wv: KeyedVectors = self._empty()
        self._file: Optional[NativeFile] = None  # of the last training
        self._owner: Any = None
        self._counts: Optional[Dict[str, int]] = None  # of build_vocab, until the first training
        self._fresh: Optional[np.ndarray] = None  # the random vectors of build_vocab
        self._grown = False  # build_vocab(update=True) has added words
        if sentences is not None and corpus_file is not None:
            raise TypeError("both sentences and corpus_file are given; give one of them")
        if sentences is not None or corpus_file is not None:
            if trim_rule is not None:
                if sentences is not None and iter(sentences) is sentences:
                    sentences = list(_stream.checked(sentences))  # it is counted, and then trained
                self.build_vocab(sentences, corpus_file, trim_rule=trim_rule)
            self.train(sentences, corpus_file, epochs=epochs, start_alpha=alpha, callbacks=callbacks)

    def _empty(self) -> KeyedVectors:
        return KeyedVectors(self.vector_size)

    # Vocabulary.

    def build_vocab(self, corpus_iterable: Optional[Iterable[Sequence[str]]] = None, corpus_file: Optional[str] = None,
                    update: bool = False, progress_per: int = 10000, keep_raw_vocab: bool = False,
                    trim_rule: Optional[Callable[[str, int, int], int]] = None, **kwargs: Any) -> None:
        """Count words and choose those that have vectors, which are random until ``train``.

        With ``update``, words are added to a trained model, and those that it has keep their vectors.
        """
        counts: Counter = Counter()
        sentences = 0
        for tokens in self._read(corpus_iterable, corpus_file):
            try:
                counts.update(tokens)
            except TypeError:
                _stream.check_tokens(tokens, sentences)
                raise
            sentences += 1
        for word in counts:
            if not isinstance(word, str):
                self._find_bad(corpus_iterable, word)
        counts.pop("", None)
        self.corpus_count = sentences
        self._choose(dict(counts), update, keep_raw_vocab, trim_rule or self.trim_rule)

    def _find_bad(self, sentences: Any, word: Any) -> None:
        if iter(sentences) is not sentences:
            for number, tokens in enumerate(_stream.checked(sentences)):
                _stream.check_tokens(tokens, number)
        raise _stream.TokenError(f"a token is of type {type(word).__name__}, not a string: {str(word)[:60]!r}", 0, 0)

    def build_vocab_from_freq(self, word_freq: Dict[str, int], keep_raw_vocab: bool = False, corpus_count: Optional[int] = None,
                              trim_rule: Optional[Callable[[str, int, int], int]] = None, update: bool = False) -> None:
        """Choose words from their counts."""
        self.corpus_count = corpus_count or 0
        self._choose(dict(word_freq), update, keep_raw_vocab, trim_rule or self.trim_rule)

    def _choose(self, counts: Dict[str, int], update: bool, keep_raw: bool, trim_rule: Optional[Callable]) -> None:
        self.corpus_total_words = sum(counts.values())
        self.raw_vocab = counts if keep_raw else {}
        chosen = [(word, n) for word, n in counts.items() if _kept(word, n, self.min_count, trim_rule)]
        chosen.sort(key=lambda item: (-item[1], item[0].encode("utf8", "surrogatepass")))
        if self.max_final_vocab is not None:
            chosen = chosen[:self.max_final_vocab]
        if not chosen and not update:
            raise TrainingError(f"no word is left: none of {len(counts):,} words occurs {self.min_count} times or more (min_count)", 1, "train")
        random = np.random.default_rng(self.seed)
        if update:
            if not len(self.wv):
                raise RuntimeError("there is no vocabulary to add to; call build_vocab without update=True first")
            new = [(word, n) for word, n in chosen if word not in self.wv.key_to_index]
            totals = {word: n for word, n in chosen if word in self.wv.key_to_index}
            if new:
                self.wv.add_vectors([word for word, _ in new], initial_vectors(random, len(new), self.vector_size))
            for word, n in [*new, *((word, self.wv.get_vecattr(word, "count") + n if "count" in self.wv.expandos else n) for word, n in totals.items())]:
                self.wv.set_vecattr(word, "count", int(n))
            self._grown = True
            return
        self.wv = self._empty()
        self._file = None
        if chosen:
            self._fresh = initial_vectors(random, len(chosen), self.vector_size)
            self.wv.add_vectors([word for word, _ in chosen], self._fresh)
            self.wv.expandos["count"] = np.array([n for _, n in chosen], np.int64)
        self._counts = dict(chosen)

    def _read(self, sentences: Optional[Iterable], corpus_file: Optional[str]) -> Iterator[List[str]]:
        if corpus_file is not None:
            from .sentences import LineSentence
            return iter(LineSentence(corpus_file))
        if sentences is None:
            raise TypeError("give sentences, as an iterable of lists of tokens, or corpus_file")
        return _stream.checked(sentences)

    # Training.

    def train(self, corpus_iterable: Optional[Iterable[Sequence[str]]] = None, corpus_file: Optional[str] = None,
              total_examples: Optional[int] = None, total_words: Optional[int] = None, epochs: Optional[int] = None,
              start_alpha: Optional[float] = None, end_alpha: Optional[float] = None, word_count: int = 0, queue_factor: int = 2,
              report_delay: float = 1.0, compute_loss: bool = False, callbacks: Sequence[Callback] = ()) -> Tuple[int, int]:
        """Train on sentences, or on a file with one sentence per line. A model that was trained goes on from its vectors.

        ``epochs`` is that of the model if it is None. ``total_examples``, ``total_words``, ``word_count``, ``queue_factor``,
        ``report_delay`` and ``compute_loss`` have no effect: the program counts what it reads.

        Returns the number of tokens that were trained, and of those that were read, over all epochs.
        """
        if corpus_iterable is not None and corpus_file is not None:
            raise TypeError("both sentences and corpus_file are given; give one of them")
        if corpus_iterable is None and corpus_file is None:
            raise TypeError("give sentences, as an iterable of lists of tokens, or corpus_file")
        if end_alpha is not None and end_alpha > 0.0001:
            raise UnsupportedError(f"end_alpha={end_alpha}: the learning rate falls to a ten-thousandth of its start")
        epochs = epochs or self.epochs
        owner = Directory()
        start = self._start(owner)
        try:
            sentences, few = self._few(corpus_iterable, corpus_file)
        except KeyboardInterrupt:
            raise TrainingInterrupted("interrupted before the training; nothing was saved") from None
        settings = flags(self._settings(epochs, start_alpha if start_alpha is not None else self.alpha, few))
        return self._run([*start, *settings], sentences, corpus_file, epochs, owner, callbacks)

    @classmethod
    def resume(cls, checkpoint: str, sentences: Optional[Iterable[Sequence[str]]] = None, corpus_file: Optional[str] = None,
               epochs: Optional[int] = None, callbacks: Sequence[Callback] = (), progress: Optional[bool] = None) -> "Word2Vec":
        """Go on with a training that was interrupted, with the same text, to the vectors of one that was not.

        ``checkpoint`` is the directory that TrainingInterrupted names. ``epochs`` may be higher than it was.
        """
        if (sentences is None) == (corpus_file is None):
            raise TypeError("give the text of the training again: sentences, or corpus_file")
        names = sorted(name for name in os.listdir(checkpoint) if name.startswith("checkpoint-") and name.endswith(".safetensors"))
        if not names:
            raise FileNotFoundError(f"{checkpoint} holds no checkpoint")
        state = NativeFile(os.path.join(checkpoint, names[-1]))
        model = cls._from_manifest(state)
        model.progress = progress
        owner = Directory()
        model._run([*flags({"resume": checkpoint, "epochs": epochs})], None if sentences is None else _stream.checked(sentences), corpus_file,
                   epochs or model.epochs, owner, callbacks, resumed=checkpoint)
        return model

    def _few(self, sentences: Optional[Iterable], corpus_file: Optional[str]) -> Tuple[Optional[Iterator[List[str]]], bool]:
        """Return the sentences, and whether they are too few for sub-sampling."""
        if corpus_file is not None:
            size = os.path.getsize(corpus_file) if os.path.isfile(corpus_file) else _SMALL * 10
            if self.sample is not None or size >= _SMALL * 10:
                return None, False
            from .sentences import LineSentence
            return None, _stream.buffered(iter(LineSentence(corpus_file)), _SMALL)[1]
        checked = _stream.checked(sentences)
        if self.sample is not None:
            return checked, False
        first, all = _stream.buffered(checked, _SMALL)
        return _chain(first, checked), all

    def _start(self, owner: Directory) -> List[str]:
        """Return the flags that say which words there are, and what they start from."""
        if self._file is None and self._counts is None and not len(self.wv):
            return flags({"min_count": self.min_count, "max_vocab": self.max_final_vocab})
        untouched = self._fresh is not None and np.array_equal(self.wv.vectors, self._fresh) and list(self._counts or ()) == self.wv.index_to_key
        if self._file is None and untouched:
            path = owner.file("words.txt")
            with open(path, "w", encoding="utf8", newline="\n") as f:
                for word, n in self._counts.items():
                    f.write(f"{_stream.escape(word)} {n}\n")
            self._vocabulary = path
            return flags({"vocab": path})
        path = owner.file("start.safetensors")
        self._save_state(path)
        return flags({"init": path, "init_vocab": "old"})

    def _settings(self, epochs: int, alpha: Optional[float], few: bool) -> Dict[str, Any]:
        sample = self.sample if self.sample is not None else 0 if few else _SAMPLE
        return {
            "dim": self.vector_size, "window": self.window, "negatives": self.negative, "noise_power": self.ns_exponent,
            "subsample": sample, "epochs": epochs, "lr": alpha, "threads": self.workers, "seed": self.seed,
            "architecture": "skipgram" if self.sg else "cbow", "bag": None if self.sg or self.cbow_mean else "sum",
            **self._architecture_flags_of(), **self.options,
        }

    def _architecture_flags_of(self) -> Dict[str, Any]:
        return {}

    def _run(self, arguments: List[str], sentences: Optional[Iterator], corpus_file: Optional[str], epochs: int, owner: Directory,
             callbacks: Sequence[Callback], resumed: Optional[str] = None) -> Tuple[int, int]:
        path = owner.file("vectors.safetensors")
        tokenizer = "escaped" if sentences is not None else None
        if tokenizer is None and "vocab" in "".join(arguments[:1]) and hasattr(self, "_vocabulary"):
            self._plain_vocabulary()
        directory = resumed or self._checkpoint_directory()
        given = [] if resumed else flags({"tokenizer": tokenizer, "checkpoint": directory})
        source = "-" if sentences is not None else os.fspath(corpus_file)
        progress = Progress(self.progress)
        epoch = 0
        began = time.monotonic()
        self.epoch_losses = []
        _call(callbacks, "on_train_begin", self)

        def on_event(event: dict) -> None:
            nonlocal epoch
            self.last_event = event
            progress.event(event)
            if event["event"] == "progress":
                while epoch < event["epoch"]:
                    if epoch:
                        self._end_epoch(event["epoch_losses"][:epoch], callbacks)
                    epoch += 1
                    _call(callbacks, "on_epoch_begin", self)
            _call(callbacks, "on_progress", self, event)

        spooled: Optional[_stream.Framer] = None
        try:
            if sentences is not None and any(self.options.get(name) for name in _TWICE):
                source = owner.file("text")
                spooled, sentences = _stream.write(source, sentences), None
            training = Run(["--input", source, "--output", path, *given, *arguments], on_event, directory)
            framer = spooled or training.feed(sentences)
            if spooled is not None:
                training.feed(None)
        except BaseException:
            self._drop_empty(directory)
            raise
        finally:
            progress.close()
        record = training.summary["training"]
        if epoch:
            self._end_epoch(record["epoch_loss"], callbacks)
        self.total_train_time += time.monotonic() - began
        self._take(path, owner)
        if tokenizer is not None:
            self.corpus_count = framer.sentences
        if directory and not resumed and self.checkpoint in (None, True):
            _remove(directory)
        self.warnings = list(training.warnings)
        if framer.empty:
            self.warnings.append(f"{framer.empty:,} empty tokens were left out")
        for warning in self.warnings:
            warnings.warn(warning, stacklevel=4)
        corpus = self.wv.manifest.get("corpus", {})
        self.corpus_total_words = corpus.get("tokens", 0)
        self.train_count += 1
        _call(callbacks, "on_train_end", self)
        return record["tokens"], self.corpus_total_words * epochs

    def _plain_vocabulary(self) -> None:
        """Write the vocabulary again, without escapes: corpus_file has none."""
        with open(self._vocabulary, "w", encoding="utf8", newline="\n") as f:
            for word, n in self._counts.items():
                if word.split() == [word]:
                    f.write(f"{word} {n}\n")

    def _end_epoch(self, losses: List[float], callbacks: Sequence[Callback]) -> None:
        self.epoch_losses = list(losses)
        self.running_training_loss = losses[-1] if losses else 0.0
        _call(callbacks, "on_epoch_end", self)

    def _checkpoint_directory(self) -> Optional[str]:
        if self.checkpoint is False:
            return None
        if isinstance(self.checkpoint, (str, os.PathLike)):
            return os.fspath(self.checkpoint)
        return tempfile.mkdtemp(prefix="kindred-checkpoint-")

    def _drop_empty(self, directory: Optional[str]) -> None:
        """Remove the directory of checkpoints if there are none in it."""
        if directory and self.checkpoint in (None, True) and os.path.isdir(directory):
            if not any(name.startswith("checkpoint-") for name in os.listdir(directory)):
                _remove(directory)

    def _take(self, path: str, owner: Any) -> None:
        """Show the vectors of a file."""
        self._file, self._owner = NativeFile(path), owner
        counts = self._counts
        self.wv = self._vectors_of(self._file, owner)
        if counts and len(counts) == len(self.wv):
            self.wv.expandos["count"] = np.array([counts.get(word, 0) for word in self.wv.index_to_key], np.int64)
        self._counts, self._fresh, self._grown = None, None, False

    def _vectors_of(self, file: NativeFile, owner: Any) -> KeyedVectors:
        return KeyedVectors._from_native(file, owner)

    @property
    def syn1neg(self) -> Optional[np.ndarray]:
        """The output matrix, a row per word, mapped; None before the training."""
        if self._file is None or "output" not in self._file:
            return None
        return self._file.tensor("output")

    def get_latest_training_loss(self) -> float:
        """Return the mean loss per pair of the last epoch. ``epoch_losses`` has those of all epochs of the last training."""
        return self.running_training_loss

    def predict_output_word(self, context_words_list: Sequence[str], topn: int = 10) -> Optional[List[Tuple[str, float]]]:
        """Return the words that are most likely between given words, with their probabilities; None if no word is known."""
        output = self.syn1neg
        if output is None:
            raise RuntimeError("the model has no output matrix; train it first")
        places = [self.wv.get_index(word) for word in context_words_list if word in self.wv.key_to_index]
        if not places:
            warnings.warn("all the input context words are out-of-vocabulary for the current model.", stacklevel=2)
            return None
        hidden = self.wv.vectors[places].sum(axis=0)
        if self.cbow_mean:
            hidden = hidden / len(places)
        scores = np.exp(np.dot(output[:len(self.wv)], hidden).astype(np.float64))
        scores /= scores.sum()
        best = np.argsort(scores)[::-1][:topn]
        return [(self.wv.index_to_key[i], float(scores[i])) for i in best]

    def score(self, sentences: Iterable[Sequence[str]], *unused: Any, **ignored: Any) -> np.ndarray:
        """Not supported: gensim's log likelihood needs hierarchical softmax. ``kindred.score`` says how unusual lines are."""
        raise UnsupportedError("Word2Vec.score needs hierarchical softmax, which kindred does not have; kindred.score(model, lines) says how unusual lines are")

    def estimate_memory(self, vocab_size: Optional[int] = None, report: Optional[Dict[str, int]] = None) -> Dict[str, int]:
        """Return the bytes that the two matrices take."""
        n = vocab_size or len(self.wv)
        result = dict(report or {})
        result["syn0"] = result["syn1neg"] = 4 * n * self.vector_size
        result["vocab"] = result.get("vocab", 500 * n)
        result["total"] = sum(value for name, value in result.items() if name != "total")
        return result

    def init_sims(self, replace: bool = False) -> None:
        """Do what gensim 3 did; see ``KeyedVectors.init_sims``."""
        self.wv.init_sims(replace)

    # Files.

    def save(self, fname: str, *unused, **ignored) -> None:
        """Save everything in one file of kindred's format, whatever the name: vectors, output matrix, counts, settings.

        ``load`` reads it, training goes on from it, and so does every command of the program.
        """
        if not len(self.wv):
            raise FormatError("the model has no vectors to save; train it first")
        self._save_state(os.fspath(fname))

    def _save_state(self, path: str) -> None:
        tensors: Dict[str, np.ndarray] = {"input": self.wv.vectors}
        output = self.syn1neg
        if output is not None:
            tensors["output"] = _grown(output, len(self.wv), self._file.words(), self.wv.key_to_index)
        write_native(path, self.wv._words(), tensors, self.wv.expandos.get("count"), self.wv._metadata)

    @classmethod
    def load(cls, fname: str, mmap: Optional[str] = None) -> "Word2Vec":
        """Load a model that ``save`` or the program wrote. ``mmap`` is ignored: files are always mapped."""
        file, owner = open_vectors(fname)
        model = cls._from_manifest(file)
        model._take(file.path, owner)
        return model

    @classmethod
    def _from_manifest(cls, file: NativeFile) -> "Word2Vec":
        settings = file.manifest.get("settings") or {}
        corpus = file.manifest.get("corpus") or {}
        training = file.manifest.get("training") or {}
        model = cls(vector_size=file.header["input"]["shape"][1], window=settings.get("window", 5), min_count=corpus.get("min_count", 1) or 1,
                    sample=settings.get("subsample"), seed=settings.get("seed", 1), sg=int(settings.get("architecture", "skipgram") == "skipgram"),
                    negative=settings.get("negatives", 5), ns_exponent=settings.get("noise_power", 0.75),
                    cbow_mean=int(settings.get("bag") != "sum"), epochs=settings.get("epochs", 5), alpha=_given_rate(settings),
                    **{name: settings[name] for name, usual in _USUAL.items() if settings.get(name, usual) != usual},
                    **cls._load_options(file))
        model.corpus_count = corpus.get("sentences", 0)
        model.corpus_total_words = corpus.get("tokens", 0)
        model.epoch_losses = training.get("epoch_loss") or []
        model.running_training_loss = model.epoch_losses[-1] if model.epoch_losses else 0.0
        return model

    @classmethod
    def _load_options(cls, file: NativeFile) -> Dict[str, Any]:
        return {}

    def report(self, path: str, *sets: str, **options: Any) -> str:
        """Write an HTML page with the facts of the training and, if there are evaluation sets, the scores of the vectors.

        Returns the path.
        """
        from .functions import report
        return report(self, path, *sets, **options)

    def __str__(self) -> str:
        return f"{type(self).__name__}<vocab={len(self.wv)}, vector_size={self.vector_size}, alpha={'auto' if self.alpha is None else self.alpha}>"

    def _repr_html_(self) -> str:
        from ._html import facts
        return facts(type(self).__name__, {
            "words": f"{len(self.wv):,}", "vector size": self.vector_size, "architecture": "skip-gram" if self.sg else "CBOW",
            "window": self.window, "negatives": self.negative, "tokens of the text": f"{self.corpus_total_words:,}",
            "loss of each epoch": ", ".join(f"{loss:.4f}" for loss in self.epoch_losses) or "not trained"})

    def __getstate__(self) -> dict:
        """Return the state to pickle, with the file of the last training as bytes."""
        state = dict(self.__dict__)
        state["_owner"], state["_file"], state["_bytes"] = None, None, None
        if self._file is not None:
            with tempfile.TemporaryDirectory() as directory:
                path = os.path.join(directory, "vectors")
                self._save_state(path)
                with open(path, "rb") as f:
                    state["_bytes"] = f.read()
            state["wv"] = None
        return state

    def __setstate__(self, state: dict) -> None:
        data = state.pop("_bytes")
        self.__dict__.update(state)
        if data is not None:
            owner = Directory()
            with open(owner.file("vectors.safetensors"), "wb") as f:
                f.write(data)
            self._take(owner.file("vectors.safetensors"), owner)


def _given_rate(settings: Dict[str, Any]) -> Optional[float]:
    """Return the learning rate of a training, None if it is the one that the program chooses for up to 100 million trained words."""
    rate, epochs, sample = settings.get("lr"), settings.get("epochs", 5), settings.get("subsample", 0.001)
    longest = 2.0 if 0 < sample <= 0.01 else 1.0
    if 0 < sample < 0.001:
        epochs *= (sample / 0.001) ** 0.3
    factor = min(max((5 / epochs) ** 0.5, 0.5), longest)
    chosen = 0.05 * factor
    if settings.get("architecture") == "cbow":
        sensitive = settings.get("bag") == "sum" or settings.get("sampler") in ("self-adversarial", "debiased")
        chosen = 0.05 * min(factor, 1) if sensitive else 0.1 * factor
    return None if rate is not None and abs(rate - chosen) < 1e-4 else rate


def _kept(word: str, count: int, min_count: int, rule: Optional[Callable[[str, int, int], int]]) -> bool:
    """Report whether a word is kept: a rule answers 0 for min_count, 1 to discard, 2 to keep."""
    answer = rule(word, count, min_count) if rule is not None else 0
    return answer == 2 or answer != 1 and count >= min_count


def _grown(matrix: np.ndarray, rows: int, words: List[str], places: Dict[Any, int]) -> np.ndarray:
    """Return an output matrix for the words of now, which may be others than those of its file."""
    if len(words) == rows and all(places.get(word) == i for i, word in enumerate(words)):
        return matrix
    result = np.zeros((rows, matrix.shape[1]), np.float32)
    for i, word in enumerate(words):
        place = places.get(word)
        if place is not None:
            result[place] = matrix[i]
    return result


def _chain(first: List[List[str]], rest: Iterator[List[str]]) -> Iterator[List[str]]:
    yield from first
    yield from rest


def _call(callbacks: Sequence[Callback], method: str, *arguments: Any) -> None:
    for callback in callbacks or ():
        function = getattr(callback, method, None)
        if function is not None:
            function(*arguments)


def _remove(directory: str) -> None:
    import shutil
    shutil.rmtree(directory, ignore_errors=True)
