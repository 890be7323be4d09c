"""Labels of lines, as ``kindred classify``: ``train``, ``test``, ``predict`` and ``suggest``.

A line is a string. Models are files; models of fastText work, too, except for training.
"""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple, Union

import numpy as np

from ._binary import flags, run
from ._files import Directory
from .errors import TokenError

Labels = Union[str, Sequence[str]]


def train(lines: Iterable[str], labels: Iterable[Labels], output: str, **options: Any) -> Dict[str, Any]:
    """Learn which labels lines have, and write the model to ``output``. A line has a label, or a list of several.

    ``options`` are flags of the command: ``loss="ova"``, ``word_ngrams=2``, ``balance=0.5``, ``epochs``, ``lr``, ``init``. Returns the
    summary of the command.

    >>> import kindred, os, tempfile
    >>> model = os.path.join(tempfile.mkdtemp(), "spam.model")
    >>> _ = kindred.classify.train(["win a prize", "see you at lunch"] * 50, ["spam", "ham"] * 50, model)
    >>> kindred.classify.predict(model, ["a prize for you"])["labels"]
    [['spam']]
    """
    directory = Directory()
    path = directory.file("lines.jsonl")
    _write(path, lines, labels)
    answer = run("classify", ["train", "--input", path, "--line-form", "jsonl", "--output", os.path.abspath(output), "--json", *flags(options)])
    return json.loads(answer.splitlines()[-1])


def test(model: str, lines: Iterable[str], labels: Iterable[Labels], **options: Any) -> Dict[str, Any]:
    """Label lines and compare with their labels. Returns the report of the command, with ``macro_f1`` and, for each label,
    ``precision``, ``recall`` and ``f1``."""
    directory = Directory()
    path = directory.file("lines.jsonl")
    _write(path, lines, labels)
    return json.loads(run("classify", ["test", os.path.abspath(model), path, "--line-form", "jsonl", "--json", *flags(options)]))


def predict(model: str, lines: Iterable[str], top: int = 1, **options: Any) -> Dict[str, Any]:
    """Return the ``top`` labels of each line: "labels" and "probabilities", lists of a list per line, and "known", an array that
    tells whether the model knows a word or an n-gram of the line.

    With ``threshold``, a line has the labels of this probability or a higher one.
    """
    answers = _answers("predict", model, lines, {"top": top, **options})
    return {"labels": [[given["label"] for given in a["labels"] or ()] for a in answers],
            "probabilities": [np.array([given["probability"] for given in a["labels"] or ()]) for a in answers],
            "known": np.array([a["known"] for a in answers], bool)}


def suggest(model: str, lines: Iterable[str], top: int = 10, **options: Any) -> Dict[str, Any]:
    """Return the lines that would teach the model most if somebody labeled them: "lines", their places, and "uncertainty"."""
    answers = _answers("suggest", model, lines, {"top": top, **options})
    return {"lines": np.array([a["line"] - 1 for a in answers], np.int64), "uncertainty": np.array([a["uncertainty"] for a in answers], float),
            "texts": [a["text"] for a in answers]}


def _answers(command: str, model: str, lines: Iterable[str], options: Dict[str, Any]) -> List[dict]:
    directory = Directory()
    path = directory.file("lines.txt")
    with open(path, "w", encoding="utf8", newline="\n") as f:
        for i, line in enumerate(_checked(lines)):
            line = line.rstrip("\r\n")
            if "\n" in line:
                raise TokenError(f"line {i:,} (from 0) holds a line end: {line[:60]!r}", i)
            f.write(line + "\n")
    answer = run("classify", [command, os.path.abspath(model), path, "--line-form", "text", "--json", *flags(options)])
    return [json.loads(line) for line in answer.splitlines()]


def _checked(lines: Iterable[str]) -> Iterable[str]:
    if isinstance(lines, (str, bytes)):
        raise TokenError("lines is a string, and must be an iterable of strings", 0)
    for i, line in enumerate(lines):
        if not isinstance(line, str):
            raise TokenError(f"line {i:,} (from 0) is of type {type(line).__name__}, not a string: {str(line)[:60]!r}", i)
        yield line


def _write(path: str, lines: Iterable[str], labels: Iterable[Labels]) -> None:
    pairs: List[Tuple[str, Labels]] = []
    rest = iter(labels)
    for line in _checked(lines):
        label: Optional[Labels] = next(rest, None)
        if label is None:
            raise ValueError(f"there are more lines than labels: {len(pairs):,} labels")
        pairs.append((line, label))
    if next(rest, None) is not None:
        raise ValueError(f"there are more labels than lines: {len(pairs):,} lines")
    with open(path, "w", encoding="utf8", newline="\n") as f:
        for line, label in pairs:
            f.write(json.dumps({"labels": [label] if isinstance(label, str) else [str(name) for name in label], "text": line}, ensure_ascii=False) + "\n")
