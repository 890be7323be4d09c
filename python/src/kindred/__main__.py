"""Runs the kindred program: ``python -m kindred COMMAND``, or the script ``kindred`` that pip installs."""

import os
import subprocess
import sys

from .errors import KindredError


def main() -> None:
    """Become the program, with its arguments and exit code."""
    from ._binary import binary
    try:
        path = binary()
    except KindredError as err:
        sys.exit(f"kindred: {err}")
    if sys.platform == "win32":
        sys.exit(subprocess.run([path, *sys.argv[1:]]).returncode)
    os.execv(path, [path, *sys.argv[1:]])


if __name__ == "__main__":
    main()
