"""Training: what is learned, what callbacks see, what happens to bad input and interruptions."""

import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest
import warnings
from unittest import mock

import numpy as np

import kindred
from kindred import _binary

try:
    import gensim.models
    from gensim.models.callbacks import CallbackAny2Vec
except ImportError:
    gensim = None


def little_text(sentences=240, seed=1):
    """A few hundred tokens in which the words of a pair stand in the same places."""
    pairs = [("king", "queen", "rules the"), ("dog", "cat", "sleeps on"), ("car", "bus", "drives through"), ("red", "blue", "paint dries")]
    choose = random.Random(seed)
    text = []
    for _ in range(sentences):
        a, b, rest = choose.choice(pairs)
        text.append([choose.choice((a, b)), *rest.split(), choose.choice(("today", "now", "again"))])
    return text


PAIRS = [("king", "queen"), ("dog", "cat"), ("car", "bus"), ("red", "blue")]


class Learning(unittest.TestCase):
    def test_tiny_texts(self):
        for sentences, epochs in ((60, 100), (240, 40)):
            for sg in (0, 1):
                with self.subTest(sentences=sentences, sg=sg):
                    model = kindred.Word2Vec(little_text(sentences), vector_size=16, min_count=1, sg=sg, epochs=epochs)
                    for a, b in PAIRS:
                        self.assertEqual(model.wv.most_similar(a, topn=1)[0][0], b)
                        self.assertEqual(model.wv.most_similar(b, topn=1)[0][0], a)

    def test_defaults_on_a_tiny_text(self):
        model = kindred.Word2Vec(little_text(20), min_count=1)
        self.assertEqual(model.wv.vectors.shape, (len(model.wv), 100))
        self.assertEqual(len(model.epoch_losses), 5)
        self.assertTrue(np.isfinite(model.wv.vectors).all())

    def test_every_way_to_give_the_text_gives_the_same_vectors(self):
        text = little_text()
        settings = dict(vector_size=12, min_count=2, epochs=3, seed=7)
        want = kindred.Word2Vec(text, **settings).wv

        def same(model):
            self.assertEqual(model.wv.index_to_key, want.index_to_key)
            np.testing.assert_array_equal(model.wv.vectors, want.vectors)
            np.testing.assert_array_equal(model.wv.expandos["count"], want.expandos["count"])
        same(kindred.Word2Vec((s for s in text), **settings))
        same(kindred.Word2Vec((tuple(s) for s in text), workers=1, **settings))
        two_steps = kindred.Word2Vec(**settings)
        two_steps.build_vocab(text)
        self.assertEqual(two_steps.corpus_count, len(text))
        two_steps.train(text, total_examples=two_steps.corpus_count, epochs=3)
        same(two_steps)
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "text.txt")
            with open(path, "w") as f:
                f.writelines(" ".join(s) + "\n" for s in text)
            same(kindred.Word2Vec(corpus_file=path, **settings))
            same(kindred.Word2Vec(kindred.LineSentence(path), **settings))
            from_file = kindred.Word2Vec(**settings)
            from_file.build_vocab(corpus_file=path)
            from_file.train(corpus_file=path, total_examples=1, epochs=3)
            same(from_file)

    def test_tokens_of_any_characters(self):
        text = [["new york", "tab\there", "line\nend", "\u3000", "back\\slash", "\\20;", "\x00", "é", "\u2028", "\ufeff"]] * 40
        for model in (kindred.Word2Vec(text, vector_size=4, min_count=1), self.counted(text)):
            self.assertEqual(set(model.wv.index_to_key), set(text[0]))
            self.assertEqual(set(model.wv.expandos["count"].tolist()), {40})

    @staticmethod
    def counted(text):
        model = kindred.Word2Vec(vector_size=4, min_count=1)
        model.build_vocab(text)
        model.train(text, total_examples=len(text), epochs=1)
        return model

    def test_sentences_end_where_lists_end(self):
        text = [["a", "b"], ["c", "d"]] * 100
        model = kindred.Word2Vec(text, vector_size=4, min_count=1, epochs=30, sg=1, window=5, alpha=0.1)
        self.assertEqual(model.wv.manifest["corpus"]["sentences"], 200)
        self.assertEqual(model.predict_output_word(["a"], topn=1)[0][0], "b")
        self.assertEqual(model.predict_output_word(["c"], topn=1)[0][0], "d")

    def test_vocabulary(self):
        text = little_text()
        model = kindred.Word2Vec(text, vector_size=4, min_count=1, max_final_vocab=5)
        self.assertEqual(len(model.wv), 5)
        rule = lambda word, count, least: 1 if word == "the" else 2 if word == "king" else 0
        model = kindred.Word2Vec(text, vector_size=4, min_count=30, trim_rule=rule)
        self.assertNotIn("the", model.wv)
        once = kindred.Word2Vec((s for s in text), vector_size=4, min_count=30, trim_rule=rule)
        np.testing.assert_array_equal(once.wv.vectors, model.wv.vectors)
        self.assertIn("king", model.wv)
        counts = model.wv.expandos["count"]
        self.assertTrue((np.diff(counts) <= 0).all())
        model = kindred.Word2Vec(vector_size=4, min_count=1)
        model.build_vocab_from_freq({"king": 5, "queen": 9})
        self.assertEqual(model.wv.index_to_key, ["queen", "king"])
        model.build_vocab(text, keep_raw_vocab=True)
        self.assertEqual(model.raw_vocab["king"], sum(s.count("king") for s in text))

    def test_training_goes_on(self):
        text = little_text()
        model = kindred.Word2Vec(text, vector_size=8, min_count=1, epochs=10, sg=1)
        before, loss = np.array(model.wv.vectors), model.epoch_losses[-1]
        read = model.train(text, total_examples=len(text), epochs=5)
        tokens = sum(map(len, text))
        self.assertEqual(read, (5 * tokens, 5 * tokens))
        self.assertFalse(np.array_equal(before, model.wv.vectors))
        self.assertLess(model.epoch_losses[-1], loss)
        model.build_vocab([["queen", "wears", "crowns"]] * 30, update=True)
        self.assertIn("crowns", model.wv)
        model.train([["queen", "wears", "crowns"]] * 30, total_examples=30, epochs=5)
        self.assertIn("king", model.wv)
        self.assertGreater(np.linalg.norm(model.wv["crowns"]), 0.3)

    def test_vectors_that_were_set_before(self):
        text = little_text()
        model = kindred.Word2Vec(vector_size=4, min_count=1, epochs=1, alpha=1e-9)
        model.build_vocab(text)
        model.wv.vectors[:] = np.arange(4 * len(model.wv)).reshape(-1, 4) / 10
        want = {word: np.array(model.wv[word]) for word in model.wv.index_to_key}
        model.train(text, total_examples=len(text), epochs=1)
        for word, vector in want.items():
            np.testing.assert_allclose(model.wv[word], vector, atol=1e-3)


