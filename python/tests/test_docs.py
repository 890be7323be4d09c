"""The examples in the documentation of the package run."""

import doctest
import importlib
import os
import pkgutil
import re
import tempfile
import unittest

import kindred
from test_functions import has_classify

_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Examples(unittest.TestCase):
    def test_docstrings(self):
        tried = 0
        for module in [kindred, *(importlib.import_module("kindred." + m.name) for m in pkgutil.iter_modules(kindred.__path__))]:
            if module is kindred.classify and not has_classify():
                continue
            with self.subTest(module.__name__):
                result = doctest.testmod(module, verbose=False, optionflags=_FLAGS)
                self.assertEqual(result.failed, 0)
                tried += result.attempted
        self.assertGreater(tried, 20)

    def test_every_public_name_has_a_docstring(self):
        for name in kindred.__all__:
            thing = getattr(kindred, name)
            if callable(thing):
                self.assertTrue(thing.__doc__, name)
                if isinstance(thing, type):
                    for method, function in vars(thing).items():
                        if not method.startswith("_") and callable(function):
                            self.assertTrue(function.__doc__, f"{name}.{method}")


class Pages(unittest.TestCase):
    """The Python code in docs/python.md and in the README runs from top to bottom."""

    def blocks(self, path):
        root = os.environ.get("KINDRED_DOCS") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
        path = os.path.join(root, path)
        if not os.path.exists(path):
            self.skipTest(f"SKIPPED: there is no {path}")
        with open(path, encoding="utf8") as f:
            return re.findall(r"^```python\n(.*?)^```", f.read(), re.MULTILINE | re.DOTALL)

    def run_blocks(self, blocks, directory):
        names = {}
        here = os.getcwd()
        os.chdir(directory)
        try:
            for block in blocks:
                parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(verbose=False, optionflags=_FLAGS)
                if ">>>" in block:
                    test = parser.get_doctest(block, names, "block", None, 0)
                    runner.run(test, clear_globs=False)
                    names.update(test.globs)
                    self.assertEqual(runner.summarize(verbose=False).failed, 0, block)
                else:
                    exec(compile(block, "block", "exec"), names)
        finally:
            os.chdir(here)

    def test_page(self):
        with tempfile.TemporaryDirectory() as directory:
            self.run_blocks(self.blocks("docs/python.md"), directory)

    def test_readme(self):
        blocks = [block for block in self.blocks("README.md") if "import kindred" in block]
        self.assertTrue(blocks)
        with tempfile.TemporaryDirectory() as directory:
            self.run_blocks(blocks, directory)


if __name__ == "__main__":
    unittest.main()
