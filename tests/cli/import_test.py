"""heloguard import, and Postfix tables as lists: what they make of a session, against each other and against Postfix."""
import pathlib
import random
import shutil
import subprocess
import tempfile
import unittest

from harness import CONFIG, FAILED, NO_INPUT, OK, USAGE, CliTest

AS_LIST = """
schema = 1
[list.t]
postfix = "{kind}:{file}"
[[rule]]
name = "permitted"
when.{fact} = "@t"
action = "accept"
[[rule]]
name = "refused"
when.{fact} = "@t"
action = "reject"
"""
FACTS = {"pcre": "helo.name", "regexp": "helo.name", "cidr": "client.address"}
NAMES = ["a", "b", "ab", "abb", "abcd", "aab", "c", "bc", "x", "a-b", "1", "12", "a1", "b2.c", "abc", "d", "xa", "a.b",
         "ba", "cb", "mail.a.example", "A.B", "ab.cd.example"]
ADDRESSES = ["10.0.0.0", "10.0.0.1", "10.0.1.0", "10.1.0.0", "10.1.1.1", "192.0.0.1", "192.1.1.1", "192.0.1.0",
             "2001:db8::", "2001:db8::1", "2001:db8:1::1", "::1", "fe80::1", "1.2.3.4"]


class Tables:
    """Random tables without anything that needs another name than itself. Seeded: a failure can be tried again."""

    PIECES = ["a", "b", "c", "ab", ".", "[ab]", "(a)", "(b|c)", "(a*)", "x", "^", "$", "-", "[0-9]", "a*", "b+", r"\."]

    def __init__(self, kind, seed):
        self.kind, self.random = kind, random.Random(seed)

    def pattern(self):
        if self.kind != "cidr":
            return "/" + "".join(self.random.choices(self.PIECES, k=self.random.randint(1, 4))) + "/"
        if self.random.random() < 0.25:
            return self.random.choice(["::/0", "2001:db8::/32", "2001:db8:1::/48", "::1", "fe80::/10", "[2001:db8::]/64"])
        length = self.random.choice([0, 8, 16, 24, 32])
        octets = [self.random.choice([10, 192])] + [self.random.choice([0, 1]) for _ in range(3)]
        octets = [octet if length > 8 * place else 0 for place, octet in enumerate(octets)]
        return ".".join(map(str, octets)) + f"/{length}"

    def negated(self, share):
        return ("!" if self.random.random() < share else "") + self.pattern()

    def line(self):
        action = self.random.choice(["550 no", "450 later", "REJECT", "OK", "DUNNO", "dunno", "defer", "REJECT 5.7.1 {no}",
                                     "123", "DEFER busy", "permit"])
        return self.negated(0.2) + self.random.choice([" ", "\t", "\n  ", "\n# c\n  "]) + action

    def block(self, depth=0):
        lines = []
        for _ in range(self.random.randint(2, 5)):
            if self.random.random() < 0.3 and depth < 2:
                lines += [f"if {self.negated(0.3)}", *self.block(depth + 1), "endif"]
            else:
                lines.append(self.line())
        return lines

    def table(self):
        return "\n".join(self.block()) + "\n"


