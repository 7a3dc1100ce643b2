"""heloguard replay: mail logs judged after the fact."""
import gzip
import json
import os
import pty
import shutil
import subprocess
import time
import unittest

from harness import BINARY, CONFIG, DATA, NO_INPUT, OK, UNAVAILABLE, USAGE, CliTest
from nameserver import SILENT, NameServer

GENERIC = "dyn-1.pool.example.com"


class PostfixLog:
    """Lines of Postfix, session after session."""

    def __init__(self):
        self.lines = []
        self.pid = 0
        self.minute = 0

    def line(self, message, program="postfix/smtpd"):
        self.lines.append(f"Nov 21 10:{self.minute:02}:00 mx {program}[{self.pid}]: {message}\n")

    def session(self, client, *messages, counts="commands=1"):
        """`client` is NAME[ADDRESS]; each message is a line in between, {c} stands for the client."""
        self.pid += 1
        self.minute = (self.minute + 1) % 60
        self.line(f"connect from {client}")
        for message in messages:
            self.line(message.replace("{c}", client))
        self.line(f"disconnect from {client} {counts}")

    def accepted(self, client, helo=None):
        info = [f"NOQUEUE: info: RCPT from {{c}}: <{helo}>: Helo command info; from=<a@x.example> to=<b@y.example> "
                f"proto=ESMTP helo=<{helo}>"] if helo is not None else []
        self.session(client, *info, "4ABC: client={c}", counts="ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5")

    def refused(self, client, helo, text="550 5.7.1 no", word="milter-reject"):
        self.session(client, f"NOQUEUE: {word}: RCPT from {{c}}: {text}; from=<a@x.example> to=<b@y.example> "
                     f"proto=ESMTP helo=<{helo}>", counts="ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4")

    def __str__(self):
        return "".join(self.lines)


def own(session, client, helo, verdict, **more):
    values = {"session": session, "client": client, "port": "25", "helo": helo, "kind": "fqdn", "rdns": "-",
              "rdns_status": "-", "rdns_dnssec": "-", "verdict": verdict, "rule": "-", "mode": "enforce",
              "stage": "rcpt", "score": "0", "wait_ms": "0.0", "dns": "0/0.0ms", "from": "<a@x.example>", "to": "<b@y.example>", **more}
    return ("2026-11-21T10:00:00.000+00:00 info " + " ".join(f"{key}={value}" for key, value in values.items()) + "\n")


class Replay(CliTest):
    def replay(self, log, *args, policy="sample.toml", env=None):
        names = []
        for number, text in enumerate(log if isinstance(log, list) else [log]):
            names.append(f"log.{number}")
            self.write(names[-1], text if isinstance(text, bytes) else str(text))
        return self.run_binary("replay", *names, "--policy", policy, *args, env={"TZ": "UTC", **(env or {})})

    def report(self, log, *args, **more):
        ran = self.replay(log, "--format", "json", *args, **more)
        self.assertEqual((ran.status, ran.err), (OK, ""))
        return ran.json


