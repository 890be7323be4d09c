"""The methods of KeyedVectors give gensim's answers on the same vectors."""

import os
import tempfile
import unittest
import warnings

import numpy as np

import kindred

try:
    import gensim.models
except ImportError:
    gensim = None


def some_vectors(n=60, size=8, seed=1):
    random = np.random.default_rng(seed)
    return [f"w{i}" for i in range(n)], random.normal(size=(n, size)).astype(np.float32)


@unittest.skipUnless(gensim, "SKIPPED: gensim is not installed")
class SameAnswers(unittest.TestCase):
    """Each question goes to both."""

    @classmethod
    def setUpClass(cls):
        words, vectors = some_vectors()
        cls.ours, cls.theirs = kindred.KeyedVectors(8), gensim.models.KeyedVectors(8)
        for kv in (cls.ours, cls.theirs):
            kv.add_vectors(words, vectors)
            for i, word in enumerate(words):
                kv.set_vecattr(word, "count", 1000 - 7 * i)

    def same(self, ask, exact_type=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ours, theirs = ask(self.ours), ask(self.theirs)
        self.alike(ours, theirs)
        if exact_type:
            self.assertEqual(np.shape(ours) if isinstance(ours, np.ndarray) else type(ours) if not np.isscalar(ours) else float,
                             np.shape(theirs) if isinstance(theirs, np.ndarray) else type(theirs) if not np.isscalar(theirs) else float)

    def alike(self, ours, theirs):
        if isinstance(theirs, (list, tuple)):
            self.assertEqual(len(ours), len(theirs))
            for a, b in zip(ours, theirs):
                self.alike(a, b)
        elif isinstance(theirs, dict):
            self.assertEqual(ours.keys(), theirs.keys())
            for key in theirs:
                self.alike(ours[key], theirs[key])
        elif isinstance(theirs, (str, int, bool, type(None))):
            self.assertEqual(ours, theirs)
        else:
            np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)

    def test_most_similar(self):
        v = np.arange(8, dtype=np.float32)
        for arguments in [dict(positive="w1"), dict(positive=["w1", "w2"], negative=["w3"]), dict(positive=["w1"], negative="w3"),
                          dict(negative=["w5"]), dict(positive=[("w1", 2.0), "w2"], negative=[("w9", -0.5)]), dict(positive=v), dict(positive=[v]),
                          dict(positive=[v, "w3"]), dict(positive=3), dict(positive=["w1"], topn=3), dict(positive=["w1"], topn=0),
                          dict(positive=["w1"], topn=None), dict(positive=["w1"], restrict_vocab=7), dict(positive=["w1"], clip_start=10, clip_end=30),
                          dict(positive=["w1"], topn=1000)]:
            with self.subTest(arguments):
                self.same(lambda kv: kv.most_similar(**arguments))

    def test_neighbors(self):
        v = np.arange(8, dtype=np.float32)
        for name, ask in {
            "similar_by_word": lambda kv: kv.similar_by_word("w4", topn=4), "similar_by_key": lambda kv: kv.similar_by_key("w4", restrict_vocab=9),
            "similar_by_vector": lambda kv: kv.similar_by_vector(v, topn=4),
            "cosmul": lambda kv: kv.most_similar_cosmul(positive=["w1", "w2"], negative=["w3"]),
            "cosmul alone": lambda kv: kv.most_similar_cosmul("w1", topn=3), "given": lambda kv: kv.most_similar_to_given("w1", ["w2", "w3", "w4"]),
            "closer_than": lambda kv: kv.closer_than("w1", "w2"), "rank": lambda kv: kv.rank("w1", "w2"),
            "doesnt_match": lambda kv: kv.doesnt_match(["w1", "w2", "w3", "unknown"]),
            "rank_by_centrality": lambda kv: kv.rank_by_centrality(["w1", "w2", "w3"]),
            "centrality, no norm": lambda kv: kv.rank_by_centrality(["w1", "w2", "w3"], use_norm=False),
        }.items():
            with self.subTest(name):
                self.same(ask)

    def test_similarity(self):
        for name, ask in {
            "similarity": lambda kv: kv.similarity("w1", "w2"), "distance": lambda kv: kv.distance("w1", "w2"),
            "n_similarity": lambda kv: kv.n_similarity(["w1", "w2"], ["w3", "w4", "w5"]), "distances": lambda kv: kv.distances("w1"),
            "distances of": lambda kv: kv.distances("w1", ["w2", "w3"]), "distances of a vector": lambda kv: kv.distances(kv["w1"]),
            "relative": lambda kv: kv.relative_cosine_similarity("w1", "w2"), "cosines": lambda kv: kv.cosine_similarities(kv["w1"], kv.vectors),
        }.items():
            with self.subTest(name):
                self.same(ask)

    def test_words_and_vectors(self):
        for name, ask in {
            "getitem": lambda kv: kv["w3"], "of a number": lambda kv: kv[3], "list": lambda kv: kv[["w3", "w4"]], "get_vector": lambda kv: kv.get_vector("w3", norm=True),
            "mean": lambda kv: kv.get_mean_vector(["w1", "w2", "unknown"]), "weighted mean": lambda kv: kv.get_mean_vector(["w1", "w2"], weights=[2, -1]),
            "raw mean": lambda kv: kv.get_mean_vector(["w1", "w2"], pre_normalize=False), "unit mean": lambda kv: kv.get_mean_vector(["w1", "w2"], post_normalize=True),
            "contains": lambda kv: ["w1" in kv, "unknown" in kv, 3 in kv, 99 in kv], "len": lambda kv: len(kv), "index": lambda kv: kv.get_index("w7"),
            "default": lambda kv: kv.get_index("unknown", -5), "has": lambda kv: kv.has_index_for("w1"), "count": lambda kv: int(kv.get_vecattr("w2", "count")),
            "normed": lambda kv: kv.get_normed_vectors(), "str": lambda kv: str(kv), "for all": lambda kv: kv.vectors_for_all(["w1", "unknown", "w2"]).vectors,
            "index_to_key": lambda kv: kv.index_to_key, "key_to_index": lambda kv: kv.key_to_index,
        }.items():
            with self.subTest(name):
                self.same(ask)

    def test_errors_are_of_the_same_kind(self):
        for ask in [lambda kv: kv["unknown"], lambda kv: kv.most_similar("unknown"), lambda kv: kv.similarity("w1", "unknown"),
                    lambda kv: kv.get_index("unknown"), lambda kv: kv.doesnt_match(["unknown"]), lambda kv: kv.most_similar(),
                    lambda kv: kv.n_similarity([], ["w1"]), lambda kv: kv.get_mean_vector([]), lambda kv: kv.vocab, lambda kv: kv.index2word,
                    lambda kv: kv.get_vecattr("w1", "nonsense")]:
            raised = []
            for kv in (self.ours, self.theirs):
                with self.assertRaises(Exception) as caught, warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    ask(kv)
                raised.append(caught.exception)
            self.assertIsInstance(raised[0], type(raised[1]))

    def test_changes(self):
        words, vectors = some_vectors(20, 4)
        pair = kindred.KeyedVectors(4), gensim.models.KeyedVectors(4)
        for kv in pair:
            kv.add_vectors(words[:10], vectors[:10])
            kv.add_vectors(words[5:15], -vectors[5:15])
            kv.add_vectors(words[:2], vectors[3:5], replace=True)
            kv.add_vector("new", vectors[7])
            kv["new"] = vectors[8]
            kv[["w0", "fresh"]] = vectors[9:11]
            for i, word in enumerate(kv.index_to_key):
                kv.set_vecattr(word, "count", (7 * i) % 16)
            kv.sort_by_descending_frequency()
        self.assertEqual(pair[0].index_to_key, pair[1].index_to_key)
        np.testing.assert_array_equal(pair[0].vectors, pair[1].vectors)
        for kv in pair:
            kv.unit_normalize_all()
        np.testing.assert_allclose(pair[0].vectors, pair[1].vectors, rtol=1e-6)
        self.assertEqual(pair[0].most_similar("new")[0][0], pair[1].most_similar("new")[0][0])

    def test_room_made_before(self):
        pair = kindred.KeyedVectors(2, count=2), gensim.models.KeyedVectors(2, count=2)
        for kv in pair:
            kv.add_vector("a", [1, 0])
            kv.add_vector("b", [0, 1])
        self.assertEqual(pair[0].index_to_key, pair[1].index_to_key)
        np.testing.assert_array_equal(pair[0].vectors, pair[1].vectors)

    def test_evaluation(self):
        with tempfile.TemporaryDirectory() as directory:
            pairs, questions = os.path.join(directory, "pairs.tsv"), os.path.join(directory, "questions.txt")
            with open(pairs, "w") as f:
                f.write("# comment\n" + "".join(f"{'W' if i % 2 else 'w'}{i}\tw{i + 9}\t{(i * 37) % 11}\n" for i in range(30)) + "w1\tunknown\t3\nbroken line\n")
            with open(questions, "w") as f:
                f.write(": one\n" + "".join(f"w{i} w{i + 1} w{i + 2} w{(5 * i) % 50}\n" for i in range(20)))
                answer = self.theirs.most_similar(positive=["w9", "w5"], negative=["w4"], topn=1)[0][0]
                f.write(f": two\nw4 w5 w9 {answer}\nw1 w2 w3 unknown\n")
            for arguments in [{}, {"case_insensitive": False}, {"dummy4unknown": True}, {"restrict_vocab": 20}]:
                with self.subTest(arguments):
                    self.same(lambda kv: [tuple(x) if isinstance(x, tuple) else (x.statistic, x.pvalue) if hasattr(x, "pvalue") else x
                                          for x in kv.evaluate_word_pairs(pairs, **arguments)], exact_type=False)
                    self.same(lambda kv: kv.evaluate_word_analogies(questions, **arguments))

    def test_files_of_each_other(self):
        with tempfile.TemporaryDirectory() as directory:
            for binary in (False, True):
                for source, reader in ((self.ours, gensim.models.KeyedVectors), (self.theirs, kindred.KeyedVectors)):
                    path = os.path.join(directory, "v")
                    vocab = os.path.join(directory, "counts")
                    source.save_word2vec_format(path, fvocab=vocab, binary=binary)
                    got = reader.load_word2vec_format(path, fvocab=vocab, binary=binary)
                    self.assertEqual(got.index_to_key, source.index_to_key)
                    np.testing.assert_array_equal(got.vectors, source.vectors)
                    self.assertEqual(got.get_vecattr("w3", "count"), source.get_vecattr("w3", "count"))
            self.assertEqual(len(kindred.KeyedVectors.load_word2vec_format(path, binary=True, limit=7)), 7)
            self.ours.save_word2vec_format(path, write_header=False, prefix="_")
            self.assertEqual(kindred.KeyedVectors.load_word2vec_format(path, no_header=True).index_to_key[0], "_w0")


