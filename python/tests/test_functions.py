"""The functions over the commands, and phrases."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np

import kindred
from test_word2vec import little_text

try:
    import gensim.models
    from gensim.models.phrases import ENGLISH_CONNECTOR_WORDS
except ImportError:
    gensim = None

NEWS = [["the", "bank", "of", "america", "in", "new", "york"], ["new", "york", "times", "is", "a", "paper"], ["we", "saw", "new", "york"],
        ["the", "bank", "of", "america", "is", "big"], ["he", "is", "a", "new", "man"], []] * 8


def has_classify():
    """Report whether the program has the command."""
    return subprocess.run([kindred.binary(), "classify", "--help"], capture_output=True).returncode == 0


class Classify(unittest.TestCase):
    LINES = ["win a prize now", "see you\nat lunch", "free prize, call now", "lunch at noon?"] * 25
    LABELS = ["spam", "ham", ["spam"], "ham"] * 25

    def setUp(self):
        if not has_classify():
            self.skipTest("SKIPPED: this kindred has no command classify")
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.model = os.path.join(self.directory.name, "spam.model")

    def test_all(self):
        self.assertIsInstance(kindred.classify.train(self.LINES, self.LABELS, self.model), dict)
        report = kindred.classify.test(self.model, self.LINES[:4], self.LABELS[:4])
        self.assertEqual(report["macro_f1"]["value"] if isinstance(report["macro_f1"], dict) else report["macro_f1"], 1)
        got = kindred.classify.predict(self.model, ["a free prize", "", "{lunch"], top=2)
        self.assertEqual([labels[:1] for labels in got["labels"]], [["spam"], [], ["ham"]])
        self.assertEqual(got["probabilities"][0].shape, (2,))
        self.assertEqual(got["known"].tolist(), [True, False, True])
        got = kindred.classify.suggest(self.model, ["win a prize now", "prize lunch"], top=1)
        self.assertEqual((got["lines"].tolist(), got["texts"]), ([1], ["prize lunch"]))

    def test_bad_input(self):
        for lines, labels, error in ((["a", 5], ["x", "y"], kindred.TokenError), ("a", ["x"], kindred.TokenError), (["a"], ["x", "y"], ValueError),
                                     (["a", "b"], ["x"], ValueError), ([], [], kindred.CommandError)):
            with self.assertRaises(error):
                kindred.classify.train(lines, labels, self.model)
        self.assertFalse(os.path.exists(self.model))
        with self.assertRaisesRegex(kindred.CommandError, "spam.model"):
            kindred.classify.predict(self.model, ["a"])


@unittest.skipUnless(gensim, "SKIPPED: gensim is not installed")
class PhrasesAsGensim(unittest.TestCase):
    def test_all_of_it(self):
        for settings in (dict(min_count=1, threshold=0.1), dict(min_count=3, threshold=2), dict(min_count=1, threshold=0.3, scoring="npmi"),
                         dict(min_count=1, threshold=0.1, connector_words=ENGLISH_CONNECTOR_WORDS), dict(min_count=2, threshold=1, delimiter="~")):
            with self.subTest(settings):
                ours, theirs = kindred.Phrases(NEWS, **settings), gensim.models.Phrases(NEWS, **settings)
                self.same(ours, theirs)
                for phrases in (ours, theirs):
                    phrases.add_vocab([["new", "york", "new", "york"], ["bank", "of", "america"]])
                self.same(ours, theirs)
                self.same(ours.freeze(), theirs.freeze())

    def same(self, ours, theirs):
        if hasattr(ours, "export_phrases"):
            a, b = ours.export_phrases(), theirs.export_phrases()
        else:
            a, b = ours.phrasegrams, theirs.phrasegrams
        self.assertEqual(a.keys(), b.keys())
        for phrase, score in b.items():
            self.assertAlmostEqual(a[phrase], score, 9)
        for sentence in NEWS + [["america", "of", "the", "bank", "of", "america", "of"], ["of", "the"], ["unknown", "new", "york", "words"]]:
            self.assertEqual(ours[sentence], theirs[sentence])
        self.assertEqual([list(s) for s in ours[NEWS]], [list(s) for s in theirs[NEWS]])
        self.assertEqual(ours.find_phrases(NEWS).keys(), theirs.find_phrases(NEWS).keys())

    def test_connectors(self):
        self.assertEqual(kindred.ENGLISH_CONNECTOR_WORDS, ENGLISH_CONNECTOR_WORDS)

    def test_the_program_finds_the_same(self):
        theirs = gensim.models.Phrases(NEWS, min_count=2, threshold=1).export_phrases()
        ours = kindred.phrases(NEWS, scoring="word2phrase", phrase_min_count=2, threshold=1, passes=1)
        self.assertEqual(set(ours["joined"]), set(theirs))


class Functions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.pairs = os.path.join(cls.directory.name, "pairs.tsv")
        with open(cls.pairs, "w") as f:
            words = "king queen dog cat car bus red blue the rules on".split()
            f.writelines(f"{a}\t{b}\t{(3 * i + 5 * k) % 10}\n" for i, a in enumerate(words) for k, b in enumerate(words) if i < k)
        cls.models = [kindred.Word2Vec(little_text(), vector_size=10, min_count=1, seed=seed) for seed in (1, 2, 3)]

    def test_evaluate(self):
        path = os.path.join(self.directory.name, "v.safetensors")
        self.models[0].wv.save(path)
        want = self.models[0].wv.evaluate_word_pairs(self.pairs)
        for vectors in (path, self.models[0], self.models[0].wv):
            got = kindred.evaluate(vectors, self.pairs, resamples=100)["similarity"][0]
            self.assertAlmostEqual(got["spearman"]["value"], want[1].statistic, 4)
            self.assertAlmostEqual(got["pearson"]["value"], want[0].statistic, 4)
        changed = kindred.Word2Vec.load(path).wv
        changed.vectors[:] = 1
        self.assertNotEqual(kindred.evaluate(changed, self.pairs), kindred.evaluate(path, self.pairs))
        with self.assertRaisesRegex(kindred.CommandError, "nowhere"):
            kindred.evaluate(path, "nowhere.tsv")
        with self.assertRaises(kindred.CommandError) as caught:
            kindred.evaluate(path, self.pairs, nonsense=5)
        self.assertEqual(caught.exception.exit_code, 2)

    def test_compare_and_report(self):
        page = os.path.join(self.directory.name, "page.html")
        got = kindred.compare({"ours": self.models[:2]}, self.models[2], sets=self.pairs, html=page, resamples=200)
        self.assertIsInstance(got, dict)
        with open(page) as f:
            self.assertIn("ours", f.read())
        report = self.models[0].report(os.path.join(self.directory.name, "report.html"), self.pairs, resamples=200)
        with open(report) as f:
            self.assertTrue(f.read().lower().startswith("<!doctype html>"))

    def test_score(self):
        text = little_text(1500)
        model = kindred.Word2Vec(text, vector_size=16, min_count=1, sg=1, calibrate="10%")
        odd = ["king", "king", "zzz", "new york"]
        got = kindred.score(model, [text[0], odd, [], " ".join(text[1]) + "\n"], explain=True)
        self.assertEqual([got["scores"].shape, got["p"].shape, got["alarms"].tolist()], [(4,), (4,), [False, True, False, False]])
        self.assertGreater(got["scores"][1], got["scores"][0] + 5)
        self.assertTrue(np.isnan(got["scores"][2]) and np.isnan(got["p"][2]))
        self.assertEqual(set(got["lines"][1]["unseen_words"]), {"zzz", "new york"})
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "model")
            model.save(path)
            self.assertEqual(kindred.score(path, [odd])["scores"][0], got["scores"][1])
        report = kindred.score(model, text[:50] + [odd] * 10, labels=["normal"] * 50 + ["odd"] * 10)
        self.assertEqual(report["roc_auc"], 1)
        uncalibrated = kindred.Word2Vec(text, vector_size=16, min_count=1)
        self.assertTrue(np.isnan(kindred.score(uncalibrated, [odd])["p"][0]))
        self.assertLess(kindred.score(uncalibrated, [odd], normal=text[:300])["p"][0], 0.02)
        for lines, labels, error in ((["a\nb"], None, kindred.TokenError), ("a b", None, kindred.TokenError), ([["a", 5]], None, kindred.TokenError),
                                     ([["a"]], [1, 2], ValueError)):
            with self.assertRaises(error):
                kindred.score(model, lines, labels)

    def test_score_of_a_model_of_a_file(self):
        text = little_text(1500)
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "text")
            with open(path, "w") as f:
                f.writelines(" ".join(line) + "\n" for line in text)
            model = kindred.Word2Vec(corpus_file=path, vector_size=16, min_count=1)
            self.assertEqual(*kindred.score(model, [text[0], " ".join(text[0])])["scores"])
            with self.assertRaises(kindred.TokenError):
                kindred.score(model, [["new york"]])

    def test_explore(self):
        page = kindred.explore(self.models[0], os.path.join(self.directory.name, "explore.html"), first=10)
        with open(page) as f:
            self.assertIn("king", f.read())

    def test_the_program_on_the_command_line(self):
        run = subprocess.run([sys.executable, "-m", "kindred", "version", "--json"], capture_output=True, text=True,
                             env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)))
        self.assertEqual(json.loads(run.stdout), kindred.version())
        run = subprocess.run([sys.executable, "-m", "kindred", "nonsense"], capture_output=True, env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)))
        self.assertEqual(run.returncode, 2)

    def test_phrases(self):
        found = kindred.phrases(NEWS, phrase_min_count=2, threshold=0.4)
        self.assertIn("new_york", found["joined"])
        self.assertEqual(len(found["scores"]), len(found["phrases"]))
        self.assertIsInstance(found["counts"], np.ndarray)
        with self.assertRaisesRegex(kindred.TokenError, "white space"):
            kindred.phrases([["new york", "is"]])

    def test_load_every_format(self):
        wv = self.models[0].wv
        path = os.path.join(self.directory.name, "native.safetensors")
        wv.save(path)
        for name in ("v.txt", "v.bin", "v.glove", "v.tsv", "v.npy", "v.fifu", "v.safetensors", "v.txt.gz", "v.fasttext.bin"):
            other = os.path.join(self.directory.name, name)
            kindred._binary.run("convert", [path, other])
            got = kindred.load(other)
            self.assertEqual(got.index_to_key, wv.index_to_key, name)
            np.testing.assert_allclose(got.vectors, wv.vectors, rtol=1e-5, atol=1e-7)
        self.assertEqual(len(kindred.load(path, first=3)), 3)
        kindred._binary.run("convert", [path, other + ".safetensors", "--quantize", "int8"])
        got = kindred.load(other + ".safetensors")
        self.assertEqual((got.index_to_key, got.vectors.dtype), (wv.index_to_key, np.float32))
        np.testing.assert_allclose(got.vectors, wv.vectors, atol=np.abs(wv.vectors).max() / 100)
        with open(other, "wb") as f:
            f.write(b"%PDF-1.4 no vectors")
        with self.assertRaises(kindred.CommandError):
            kindred.load(other)


if __name__ == "__main__":
    unittest.main()
