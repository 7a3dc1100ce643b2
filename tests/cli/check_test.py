"""heloguard check, one session at a time, without network."""
import os
import pty
import re
import subprocess
import unittest

from harness import BINARY, CONFIG, OK, REJECT, TEMPFAIL, CliTest

KEYS = ["client", "helo", "verdict", "rule", "action", "stage", "mode", "score", "reply", "facts", "matched", "unknown",
        "dns"]
RDNS = ["rdns.status", "rdns.name", "rdns.ptr", "rdns.traits", "rdns.dnssec"]
FORWARD = ["helo.address", "helo.dnssec", "helo.mx"]


class Json(CliTest):
    def test_a_refusal(self):
        ran = self.check("192.0.2.1", "--format", "json")
        self.assertEqual((ran.status, ran.err), (REJECT, ""))
        self.assertEqual(ran.out.count("\n"), 1)
        got = ran.json
        self.assertEqual(list(got), KEYS)
        self.assertEqual(
            {key: got[key] for key in KEYS[:9]},
            {"client": "192.0.2.1", "helo": "192.0.2.1", "verdict": "reject", "rule": "bare-ip", "action": "reject",
             "stage": "rcpt", "mode": "enforce", "score": 0.0,
             "reply": "550 5.7.1 HELO 192.0.2.1 is an IP address without brackets, check00000000000"})
        self.assertEqual(got["matched"], [{"rule": "bare-ip", "action": "reject", "mode": "enforce"}])
        self.assertEqual(got["dns"], {"queries": 0, "elapsed_ms": 0.0, "lookups": [], "findings": []})

    def test_a_candidate_is_shown_beside_the_policy_in_force(self):
        self.write("lenient.toml", 'schema = 1\n[policy]\nname = "lenient"\n[[rule]]\nname = "n"\n'
                   'when.helo.kind = "bare-ipv4"\naction = "note"\n')
        self.write("heloguard.toml", '[policy]\nfile = "lenient.toml"\ncandidate = "sample.toml"\n')
        args = ["check", "--config", "heloguard.toml", "--offline", "--client", "192.0.2.1", "--helo", "192.0.2.1"]
        ran = self.run_binary(*args, "--format", "json")
        self.assertEqual((ran.status, ran.err, ran.json["verdict"]), (OK, "", "accept"))
        self.assertEqual(ran.json["candidate"], {"policy": "sample", "verdict": "reject", "rule": "bare-ip",
                                                 "action": "reject"})
        self.assertIn('\ncandidate sample: reject, by rule "bare-ip" (differs)\n', self.run_binary(*args).out)
        self.write("sample.toml", "schema = 2\n")
        self.assertEqual(self.run_binary(*args).status, 78)

    def test_settings_that_nest_too_deep(self):
        for text, place in (("a." * 50_000 + "b = 1\n", "1:257"), ("[log]\nx = " + "[" * 100_000, "2:131")):
            self.write("heloguard.toml", text)
            ran = self.run_binary("check", "--config", "heloguard.toml", "--offline", "--client", "192.0.2.1", "--helo", "a")
            self.assertEqual((ran.status, ran.out), (CONFIG, ""))
            self.assertEqual(ran.err, f"heloguard: heloguard.toml:{place}: nests deeper than 128\n")

    def test_an_acceptance_has_no_rule_and_no_reply(self):
        got = self.check_json("mail.example.org", "--rdns", "mail.example.org")
        self.assertEqual([got[key] for key in ("verdict", "rule", "action", "stage", "score", "reply", "matched")],
                         ["accept", None, None, "rcpt", 0.0, None, []])

    def test_an_accept_rule_is_named(self):
        got = self.check_json("192.0.2.1", client="10.0.0.1")
        self.assertEqual([got["verdict"], got["rule"], got["action"], got["reply"]],
                         ["accept", "trusted", "accept", None])

    def test_scores(self):
        ran = self.check("dyn-1_2.example.com", "--rdns", "none", "--format", "json")
        self.assertEqual(ran.status, REJECT)
        got = ran.json
        self.assertEqual([got["verdict"], got["rule"], got["action"], got["score"]], ["reject", None, "score", 9.5])
        self.assertRegex(got["reply"], r"^5\d\d 5\.\d+\.\d+ ")
        self.assertEqual(got["matched"], [{"rule": "generic", "action": "score", "score": 6.5, "mode": "enforce"},
                                          {"rule": "unverified", "action": "score", "score": 3.0, "mode": "enforce"},
                                          {"rule": "noted", "action": "note", "mode": "enforce"}])

    def test_an_observed_rule_is_listed_and_not_summed(self):
        got = self.check_json("mail7.example.com", "--rdns", "none")
        self.assertEqual([got["verdict"], got["score"]], ["tempfail", 3.0])
        self.assertEqual(got["matched"][0], {"rule": "watched", "action": "score", "score": 9.0, "mode": "observe"})

    def test_an_observing_policy_says_what_would_be(self):
        policy = "schema = 1\n[policy]\nmode = \"observe\"\nscore = { reject = 1.0 }\n"
        rule = "[[rule]]\nname = \"r\"\nwhen.helo.kind = \"fqdn\"\n"
        self.write("rule.toml", policy + rule + 'action = "tempfail"\n')
        ran = self.check("a.example", "--format", "json", policy="rule.toml")
        self.assertEqual(ran.status, TEMPFAIL)
        self.assertEqual([ran.json["verdict"], ran.json["rule"], ran.json["mode"]], ["tempfail", "r", "observe"])
        self.assertRegex(ran.json["reply"], r"^4\d\d 4\.")
        self.write("score.toml", policy + rule + "score = 1.5\n")
        ran = self.check("a.example", "--format", "json", policy="score.toml")
        self.assertEqual((ran.status, ran.json["score"]), (REJECT, 1.5))

    def test_offline_facts_are_unknown_and_not_applicable_ones_nowhere(self):
        got = self.check_json("mail.example.org")
        self.assertEqual(got["unknown"], ["client.port", *FORWARD, "helo.rdns", "helo.ptr", *RDNS, "spf.helo"])
        self.assertEqual(got["facts"], {
            "client.address": "192.0.2.1", "client.tls": False, "client.authenticated": False,
            "helo.name": "mail.example.org", "helo.kind": "fqdn", "helo.flaws": [], "helo.traits": [],
            "helo.changed": False})
        got = self.check_json("[192.0.2.1]")
        self.assertEqual(got["facts"]["helo.literal"], "match")
        self.assertFalse({"helo.address", "helo.rdns", "helo.mx"} & (set(got["unknown"]) | set(got["facts"])))

    def test_types_of_facts(self):
        facts = self.check_json("a_b.localhost", "--port", "25", "--tls", "--rdns", "Mail.Example.ORG")["facts"]
        self.assertEqual(facts["client.port"], 25)
        self.assertIs(facts["client.tls"], True)
        self.assertEqual(facts["helo.name"], "a_b.localhost")
        self.assertIn("underscore", facts["helo.flaws"])
        self.assertIn("localhost", facts["helo.traits"])
        self.assertEqual(facts["rdns.name"], ["mail.example.org"])
        self.assertEqual(facts["rdns.status"], "pass")

    def test_an_authenticated_client_is_exempt(self):
        ran = self.check("192.0.2.1", "--auth", "--format", "json")
        self.assertEqual(ran.status, OK)
        self.assertEqual([ran.json["verdict"], ran.json["rule"], ran.json["reply"], ran.json["exempt"]],
                         ["accept", None, None, "authenticated"])

    def test_a_rule_that_answers_at_helo(self):
        self.write("early.toml", 'schema = 1\n[[rule]]\nname = "r"\nwhen.helo.kind = "fqdn"\nstage = "helo"\n'
                                 'action = "reject"\n')
        got = self.check_json("a.example", policy="early.toml")
        self.assertEqual([got["verdict"], got["stage"]], ["reject", "helo"])
        self.assertEqual(self.check_json("x", policy="early.toml")["stage"], "rcpt")

    def test_mapped_clients_are_unmapped(self):
        self.assertEqual(self.check_json("a.example", client="::ffff:192.0.2.9")["client"], "192.0.2.9")


