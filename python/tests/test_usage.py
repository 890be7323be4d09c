"""What gensim's documentation shows at the head of its modules, in other words and another order. docs/python.md lists the rest."""

import os
import tempfile
import unittest

import numpy as np

import kindred

TEXTS = [["human", "interface", "computer"], ["survey", "user", "computer", "system", "response", "time"], ["eps", "user", "interface", "system"],
         ["system", "human", "system", "eps"], ["user", "response", "time"], ["trees"], ["graph", "trees"], ["graph", "minors", "trees"],
         ["graph", "minors", "survey"]]


class Restartable:
    def __iter__(self):
        yield from TEXTS


class Usage(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def test_word2vec(self):
        model = kindred.Word2Vec(sentences=TEXTS, vector_size=100, window=5, min_count=1, workers=4)
        model.save(self.path("word2vec.model"))
        model = kindred.Word2Vec.load(self.path("word2vec.model"))
        model.train([["human", "trees", "graph"]], total_examples=1, epochs=1)
        self.assertEqual(model.wv["computer"].shape, (100,))
        self.assertEqual(len(model.wv.most_similar("computer", topn=10)), 10)
        vectors = model.wv
        vectors.save(self.path("word2vec.wordvectors"))
        del model
        np.testing.assert_array_equal(kindred.KeyedVectors.load(self.path("word2vec.wordvectors"), mmap="r")["computer"], vectors["computer"])
        # Other than gensim: a training that knows no word of the text is an error, not a training of nothing.
        with self.assertRaises(kindred.TrainingError):
            kindred.Word2Vec.load(self.path("word2vec.model")).train([["hello", "world"]], total_examples=1, epochs=1)

    def test_phrases_and_word2vec(self):
        bigrams = kindred.Phrases(TEXTS, min_count=1, threshold=1)
        model = kindred.Word2Vec(bigrams[TEXTS], min_count=1)
        self.assertIn("response_time", model.wv)

    def test_keyedvectors(self):
        wv = kindred.Word2Vec(TEXTS, vector_size=20, min_count=1).wv
        for binary in (False, True):
            wv.save_word2vec_format(self.path("vectors"), binary=binary)
            self.assertEqual(len(kindred.KeyedVectors.load_word2vec_format(self.path("vectors"), binary=binary)), len(wv))
        self.assertEqual(len(wv.most_similar(positive=["human", "user"], negative=["trees"])), 9)
        self.assertEqual(len(wv.most_similar_cosmul(positive=["human", "user"], negative=["trees"])), 9)
        self.assertIn(wv.doesnt_match("human user trees".split()), ("human", "user", "trees"))
        self.assertAlmostEqual(wv.similarity("human", "user"), 1 - wv.distance("human", "user"), 6)
        self.assertTrue(-1 <= wv.n_similarity(["human", "interface"], ["graph", "trees"]) <= 1)
        self.assertEqual(wv.distances("graph", ["trees", "user"]).shape, (2,))
        self.assertEqual(wv.similar_by_word("graph", topn=2), wv.most_similar("graph", topn=2))
        with open(self.path("questions"), "w") as f:
            f.write(": all\nhuman user graph trees\n")
        accuracy, sections = wv.evaluate_word_analogies(self.path("questions"))
        self.assertEqual(sections[-1]["section"], "Total accuracy")
        with open(self.path("pairs"), "w") as f:
            f.write("human\tuser\t7\ngraph\ttrees\t9\nhuman\ttrees\t1\n")
        pearson, spearman, unknown = wv.evaluate_word_pairs(self.path("pairs"))
        self.assertEqual(unknown, 0)
        with self.assertRaises(kindred.UnsupportedError):
            wv.wmdistance(["human"], ["user"])

    def test_older_ways(self):
        model = kindred.Word2Vec(TEXTS, vector_size=20, min_count=1)
        wv = model.wv
        self.assertTrue(np.allclose(np.linalg.norm(wv.get_normed_vectors(), axis=1), 1, atol=1e-5))
        other = kindred.KeyedVectors(20)
        other.add_vectors(["human", "martian"], np.ones((2, 20)))
        other.save_word2vec_format(self.path("other"), binary=True)
        with self.assertRaises(kindred.UnsupportedError):
            wv.intersect_word2vec_format(self.path("other"), binary=True)
        wv.intersect_word2vec_format(self.path("other"), binary=True, lockf=1.0)
        np.testing.assert_array_equal(wv["human"], np.ones(20))
        self.assertNotIn("martian", wv)
        with self.assertWarns(DeprecationWarning):
            model.init_sims(replace=True)
        self.assertAlmostEqual(float(np.linalg.norm(wv["human"])), 1, 5)
        wv.sort_by_descending_frequency()
        self.assertEqual(wv.get_vecattr(wv.index_to_key[0], "count"), 4)
        model.train(TEXTS, total_examples=len(TEXTS), epochs=2)  # goes on from the changed vectors
        self.assertEqual(len(model.wv), 12)

    def test_fasttext(self):
        model = kindred.FastText(vector_size=4, window=3, min_count=1)
        model.build_vocab(corpus_iterable=TEXTS)
        model.train(corpus_iterable=TEXTS, total_examples=len(TEXTS), epochs=10)
        at_once = kindred.FastText(vector_size=4, window=3, min_count=1, sentences=TEXTS, epochs=10)
        np.testing.assert_array_equal(model.wv.vectors, at_once.wv.vectors)
        with open(self.path("text"), "w") as f:
            f.writelines(" ".join(sentence) + "\n" for sentence in TEXTS)
        from_file = kindred.FastText(vector_size=4, window=3, min_count=1)
        from_file.build_vocab(corpus_file=self.path("text"))
        from_file.train(corpus_file=self.path("text"), epochs=10, total_examples=from_file.corpus_count, total_words=from_file.corpus_total_words)
        np.testing.assert_array_equal(from_file.wv.vectors, model.wv.vectors)
        restarted = kindred.FastText(vector_size=4, window=3, min_count=1)
        restarted.build_vocab(corpus_iterable=Restartable())
        restarted.train(corpus_iterable=Restartable(), total_examples=restarted.corpus_count, epochs=10)
        np.testing.assert_array_equal(restarted.wv.vectors, model.wv.vectors)
        model.save(self.path("fasttext.model"))
        model = kindred.FastText.load(self.path("fasttext.model"))
        new = [["lord", "of", "the", "rings"], ["lord", "of", "the", "flies"]]
        self.assertNotIn("lord", model.wv.key_to_index)
        model.build_vocab(new, update=True)
        model.train(new, total_examples=len(new), epochs=model.epochs)
        self.assertIn("lord", model.wv.key_to_index)
        self.assertTrue("computation" in model.wv and "computation" not in model.wv.key_to_index)
        self.assertEqual(model.wv["computation"].shape, (4,))
        self.assertEqual(len(model.wv.most_similar("computation")), 10)
        kindred.save_facebook_model(model, self.path("model.bin"))
        again = kindred.load_facebook_model(self.path("model.bin"))
        again.train(TEXTS, total_examples=len(TEXTS), epochs=1)
        np.testing.assert_allclose(kindred.load_facebook_vectors(self.path("model.bin"))["rings"], model.wv["rings"], rtol=1e-4, atol=1e-6)

    def test_phrases(self):
        model = kindred.Phrases(TEXTS, min_count=1, threshold=0.1, connector_words=kindred.ENGLISH_CONNECTOR_WORDS)
        self.assertEqual(model[["trees", "graph", "minors"]], ["trees", "graph_minors"])
        self.assertIn(["user", "response_time"], list(model[TEXTS]))
        model.add_vocab([["hello", "world"], ["meow"]])
        frozen = model.freeze()
        for phrases, name in ((model, "all.json"), (frozen, "frozen.json")):
            phrases.save(self.path(name))
            again = kindred.Phrases.load(self.path(name))
            self.assertIs(type(again), type(phrases))
            for sentence in TEXTS:
                self.assertEqual(again[sentence], model[sentence])


if __name__ == "__main__":
    unittest.main()
