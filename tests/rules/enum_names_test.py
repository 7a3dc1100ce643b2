"""Whether every enum that prints itself (base/enum_set.h) has a word for each of its values, in a table of that size."""
import re
import unittest

from rule_case import RuleCase, real_tree

ENUM = re.compile(r"enum class (\w+)[^{;]*\{(.*?)\}", re.DOTALL)
NAMES = re.compile(r"EnumNames<([\w:]+)>\s*\{(.*?)\};", re.DOTALL)
SIZE = re.compile(r"std::array<std::string_view, (\d+)>\s*EnumNames<([\w:]+)>\s*\{")
COMMENT = re.compile(r"//[^\n]*")
WORD = re.compile(r'"(?:[^"\\]|\\.)*"')


def findings(tree):
    found = []
    for path in tree.files("src", "include"):
        if not path.endswith((".cc", ".h")):
            continue
        text = COMMENT.sub("", tree.text(path))
        values = {name: len([v for v in body.split(",") if v.strip()]) for name, body in ENUM.findall(text)}
        words = {name.split("::")[-1]: len(WORD.findall(body)) for name, body in NAMES.findall(text)}
        for size, name in SIZE.findall(text):
            name = name.split("::")[-1]
            if not values.get(name) == words.get(name) == int(size):
                found.append(f"{path}: {name} has {values.get(name)} values, {words.get(name)} words, room for {size}")
    return found


class EnumNamesTest(RuleCase):
    def test_the_tree_keeps_the_rule(self):
        self.assertGreater(sum(len(SIZE.findall(real_tree().text(p))) for p in real_tree().files("include")), 20)
        self.assert_kept(findings(real_tree()))

    def test_a_value_without_a_word_is_seen(self):
        enum = "enum class A : int { kX, kY,  // this, and that\n kZ };\n"
        names = 'inline constexpr std::array<std::string_view, %d> EnumNames<A>{"x", "y, z"};\n'
        tree = self.made_up({"src/a.h": enum + names % 2, "src/b.h": enum.replace("kZ", "") + names % 2,
                             "src/c.h": enum.replace("kZ", "") + names % 3})
        self.assertEqual(["src/a.h: A has 3 values, 2 words, room for 2", "src/c.h: A has 2 values, 2 words, room for 3"],
                         findings(tree))


if __name__ == "__main__":
    unittest.main()
