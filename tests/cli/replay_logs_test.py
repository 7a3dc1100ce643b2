"""heloguard replay: what it makes of the logs of mail servers and of heloguard, one beside the other."""
import bz2
import datetime
import gzip
import lzma
import os
import unittest

from harness import DATA, OK
from mail_logs import PostfixLog, Replay, own

BARE = "192.0.2.1"  # an address where a name should be: the policy refuses it


class Heloguards(Replay):
    def test_what_was_only_observed_would_change(self):
        log = own("s1", BARE, BARE, "reject", mode="observe") + own("s2", "192.0.2.2", "mail.example", "accept", mode="observe")
        report = self.report(log)
        self.assertEqual(report["changes"]["kinds"], [{"from": "accept", "to": "reject", "sessions": 1, "clients": 1}])
        self.assertEqual((report["totals"]["mta"]["unknown"], report["totals"]["mta"]["refused"]), (2, 0))

    def test_a_syslog_file_of_its_own(self):
        mta = PostfixLog()
        mta.accepted("unknown[198.51.100.1]", "mail.example")
        mta.refused(f"unknown[{BARE}]", BARE)
        line = own("s1", BARE, BARE, "reject").split(" info ")[1]
        report = self.report([mta, f"Nov 21 10:02:00 mx heloguard[9]: {line}"])
        self.assertEqual(report["totals"]["sources"], {"Postfix": 1, "heloguard": 1})
        self.assertEqual(report["totals"]["left_out"], 1)
        self.assertEqual([log["lines"] for log in report["logs"]], [len(mta.lines), 1])

    def test_the_mail_server_s_come_back_where_heloguard_s_end(self):
        mta = PostfixLog()
        mta.refused(f"unknown[{BARE}]", BARE)                       # 10:01
        mta.lines += [line.replace("Nov 21 10:", "Nov 22 10:") for line in mta.lines]
        report = self.report([mta, own("s1", BARE, BARE, "reject")])  # 10:00
        self.assertEqual(report["totals"]["sources"], {"Postfix": 1, "heloguard": 1})


class Refusals(Replay):
    def outcomes(self, log):
        return {word: count for word, count in self.report(log)["totals"]["mta"].items() if count}

    def test_at_the_end_of_the_message(self):
        log = PostfixLog()
        for text in (f"milter-reject: END-OF-MESSAGE from unknown[{BARE}]: 5.7.1 Spam; from=<a@x> to=<b@y> proto=ESMTP helo=<{BARE}>",
                     f"reject: header Subject: x from unknown[{BARE}]; from=<a@x> to=<b@y> proto=ESMTP helo=<{BARE}>: 5.7.1 no"):
            log.session(f"unknown[{BARE}]", "4F1: client={c}", counts="ehlo=1 mail=1 rcpt=1 data=0/1 quit=1 commands=4/5")
            log.lines.insert(-1, f"Nov 21 10:{log.minute:02}:00 mx postfix/cleanup[99]: 4F1: {text}\n")
        report = self.report(log)
        self.assertEqual((report["totals"]["mta"]["refused"], report["totals"]["judged"]), (2, 2))

    def test_what_became_of_the_message_is_not_always_told(self):
        log = PostfixLog()
        log.session(f"unknown[{BARE}]", "4F1: client={c}", counts="ehlo=1 mail=1 rcpt=1 bdat=1/2 quit=1 commands=4/5")
        self.assertEqual(self.outcomes(log), {"unknown": 1})

    def test_postscreen_s_deep_tests(self):
        log = PostfixLog()
        for line in (f"CONNECT from [{BARE}]:4000 to [198.51.100.1]:25",
                     f"NOQUEUE: reject: RCPT from [{BARE}]:4000: 450 4.3.2 Service currently unavailable; from=<a@x>, "
                     f"to=<b@y>, proto=ESMTP, helo=<{BARE}>", f"PASS NEW [{BARE}]:4000", f"DISCONNECT [{BARE}]:4000"):
            log.line(line, "postfix/postscreen")
        report = self.report(log)
        self.assertEqual((report["totals"]["sources"], report["totals"]["verdicts"]["reject"]), ({"postscreen": 1}, 1))
        self.assertEqual(self.outcomes(log), {"deferred": 1})

    def test_sendmail_at_connect(self):
        self.assertEqual(self.outcomes(
            f"Nov 21 10:00:00 mx sm-mta[1]: 6A: Milter: connect: host=a.example, addr={BARE}, rejecting commands\n"
            f"Nov 21 10:00:00 mx sm-mta[1]: 6A: a.example [{BARE}] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA\n"),
            {"refused": 1})


