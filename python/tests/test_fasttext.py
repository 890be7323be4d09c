"""Words made of n-grams: the vectors that Python composes are those of the program and of gensim."""

import os
import pickle
import tempfile
import unittest
import warnings

import numpy as np

import kindred
from kindred import _binary

try:
    import gensim.models.fasttext
except ImportError:
    gensim = None

TEXT = [["walking", "is", "healthy"], ["running", "is", "healthy"], ["cars", "are", "louder", "né"], ["a", "walker", "walks", "日本語"]] * 60
SETTINGS = dict(vector_size=12, min_count=1, epochs=10, bucket=500, seed=3)
STRANGERS = ["walked", "runner", "xyzzyx", "né", "日本", "a", "carscarscars", "ß", "</s>", "w"]


class Composing(unittest.TestCase):
    def vectors_of_program(self, path, words):
        return [np.array(_binary.run_json("vectors", [path, "--", word])["vector"], np.float32) for word in words]

    def test_as_the_program(self):
        for options in (dict(), dict(min_n=2, max_n=4), dict(min_n=1, max_n=3), dict(hash_count=2), dict(sg=1, bucket=20)):
            with self.subTest(options), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = kindred.FastText(TEXT, **{**SETTINGS, **options})
                known = model.wv.index_to_key
                words = [word for word in STRANGERS if options or word not in ("</s>", "w")]
                words = [word for word in words if word in known or word == "</s>" or len(word) + 2 >= (model.wv.min_n or 3)]
                words.remove("</s>") if "</s>" in words else None
                for word, vector in zip(words + known, self.vectors_of_program(model.wv.mapfile_path, words + known)):
                    np.testing.assert_allclose(model.wv[word], vector, rtol=1e-5, atol=1e-7, err_msg=word)

    @unittest.skipUnless(gensim, "SKIPPED: gensim is not installed")
    def test_as_gensim(self):
        model = kindred.FastText(TEXT, **SETTINGS)
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "model.bin")
            kindred.save_facebook_model(model, path)
            theirs = gensim.models.fasttext.load_facebook_vectors(path)
            again = kindred.load_facebook_vectors(path)
            for word in STRANGERS[:-2] + model.wv.index_to_key:
                np.testing.assert_allclose(model.wv[word], theirs[word], rtol=1e-4, atol=1e-6, err_msg=word)
                np.testing.assert_allclose(again[word], theirs[word], rtol=1e-4, atol=1e-6, err_msg=word)
            for a, b in zip(model.wv.most_similar("walked"), theirs.most_similar("walked")):
                self.assertEqual(a[0], b[0])
                self.assertAlmostEqual(a[1], b[1], 4)
            for ask in (lambda kv: kv.similarity("walked", "runner"), lambda kv: kv.n_similarity(["walked", "is"], ["runner"]),
                        lambda kv: kv.distances("walked"), lambda kv: kv.get_vector("walked", norm=True)):
                np.testing.assert_allclose(ask(model.wv), ask(theirs), rtol=1e-3, atol=1e-5)
            for ask in (lambda kv: kv.doesnt_match(["walked", "walking", "louder"]), lambda kv: "walked" in kv, lambda kv: "walked" in kv.key_to_index,
                        lambda kv: kv.has_index_for("walked"), lambda kv: kv.most_similar_to_given("walked", ["walking", "cars"])):
                self.assertEqual(ask(model.wv), ask(theirs))

    @unittest.skipUnless(gensim, "SKIPPED: gensim is not installed")
    def test_types_and_shapes(self):
        theirs = gensim.models.FastText(TEXT, workers=1, **SETTINGS)
        ours = kindred.FastText(TEXT, **SETTINGS)
        self.assertEqual(set(ours.wv.index_to_key), set(theirs.wv.index_to_key))
        for ask in (lambda m: m.wv.vectors, lambda m: m.wv.vectors_vocab, lambda m: m.wv["stranger"], lambda m: m.syn1neg):
            self.assertEqual((ask(ours).shape, ask(ours).dtype), (ask(theirs).shape, ask(theirs).dtype))
        for name in ("min_n", "max_n", "bucket"):
            self.assertEqual(getattr(ours.wv, name), getattr(theirs.wv, name))

    def test_words_without_ngrams(self):
        model = kindred.FastText(TEXT, **SETTINGS)
        with self.assertWarnsRegex(UserWarning, "no n-gram"):
            vector = model.wv[""]
        self.assertFalse(vector.any())


class Models(unittest.TestCase):
    def test_similar_words_share_ngrams(self):
        model = kindred.FastText(TEXT, **{**SETTINGS, "epochs": 40})
        self.assertEqual(model.wv.most_similar("walkings", topn=1)[0][0], "walking")

    def test_save_load_and_train_on(self):
        model = kindred.FastText(TEXT, **SETTINGS)
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "fasttext.model")
            model.save(path)
            again = kindred.FastText.load(path)
            self.assertIsInstance(kindred.load(path), kindred.FastTextKeyedVectors)
            for m in (model, again):
                np.testing.assert_array_equal(m.wv["walked"], model.wv["walked"])
            again.train(TEXT, total_examples=len(TEXT), epochs=2)
            model.train(TEXT, total_examples=len(TEXT), epochs=2)
            np.testing.assert_array_equal(again.wv["walked"], model.wv["walked"])
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).wv["walked"], model.wv["walked"])

    def test_new_words(self):
        model = kindred.FastText(TEXT, **SETTINGS)
        more = [["bicycles", "are", "silent"]] * 30
        model.build_vocab(more, update=True)
        model.train(more, total_examples=len(more), epochs=3)
        for word in ("bicycles", "walking"):
            self.assertIn(word, model.wv.key_to_index)

    def test_two_steps(self):
        model = kindred.FastText(**SETTINGS)
        model.build_vocab(TEXT)
        model.train(TEXT, total_examples=model.corpus_count, epochs=model.epochs)
        want = kindred.FastText(TEXT, **SETTINGS)
        np.testing.assert_array_equal(model.wv.vectors, want.wv.vectors)
        np.testing.assert_array_equal(model.wv["walked"], want.wv["walked"])

    def test_no_ngrams(self):
        model = kindred.FastText(TEXT, **{**SETTINGS, "max_n": 0})
        self.assertNotIn("walked", model.wv)
        np.testing.assert_array_equal(model.wv.vectors, kindred.Word2Vec(TEXT, vector_size=12, min_count=1, epochs=10, seed=3).wv.vectors)

    def test_changed_vectors_are_not_saved_as_ngrams(self):
        model = kindred.FastText(TEXT, **SETTINGS)
        model.wv.vectors[0] = 1
        with self.assertRaises(kindred.UnsupportedError):
            model.save("nowhere")
        plain = model.wv.vectors_for_all(["walking", "walked"])
        self.assertEqual(plain.index_to_key, ["walking", "walked"])


if __name__ == "__main__":
    unittest.main()
