"""Opens files of vectors of any format, mapped."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from typing import Any, List, Optional, Tuple

from ._binary import run
from ._native import NativeFile, is_native


def _remove(path: str, pid: int) -> None:
    """Remove a directory, unless this is a fork of the process that made it."""
    if os.getpid() == pid:
        shutil.rmtree(path, ignore_errors=True)


class Directory:
    """A directory for temporary files, which disappears with the object."""

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix="kindred-")
        self._finalizer = weakref.finalize(self, _remove, self.path, os.getpid())

    def file(self, name: str) -> str:
        """Return the path of a file in the directory."""
        return os.path.join(self.path, name)


def open_vectors(path: str, format: Optional[str] = None, first: Optional[int] = None, check: bool = False) -> Tuple[NativeFile, Any]:
    """Open a file of vectors and return it with an object to keep as long as it is used.

    kindred's own files are mapped as they are; the program converts others to a temporary file. ``check`` makes it read
    kindred's own files, too, and compare their hash.
    """
    path = os.fspath(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"there is no file {path}")
    if is_native(path) and format is None and first is None and not check:
        file = NativeFile(path)
        if file.mappable():
            return file, None
    directory = Directory()
    converted = directory.file("vectors.safetensors")
    arguments: List[str] = [os.path.abspath(path), converted, "--quiet"]
    if format is not None:
        arguments += ["--from", format]
    if first is not None:
        arguments += ["--first", str(first)]
    run("convert", arguments)
    return NativeFile(converted), directory
