"""Builds the wheel of the Python package: the modules and the kindred program for this platform.

pip calls the functions that PEP 517 and PEP 660 name. NumPy is needed to run the package, but not declared: pip would ask a
package index for it even where the system has it. Importing the package without NumPy says how to install it.
"""

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
NAME = "kindred"
TIME = (1980, 1, 1, 0, 0, 0)  # of all files in the wheel, so that the same sources give the same bytes


def _version():
    with open(os.path.join(HERE, "pyproject.toml"), encoding="utf8") as f:
        for line in f:
            if line.startswith("version = "):
                return line.split('"')[1]
    raise SystemExit("pyproject.toml has no version")


def _metadata():
    with open(os.path.join(HERE, "README.md"), encoding="utf8") as f:
        readme = f.read()
    return (f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {_version()}\n"
            "Summary: Word embeddings: word2vec and fastText, fast and reproducible, with gensim's names\n"
            "License: Apache-2.0\nRequires-Python: >=3.8\nDescription-Content-Type: text/markdown\n\n" + readme).encode("utf8")


def _tag():
    platform = os.environ.get("KINDRED_PLATFORM_TAG") or sysconfig.get_platform()
    return "py3-none-" + platform.replace("-", "_").replace(".", "_")


def _wheel_file():
    return f"Wheel-Version: 1.0\nGenerator: kindred\nRoot-Is-Purelib: false\nTag: {_tag()}\n".encode("utf8")


def _build_program(directory):
    """Build the program and return its path and what it says its version is."""
    if not os.path.exists(os.path.join(ROOT, "go.mod")):
        raise SystemExit(f"{ROOT} has no go.mod: the wheel is built in a clone of kindred, by \"python3 -m pip wheel ./python\"")
    name = "kindred.exe" if sys.platform == "win32" else "kindred"
    path = os.path.join(directory, name)
    environment = dict(os.environ, CGO_ENABLED="0")
    try:
        subprocess.run(["go", "build", "-ldflags=-s -w", "-o", path, "."], cwd=ROOT, env=environment, check=True)
    except FileNotFoundError:
        raise SystemExit("building kindred needs Go 1.26 or newer on PATH: https://go.dev/dl") from None
    except subprocess.CalledProcessError as err:
        raise SystemExit(f"go build failed with exit code {err.returncode}") from None
    version = json.loads(subprocess.run([path, "version", "--json"], check=True, capture_output=True).stdout)["version"]
    return path, version


def _modules():
    """Yield the name in the wheel and the content of each module."""
    source = os.path.join(HERE, "src")
    for directory, directories, files in sorted(os.walk(source)):
        directories[:] = [d for d in directories if d not in ("__pycache__", "bin")]
        for file in sorted(files):
            if file.endswith((".py", ".typed")) and file != "_build.py":
                path = os.path.join(directory, file)
                with open(path, "rb") as f:
                    yield os.path.relpath(path, source).replace(os.sep, "/"), f.read()


class _Wheel:
    """A wheel that is being written."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.record = []

    def add(self, name, data, mode=0o644):
        info = zipfile.ZipInfo(name, TIME)
        info.external_attr = (0o100000 | mode) << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        self.zip.writestr(info, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append(f"{name},sha256={digest},{len(data)}")

    def close(self, info):
        self.record.append(f"{info}/RECORD,,")
        self.zip.writestr(zipfile.ZipInfo(f"{info}/RECORD", TIME), "\n".join(self.record) + "\n")
        self.zip.close()


def _write(wheel_directory, modules, program):
    info = f"{NAME}-{_version()}.dist-info"
    name = f"{NAME}-{_version()}-{_tag()}.whl"
    wheel = _Wheel(os.path.join(wheel_directory, name))
    for path, data in modules:
        wheel.add(path, data)
    if program:
        with open(program, "rb") as f:
            wheel.add(f"{NAME}/bin/{os.path.basename(program)}", f.read(), 0o755)
    with open(os.path.join(ROOT, "LICENSE"), "rb") as f:
        wheel.add(f"{info}/LICENSE", f.read())
    wheel.add(f"{info}/entry_points.txt", f"[console_scripts]\n{NAME} = _kindred_program:main\n".encode())
    wheel.add(f"{info}/METADATA", _metadata())
    wheel.add(f"{info}/WHEEL", _wheel_file())
    wheel.close(info)
    return name


def get_requires_for_build_wheel(config_settings=None):
    return []


get_requires_for_build_editable = get_requires_for_build_sdist = get_requires_for_build_wheel


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    info = f"{NAME}-{_version()}.dist-info"
    os.makedirs(os.path.join(metadata_directory, info), exist_ok=True)
    for name, data in (("METADATA", _metadata()), ("WHEEL", _wheel_file())):
        with open(os.path.join(metadata_directory, info, name), "wb") as f:
            f.write(data)
    return info


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with tempfile.TemporaryDirectory() as directory:
        program, version = _build_program(directory)
        modules = [*_modules(), (f"{NAME}/_build.py", f'BINARY_VERSION = "{version}"\n'.encode())]
        return _write(wheel_directory, modules, program)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """Point to the sources, and put the program among them."""
    directory = os.path.join(HERE, "src", NAME, "bin")
    os.makedirs(directory, exist_ok=True)
    _build_program(directory)
    return _write(wheel_directory, [(f"{NAME}.pth", (os.path.join(HERE, "src") + "\n").encode())], None)


def build_sdist(sdist_directory, config_settings=None):
    raise SystemExit("there is no source distribution: the program is built from the whole clone; build a wheel there")