class Clients(Replay):
    def test_none_makes_itself_authenticated(self):
        self.write("exempt.toml", 'schema = 1\n[policy]\nname = "p"\nexempt = { authenticated = true }\n[[rule]]\nname = "no-name"\n'
                   'when.helo.kind = ["bare-ipv4", "malformed"]\naction = "reject"\nreply = "550 5.7.1 no"\n')

        def verdicts(helo, counts):
            log = PostfixLog()
            log.session(f"unknown[{BARE}]", "NOQUEUE: info: RCPT from {c}: <x>: Helo command; from=<a@x> to=<b@y> "
                        f"proto=ESMTP helo=<{helo}>", counts=counts)
            totals = self.report(log, policy="exempt.toml")["totals"]["verdicts"]
            return [word for word, count in totals.items() if count]

        self.assertEqual(verdicts(f"{BARE}> sasl_username=<a", "ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5"), ["reject"])
        self.assertEqual(verdicts(f"{BARE}> sasl_username=<a", "ehlo=1 auth=1 mail=1 rcpt=1 data=1 commands=5"), ["accept"])
        self.assertEqual(verdicts(BARE, "ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5"), ["reject"])

    def test_those_in_no_number_are_said(self):
        log = PostfixLog()
        log.accepted(f"unknown[{BARE}]", BARE)
        log.accepted("unknown[unknown]", BARE)
        log.session("localhost[127.0.0.1]", "4F2: client={c}, orig_queue_id=4F1, orig_client=a.example[192.0.2.7]")
        report = self.report(log)
        self.assertEqual(report["totals"]["sessions"], 1)
        text = " ".join(report["cannot_tell"])
        self.assertIn("1 session whose client has no address in the log", text)
        self.assertIn("1 session in which a content filter gave mail back to Postfix", text)

    def test_services_of_any_name(self):
        log = PostfixLog()
        log.accepted(f"unknown[{BARE}]", BARE)
        self.assertEqual(self.report(str(log).replace("postfix/smtpd", "mx-in/smtpd"))["totals"]["verdicts"]["reject"], 1)


class Files(Replay):
    def sample(self):
        log = PostfixLog()
        log.accepted(f"unknown[{BARE}]", BARE)
        return str(log)

    def test_one_under_two_names(self):
        self.write("mail.log", self.sample())
        os.symlink("mail.log", self.dir / "link.log")
        ran = self.run_binary("replay", "mail.log", "link.log", "mail.log", "--policy", "sample.toml", "--format", "json")
        self.assertEqual((ran.status, ran.json["totals"]["sessions"], len(ran.json["logs"])), (OK, 1, 1))
        self.assertEqual(ran.err, "heloguard: link.log: warning: is the same file as mail.log: it is read once\n"
                                  "heloguard: mail.log: warning: is the same file as mail.log: it is read once\n")

    def test_others_packers(self):
        for octets, name in ((lzma.compress(self.sample().encode()), "xz"), (bz2.compress(self.sample().encode()), "bzip2")):
            ran = self.replay(octets)
            self.assertEqual(ran.status, DATA)
            self.assertIn(f"heloguard: log.0: is packed with {name}, which is not read here: decompress it first\n", ran.err)

    def test_an_empty_one_is_no_error(self):
        self.assertEqual([log["lines"] for log in self.report(["", self.sample(), gzip.compress(b"")])["logs"]], [4, 0, 0])

    def test_no_line_is_from_the_future(self):
        """Whatever the order in which old files come."""
        now = datetime.datetime.now(datetime.timezone.utc)
        stamps = [now - datetime.timedelta(days=days) for days in (1, 200, 30, 340, 100, 5)]
        text = "".join(f"{stamp:%b} {stamp.day:2} {stamp:%H:%M:%S} mx postfix/smtpd[{number}]: {what}\n"
                       for number, stamp in enumerate(stamps)
                       for what in (f"connect from unknown[{BARE}]", f"disconnect from unknown[{BARE}]"))
        ran = self.run_binary("replay", "-", "--policy", "sample.toml", "--format", "json", stdin=text.encode(),
                              env={"TZ": "UTC"})
        log = ran.json["logs"][0]
        self.assertEqual((log["first"][:10], log["last"][:10]), (f"{stamps[3]:%Y-%m-%d}", f"{stamps[0]:%Y-%m-%d}"))

    def test_forms_of_lines(self):
        sample = self.sample()
        repeated = sample.replace("]: NOQUEUE: info", "]: message repeated 2 times: [ NOQUEUE: info").replace(
            f"helo=<{BARE}>", f"helo=<{BARE}>]")
        bare = "".join("1 " + line.replace("[1]: ", " 1 - - ") for line in sample.replace("Nov 21 10:01:00", "2026-11-21T10:01:00Z")
                       .splitlines(keepends=True))
        for text in (sample.replace("10:01:00", "10:01:00.123456"), repeated, bare):
            self.assertEqual(self.report(text)["totals"]["verdicts"]["reject"], 1, text)


if __name__ == "__main__":
    unittest.main()