class Files(unittest.TestCase):
    def test_any_word_and_count_comes_back(self):
        words = ["a b", "né", "\n", "tab\t", "\u3000", "\\", "日本"]
        kv = kindred.KeyedVectors(3)
        kv.add_vectors(words, np.arange(21).reshape(7, 3), extras={"count": range(7, 0, -1)})
        with tempfile.TemporaryDirectory() as directory:
            for name in ("v.safetensors", "v.model"):
                path = os.path.join(directory, name)
                kv.save(path)
                for got in (kindred.KeyedVectors.load(path, mmap="r"), kindred.load(path), kindred.load(path, check=True)):
                    self.assertEqual(got.index_to_key, words)
                    np.testing.assert_array_equal(got.vectors, kv.vectors)
                    self.assertEqual(got.get_vecattr("né", "count"), 6)
            self.assertIsInstance(kindred.load(path).vectors, np.memmap)
            with self.assertRaisesRegex(kindred.FormatError, "white space"):
                kv.save_word2vec_format(path + ".txt")
            self.assertFalse(os.path.exists(path + ".txt"))

    def test_changes_stay_in_memory(self):
        words, vectors = some_vectors()
        kv = kindred.KeyedVectors(8)
        kv.add_vectors(words, vectors)
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "v.safetensors")
            kv.save(path)
            mapped = kindred.load(path)
            mapped.vectors[0] = 5
            mapped.add_vector("w1", np.ones(8))
            np.testing.assert_array_equal(kindred.load(path, check=True).vectors, vectors)

    def test_the_hash_of_every_length(self):
        # The program compares the hash of what Python wrote.
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "v.safetensors")
            for size in [1, 2, 3, 7, 15, 16, 17, 60, 100, 127, 128, 250, 300, 5000, 300000]:
                kv = kindred.KeyedVectors(size)
                kv.add_vectors(["x" * (size % 70 + 1)], [np.linspace(-1, 1, size)])
                kv.save(path)
                self.assertEqual(len(kindred.load(path, check=True)), 1)

    def test_damaged_files(self):
        kv = kindred.KeyedVectors(8)
        kv.add_vectors(*some_vectors())
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "v.safetensors")
            kv.save(path)
            with open(path, "rb") as f:
                whole = f.read()
            for broken in (whole[:len(whole) - 100], whole[:300], b"\x10\0\0\0\0\0\0\0{not JSON at all" + b" " * 50):
                with open(path, "wb") as f:
                    f.write(broken)
                with self.assertRaises((kindred.FormatError, kindred.CommandError)):
                    kindred.load(path)
            with open(path, "wb") as f:
                f.write(whole[:-5] + b"\xff" + whole[-4:])
            with self.assertRaises(kindred.CommandError):
                kindred.load(path, check=True)
            with self.assertRaises(FileNotFoundError):
                kindred.load(path + ".none")
            with self.assertRaisesRegex(kindred.FormatError, "finite"):
                kv.vectors[3, 3] = np.nan
                kv.save(path)


if __name__ == "__main__":
    unittest.main()
