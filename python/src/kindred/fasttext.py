"""FastText with gensim's names: words made of the rows of their character n-grams, so that any word has a vector."""

from __future__ import annotations

import os
import shutil
import warnings
from typing import Any, Dict, List, Optional

import numpy as np

from ._binary import flags, run, run_json
from ._files import Directory, open_vectors
from ._native import NativeFile
from .errors import UnknownWordError, UnsupportedError
from .keyedvectors import Key, KeyedVectors
from .word2vec import Word2Vec

_GOLDEN, _MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1
_NGRAM_ROWS = 5  # the program's random.NGramInitialization


class FastTextKeyedVectors(KeyedVectors):
    """Vectors of words that are made of character n-grams. Words that are not stored have vectors, too.

    ``min_n``, ``max_n`` and ``bucket`` describe the n-grams. ``vectors_ngrams`` has the rows of the buckets in
    ``used_buckets``, ascending; all others still have the random row with which training begins.
    """

    def __init__(self, vector_size: int, min_n: int = 3, max_n: int = 6, bucket: int = 2000000, count: int = 0, dtype=np.float32):
        super().__init__(vector_size, count, dtype)
        self.min_n, self.max_n, self.bucket = min_n, max_n, bucket
        self.hash = "fasttext"
        self.vectors_ngrams: Optional[np.ndarray] = None
        self.used_buckets = np.zeros(0, np.int32)
        self._rows: Optional[np.ndarray] = None
        self._classes: Optional[np.ndarray] = None
        self._initial: Dict[str, Any] = {"seed": 0, "bound": 0}
        self._path: Optional[str] = None  # of the file with all of this

    def _take(self, file: NativeFile, owner: Any) -> None:
        super()._take(file, owner)
        self._path = file.path
        grams = file.subwords
        if grams is None:
            self.max_n = self.min_n = self.bucket = 0
            return
        self.hash = grams["hash"]
        self.min_n, self.max_n, self.bucket = grams["min_n"], grams["max_n"], grams["buckets"]
        self._initial = grams.get("initial") or self._initial
        self._rows = file.tensor("subwords.rows")
        self.used_buckets = np.asarray(file.tensor("subwords.used")) if "subwords.used" in file else self.used_buckets
        self._classes = np.asarray(file.tensor("subwords.classes")) if "subwords.classes" in file else None

    @property
    def _word_rows(self) -> int:
        return 0 if self.hash == "floret" else self._stored

    @property
    def _stored(self) -> int:
        places = len(self._classes) if self._classes is not None else len(self._rows)
        return places - len(self.used_buckets)

    def _stored_rows(self, start: int, end: int) -> np.ndarray:
        if self._classes is not None:
            return self._rows[self._classes[start:end]]
        return self._rows[start:end]

    def __getattribute__(self, name: str) -> Any:
        if name in ("vectors_ngrams", "vectors_vocab"):
            rows = object.__getattribute__(self, "_rows")
            if rows is None:
                return None
            words = self._word_rows
            return self._stored_rows(0, words) if name == "vectors_vocab" else self._stored_rows(words, words + len(self.used_buckets))
        return object.__getattribute__(self, name)

    def __contains__(self, word: Key) -> bool:
        """Report whether a word has a vector: any word does, if there are n-grams."""
        return self._rows is not None or self.has_index_for(word)

    def get_vector(self, word: Key, norm: bool = False) -> np.ndarray:
        """Return the vector of a word: the mean of those of its n-grams if it is not stored, zero if it has none."""
        if self._rows is None or self.has_index_for(word):
            return super().get_vector(word, norm)
        vector = self._composed(str(word))
        if norm:
            length = np.linalg.norm(vector)
            vector = vector / length if length > 0 else vector
        vector.setflags(write=False)
        return vector

    word_vec = get_vector

    def _composed(self, word: str) -> np.ndarray:
        if self.hash != "fasttext":
            return self._from_program(word)
        buckets = ngram_buckets(word, self.min_n, self.max_n, self.bucket)
        if not buckets:
            warnings.warn(f"{word!r} has no n-gram of {self.min_n} to {self.max_n} characters; its vector is zero", stacklevel=3)
            return np.zeros(self.vector_size, np.float32)
        places = np.searchsorted(self.used_buckets, buckets)
        total = np.zeros(self.vector_size, np.float64)
        first = self._word_rows
        for bucket, place in zip(buckets, places):
            if place < len(self.used_buckets) and self.used_buckets[place] == bucket:
                total += self._stored_rows(first + place, first + place + 1)[0]
            else:
                total += initial_row(self._initial["seed"], self._initial["bound"], bucket, self.vector_size)
        return (total / len(buckets)).astype(np.float32)

    def _from_program(self, word: str) -> np.ndarray:
        """Ask the program, which knows all hashes of n-grams."""
        return np.array(run_json("vectors", [self._path, "--", word])["vector"], np.float32)

    def _unchanged(self) -> bool:
        if self._path is None or not os.path.exists(self._path):
            return False
        file = NativeFile(self._path)
        return len(self) == file.header["input"]["shape"][0] and self.index_to_key == file.words() and np.array_equal(self.vectors, file.tensor("input"))

    def save(self, fname: str, *unused, **ignored) -> None:
        """Save words and n-grams in kindred's format. Vectors that were changed after the training can't be saved so."""
        if self._rows is None:
            return super().save(fname)
        if not self._unchanged():
            raise UnsupportedError("the vectors were changed after the training, so that they are no longer those of their n-grams; "
                                   "vectors_for_all() makes vectors without n-grams, which can be saved")
        if os.path.abspath(fname) != os.path.abspath(self._path):
            temporary = f"{fname}.tmp-{os.getpid()}"
            shutil.copyfile(self._path, temporary)
            os.replace(temporary, fname)

    def __getstate__(self) -> dict:
        state = super().__getstate__()
        if self._rows is not None:
            if not self._unchanged():
                raise UnsupportedError("vectors that were changed after the training can't be pickled")
            with open(self._path, "rb") as f:
                return {"file": f.read()}
        return state

    def __setstate__(self, state: dict) -> None:
        if "file" not in state:
            self.__dict__.update(state)
            return
        owner = Directory()
        path = owner.file("vectors.safetensors")
        with open(path, "wb") as f:
            f.write(state["file"])
        self.__init__(0)  # type: ignore[misc]
        self._take(NativeFile(path), owner)


