"""Word embeddings in Python: gensim's names over the kindred program.

>>> import kindred
>>> sentences = [["the", "king", "rules"], ["the", "queen", "rules"], ["a", "dog", "barks"], ["a", "cat", "purrs"]] * 50
>>> model = kindred.Word2Vec(sentences, vector_size=20, min_count=1, epochs=20)
>>> model.wv.most_similar("king", topn=1)
[('queen', 0.9...)]
"""

try:
    import numpy as _numpy  # noqa: F401
except ImportError as err:  # pragma: no cover
    raise ImportError("kindred needs NumPy: on Debian \"apt install python3-numpy\" and a venv with --system-site-packages; "
                      "elsewhere \"pip install numpy\"") from err

from . import classify
from ._binary import binary, version
from .errors import (BinaryNotFoundError, CommandError, FormatError, IterableError, KindredError, TokenError, TrainingError,
                     TrainingInterrupted, UnknownWordError, UnsupportedError, VersionMismatchError)
from .fasttext import FastText, FastTextKeyedVectors, load_facebook_model, load_facebook_vectors, save_facebook_model
from .functions import compare, evaluate, explore, load, phrases, report, score
from .keyedvectors import KeyedVectors
from ._phrases import ENGLISH_CONNECTOR_WORDS, FrozenPhrases, Phrases
from .sentences import LineSentence, PathLineSentences, Text8Corpus
from .word2vec import Word2Vec

__version__ = "0.1.0"

__all__ = [
    "Word2Vec", "FastText", "KeyedVectors", "FastTextKeyedVectors", "Phrases", "FrozenPhrases", "ENGLISH_CONNECTOR_WORDS",
    "LineSentence", "PathLineSentences", "Text8Corpus", "load", "load_facebook_model", "load_facebook_vectors", "save_facebook_model",
    "classify", "evaluate", "compare", "explore", "phrases", "report", "score", "binary", "version",
    "KindredError", "BinaryNotFoundError", "CommandError", "FormatError", "IterableError", "TokenError", "TrainingError",
    "TrainingInterrupted", "UnknownWordError", "UnsupportedError", "VersionMismatchError",
]
