"""What the program's commands do, as functions that return dictionaries and arrays."""

from __future__ import annotations

import json
import math
import os
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Union

import numpy as np

from . import _stream
from ._binary import flags, run, run_json
from ._files import Directory, open_vectors
from ._native import NativeFile
from .errors import TokenError
from .fasttext import FastTextKeyedVectors
from .keyedvectors import KeyedVectors

Vectors = Union[str, "os.PathLike[str]", KeyedVectors, Any]


def load(path: str, format: Optional[str] = None, first: Optional[int] = None, check: bool = False) -> KeyedVectors:
    """Load vectors of any format that kindred reads; its own files are mapped, not read.

    ``format`` is found in the content if it is None. ``first`` reads the first words only. ``check`` compares the hash of
    kindred's own files, which takes the time of reading them. Words that are made of n-grams come as FastTextKeyedVectors.
    """
    file, owner = open_vectors(path, format, first, check)
    kind = FastTextKeyedVectors if file.subwords is not None else KeyedVectors
    return kind._from_native(file, owner)


class _Paths:
    """The files of vectors: those that have none are saved to a temporary one."""

    def __init__(self) -> None:
        self.directory: Optional[Directory] = None
        self.count = 0

    def of(self, vectors: Vectors) -> str:
        """Return the path of a file with the vectors, words and counts."""
        return self._of(vectors, lambda path: (vectors if isinstance(vectors, KeyedVectors) else vectors.wv).save(path))

    def of_model(self, model: Vectors) -> str:
        """Return the path of a file with everything that a model has."""
        return self._of(model, lambda path: model.save(path))

    def _of(self, vectors: Vectors, save: Callable[[str], None]) -> str:
        if isinstance(vectors, (str, os.PathLike)):
            return os.path.abspath(os.fspath(vectors))
        wv = vectors if isinstance(vectors, KeyedVectors) else vectors.wv
        path = wv.mapfile_path
        if path is not None and os.path.exists(path):
            file = NativeFile(path)
            if len(wv) == file.header["input"]["shape"][0] and wv.index_to_key == file.words() and np.array_equal(wv.vectors, file.tensor("input")):
                return os.path.abspath(path)
        self.directory = self.directory or Directory()
        self.count += 1
        path = self.directory.file(f"vectors-{self.count}.safetensors")
        save(path)
        return path


def evaluate(vectors: Vectors, *sets: str, **options: Any) -> Dict[str, Any]:
    """Score vectors by human judgment, as ``kindred eval --json``: the sets are files or directories.

    ``options`` are flags of the command, such as ``restrict=30000`` or ``resamples=0``.

    >>> vectors = KeyedVectors(2)
    >>> vectors.add_vectors(["king", "queen", "car"], [[1, 0.1], [1, 0.2], [0, 1]])
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "pairs.tsv")
    >>> _ = open(path, "w").write("king\\tqueen\\t9\\nking\\tcar\\t1\\nqueen\\tcar\\t2\\n")
    >>> evaluate(vectors, path)["similarity"][0]["spearman"]["value"]
    1
    """
    paths = _Paths()
    return run_json("eval", [paths.of(vectors), *map(os.path.abspath, sets), *flags(options)])


def compare(*systems: Any, sets: Union[str, Sequence[str]], html: Optional[str] = None, **options: Any) -> Dict[str, Any]:
    """Compare vectors on the same items, as ``kindred compare --json``, and say which differences are significant.

    A system is a file, vectors or a model, a list of those that differ only in their seed, or a dictionary of names and any of these.
    ``html`` names a page to write. ``options`` are flags of the command, such as ``own_vocabulary=True``.
    """
    paths = _Paths()
    named: List[str] = []
    number = 0
    for system in systems:
        items = system.items() if isinstance(system, dict) else [(None, system)]
        for name, value in items:
            number += 1
            members = value if isinstance(value, (list, tuple)) else [value]
            files = [paths.of(member) for member in members]
            if name is None and len(files) == 1 and isinstance(value, (str, os.PathLike)):
                named.append(files[0])
            else:
                named.append(f"{name or f'model{number}'}=" + ",".join(files))
    sets = [sets] if isinstance(sets, str) else list(sets)
    return run_json("compare", [*named, *flags({"sets": [os.path.abspath(s) for s in sets], "html": html, **options})])


def report(model: Any, path: str, *sets: str, **options: Any) -> str:
    """Write an HTML page with the scores of a model or of vectors on evaluation sets, and return its path."""
    if not sets:
        raise TypeError("a report needs evaluation sets: files or directories, as for kindred.evaluate")
    compare(model, sets=sets, html=path, **options)
    return path