class Import(CliTest):
    def run_import(self, table, *args, kind="pcre"):
        self.write("t." + kind, table)
        return self.run_binary("import", f"{kind}:t.{kind}", *args)

    def judge(self, policy, rows):
        ran = self.run_binary("check", "--batch", "-", "--offline", "--policy", policy,
                              stdin="".join(row + "\n" for row in rows).encode())
        self.assertEqual((ran.status, ran.err), (OK, ""))
        return ran.lines

    def test_a_whole_table(self):
        ran = self.run_import("# who we know\n/^mail\\./ OK\n/^dyn[0-9]/ REJECT\n/^ppp-/  REJECT\n"
                              "!/\\./\n  550 5.5.2 say a {full} name\n"
                              "if /\\.example$/\n/^a/ DUNNO\n/^b|c/i DEFER busy\nendif\n/'/ 521 it's over\n")
        self.assertEqual((ran.status, ran.err),
                         (OK, "heloguard: t.pcre:9:1: warning: the flag i makes capitals count, and names are in lower "
                              "case here, whatever the client said\n"))
        self.assertEqual(ran.out, r"""# Made by heloguard import from pcre:t.pcre
schema = 1

# t.pcre, line 2
[[rule]]
name = "t-2"
when.helo.name = '^mail\.'
action = "accept"

# t.pcre, lines 3 to 4
[[rule]]
name = "t-3"
when.helo.name = ['^dyn[0-9]', '^ppp-']
action = "reject"

# t.pcre, lines 5 to 6
[[rule]]
name = "t-5"
when.helo.name = '^.'
unless.helo.name = '\.'
action = "reject"
reply = '550 5.5.2 say a {{full}} name'

# t.pcre, line 9
[[rule]]
name = "t-9"
when.helo.name = '(?-i)^b|c'
when.any = [{ helo.name = '\.example$' }]
unless.helo.name = '^a'
action = "tempfail"
reply = '450 4.7.1 busy'

# t.pcre, line 11
[[rule]]
name = "t-11"
when.helo.name = "'"
unless.helo.name = '\.example$'
action = "reject"
reply = "521 5.7.1 it's over"

# t.pcre, line 11
[[rule]]
name = "t-11-2"
when.helo.name = "'"
unless.helo.name = '^a'
action = "reject"
reply = "521 5.7.1 it's over"
""")

    def test_a_group_that_is_the_whole_name_can_be_said(self):
        ran = self.run_import("/^(.*)$/ 550 not $1\n/(.)x/ 550 not $1\n")
        self.assertEqual(ran.status, FAILED)
        self.assertIn("reply = '550 5.7.1 not {helo}'", ran.out)
        self.assertEqual(ran.out.count("reply"), 2)  # the second one is a comment
        self.assertEqual(ran.err, "heloguard: t.pcre:2:1: what $1 stands for cannot be said in a reply; the rule has the "
                                  "default one\n")

    def test_networks(self):
        ran = self.run_import("10.1.0.0/16 OK\n10.0.0.0/8 REJECT\n192.0.2.0/24 REJECT\n!::/1 550 no\n", "--name", "nets",
                              kind="cidr")
        self.assertEqual((ran.status, ran.err), (OK, ""))
        self.assertIn("name = \"nets-2\"\nwhen.client.address = ['10.0.0.0/8', '192.0.2.0/24']\n", ran.out)
        self.assertIn("when.client.address = '::/0'\nunless.client.address = '::/1'\n", ran.out)

    def test_what_is_left_over_is_told_line_by_line(self):
        ran = self.run_import("/(?=x)/ REJECT\n/a/ REJECT\nif /(b)\\1/\n/c/ REJECT\nendif\n/d/ WARN watch\n"
                              "/(e)/ 550 not $1\nif /f/\nif /g/\n/h/ REJECT\nendif\nendif\nhash REJECT\n")
        self.assertEqual(ran.status, FAILED)
        told = [line.split(": ", 2)[1] for line in ran.err.splitlines()]
        self.assertEqual(told, ["t.pcre:1:2", "t.pcre:3:8", "t.pcre:4:1", "t.pcre:6:5", "t.pcre:7:1", "t.pcre:10:1",
                                "t.pcre:13:1"])
        self.assertEqual([line.split(": ", 2)[1] for line in ran.out.splitlines() if line.startswith("# left over: ")],
                         told)
        self.write("imported.toml", ran.out)
        self.assertEqual(self.run_binary("lint", "imported.toml").status, OK)

    def test_the_type_may_come_from_the_name(self):
        self.write("Access Map.regexp", "/^x/ OK\n")
        ran = self.run_binary("import", "Access Map.regexp")
        self.assertEqual(ran.status, OK)
        self.assertIn('name = "access-map-1"', ran.out)
        self.assertEqual(self.run_binary("import", "t.db").status, USAGE)

    def test_wrong_use(self):
        for args, status, text in [(["pcre:nowhere"], NO_INPUT, "cannot read"), ([], USAGE, "TABLE is missing"),
                                   (["hash:access"], USAGE, '"hash"'), (["prce:t"], USAGE, 'did you mean "pcre"'),
                                   (["pcre:{ { /x/ OK } }"], USAGE, "main.cf"),
                                   (["pcre:t", "--name", "Not a name"], USAGE, "--name")]:
            with self.subTest(args=args):
                ran = self.run_binary("import", *args)
                self.assertEqual((ran.status, ran.out), (status, ""))
                self.assertIn(text, ran.err)

    def test_the_policy_judges_like_the_table(self):
        for kind in FACTS:
            tables = Tables(kind, 4711)
            rows = [f"192.0.2.1\t{name}" for name in NAMES] if kind != "cidr" else [f"{a}\tx" for a in ADDRESSES]
            imported = 0
            for _ in range(25):
                table = tables.table()
                ran = self.run_import(table, kind=kind)
                if ran.status == FAILED:
                    self.assertIn("left over", ran.out)
                    continue
                self.assertEqual(ran.status, OK, ran.err)
                imported += 1
                self.write("imported.toml", ran.out)
                self.write("list.toml", AS_LIST.format(kind=kind, file="t." + kind, fact=FACTS[kind]))
                for one, other in zip(self.judge("list.toml", rows), self.judge("imported.toml", rows)):
                    with self.subTest(table=table, policy=ran.out, helo=one["helo"], client=one["client"]):
                        self.assertEqual(one["verdict"], other["verdict"])
            self.assertGreater(imported, 10, kind)


