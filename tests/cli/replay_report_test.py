"""heloguard replay: two policies compared, files in and out, and the report for people."""
import gzip
import json
import os
import shutil
import subprocess
import unittest

from harness import BINARY, CONFIG, DATA, NO_INPUT, OK, UNAVAILABLE, USAGE
from mail_logs import PostfixLog, Replay


class Comparing(Replay):
    def test_two_policies(self):
        self.write("old.toml", 'schema = 1\n[policy]\nname = "old"\n[[rule]]\nname = "all"\nwhen.helo.kind = '
                   '["bare-ipv4", "fqdn"]\naction = "tempfail"\nreply = "450 4.7.1 later"\n')
        log = PostfixLog()
        log.accepted("unknown[192.0.2.1]", "192.0.2.1")
        log.accepted("a.example[192.0.2.2]", "a.example")
        log.accepted("unknown[192.0.2.4]", "a.example")  # the new one might defer it as well: nobody knows
        log.session("unknown[192.0.2.3]")
        report = self.report(log, "--against", "old.toml")
        self.assertEqual(report["against"]["name"], "old")
        self.assertEqual(report["changes"]["against"], "policy")
        self.assertEqual({(kind["from"], kind["to"]) for kind in report["changes"]["kinds"]},
                         {("tempfail", "reject"), ("tempfail", "accept")})
        self.assertEqual(report["changes"]["uncertain"], 1)
        ran = self.replay(log, "--against", "old.toml")
        self.assertIn("what would change against the other policy\n", ran.out)
        self.assertIn("  not counted: 1 session for which what the log does not tell may make both the same\n", ran.out)
        self.assertIn("1 session may be answered differently, and may not: what the log does not tell decides.",
                      self.page(log, "--against", "old.toml"))

    def test_a_row_has_one_outcome(self):
        self.write("none.toml", 'schema = 1\n[policy]\nname = "none"\n')
        log = PostfixLog()
        log.accepted("unknown[192.0.2.1]", "192.0.2.1")
        log.refused("unknown[192.0.2.1]", "192.0.2.1")
        log.refused("unknown[192.0.2.1]", "192.0.2.1")
        report = self.report(log, "--against", "none.toml")
        self.assertEqual([(row["client"], row["mta"], row["sessions"]) for row in report["clients"]],
                         [("192.0.2.1", "refused", 2), ("192.0.2.1", "accepted", 1)])
        self.assertEqual(report["changes"]["kinds"], [{"from": "accept", "to": "reject", "sessions": 3, "clients": 1}])

    def test_policies_that_observe(self):
        sample = (self.dir / "sample.toml").read_text()
        self.write("observe.toml", sample.replace("[policy]\n", '[policy]\nmode = "observe"\n'))
        log = PostfixLog()
        log.accepted("unknown[192.0.2.1]", "192.0.2.1")
        report = self.report(log, "--against", "observe.toml")
        self.assertEqual(report["changes"]["kinds"], [{"from": "accept", "to": "reject", "sessions": 1, "clients": 1}])
        self.assertEqual((report["policy"]["judged_as"], report["against"]["judged_as"]), ("enforce", "observe"))
        self.assertIn("          it observes and refuses nothing: so it is compared with\n",
                      self.replay(log, "--against", "observe.toml").out)
        self.assertIn("The policy compared with observes and refuses nothing.",
                      self.page(log, "--against", "observe.toml"))
        report = self.report(log, "--against", "sample.toml", policy="observe.toml")
        self.assertEqual(report["changes"]["total"], 0)
        self.assertEqual((report["policy"]["mode"], report["policy"]["judged_as"]), ("observe", "enforce"))
        self.assertIn("          it observes and refuses nothing: the numbers are as if it were enforced\n",
                      self.replay(log, policy="observe.toml").out)

    def test_policies_for_a_share(self):
        sample = (self.dir / "sample.toml").read_text()
        self.write("share.toml", sample.replace("[policy]\n", "[policy]\npercent = 1\n"))
        log = PostfixLog()
        for number in range(200):
            log.accepted(f"unknown[192.0.{number}.1]", "192.0.2.1")
        ran = self.replay(log, policy="share.toml")
        self.assertIn("enforce for 1 % of clients)\n          the numbers are as if it were enforced for all clients\n",
                      ran.out)
        self.assertEqual(self.report(log, policy="share.toml")["changes"]["total"], 200)
        refused_then = 200 - self.report(log, "--against", "share.toml")["changes"]["total"]
        self.assertTrue(0 < refused_then < 20, refused_then)

    def test_the_same_policy_changes_nothing(self):
        log = PostfixLog()
        log.accepted("unknown[192.0.2.1]", "192.0.2.1")
        self.assertEqual(self.report(log, "--against", "sample.toml")["changes"]["total"], 0)