class Counting(Replay):
    def log(self):
        log = PostfixLog()
        log.accepted("mail.example.com[192.0.2.1]", "mail.example.com")
        log.accepted("unknown[192.0.2.2]", "192.0.2.2")               # newly refused
        log.accepted("unknown[192.0.2.2]", "192.0.2.2")
        log.accepted("unknown[192.0.2.3]")                            # its HELO is not logged
        log.refused("unknown[198.51.100.1]", "192.0.2.2")             # refused as before
        log.refused("unknown[198.51.100.2]", "fine.example.com")      # a milter refused: let in now
        log.refused("unknown[198.51.100.3]", "fine.example.com", "550 5.1.1 <b@y.example>: Recipient address rejected: "
                    "User unknown in local recipient table", "reject")
        log.refused("unknown[198.51.100.4]", "fine.example.com", "450 4.2.0 <b@y.example>: Recipient address rejected: "
                    "Greylisted", "reject")
        log.accepted("unknown[10.0.0.1]")                             # trusted: settled without HELO
        log.session("unknown[203.0.113.1]", counts="ehlo=1 quit=1 commands=2")
        return log

    def test_totals(self):
        totals = self.report(self.log())["totals"]
        self.assertEqual((totals["sessions"], totals["judged"], totals["without_helo"]), (10, 8, 2))
        self.assertEqual((totals["clients"], totals["networks"]), (9, 4))
        self.assertEqual(totals["verdicts"], {"accept": 5, "tempfail": 0, "reject": 3})
        self.assertEqual(totals["mta"], {"accepted": 4, "refused": 3, "deferred": 1, "no_mail": 0, "unknown": 0})
        self.assertEqual(totals["cross"]["accepted"], {"accept": 2, "tempfail": 0, "reject": 2})
        self.assertEqual(totals["cross"]["refused"], {"accept": 2, "tempfail": 0, "reject": 1})
        self.assertEqual(totals["sources"], {"Postfix": 10})

    def test_changes_are_what_a_policy_can_change(self):
        report = self.report(self.log())
        self.assertEqual(report["changes"], {"against": "mta", "total": 3, "kinds": [
            {"from": "accept", "to": "reject", "sessions": 2, "clients": 1},
            {"from": "reject", "to": "accept", "sessions": 1, "clients": 1}]})
        first, second = report["clients"]
        self.assertEqual([first[key] for key in ("client", "helo", "was", "verdict", "rule", "sessions")],
                         ["192.0.2.2", "192.0.2.2", "accept", "reject", "bare-ip", 2])
        self.assertEqual((first["mta"], first["from"], first["rdns"], first["rdns_status"]),
                         ("accepted", "a@x.example", None, None))
        self.assertEqual(first["reply"], "550 5.7.1 HELO 192.0.2.2 is an IP address without brackets, replay0000000000")
        self.assertEqual((first["first"], first["last"]), ("2026-11-21T10:02:00Z", "2026-11-21T10:03:00Z"))
        self.assertEqual((second["client"], second["reply"]), ("198.51.100.2", None))

    def test_rules_and_networks_and_time(self):
        report = self.report(self.log())
        rules = {rule["rule"]: rule for rule in report["rules"]}
        self.assertEqual(rules["bare-ip"], {"rule": "bare-ip", "action": "reject", "mode": "enforce", "sessions": 3,
                                            "decided": 3, "clients": 2, "changed": 2})
        self.assertEqual(rules["trusted"]["decided"], 1)
        self.assertEqual(rules["noted"]["sessions"], 0)
        self.assertEqual(report["rules"][0]["rule"], "bare-ip", "most sessions first")
        self.assertEqual(report["networks"][0], {"network": "192.0.2.0/24", "sessions": 4, "refused": 2, "changed": 2})
        self.assertEqual(report["over_time"]["bucket_seconds"], 60)
        self.assertEqual(report["over_time"]["buckets"][1],
                         {"start": "2026-11-21T10:02:00Z", "accept": 0, "tempfail": 0, "reject": 1,
                          "by_rule": {"bare-ip": 1}})

    def test_the_log_itself(self):
        report = self.report("garbage\n" + str(self.log()))
        log = report["logs"][0]
        self.assertEqual((log["file"], log["skipped_lines"], log["first"], log["last"]),
                         ("log.0", 1, "2026-11-21T10:01:00Z", "2026-11-21T10:10:00Z"))
        self.assertEqual(log["bytes"], os.path.getsize(self.dir / "log.0"))
        self.assertFalse(report["exact"])
        self.assertRegex(report["generated"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual((report["policy"]["name"], report["policy"]["mode"]), ("sample", "enforce"))
        self.assertIsNone(report["against"])

    def test_what_cannot_be_told(self):
        text = " ".join(self.report(self.log())["cannot_tell"])
        self.assertIn("The HELO name of 2 sessions: Postfix logs it only where something is refused", text)
        self.assertIn("Why the reverse DNS of 7 judged sessions is not known", text)


class ReverseDns(Replay):
    def verdict(self, *lines, client, helo=GENERIC):
        log = PostfixLog()
        log.pid = 1
        for line in lines:
            log.line(line)
        log.pid = 0
        log.accepted(client, helo)
        report = self.report(log)
        verdicts = report["totals"]["verdicts"]
        return next(word for word, count in verdicts.items() if count), report["totals"]["undecided"]

    def test_what_is_not_known_refuses_nobody(self):
        self.assertEqual(self.verdict(client="unknown[192.0.2.1]"), ("accept", 1))

    def test_a_verified_name(self):
        self.assertEqual(self.verdict(client=f"{GENERIC}[192.0.2.1]"), ("accept", 0))

    def test_a_name_that_leads_elsewhere(self):
        warning = "warning: hostname a.example does not resolve to address 192.0.2.1"
        self.assertEqual(self.verdict(warning, client="unknown[192.0.2.1]"), ("reject", 0))
        self.assertEqual(self.verdict(warning + ": Temporary failure in name resolution", client="unknown[192.0.2.1]"),
                         ("tempfail", 0))

    def test_thresholds_have_rows(self):
        log = PostfixLog()
        log.pid = 1
        log.line("warning: hostname a.example does not resolve to address 192.0.2.1")
        log.pid = 0
        log.accepted("unknown[192.0.2.1]", "plain.example.com")
        report = self.report(log)
        self.assertEqual(report["rules"][0]["rule"], "unverified")
        self.assertEqual([rule for rule in report["rules"] if rule["rule"] == "score-tempfail"],
                         [{"rule": "score-tempfail", "action": "tempfail", "mode": "enforce", "sessions": 1,
                           "decided": 1, "clients": 1, "changed": 1}])
        client = report["clients"][0]
        self.assertEqual((client["rule"], client["score"], client["rdns"], client["rdns_status"]),
                         ("score-tempfail", 3.0, "a.example", "fail"))
        self.assertRegex(client["reply"], "^450 4")


class OwnLog(Replay):
    def test_it_is_exact(self):
        log = (own("s1", "192.0.2.1", "192.0.2.1", "reject") + own("s2", "192.0.2.2", "mail.example", "accept") +
               own("s3", "192.0.2.3", "192.0.2.3", "accept", stage="helo", **{"from": "-", "to": "-"}) +
               own("s4", "192.0.2.4", GENERIC, "reject", rdns="a.example", rdns_status="fail") +
               own("s5", "192.0.2.5", "x.example", "tempfail", rdns_status="temperror") +
               own("s6", "192.0.2.6", "192.0.2.6", "accept", exempt="authenticated") +
               own("s7", "192.0.2.7", "192.0.2.7", "accept", exempt="recipient", to="<Postmaster@y.example>"))
        self.write("exempt.toml", (self.dir / "sample.toml").read_text().replace(
            "[policy]\n", '[policy]\nexempt = { authenticated = true, recipients = ["postmaster"] }\n'))
        report = self.report(log, policy="exempt.toml")
        self.assertTrue(report["exact"])
        self.assertEqual(report["totals"]["verdicts"], {"accept": 4, "tempfail": 1, "reject": 2})
        self.assertEqual(report["totals"]["mta"],
                         {"accepted": 0, "refused": 2, "deferred": 1, "no_mail": 1, "unknown": 3})
        self.assertEqual(report["changes"], {"against": "heloguard", "total": 0, "kinds": []})

    def test_refusals_that_are_only_counted(self):
        log = own("s1", "192.0.2.1", "192.0.2.1", "reject") + (
            "2026-11-21T10:01:00.000+00:00 info repeated=40 within_s=60 client=192.0.2.1 verdict=reject rule=bare-ip "
            "mode=enforce\n")
        report = self.report(log)
        self.assertEqual((report["totals"]["sessions"], report["exact"]), (1, False))
        self.assertIn("40 more refusals of clients that were refused again and again", " ".join(report["cannot_tell"]))

    def test_another_policy_and_hostile_names(self):
        self.write("none.toml", 'schema = 1\n[policy]\nname = "none"\n')
        log = own("s1", "192.0.2.1", r"<script>\x01\xff\x5c", "reject")
        report = self.report(log, policy="none.toml")
        self.assertEqual(report["changes"]["kinds"], [{"from": "reject", "to": "accept", "sessions": 1, "clients": 1}])
        self.assertEqual(report["clients"][0]["helo"], r"<script>\x01\xff\x5c")

    def test_in_syslog_beside_postfix(self):
        log = PostfixLog()
        log.accepted("unknown[192.0.2.9]", "x.example")
        log.session("unknown[192.0.2.1]")
        log.lines.insert(-1, "Nov 21 10:02:00 mx heloguard[9]: " + own("s1", "192.0.2.1", "192.0.2.1", "reject")[35:])
        totals = self.report(log)["totals"]
        self.assertEqual(totals["sources"], {"Postfix": 1, "heloguard": 1})
        self.assertEqual(self.report(log, "--source", "mta")["totals"]["sources"], {"Postfix": 2})
        self.assertEqual(self.report(log, "--source", "heloguard")["totals"]["sources"], {"heloguard": 1})


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
        ran = self.replay(log, "--against", "old.toml")
        self.assertIn("what would change against the other policy\n", ran.out)

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
        for args in ((), ("x", "--format", "xml"), ("x", "--dns-rate", "0"), ("x", "--source", "maybe")):
            self.assertEqual(self.run_binary("replay", *args).status, USAGE)

    def test_output(self):
        ran = self.replay(self.sample(), "--output", "out.json", "--format", "json")
        self.assertEqual((ran.status, ran.out, ran.err), (OK, "", ""))
        self.assertEqual(json.loads((self.dir / "out.json").read_text())["totals"]["sessions"], 1)
        ran = self.replay(self.sample(), "--output", "no/such/folder")
        self.assertEqual((ran.status, ran.err), (
            UNAVAILABLE, "heloguard: no/such/folder: cannot write: No such file or directory\n"))
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, "replay", "log.0", "--policy", "sample.toml"], cwd=self.dir, stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, UNAVAILABLE)

    def test_the_page_holds_the_same_object(self):
        log = PostfixLog()
        log.accepted("unknown[192.0.2.1]", "</script><b>192.0.2.1")
        ran = self.replay(log, "--format", "html", "--output", "report.html")
        self.assertEqual((ran.status, ran.out, ran.err), (OK, "", ""))
        page = (self.dir / "report.html").read_text(encoding="utf-8")
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
                     "  accepted               1         0         1         2\n",
                     "  accept   -> reject           1 session of 1 client\n",
                     "      helo 192.0.2.2, reverse DNS - (not known), from a@x.example\n",
                     "what this cannot tell\n"):
            self.assertIn(part, ran.out)

    def test_progress_shows_on_a_terminal_only(self):
        log = PostfixLog()
        for _ in range(3000):
            log.accepted("unknown[192.0.2.2]", "192.0.2.2")
        self.write("big.log", str(log))
        primary, secondary = pty.openpty()
        with subprocess.Popen([BINARY, "replay", "big.log", "--policy", "sample.toml"], cwd=self.dir,
                              stdout=subprocess.DEVNULL, stderr=secondary) as process:
            os.close(secondary)
            shown = b""
            try:
                while chunk := os.read(primary, 65536):
                    shown += chunk
            except OSError:  # the other end is closed
                pass
            self.assertEqual(process.wait(timeout=60), OK)
        os.close(primary)
        self.assertIn(b" lines", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-40:])


