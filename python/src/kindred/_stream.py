"""Writes sentences to the program in the framed form that "kindred train --tokenizer escaped" reads.

A sentence is a line. A token with a character that would end it has that character escaped, so tokens may hold any.
"""

from __future__ import annotations

import re
from typing import Iterable, Iterator, List, Tuple

from .errors import IterableError, TokenError

HEAD = b"\\kindred-tokens 1\n"

# What separates tokens for the program: white space, control characters, U+FEFF and U+200B. And the mark of escapes.
_inner = "\\\\\x00-\x09\x0b-\x1f\x7f-\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_special = re.compile(f"[{_inner}]")
_separator = re.compile(f"[ \n{_inner}]")

LONGEST = 65536  # bytes of a token
_BATCH = 1 << 18  # characters


def escape(token: str) -> str:
    r"""Return a token without characters that separate tokens.

    >>> escape("new york")
    'new\\20;york'
    """
    return _separator.sub(lambda found: f"\\{ord(found[0]):x};", token)


def _place(number: int) -> str:
    return f"sentence {number:,} (from 0)"


def checked(sentences: Iterable) -> Iterator[List[str]]:
    """Yield each sentence as a list of tokens.

    Raises IterableError if the iterable raises, and TokenError if a sentence is no list of tokens.
    """
    if isinstance(sentences, (str, bytes)):
        raise TokenError("sentences is a string, and must be an iterable of lists of tokens; the name of a file goes to corpus_file", 0)
    number = 0
    try:
        iterator = iter(sentences)
    except TypeError:
        raise TokenError(f"sentences is {_a(sentences)}, and must be an iterable of lists of tokens", 0) from None
    while True:
        try:
            sentence = next(iterator)
        except StopIteration:
            return
        except Exception as err:
            raise IterableError(f"the iterable of sentences raised {type(err).__name__} after {number:,} sentences: {err}; nothing was trained") from err
        if isinstance(sentence, (str, bytes)):
            raise TokenError(f"{_place(number)} is a string, and must be a list of tokens: {sentence[:60]!r}; split it, for example by .split()", number)
        try:
            tokens = sentence if isinstance(sentence, (list, tuple)) else list(sentence)
        except TypeError:
            raise TokenError(f"{_place(number)} is {_a(sentence)}, and must be a list of tokens", number) from None
        except Exception as err:
            raise IterableError(f"{_place(number)} raised {type(err).__name__}: {err}; nothing was trained") from err
        yield tokens
        number += 1


def _a(value: object) -> str:
    return f"of type {type(value).__name__}"


def check_tokens(tokens: List[str], number: int) -> None:
    """Raise TokenError for the first token that is no string, or none that can be written as UTF-8."""
    for i, token in enumerate(tokens):
        if not isinstance(token, str):
            raise TokenError(f"token {i} of {_place(number)} is {_a(token)}, not a string: {str(token)[:60]!r}", number, i)
        try:
            size = len(token) if token.isascii() else len(token.encode("utf8"))
        except UnicodeEncodeError as err:
            raise TokenError(f"token {i} of {_place(number)} holds half of a surrogate pair and is no text: {token[:60]!r}; {err}", number, i) from None
        if size > LONGEST:
            raise TokenError(f"token {i} of {_place(number)} has {size:,} bytes, and {LONGEST:,} are the most: {token[:60]!r}…", number, i)


class Framer:
    """Turns sentences into bytes, and counts them."""

    def __init__(self) -> None:
        self.sentences = 0
        self.tokens = 0
        self.empty = 0  # tokens without a character, which are left out

    def lines(self, batch: List[List[str]]) -> bytes:
        """Return sentences as lines."""
        first = self.sentences
        self.sentences += len(batch)
        try:
            text = "\n".join([" ".join(tokens) for tokens in batch])
            data = text.encode("utf8")
        except (TypeError, UnicodeEncodeError):
            for i, tokens in enumerate(batch):
                check_tokens(tokens, first + i)
            raise
        count = sum(map(len, batch))
        self.tokens += count
        gaps = count - sum(map(bool, batch))
        # If separators are only where they were put, and no token is empty, all is well: the usual case.
        plain = (text.count(" ") == gaps and text.count("\n") == len(batch) - 1 and not _special.search(text)
                 and "  " not in text and not any("" in (tokens[0], tokens[-1]) for tokens in batch if tokens))
        if not plain:
            data = "\n".join([self._escaped(tokens) for tokens in batch]).encode("utf8")
        if len(data) > LONGEST:
            for i, tokens in enumerate(batch):
                if sum(map(len, tokens)) * 4 > LONGEST:
                    check_tokens(tokens, first + i)
        return data + b"\n"

    def _escaped(self, tokens: List[str]) -> str:
        kept = [escape(token) for token in tokens if token]
        self.empty += len(tokens) - len(kept)
        return " ".join(kept)

    def end(self) -> bytes:
        """Return the last line."""
        return b"\\end %d\n" % self.sentences


def batches(sentences: Iterator[List[str]]) -> Iterator[List[List[str]]]:
    """Yield lists of sentences of together about _BATCH characters."""
    batch: List[List[str]] = []
    size = 0
    for tokens in sentences:
        batch.append(tokens)
        size += 8 * len(tokens) + 8
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def buffered(sentences: Iterator[List[str]], tokens: int) -> Tuple[List[List[str]], bool]:
    """Take sentences until they have so many tokens, and return them, and whether they are all."""
    taken: List[List[str]] = []
    count = 0
    for sentence in sentences:
        taken.append(sentence)
        count += len(sentence)
        if count >= tokens:
            return taken, False
    return taken, True


def write(path: str, sentences: Iterator[List[str]]) -> Framer:
    """Write sentences to a file, which is for settings that read the text twice."""
    framer = Framer()
    with open(path, "wb") as f:
        f.write(HEAD)
        for batch in batches(sentences):
            f.write(framer.lines(batch))
        f.write(framer.end())
    return framer
