"""heloguard check with real lookups, at a name server of our own on loopback."""
import time
import unittest

from harness import DATA, OK, TEMPFAIL, CliTest
from nameserver import SILENT, NameServer

DEADLINE = 1.0
ZONE = {
    ("7.2.0.192.in-addr.arpa", "PTR"): ["mail.example.net"],
    ("mail.example.net", "A"): ["192.0.2.7"],
    ("mail.example.net", "MX"): ["10 mail.example.net"],
    ("8.2.0.192.in-addr.arpa", "PTR"): ["mail.example.net", "other.example.net"],
    ("other.example.net", "A"): ["192.0.2.99"],
    **{(f"{i}.100.51.198.in-addr.arpa", "PTR"): SILENT for i in range(256)},
}


class Live(CliTest):
    def setUp(self):
        super().setUp()
        self.server = NameServer(ZONE)
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)
        self.write("heloguard.toml", f'[dns]\nresolvers = ["127.0.0.1@{self.server.port}"]\ndnssec = "off"\n'
                                     f'deadline = "{int(DEADLINE * 1000)}ms"\n')

    def live(self, *args, stdin=b""):
        return self.run_binary("check", "--config", "heloguard.toml", "--policy", "sample.toml", *args, stdin=stdin)

    def test_json_shows_the_evidence(self):
        ran = self.live("--client", "192.0.2.7", "--helo", "Mail.Example.Net.", "--format", "json")
        self.assertEqual((ran.status, ran.err), (OK, ""))
        facts = ran.json["facts"]
        self.assertEqual([facts[f] for f in ("rdns.status", "rdns.name", "rdns.ptr", "helo.rdns", "helo.address", "helo.mx")],
                         ["pass", ["mail.example.net"], ["mail.example.net"], "same", "match", "present"])
        self.assertEqual(ran.json["unknown"], ["client.port"])
        dns = ran.json["dns"]
        lookups = {(l["name"], l["type"]): l for l in dns["lookups"]}
        self.assertEqual(dns["queries"], len(dns["lookups"]))
        ptr = lookups["7.2.0.192.in-addr.arpa.", "PTR"]
        self.assertEqual(list(ptr), ["name", "type", "status", "dnssec", "data", "ttl", "ms"])
        self.assertEqual([ptr["status"], ptr["dnssec"], ptr["data"], ptr["ttl"]],
                         ["answer", "indeterminate", ["mail.example.net."], 300])
        self.assertEqual(lookups["mail.example.net.", "A"]["data"], ["192.0.2.7"])
        self.assertEqual(lookups["mail.example.net.", "MX"]["data"], ["10 mail.example.net."])
        self.assertGreater(dns["elapsed_ms"], 0)

    def test_text_shows_the_evidence(self):
        out = self.live("--client", "192.0.2.8", "--helo", "mail.example.net").out
        self.assertRegex(out, r"\ndns \(\d lookups, [\d.]+ ms\)\n")
        self.assertRegex(out, r"PTR +8\.2\.0\.192\.in-addr\.arpa\.  answer  indeterminate  ttl 300  [\d.]+ ms\n"
                              r" +mail\.example\.net\.\n +other\.example\.net\.\n")
        self.assertRegex(out, r"rdns\.status +fail\n")

    def test_silence_is_temperror_at_the_deadline(self):
        ran = self.live("--client", "198.51.100.1", "--helo", "mail.example.net", "--format", "json")
        self.assertEqual((ran.status, ran.json["facts"]["rdns.status"]), (TEMPFAIL, "temperror"))
        self.assertEqual(ran.json["dns"]["lookups"][0]["status"], "timeout")

    def test_facts_by_hand_are_not_looked_up(self):
        got = self.live("--client", "198.51.100.1", "--helo", "mail.example.net", "--rdns", "none", "--format", "json").json
        self.assertEqual(got["facts"]["rdns.status"], "permerror")
        self.assertNotIn(("1.100.51.198.in-addr.arpa", "PTR"), self.server.asked)
        self.assertIn(("mail.example.net", "MX"), self.server.asked)

    def test_offline_asks_nothing(self):
        self.live("--client", "192.0.2.7", "--helo", "mail.example.net", "--offline")
        self.assertEqual(self.server.asked, [])

    def test_lines_of_a_batch_wait_together(self):
        table = "".join(f"198.51.100.{i}\tmail.example.net\n" for i in range(50)) + "x\ty\n192.0.2.7\tmail.example.net\n"
        start = time.monotonic()
        ran = self.live("--batch", "-", stdin=table.encode())
        took = time.monotonic() - start
        self.assertEqual((ran.status, len(ran.lines)), (DATA, 51))
        self.assertEqual([got["verdict"] for got in ran.lines], ["tempfail"] * 50 + ["accept"])
        self.assertEqual([got["client"] for got in ran.lines][:50], [f"198.51.100.{i}" for i in range(50)])
        self.assertLess(took, 50 * DEADLINE / 2)


if __name__ == "__main__":
    unittest.main()