class FactsByHand(CliTest):
    def rdns(self, *args):
        got = self.check_json("mail.example.org", *args)
        return {fact: got["facts"].get(fact, "unknown" if fact in got["unknown"] else None)
                for fact in (*RDNS, "helo.rdns", "helo.ptr")}

    def test_rows(self):
        name, names = "mail.example.org", ["mail.example.org"]
        for args, status, verified, ptr, helo_rdns, helo_ptr in (
            (("--rdns", name), "pass", names, names, "same", "same"),
            (("--rdns", name, "--rdns-status", "pass"), "pass", names, names, "same", "same"),
            (("--rdns", "a.example.org"), "pass", ["a.example.org"], ["a.example.org"], "same-domain", "same-domain"),
            (("--rdns", name, "--rdns-status", "fail"), "fail", None, names, None, "same"),
            (("--rdns", "none"), "permerror", None, None, None, None),
            (("--rdns-status", "permerror"), "permerror", None, None, None, None),
        ):
            with self.subTest(args=args):
                got = self.rdns(*args)
                self.assertEqual(got["rdns.status"], status)
                self.assertEqual(got["rdns.dnssec"], "unknown")
                self.assertEqual(got["rdns.ptr"], ptr)
                self.assertEqual(got["rdns.name"], verified)
                self.assertEqual(got["helo.rdns"], helo_rdns)
                self.assertEqual(got["helo.ptr"], helo_ptr)

    def test_the_verdict_follows(self):
        self.assertEqual(self.check("a.example", "--rdns", "none").status, TEMPFAIL)
        self.assertEqual(self.check("a.example", "--rdns-status", "temperror").status, TEMPFAIL)
        self.assertEqual(self.check("a.example", "--rdns", "a.example").status, OK)
        self.assertEqual(self.check("a.example").status, OK)


