"""What the tests of the rules share: the real tree, and small made-up ones that break a rule on purpose."""
import os
import pathlib
import tempfile
import unittest

from tree import Tree


def real_tree():
    return Tree(os.environ["HELOGUARD_SOURCE_DIR"])


class RuleCase(unittest.TestCase):
    def made_up(self, files):
        """A tree of `files` (path to text) that is gone after the test."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for path, text in files.items():
            file = pathlib.Path(folder.name, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return Tree(folder.name)

    def assert_kept(self, findings):
        self.assertEqual([], findings, "\n" + "\n".join(findings))
