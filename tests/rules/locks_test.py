"""Whether every lock is one that clang's -Wthread-safety can follow: a Mutex (src/os/mutex.h), or inside LockGuarded."""
import re
import unittest

from rule_case import RuleCase, real_tree
from tree import left_over

HOME = "src/os/mutex.h"
# A variable or a member, not a parameter: those are of whoever hands them in.
DECLARED = re.compile(r"^\s*(?:static |mutable )*std::(?:recursive_|shared_|timed_)*mutex (\w+);", re.MULTILINE)

EXCEPTIONS = {
    "src/adapters/log/log_sink.cc: std::mutex mutex": "guards nothing: a wait for a stop token wants one",
    "src/os/doorbell.h: std::mutex mutex_": "a clock of ports.h waits with it, and core knows no os/mutex.h",
}


def findings(tree):
    return [f"{path}: std::mutex {name}" for path in tree.files("src", "include")
            if path.endswith((".cc", ".h")) and path != HOME for name in DECLARED.findall(tree.text(path))]


class LocksTest(RuleCase):
    def test_the_tree_keeps_the_rule(self):
        self.assert_kept(left_over(findings(real_tree()), EXCEPTIONS))

    def test_a_lock_of_the_library_is_seen(self):
        tree = self.made_up({HOME: "std::mutex mutex_;\n", "src/a.h": "  mutable std::mutex mutex_;\n  Mutex other_;\n",
                             "src/b.cc": "  static std::shared_mutex lock;\n",
                             "src/c.h": "void Wait(std::unique_lock<std::mutex>& lock);\n"})
        self.assertEqual(["src/a.h: std::mutex mutex_", "src/b.cc: std::mutex lock"], findings(tree))


if __name__ == "__main__":
    unittest.main()
