"""Whether headers, sources and unit tests share their stems and their rooms."""
import unittest

import stems
from rule_case import RuleCase, real_tree
from tree import left_over

NO_HEADER = "no header of its stem, and the head comment names none that it implements"
# Declared in headers of many things, which are being split: each gets a header of its own.
EXCEPTIONS = {}


class StemsTest(RuleCase):
    def test_the_tree_keeps_the_rule(self):
        self.assert_kept(left_over(stems.findings(real_tree()), EXCEPTIONS))

    def test_a_source_needs_a_header_or_names_the_one_it_implements(self):
        tree = self.made_up({
            "src/core/dns/a.cc": "// A.\n", "include/heloguard/dns/a.h": "",
            "src/core/dns/b.cc": "// B.\n", "src/core/dns/b.h": "",
            "src/core/dns/part.cc": '// Part of a.h.\n#include "heloguard/dns/a.h"\n',
            "src/core/dns/other.cc": '// Unlike a.h.\n#include "core/dns/b.h"\n',
            "src/core/dns/lost.cc": '// Says nothing.\n#include "heloguard/dns/a.h"\n'})
        self.assertEqual(["src/core/dns/lost.cc", "src/core/dns/other.cc"],
                         [finding.split(":")[0] for finding in stems.findings(tree)])

    def test_a_public_header_lies_in_a_room_of_core(self):
        tree = self.made_up({"src/core/dns/a.cc": "", "include/heloguard/dns/a.h": "", "include/heloguard/top.h": "",
                             "include/heloguard/attic/b.h": ""})
        self.assertEqual(["include/heloguard/attic/b.h: src/core/attic does not exist"], stems.findings(tree))

    def test_a_unit_test_begins_with_a_stem_of_the_folder_it_mirrors(self):
        tree = self.made_up({
            "src/core/dns/spf.cc": "", "include/heloguard/dns/spf.h": "", "src/os/clock.h": "",
            "tests/unit/core/dns/spf_test.cc": "", "tests/unit/core/dns/spf_limits_test.cc": "",
            "tests/unit/os/clock_test.cc": "", "tests/unit/core/dns/help.h": "",
            "tests/unit/core/spf_test.cc": "", "tests/unit/core/dns/spfx_test.cc": "",
            "tests/unit/os/spf_test.cc": ""})
        self.assertEqual(["tests/unit/core/dns/spfx_test.cc: no stem of src/core/dns begins its name",
                          "tests/unit/core/spf_test.cc: no stem of src/core begins its name",
                          "tests/unit/os/spf_test.cc: no stem of src/os begins its name"], stems.findings(tree))


if __name__ == "__main__":
    unittest.main()