class AsList(CliTest):
    def check_table(self, helo, table, rule='action = "reject"', kind="pcre"):
        self.write("access." + kind, table)
        self.write("p.toml", f'schema = 1\n[list.access]\npostfix = "{kind}:access.{kind}"\n[[rule]]\nname = "access"\n'
                             f'when.helo.name = "@access"\n{rule}\n')
        return self.check_json(helo, policy="p.toml")

    def test_the_rule_keeps_its_name_and_the_table_gives_the_reply(self):
        table = "/^bad/ REJECT\n/^slow/ DEFER 4.3.0 later, ${1}\n".replace("slow", "(slow)") + "/^ok/ OK\n/^rude(.*)/ 554 no $1\n"
        for helo, verdict, action, reply in [
                ("bad.example", "reject", "reject",
                 "550 5.7.1 HELO bad.example is a name that this site does not accept mail from (access) [check00000000000]"),
                ("slow.example", "tempfail", "tempfail", "450 4.3.0 later, slow"),
                ("rude\\xFFm", "reject", "reject", "554 5.7.1 no ?m"), ("ok.example", "accept", None, None),
                ("other", "accept", None, None)]:
            with self.subTest(helo=helo):
                got = self.check_table(helo, table)
                self.assertEqual((got["verdict"], got["action"], got["reply"]), (verdict, action, reply))
                self.assertEqual(got["rule"], "access" if reply else None)
                self.assertEqual(len(got["matched"]), 1 if reply else 0)

    def test_the_rule_that_is_explained_is_the_line(self):
        self.check_table("bad.example", "/^bad/i REJECT\n/^slow/ DEFER\n")
        ran = self.check("slow.example", policy="p.toml")
        self.assertIn('helo.name = "@access" (DEFER)  pattern /^slow/ (access.pcre:2:1)', ran.out)

    def test_a_missing_table_is_a_configuration_error(self):
        self.write("p.toml", 'schema = 1\n[list.access]\npostfix = "pcre:nowhere/x.pcre"\n')
        ran = self.run_binary("lint", "p.toml")
        self.assertEqual(ran.status, CONFIG)
        self.assertIn("heloguard: p.toml:3:11: cannot read", ran.err)

    def test_the_table_counts_in_the_hash_of_the_policy(self):
        self.check_table("x", "/a/ OK\n")
        config = self.write("c.toml", '[policy]\nfile = "p.toml"\n')
        before = self.run_binary("serve", "--check-config", "--config", str(config))
        self.check_table("x", "/b/ OK\n")
        after = self.run_binary("serve", "--check-config", "--config", str(config))
        self.assertEqual((before.status, after.status), (OK, OK))
        self.assertNotEqual(before.out + before.err, after.out + after.err)


def postfix_types():
    """The table types that Postfix on this machine reads; none where it is not installed."""
    postconf = shutil.which("postconf", path="/usr/sbin:/usr/bin")
    if postconf is None:
        return set()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "main.cf").write_text("compatibility_level = 3.6\n")
        return set(subprocess.run([postconf, "-c", folder, "-m"], capture_output=True, text=True, check=False).stdout.split())


class AgainstPostfix(CliTest):
    """The lookups of Postfix itself, through postmap, on random tables."""

    def lookups(self, kind, keys):
        ran = subprocess.run(["postmap", "-c", str(self.dir), "-q", "-", f"{kind}:{self.dir}/t.{kind}"],
                             input="".join(key + "\n" for key in keys), env={"PATH": "/usr/sbin:/usr/bin"},
                             capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(ran.stderr, "")
        return dict(line.split("\t", 1) for line in ran.stdout.splitlines())

    @staticmethod
    def verdict(value):
        action, _, text = value.partition(" ")
        if action.upper() == "REJECT" or (action[0] == "5" and text):
            return "reject"
        return "tempfail" if action.upper() == "DEFER" or (action[0] == "4" and text) else "accept"

    def test_lookups_agree(self):
        self.write("main.cf", "compatibility_level = 3.6\n")
        types = postfix_types() & FACTS.keys()
        if not types:
            self.skipTest("Postfix is not installed")
        for kind in sorted(types):
            tables = Tables(kind, 815)
            keys = [name.lower() for name in NAMES] if kind != "cidr" else ADDRESSES
            rows = [f"192.0.2.1\t{key}" if kind != "cidr" else f"{key}\tx" for key in keys]
            self.write("p.toml", AS_LIST.format(kind=kind, file="t." + kind, fact=FACTS[kind]))
            for _ in range(15):
                table = tables.table()
                self.write("t." + kind, table)
                found = self.lookups(kind, keys)
                ran = self.run_binary("check", "--batch", "-", "--offline", "--policy", "p.toml",
                                      stdin="".join(row + "\n" for row in rows).encode())
                for key, judged in zip(keys, ran.lines):
                    with self.subTest(table=table, key=key):
                        self.assertEqual(judged["verdict"], self.verdict(found.get(key, "DUNNO")))


if __name__ == "__main__":
    unittest.main()