def phrases(sentences: Optional[Iterable[Sequence[str]]] = None, corpus_file: Optional[str] = None, **options: Any) -> Dict[str, Any]:
    """Find phrases such as new_york, as ``kindred phrases``.

    Returns a dictionary of lists and arrays, one item for each phrase: "phrases" (the words with spaces), "joined", "scores",
    "counts" and "passes"; and "summary", the JSON of the command. ``options`` are flags of the command: ``passes=1``,
    ``scoring="word2phrase"``, ``threshold``, ``phrase_min_count``, ``connectors="english"``, ``delimiter``.

    >>> phrases([["we", "saw", "new", "york"], ["new", "york", "is", "big"], ["he", "is", "here"]] * 9, passes=1)["joined"][0]
    'new_york'
    """
    if (sentences is None) == (corpus_file is None):
        raise TypeError("give sentences, as an iterable of lists of tokens, or corpus_file")
    directory = Directory()
    output = directory.file("phrases.tsv")
    arguments = ["--output", output]
    if sentences is not None:
        text = directory.file("text")
        framer = _stream.Framer()
        with open(text, "wb") as f:
            f.write(_stream.HEAD)
            for batch in _stream.batches(_stream.checked(sentences)):
                lines = framer.lines(batch)
                if b"\\" in lines:
                    _no_separators(batch, framer.sentences - len(batch))
                f.write(lines)
            f.write(framer.end())
        arguments += ["--input", text, "--tokenizer", "escaped"]
    else:
        arguments += ["--input", os.path.abspath(os.fspath(corpus_file))]
    summary = run_json("phrases", [*arguments, *flags(options)])
    with open(output, encoding="utf8", newline="\n") as f:
        rows = [line.rstrip("\n").split("\t") for line in f][1:]
    return {
        "phrases": [row[0] for row in rows], "joined": [row[1] for row in rows], "scores": np.array([float(row[2]) for row in rows]),
        "counts": np.array([int(row[3]) for row in rows], np.int64), "passes": np.array([int(row[4]) for row in rows], np.int64),
        "summary": summary,
    }


def _no_separators(batch: List[List[str]], first: int) -> None:
    for i, tokens in enumerate(batch):
        for k, token in enumerate(tokens):
            if _stream.escape(token) != token.replace("\\", "\\5c;"):
                raise TokenError(f"token {k} of sentence {first + i:,} (from 0) holds white space, which a list of phrases can't keep apart: {token[:60]!r}", first + i, k)


def explore(vectors: Vectors, path: str, **options: Any) -> str:
    """Write a page on which to look at vectors, as ``kindred explore --output``, and return its path.

    ``first=N`` takes the first N words instead of 10,000. ``kindred explore FILE`` on the command line serves a page of all words.
    """
    paths = _Paths()
    run("explore", [paths.of(vectors), *flags({"output": os.path.abspath(path), **options})])
    return path


def score(model: Vectors, lines: Iterable[Union[str, Sequence[str]]], labels: Optional[Iterable[Any]] = None,
          normal: Optional[Iterable[Union[str, Sequence[str]]]] = None, **options: Any) -> Dict[str, Any]:
    """Score how unusual lines are to a model of normal text, as ``kindred score``: the higher, the more unusual.

    ``model`` is a trained model or its file. A line is a list of tokens, or a string, which the program splits as it did in the
    training; if the model was trained on lists, at white space. ``normal`` are lines to calibrate by, unless the model was trained
    with ``calibrate``. ``options`` are flags of the command: ``false_alarms=0.001``, ``explain=True``.

    Returns "scores", "p" (both with NaN where there is none) and "alarms" as arrays, an item per line, and "lines", the JSON of
    each. With ``labels``, one for each line, it returns the report of the command instead, with ``roc_auc`` and ``pr_auc``.
    """
    paths = _Paths()
    file = paths.of_model(model)
    paths.directory = paths.directory or Directory()
    escaped = NativeFile(file).manifest.get("corpus", {}).get("analyzer", "").split("|")[0] == "escaped"
    text = paths.directory.file("lines.txt")
    count = _write_lines(text, lines, escaped)
    arguments = [file, text]
    if normal is not None:
        _write_lines(paths.directory.file("normal.txt"), normal, escaped)
        options["normal"] = paths.directory.file("normal.txt")
    if labels is not None:
        labels = [str(label) for label in labels]
        if len(labels) != count:
            raise ValueError(f"there are {len(labels):,} labels for {count:,} lines")
        path = paths.directory.file("labels.txt")
        _write_lines(path, labels, False)
        return run_json("score", [*arguments, *flags({"labels": path, **options})])
    answers = [json.loads(line) for line in run("score", [*arguments, "--json", *flags(options)]).splitlines()]
    number = lambda value: math.nan if value is None else value  # noqa: E731
    return {"scores": np.array([number(a["score"]) for a in answers], float), "p": np.array([number(a.get("p")) for a in answers], float),
            "alarms": np.array([a["alarm"] for a in answers], bool), "lines": answers}


def _write_lines(path: str, lines: Iterable[Union[str, Sequence[str]]], escaped: bool) -> int:
    """Write lines to a file, as the program reads those of a model, and return their number."""
    if isinstance(lines, (str, bytes)):
        raise TokenError("lines is a string, and must be an iterable of lines", 0)
    count = 0
    with open(path, "w", encoding="utf8", newline="\n") as f:
        for count, line in enumerate(lines, 1):
            if isinstance(line, str):
                line = line.rstrip("\r\n")
                if "\n" in line:
                    raise TokenError(f"line {count - 1:,} (from 0) holds a line end: {line[:60]!r}", count - 1)
                f.write(" ".join(map(_stream.escape, line.split())) if escaped else line)
            else:
                tokens = list(line)
                _stream.check_tokens(tokens, count - 1)
                if not escaped:
                    _no_separators([tokens], count - 1)
                f.write(" ".join(map(_stream.escape, tokens) if escaped else tokens))
            f.write("\n")
    return count