class FastText(Word2Vec):
    """Word vectors of character n-grams, as fastText makes them.

    >>> sentences = [["walking", "is", "healthy"], ["running", "is", "healthy"], ["cars", "are", "loud"]] * 50
    >>> model = FastText(sentences, vector_size=20, min_count=1, epochs=10, bucket=1000)
    >>> model.wv["walker"].shape, "walker" in model.wv.key_to_index
    ((20,), False)
    """

    def __init__(self, sentences=None, corpus_file: Optional[str] = None, sg: int = 0, hs: int = 0, vector_size: int = 100,
                 alpha: Optional[float] = None, window: int = 5, min_count: int = 5, max_vocab_size: Optional[int] = None,
                 word_ngrams: int = 1, sample: Optional[float] = None, seed: int = 1, workers: Optional[int] = None,
                 min_alpha: Optional[float] = None, negative: float = 5, ns_exponent: float = 0.75, cbow_mean: int = 1, hashfxn: Any = None,
                 epochs: int = 5, null_word: int = 0, min_n: int = 3, max_n: int = 6, sorted_vocab: int = 1, bucket: int = 2000000,
                 trim_rule=None, batch_words: Optional[int] = None, callbacks=(), max_final_vocab: Optional[int] = None,
                 shrink_windows: bool = True, **options: Any):
        """Take what Word2Vec takes, and ``min_n``, ``max_n`` and ``bucket``, the n-grams and the number of rows that they share.

        With ``max_n=0`` or ``word_ngrams=0`` words have no n-grams.
        """
        if word_ngrams not in (0, 1):
            raise UnsupportedError(f"word_ngrams={word_ngrams}: want 1, or 0 for no n-grams")
        self.word_ngrams = word_ngrams
        self.min_n, self.max_n, self.bucket = (min_n, max_n, bucket) if word_ngrams and max_n >= min_n else (0, 0, 0)
        super().__init__(sentences, corpus_file, vector_size=vector_size, alpha=alpha, window=window, min_count=min_count,
                         max_vocab_size=max_vocab_size, sample=sample, seed=seed, workers=workers, min_alpha=min_alpha, sg=sg, hs=hs,
                         negative=negative, ns_exponent=ns_exponent, cbow_mean=cbow_mean, hashfxn=hashfxn, epochs=epochs,
                         null_word=null_word, trim_rule=trim_rule, sorted_vocab=sorted_vocab, batch_words=batch_words, callbacks=callbacks,
                         max_final_vocab=max_final_vocab, shrink_windows=shrink_windows, **options)

    def _architecture_flags_of(self) -> Dict[str, Any]:
        return {"min_n": self.min_n, "max_n": self.max_n, "bucket": self.bucket} if self.max_n else {}

    def _empty(self) -> KeyedVectors:
        return FastTextKeyedVectors(self.vector_size, self.min_n, self.max_n, self.bucket)

    def _vectors_of(self, file: NativeFile, owner: Any) -> KeyedVectors:
        return FastTextKeyedVectors._from_native(file, owner)

    def _start(self, owner: Directory) -> List[str]:
        if self._file is None:
            if self._counts is not None and self._fresh is not None and not np.array_equal(self.wv.vectors, self._fresh):
                raise UnsupportedError("vectors that were set before the training can't start it, as words are made of n-grams")
            return super()._start(owner)
        if self._grown:
            return flags({"init": self._file.path, "init_vocab": "union", "min_count": self.min_count})
        path = owner.file("start.safetensors")
        self._save_state(path)
        return flags({"init": path, "init_vocab": "old"})

    def _save_state(self, path: str) -> None:
        if self._file is None:
            super()._save_state(path)
        else:
            self.wv.save(path)

    @classmethod
    def _load_options(cls, file: NativeFile) -> Dict[str, Any]:
        grams = file.subwords
        if grams is None:
            return {"word_ngrams": 0}
        return {"min_n": grams["min_n"], "max_n": grams["max_n"], "bucket": grams["buckets"]}


