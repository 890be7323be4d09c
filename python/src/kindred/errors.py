"""The exceptions of this package. All are subclasses of :class:`KindredError`."""

from __future__ import annotations

from typing import Optional


class KindredError(Exception):
    """The base of all exceptions that this package defines."""


class BinaryNotFoundError(KindredError, FileNotFoundError):
    """There is no kindred program to run."""

    def __str__(self) -> str:
        return str(self.args[0])


class VersionMismatchError(KindredError):
    """The kindred program is of another version than this package, or is no kindred program."""


class CommandError(KindredError):
    """The kindred program ended with an error, whose message is that of the exception.

    ``exit_code`` is the exit code: 2 for a mistake in the request, 1 for any other failure.
    """

    def __init__(self, message: str, exit_code: int = 1, command: Optional[str] = None):
        super().__init__(message)
        self.exit_code = exit_code
        self.command = command


class TrainingError(CommandError):
    """A training failed. No vectors were made, and a model keeps those that it had."""


class TokenError(KindredError, TypeError, ValueError):
    """A sentence is not a list of tokens, or a token is not a string that can be trained.

    ``sentence`` and ``token`` are the positions, from 0; ``token`` is None if the sentence itself is wrong.
    """

    def __init__(self, message: str, sentence: int, token: Optional[int] = None):
        super().__init__(message)
        self.sentence = sentence
        self.token = token


class IterableError(KindredError, RuntimeError):
    """The iterable of sentences raised an exception, which is the ``__cause__``. Nothing was trained."""


class UnsupportedError(KindredError, NotImplementedError, ValueError):
    """gensim has this, and kindred does not. The message says what to use instead."""


class UnknownWordError(KindredError, KeyError):
    """A word has no vector."""

    def __str__(self) -> str:
        return str(self.args[0])


class FormatError(KindredError, ValueError):
    """A file is not what it should be."""


class TrainingInterrupted(KindredError, KeyboardInterrupt):
    """A training was interrupted by Ctrl-C, or by the stop button of a notebook.

    ``checkpoint`` is the directory with the state of the training, for ``Word2Vec.resume``; None if the training had not
    begun.
    """

    def __init__(self, message: str, checkpoint: Optional[str] = None):
        super().__init__(message)
        self.checkpoint = checkpoint
