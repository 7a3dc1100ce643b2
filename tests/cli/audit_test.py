"""heloguard audit: the sender's side, at name servers and mail servers of our own on loopback."""
import contextlib
import json
import os
import pty
import re
import smtplib
import socket
import subprocess
import sys
import threading
import unittest

from harness import BINARY, CONFIG, FAILED, NO_INPUT, OK, SOURCE, TEMPFAIL, UNAVAILABLE, USAGE, CliTest
from nameserver import SILENT, NameServer

sys.path.insert(0, str(SOURCE / "tests" / "dnsworld"))
from world import DnsWorld  # noqa: E402  (found by the line above)

POLICIES = ("--policy", str(SOURCE / "policies/default.toml"), "--policy", str(SOURCE / "policies/strict.toml"))
ZONE = {
    ("7.113.0.203.in-addr.arpa", "PTR"): ["mail.example.net"],
    ("mail.example.net", "A"): ["203.0.113.7"],
    ("mail.example.net", "MX"): ["10 mail.example.net"],
    ("mail.example.net", "TXT"): ["v=spf1 a -all"],
    ("other.example.net", "A"): ["127.0.0.1"],
    ("away.example.net", "A"): ["203.0.113.99"],
    ("slow.example.net", "A"): SILENT,
    ("slow.example.net", "AAAA"): SILENT,
}


def results(ran, subject=None):
    """{check: result} of one section; policies by their name."""
    return {row["answer"]["policy"] if "answer" in row else row["check"]: row["result"]
            for row in ran.json["checks"] if row["subject"] == subject}


def published(ran):
    return sorted({line for row in ran.json["checks"] for line in row["publish"]})


class MailServer:
    """Says `greeting` to each client, and to each line the next of `answers`; then waits until the client leaves."""

    def __init__(self, greeting, *answers):
        self.lines = [greeting, *answers]
        self.heard = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                with client, client.makefile("rb") as lines:
                    for answer in self.lines:
                        client.sendall(answer)
                        self.heard.append(lines.readline())


