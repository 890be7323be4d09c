"""Reads a finalfusion file by its specification, without kindred's code or any package, and prints the vectors of words.

Arguments: the file, then words in hexadecimal. A line has the word, whether it is stored, and the vector, with values of nine
digits: a stored word's as it was before it was scaled to unit length, another's as the sum of its n-grams, scaled to unit length.
"""

import struct
import sys


def fasttext_hash(ngram, buckets):
    h = 2166136261
    for byte in ngram.encode("utf8"):
        h ^= byte if byte < 128 else 0xFFFFFF00 | byte
        h = h * 16777619 & 0xFFFFFFFF
    return [h % buckets]


def fnv64(ngram, buckets):
    h = 14695981039346656037
    data = struct.pack("<Q", len(ngram)) + b"".join(struct.pack("<I", ord(c)) for c in ngram)
    for byte in data:
        h = (h ^ byte) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return [h % buckets]


def murmur3(key, seed):
    """MurmurHash3_x64_128, as four numbers of 32 bits."""
    mask = 0xFFFFFFFFFFFFFFFF
    c1, c2 = 0x87C37B91114253D5, 0x4CF5AD432745937F

    def rotate(x, r):
        return (x << r | x >> 64 - r) & mask

    def mix(k, first, r, second):
        return rotate(k * first & mask, r) * second & mask

    def final(k):
        k = (k ^ k >> 33) * 0xFF51AFD7ED558CCD & mask
        k = (k ^ k >> 33) * 0xC4CEB9FE1A85EC53 & mask
        return k ^ k >> 33

    h1 = h2 = seed
    whole = len(key) // 16 * 16
    for at in range(0, whole, 16):
        k1, k2 = struct.unpack_from("<QQ", key, at)
        h1 = ((rotate(h1 ^ mix(k1, c1, 31, c2), 27) + h2) * 5 + 0x52DCE729) & mask
        h2 = ((rotate(h2 ^ mix(k2, c2, 33, c1), 31) + h1) * 5 + 0x38495AB5) & mask
    k1, k2 = struct.unpack("<QQ", key[whole:].ljust(16, b"\0"))
    h1 ^= mix(k1, c1, 31, c2)
    h2 ^= mix(k2, c2, 33, c1)
    h1 ^= len(key)
    h2 ^= len(key)
    h1 = h1 + h2 & mask
    h2 = h2 + h1 & mask
    h1, h2 = final(h1), final(h2)
    h1 = h1 + h2 & mask
    h2 = h2 + h1 & mask
    return [h1 & 0xFFFFFFFF, h1 >> 32, h2 & 0xFFFFFFFF, h2 >> 32]


class File:
    def __init__(self, path):
        self.data = open(path, "rb").read()
        self.at = 0
        self.words, self.indexer, self.norms, self.metadata = [], None, None, None
        self.begin, self.end = "<", ">"
        assert self.data[:4] == b"FiFu"
        self.at = 4
        version, n = self.take("II")
        assert version == 0
        kinds = self.take("%dI" % n)
        for kind in kinds:
            found, length = self.take("IQ")
            assert found == kind, (found, kind)
            start = self.at
            {1: self.simple, 2: self.matrix, 3: self.bucketed, 5: lambda: self.toml(length), 6: self.lengths,
             7: self.fasttext, 8: self.explicit, 9: self.floret}[kind]()
            assert self.at - start == length, (kind, self.at - start, length)
        assert self.at == len(self.data)
        self.kinds = kinds

    def take(self, kinds):
        values = struct.unpack_from("<" + kinds, self.data, self.at)
        self.at += struct.calcsize("<" + kinds)
        return values

    def text(self):
        (n,) = self.take("I")
        self.at += n
        return self.data[self.at - n:self.at].decode("utf8")

    def floats(self, n):
        self.at += 4 - self.at % 4
        assert self.at % 4 == 0
        return self.take("%df" % n)

    def toml(self, n):
        self.at += n
        self.metadata = self.data[self.at - n:self.at].decode("utf8")

    def simple(self):
        (n,) = self.take("Q")
        self.words = [self.text() for _ in range(n)]

    def fasttext(self):
        n, self.min_n, self.max_n, buckets = self.take("QIII")
        self.words = [self.text() for _ in range(n)]
        self.indexer = lambda ngram: fasttext_hash(ngram, buckets)

    def bucketed(self):
        n, self.min_n, self.max_n, exponent = self.take("QIII")
        self.words = [self.text() for _ in range(n)]
        self.indexer = lambda ngram: fnv64(ngram, 1 << exponent)

    def explicit(self):
        n, listed, self.min_n, self.max_n = self.take("QQII")
        self.words = [self.text() for _ in range(n)]
        buckets, numbered = {}, {}
        for _ in range(listed):
            ngram = self.text()
            (bucket,) = self.take("Q")
            assert numbered.setdefault(bucket, len(numbered)) == bucket  # as finalfusion-rust numbers them
            buckets[ngram] = bucket
        self.indexer = lambda ngram: [buckets[ngram]] if ngram in buckets else []

    def floret(self):
        self.min_n, self.max_n, buckets, hashes, seed = self.take("IIQII")
        self.begin, self.end = self.text(), self.text()
        self.indexer = lambda ngram: [h % buckets for h in murmur3(ngram.encode("utf8"), seed)[:hashes]]
        self.whole = True

    def matrix(self):
        rows, self.dim, kind = self.take("QII")
        assert kind == 10
        values = self.floats(rows * self.dim)
        self.rows = [values[i * self.dim:(i + 1) * self.dim] for i in range(rows)]

    def lengths(self):
        n, kind = self.take("QI")
        assert kind == 10 and n == len(self.words)
        self.norms = self.floats(n)

    def vector(self, word):
        if word in self.words:
            i = self.words.index(word)
            norm = 1 if self.norms is None else self.norms[i]
            return True, [x * norm for x in self.rows[i]]
        if self.indexer is None:
            return False, []
        marked = self.begin + word + self.end
        indices = self.indexer(marked) if getattr(self, "whole", False) else []
        for start in range(len(marked)):
            for end in range(start + self.min_n, min(len(marked), start + self.max_n) + 1):
                indices += self.indexer(marked[start:end])
        if not indices:
            return False, []
        total = [sum(self.rows[len(self.words) + i][k] for i in indices) for k in range(self.dim)]
        norm = sum(x * x for x in total) ** 0.5
        return False, [x / norm for x in total]


if __name__ == "__main__":
    file = File(sys.argv[1])
    for argument in sys.argv[2:]:
        stored, vector = file.vector(bytes.fromhex(argument).decode("utf8"))
        print(argument, int(stored), *("%.9g" % x for x in vector))
