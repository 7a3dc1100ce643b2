"""heloguard test: .cases files beside policies."""
import unittest

from harness import CONFIG, DATA, FAILED, NO_INPUT, OK, SOURCE, CliTest

GOOD = """
dns 192.0.2.7 PTR mail.example.net secure
dns mail.example.net A 192.0.2.7
dns 192.0.2.8 PTR TIMEOUT
client 192.0.2.7 helo mail.example.net expect accept
client 192.0.2.7 helo 192.0.2.7 expect reject bare-ip
client 192.0.2.8 helo mail.example.net expect tempfail dns-trouble
client 192.0.2.9 helo dyn-12.example.net expect reject score
"""
COVERED = "sample.toml: 4 of 7 rules exercised; never: trusted, watched, noted\n"
BAD = GOOD + "client 192.0.2.7 helo 192.0.2.7 expect accept\n"


class Cases(CliTest):
    def test_the_policy_beside_is_used(self):
        self.write("sample.cases", GOOD)
        for path in ("sample.cases", "sample.toml", "."):
            with self.subTest(path=path):
                ran = self.run_binary("test", path)
                self.assertEqual((ran.status, ran.err), (OK, ""))
                self.assertRegex(ran.out, rf"^(\./)?sample\.cases: 4 passed\n{COVERED}$")

    def test_a_failure_names_line_expected_and_got(self):
        self.write("sample.cases", BAD)
        ran = self.run_binary("test", "sample.cases")
        self.assertEqual((ran.status, ran.err), (FAILED, ""))
        self.assertEqual(ran.out, "sample.cases: 4 passed, 1 failed\n"
                                  "sample.cases:9: client 192.0.2.7 helo 192.0.2.7 expect accept\n"
                                  "  expected: accept\n"
                                  "  got:      reject bare-ip\n" + COVERED)

    def test_policies_named_otherwise(self):
        self.write("sub/other.cases", GOOD)
        self.assertEqual(self.run_binary("test", "sub/other.cases").status, CONFIG)
        self.assertEqual(self.run_binary("test", "--policy", "sample.toml", "sub/other.cases").status, OK)
        self.write("sub/other.cases", "policy ../sample.toml\n" + GOOD)
        self.assertEqual(self.run_binary("test", "sub").status, OK)
        self.write("sub/other.cases", "policy sampel.toml\n" + GOOD)
        ran = self.run_binary("test", "sub")
        self.assertEqual(ran.status, CONFIG)
        self.assertRegex(ran.err, r"^heloguard: sub/other\.cases:1:8: its policy sub/sampel\.toml: ")

    def test_what_nests_too_deep(self):
        self.write("sample.toml", "a." * 50_000 + "b = 1\n")
        self.write("sample.cases", GOOD)
        ran = self.run_binary("test", "sample.cases")
        self.assertEqual((ran.status, ran.out), (CONFIG, "sample.cases: did not run\n"))
        self.assertIn("sample.toml:1:257: nests deeper than 128\n", ran.err)
        self.write("sample.cases", "client 192.0.2.7 helo " + "[" * 100_000 + " expect accept\ndns " + "a." * 50_000 + " PTR a\n")
        ran = self.run_binary("test", "sample.cases")
        self.assertEqual((ran.status, ran.out), (DATA, "sample.cases: did not run\n"))

    def test_exit_statuses_of_what_is_broken(self):
        self.write("sample.cases", GOOD)
        self.assertEqual(self.run_binary("test", "nowhere.cases").status, NO_INPUT)
        self.assertEqual(self.run_binary("test", "--policy", "nowhere.toml", "sample.cases").status, NO_INPUT)
        self.write("empty/readme", "")
        self.assertEqual(self.run_binary("test", "empty").status, NO_INPUT)
        self.write("broken.toml", "schema = 1\n[[rule]]\n")
        self.write("broken.cases", GOOD)
        self.assertEqual(self.run_binary("test", "broken.cases").status, CONFIG)
        self.write("sample.cases", "client 192.0.2.7 helo a expct accept\nclient 192.0.2.7 helo a expect reject bare-id\n")
        ran = self.run_binary("test", "sample.cases")
        self.assertEqual((ran.status, ran.out), (DATA, "sample.cases: did not run\n"))
        self.assertIn('heloguard: sample.cases:1:25: "expct" is not known here', ran.err)
        self.assertIn('heloguard: sample.cases:2:39: the policy has no rule "bare-id" (did you mean "bare-ip"?)', ran.err)

    def test_directories_are_searched_and_summed_up(self):
        self.write("sample.cases", GOOD)
        self.write("deep/er/b.cases", "policy ../../sample.toml\n" + BAD)
        ran = self.run_binary("test", ".")
        self.assertEqual(ran.status, FAILED)
        self.assertTrue(ran.out.startswith("./deep/er/b.cases: 4 passed, 1 failed\n"), ran.out)
        self.assertTrue(ran.out.endswith("./sample.cases: 4 passed\n2 files: 8 passed, 1 failed\n" + COVERED), ran.out)

    def test_json(self):
        self.write("sample.cases", BAD)
        ran = self.run_binary("test", "--format", "json", "sample.cases")
        self.assertEqual((ran.status, ran.err), (FAILED, ""))
        self.assertEqual(ran.json, {
            "files": [{"file": "sample.cases", "policy": "sample.toml", "passed": 4, "failed": 1,
                       "failures": [{"line": 9, "case": "client 192.0.2.7 helo 192.0.2.7 expect accept",
                                     "expected": "accept", "got": "reject bare-ip"}], "problems": []}],
            "passed": 4, "failed": 1,
            "coverage": [{"file": "sample.toml", "included": False, "rules": 7, "exercised": 4,
                          "never": ["trusted", "watched", "noted"]}]})

    def test_tap(self):
        self.write("sample.cases", BAD)
        ran = self.run_binary("test", "--format", "tap", "sample.cases")
        self.assertEqual(ran.status, FAILED)
        self.assertEqual(ran.out.splitlines()[:3], ["TAP version 13", "1..5", "ok 1 - sample.cases:5"])
        self.assertIn("not ok 5 - sample.cases:9\n", ran.out)
        self.assertTrue(ran.out.endswith("# " + COVERED), ran.out)

    def test_strict_wants_every_rule_exercised(self):
        self.write("sample.cases", GOOD)
        ran = self.run_binary("test", "--strict", "sample.toml")
        self.assertEqual((ran.status, ran.err), (FAILED, ""))
        self.assertTrue(ran.out.endswith(COVERED), ran.out)
        self.write("more.cases", "policy sample.toml\nclient 192.0.2.7 helo mail1.example.net expect tempfail score\n"
                                 "client 192.0.2.7 helo a_b.example.net expect tempfail score\n"
                                 "client 10.0.0.1 helo a expect accept trusted\n")
        ran = self.run_binary("test", "--strict", "sample.cases", "more.cases")
        self.assertEqual(ran.status, OK)
        self.assertTrue(ran.out.endswith("\nsample.toml: 7 of 7 rules exercised\n"), ran.out)
        self.assertEqual(self.run_binary("test", "--strict", "--format", "tap", "more.cases").status, FAILED)

    def test_a_rule_counts_in_the_file_it_stands_in(self):
        self.write("ours.toml", 'schema = 1\ninclude = ["sample.toml"]\n'
                                '[[rule]]\nname = "noted"\nwhen.helo.flaws = "underscore"\n'
                                'action = "note"\nenabled = false\n'
                                '[[rule]]\nname = "literal"\nwhen.helo.kind = "ipv4-literal"\naction = "reject"\n')
        self.write("ours.cases", "client 192.0.2.9 helo [192.0.2.9] expect reject literal\n"
                                 "client 10.0.0.1 helo a expect accept trusted\n")
        ran = self.run_binary("test", "--strict", "ours.cases")
        self.assertEqual((ran.status, ran.out), (OK, "ours.cases: 2 passed\n"
                                                     "sample.toml: 2 of 6 rules exercised (included)\n"
                                                     "ours.toml: 1 of 1 rules exercised\n"))
        self.write("sample.cases", GOOD)
        ran = self.run_binary("test", "--strict", "--format", "json", "ours.cases", "sample.cases")
        self.assertEqual(ran.status, FAILED)
        self.assertEqual([(c["file"], c["included"], c["exercised"], c["never"]) for c in ran.json["coverage"]],
                         [("sample.toml", False, 5, ["watched", "noted"]), ("ours.toml", False, 1, [])])

    def test_shipped_cases_pass_and_exercise_every_rule(self):
        ran = self.run_binary("test", "--strict", str(SOURCE / "policies"))
        self.assertEqual((ran.status, ran.err), (OK, ""), ran.out)


if __name__ == "__main__":
    unittest.main()