class Audits(CliTest):
    dns = None  # the section [dns]

    def audit(self, *args, policies=POLICIES):
        if self.dns is not None:
            self.write("heloguard.toml", f"[dns]\n{self.dns}\n")
            args += ("--config", "heloguard.toml")
        return self.run_binary("audit", *args, *policies)

    def audit_json(self, *args):
        ran = self.audit(*args, "--format", "json")
        self.assertEqual(ran.err, "")
        return ran

    def listen(self, *args, talk):
        """Runs audit --listen on a free port and gives talk() its address; what it did."""
        process = subprocess.Popen([BINARY, "audit", "--listen", "127.0.0.1:0", "--config", "heloguard.toml", "--format",
                                    "json", *POLICIES, *args], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        said = process.stderr.readline().decode()
        found = re.fullmatch(r"heloguard: listening on 127\.0\.0\.1:(\d+); .*\n", said)
        self.assertTrue(found, said)
        talk(("127.0.0.1", int(found[1])))
        out, err = process.communicate(timeout=60)
        return process.returncode, json.loads(out) if out else None, err.decode()


class Scripted(Audits):
    def setUp(self):
        super().setUp()
        self.server = NameServer(ZONE)
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)
        self.dns = f'resolvers = ["127.0.0.1@{self.server.port}"]\ndnssec = "off"\ndeadline = "500ms"'

    def test_a_good_name(self):
        ran = self.audit("mail.example.net")
        self.assertEqual((ran.status, ran.err), (OK, ""))
        self.assertEqual(ran.out, """\
mail.example.net

the name
  pass     name                      a full host name
  pass     domain                    example.net
  pass     look                      nothing in it looks like a customer's line or a program
  pass     addresses  indeterminate  203.0.113.7
  pass     mx         indeterminate  10 mail.example.net
  pass     spf        indeterminate  v=spf1 a -all

203.0.113.7
  pass     ptr        indeterminate  mail.example.net
  pass     forward    indeterminate  mail.example.net has this address
  pass     agreement  indeterminate  the name leads here, and the PTR name is the same
  pass     spf        indeterminate  pass: mail.example.net: a
  pass     default                   accept, score -1.5 (reject from 5): named-mail-server -0.5,
                                     confirmed-both-ways -1
  pass     strict                    accept, score -1.5 (reject from 3.5): named-mail-server -0.5,
                                     confirmed-both-ways -1

12 pass
""")

    def test_a_resolver_that_denies_what_exists_is_not_believed(self):
        self.server.zone[("denied.example.net", "SOA")] = []
        self.dns += '\nhealth_canaries = ["denied.example.net"]'
        for arguments in (("away.example.net", "--ip", "203.0.113.99"), ("nosuch.example.net", "--ip", "203.0.113.7")):
            ran = self.audit(*arguments, "--format", "json")
            self.assertIn("DNS is not to be trusted", ran.err)
            self.assertEqual(ran.status, TEMPFAIL, ran.out)
            self.assertNotIn("fail", [row["result"] for row in ran.json["checks"]])
            self.assertEqual(published(ran), [])
        ran = self.audit("away.example.net", "--ip", "203.0.113.99")
        self.assertRegex(ran.out, r"unknown +ptr +indeterminate +no answer to rely on")

    def test_what_is_to_be_put_right(self):
        ran = self.audit("mail.example.net", "--ip", "203.0.113.8")
        self.assertEqual(ran.status, FAILED)
        self.assertEqual(ran.out[ran.out.index("\n203.0.113.8\n"):], """\

203.0.113.8
  fail     ptr        indeterminate  there is none
  warn     agreement  indeterminate  the name leads elsewhere
  fail     spf        indeterminate  fail: mail.example.net: -all
  pass     default                   accept, score 2 (reject from 5): no-rdns +2
  pass     strict                    accept, score 2 (reject from 3.5): no-rdns +2

what to put right
  ! 203.0.113.8 has no reverse DNS: whoever runs the address block has to publish
    "8.113.0.203.in-addr.arpa. PTR <name of the server>".
  ! Let the SPF record of mail.example.net name 203.0.113.8, or let the server say another name.
  - The HELO name mail.example.net has the address 203.0.113.7, not 203.0.113.8: that alone is no
    reason to refuse (RFC 5321 section 4.1.4), but a name that has 203.0.113.8 would be better in
    HELO.

records to publish (PTR and TXT "v=spf1" in place of what is there)
  mail.example.net.          A     203.0.113.8
  mail.example.net.          TXT   "v=spf1 ip4:203.0.113.8 a -all"
  8.113.0.203.in-addr.arpa.  PTR   mail.example.net.  ; whoever runs the address block

2 fail, 1 warn, 8 pass
""")

    def test_json(self):
        ran = self.audit_json("mail.example.net", "--ip", "203.0.113.8", "--ip", "203.0.113.7")
        self.assertEqual(ran.status, FAILED)
        self.assertEqual(list(ran.json), ["name", "result", "addresses_left_out", "checks"])
        self.assertEqual((ran.json["name"], ran.json["result"]), ("mail.example.net", "fail"))
        row = next(row for row in ran.json["checks"] if row["check"] == "ptr")
        self.assertEqual(list(row), ["check", "subject", "result", "text", "dnssec", "advice", "publish"])
        self.assertEqual((row["subject"], row["result"], row["publish"]),
                         ("203.0.113.8", "fail", ["8.113.0.203.in-addr.arpa. PTR mail.example.net."]))
        self.assertEqual(set(results(ran, "203.0.113.7").values()), {"pass"})
        answer = next(row["answer"] for row in ran.json["checks"] if row["check"] == "policy")
        self.assertEqual(answer, {"policy": "default", "verdict": "accept", "rule": None, "score": 2.0,
                                  "reject_from": 5.0, "reply": None, "matched": [{"rule": "no-rdns", "action": "score", "score": 2.0}]})

    def test_a_refusal_shows_its_reply(self):
        ran = self.audit("203.0.113.7")
        self.assertEqual(ran.status, FAILED)
        self.assertIn("  fail     default                   reject, by rule bare-ip\n"
                      "                                     550 5.7.1 HELO 203.0.113.7 is an IP address without brackets",
                      ran.out)
        self.assertIn("\n  fail     strict ", ran.out)

    def test_a_policy_of_ones_own(self):
        ran = self.audit("mail.example.net", "--ip", "203.0.113.8", "--format", "json",
                         policies=("--policy", "sample.toml"))
        self.assertEqual(results(ran, "203.0.113.8")["sample"], "warn")  # tempfail by the score
        self.assertEqual([row["answer"]["policy"] for row in ran.json["checks"] if "answer" in row], ["sample"])

    def test_what_dns_does_not_answer_is_unknown(self):
        ran = self.audit_json("slow.example.net", "--ip", "203.0.113.7")
        self.assertEqual(results(ran)["addresses"], "unknown")
        self.assertEqual(results(ran, "203.0.113.7")["agreement"], "unknown")
        self.assertNotIn("fail", {row["result"] for row in ran.json["checks"]})
        self.assertEqual(ran.status, TEMPFAIL)

    def test_offline_asks_nothing(self):
        ran = self.audit_json("mail.example.net", "--ip", "203.0.113.7", "--offline")
        self.assertEqual((ran.status, self.server.asked), (OK, []))
        self.assertEqual(results(ran)["addresses"], "unknown")
        self.assertEqual(self.audit_json("a..b", "--offline").status, FAILED)

    def test_hostile_names_leave_escaped(self):
        for args in (("\\x1b[2J\\x00",), ("\\xff\\x0a.example.net", "--format", "json"), ("a" * 3000,)):
            with self.subTest(args=args):
                ran = self.audit(*args)
                self.assertEqual(ran.status, FAILED)
                self.assertTrue(all(" " <= c <= "~" or c == "\n" for c in ran.out))

    def test_mistakes(self):
        for args, said in (
            ((), "heloguard: NAME is missing (only with --listen it may be left out)\n"),
            (("a.example", "--ip", "x"), 'heloguard: --ip: "x" is no IP address\n'),
            (("a.example", "--smtp", "x:y"), 'heloguard: --smtp: "x:y" is no server; '),
            (("a.example", "--listen", "25"), 'heloguard: --listen: "25" is no address to listen on; '),
            (("a.example", "b.example"), 'heloguard: too much: "b.example"'),
            (("a.example", "--smpt", "x"), '(did you mean "--smtp"?)'),
        ):
            with self.subTest(args=args):
                ran = self.audit(*args)
                self.assertEqual((ran.status, ran.out), (USAGE, ""))
                self.assertIn(said, ran.err)

    def test_policies_that_are_not_there(self):
        self.assertEqual(self.audit("a.example", policies=("--policy", "nowhere.toml")).status, NO_INPUT)
        self.write("broken.toml", "schema = 1\n[[rule]]\n")
        self.assertEqual(self.audit("a.example", policies=("--policy", "broken.toml")).status, CONFIG)

    def test_colours_on_a_terminal_only(self):
        def on_terminal(**env):
            primary, secondary = pty.openpty()
            with subprocess.Popen([BINARY, "audit", "a.example", "--offline", *POLICIES], cwd=self.dir, stdout=secondary,
                                  env={"TERM": "xterm", **env}) as process:
                os.close(secondary)
                out = b""
                with contextlib.suppress(OSError):  # the other end is closed
                    while chunk := os.read(primary, 65536):
                        out += chunk
                process.wait(timeout=60)
            os.close(primary)
            return out
        self.assertIn(b"\x1b[32mpass", on_terminal())
        self.assertNotIn(b"\x1b", on_terminal(NO_COLOR="1"))
        self.assertNotIn("\x1b", self.audit("a.example", "--offline").out)

    # --- servers asked for their name ---

    def test_a_server_that_greets_with_the_name(self):
        with MailServer(b"220 mail.example.net ESMTP\r\n", b"250-MAIL.example.net\r\n250 SIZE\r\n") as server:
            ran = self.audit_json("mail.example.net", "--smtp", server.address)
        self.assertEqual((ran.status, results(ran, server.address)), (OK, {"greeting": "pass", "ehlo": "pass"}))
        self.assertEqual(server.heard, [b"EHLO [127.0.0.1]\r\n", b"QUIT\r\n"])

    def test_servers_that_call_themselves_otherwise(self):
        for said, text in (
            (b"other.example.net", "other.example.net, which leads to this server"),
            (b"away.example.net", "away.example.net, which leads elsewhere"),
            (b"gone.example.net", "gone.example.net, which does not exist in DNS"),
            (b"localhost", "localhost"),
            (b"\x1b[2J\xff", "\\x1b[2J\\xff, which is no host name"),
            (b"", "no name (RFC 5321 section 4.2)"),
        ):
            with self.subTest(said=said), MailServer(b"220 " + said + b"\r\n", b"250 " + said + b"\r\n") as server:
                ran = self.audit_json("mail.example.net", "--smtp", server.address)
                rows = [row for row in ran.json["checks"] if row["subject"] == server.address]
                self.assertEqual([row["result"] for row in rows], ["warn", "warn"])
                self.assertTrue(rows[0]["text"].startswith(text), rows[0]["text"])
                self.assertIn("Let the server say mail.example.net in HELO", rows[0]["advice"][0])
                self.assertEqual(ran.status, OK)

    def test_a_server_by_its_name(self):
        with MailServer(b"220 mail.example.net\r\n", b"550 no\r\n", b"550 no\r\n") as server:
            target = "other.example.net:" + server.address.split(":")[1]
            ran = self.audit_json("mail.example.net", "--smtp", target)
        self.assertEqual(results(ran, target), {"greeting": "pass", "ehlo": "unknown"})

    def test_a_server_that_refuses_says_no_name(self):
        with MailServer(b"554 5.7.1 no mail from here\r\n", b"503 no\r\n", b"503 no\r\n") as server:
            ran = self.audit_json("mail.example.net", "--smtp", server.address)
        rows = [row for row in ran.json["checks"] if row["subject"] == server.address]
        self.assertEqual([(row["check"], row["result"], row["text"], row["advice"]) for row in rows][0],
                         ("greeting", "unknown", "it refuses: 554", []))

    def test_servers_that_cannot_be_asked(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            closed = f"127.0.0.1:{free.getsockname()[1]}"
        ran = self.audit_json("mail.example.net", "--smtp", closed)
        self.assertEqual((ran.status, results(ran, closed)), (UNAVAILABLE, {"connection": "unknown"}))
        ran = self.audit_json("mail.example.net", "--smtp", "gone.example.net")
        self.assertEqual((ran.status, results(ran, "gone.example.net")), (UNAVAILABLE, {"connection": "unknown"}))
        with MailServer(b"SSH-2.0-OpenSSH\r\n") as server:
            ran = self.audit_json("mail.example.net", "--smtp", server.address)
        self.assertEqual((ran.status, results(ran, server.address)), (UNAVAILABLE, {"connection": "unknown"}))
        # A fail weighs more.
        self.assertEqual(self.audit_json("a..b", "--smtp", closed).status, FAILED)

    # --- clients heard ---

    def test_listen_needs_a_helo(self):
        self.audit("a.example", "--offline")  # writes the configuration
        def talk(address):
            with socket.create_connection(address) as client:
                client.sendall(b"QUIT\r\n")
                client.makefile("rb").read()
        status, out, err = self.listen(talk=talk)
        self.assertEqual((status, out), (UNAVAILABLE, None))
        self.assertEqual(err, "heloguard: 127.0.0.1 left without HELO or EHLO\n")

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            ran = self.audit("--listen", f"127.0.0.1:{taken.getsockname()[1]}")
        self.assertEqual(ran.status, UNAVAILABLE)
        self.assertIn("Address already in use", ran.err)

    def test_the_name_that_is_heard_is_judged(self):
        self.audit("a.example", "--offline")
        def talk(address):
            with smtplib.SMTP(*address, local_hostname="localhost.localdomain", timeout=30) as client:
                with self.assertRaises(smtplib.SMTPDataError) as refused:
                    client.sendmail("a@example.net", ["b@example.net"], "Subject: x\r\n\r\nx\r\n")
                self.assertEqual(refused.exception.smtp_code, 554)
        status, out, err = self.listen("mail.example.net", "--ip", "203.0.113.7", talk=talk)
        self.assertEqual((status, err), (FAILED, ""))
        said = out["checks"][0]
        self.assertEqual((out["name"], said["check"], said["result"], said["text"]),
                         ("localhost.localdomain", "said", "fail", '"localhost.localdomain", not "mail.example.net"'))
        self.assertIn("smtp_helo_name", said["advice"][0])
        self.assertEqual({row["subject"] for row in out["checks"]}, {"127.0.0.1", None, "203.0.113.7"})


class World(Audits):
    """The clients of tests/dnsworld/README.md."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = DnsWorld(os.environ.get("HELOGUARD_DNSWORLD_DIR"))
        cls.world.__enter__()
        cls.addClassCleanup(cls.world.close)

    def setUp(self):
        super().setUp()
        self.dns = f'deadline = "1s"\nunbound_config = "{self.world.unbound_config}"'

    def world_audit(self, name, *args):
        # A small policy loads fast.
        ran = self.audit(name, *args, "--format", "json", policies=("--policy", "sample.toml"))
        return ran, {(row["subject"], row["check"]): row for row in ran.json["checks"]}

    def test_every_link_is_secure(self):
        for client in ("192.0.2.10", "2001:db8::10"):
            ran, rows = self.world_audit("mail.goodcorp.com", "--ip", client)
            for subject, check in ((None, "addresses"), (None, "mx"), (client, "ptr"), (client, "forward"),
                                   (client, "agreement")):
                self.assertEqual(rows[subject, check]["dnssec"], "secure", (client, check))
                if check != "addresses":  # its loopback twin is an address of the inside
                    self.assertEqual(rows[subject, check]["result"], "pass", (client, check))

    def test_states_of_dnssec(self):
        for name, client, check, dnssec, result in (
            ("mail.plainhost.net", "198.51.100.11", "ptr", "insecure", "pass"),
            ("mx1.plainhost.net", "192.0.2.11", "ptr", "secure", "pass"),
            ("mx1.plainhost.net", "192.0.2.11", "forward", "insecure", "pass"),
            ("mail.goodcorp.com", "2001:db8:2::10", "forward", "insecure", "pass"),
            ("hosted.goodcorp.com", "192.0.2.37", "forward", "insecure", "pass"),
            ("mail.goodcorp.com", "192.0.2.14", "ptr", "secure", "fail"),
            ("mail.goodcorp.com", "198.51.100.14", "ptr", "insecure", "fail"),
        ):
            with self.subTest(name=name, client=client, check=check):
                _, rows = self.world_audit(name, "--ip", client)
                row = rows[client, check]
                self.assertEqual((row["dnssec"], row["result"]), (dnssec, result))

    def test_what_is_bogus_or_silent_never_fails(self):
        for name, client, check in (
            ("mail.brokensig.org", "192.0.2.12", "forward"),
            ("mail.goodcorp.com", "192.0.2.13", "ptr"),
            ("mail.oldsigs.org", "192.0.2.28", "forward"),
            ("mail.wrongds.org", "192.0.2.29", "forward"),
            ("mail.goodcorp.com", "192.0.2.67", "ptr"),
            ("mail.servfail-dns.org", "192.0.2.30", "forward"),
        ):
            with self.subTest(name=name, client=client):
                ran, rows = self.world_audit(name, "--ip", client)
                self.assertIn(rows[client, check]["result"], ("warn", "unknown"))
                self.assertEqual([row["check"] for row in rows.values() if row["result"] == "fail"], [])
                self.assertIn(ran.status, (OK, TEMPFAIL))
                self.assertTrue(rows[client, check]["advice"])

    def test_records_to_publish(self):
        for name, client, lines in (
            ("mail.goodcorp.com", "192.0.2.14", ["14.2.0.192.in-addr.arpa. PTR mail.goodcorp.com.",
                                                 "mail.goodcorp.com. A 192.0.2.14"]),
            ("gone.goodcorp.com", "192.0.2.21", ["gone.goodcorp.com. A 192.0.2.21"]),
            ("txtonly.goodcorp.com", "2001:db8::16", ["6.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
                                                      ".ip6.arpa. PTR txtonly.goodcorp.com.",
                                                      "txtonly.goodcorp.com. AAAA 2001:db8::16"]),
        ):
            with self.subTest(name=name, client=client):
                ran, _ = self.world_audit(name, "--ip", client)
                self.assertEqual([line for line in published(ran) if " TXT " not in line], lines)

    def test_null_mx(self):
        _, rows = self.world_audit("nullmx.org", "--ip", "192.0.2.50")
        self.assertEqual(rows[None, "mx"]["result"], "warn")

    def test_a_client_that_is_heard_is_judged_by_its_address(self):
        self.audit("a.example", "--offline")
        def talk(address):
            with smtplib.SMTP(*address, local_hostname="mail.goodcorp.com", source_address=("127.0.2.10", 0),
                              timeout=30) as client:
                client.ehlo()
        status, out, _ = self.listen(talk=talk)
        rows = {(row["subject"], row["check"]): row for row in out["checks"]}
        self.assertEqual(out["name"], "mail.goodcorp.com")
        self.assertEqual(rows["127.0.2.10", "said"]["result"], "pass")
        self.assertEqual(rows["127.0.2.10", "client"]["result"], "warn")
        self.assertEqual([rows["127.0.2.10", check]["result"] for check in ("ptr", "forward", "agreement")], ["pass"] * 3)
        self.assertEqual(rows["127.0.2.10", "forward"]["dnssec"], "secure")
        self.assertEqual(rows["127.0.2.10", "policy"]["answer"]["rule"], "trusted")
        self.assertEqual(status, OK)


if __name__ == "__main__":
    unittest.main()