class Files(unittest.TestCase):
    def test_save_and_load(self):
        model = kindred.Word2Vec(little_text(), vector_size=8, min_count=2, window=3, epochs=4, seed=5, sg=1)
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "word2vec.model")
            model.save(path)
            again = kindred.Word2Vec.load(path)
            for name in ("vector_size", "window", "min_count", "epochs", "seed", "sg", "negative", "epoch_losses", "corpus_count"):
                self.assertEqual(getattr(again, name), getattr(model, name), name)
            np.testing.assert_array_equal(again.wv.vectors, model.wv.vectors)
            np.testing.assert_array_equal(again.syn1neg, model.syn1neg)
            self.assertEqual(kindred.load(path, check=True).index_to_key, model.wv.index_to_key)
            for m in (model, again):
                m.train(little_text(seed=2), total_examples=1, epochs=2)
            np.testing.assert_array_equal(again.wv.vectors, model.wv.vectors)

    def test_settings_come_back(self):
        settings = dict(sg=1, alpha=0.02, sampler="hard", candidates=12, negative_sharing="pair", share_windows=1)
        model = kindred.Word2Vec(little_text(), vector_size=8, min_count=2, epochs=2, **settings)
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "model")
            model.save(path)
            again = kindred.Word2Vec.load(path)
            self.assertEqual(again.alpha, 0.02)
            self.assertEqual(again.options, dict(sampler="hard", candidates=12, negative_sharing="pair"))
            for m in (model, again):
                m.train(little_text(), epochs=2)
            np.testing.assert_array_equal(again.wv.vectors, model.wv.vectors)

    def test_a_forked_process_leaves_the_files(self):
        model = kindred.Word2Vec(little_text(), vector_size=8, min_count=2, epochs=2)
        child = os.fork()
        if child == 0:
            del model
            os._exit(0)
        os.waitpid(child, 0)
        self.assertEqual(model.syn1neg.shape, model.wv.vectors.shape)

    def test_pickle(self):
        model = kindred.Word2Vec(little_text(), vector_size=8, min_count=2, epochs=2)
        again = pickle.loads(pickle.dumps(model))
        np.testing.assert_array_equal(again.wv.vectors, model.wv.vectors)
        np.testing.assert_array_equal(again.syn1neg, model.syn1neg)
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(model.wv)).vectors, model.wv.vectors)

    def test_vectors_outlive_the_model(self):
        vectors = kindred.Word2Vec(little_text(), vector_size=8, min_count=2, epochs=2).wv
        self.assertEqual(len(vectors.most_similar("king")), 10)