class Files(Replay):
    def sample(self):
        log = PostfixLog()
        log.accepted("unknown[192.0.2.1]", "192.0.2.1")
        return str(log)

    def test_packed_ones(self):
        packed = [gzip.compress(self.sample().encode())]
        if shutil.which("zstd"):
            packed.append(subprocess.run(["zstd", "-qc"], input=self.sample().encode(), capture_output=True,
                                         check=True).stdout)
        for octets in packed:
            self.assertEqual(self.report(octets)["totals"]["verdicts"]["reject"], 1)

    def test_standard_input(self):
        ran = self.run_binary("replay", "-", "--policy", "sample.toml", "--format", "json",
                              stdin=self.sample().encode())
        self.assertEqual((ran.status, ran.json["logs"][0]["file"], ran.json["totals"]["sessions"]), (OK, "(stdin)", 1))

    def test_a_rotated_set_in_any_order(self):
        halves = self.sample().splitlines(keepends=True)
        report = self.report(["".join(halves[2:]).replace("10:01", "10:02"), "".join(halves[:2])])
        self.assertEqual([log["file"] for log in report["logs"]], ["log.1", "log.0"])
        self.assertEqual((report["totals"]["sessions"], report["totals"]["verdicts"]["reject"]), (1, 1))

    def test_problems(self):
        ran = self.run_binary("replay", "nowhere.log", "--policy", "sample.toml")
        self.assertEqual((ran.status, ran.out, ran.err),
                         (NO_INPUT, "", "heloguard: nowhere.log: No such file or directory\n"))
        ran = self.replay([self.sample(), "neither\nfish\n"])
        self.assertEqual(ran.status, DATA)
        self.assertIn("heloguard: log.1: no line is a log line", ran.err)
        self.assertIn("what would change", ran.out, "the good one is reported all the same")
        cut = gzip.compress(self.sample().encode() * 1000)
        ran = self.replay(cut[:len(cut) // 2], "--format", "json")
        self.assertEqual((ran.status, ran.err), (DATA, "heloguard: log.0: the gzip data is cut short\n"))
        self.assertGreater(ran.json["totals"]["sessions"], 0)
        ran = self.replay("Nov 21 10:00:00 mx cron[1]: hello\n")
        self.assertEqual((ran.status, ran.err),
                         (OK, "heloguard: warning: no session of a mail server was found in the log\n"))
        ran = self.replay(self.sample(), policy="nowhere.toml")
        self.assertEqual((ran.status, ran.out), (NO_INPUT, ""))
        self.write("broken.toml", "schema = 2\n")
        self.assertEqual(self.replay(self.sample(), "--against", "broken.toml").status, CONFIG)
        ran = self.replay("")
        self.assertEqual((ran.status, ran.err),
                         (OK, "heloguard: warning: no session of a mail server was found in the log\n"))
        for args in ((), ("x", "--format", "xml"), ("x", "--dns-rate", "0"), ("x", "--source", "maybe")):
            self.assertEqual(self.run_binary("replay", *args).status, USAGE)

    def test_output(self):
        ran = self.replay(self.sample(), "--output", "out.json", "--format", "json")
        self.assertEqual((ran.status, ran.out, ran.err), (OK, "", ""))
        self.assertEqual(json.loads((self.dir / "out.json").read_text())["totals"]["sessions"], 1)
        ran = self.replay(self.sample(), "--output", "no/such/folder")
        self.assertEqual((ran.status, ran.err), (
            UNAVAILABLE, "heloguard: no/such/folder: cannot write: No such file or directory\n"))
        self.assertEqual(self.replay(self.sample(), "--output", ".").err, "heloguard: .: cannot write: Is a directory\n")
        self.assertEqual(self.replay(self.sample(), "--output", "/dev/stdout", "--format", "json").json["totals"],
                         json.loads((self.dir / "out.json").read_text())["totals"])
        self.replay(self.sample(), "--output", "out.json", "--against", "nowhere.toml")
        self.assertIn("totals", (self.dir / "out.json").read_text(), "it stays until there is another report")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, "replay", "log.0", "--policy", "sample.toml"], cwd=self.dir, stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, UNAVAILABLE)

    def test_into_a_pipe_with_a_name(self):
        os.mkfifo(self.dir / "pipe")
        self.write("log.0", self.sample())
        with subprocess.Popen([BINARY, "replay", "log.0", "--policy", "sample.toml", "--output", "pipe"],
                              cwd=self.dir) as process:
            text = (self.dir / "pipe").read_text()
            self.assertEqual(process.wait(timeout=60), OK)
        self.assertIn("what would change", text)

    def test_what_can_be_wrong_is_said_before_anything_is_read(self):
        self.write("broken.toml", "schema = 2\n")
        for args, status in ((("--policy", "broken.toml"), CONFIG),
                             (("--policy", "sample.toml", "--against", "broken.toml"), CONFIG),
                             (("--policy", "sample.toml", "--output", "no/such/folder"), UNAVAILABLE)):
            with subprocess.Popen([BINARY, "replay", "-", *args], cwd=self.dir, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                # Standard input stays open, and nothing comes.
                self.assertEqual(process.wait(timeout=60), status)
                self.assertEqual(process.stdout.read(), b"")

    def test_the_page_holds_the_same_object(self):
        log = PostfixLog()
        log.accepted("unknown[192.0.2.1]", "</script><b>192.0.2.1")
        page = self.page(log)
        self.assertTrue(page.lower().startswith("<!doctype html>"))
        self.assertNotIn("</script><b>", page)
        data = page[page.index('id="report">') + len('id="report">'):]
        self.assertEqual(json.loads(data[:data.index("</script>")])["totals"], self.report(log)["totals"])


class Text(Replay):
    def test_the_page_for_people(self):
        log = PostfixLog()
        log.accepted("unknown[192.0.2.2]", "192.0.2.2")
        log.accepted("unknown[192.0.2.3]")
        log.accepted("mail.example.com[192.0.2.1]", "mail.example.com")
        ran = self.replay(log)
        self.assertEqual((ran.status, ran.err), (OK, ""))
        self.assertLessEqual(max(map(len, ran.out.splitlines())), 100)
        for part in ("log       log.0: 11 lines, 2026-11-21T10:01:00Z to 2026-11-21T10:03:00Z\n",
                     "sessions  3 of 3 clients in 1 network\n",
                     "judged    2; of 1 the log does not tell the HELO name\n",
                     "                    accept  tempfail    reject  not judged       all\n",
                     "  accepted               1         0         1           1         3\n",
                     "  all                    1         0         1           1         3\n",
                     "  accept   -> reject           1 session of 1 client\n",
                     "      helo 192.0.2.2, reverse DNS - (not known), from a@x.example\n",
                     "what this cannot tell\n"):
            self.assertIn(part, ran.out)

    def test_progress_shows_on_a_terminal_only(self):
        log = PostfixLog()
        for _ in range(3000):
            log.accepted("unknown[192.0.2.2]", "192.0.2.2")
        self.write("big.log", str(log))
        shown = self.progress_of("replay", "big.log", "--policy", "sample.toml")
        self.assertIn(b" lines", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-40:])


if __name__ == "__main__":
    unittest.main()
