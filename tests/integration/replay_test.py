"""Replay against what really happened: a private Postfix or Sendmail and heloguard write their logs, and `heloguard
replay` reads them. Its numbers are the daemon's.

Needs root, Postfix, what script/fetch-sendmail unpacks, nsd. Clients of Postfix get their addresses by XCLIENT.
"""

import collections
import json
import os
import re
import subprocess
import unittest

from harness.case import MtaCase, Surroundings, policy
from harness.heloguard import binary
from harness.postfix import HOST_NAME, Postfix
from harness.scenarios import BOB, CLEAN, GOOD, POSTMASTER
from harness.sendmail import Sendmail
from harness.workplace import free_port

setUpModule, tearDownModule = Surroundings.open, Surroundings.close

# HELO, number of the client, reply to RCPT. What the string rules decide, and what reverse DNS decides.
SESSIONS = [(CLEAN, 10, 250), ("any.client.example", 11, 250), ("203.0.113.5", 10, 550), ("203.0.113.5", 11, 550),
            ("localhost", 10, 550), ("dsl-192-0-2-40.pool.isp-access.net", 10, 550), ("later.client.example", 10, 450),
            ("ours.example", 10, 554), (HOST_NAME, 10, 554), ("[203.0.113.5]", 10, 250),
            ("any.client.example", 12, 451),
            ("any.client.example", 14, 550), ("any.client.example", 16, 250), ("evil\x01 words", 10, 250)]
VERDICTS = {250: "accept", 550: "reject", 554: "reject", 450: "tempfail", 451: "tempfail"}
# Postfix 3.0 and later: a line about every HELO, whatever becomes of it.
LOG_HELO = "smtpd_helo_restrictions = check_helo_access static:INFO\n"


class ReplayCase(MtaCase):
    """Runs the sessions once a class, ends both servers, and keeps their logs."""

    main = ""

    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("mta.toml"))
        cls.mta = cls.started(Postfix(Surroundings.directory,
                                      f"smtpd_milters = {cls.heloguard.postfix_socket}\n" + cls.main))
        cls.run_sessions()
        # Both write their last lines when a session ends; a session after the others shows that those are there.
        with cls.mta.connect(f"192.0.2.{GOOD}") as last:
            last.ehlo("last.client.example")
            last.quit()
        cls.heloguard.judgement(helo="last.client.example")
        cls.mta.log_line(r"disconnect from \S+ ehlo=2 xclient=0/1 quit=1")
        cls.heloguard.stop()
        cls.config = os.path.join(Surroundings.directory, f"replay-{free_port()}.toml")
        with open(cls.config, "w", encoding="utf-8") as out:
            # {j}, which a mail server tells the milter, stands in no log.
            out.write(f'[service]\nown_names = ["ours.example", "{HOST_NAME}"]\n')

    @classmethod
    def run_sessions(cls):
        for number, (helo, client, code) in enumerate(SESSIONS):
            with cls.mta.connect(f"192.0.2.{client}") as smtp:
                replies = [smtp.ehlo(helo), smtp.mail(f"number-{number}@client.example"), smtp.rcpt(BOB)]
                if [reply.code for reply in replies] != [250, 250, code]:
                    raise AssertionError((helo, client, replies))
                if code != 250:
                    assert smtp.rcpt(POSTMASTER).code == 250
                smtp.message()
                smtp.quit()

    def replay(self, log, *args):
        done = subprocess.run([binary(), "replay", log.path, "--config", self.config, "--policy", policy("mta.toml"),
                               "--format", "json", *args], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return json.loads(done.stdout)

    def daemon(self):
        """What the daemon decided: session and HELO to verdict, the most refusing of its lines."""
        order = ["accept", "tempfail", "reject"]
        verdicts = {}
        for line in self.heloguard.judgements():
            key = line["session"], line["helo"]
            verdicts[key] = max(verdicts.get(key, "accept"), line["verdict"], key=order.index)
        return verdicts

    def rules(self):
        return collections.Counter(line["rule"] for line in self.heloguard.judgements()
                                   if line["verdict"] != "accept" and "exempt" not in line)

    @staticmethod
    def decided(report):
        return {rule["rule"]: rule["decided"] for rule in report["rules"] if rule["decided"]}


class OwnLog(ReplayCase):
    def test_every_verdict_is_the_daemon_s(self):
        report = self.replay(self.heloguard.log)
        daemon = self.daemon()
        self.assertTrue(report["exact"])
        self.assertEqual(report["totals"]["sessions"], len(daemon))
        self.assertEqual(report["totals"]["judged"], len(daemon))
        counted = collections.Counter(daemon.values())
        self.assertEqual(report["totals"]["verdicts"],
                         {word: counted[word] for word in ("accept", "tempfail", "reject")})
        self.assertEqual(report["changes"], {"against": "heloguard", "total": 0, "uncertain": 0, "kinds": []})
        self.assertEqual(self.decided(report), self.rules())
        self.assertEqual(report["totals"]["mta"]["refused"], counted["reject"])
        self.assertEqual(report["totals"]["mta"]["deferred"], counted["tempfail"])


class DefaultPostfixLog(ReplayCase):
    """As Postfix is installed: the HELO stands in the lines of refusals alone, and all a milter refused is in them."""

    def test_every_refusal_is_the_daemon_s(self):
        report = self.replay(self.mta.log)
        wanted = collections.Counter(VERDICTS[code] for *_, code in SESSIONS)
        totals = report["totals"]
        self.assertFalse(report["exact"])
        self.assertEqual(totals["sources"], {"Postfix": len(SESSIONS) + 1})
        self.assertEqual(totals["mta"]["refused"], wanted["reject"])
        self.assertEqual(totals["mta"]["deferred"], wanted["tempfail"])
        # The accepted ones, and the one without mail, name no HELO; everything else was judged.
        self.assertEqual((totals["judged"], totals["without_helo"]),
                         (wanted["reject"] + wanted["tempfail"], wanted["accept"] + 1))
        # What hangs on the HELO text alone is judged as it was; Postfix had no reverse DNS here, so that what hangs on
        # it is unknown, and what is unknown refuses nobody.
        by_text = collections.Counter({rule: count for rule, count in self.rules().items()
                                       if rule not in ("bogus-rdns", "no-rdns")})
        self.assertEqual(self.decided(report), by_text)
        self.assertEqual(totals["cross"]["refused"], {"accept": 1, "tempfail": 0, "reject": wanted["reject"] - 1})
        self.assertEqual(totals["cross"]["deferred"], {"accept": 1, "tempfail": 1, "reject": 0})
        self.assertEqual((totals["undecided"], report["changes"]["total"]), (2, 0))


class PostfixLogsEveryHelo(ReplayCase):
    """With one setting of Postfix's the log names every HELO, and every session is judged."""

    main = LOG_HELO

    def test_every_session_is_judged(self):
        report = self.replay(self.mta.log)
        wanted = collections.Counter(VERDICTS[code] for *_, code in SESSIONS)
        totals = report["totals"]
        self.assertEqual(totals["mta"], {"accepted": wanted["accept"], "refused": wanted["reject"],
                                         "deferred": wanted["tempfail"], "no_mail": 1, "unknown": 0})
        self.assertEqual((totals["judged"], totals["without_helo"]), (len(SESSIONS), 1), "only the one without mail")
        self.assertEqual(totals["cross"]["accepted"], {"accept": wanted["accept"], "tempfail": 0, "reject": 0})

    def test_the_docs_say_so(self):
        docs = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "replay.md")
        with open(docs, encoding="utf-8") as text:
            self.assertIn(LOG_HELO.strip(), text.read())


