"""heloguard check with real lookups, at name servers of our own on loopback."""
import os
import re
import sys
import time
import unittest

from harness import DATA, OK, SOURCE, TEMPFAIL, CliTest
from nameserver import SILENT, NameServer

sys.path.insert(0, str(SOURCE / "tests" / "dnsworld"))
from world import DnsWorld  # noqa: E402  (found by the line above)

DEADLINE = 1.0
ZONE = {
    ("7.2.0.192.in-addr.arpa", "PTR"): ["mail.example.net"],
    ("mail.example.net", "A"): ["192.0.2.7"],
    ("mail.example.net", "MX"): ["10 mail.example.net"],
    ("mail.example.net", "TXT"): ["v=spf1 mx -all"],
    ("8.2.0.192.in-addr.arpa", "PTR"): ["mail.example.net", "other.example.net"],
    ("other.example.net", "A"): ["192.0.2.99"],
    ("9.2.0.192.in-addr.arpa", "PTR"): [f"m{i:02}.example.net" for i in range(40)],
    ("many.example.net", "A"): [f"198.51.100.{i}" for i in range(30)] + ["192.0.2.7"],
    **{(f"{i}.100.51.198.in-addr.arpa", "PTR"): SILENT for i in range(256)},
}


def sections(out):
    """The dns section and what follows up to the score, without its heading; times masked."""
    body = out[out.index("\ndns ("):out.index("\nscore ")].lstrip("\n").split("\n", 1)[1]
    return re.sub(r"[\d.]+ ms$", "TIME", body, flags=re.MULTILINE)


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
        self.assertEqual(lookups["mail.example.net.", "TXT"]["data"], ['"v=spf1 mx -all"'])
        self.assertEqual((facts["spf.helo"], ran.json["spf"]),
                         ("pass", {"record": "v=spf1 mx -all", "why": "mail.example.net: mx"}))
        self.assertGreater(dns["elapsed_ms"], 0)

    def test_text_shows_the_chain(self):
        out = self.live("--client", "192.0.2.8", "--helo", "mail.example.net").out
        self.assertRegex(out, r"\ndns \(\d lookups, [\d.]+ ms\)\n")
        self.assertRegex(out, r"rdns\.status +fail\n")
        self.assertRegex(out, r'spf\.helo +fail\n +"v=spf1 mx -all"\n +mail\.example\.net: -all\n')
        self.assertEqual(sections(out), """\
  PTR   8.2.0.192.in-addr.arpa.  answer  indeterminate  ttl 300  TIME
        mail.example.net.  leads elsewhere
          A     mail.example.net.  answer  indeterminate  ttl 300  TIME
                192.0.2.7
        other.example.net.  leads elsewhere
          A     other.example.net.  answer  indeterminate  ttl 300  TIME
                192.0.2.99
  HELO  mail.example.net.  leads elsewhere
          A     as above
          AAAA  mail.example.net.  nodata  indeterminate  ttl 60  TIME
          MX    mail.example.net.  answer  indeterminate  ttl 300  TIME
                10 mail.example.net.
          TXT   mail.example.net.  answer  indeterminate  ttl 300  TIME
                "v=spf1 mx -all"

what to put right
  ! None of the 2 PTR names of 192.0.2.8 has this address: whoever runs example.net has to publish \
"mail.example.net. A 192.0.2.8", or whoever runs the address block has to make the PTR record name the host that has \
192.0.2.8.
""")

    def test_nothing_is_to_be_put_right_where_all_is_right(self):
        out = self.live("--client", "192.0.2.7", "--helo", "mail.example.net").out
        self.assertIn("  leads to the client\n", out)
        self.assertIn(" 192.0.2.7  <- the client\n", out)
        self.assertNotIn("what to put right", out)

    def test_long_lists_are_cut(self):
        out = self.live("--client", "192.0.2.9", "--helo", "many.example.net").out
        self.assertIn("        m19.example.net.  not looked up\n        and 20 more, not looked up\n", out)
        self.assertIn("                198.51.100.12\n", out)
        self.assertRegex(out, r"and \d+ more\n          AAAA ")
        # Whatever the length, the client's own address is shown.
        self.assertIn("192.0.2.7  <- the client\n",
                      self.live("--client", "192.0.2.7", "--helo", "many.example.net").out)

    def test_json_says_what_to_put_right(self):
        for client, helo, findings in (
            ("192.0.2.7", "mail.example.net", []),
            ("192.0.2.6", "mail.example.net", [
                {"record": "6.2.0.192.in-addr.arpa. PTR",
                 "text": '192.0.2.6 has no reverse DNS: whoever runs the address block has to publish '
                         '"6.2.0.192.in-addr.arpa. PTR <name of the server>".'},
                {"record": "mail.example.net. A",
                 "text": "The HELO name mail.example.net has the address 192.0.2.7, not 192.0.2.6: that alone is no "
                         "reason to refuse (RFC 5321 section 4.1.4), but a name that has 192.0.2.6 would be better in "
                         "HELO."}]),
            ("198.51.100.1", "[198.51.100.1]", [
                {"record": "1.100.51.198.in-addr.arpa. PTR",
                 "text": "No answer about the reverse DNS of 198.51.100.1 came in time: whoever runs the address block "
                         "has to see to its name servers, unless our own resolver is slow."}]),
        ):
            with self.subTest(client=client):
                got = self.live("--client", client, "--helo", helo, "--format", "json").json
                self.assertEqual(list(got["dns"]), ["queries", "elapsed_ms", "lookups", "findings"])
                self.assertEqual(got["dns"]["findings"], findings)

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


