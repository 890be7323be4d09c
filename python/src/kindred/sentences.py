"""Iterables of sentences from files."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from typing import Iterator, List, Optional


def _open(path: str):
    opener = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}.get(os.path.splitext(path)[1], open)
    return opener(path, "rt", encoding="utf8", newline="\n")


class LineSentence:
    """The lines of a file, each as a list of the tokens between white space. A file is faster as ``corpus_file``.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "text.txt")
    >>> _ = open(path, "w").write("one line\\nand another\\n")
    >>> list(LineSentence(path))
    [['one', 'line'], ['and', 'another']]
    """

    def __init__(self, source: str, max_sentence_length: int = 10000, limit: Optional[int] = None):
        self.source, self.max_sentence_length, self.limit = source, max_sentence_length, limit

    def __iter__(self) -> Iterator[List[str]]:
        with _open(os.fspath(self.source)) as lines:
            for number, line in enumerate(lines):
                if self.limit is not None and number >= self.limit:
                    return
                tokens = line.split()
                for start in range(0, len(tokens), self.max_sentence_length):
                    yield tokens[start:start + self.max_sentence_length]


class PathLineSentences:
    """The lines of all files in a directory, sorted by name."""

    def __init__(self, source: str, max_sentence_length: int = 10000, limit: Optional[int] = None):
        self.source, self.max_sentence_length, self.limit = source, max_sentence_length, limit

    def __iter__(self) -> Iterator[List[str]]:
        paths = [self.source] if os.path.isfile(self.source) else sorted(
            os.path.join(self.source, name) for name in os.listdir(self.source))
        for path in paths:
            yield from LineSentence(path, self.max_sentence_length, self.limit)


class Text8Corpus:
    """The tokens of a text of one line, as text8, cut into sentences of the same length."""

    def __init__(self, fname: str, max_sentence_length: int = 10000):
        self.fname, self.max_sentence_length = fname, max_sentence_length

    def __iter__(self) -> Iterator[List[str]]:
        rest, tokens = "", []  # type: ignore[var-annotated]
        with _open(os.fspath(self.fname)) as text:
            while True:
                block = text.read(1 << 16)
                words = (rest + block).split()
                if block and not block[-1].isspace() and words:
                    rest = words.pop()
                else:
                    rest = ""
                tokens += words
                while len(tokens) >= self.max_sentence_length:
                    yield tokens[:self.max_sentence_length]
                    tokens = tokens[self.max_sentence_length:]
                if not block:
                    if tokens:
                        yield tokens
                    return