class SendmailLog(MtaCase):
    """Sendmail names no HELO, but what it did is told as it was."""

    # Postfix is asked for more; Sendmail refuses odd names by itself.
    sessions = [session for session in SESSIONS if session[0].isprintable()]

    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("mta.toml"))
        cls.mta = cls.started(Sendmail(Surroundings.directory, "INPUT_MAIL_FILTER(`heloguard', "
                                       f"`S={cls.heloguard.sendmail_socket}, F=, T=C:10s;S:10s;R:10s;E:1m')dnl"))
        for number, (helo, client, code) in enumerate(cls.sessions):
            sender = f"number-{number}@client.example"
            with cls.mta.connect(f"127.0.2.{client}") as smtp:
                replies = [smtp.ehlo(helo), smtp.mail(sender), smtp.rcpt(BOB)]
                if [reply.code for reply in replies] != [250, 250, code]:
                    raise AssertionError((helo, client, replies))
                smtp.message()
                smtp.quit()
            cls.mta.log_line(f"from=<{sender}>.*relay=")

    def test_what_the_mail_server_did(self):
        # The log is Sendmail's debugging output, without syslog's frame; a queue id ends with the process.
        lines = re.findall(r"^([0-9A-Za-z]{8}(\d{6}): .*)$", self.mta.log.text(), re.MULTILINE)
        path = os.path.join(Surroundings.directory, f"sendmail-{free_port()}.log")
        with open(path, "w", encoding="utf-8") as log:
            log.writelines(f"2026-11-21T10:00:00.000000+00:00 mx sm-mta[{int(pid)}]: {text}\n" for text, pid in lines)
        nothing = os.path.join(Surroundings.directory, f"nothing-{free_port()}.toml")
        with open(nothing, "w", encoding="utf-8") as out:
            out.write('schema = 1\n[policy]\nname = "nothing"\n')  # settled without any HELO
        done = subprocess.run([binary(), "replay", path, "--policy", nothing, "--format", "json"], capture_output=True,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        report = json.loads(done.stdout)
        wanted = collections.Counter(VERDICTS[code] for *_, code in self.sessions)
        self.assertEqual(report["totals"]["sources"], {"Sendmail": len(self.sessions)})
        self.assertEqual(report["totals"]["mta"], {"accepted": wanted["accept"], "refused": wanted["reject"],
                                                   "deferred": wanted["tempfail"], "no_mail": 0, "unknown": 0})
        # All refusals were a milter's.
        self.assertEqual(report["changes"]["total"], wanted["reject"] + wanted["tempfail"])


if __name__ == "__main__":
    unittest.main()