def load_facebook_vectors(path: str, encoding: str = "utf8") -> FastTextKeyedVectors:
    """Load the words and n-grams of a model of fastText."""
    file, owner = open_vectors(path)
    return FastTextKeyedVectors._from_native(file, owner)


def load_facebook_model(path: str, encoding: str = "utf8") -> FastText:
    """Load a model of fastText, from which training can go on."""
    return FastText.load(path)


def save_facebook_model(model: FastText, path: str, encoding: str = "utf8", **ignored: Any) -> None:
    """Write a model in the format of fastText."""
    directory = Directory()
    native = directory.file("vectors.safetensors")
    model._save_state(native)
    run("convert", [native, os.path.abspath(path), "--format", "fasttext"])


def ngram_buckets(word: str, min_n: int, max_n: int, buckets: int) -> List[int]:
    """Return the bucket of each n-gram of a word between "<" and ">", as fastText has them.

    >>> ngram_buckets("a", 3, 3, 1000)
    [600]
    """
    if word == "</s>" or max_n <= 0 or buckets <= 0:
        return []
    marked = f"<{word}>"
    result = []
    for start in range(len(marked)):
        hash = 2166136261
        for end in range(start + 1, min(start + max_n, len(marked)) + 1):
            for byte in marked[end - 1].encode("utf8", "surrogateescape"):
                hash = ((hash ^ (byte | 0xFFFFFF00 if byte & 0x80 else byte)) * 16777619) & 0xFFFFFFFF
            n = end - start
            if n >= min_n and not (n == 1 and (start == 0 or end == len(marked))):
                result.append(hash % buckets)
    return result


def _mix(z: int) -> int:
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & _MASK
    return z ^ z >> 31


def initial_row(seed: int, bound: float, bucket: int, size: int) -> np.ndarray:
    """Return the row with which training begins for a bucket, the same as the program's."""
    if bound == 0:
        return np.zeros(size, np.float32)
    state = 0
    for coordinate in (seed & _MASK, _NGRAM_ROWS, bucket):
        state = _mix((state + _GOLDEN + _mix((coordinate + _GOLDEN) & _MASK)) & _MASK)
    values = [((_mix((state + (i + 1) * _GOLDEN) & _MASK) >> 11) * 2.0 ** -53 * 2 - 1) * bound for i in range(size)]
    return np.array(values, np.float32)