class SignedTree(CliTest):
    """The clients of tests/dnsworld/README.md."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = DnsWorld(os.environ.get("HELOGUARD_DNSWORLD_DIR"))
        cls.world.__enter__()
        cls.addClassCleanup(cls.world.close)

    def world_check(self, client, helo, *args):
        self.write("heloguard.toml", f'[dns]\ndeadline = "2s"\nunbound_config = "{self.world.unbound_config}"\n')
        return self.run_binary("check", "--config", "heloguard.toml", "--policy", "sample.toml", "--client", client,
                               "--helo", helo, *args)

    def test_the_chain_of_a_name_that_leads_back_among_others(self):
        out = self.world_check("192.0.2.18", "z1.goodcorp.com").out
        self.assertEqual(sections(out).split("          AAAA")[0], """\
  PTR   18.2.0.192.in-addr.arpa.  answer  secure  ttl 300  TIME
        elsewhere1.goodcorp.com.  leads elsewhere
          A     elsewhere1.goodcorp.com.  answer  secure  ttl 300  TIME
                127.0.2.201
                192.0.2.201
        elsewhere2.goodcorp.com.  leads elsewhere
          A     elsewhere2.goodcorp.com.  answer  secure  ttl 300  TIME
                127.0.2.202
                192.0.2.202
        z1.goodcorp.com.  leads to the client
          A     z1.goodcorp.com.  answer  secure  ttl 300  TIME
                127.0.2.18
                192.0.2.18  <- the client
  HELO  z1.goodcorp.com.  leads to the client
          A     as above
""")

    def test_names_without_an_address_are_marked(self):
        for client, helo, mark in (("192.0.2.22", "", r"v6only\.goodcorp\.com\.  has no IPv4 address"),
                                   ("2001:db8::22", "", r"v4only\.goodcorp\.com\.  has no IPv6 address"),
                                   ("192.0.2.21", "", r"gone\.goodcorp\.com\.  does not exist"),
                                   ("192.0.2.10", "gone.goodcorp.com", r"HELO  gone\.goodcorp\.com\.  does not exist")):
            with self.subTest(client=client, helo=helo):
                self.assertRegex(self.world_check(client, helo).out, "  " + mark + "\n")

    def test_bogus_data_is_told_with_the_reason(self):
        out = self.world_check("192.0.2.12", "mail.goodcorp.com").out
        self.assertRegex(out, r"\n        mail\.brokensig\.org\.  no usable answer\n"
                              r"          A     mail\.brokensig\.org\.  bogus  bogus  ttl 0  [\d.]+ ms\n"
                              r"                because: validation failure <mail\.brokensig\.org\. A IN>: ")
        self.assertRegex(out, r"\nwhat to put right\n  \? DNSSEC validation of the PTR name mail\.brokensig\.org fails "
                              r"\([^<>]+\): whoever runs brokensig\.org has to sign the zone anew ")

    def test_what_is_found_about_each_client(self):
        no_ptr = r"has no reverse DNS: whoever runs the address block has to publish "
        for client, helo, texts in (
            ("192.0.2.10", "mail.goodcorp.com", []),
            ("2001:db8::10", "mail.goodcorp.com", []),
            ("198.51.100.11", "mail.plainhost.net", []),
            ("192.0.2.27", "alias.goodcorp.com", []),
            ("192.0.2.31", "m31.goodcorp.com", []),
            ("192.0.2.14", "", [no_ptr]),
            ("192.0.2.15", "", [no_ptr]),
            ("2001:db8::14", "", [no_ptr]),
            ("198.51.100.14", "", [no_ptr]),
            ("2001:db8::16", "mail.goodcorp.com", [r'mail\.goodcorp\.com\. AAAA 2001:db8::16"']),
            ("192.0.2.20", "", [r"has 12 PTR records, and only 10 of their names"]),
            ("192.0.2.21", "", [r"The PTR name gone\.goodcorp\.com does not exist in DNS: "]),
            ("192.0.2.22", "", [r"The PTR name v6only\.goodcorp\.com has no IPv4 address: "]),
            ("192.0.2.25", "", [r'gives "evil\\x20x\\x2ey\\x0d\\x0ax-header:.*, which is not a full host name']),
            ("192.0.2.35", "", [r'gives "localhost", which is not']),
            ("192.0.2.30", "", [r"no usable answer about the PTR name mail\.servfail-dns\.org \(SERVFAIL\): "]),
            ("192.0.2.67", "", [r"There is no usable answer about the reverse DNS of 192\.0\.2\.67 \(SERVFAIL\): "]),
            ("192.0.2.13", "", [r"DNSSEC validation of the reverse DNS of 192\.0\.2\.13 fails \("]),
            ("203.0.113.10", "mail.oldsigs.org",
             [r"check our own clock, trust anchor",
              r"reverse DNS of 203\.0\.113\.10 fails .*whoever runs 113\.0\.203\.in",
              r"HELO name mail\.oldsigs\.org fails \(signature expired .*whoever runs oldsigs\.org has"]),
            ("192.0.2.11", "txtonly.goodcorp.com",
             [r"has no address: let the server say its verified name mx1\.plainhost\.net"]),
        ):
            with self.subTest(client=client, helo=helo):
                findings = self.world_check(client, helo, "--format", "json").json["dns"]["findings"]
                self.assertEqual(len(findings), len(texts), findings)
                for finding, text in zip(findings, texts):
                    self.assertRegex(finding["text"], text)
                    self.assertTrue(all(" " <= c <= "~" for c in finding["text"]))


if __name__ == "__main__":
    unittest.main()
