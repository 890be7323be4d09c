"""Phrases such as new_york, with gensim's names. ``kindred.phrases`` finds them faster in large texts."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, Callable, Dict, FrozenSet, Iterable, Iterator, List, Optional, Sequence, Union

from . import _stream
from ._native import replacing
from .errors import FormatError, UnsupportedError

#: Words that may stand inside an English phrase, as in bank_of_america: articles, prepositions and conjunctions.
ENGLISH_CONNECTOR_WORDS: FrozenSet[str] = frozenset("a an the and or of with without at from to in for on by".split())


def original_scorer(worda_count: float, wordb_count: float, bigram_count: float, len_vocab: float, min_count: float, corpus_word_count: float) -> float:
    """Return word2phrase's score: how often two words stand together, for how often each is there (Mikolov et al. 2013)."""
    product = worda_count * wordb_count
    return (bigram_count - min_count) / product * len_vocab if product else float("-inf")


def npmi_scorer(worda_count: float, wordb_count: float, bigram_count: float, len_vocab: float, min_count: float, corpus_word_count: float) -> float:
    """Return the normalized pointwise mutual information of two words, -1 to 1 (Bouma 2009)."""
    if bigram_count < min_count or not worda_count or not wordb_count or not corpus_word_count:
        return float("-inf")
    pa, pb, pab = worda_count / corpus_word_count, wordb_count / corpus_word_count, bigram_count / corpus_word_count
    return math.log(pab / (pa * pb)) / -math.log(pab) if pab < 1 else float("-inf")


_SCORERS: Dict[str, Callable] = {"default": original_scorer, "npmi": npmi_scorer}


def _write_json(fname: str, data: Dict[str, Any]) -> None:
    with replacing(fname) as f:
        f.write(json.dumps(data, ensure_ascii=False).encode("utf8", "surrogatepass"))


def _read_json(fname: str) -> Dict[str, Any]:
    with open(fname, "rb") as f:
        try:
            data = json.loads(f.read().decode("utf8", "surrogatepass"))
        except ValueError as err:
            raise FormatError(f"{fname} holds no phrases that kindred saved: {err}") from None
    if not isinstance(data, dict) or "delimiter" not in data:
        raise FormatError(f"{fname} holds no phrases that kindred saved")
    return data


class _Joiner:
    """Joins the phrases in sentences."""

    delimiter: str
    connector_words: FrozenSet[str]

    def score_candidate(self, word_a: str, word_b: str, in_between: Sequence[str]):
        """Return the phrase that two words make with what stands between them, and its score; (None, None) if it is none."""
        raise NotImplementedError

    def analyze_sentence(self, sentence: Sequence[str]) -> Iterator:
        """Yield each word with None, and each phrase with its score."""
        start: Optional[str] = None
        between: List[str] = []
        for word in sentence:
            if word not in self.connector_words:
                if start is not None:
                    phrase, score = self.score_candidate(start, word, between)
                    if score is not None:
                        yield phrase, score
                        start, between = None, []
                        continue
                    yield start, None
                    for connector in between:
                        yield connector, None
                start, between = word, []
            elif start is not None:
                between.append(word)
            else:
                yield word, None
        if start is not None:
            yield start, None
            for connector in between:
                yield connector, None

    def __getitem__(self, sentence: Union[Sequence[str], Iterable[Sequence[str]]]):
        """Return a sentence with its phrases joined or, for an iterable of sentences, an iterable of such."""
        if isinstance(sentence, (list, tuple)) and (not sentence or isinstance(sentence[0], str)):
            return [word for word, _ in self.analyze_sentence(sentence)]
        if isinstance(sentence, str):
            raise _stream.TokenError("a sentence is a string, and must be a list of tokens; split it, for example by .split()", 0)
        return _Joined(self, sentence)

    def find_phrases(self, sentences: Iterable[Sequence[str]]) -> Dict[str, float]:
        """Return the phrases in sentences, with their scores."""
        found: Dict[str, float] = {}
        for sentence in sentences:
            for phrase, score in self.analyze_sentence(sentence):
                if score is not None:
                    found[phrase] = score
        return found


class _Joined:
    """Sentences with phrases joined, each time they are iterated."""

    def __init__(self, joiner: _Joiner, sentences: Iterable[Sequence[str]]):
        self.joiner, self.sentences = joiner, sentences

    def __iter__(self) -> Iterator[List[str]]:
        for sentence in self.sentences:
            yield self.joiner[list(sentence)]


