"""Finds the kindred program and runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any, Dict, List, Optional, Sequence, Type

from .errors import BinaryNotFoundError, CommandError, VersionMismatchError

_NAME = "kindred.exe" if sys.platform == "win32" else "kindred"
_checked: Dict[str, dict] = {}


def expected_version() -> Optional[str]:
    """Return the version of the program that was built with this package, None in a source tree."""
    try:
        from ._build import BINARY_VERSION
    except ImportError:
        return None
    return BINARY_VERSION


def binary() -> str:
    """Return the path of the kindred program.

    The environment variable ``KINDRED_BINARY`` names it; otherwise it is the one in this package; otherwise the one on
    ``PATH``.

    Raises BinaryNotFoundError if there is none, and VersionMismatchError if it is of another version than the package.
    """
    path = os.environ.get("KINDRED_BINARY")
    if path:
        if not os.access(path, os.X_OK):
            raise BinaryNotFoundError(f"KINDRED_BINARY names {path}, which is no program; correct it, or unset it to use the program in this package")
    else:
        inside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", _NAME)
        path = inside if os.access(inside, os.X_OK) else shutil.which("kindred")
    if not path:
        raise BinaryNotFoundError(
            f"there is no kindred program: not in this package ({inside}), and not on PATH; install the wheel that "
            '"python3 -m pip wheel ./python" makes, or name the program in the environment variable KINDRED_BINARY')
    version(path)
    return path


def version(path: Optional[str] = None) -> dict:
    """Return what the program says of itself: ``version``, ``go_version``, ``platform``, ``kernels``."""
    path = path or binary()
    info = _checked.get(path)
    if info is None:
        try:
            run = subprocess.run([path, "version", "--json"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
            info = json.loads(run.stdout)
            if run.returncode or not isinstance(info, dict):
                raise ValueError
        except (OSError, ValueError, subprocess.TimeoutExpired) as err:
            raise VersionMismatchError(f"{path} does not answer as kindred does ({err or 'no version'}); name another program in KINDRED_BINARY") from err
        _checked[path] = info
    want = expected_version()
    if want is not None and info.get("version") != want:
        raise VersionMismatchError(
            f"{path} is kindred {info.get('version')}, and this package was built for {want}; unset KINDRED_BINARY to use the program in "
            "the package, or install the wheel of that version")
    return info


def message_of(stderr: str, command: str) -> str:
    """Return the error message at the end of what the program printed, without its name."""
    lines = [line for line in stderr.strip().splitlines() if line.strip() and not line.startswith('See "kindred ')]
    prefixes = (f"kindred {command}: ", "kindred: ")
    for i in range(len(lines) - 1, -1, -1):
        for prefix in prefixes:
            if lines[i].startswith(prefix) and not lines[i].startswith(prefix + "warning"):
                return "\n".join([lines[i][len(prefix):]] + lines[i + 1:])
    return "\n".join(lines[-3:]) or "no message"


def run(command: str, arguments: Sequence[str], input: Optional[bytes] = None, error: Type[CommandError] = CommandError) -> str:
    """Run a command of the program and return its standard output.

    Raises CommandError, or what ``error`` is, with the message of the program.
    """
    done = subprocess.run([binary(), command, *arguments], input=input, stdin=subprocess.DEVNULL if input is None else None,
                          capture_output=True)
    stderr = done.stderr.decode("utf8", "replace")
    if done.returncode:
        raise error(message_of(stderr, command), done.returncode, command)
    return done.stdout.decode("utf8")


def run_json(command: str, arguments: Sequence[str], input: Optional[bytes] = None) -> Any:
    """Run a command with ``--json`` and return what it writes."""
    return json.loads(run(command, ["--json", *arguments], input))


def flags(options: Dict[str, Any]) -> List[str]:
    """Return options as flags: ``min_count=5`` becomes ``--min-count 5``. None and False are left out."""
    arguments: List[str] = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            arguments.append(flag)
        elif isinstance(value, (list, tuple)):
            if value:
                arguments += [flag, *map(str, value)]
        else:
            arguments += [flag, str(value)]
    return arguments