class WithDns(Replay):
    def live(self, log, *args):
        server = NameServer({("7.2.0.192.in-addr.arpa", "PTR"): ["other.example.net"],
                             ("other.example.net", "A"): ["192.0.2.99"],
                             ("9.2.0.192.in-addr.arpa", "PTR"): SILENT})
        with server:
            self.write("heloguard.toml", f'[dns]\nresolvers = ["127.0.0.1@{server.port}"]\ndnssec = "off"\n'
                                         f'deadline = "1s"\n')
            report = self.report(log, "--dns", "--config", "heloguard.toml", *args)
        self.asked = [question for question in server.asked if question[0].endswith("in-addr.arpa")]
        return report

    def test_dns_as_it_is_now(self):
        log = PostfixLog()
        for _ in range(20):
            log.accepted("was.example.net[192.0.2.7]", GENERIC)       # the log believed it then
        log.accepted("unknown[192.0.2.8]", GENERIC)                   # no PTR record
        log.accepted("unknown[192.0.2.9]", GENERIC)                   # no answer
        report = self.live(log)
        self.assertEqual(report["totals"]["verdicts"], {"accept": 0, "tempfail": 1, "reject": 21})
        clients = {client["client"]: client for client in report["clients"]}
        was_good = clients["192.0.2.7"]
        self.assertEqual((was_good["rdns"], was_good["rdns_status"]), ("other.example.net", "fail"))
        self.assertRegex(was_good["reply"], "^550[ -]5")
        self.assertEqual(clients["192.0.2.8"]["rdns_status"], "permerror")
        self.assertEqual(clients["192.0.2.9"]["rdns_status"], "temperror")
        self.assertEqual(self.asked.count(("7.2.0.192.in-addr.arpa", "PTR")), 1, "each client is looked up once")
        self.assertIn("What DNS said then: everything was looked up as it is now.", report["cannot_tell"])

    def test_the_rate_holds(self):
        log = PostfixLog()
        for number in range(1, 13):
            log.accepted(f"unknown[198.51.100.{number}]", "192.0.2.1")
        start = time.monotonic()
        self.live(log, "--dns-rate", "10")
        self.assertGreater(time.monotonic() - start, 0.9)  # eleven clients begin behind the first


class Sendmail(Replay):
    def test_its_sessions(self):
        frame = "2026-11-21T10:00:00.123456+00:00 mx sm-mta"
        message = "from=<a@x.example>, size=9, class=0, nrcpts={}, proto=ESMTP, daemon=MTA, relay=[192.0.2.{}]\n"
        log = (f"{frame}[1]: 6A: Milter: helo=192.0.2.1, reject=550 5.7.1 no\n"
               f"{frame}[1]: 6A: {message.format(0, 1)}{frame}[2]: 6B: {message.format(1, 2)}")
        report = self.report(log)
        self.assertEqual(report["totals"]["sources"], {"Sendmail": 2})
        self.assertEqual(report["totals"]["cross"]["refused"]["reject"], 1)
        self.assertIn("Sendmail logs it only where a milter refuses it", " ".join(report["cannot_tell"]))


if __name__ == "__main__":
    unittest.main()
