"""Whether head comments name files that exist, and every source its tests."""
import unittest

import heads
from rule_case import RuleCase, real_tree
from tree import left_over

EXCEPTIONS = {}


class HeadsTest(RuleCase):
    def test_the_tree_keeps_the_rule(self):
        self.assert_kept(left_over(heads.findings(real_tree()), EXCEPTIONS))

    def test_named_files_exist(self):
        tree = self.made_up({
            "tests/unit/a_test.cc": "", "tests/wire/b_test.py": "", "src/os/clock.h": "",
            "src/a.cc": "// Like clock.h and os/clock.h. Tests: tests/unit/a_test.cc, tests/wire/, b_test.py, tests/*/a_*.\n",
            "src/b.cc": "// Statuses (sysexits.h). Tests: tests/unit/b_test.cc,\n// tests/attic.\n#include <sysexits.h>\n",
            "src/c.cc": "// Was time.h. Tests: tests/unit/a_test.cc.\n// Not c_*.cc.\n"})
        self.assertEqual(["src/b.cc: names tests/unit/b_test.cc, which does not exist",
                          "src/b.cc: names tests/attic, which does not exist",
                          "src/c.cc: names time.h, which does not exist",
                          "src/c.cc: names c_*.cc, which does not exist"], heads.findings(tree))

    def test_a_source_names_its_tests(self):
        tree = self.made_up({
            "tests/cli/a_test.py": "",
            "src/a.cc": "// Tests: tests/cli/a_test.py.\n", "src/label.cc": "// Tests: the ctest label docs.\n",
            "src/header.h": "// Needs none.\n", "src/b.cc": "// Says nothing.\n",
            "src/c.cc": "#include <string>\n// Tests: tests/cli/a_test.py.\n", "src/d.cc": "// Tests: later.\n"})
        self.assertEqual([f"src/{name}.cc: the head comment names no tests (Tests: PATH)" for name in "bcd"],
                         heads.findings(tree))


if __name__ == "__main__":
    unittest.main()