class Callbacks(unittest.TestCase):
    def test_order_and_loss(self):
        calls = []

        class Watch:
            def on_train_begin(self, model): calls.append("begin")
            def on_epoch_begin(self, model): calls.append("epoch")
            def on_epoch_end(self, model): calls.append(model.get_latest_training_loss())
            def on_train_end(self, model): calls.append("end")
            def on_progress(self, model, event): events.append(event)
        events = []
        model = kindred.Word2Vec(little_text(), vector_size=8, min_count=1, epochs=4, callbacks=[Watch()])
        self.assertEqual(calls, ["begin", "epoch", model.epoch_losses[0], "epoch", model.epoch_losses[1], "epoch", model.epoch_losses[2],
                                 "epoch", model.epoch_losses[3], "end"])
        self.assertLess(model.epoch_losses[-1], model.epoch_losses[0])
        last = [e for e in events if e["event"] == "progress"][-1]
        self.assertEqual(last["tokens"], last["total_tokens"])
        self.assertEqual(last["epochs"], 4)

    @unittest.skipUnless(gensim, "SKIPPED: gensim is not installed")
    def test_callbacks_of_gensim(self):
        class Count(CallbackAny2Vec):
            epochs = 0

            def on_epoch_end(self, model):
                self.epochs += 1
        count = Count()
        kindred.Word2Vec(little_text(), min_count=1, epochs=3, callbacks=[count])
        self.assertEqual(count.epochs, 3)

    def test_a_callback_that_raises_ends_the_training(self):
        class Broken:
            def on_epoch_end(self, model):
                raise RuntimeError("enough")
        with self.assertRaisesRegex(RuntimeError, "enough"):
            kindred.Word2Vec(little_text(), min_count=1, callbacks=[Broken()])


