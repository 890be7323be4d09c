"""Reads and writes kindred's own files of vectors, which are safetensors files: docs/formats.md describes them.

Files are mapped into memory, not read: pages come from the disk when they are used, and changes stay in memory.
"""

from __future__ import annotations

import json
import os
import struct
import tempfile
from typing import BinaryIO, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np

from .errors import FormatError

_DTYPES = {"F32": "<f4", "F64": "<f8", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U32": "<u4", "I8": "i1", "U8": "u1"}
_CODES = {np.dtype("<f4"): "F32", np.dtype("<i8"): "I64", np.dtype("<i4"): "I32", np.dtype("u1"): "U8"}
_MAX_HEADER = 100_000_000


class NativeFile:
    """A file of vectors, mapped."""

    def __init__(self, path: str):
        self.path = path
        size = os.path.getsize(path)
        with open(path, "rb") as f:
            start = f.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 2 <= length <= min(_MAX_HEADER, size - 8):
                raise FormatError(f"{path} is no safetensors file: its header would have {length} bytes, and the file has {size}")
            try:
                self.header = json.loads(f.read(length))
                self.metadata: Dict[str, str] = self.header.pop("__metadata__", {})
            except (ValueError, AttributeError) as err:
                raise FormatError(f"{path} is no safetensors file: its header is no JSON object: {err}") from None
        self._start, self._size = 8 + length, size
        manifest = self.metadata.get("kindred.manifest")
        self.manifest: dict = json.loads(manifest) if manifest else {}
        subwords = self.metadata.get("kindred.subwords")
        self.subwords: Optional[dict] = json.loads(subwords) if subwords else None

    def mappable(self) -> bool:
        """Report whether the file has vectors as this package maps them. The program reads others, or says what they are."""
        return (self.metadata.get("kindred.format") == "1" and "vocabulary.bytes" in self.header
                and self.header.get("input", {}).get("dtype") == "F32")

    def __contains__(self, name: str) -> bool:
        return name in self.header

    def tensor(self, name: str) -> np.ndarray:
        """Return a tensor, mapped copy-on-write."""
        try:
            t = self.header[name]
            begin, end = t["data_offsets"]
            shape, dtype = tuple(int(n) for n in t["shape"]), np.dtype(_DTYPES[t["dtype"]])
        except (KeyError, TypeError, ValueError) as err:
            raise FormatError(f"{self.path}: the tensor {name} is missing, or its description is wrong: {err}") from None
        count = 1
        for n in shape:
            count *= n
        if begin < 0 or end - begin != count * dtype.itemsize or self._start + end > self._size or any(n < 0 for n in shape):
            raise FormatError(f"{self.path}: the tensor {name} does not fit into the file: bytes {begin} to {end} after the header, "
                              f"shape {shape}, and the file has {self._size} bytes; is it complete?")
        if count == 0:
            return np.zeros(shape, dtype)
        return np.memmap(self.path, dtype, "c", self._start + begin, shape)

    def words(self) -> List[str]:
        """Return all words, in the order of their vectors."""
        offsets = np.asarray(self.tensor("vocabulary.offsets"))
        text = self.tensor("vocabulary.bytes").tobytes()
        if len(offsets) != self.header["input"]["shape"][0] + 1 or offsets[0] != 0 or offsets[-1] != len(text) or (np.diff(offsets) <= 0).any():
            raise FormatError(f"{self.path}: the places of the words are damaged; make the file again")
        places = offsets.tolist()
        if text.isascii():
            ascii_text = text.decode("ascii")
            return [ascii_text[a:b] for a, b in zip(places, places[1:])]
        return [text[a:b].decode("utf8", "surrogateescape") for a, b in zip(places, places[1:])]


def is_native(path: str) -> bool:
    """Report whether a file begins as a safetensors file does."""
    try:
        with open(path, "rb") as f:
            start = f.read(9)
    except OSError:
        return False
    return len(start) == 9 and start[8:] == b"{" and struct.unpack("<Q", start[:8])[0] <= _MAX_HEADER


def write_native(path: str, words: Sequence[str], tensors: Dict[str, np.ndarray], counts: Optional[np.ndarray] = None,
                 metadata: Optional[Dict[str, str]] = None) -> None:
    """Write a file of vectors: ``tensors`` has ``input`` and, if there is one, ``output``.

    The file appears under its name when it is complete.
    """
    n = len(words)
    encoded = [word.encode("utf8", "surrogateescape") for word in words]
    offsets = np.zeros(n + 1, "<i8")
    np.cumsum([len(word) for word in encoded], out=offsets[1:])
    if n == 0:
        raise FormatError("there are no vectors to save")
    if (np.diff(offsets) == 0).any():
        raise FormatError("a word is empty; kindred's files hold none")
    parts: Dict[str, np.ndarray] = {
        "vocabulary.counts": np.zeros(n, "<i8") if counts is None else np.asarray(counts, "<i8"),
        "vocabulary.offsets": offsets,
    }
    for name, tensor in tensors.items():
        tensor = np.ascontiguousarray(tensor, np.dtype("<f4") if tensor.dtype.kind == "f" else tensor.dtype)
        if tensor.dtype.kind == "f" and not _finite(tensor):
            raise FormatError(f"the matrix {name} holds values that are no finite numbers; kindred's files hold none")
        parts[name] = tensor
    parts["vocabulary.bytes"] = np.frombuffer(b"".join(encoded), "u1")
    digits = "0" * 32
    header: Dict[str, object] = {"__metadata__": {"kindred.format": "1", "kindred.hash": digits, **(metadata or {})}}
    position = 0
    for name, tensor in parts.items():
        header[name] = {"dtype": _CODES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [position, position + tensor.nbytes]}
        position += tensor.nbytes
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf8", "surrogateescape")
    # "input" begins at a multiple of 64 bytes. The hash is of more than 240 bytes.
    before = 16 * n + 8
    text += b" " * (-(8 + len(text) + before) % 64 + (256 if len(text) < 256 else 0))
    text = struct.pack("<Q", len(text)) + text
    digest = xxh3_128(_pieces([memoryview(text), *[memoryview(part).cast("B") if part.nbytes else memoryview(b"") for part in parts.values()]]))
    text = text.replace(b'"kindred.hash":"' + digits.encode(), b'"kindred.hash":"' + digest.encode(), 1)
    with replacing(path) as f:
        f.write(text)
        for part in parts.values():
            f.write(memoryview(part).cast("B") if part.nbytes else b"")


def _finite(matrix: np.ndarray) -> bool:
    rows = max(1, (1 << 22) // max(1, matrix.shape[-1]))
    return all(np.isfinite(matrix[i:i + rows]).all() for i in range(0, len(matrix), rows))


class replacing:
    """A context with a binary file that takes its name when it is complete, and disappears after an exception."""

    def __init__(self, path: str):
        self.path = os.fspath(path)

    def __enter__(self) -> BinaryIO:
        directory, name = os.path.split(os.path.abspath(self.path))
        handle, self._temporary = tempfile.mkstemp(prefix=f".{name[:100]}.tmp-", dir=directory)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(self._temporary, 0o666 & ~umask)
        self._file = os.fdopen(handle, "wb")
        return self._file

    def __exit__(self, kind, value, trace) -> None:
        try:
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())
            self._file.close()
            if kind is None:
                os.replace(self._temporary, self.path)
                return
        finally:
            if os.path.exists(self._temporary):
                os.unlink(self._temporary)


# XXH3 of 128 bits with seed 0 (Collet 2019), of texts of more than 240 bytes.
_SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221"
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb"
    "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
_P32 = (2654435761, 2246822519, 3266489917)
_P64 = (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261)
_STRIPE, _BLOCK, _CHUNK = 64, 1024, 1 << 20
_MASK = (1 << 64) - 1


def _secret(offset: int, words: int = 8) -> np.ndarray:
    return np.frombuffer(_SECRET, "<u8", words, offset) if offset % 8 == 0 else np.frombuffer(_SECRET[offset:offset + 8 * words], "<u8")


_STRIPE_KEYS = np.stack([_secret(8 * i) for i in range(_BLOCK // _STRIPE)])
_SCRAMBLE = _secret(128)
_SWAP = np.array([1, 0, 3, 2, 5, 4, 7, 6])


def _sums(stripes: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return what stripes, [..., s, 8], add to the accumulators, [..., 8]."""
    mixed = stripes ^ keys
    products = (mixed & np.uint64(0xffffffff)) * (mixed >> np.uint64(32))
    return products.sum(axis=-2, dtype=np.uint64) + stripes.sum(axis=-2, dtype=np.uint64)[..., _SWAP]


def _pieces(views: Sequence[memoryview]) -> Iterator[bytes]:
    """Yield the bytes of all views in pieces of _CHUNK; only the last is shorter."""
    rest = b""
    for view in views:
        at = 0
        while len(rest) + len(view) - at >= _CHUNK:
            take = _CHUNK - len(rest)
            yield rest + bytes(view[at:at + take])
            rest, at = b"", at + take
        rest += bytes(view[at:])
    yield rest


def xxh3_128(pieces: Iterator[bytes]) -> str:
    """Return the hash of the bytes of all pieces, in hexadecimal."""
    acc = np.array([_P32[2], _P64[0], _P64[1], _P64[2], _P64[3], _P32[1], _P64[4], _P32[0]], np.uint64)
    prime, shift = np.uint64(_P32[0]), np.uint64(47)
    total, held = 0, b""
    before = b""  # the 64 bytes before held
    for piece in pieces:
        total += len(piece)
        held += piece
        blocks = (len(held) - 1) // _BLOCK if held else 0
        if blocks:
            data = np.frombuffer(held, "<u8", blocks * _BLOCK // 8).reshape(blocks, _BLOCK // _STRIPE, 8)
            for sums in _sums(data, _STRIPE_KEYS):
                acc = acc + sums
                acc = (acc ^ (acc >> shift) ^ _SCRAMBLE) * prime
            before = held[blocks * _BLOCK - _STRIPE:blocks * _BLOCK]
            held = held[blocks * _BLOCK:]
    if total <= 240:
        raise ValueError("this form of the hash is of more than 240 bytes")
    stripes = (len(held) - 1) // _STRIPE
    if stripes:
        acc = acc + _sums(np.frombuffer(held, "<u8", stripes * 8).reshape(stripes, 8), _STRIPE_KEYS[:stripes])
    last = np.frombuffer((before + held)[-_STRIPE:], "<u8").reshape(1, 8)
    acc = acc + _sums(last, _secret(192 - 64 - 7))
    lanes = [int(x) for x in acc]
    low = _merge(lanes, 11, total * _P64[0] & _MASK)
    high = _merge(lanes, 192 - 64 - 11, ~(total * _P64[1]) & _MASK)
    return f"{high:016x}{low:016x}"


def _merge(lanes: List[int], offset: int, start: int) -> int:
    keys = [int(x) for x in _secret(offset)]
    for i in range(4):
        product = (lanes[2 * i] ^ keys[2 * i]) * (lanes[2 * i + 1] ^ keys[2 * i + 1])
        start += (product & _MASK) ^ (product >> 64)
    start &= _MASK
    start ^= start >> 37
    start = start * 0x165667919E3779F9 & _MASK
    return start ^ start >> 32


def subword_tensors(file: NativeFile) -> Tuple[str, Dict[str, np.ndarray]]:
    """Return the metadata and the tensors of a file that describe n-grams."""
    return file.metadata["kindred.subwords"], {name: file.tensor(name) for name in file.header if name.startswith("subwords.")}
