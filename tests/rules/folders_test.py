"""Whether every folder can be taken in at a glance: 25 files at most, CMakeLists.txt included."""
import collections
import posixpath
import unittest

from rule_case import RuleCase, real_tree
from tree import left_over

MOST_FILES = 25
# Folders of data: nobody reads them from top to bottom.
EXCEPTIONS = {
    "tests/fuzz/corpus/helo": "one small input a file, as libFuzzer wants it",
    "tests/fuzz/corpus/session": "one small input a file, as libFuzzer wants it",
    "tests/golden/policy_errors": "two files a mistake: the policy and what is said of it",
}


def findings(tree):
    sizes = collections.Counter(posixpath.dirname(path) for path in tree.files("src", "include", "tests"))
    return [folder for folder, size in sorted(sizes.items()) if size > MOST_FILES]


class FoldersTest(RuleCase):
    def test_the_tree_keeps_the_rule(self):
        self.assert_kept(left_over(findings(real_tree()), EXCEPTIONS))

    def test_one_file_too_many_is_seen(self):
        files = {f"src/core/file_{number}.cc": "" for number in range(MOST_FILES)}
        self.assertEqual([], findings(self.made_up(files)))
        tree = self.made_up(files | {"src/core/CMakeLists.txt": "", "src/core/room/file.cc": ""})
        self.assertEqual(["src/core"], findings(tree))

    def test_an_exception_that_nothing_needs_is_seen(self):
        self.assertEqual(["no longer needed as an exception: src/old"], left_over([], {"src/old": "was large"}))


if __name__ == "__main__":
    unittest.main()
