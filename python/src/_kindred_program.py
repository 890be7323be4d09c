"""The script ``kindred`` that pip installs: it becomes the program in the package, without NumPy."""

import importlib.util
import os
import subprocess
import sys


def main() -> None:
    """Become the program, with its arguments and exit code."""
    package = importlib.util.find_spec("kindred").submodule_search_locations[0]
    path = os.environ.get("KINDRED_BINARY") or os.path.join(package, "bin", "kindred.exe" if sys.platform == "win32" else "kindred")
    if not os.access(path, os.X_OK):
        sys.exit(f"kindred: there is no program {path}; install the wheel that \"python3 -m pip wheel ./python\" makes")
    if sys.platform == "win32":
        sys.exit(subprocess.run([path, *sys.argv[1:]]).returncode)
    os.execv(path, [path, *sys.argv[1:]])
