"""heloguard lint: findings, where they go, and exit statuses."""
import json
import re
import unittest

from harness import CONFIG, FAILED, NO_INPUT, OK, SOURCE, CliTest

RULE = 'schema = 1\n[[rule]]\nname = "r"\nwhen.helo.kind = "{}"\naction = "reject"\n'
WARNED = RULE.format("fqdn") + '[list.idle]\nclients = ["192.0.2.0/24"]\n'


class Lint(CliTest):
    def test_a_clean_policy(self):
        ran = self.run_binary("lint", "sample.toml")
        self.assertEqual((ran.status, ran.out, ran.err), (OK, "sample.toml: ok (7 rules, 2 patterns)\n", ""))

    def test_warnings_fail_only_when_strict(self):
        self.write("w.toml", WARNED)
        ran = self.run_binary("lint", "w.toml")
        self.assertEqual((ran.status, ran.out), (OK, "w.toml: ok (1 rule, 0 patterns), 1 warning\n"))
        self.assertRegex(ran.err, r"^heloguard: w\.toml:\d+(:\d+)?: warning: .*\[[a-z-]+\]\n$")
        self.assertEqual(self.run_binary("lint", "--strict", "w.toml").status, FAILED)
        self.assertEqual(self.run_binary("lint", "--strict", "sample.toml").status, OK)

    def test_errors_have_place_and_suggestion(self):
        self.write("e.toml", RULE.format("bear-ipv4") + '[[rule]]\nname = "s"\nwhen.helo.kidn = "fqdn"\naction = "reject"\n')
        ran = self.run_binary("lint", "e.toml")
        self.assertEqual((ran.status, ran.out), (CONFIG, "e.toml: 2 errors\n"))
        self.assertRegex(ran.err, r'heloguard: e\.toml:4:\d+: .*did you mean "bare-ipv4"')
        self.assertRegex(ran.err, r'heloguard: e\.toml:8:\d+: .*did you mean "helo\.kind"')

    def test_of_many_findings_fifty_are_shown(self):
        rule = '[[rule]]\nname = "w{0}"\nwhen.helo.name = "dyn{0}"\naction = "note"\n'
        warned = "schema = 1\n" + "".join(rule.format(i) for i in range(80))
        self.write("many.toml", warned)
        ran = self.run_binary("lint", "many.toml")
        self.assertEqual((ran.status, ran.out), (OK, "many.toml: ok (80 rules, 80 patterns), 80 warnings\n"))
        lines = ran.err.splitlines()
        self.assertEqual(len(lines), 51)
        self.assertTrue(lines[49].startswith("heloguard: many.toml:200:"), lines[49])
        self.assertEqual(lines[50], "heloguard: and 30 more (0 errors, 30 warnings)")
        every = self.run_binary("lint", "--all", "many.toml").err.splitlines()
        self.assertEqual((len(every), every[:50]), (80, lines[:50]))
        self.assertEqual(len(self.run_binary("lint", "--format", "json", "many.toml").json["files"][0]["findings"]), 80)
        self.write("many.toml", warned + '[[rule]]\nname = "e"\nwhen.helo.kidn = "fqdn"\naction = "note"\n')
        ran = self.run_binary("lint", "many.toml")
        lines = ran.err.splitlines()
        self.assertEqual(ran.status, CONFIG)
        self.assertIn("helo.kidn", lines[49])
        self.assertEqual(lines[50:], ["heloguard: and 31 more (0 errors, 31 warnings)"])

    def test_missing_files(self):
        self.assertEqual(self.run_binary("lint", "nowhere.toml").status, NO_INPUT)
        self.write("i.toml", 'schema = 1\ninclude = ["nowhere.toml"]\n')
        self.assertEqual(self.run_binary("lint", "i.toml").status, CONFIG)

    def test_all_files_are_judged(self):
        self.write("e.toml", RULE.format("bear"))
        ran = self.run_binary("lint", "e.toml", "sample.toml")
        self.assertEqual(ran.status, CONFIG)
        self.assertEqual(ran.out, "e.toml: 1 error\nsample.toml: ok (7 rules, 2 patterns)\n")

    def test_texts_that_nest_too_deep(self):
        for name, text, place in (("keys", "a." * 50_000 + "b = 1\n", "1:257"),
                                  ("header", "[" + "a." * 50_000 + "b]\n", "1:258"),
                                  ("when", RULE.format("fqdn") + "when." + "a." * 50_000 + "b = 1\n", "6:258"),
                                  ("arrays", "include = " + "[" * 100_000, "1:138"),
                                  ("tables", "policy = " + "{" * 100_000, "1:137"),
                                  ("both", "policy = " + "[{a=" * 50_000, "1:179")):
            with self.subTest(name=name):
                self.write("deep.toml", text)
                ran = self.run_binary("lint", "deep.toml")
                self.assertEqual((ran.status, ran.out), (CONFIG, "deep.toml: 1 error\n"))
                self.assertEqual(ran.err, f"heloguard: deep.toml:{place}: nests deeper than 128\n")
                self.write("includes.toml", 'include = ["deep.toml"]\n')
                self.assertEqual(self.run_binary("lint", "includes.toml").err, ran.err)
        self.write("text.toml", RULE.format("fqdn") + "reason = '" + "a.[{" * 50_000 + "'\n# " + "[" * 100_000 + "\n")
        self.assertEqual(self.run_binary("lint", "text.toml").status, OK)

    def test_json(self):
        self.write("w.toml", WARNED)
        self.write("e.toml", RULE.format("bear"))
        ran = self.run_binary("lint", "--format", "json", "sample.toml", "w.toml", "e.toml")
        self.assertEqual((ran.status, ran.err), (CONFIG, ""))
        files = ran.json["files"]
        self.assertEqual([(f["file"], f["errors"], f["warnings"]) for f in files],
                         [("sample.toml", 0, 0), ("w.toml", 0, 1), ("e.toml", 1, 0)])
        finding = files[2]["findings"][0]
        self.assertEqual(list(finding), ["severity", "file", "line", "column", "message", "id"])
        self.assertEqual((finding["severity"], finding["file"], finding["line"]), ("error", "e.toml", 4))
        self.assertNotEqual(files[1]["findings"][0]["id"], "")

    def test_patterns_that_cost_large_senders_their_mail(self):
        self.write("g.toml", RULE.format("fqdn") + 'when.helo.name = \'^mail-[a-z]+[0-9]\'\n')
        ran = self.run_binary("lint", "--strict", "g.toml")
        self.assertEqual(ran.status, FAILED)
        self.assertRegex(ran.err, r'g\.toml:6:\d+: warning: this pattern matches the host name of a large sender, '
                                  r'mail-\S+\.outlook\.com and \d+ more, which rule "r" would refuse \[known-good\]')

    def test_re2_itself_says_nothing(self):
        patterns = ["a(", "(?=a)", "*a", r"\1", "[z-a]", "a{5000}", "(([a-z]{50}){20}){10}", "a[ab]{20}c", ".*x.*y.*z"]
        for name, text in (("broken", "\n".join(patterns)), ("hungry", "\n".join(patterns[-2:])),
                           ("large", "\n".join(f"x[a-z]{{50}}{i}" for i in range(2_000)))):
            self.write("p.re2", text + "\n")
            self.write("p.toml", '[list.p]\npatterns = "p.re2"\n' + RULE.format("fqdn") + 'when.helo.name = "@p"\n')
            for ran in (self.run_binary("lint", "p.toml"),
                        self.check("ab" * 100, policy="p.toml")):
                with self.subTest(name=name, status=ran.status):
                    self.assertRegex(ran.err, r"\A(heloguard: p\.(re2|toml):.*\n)*\Z")

    def test_known_good_names(self):
        names = [line for line in (SOURCE / "policies/lists/known-good.txt").read_text().splitlines() if line[0] != "#"]
        self.assertGreaterEqual(len(names), 60)
        self.assertEqual(names, sorted(set(names)))
        for policy in ("default", "strict", "submission"):
            batch = "".join(f"192.0.2.25\t{name}\t{name}\tpass\n" for name in names).encode()
            ran = self.run_binary("check", "--offline", "--batch", "-", "--policy", SOURCE / f"policies/{policy}.toml",
                                  stdin=batch)
            verdicts = [json.loads(line) for line in ran.out.splitlines()]
            self.assertEqual(len(verdicts), len(names))
            self.assertEqual([v["helo"] for v in verdicts if v["verdict"] != "accept" or v["score"] > 1], [])

    def test_cost(self):
        self.write("c.toml", RULE.format("fqdn") + "when.helo.name = ['^a[.]', '^b[.]']\n")
        ran = self.run_binary("lint", "--cost", "c.toml")
        self.assertEqual((ran.status, ran.err), (OK, ""))
        self.assertRegex(ran.out, r"\n  rule r +2 +1 +\d+\n  all +\d+\n$")
        cost = self.run_binary("lint", "--cost", "--format", "json", "c.toml").json["files"][0]["cost"]
        self.assertEqual([(row["of"], row["patterns"], row["passes"]) for row in cost], [("rule r", 2, 1)])
        self.assertGreater(cost[0]["ns"], 0)

    def test_print(self):
        self.write("base.toml", RULE.format("fqdn"))
        self.write("top.toml", 'include = ["base.toml"]\n[policy]\npercent = 20\n')
        self.write("local.toml", '[[rule]]\nname = "mine"\nwhen.client.tls = true\naction = "accept"\n')
        printed = self.run_binary("lint", "--print", "--local", "local.toml", "top.toml")
        self.assertEqual((printed.status, printed.err), (OK, ""))
        self.assertEqual(re.findall(r"^(?:name|percent) = .*", printed.out, re.M),
                         ["name = 'top'", "percent = 20", "name = 'r'", "name = 'mine'"])
        self.write("merged.toml", printed.out)
        self.assertEqual(self.run_binary("lint", "--print", "merged.toml").out, printed.out)

    def test_every_warning_is_in_the_guide(self):
        sources = [path.read_text() for path in (SOURCE / "src").rglob("*.cc")]
        ids = set(re.findall(r'Warn\(\s*"([a-z-]+)"', "".join(sources))) | {"table-never-holds", "postfix-table"}
        self.assertGreater(len(ids), 15)
        guide = (SOURCE / "docs/policy.md").read_text()
        self.assertEqual([each for each in sorted(ids) if f"`{each}`" not in guide], [])

    def test_shipped_policies_are_clean(self):
        policies = sorted(str(path) for path in (SOURCE / "policies").glob("*.toml"))
        self.assertNotEqual(policies, [])
        ran = self.run_binary("lint", "--strict", *policies)
        self.assertEqual((ran.status, ran.err), (OK, ""))


if __name__ == "__main__":
    unittest.main()
