"""heloguard replay: mail logs judged after the fact, and what is counted."""
import os
import time
import unittest

from mail_logs import PostfixLog, Replay, own
from nameserver import SILENT, NameServer

GENERIC = "dyn-1.pool.example.com"


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
        self.assertEqual(totals["mta"], {"accepted": 5, "refused": 3, "deferred": 1, "no_mail": 1, "unknown": 0})
        self.assertEqual(totals["cross"]["accepted"], {"accept": 2, "tempfail": 0, "reject": 2})
        self.assertEqual(totals["cross"]["refused"], {"accept": 2, "tempfail": 0, "reject": 1})
        self.assertEqual(totals["sources"], {"Postfix": 10})

    def test_changes_are_what_a_policy_can_change(self):
        report = self.report(self.log())
        self.assertEqual(report["changes"], {"against": "mta", "total": 3, "uncertain": 0, "kinds": [
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
        self.assertEqual(report["networks"][0], {"network": "192.0.2.0/24", "sessions": 4, "judged": 3, "refused": 2,
                                                 "changed": 2})
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
        self.assertEqual({key: report["policy"][key] for key in ("name", "mode", "percent", "judged_as")},
                         {"name": "sample", "mode": "enforce", "percent": None, "judged_as": "enforce"})
        self.assertIsNone(report["against"])

    def test_what_cannot_be_told(self):
        text = " ".join(self.report(self.log())["cannot_tell"])
        self.assertIn("The HELO name of 2 sessions: Postfix logs it only where something is refused", text)
        self.assertIn("Why the reverse DNS of 7 judged sessions is not known", text)
        self.assertIn("Who all recipients were: a session with none but exempt ones would pass", text)
        self.write("none.toml", (self.dir / "sample.toml").read_text().replace(
            "[policy]\n", "[policy]\nexempt = { recipients = [] }\n"))
        self.assertNotIn("recipients", " ".join(self.report(self.log(), policy="none.toml")["cannot_tell"]))

    def test_accepted_sessions_that_were_not_judged(self):
        log = PostfixLog()
        log.accepted("mail.example.com[192.0.2.1]", "mail.example.com")
        for number in range(2, 202):
            log.accepted(f"unknown[192.0.2.{number}]")
        totals = self.report(log)["totals"]
        self.assertEqual((totals["judged"], totals["mta"]["accepted"]), (1, 201))
        self.assertIn("  accepted               1         0         0         200       201\n", self.replay(log).out)
        page = self.page(log)
        self.assertIn("of 1 judged session that the mail server accepted would have been refused; 200 more accepted "
                      "sessions could not be judged.", page)
        self.assertIn('class="hero mind"', page)

    def test_whether_a_client_had_authenticated(self):
        log = PostfixLog()
        log.accepted("unknown[192.0.2.1]", "192.0.2.1")
        log.accepted("unknown[192.0.2.2]", "192.0.2.2")
        # The log ends before the lines that tell of the second one.
        report = self.report("".join(log.lines[:-2]))
        self.assertEqual(report["totals"]["verdicts"], {"accept": 1, "tempfail": 0, "reject": 1})
        self.assertEqual(report["totals"]["undecided"], 1)
        self.assertEqual([client["client"] for client in report["clients"]], ["192.0.2.1"])
        self.assertIn("Whether the client had authenticated in 1 session that the policy refuses unless it had: counted "
                      "as accepted.", report["cannot_tell"])
        self.write("all.toml", (self.dir / "sample.toml").read_text().replace(
            "[policy]\n", "[policy]\nexempt = { authenticated = false }\n"))
        self.assertEqual(self.report("".join(log.lines[:-2]), policy="all.toml")["totals"]["verdicts"]["reject"], 2)

    def test_one_wrong_clock_leaves_the_chart(self):
        lines = [own(f"s{minute}", "192.0.2.1", "192.0.2.1", "reject").replace("T10:00", f"T10:{minute:02}")
                 for minute in range(60)]
        lines.append(own("s60", "192.0.2.1", "192.0.2.1", "reject").replace("2026-11-21", "1970-01-01"))
        report = self.report("".join(lines))
        self.assertEqual(report["over_time"]["bucket_seconds"], 60)
        self.assertEqual(len(report["over_time"]["buckets"]), 60)
        self.assertEqual(report["totals"]["verdicts"]["reject"], 61)
        self.assertIn("When 1 session took place: the log's time is more than two years from all others, as of a clock "
                      "that was wrong, and left out of the chart.", report["cannot_tell"])

    def test_what_is_left_out_is_counted(self):
        log = PostfixLog()
        for number in range(5003):
            log.accepted(f"unknown[11.{number // 250}.{number % 250}.1]", "192.0.2.1")
        log.accepted("unknown[198.51.100.1]", "[198.51.100.1]")
        ran = self.replay(log)
        report = self.report(log)
        self.assertEqual(report["changes"]["total"], 5003)
        rows = len(report["clients"])
        self.assertEqual(sum(row["sessions"] for row in report["clients"]) + report["clients_more_sessions"], 5003)
        self.assertIn(f"  and {rows - 20:,} more (--format json or html shows them)\n", ran.out)
        self.assertEqual(sum(network["sessions"] for network in report["networks"]) + report["networks_more_sessions"],
                         5004)


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
        self.assertEqual(report["changes"], {"against": "heloguard", "total": 0, "uncertain": 0, "kinds": []})

    def test_refusals_that_are_only_counted(self):
        log = own("s1", "192.0.2.1", "192.0.2.1", "reject") + (
            "2026-11-21T10:01:00.000+00:00 info repeated=40 within_s=60 client=192.0.2.1 verdict=reject rule=bare-ip "
            "mode=enforce\n")
        report = self.report(log)
        self.assertEqual((report["totals"]["sessions"], report["exact"]), (1, False))
        self.assertIn("1 more session of clients", " ".join(self.report(log.replace("=40", "=1"))["cannot_tell"]))
        self.assertIn("40 more sessions of clients that came again and again", " ".join(report["cannot_tell"]))

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
        report = self.report(log)
        totals = report["totals"]
        self.assertEqual(totals["sources"], {"Postfix": 1, "heloguard": 1})
        self.assertEqual((totals["left_out"], report["exact"]), (1, False))
        self.assertIn("say about 1 session: heloguard's lines", " ".join(report["cannot_tell"]))
        self.assertEqual(self.report(log, "--source", "mta")["totals"]["sources"], {"Postfix": 2})
        self.assertEqual(self.report(log, "--source", "heloguard")["totals"]["sources"], {"heloguard": 1})


    def test_exact_is_what_heloguard_tells_in_full(self):
        log = PostfixLog()
        for number in range(1, 4):
            log.session(f"unknown[192.0.2.{number}]")
            log.lines.insert(-1, f"Nov 21 10:0{number}:00 mx heloguard[9]: " +
                             own(f"s{number}", f"192.0.2.{number}", "192.0.2.1", "reject")[35:])
        report = self.report(log)
        self.assertEqual((report["totals"]["left_out"], report["exact"]), (3, True))
        log.session("unknown[192.0.2.4]")
        log.session("unknown[192.0.2.5]")
        report = self.report(log)
        self.assertEqual((report["totals"]["sources"], report["exact"]), ({"heloguard": 3}, False))
        self.assertIn("At least 2 sessions of the mail server's that heloguard has no line of: they are in no number "
                      "here.", report["cannot_tell"])


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