class BadInput(unittest.TestCase):
    def raises(self, error, message, sentences, **settings):
        model = kindred.Word2Vec(min_count=1, **settings)
        with self.assertRaisesRegex(error, message):
            model.train(sentences)
        self.assertEqual(len(model.wv), 0)
        with self.assertRaises(error):
            kindred.Word2Vec(sentences, min_count=1, **settings)

    def test_what_is_no_token(self):
        self.raises(kindred.TokenError, "token 1 of sentence 1 .* type int", [["a", "b"], ["c", 5]])
        self.raises(kindred.TokenError, "token 0 of sentence 0 .* type bytes", [[b"a"]])
        self.raises(kindred.TokenError, "token 0 of sentence 0 .* type NoneType", [[None]])
        self.raises(kindred.TokenError, "sentence 0 .* is a string", ["a sentence"])
        self.raises(kindred.TokenError, "is a string", "sentences")
        self.raises(kindred.TokenError, "type int", 5)
        self.raises(kindred.TokenError, "sentence 1 .* type int", [["a"], 5])
        self.raises(kindred.TokenError, "surrogate", [["a", "\ud800"]])
        self.raises(kindred.TokenError, "65,536", [["a" * 70000]])
        error = self.assertRaises(kindred.TokenError)
        with error:
            kindred.Word2Vec([["a"]] * 50000 + [["b", 3]], min_count=1)
        self.assertEqual((error.exception.sentence, error.exception.token), (50000, 1))

    def test_build_vocab_finds_it_too(self):
        for text in ([["a", 5]], [["a", ["b"]]], [["a", None]]):
            with self.assertRaises(kindred.TokenError):
                kindred.Word2Vec(min_count=1).build_vocab(text)

    def test_an_iterable_that_raises_in_the_middle(self):
        for n in (0, 3, 20000):
            def text():
                for _ in range(n):
                    yield ["some", "words"]
                raise OSError("the disk is gone")
            before = set(os.listdir(tempfile.gettempdir()))
            with self.assertRaisesRegex(kindred.IterableError, "OSError.*the disk is gone") as caught:
                kindred.Word2Vec(text(), min_count=1)
            self.assertIsInstance(caught.exception.__cause__, OSError)
            left = [name for name in set(os.listdir(tempfile.gettempdir())) - before if name.startswith("kindred-checkpoint")]
            self.assertEqual(left, [])

    def test_nothing_to_learn(self):
        self.raises(kindred.TrainingError, "no sentences.*generator", [])
        model = kindred.Word2Vec(min_count=1)
        text = iter(little_text())
        model.build_vocab(text)
        with self.assertRaisesRegex(kindred.TrainingError, "generator"):
            model.train(text)
        self.raises(kindred.TrainingError, "nothing to learn", [["a"], ["b"]])
        with self.assertRaisesRegex(kindred.TrainingError, "min_count|min-count"):
            kindred.Word2Vec([["a", "b"]])

    def test_empty_tokens_are_counted(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = kindred.Word2Vec([["a", "", "b"], [""], []] * 30, min_count=1, vector_size=4)
        self.assertEqual(sorted(model.wv.index_to_key), ["a", "b"])
        self.assertTrue(any("60 empty tokens" in str(w.message) for w in caught))

    def test_settings(self):
        for settings, message in [(dict(hs=1), "hierarchical"), (dict(negative=0), "negative"), (dict(null_word=1), "null_word"),
                                  (dict(sorted_vocab=0), "sorted"), (dict(shrink_windows=False), "window"), (dict(min_alpha=0.01), "min_alpha"),
                                  (dict(max_vocab_size=10), "max_final_vocab")]:
            with self.assertRaisesRegex(kindred.UnsupportedError, message):
                kindred.Word2Vec(**settings)
        with self.assertRaisesRegex(kindred.TrainingError, "sampler"):
            kindred.Word2Vec(little_text(), min_count=1, sampler="none")
        with self.assertRaises(TypeError):
            kindred.Word2Vec(little_text(), corpus_file="text")
        with self.assertRaisesRegex(kindred.TrainingError, "nowhere.txt"):
            kindred.Word2Vec(corpus_file="nowhere.txt")

    def test_a_failed_training_leaves_the_model(self):
        model = kindred.Word2Vec(little_text(), min_count=1, vector_size=4)
        before = np.array(model.wv.vectors)
        with self.assertRaises(kindred.TokenError):
            model.train([["a", 3]], total_examples=1, epochs=1)
        np.testing.assert_array_equal(model.wv.vectors, before)


class Program(unittest.TestCase):
    """The program that is missing, or of another version."""

    def setUp(self):
        _binary._checked.clear()
        self.addCleanup(_binary._checked.clear)

    def test_missing(self):
        with mock.patch.dict(os.environ, {"KINDRED_BINARY": "/nowhere/kindred"}):
            with self.assertRaisesRegex(kindred.BinaryNotFoundError, "/nowhere/kindred"):
                kindred.Word2Vec(little_text())
        with mock.patch.dict(os.environ, {"KINDRED_BINARY": "", "PATH": "/nowhere"}), mock.patch("os.access", return_value=False):
            with self.assertRaisesRegex(kindred.BinaryNotFoundError, "pip wheel"):
                kindred.binary()

    def test_another_version(self):
        with mock.patch.object(_binary, "expected_version", return_value="v99"):
            with self.assertRaisesRegex(kindred.VersionMismatchError, "v99"):
                kindred.Word2Vec(little_text())

    def test_another_program(self):
        with mock.patch.dict(os.environ, {"KINDRED_BINARY": sys.executable}):
            with self.assertRaisesRegex(kindred.VersionMismatchError, "does not answer"):
                kindred.binary()


class Interrupts(unittest.TestCase):
    def test_a_checkpoint_is_left(self):
        with tempfile.TemporaryDirectory() as directory:
            script = textwrap.dedent(f"""
                import os, signal, kindred, random
                choose = random.Random(1)
                text = [[f"w{{choose.randrange(300)}}" for _ in range(20)] for _ in range(2000)]
                class Stop:
                    def on_epoch_end(self, model):
                        if len(model.epoch_losses) == 2:
                            os.kill(os.getpid(), signal.SIGINT)
                settings = dict(vector_size=20, min_count=1, epochs=400, workers=1)
                try:
                    kindred.Word2Vec(text, callbacks=[Stop()], **settings)
                    print("ended")
                except KeyboardInterrupt as stop:
                    print(type(stop).__name__, stop.checkpoint)
                    import gc; gc.collect()
                    settings["epochs"] = 3
                    try:
                        kindred.Word2Vec.resume(stop.checkpoint, text[:-1])
                    except kindred.TrainingError as err:
                        print("refused", "is of another training" in str(err))
                    model = kindred.Word2Vec.resume(stop.checkpoint, text)
                    print("resumed", model.wv.manifest["training"]["completed"], model.wv.manifest["training"].get("resumed"), len(model.wv))
                    import shutil; shutil.rmtree(stop.checkpoint)
            """)
            run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120,
                                 env=dict(os.environ, TMPDIR=directory, PYTHONPATH=os.pathsep.join(sys.path)))
            lines = run.stdout.splitlines()
            self.assertTrue(lines and lines[0].startswith("TrainingInterrupted " + directory), run.stdout + run.stderr)
            self.assertEqual(lines[1:], ["refused True", "resumed True 1 300"], run.stdout + run.stderr)
            self.assertEqual([name for name in os.listdir(directory) if name.startswith("kindred")], [])

    def test_while_the_text_is_read(self):
        def text():
            yield ["a", "b"]
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(1000000):
                yield ["c", "d"]
        with self.assertRaises(kindred.TrainingInterrupted) as caught:
            kindred.Word2Vec(text(), min_count=1)
        self.assertIsNone(caught.exception.checkpoint)


