"""What a package puts into /etc/heloguard: it loads, acts on nothing, and its examples are true."""
import os
import pathlib
import re
import unittest

from harness import OK, SOURCE, CliTest

ETC = pathlib.Path(os.environ["HELOGUARD_ETC"])
DATA_DIR = os.environ["HELOGUARD_DATA_DIR"]
EXAMPLE = re.compile(r"^#(?! \S)(?=.)", re.M)  # a line that is switched off; prose has one blank behind the #


class Etc(CliTest):
    def setUp(self):
        super().setUp()
        self.local = self.read("local.toml")
        self.write("local.toml", self.local)

    def read(self, name):
        text = (ETC / name).read_text()
        return text.replace(DATA_DIR, str(SOURCE)).replace("/etc/heloguard/local.toml", f"{self.dir}/local.toml")

    def lint(self, text):
        self.write("tried.toml", text)
        ran = self.run_binary("lint", "--strict", "tried.toml")
        self.assertEqual((ran.status, ran.err), (OK, ""), ran.out)

    def test_local_lints_clean_as_shipped(self):
        self.lint(self.local)

    def test_local_as_shipped_changes_nothing(self):
        switched_on = [line for line in self.local.splitlines() if line and not line.startswith("#")]
        self.assertEqual([line.split()[0] for line in switched_on], ["schema"])

    def test_local_lints_clean_with_all_examples(self):
        text = EXAMPLE.sub("", self.local)
        self.assertGreaterEqual(text.count("[[rule]]") + text.count("[list."), 6)
        self.lint(text)

    def test_local_lints_clean_with_each_example(self):
        blocks = self.local.split("\n\n")
        examples = [i for i, block in enumerate(blocks) if EXAMPLE.search(block)]
        self.assertGreaterEqual(len(examples), 7)
        include = examples[0]
        blocks[include] = EXAMPLE.sub("", blocks[include])
        self.assertIn("\ninclude = ", blocks[include])
        for i in examples:
            with self.subTest(example=blocks[i].splitlines()[0]):
                self.lint("\n\n".join(EXAMPLE.sub("", b) if i == n else b for n, b in enumerate(blocks)))

    def test_the_examples_do_what_they_say(self):
        self.write("tried.toml", EXAMPLE.sub("", self.local))
        self.write("tried.cases", """
            dns     198.51.100.200         PTR  relay.partner.example
            dns     relay.partner.example  A    198.51.100.200
            dns     203.0.113.100          PTR  relay.partner.example
            client  198.51.100.9   helo 198.51.100.9     expect accept trusted
            client  192.0.2.45     helo NPI1A2B3C        expect accept exempt
            client  192.0.2.46     helo 192.0.2.46       expect reject bare-ip
            client  203.0.113.5    helo DESKTOP-UPCFNQM  expect accept
            client  203.0.113.99   helo DESKTOP-UPCFNQM  expect reject score
            client  203.0.113.5    helo 203.0.113.5      expect reject bare-ip
            client  203.0.113.100  helo DESKTOP-UPCFNQM  expect reject score
            client  192.0.2.77     helo mx-17.example.com  expect accept
        """.replace("198.51.100.200", "192.0.2.200"))
        ran = self.run_binary("test", "tried.cases")
        self.assertEqual((ran.status, ran.err), (OK, ""), ran.out)

    def test_the_configuration_loads_and_acts_on_nothing(self):
        self.write("heloguard.toml", self.read("heloguard.toml"))
        ran = self.run_binary("serve", "--check-config", "--config", "heloguard.toml")
        self.assertEqual((ran.status, ran.err), (OK, ""))
        self.assertIn("configuration ok: policy observe (observe, ", ran.out)
        for local in (self.local, EXAMPLE.sub("", self.local)):
            self.write("local.toml", local)
            judged = self.run_binary("check", "--offline", "--config", "heloguard.toml", "--client", "192.0.2.1", "--helo",
                                     "192.0.2.1", "--format", "json").json
            self.assertEqual((judged["verdict"], judged["rule"], judged["mode"]), ("reject", "bare-ip", "observe"))

    def test_local_keeps_the_policy_in_force(self):
        """Name, mode and rules are those of the policy that is named, plus those of the examples it has not."""
        everything = EXAMPLE.sub("", self.local.replace("#include", "# include"))
        for policy, mode in (("default", "enforce"), ("strict", "enforce"), ("observe", "observe"), ("submission", "enforce")):
            text = self.read("heloguard.toml").replace("observe.toml", f"{policy}.toml")
            self.write("heloguard.toml", text)
            rules = []
            for local in (self.local, everything):
                self.write("local.toml", local)
                ran = self.run_binary("serve", "--check-config", "--config", "heloguard.toml")
                self.assertEqual(ran.status, OK, ran.err)
                self.assertIn(f"policy {policy} ({mode}, ", ran.out)
                rules.append(int(re.search(r"(\d+) rules", ran.out)[1]))
            ours = 5 if policy == "submission" else 3  # "underscore" and "exempt" are not there
            self.assertEqual(rules[1] - rules[0], ours, policy)


if __name__ == "__main__":
    unittest.main()
