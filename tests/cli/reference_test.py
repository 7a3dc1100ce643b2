"""heloguard facts and the pages of the reference."""
import unittest

from harness import OK, USAGE, CliTest


class Reference(CliTest):
    def test_the_three_formats_tell_the_same_facts(self):
        facts = self.run_binary("facts", "--format", "json").json["facts"]
        self.assertIn("helo.kind", [fact["fact"] for fact in facts])
        text = self.run_binary("facts").out
        page = self.run_binary("facts", "--format", "markdown").out
        for fact in facts:
            self.assertEqual(list(fact), ["fact", "type", "values", "known_from", "needs", "lookups", "help"])
            self.assertTrue(fact["help"])
            self.assertIn(f"\n{fact['fact']}\n", "\n" + text)
            self.assertIn(f"| `{fact['fact']}` | {fact['type']} |", page)
            for value in fact["values"]:
                self.assertIn(value, text)
                self.assertIn(f"`{value}`", page)

    def test_pages(self):
        names = self.run_binary("reference").out.split()
        self.assertEqual(names, ["facts", "actions", "settings", "metrics", "commands"])
        for name in names:
            ran = self.run_binary("reference", name)
            self.assertEqual((ran.status, ran.err), (OK, ""))
            self.assertTrue(ran.out.startswith("# "))
            # Every row of a table has as many cells as its head.
            for before, row in zip(ran.out.splitlines(), ran.out.splitlines()[1:]):
                if before.startswith("|") and row.startswith("|"):
                    self.assertEqual(before.replace("\\|", "").count("|"), row.replace("\\|", "").count("|"), row)
        self.assertEqual(self.run_binary("reference", "fcats").status, USAGE)
        self.assertEqual(self.run_binary("facts", "--format", "markdown").out, self.run_binary("reference", "facts").out)

    def test_the_sample_configuration_is_taken_back(self):
        defaults = self.run_binary("serve", "--print-defaults")
        self.assertEqual((defaults.status, defaults.err), (OK, ""))
        self.write("heloguard.toml", defaults.out)
        ran = self.run_binary("check", "--offline", "--config", "heloguard.toml", "--policy", "sample.toml", "--client", "::1",
                              "--helo", "a.example")
        self.assertEqual((ran.status, ran.err), (OK, ""))


if __name__ == "__main__":
    unittest.main()