class Phrases(_Joiner):
    """Finds words that stand together more often than by chance, and joins them.

    >>> sentences = [["we", "saw", "new", "york"], ["new", "york", "is", "big"], ["he", "is", "new"]] * 5
    >>> phrases = Phrases(sentences, min_count=1, threshold=0.1)
    >>> phrases[["in", "new", "york"]]
    ['in', 'new_york']
    """

    def __init__(self, sentences: Optional[Iterable[Sequence[str]]] = None, min_count: float = 5.0, threshold: float = 10.0,
                 max_vocab_size: int = 40000000, delimiter: str = "_", progress_per: int = 10000,
                 scoring: Union[str, Callable] = "default", connector_words: Iterable[str] = frozenset()):
        """Count the words and pairs of sentences. ``max_vocab_size`` and ``progress_per`` have no effect: counts are exact.

        A pair of ``min_count`` or more that scores more than ``threshold`` is a phrase. ``scoring`` is "default", "npmi" or a
        function with the parameters of ``original_scorer``.
        """
        if min_count <= 0:
            raise ValueError(f"min_count is {min_count}, want more than 0")
        if scoring == "default" and threshold <= 0:
            raise ValueError(f"threshold is {threshold}, want more than 0 for the default scoring")
        if scoring == "npmi" and not -1 <= threshold <= 1:
            raise ValueError(f"threshold is {threshold}, want -1 to 1 for npmi")
        if isinstance(scoring, str):
            if scoring not in _SCORERS:
                raise ValueError(f"unknown scoring {scoring!r}; valid are default, npmi, or a function")
            scoring = _SCORERS[scoring]
        self.min_count, self.threshold, self.delimiter, self.scoring = min_count, threshold, delimiter, scoring
        self.connector_words = frozenset(connector_words)
        self.vocab: Counter = Counter()  # words, and pairs joined by the delimiter
        self.corpus_word_count = 0
        if sentences is not None:
            self.add_vocab(sentences)

    def add_vocab(self, sentences: Iterable[Sequence[str]]) -> None:
        """Count more sentences."""
        connectors, join, counts = self.connector_words, self.delimiter.join, self.vocab
        for number, sentence in enumerate(_stream.checked(sentences)):
            try:
                self.corpus_word_count += len(sentence)
                if not connectors:
                    counts.update(sentence)
                    counts.update([join(pair) for pair in zip(sentence, sentence[1:])])
                    continue
                start, between = None, []  # type: ignore[var-annotated]
                for word in sentence:
                    if word not in connectors:
                        counts[word] += 1
                        if start is not None:
                            counts[join([start, *between, word])] += 1
                        start, between = word, []
                    elif start is not None:
                        between.append(word)
            except TypeError:
                _stream.check_tokens(list(sentence), number)
                raise

    def score_candidate(self, word_a: str, word_b: str, in_between: Sequence[str]):
        """Return a phrase and its score, or (None, None)."""
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        count = self.vocab.get(phrase, 0)
        a, b = self.vocab.get(word_a, 0), self.vocab.get(word_b, 0)
        if not (a and b and count) or count < self.min_count:
            return None, None
        score = self.scoring(worda_count=a, wordb_count=b, bigram_count=count, len_vocab=len(self.vocab), min_count=self.min_count,
                             corpus_word_count=self.corpus_word_count)
        return (phrase, score) if score > self.threshold else (None, None)

    def export_phrases(self) -> Dict[str, float]:
        """Return all phrases with their scores."""
        result = {}
        for phrase in self.vocab:
            parts = phrase.split(self.delimiter)
            if len(parts) < 2 or parts[0] in self.connector_words or parts[-1] in self.connector_words:
                continue
            if any(part not in self.connector_words for part in parts[1:-1]):
                continue
            found, score = self.score_candidate(parts[0], parts[-1], parts[1:-1])
            if found is not None:
                result[found] = score
        return result

    def freeze(self) -> "FrozenPhrases":
        """Return the phrases alone, which are much smaller."""
        return FrozenPhrases(self)

    def save(self, fname: str, *unused: Any, **ignored: Any) -> None:
        """Save all counts, so that more sentences can be counted later; ``freeze().save`` saves the phrases alone."""
        names = [name for name, scorer in _SCORERS.items() if scorer is self.scoring]
        if not names:
            raise UnsupportedError("a scoring function can't be saved; freeze() the phrases and save these")
        _write_json(fname, {"min_count": self.min_count, "threshold": self.threshold, "delimiter": self.delimiter, "scoring": names[0],
                            "connector_words": sorted(self.connector_words), "corpus_word_count": self.corpus_word_count, "vocab": self.vocab})

    @classmethod
    def load(cls, fname: str) -> "Union[Phrases, FrozenPhrases]":
        """Load what ``save`` wrote: phrases with all counts, or frozen ones."""
        data = _read_json(fname)
        if "phrasegrams" in data:
            return FrozenPhrases.load(fname)
        phrases = cls(min_count=data["min_count"], threshold=data["threshold"], delimiter=data["delimiter"], scoring=data["scoring"],
                      connector_words=data["connector_words"])
        phrases.vocab, phrases.corpus_word_count = Counter(data["vocab"]), data["corpus_word_count"]
        return phrases

    def __str__(self) -> str:
        return f"{type(self).__name__}<{len(self.vocab)} vocab, min_count={self.min_count}, threshold={self.threshold}>"


class FrozenPhrases(_Joiner):
    """A fixed list of phrases with scores, ``phrasegrams``."""

    def __init__(self, phrases: Union[Phrases, Dict[str, float]], delimiter: str = "_", connector_words: Iterable[str] = frozenset()):
        if isinstance(phrases, Phrases):
            self.delimiter, self.connector_words = phrases.delimiter, phrases.connector_words
            self.phrasegrams = phrases.export_phrases()
        else:
            self.delimiter, self.connector_words, self.phrasegrams = delimiter, frozenset(connector_words), dict(phrases)

    def score_candidate(self, word_a: str, word_b: str, in_between: Sequence[str]):
        """Return a phrase and its score, or (None, None)."""
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        score = self.phrasegrams.get(phrase)
        return (None, None) if score is None else (phrase, score)

    def save(self, fname: str, *unused: Any, **ignored: Any) -> None:
        """Save the phrases as JSON."""
        _write_json(fname, {"delimiter": self.delimiter, "connector_words": sorted(self.connector_words), "phrasegrams": self.phrasegrams})

    @classmethod
    def load(cls, fname: str) -> "FrozenPhrases":
        """Load phrases that ``save`` wrote."""
        data = _read_json(fname)
        return cls(data["phrasegrams"], data["delimiter"], data["connector_words"])

    def __str__(self) -> str:
        return f"{type(self).__name__}<{len(self.phrasegrams)} phrases>"


Phraser = FrozenPhrases
