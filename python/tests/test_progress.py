"""What a notebook and a terminal show during a training."""

import io
import sys
import types
import unittest
from unittest import mock

import kindred
from kindred._training import Progress
from test_word2vec import little_text


class Notebook(unittest.TestCase):
    def test_a_bar_is_shown_once_and_replaced(self):
        shown, updates = [], []
        handle = types.SimpleNamespace(update=lambda html: updates.append(html.data))
        display = types.ModuleType("IPython.display")
        display.HTML = lambda data: types.SimpleNamespace(data=data)
        display.display = lambda html, display_id: shown.append(html.data) or handle
        ipython = types.ModuleType("IPython")
        ipython.get_ipython = type("ZMQInteractiveShell", (), {})
        ipython.display = display
        with mock.patch.dict(sys.modules, {"IPython": ipython, "IPython.display": display}):
            kindred.Word2Vec(little_text(), min_count=1, epochs=3)
            self.assertEqual(len(shown), 1)
            self.assertIn("<progress", shown[0])
            self.assertIn("100 %", (shown + updates)[-1])
            kindred.Word2Vec(little_text(), min_count=1, epochs=3, progress=False)
            self.assertEqual(len(shown), 1)

    def test_tables(self):
        model = kindred.Word2Vec(little_text(), min_count=1, epochs=2)
        for thing in (model, model.wv):
            self.assertIn("<table>", thing._repr_html_())
        strange = kindred.KeyedVectors(1)
        strange.add_vectors(["<script>"], [[1]])
        self.assertNotIn("<script>", strange._repr_html_())


class Terminal(unittest.TestCase):
    def shown(self, show, tty):
        out = io.StringIO()
        out.isatty = lambda: tty
        with mock.patch.object(sys, "stderr", out):
            progress = Progress(show)
            progress.event({"event": "progress", "tokens": 5, "total_tokens": 5, "epoch": 1, "epochs": 1, "tokens_per_second": 7.0,
                            "epoch_loss": 0.5, "remaining_seconds": 0})
            progress.close()
        return out.getvalue()

    def test_a_line(self):
        self.assertIn("loss 0.5000", self.shown(None, True))
        self.assertIn("loss 0.5000", self.shown(True, False))
        self.assertEqual(self.shown(None, False), "")
        self.assertEqual(self.shown(False, True), "")


if __name__ == "__main__":
    unittest.main()