class HostileBytes(CliTest):
    def test_any_helo_is_taken_and_escaped(self):
        for typed, shown in (
            ("", ""), ("-", "-"), ("--client", "--client"), ("[a,b]", "[a,b]"), ("{}", "{}"), ("%%", "%%"), ("#", "#"),
            ("a b", "a b"), ("a\\x00b", "a\\x00b"), ("a\\xFFb", "a\\xffb"), ("\x1b[2J", "\\x1b[2J"), ("é", "\\xc3\\xa9"),
            ("a\\b", "a\\x5cb"), ("\\\\x00", "\\x5cx00"), ("\\x0d\\x0aX: y", "\\x0d\\x0aX: y"), ("serve", "serve"),
            ('"', '"'), ("<script>", "<script>"),
        ):
            with self.subTest(typed=typed):
                for args in (("--helo", typed), ("--helo=" + typed,)):
                    ran = self.run_binary("check", "--offline", "--policy", "sample.toml", "--client", "192.0.2.1",
                                          "--format", "json", *args)
                    self.assertEqual(ran.json["helo"], shown)

    def test_every_octet_round_trips(self):
        helo = "".join(f"\\x{octet:02x}" for octet in range(256))
        shown = self.check_json(helo)["helo"]
        self.assertEqual(self.check_json(shown)["helo"], shown)
        raw = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), shown.encode())
        self.assertEqual(raw, bytes(range(256)))

    def test_text_output_is_printable(self):
        ran = self.check("\\x1b]0;owned\\x07\\xe2\\x80\\xae.example", "--rdns", "a\\x1bb.example")
        self.assertTrue(all(c == "\n" or " " <= c <= "~" for c in ran.out), ran.out)
        self.assertIn("\\x1b]0;owned\\x07", ran.out)

    def test_a_long_helo_is_cut(self):
        got = self.check_json("a" * 60000)
        self.assertEqual(got["helo"], "a" * 512)
        self.assertIn("name-too-long", got["facts"]["helo.flaws"])


class Text(CliTest):
    def test_everything_that_led_to_the_verdict_is_shown(self):
        out = self.check("dyn-12_x.example.com", "--rdns", "none").out
        for expected in (
            r'client +192\.0\.2\.1\n', r'helo +"dyn-12_x\.example\.com"\n', r"policy +sample \(sample\.toml, [0-9a-f]{16}\)",
            r"rdns\.status +permerror\n", r"rdns\.dnssec +unknown\n", r"rdns\.name +n/a\n", r"helo\.flaws +underscore\n",
            r'false +bare-ip +reject +helo\.kind = \["bare-ipv4", "bare-ipv6"\]\n',
            r'true +generic +\+6\.5 .*pattern \^dyn-\\d\+ \(generic\.re2:1:1\).*# dial-up names\n',
            r"score +9\.5 \(tempfail from 3, reject from 6\)\n", r"verdict +reject at rcpt, by the score\n", r"reply +5\d\d 5\.",
            r"nothing was looked up",
        ):
            self.assertRegex(out, expected)
        self.assertNotRegex(out, r"[ \t]\n")
        self.assertNotIn("\x1b", out)

    def test_the_rule_that_decided_is_marked(self):
        out = self.check("192.0.2.1").out
        self.assertRegex(out, r'\n> true +bare-ip +reject +helo\.kind')
        self.assertRegex(out, r"\n  not reached +unverified")
        self.assertIn('by rule "bare-ip"', out)

    def test_unknown_facts_that_withheld_a_refusal_are_named(self):
        out = self.check("dyn-12.example.com").out
        self.assertRegex(out, r"unknown +generic +\+6\.5 +rdns\.status = ")
        self.assertIn("hangs on what is unknown: rdns.status", out)

    def test_observing_is_said(self):
        self.write("o.toml", 'schema = 1\n[policy]\nmode = "observe"\n[[rule]]\nname = "r"\nwhen.helo.kind = "fqdn"\n'
                             'action = "reject"\n')
        ran = self.check("a.example", policy="o.toml")
        self.assertEqual(ran.status, REJECT)
        self.assertIn("the policy observes, so the client is let in", ran.out)

    def on_terminal(self, **env):
        primary, secondary = pty.openpty()
        with subprocess.Popen([BINARY, "check", "--offline", "--policy", "sample.toml", "--client", "192.0.2.1", "--helo",
                               "192.0.2.1"], cwd=self.dir, stdout=secondary, env={"TERM": "xterm", **env}) as process:
            os.close(secondary)
            out = b""
            try:
                while chunk := os.read(primary, 65536):
                    out += chunk
            except OSError:  # the other end is closed
                pass
            process.wait(timeout=60)
        os.close(primary)
        return out

    def test_colours_only_on_a_terminal_that_wants_them(self):
        self.assertIn(b"\x1b[31mreject", self.on_terminal())
        self.assertNotIn(b"\x1b", self.on_terminal(NO_COLOR="1"))
        self.assertNotIn(b"\x1b", self.on_terminal(TERM="dumb"))


if __name__ == "__main__":
    unittest.main()