@unittest.skipUnless(gensim, "SKIPPED: gensim is not installed")
class SameTypes(unittest.TestCase):
    """A trained model looks like gensim's."""

    def test_types_and_shapes(self):
        text = little_text()
        settings = dict(vector_size=8, min_count=2, window=3, epochs=2, seed=3)
        ours, theirs = kindred.Word2Vec(text, **settings), gensim.models.Word2Vec(text, workers=1, **settings)
        self.assertEqual(set(ours.wv.index_to_key), set(theirs.wv.index_to_key))
        for ask in (lambda m: m.wv.vectors, lambda m: m.syn1neg, lambda m: m.wv["king"], lambda m: m.wv[["king", "dog"]], lambda m: m.wv.get_normed_vectors()):
            self.assertEqual((ask(ours).shape, ask(ours).dtype), (ask(theirs).shape, ask(theirs).dtype))
        for ask in (lambda m: m.wv.most_similar("king"), lambda m: m.predict_output_word(["king", "the"]), lambda m: m.wv.index_to_key,
                    lambda m: m.epochs, lambda m: m.wv.vector_size, lambda m: m.corpus_count, lambda m: m.corpus_total_words,
                    lambda m: m.train(text, total_examples=m.corpus_count, epochs=m.epochs), lambda m: m.min_count, lambda m: m.window):
            a, b = ask(ours), ask(theirs)
            self.assertIs(type(a), type(b))
            if isinstance(b, (list, tuple)):
                self.assertEqual((len(a), type(a[0])), (len(b), type(b[0])))
        for word in theirs.wv.index_to_key:
            self.assertEqual(ours.wv.get_vecattr(word, "count"), theirs.wv.get_vecattr(word, "count"))
        self.assertEqual((ours.corpus_count, ours.corpus_total_words), (theirs.corpus_count, theirs.corpus_total_words))

    def test_sentences_from_files(self):
        from gensim.models import word2vec
        with tempfile.TemporaryDirectory() as directory:
            for i in range(2):
                with open(os.path.join(directory, f"{i}.txt"), "w") as f:
                    f.write("one two  three\n\nfour " + "five " * 12000 + "\n")
            one = os.path.join(directory, "0.txt")
            self.assertEqual(list(kindred.LineSentence(one)), list(word2vec.LineSentence(one)))
            self.assertEqual(list(kindred.PathLineSentences(directory)), list(word2vec.PathLineSentences(directory)))
            self.assertEqual(list(kindred.Text8Corpus(one)), list(word2vec.Text8Corpus(one)))


if __name__ == "__main__":
    unittest.main()
