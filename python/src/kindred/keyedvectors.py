"""Vectors by word, with the methods of gensim's ``KeyedVectors``."""

from __future__ import annotations

import os
import warnings
from numbers import Integral
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from . import _statistics
from ._files import open_vectors
from ._native import NativeFile, replacing, write_native
from .errors import FormatError, UnknownWordError, UnsupportedError

Key = Union[str, int]
Neighbors = List[Tuple[str, float]]


class Correlation(NamedTuple):
    """A correlation and its two-sided p-value."""

    statistic: float
    pvalue: float


class KeyedVectors:
    """Vectors by word.

    >>> vectors = KeyedVectors(vector_size=2)
    >>> vectors.add_vectors(["king", "queen", "car"], [[1, 0.1], [1, 0.2], [0, 1]])
    >>> vectors.most_similar("king", topn=1)
    [('queen', 0.9952...)]
    >>> "king" in vectors, vectors.index_to_key
    (True, ['king', 'queen', 'car'])
    """

    def __init__(self, vector_size: int, count: int = 0, dtype=np.float32, mapfile_path: Optional[str] = None):
        """Make room for ``count`` vectors of ``vector_size`` values; there may be more."""
        self.vector_size = vector_size
        self.vectors: np.ndarray = np.zeros((count, vector_size), dtype)
        self.index_to_key: List[Any] = [None] * count
        self.key_to_index: Dict[Any, int] = {}
        self.next_index = 0
        self.norms: Optional[np.ndarray] = None
        self.expandos: Dict[str, np.ndarray] = {}
        self.mapfile_path = mapfile_path
        self.manifest: dict = {}
        self._metadata: Dict[str, str] = {}
        self._owner: Any = None  # keeps the directory of a mapped file

    # Files.

    @classmethod
    def _from_native(cls, file: NativeFile, owner: Any = None) -> "KeyedVectors":
        vectors = cls(0)
        vectors._take(file, owner)
        return vectors

    def _take(self, file: NativeFile, owner: Any) -> None:
        """Show the vectors of a file."""
        self.vectors = file.tensor("input")
        self.vector_size = self.vectors.shape[1]
        self.index_to_key = file.words()
        self.key_to_index = dict(zip(self.index_to_key, range(len(self.index_to_key))))
        self.next_index = len(self.index_to_key)
        self.norms = None
        counts = file.tensor("vocabulary.counts")
        self.expandos = {"count": np.asarray(counts)} if counts.any() else {}
        self.mapfile_path = file.path
        self.manifest = file.manifest
        self._metadata = {k: file.metadata[k] for k in ("kindred.manifest",) if k in file.metadata}
        self._owner = owner

    @classmethod
    def load(cls, fname: str, mmap: Optional[str] = None) -> "KeyedVectors":
        """Load vectors of any format that kindred reads. ``mmap`` is ignored: files are always mapped."""
        file, owner = open_vectors(fname)
        return cls._from_native(file, owner)

    def save(self, fname: str, *unused, **ignored) -> None:
        """Save vectors, words and counts in kindred's format, whatever the name. The file replaces another when it is complete."""
        write_native(fname, self._words(), {"input": self.vectors[:len(self.index_to_key)]}, self.expandos.get("count"), self._metadata)

    def _words(self) -> List[str]:
        for i, key in enumerate(self.index_to_key):
            if not isinstance(key, str):
                raise FormatError(f"key {i} is {key!r}, and files hold only strings as keys")
        return self.index_to_key

    @classmethod
    def load_word2vec_format(cls, fname: str, fvocab: Optional[str] = None, binary: bool = False, encoding: str = "utf8",
                             unicode_errors: str = "strict", limit: Optional[int] = None, datatype=np.float32,
                             no_header: bool = False) -> "KeyedVectors":
        """Load vectors in one of the formats of word2vec.c, or in GloVe's with ``no_header``. Files may be compressed.

        ``unicode_errors`` is ignored: words that are no UTF-8 stay as they are.
        """
        if encoding.lower().replace("-", "").replace("_", "") != "utf8":
            raise UnsupportedError(f"encoding={encoding!r}: kindred reads vectors in UTF-8; convert the file first")
        format = "binary" if binary else "glove" if no_header else "text"
        file, owner = open_vectors(fname, format=format, first=limit)
        vectors = cls._from_native(file, owner)
        if datatype != np.float32:
            vectors.vectors = vectors.vectors.astype(datatype)
        if fvocab is not None:
            counts = {}
            with open(fvocab, encoding="utf8") as lines:
                for line in lines:
                    word, count = line.strip().rsplit(None, 1)
                    counts[word] = int(count)
            for word in vectors.index_to_key:
                if word in counts:
                    vectors.set_vecattr(word, "count", counts[word])
        return vectors

    def save_word2vec_format(self, fname: str, fvocab: Optional[str] = None, binary: bool = False, total_vec: Optional[int] = None,
                             write_header: bool = True, prefix: str = "", append: bool = False, sort_attr: str = "count") -> None:
        """Write vectors in a format of word2vec.c, the most frequent words first. ``fvocab`` is a file for words and counts.

        A word with white space is a FormatError, as other programs could not read the file.
        """
        order = range(len(self.index_to_key))
        if sort_attr in self.expandos:
            order = np.argsort(-self.expandos[sort_attr][:len(self.index_to_key)], kind="stable").tolist()
        keys = [f"{prefix}{self.index_to_key[i]}" for i in order]
        for key in keys:
            if not key or key.split() != [key] or "\0" in key:
                raise FormatError(f"the word {key!r} can't be written in this format, as it holds white space; save() keeps any word")
        total = len(keys) if total_vec is None else total_vec
        if fvocab is not None:
            with replacing(fvocab) as f:
                for key, i in zip(keys, order):
                    count = self.get_vecattr(i, sort_attr) if sort_attr in self.expandos else 0
                    f.write(f"{key} {count}\n".encode("utf8", "surrogateescape"))
        with (open(fname, "ab") if append else replacing(fname)) as f:
            if write_header:
                f.write(f"{total} {self.vector_size}\n".encode())
            for key, i in zip(keys, order):
                row = np.asarray(self.vectors[i], np.float32)
                values = row.astype("<f4").tobytes() if binary else " ".join(map(str, row)).encode()
                f.write(key.encode("utf8", "surrogateescape") + b" " + values + (b"" if binary else b"\n"))

    def intersect_word2vec_format(self, fname: str, lockf: float = 0.0, binary: bool = False, encoding: str = "utf8",
                                  unicode_errors: str = "strict") -> None:
        """Take the vectors of a file for the words that are here. ``lockf`` must be 1.0: kindred can't hold vectors still."""
        if lockf != 1.0:
            raise UnsupportedError(f"lockf={lockf}: kindred trains all vectors; give lockf=1.0")
        other = KeyedVectors.load_word2vec_format(fname, binary=binary, encoding=encoding, unicode_errors=unicode_errors)
        if other.vector_size != self.vector_size:
            raise ValueError(f"{fname} has vectors of {other.vector_size} values, and these have {self.vector_size}")
        self._writable()
        for key, i in other.key_to_index.items():
            if key in self.key_to_index:
                self.vectors[self.key_to_index[key]] = other.vectors[i]
        self.norms = None

    # Words and vectors.

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    def _repr_html_(self) -> str:
        from ._html import facts
        return facts(type(self).__name__, {"words": f"{len(self):,}", "vector size": self.vector_size,
                                          "first words": ", ".join(map(str, self.index_to_key[:8]))})

    def __contains__(self, key: Key) -> bool:
        return self.has_index_for(key)

    def has_index_for(self, key: Key) -> bool:
        """Report whether a word has a place among the vectors."""
        return self.get_index(key, -1) >= 0

    def get_index(self, key: Key, default: Optional[int] = None) -> int:
        """Return the place of a word, or ``default``. A number that is no word stands for itself.

        Raises UnknownWordError, a KeyError, if there is neither.
        """
        index = self.key_to_index.get(key, -1)
        if index < 0 and isinstance(key, (int, np.integer)) and 0 <= key < len(self.index_to_key):
            return int(key)
        if index >= 0:
            return index
        if default is not None:
            return default
        raise UnknownWordError(f"Key '{key}' not present")

    def __getitem__(self, key_or_keys: Union[Key, Iterable[Key]]) -> np.ndarray:
        """Return the vector of a word, or a matrix of those of several words."""
        if isinstance(key_or_keys, (str, int, np.integer)):
            return self.get_vector(key_or_keys)
        return np.vstack([self.get_vector(key) for key in key_or_keys])

    def get_vector(self, key: Key, norm: bool = False) -> np.ndarray:
        """Return the vector of a word, scaled to length 1 with ``norm``. It can't be written to."""
        index = self.get_index(key)
        if norm:
            self.fill_norms()
            vector = self.vectors[index] / self.norms[index]
        else:
            vector = self.vectors[index].view(np.ndarray)
        vector.setflags(write=False)
        return vector

    word_vec = get_vector

    def get_mean_vector(self, keys: Sequence, weights: Optional[Sequence[float]] = None, pre_normalize: bool = True,
                        post_normalize: bool = False, ignore_missing: bool = True) -> np.ndarray:
        """Return the mean of vectors, given as words or as arrays.

        ``pre_normalize`` scales those of words to length 1 before, ``post_normalize`` the mean after. The mean is divided
        by the sum of the absolute weights.
        """
        if len(keys) == 0:
            raise ValueError("cannot compute mean with no input")
        if isinstance(weights, list):
            weights = np.array(weights)
        if weights is None:
            weights = np.ones(len(keys))
        if len(keys) != len(weights):
            raise ValueError("keys and weights array must have same number of elements")
        mean = np.zeros(self.vector_size, self.vectors.dtype)
        total = 0.0
        for weight, key in zip(weights, keys):
            if isinstance(key, np.ndarray):
                mean += weight * key
                total += abs(weight)
            elif key in self:
                mean += weight * self.get_vector(key, norm=pre_normalize)
                total += abs(weight)
            elif not ignore_missing:
                raise UnknownWordError(f"Key '{key}' not present in vocabulary")
        if total > 0:
            mean = mean / total
        if post_normalize:
            length = np.linalg.norm(mean)
            if length > 0:
                mean = mean / length
        return mean.astype(self.vectors.dtype, copy=False)

    def add_vector(self, key: Key, vector: Sequence[float]) -> int:
        """Add a word, or replace the vector of one that is here. Return its place."""
        place = self.next_index
        if place < len(self.index_to_key) and self.index_to_key[place] is None and key not in self.key_to_index:
            self._writable()
            self.index_to_key[place] = key
            self.key_to_index[key] = place
            self.vectors[place] = vector
            self.next_index += 1
            self.norms = None
            return place
        self.add_vectors([key], [vector], replace=True)
        return self.key_to_index[key]

    def add_vectors(self, keys: Union[Key, Sequence[Key]], weights, extras: Optional[Dict[str, Any]] = None, replace: bool = False) -> None:
        """Add words. With ``replace``, words that are here get the new vectors; without it they keep theirs."""
        if isinstance(keys, (str, int)):
            keys = [keys]
            weights = np.asarray(weights).reshape(1, -1)
        weights = np.asarray(weights, self.vectors.dtype)
        if weights.shape != (len(keys), self.vector_size):
            raise ValueError(f"weights have the shape {weights.shape}, expected {(len(keys), self.vector_size)}")
        added: List[int] = []
        first = len(self.index_to_key)
        for i, key in enumerate(keys):
            if key not in self.key_to_index:
                self.key_to_index[key] = first + len(added)
                self.index_to_key.append(key)
                added.append(i)
            elif replace and self.key_to_index[key] < first:
                self._writable()
                self.vectors[self.key_to_index[key]] = weights[i]
            elif replace:
                added[self.key_to_index[key] - first] = i
        if added:
            self.vectors = np.vstack([self.vectors, weights[added]])
            self.next_index = len(self.index_to_key)
        self.norms = None
        for attribute, values in (extras or {}).items():
            for key, value in zip(keys, values):
                self.set_vecattr(key, attribute, value)
        for attribute, values in self.expandos.items():
            self.expandos[attribute] = np.concatenate([values, np.zeros(len(self.index_to_key) - len(values), values.dtype)])

    def __setitem__(self, keys, weights) -> None:
        """Add words, or replace the vectors of those that are here."""
        if not isinstance(keys, list):
            keys = [keys]
            weights = np.asarray(weights).reshape(1, -1)
        self.add_vectors(keys, weights, replace=True)

    def _writable(self) -> None:
        if not self.vectors.flags.writeable:
            self.vectors = np.array(self.vectors)

    def resize_vectors(self, seed: int = 0) -> None:
        """Give each word in ``index_to_key`` that lacks one a random vector."""
        missing = len(self.index_to_key) - len(self.vectors)
        if missing > 0:
            random = np.random.default_rng(seed)
            self.vectors = np.vstack([self.vectors, initial_vectors(random, missing, self.vector_size, self.vectors.dtype)])
        elif missing < 0:
            self.vectors = self.vectors[:len(self.index_to_key)]
        self.norms = None

    def get_vecattr(self, key: Key, attr: str) -> Any:
        """Return an attribute of a word, such as "count"."""
        index = self.get_index(key)
        if attr not in self.expandos:
            raise KeyError(f"words have no attribute {attr!r}; they have {sorted(self.expandos)}")
        return self.expandos[attr][index]

    def set_vecattr(self, key: Key, attr: str, val: Any) -> None:
        """Set an attribute of a word: a number, or any object."""
        index = self.get_index(key)
        kind = type(val) if isinstance(val, (bool, int, float, np.generic)) else object
        values = self.expandos.get(attr)
        if values is None:
            values = np.zeros(len(self.index_to_key), np.int64 if kind is int else kind)
        elif len(values) < len(self.index_to_key):
            values = np.concatenate([values, np.zeros(len(self.index_to_key) - len(values), values.dtype)])
        if isinstance(values, np.memmap) or not values.flags.writeable:
            values = np.array(values)
        values[index] = val
        self.expandos[attr] = values

    def sort_by_descending_frequency(self) -> None:
        """Order words by falling count."""
        if not len(self) or "count" not in self.expandos:
            return
        order = np.argsort(self.expandos["count"])[::-1]
        self.index_to_key = [self.index_to_key[i] for i in order]
        self.key_to_index = {key: i for i, key in enumerate(self.index_to_key)}
        self.vectors = self.vectors[order]
        self.expandos = {name: values[order] for name, values in self.expandos.items()}
        self.norms = None

    def vectors_for_all(self, keys: Iterable, allow_inference: bool = True, copy_vecattrs: bool = False) -> "KeyedVectors":
        """Return vectors of just these words; those without a vector are left out."""
        wanted = list(dict.fromkeys(keys))
        infer = allow_inference and hasattr(self, "vectors_ngrams")
        kept = [key for key in wanted if self.key_to_index.get(key, -1) >= 0 or infer and key in self]
        result = KeyedVectors(self.vector_size, dtype=self.vectors.dtype)
        if kept:
            result.add_vectors(kept, [self.get_vector(key) for key in kept])
            if copy_vecattrs:
                for attribute in self.expandos:
                    for key in kept:
                        if key in self.key_to_index:
                            result.set_vecattr(key, attribute, self.get_vecattr(key, attribute))
        return result

    # Lengths.

    def fill_norms(self, force: bool = False) -> None:
        """Compute the lengths of all vectors, if they are not known. Call it with ``force`` after you changed ``vectors``."""
        if self.norms is None or force or len(self.norms) != len(self.vectors):
            self.norms = np.linalg.norm(self.vectors, axis=1)

    def get_normed_vectors(self) -> np.ndarray:
        """Return a matrix of all vectors, scaled to length 1."""
        self.fill_norms()
        return np.asarray(self.vectors) / self.norms[..., np.newaxis]

    def unit_normalize_all(self) -> None:
        """Scale all vectors to length 1, for good."""
        self.vectors = self.get_normed_vectors()
        self.norms = np.ones(len(self.vectors), self.vectors.dtype)

    def init_sims(self, replace: bool = False) -> None:
        """Do what gensim 3 did: use ``fill_norms()``, or ``unit_normalize_all()`` instead of ``replace=True``."""
        warnings.warn("init_sims is deprecated; use fill_norms(), or unit_normalize_all() for replace=True", DeprecationWarning, stacklevel=2)
        self.fill_norms()
        if replace:
            self.unit_normalize_all()

    # Neighbors.

    def most_similar(self, positive: Any = None, negative: Any = None, topn: Optional[int] = 10, clip_start: int = 0,
                     clip_end: Optional[int] = None, restrict_vocab: Optional[int] = None, indexer: Any = None):
        """Return the words nearest to a mean of vectors, with their cosines.

        ``positive`` and ``negative`` are words or vectors, one or a list; a pair (word, weight) weighs it. ``restrict_vocab``
        looks at the first words only, ``clip_start`` and ``clip_end`` at a range of them. With ``topn=None`` the result is an
        array of the cosines of all words that are looked at.
        """
        if isinstance(topn, Integral) and topn < 1:
            return []
        keys, weights = self._weighed(positive, negative)
        self.fill_norms()
        mean = self.get_mean_vector(keys, weights, pre_normalize=True, post_normalize=True, ignore_missing=False)
        asked = {self.get_index(key) for key in keys if isinstance(key, (str, int, np.integer)) and self.has_index_for(key)}
        if indexer is not None and isinstance(topn, int):
            return indexer.most_similar(mean, topn)
        start, end = (0, restrict_vocab) if restrict_vocab else (clip_start, clip_end or len(self.vectors))
        return self._nearest(np.dot(self.vectors[start:end], mean) / self.norms[start:end], topn, asked, start)

    def _weighed(self, positive: Any, negative: Any) -> Tuple[list, np.ndarray]:
        """Return all words and vectors that a question names, and their weights."""
        keys: list = []
        weights: List[float] = []
        for items, sign in ((_as_list(positive), 1.0), (_as_list(negative), -1.0)):
            for item in items:
                if isinstance(item, tuple):
                    key, weight = item
                    keys.append(key)
                    weights.append(weight)  # as given, also among the negative ones, as in gensim
                else:
                    keys.append(np.asarray(item, self.vectors.dtype) if isinstance(item, (list, np.ndarray)) else item)
                    weights.append(sign)
        return keys, np.array(weights)

    def _nearest(self, scores: np.ndarray, topn: Optional[int], without: set, start: int = 0):
        scores = np.asarray(scores)
        if not topn:
            return scores
        best = _best(scores, topn + len(without))
        return [(self.index_to_key[i + start], float(scores[i])) for i in best if i + start not in without][:topn]

    def similar_by_word(self, word: Key, topn: int = 10, restrict_vocab: Optional[int] = None):
        """Return the words nearest to a word."""
        return self.similar_by_key(word, topn, restrict_vocab)

    def similar_by_key(self, key: Key, topn: int = 10, restrict_vocab: Optional[int] = None):
        """Return the words nearest to a word."""
        return self.most_similar(positive=[key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(self, vector: Sequence[float], topn: int = 10, restrict_vocab: Optional[int] = None):
        """Return the words nearest to a vector."""
        return self.most_similar(positive=[np.asarray(vector, self.vectors.dtype)], topn=topn, restrict_vocab=restrict_vocab)

    def most_similar_cosmul(self, positive: Any = None, negative: Any = None, topn: Optional[int] = 10, restrict_vocab: Optional[int] = None):
        """Return the words with the highest product of similarities to ``positive``, divided by those to ``negative``
        (3CosMul; Levy and Goldberg 2014). Cosines are shifted to 0 to 1."""
        if isinstance(topn, Integral) and topn < 1:
            return []
        positive, negative = _as_list(positive), _as_list(negative)
        self.fill_norms()
        asked = {self.get_index(key) for key in positive + negative if isinstance(key, (str, int, np.integer)) and self.has_index_for(key)}
        end = restrict_vocab or len(self.vectors)
        products = []
        for items in (positive, negative):
            product = np.ones(len(self.vectors[:end]), np.float32)
            for item in items:
                vector = self.get_vector(item, norm=True) if isinstance(item, (str, int, np.integer)) else _unit(np.asarray(item, np.float32))
                product = product * ((1 + np.dot(self.vectors[:end], vector) / self.norms[:end]) / 2)
            products.append(product)
        return self._nearest(products[0] / (products[1] + 0.000001), topn, asked)

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """Return the word of a list that is most similar to a word."""
        return keys_list[int(np.argmax([self.similarity(key1, key) for key in keys_list]))]

    def closer_than(self, key1: Key, key2: Key) -> List[Any]:
        """Return the words that are closer to ``key1`` than ``key2`` is."""
        distances = self.distances(key1)
        here, there = self.get_index(key1), self.get_index(key2)
        return [self.index_to_key[i] for i in np.nonzero(distances < distances[there])[0] if i != here]

    words_closer_than = closer_than

    def rank(self, key1: Key, key2: Key) -> int:
        """Return the rank of ``key2`` among the neighbors of ``key1``, from 1."""
        return len(self.closer_than(key1, key2)) + 1

    def doesnt_match(self, words: Sequence[str]) -> str:
        """Return the word that is least similar to the mean of all. Words without a vector are left out, with a warning."""
        known = [word for word in words if word in self]
        if len(known) != len(words):
            warnings.warn(f"vectors for words {set(words) - set(known)} are not present in the model, ignoring these words", stacklevel=2)
        if not known:
            raise ValueError("cannot select a word from an empty list")
        vectors = np.vstack([self.get_vector(word, norm=True) for word in known]).astype(np.float32)
        mean = _unit(vectors.mean(axis=0))
        return known[int(np.argmin(vectors @ mean))]

    def rank_by_centrality(self, words: Sequence[str], use_norm: bool = True) -> List[Tuple[float, str]]:
        """Return words with their similarity to the mean of all, the most central first."""
        self.fill_norms()
        known = [word for word in words if word in self]
        if not known:
            raise ValueError("cannot select a word from an empty list")
        vectors = np.vstack([self.get_vector(word, norm=use_norm) for word in known]).astype(np.float32)
        mean = self.get_mean_vector(list(vectors), post_normalize=True)
        return sorted(zip(np.dot(vectors, mean), known), reverse=True)

    # Similarity.

    def similarity(self, w1: Key, w2: Key) -> float:
        """Return the cosine of two words."""
        return np.dot(_unit(self[w1]), _unit(self[w2]))

    def distance(self, w1: Key, w2: Key) -> float:
        """Return 1 minus the cosine of two words."""
        return 1 - self.similarity(w1, w2)

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """Return the cosine between the means of two lists of words."""
        if not (len(ws1) and len(ws2)):
            raise ZeroDivisionError("At least one of the passed list is empty.")
        return np.dot(_unit(self.get_mean_vector(ws1, pre_normalize=False)), _unit(self.get_mean_vector(ws2, pre_normalize=False)))

    @staticmethod
    def cosine_similarities(vector_1: np.ndarray, vectors_all: np.ndarray) -> np.ndarray:
        """Return the cosines between a vector and each row of a matrix."""
        return np.dot(vectors_all, vector_1) / (np.linalg.norm(vector_1) * np.linalg.norm(vectors_all, axis=1))

    def distances(self, word_or_vector: Union[Key, np.ndarray], other_words: Sequence[Key] = ()) -> np.ndarray:
        """Return 1 minus the cosine between a word or vector and each of some words, or all words."""
        vector = self.get_vector(word_or_vector) if isinstance(word_or_vector, (str, int, np.integer)) else np.asarray(word_or_vector)
        if len(other_words):
            others = np.vstack([self.get_vector(word) for word in other_words])
        else:
            others = np.asarray(self.vectors)
        return 1 - self.cosine_similarities(vector, others)

    def relative_cosine_similarity(self, wa: Key, wb: Key, topn: int = 10) -> float:
        """Return the cosine of two words, divided by the sum of those of the ``topn`` neighbors of ``wa`` (Leeuwenberg et al. 2016)."""
        return float(self.similarity(wa, wb) / sum(score for _, score in self.similar_by_word(wa, topn)))

    def wmdistance(self, document1, document2, norm: bool = True) -> float:
        """Not supported: the word mover's distance needs an optimal transport solver."""
        raise UnsupportedError("wmdistance: kindred has no word mover's distance; n_similarity compares means of vectors")

    # Evaluation.

    def evaluate_word_analogies(self, analogies: str, restrict_vocab: int = 300000, case_insensitive: bool = True,
                                dummy4unknown: bool = False, similarity_function: str = "most_similar") -> Tuple[float, List[dict]]:
        """Answer the questions of a file such as questions-words.txt: the share of right answers, and the questions of each section.

        ``kindred.evaluate`` answers faster, and gives confidence intervals.
        """
        if similarity_function not in ("most_similar", "most_similar_cosmul"):
            raise UnsupportedError(f"similarity_function={similarity_function!r}; there are most_similar and most_similar_cosmul")
        known = self._known(restrict_vocab, case_insensitive)
        sections: List[dict] = []
        with open(analogies, encoding="utf8") as lines:
            for number, line in enumerate(lines, 1):
                line = line.strip()
                if line.startswith(":"):
                    sections.append({"section": line[1:].strip(), "correct": [], "incorrect": []})
                    continue
                if not line:
                    continue
                if not sections:
                    raise ValueError(f"{analogies}:{number}: a question before the first line that names a section with a colon")
                question = (line.upper() if case_insensitive else line).split()
                if len(question) != 4:
                    warnings.warn(f"{analogies}:{number}: want four words, found {line[:60]!r}; the line is left out", stacklevel=2)
                    continue
                a, b, c, expected = question
                if not all(word in known for word in question):
                    if dummy4unknown:
                        sections[-1]["incorrect"].append((a, b, c, expected))
                    continue
                answer = self._answer(a, b, c, known, restrict_vocab, case_insensitive, similarity_function)
                sections[-1]["correct" if answer == expected else "incorrect"].append((a, b, c, expected))
        total = {"section": "Total accuracy"}
        for kind in ("correct", "incorrect"):
            total[kind] = [question for section in sections for question in section[kind]]
        sections.append(total)
        asked = len(total["correct"]) + len(total["incorrect"])
        return (len(total["correct"]) / asked if asked else 0.0), sections

    def _known(self, restrict_vocab: Optional[int], case_insensitive: bool) -> Dict[str, int]:
        keys = self.index_to_key[:restrict_vocab]
        if case_insensitive:
            return {str(key).upper(): self.get_index(key) for key in reversed(keys)}
        return {key: self.get_index(key) for key in keys}

    def _answer(self, a: str, b: str, c: str, known: Dict[str, int], restrict_vocab: int, fold: bool, method: str) -> Optional[str]:
        """Return the first of five neighbors that is known and not in the question."""
        places = [known[word] for word in (a, b, c)]
        found = getattr(self, method)(positive=[places[2], places[1]], negative=[places[0]], topn=5, restrict_vocab=restrict_vocab)
        for word, _ in found:
            word = str(word).upper() if fold else word
            if word in known and word not in (a, b, c):
                return word
        return None

    def evaluate_word_pairs(self, pairs: str, delimiter: str = "\t", encoding: str = "utf8", restrict_vocab: int = 300000,
                            case_insensitive: bool = True, dummy4unknown: bool = False) -> Tuple[Correlation, Correlation, float]:
        """Compare cosines with human scores, a pair of words and its score on each line of a file.

        Returns Pearson's and Spearman's correlations, each with its p-value, and the percentage of pairs with unknown words.
        ``kindred.evaluate`` gives confidence intervals.
        """
        known = self._known(restrict_vocab, case_insensitive)
        human: List[float] = []
        cosines: List[float] = []
        unknown = 0
        with open(pairs, encoding=encoding) as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip() or line.startswith("#"):
                    continue
                try:
                    a, b, score = [part.upper() if case_insensitive else part for part in line.rstrip("\r\n").split(delimiter)]
                    value = float(score)
                except (ValueError, TypeError):
                    warnings.warn(f"{pairs}:{number}: want two words and a score, found {line[:60].rstrip()!r}; the line is left out", stacklevel=2)
                    continue
                if a not in known or b not in known:
                    unknown += 1
                    if not dummy4unknown:
                        continue
                    cosines.append(0.0)
                else:
                    cosines.append(float(self.similarity(known[a], known[b])))
                human.append(value)
        if not human:
            raise ValueError(f"no pair of {pairs} has vectors for both words")
        share = float(unknown) / (len(human) + (0 if dummy4unknown else unknown)) * 100
        return Correlation(*_statistics.pearson(human, cosines)), Correlation(*_statistics.spearman(human, cosines)), share

    # What gensim 3 had.

    _RENAMED = {
        "vocab": "key_to_index, and get_vecattr(word, 'count') for counts", "index2word": "index_to_key", "index2entity": "index_to_key",
        "vectors_norm": "get_normed_vectors()", "syn0": "vectors", "syn0norm": "get_normed_vectors()", "accuracy": "evaluate_word_analogies()",
        "similarity_matrix": "get_normed_vectors(), whose product with its transpose has all cosines",
    }

    def __getattr__(self, name: str) -> Any:
        if name in KeyedVectors._RENAMED:
            raise AttributeError(f"{name} is of gensim 3; use {KeyedVectors._RENAMED[name]}")
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __getstate__(self) -> dict:
        state = dict(self.__dict__)
        state["vectors"], state["_owner"], state["mapfile_path"] = np.array(self.vectors), None, None
        state["expandos"] = {name: np.array(values) for name, values in self.expandos.items()}
        return state


Word2VecKeyedVectors = EuclideanKeyedVectors = KeyedVectors


def initial_vectors(random: np.random.Generator, count: int, size: int, dtype=np.float32) -> np.ndarray:
    """Return random vectors, uniform in ±0.5 divided by their size, as word2vec.c begins with."""
    return ((random.random((count, size), np.float32) - 0.5) / size).astype(dtype)


def _as_list(value: Any) -> list:
    """Return what a question names as a list: a word, a vector and a pair (word, weight) are one item."""
    if value is None:
        return []
    if isinstance(value, (str, int, np.integer, tuple)):
        if isinstance(value, tuple) and not (len(value) == 2 and isinstance(value[1], (int, float)) and not isinstance(value[0], (int, float))):
            return list(value)
        return [value]
    if isinstance(value, np.ndarray):
        return [value] if value.ndim == 1 else list(value)
    return list(value)


def _unit(vector: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else vector


def _best(scores: np.ndarray, n: int) -> np.ndarray:
    """Return the places of the n highest scores, the highest first."""
    if n >= len(scores):
        return np.argsort(scores)[::-1]
    top = np.argpartition(scores, len(scores) - n)[len(scores) - n:]
    return top[np.argsort(scores[top])[::-1]]
