"""Real Postfix in front of heloguard: replies, exemptions, TLS, AUTH, XCLIENT, failures, and contrib/postfix as it is.

Needs root, Postfix, saslpasswd2, openssl, swaks, nsd. Clients get their addresses by XCLIENT.
"""

import os
import shutil
import subprocess
import unittest

from harness import postfix
from harness.case import CONTRIB, SHIPPED, MtaCase, Surroundings, policy, readme_of, substitute
from harness.dmarc_scenarios import DmarcScenarios
from harness.header_scenarios import FIELD, ON, HeaderScenarios
from harness.opendmarc import OpenDmarc
from harness.postfix import Postfix
from harness.reply_scenarios import HELP, ReplyScenarios
from harness.scenarios import BOB, CLEAN, GOOD, POSTMASTER, PolicyScenarios
from harness.sink import Sink
from harness.workplace import free_port

setUpModule, tearDownModule = Surroundings.open, Surroundings.close


class PostfixCase(MtaCase):
    credentials = (postfix.USER, postfix.PASSWORD)
    mta = None

    @classmethod
    def start_postfix(cls, main, master=""):
        cls.mta = cls.started(Postfix(Surroundings.directory, main, master))

    def address(self, number):
        return f"192.0.2.{number}"

    def connect(self, number=GOOD, port=None):
        return self.mta.connect(self.address(number), port=port)

    def recipient_reply(self, client, helo, sender):
        """HELO and MAIL are accepted; the reply to RCPT."""
        self.assert_code(client.ehlo(helo), 250)
        self.assert_code(client.mail(sender), 250)
        return client.rcpt(BOB)


class Policy(PolicyScenarios, PostfixCase):
    """policies/mta.toml of these tests, over TCP."""

    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("mta.toml"))
        cls.start_postfix(f"smtpd_milters = {cls.heloguard.postfix_socket}\n")

    def test_both_logs_tell_of_a_refusal(self):
        with self.mta.connect("192.0.2.10", CLEAN) as client:
            reply = self.recipient_reply(client, "203.0.113.5", "logged@client.example")
        self.assert_code(reply, 550)
        line = self.mta.log_line("milter-reject: RCPT from .*from=<logged@client.example>")
        self.assertRegex(line, r"postfix/smtpd\[\d+\]: NOQUEUE: milter-reject: RCPT from mail\.goodcorp\.com"
                               r"\[192\.0\.2\.10\]: 550 5\.7\.1 HELO 203\.0\.113\.5 has no brackets: 100% refused by "
                               r"bare-ip; from=<logged@client\.example> to=<bob@rcpt\.example> proto=ESMTP "
                               r"helo=<203\.0\.113\.5>$")
        self.assertEqual(self.heloguard.judgement(**{"from": "logged@client.example"})["verdict"], "reject")

    def test_no_helo_behind_a_proxy(self):
        """After XCLIENT Postfix opens a new milter connection and tells it no HELO, not even the proxy's."""
        with self.connect() as client:
            self.assert_code(client.mail("proxied@client.example"), 250)
            self.assert_code(client.rcpt(BOB), 250)
            self.assert_code(client.message(), 250)
        line = self.heloguard.judgement(**{"from": "proxied@client.example"})
        self.assertEqual((line["kind"], line["helo"], line["verdict"]), ("missing", "-", "accept"))
        self.assertEqual(line["matched"], "no-helo")

    def test_ipv6_clients(self):
        for address, status, dnssec, code in (("2001:db8::10", "pass", "secure", 250),
                                              ("2001:db8:2::10", "pass", "insecure", 250),
                                              ("2001:db8::13", "temperror", "bogus", 451),
                                              ("2001:db8::14", "permerror", "secure", 550)):
            with self.subTest(client=address), self.mta.connect(address) as client:
                sender = f"{address.replace(':', '-')}@client.example"
                self.assert_code(self.recipient_reply(client, CLEAN, sender), code)
                line = self.heloguard.judgement(**{"from": sender})
                self.assertEqual((line["client"], line["rdns_status"], line["rdns_dnssec"]), (address, status, dnssec))

    def test_hostile_octets_are_escaped_in_the_log(self):
        with self.connect() as client:
            self.assert_code(client.command(b'EHLO evil\x01\xc3\xbc"\\ rule=x'), 250)
            self.assert_code(client.mail("evil@client.example"), 250)
            self.assert_code(client.rcpt(BOB), 250)
        line = self.heloguard.judgement(**{"from": "evil@client.example"})
        self.assertEqual((line["helo"], line["kind"]), (r"evil\x01\xc3\xbc\x22\x5c\x20rule=x", "malformed"))

    def test_a_long_helo(self):
        with self.connect() as client:
            self.assert_code(client.ehlo("a" * 1500 + ".example"), 250)
            self.assert_code(client.mail("long@client.example"), 250)
            self.assert_code(client.rcpt(BOB), 250)
        self.assertEqual(self.heloguard.judgement(**{"from": "long@client.example"})["kind"], "malformed")

    def test_an_empty_helo_is_refused_by_postfix_and_no_event(self):
        with self.connect() as client:
            self.assert_code(client.command("EHLO"), 501)
            self.assert_code(client.mail("empty@client.example"), 250)
            self.assert_code(client.rcpt(BOB), 250)
        self.assertEqual(self.heloguard.judgement(**{"from": "empty@client.example"})["kind"], "missing")

    def test_a_null_sender(self):
        with self.connect() as client:
            self.assert_code(client.ehlo("dyn-1.null.client.example"), 250)
            self.assert_code(client.mail(""), 250)
            self.assert_code(client.rcpt(BOB), 550)
        self.assertEqual(self.heloguard.judgement(helo="dyn-1.null.client.example")["rule"], "generic")

    def test_swaks(self):
        """The same judgement through a program people use; the client is loopback, without XCLIENT."""
        for helo, code in (("swaks.client.example", 0), ("pool-7.client.example", 24)):
            done = subprocess.run(["swaks", "--server", f"127.0.0.1:{self.mta.port}", "--helo", helo, "--from",
                                   "swaks@client.example", "--to", BOB], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)


class UnixSocketInTheChroot(PostfixCase):
    """The socket below the queue folder, as contrib/postfix/README.md has it for Debian's chrooted smtpd."""

    @classmethod
    def setUpClass(cls):
        cls.chrooted_port = free_port()
        cls.mta = Postfix(Surroundings.directory, "smtpd_milters = unix:heloguard/heloguard.sock\n",
                          f"127.0.0.1:{cls.chrooted_port} inet n - y - - smtpd\n")
        os.makedirs(os.path.join(cls.mta.queue, "heloguard"))
        shutil.chown(os.path.join(cls.mta.queue, "heloguard"), group="postfix")
        os.chmod(os.path.join(cls.mta.queue, "heloguard"), 0o750)
        cls.heloguard = cls.start_heloguard(policy("mta.toml"),
                                            unix=os.path.join(cls.mta.queue, "heloguard/heloguard.sock"),
                                            access='socket_mode = "0660"\nsocket_group = "postfix"')
        cls.started(cls.mta)

    def test_with_and_without_chroot(self):
        for port in (self.mta.port, self.chrooted_port):
            with self.subTest(port=port), self.connect(port=port) as client:
                self.assert_code(self.recipient_reply(client, "localhost", f"port-{port}@client.example"), 550)
                line = self.heloguard.judgement(**{"from": f"port-{port}@client.example"})
                self.assertEqual(line["port"], str(port))


class SilentDns(PostfixCase):
    """Clients whose name servers never answer: the deadline holds, and nobody else waits for them."""

    slow = 66  # its reverse zone is served by nobody

    @classmethod
    def setUpClass(cls):
        cls.quick = cls.start_heloguard(policy("mta.toml"), deadline="500ms")
        cls.patient = cls.start_heloguard(policy("mta.toml"), deadline="9s")
        cls.patient_port = free_port()
        cls.start_postfix(f"smtpd_milters = {cls.quick.postfix_socket}\n",
                          f"127.0.0.1:{cls.patient_port} inet n - n - - smtpd\n"
                          f"  -o smtpd_milters={cls.patient.postfix_socket}\n")

    def test_the_deadline_is_temperror_and_refuses_nobody(self):
        with self.connect(self.slow) as client:
            self.assert_code(self.recipient_reply(client, "any.client.example", "slow@client.example"), 250)
        line = self.quick.judgement(**{"from": "slow@client.example"})
        self.assertEqual((line["rdns_status"], line["verdict"]), ("temperror", "accept"))
        # Waiting starts with the first question, at connect, so it may be over before RCPT; longer it never is.
        self.assertLess(float(line["wait_ms"]), 2000)

    def test_a_session_that_waits_holds_up_no_other(self):
        waiting = [self.connect(self.slow, port=self.patient_port) for _ in range(5)]
        for number, client in enumerate(waiting):
            self.addCleanup(client.__exit__)
            self.assert_code(client.ehlo("any.client.example"), 250)
            self.assert_code(client.mail(f"waiting-{number}@client.example"), 250)
            client.send(f"RCPT TO:<{BOB}>\r\n".encode())
        with self.connect(port=self.patient_port) as client:
            self.assert_code(self.recipient_reply(client, CLEAN, "prompt@client.example"), 250)
        self.assertFalse([client for client in waiting if client.readable()], "answered before the deadline")


class Observe(PostfixCase):
    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("mta-observe.toml"))
        cls.start_postfix(f"smtpd_milters = {cls.heloguard.postfix_socket}\n")

    def test_nothing_is_refused_and_everything_is_logged(self):
        for helo, verdict, rule in (("203.0.113.5", "reject", "bare-ip"), ("later.client.example", "tempfail",
                                    "come-back-later"), (CLEAN, "accept", "-")):
            with self.subTest(helo=helo), self.connect() as client:
                self.assert_code(self.recipient_reply(client, helo, f"{verdict}@client.example"), 250)
                self.assert_code(client.message(), 250)
                line = self.heloguard.judgement(**{"from": f"{verdict}@client.example"})
                self.assertEqual((line["verdict"], line["rule"], line["mode"]), (verdict, rule, "observe"))
        self.assertNotIn("milter-reject", self.mta.log.text())


SMTP_SERVICE = "smtp unix - - n - - smtp\n"


def delivering_to(sink):
    """main.cf's lines that send mail for rcpt.example there."""
    return f"transport_maps = inline:{{ rcpt.example=smtp:[127.0.0.1]:{sink.port} }}\n"


class Headers(HeaderScenarios, PostfixCase):
    """Authentication-Results, with policies/mta.toml."""

    @classmethod
    def setUpClass(cls):
        cls.sink = cls.started(Sink())
        cls.heloguard = cls.start_heloguard(policy("mta.toml"), headers=ON)
        cls.start_postfix(f"smtpd_milters = {cls.heloguard.postfix_socket}\n" + delivering_to(cls.sink), SMTP_SERVICE)

    def test_ipv6(self):
        with self.mta.connect("2001:db8::10") as client:
            self.assert_code(client.ehlo(CLEAN), 250)
            result, = self.results(self.delivered("ipv6", (), client))
        self.assertIn(' policy.iprev="2001:db8::10";', result)

    def test_a_hostile_helo(self):
        client = self.connect()
        self.addCleanup(client.__exit__)
        self.assert_code(client.command(b'EHLO evil\x01\xc3\xbc";spf=pass (\\'), 250)
        result, = self.results(self.delivered("hostile", (), client))
        self.assertTrue(result.endswith(r'x-helo=pass smtp.helo="evil\\x01\\xc3\\xbc\";spf=pass (\\x5c"'), result)


    def test_the_daemon_says_which_stages_it_asks_for(self):
        self.assertIn("stages connect, helo, mail, rcpt, header, eom; ", self.heloguard.log.text())

    def test_a_field_of_90_kilobytes(self):
        """Postfix hands over 60,000 octets of it, and our name stands behind them."""
        comment = ("a" * 900 + "\r\n ") * 100
        fields = self.delivered("longer", [(FIELD, f"({comment}) mx.rcpt.example; spf=pass")])
        self.assertEqual(len(self.results(fields)), 1)


class BeforeOpenDmarc(DmarcScenarios, PostfixCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = cls.started(Sink())
        cls.heloguard = cls.start_heloguard(policy("mta.toml"), headers=ON)
        cls.opendmarc = cls.started(OpenDmarc(Surroundings.directory, postfix.HOST_NAME))
        cls.start_postfix(f"smtpd_milters = {cls.heloguard.postfix_socket}, {cls.opendmarc.postfix_socket}\n" +
                          delivering_to(cls.sink), SMTP_SERVICE)

    def test_a_helo_name_forges_no_result(self):
        helos = ('x"; spf=pass smtp.mailfrom=a', 'x\\"; spf=pass smtp.mailfrom=a', '); spf=pass (', ";" * 200)
        for number, helo in enumerate(helos):
            with self.subTest(helo=helo):
                before = len(self.opendmarc.history.text())
                self.read_by_opendmarc(f"forger-{number}", helo=helo)
                self.assertIn("\nspf -1\n", self.opendmarc.history.text()[before:])


class Replies(ReplyScenarios, PostfixCase):
    """policies/replies.toml of these tests."""

    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("replies.toml"), help_url=HELP)
        cls.start_postfix(f"smtpd_milters = {cls.heloguard.postfix_socket}\n")

    def test_the_log_has_them_in_one_line(self):
        self.lines("later.client.example")
        self.mta.log_line(r"milter-reject: RCPT from .*: 450-4\.7\.1 Not now\?\?450 4\.7\.1 but later; from=<")


class HeadersObserve(PostfixCase):
    """A policy that acts on nothing, under a name of its own: the field is written all the same."""

    @classmethod
    def setUpClass(cls):
        cls.sink = cls.started(Sink())
        cls.heloguard = cls.start_heloguard(policy("mta-observe.toml"), unix=True,
                                            headers=ON + '\nauthserv_id = "example.net"')
        cls.start_postfix(f"smtpd_milters = {cls.heloguard.postfix_socket}\n" + delivering_to(cls.sink), SMTP_SERVICE)

    def test_the_field_tells_what_would_be(self):
        with self.connect() as client:
            self.assert_code(self.recipient_reply(client, "203.0.113.5", "observed@client.example"), 250)
            self.assert_code(client.message(f"{FIELD}: example.net; spf=pass\r\n{FIELD}: mx.rcpt.example; spf=pass\r\n"
                                            "Subject: observed\r\n\r\nhello\r\n"), 250)
        results = [value for name, value in self.sink.fields("observed") if name == FIELD]
        self.assertEqual(results[1:], ["mx.rcpt.example; spf=pass"])
        self.assertIn("x-helo=fail smtp.helo=203.0.113.5 policy.rule=bare-ip", results[0])
        self.assertTrue(results[0].startswith("example.net;"), results)


class MilterGone(PostfixCase):
    """Nobody at the socket, or nobody any more: the milter's own default_action decides, else milter_default_action."""

    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("mta.toml"))
        nobody = f"inet:127.0.0.1:{free_port()}"
        live = cls.heloguard.postfix_socket
        # name: the milter as smtpd_milters has it
        milters = {"tempfail": f"{{ {nobody}, default_action=tempfail }}",
                   "accept": f"{{ {nobody}, default_action=accept }}",
                   "global": nobody,
                   "live tempfail": f"{{ {live}, default_action=tempfail }}",
                   "live accept": f"{{ {live}, default_action=accept }}"}
        cls.ports = {name: free_port() for name in milters}
        cls.start_postfix("milter_default_action = reject\n", "".join(
            f"127.0.0.1:{cls.ports[name]} inet n - n - - smtpd\n  -o {{ smtpd_milters = {milter} }}\n"
            for name, milter in milters.items()))

    def test_never_there_global_action(self):
        with self.mta.connect(port=self.ports["global"]) as client:
            self.assert_code(client.greeting, 554)
            self.assert_code(client.mail(), 550)

    def test_never_there_tempfail(self):
        with self.connect(port=self.ports["tempfail"]) as client:
            self.assert_code(client.ehlo(CLEAN), 250)
            reply = client.mail()
            self.assert_reply(reply, "451 4.7.1 Service unavailable - try again later")
        self.mta.log_line("warning: connect to Milter service inet:127.0.0.1:.*Connection refused")

    def test_never_there_accept(self):
        with self.connect(port=self.ports["accept"]) as client:
            self.assert_code(self.recipient_reply(client, "localhost", "gone@client.example"), 250)
            self.assert_code(client.message(), 250)

    def test_goes_away_and_comes_back(self):
        """In the middle of a session; what is asked of the same connection later gets the default action as well."""
        clients = {action: self.connect(port=self.ports[f"live {action}"]) for action in ("tempfail", "accept")}
        for client in clients.values():
            self.addCleanup(client.__exit__)
            self.assert_code(client.ehlo("localhost"), 250)
            self.assert_code(client.mail("interrupted@client.example"), 250)
        self.heloguard.kill()
        self.assert_code(clients["tempfail"].rcpt(BOB), 451)
        self.assert_code(clients["accept"].rcpt(BOB), 250)
        self.heloguard.start()
        self.assert_code(clients["accept"].rcpt(BOB), 250)
        with self.connect(port=self.ports["live accept"]) as client:
            self.assert_code(self.recipient_reply(client, "localhost", "back@client.example"), 550)


class AnsweredEarly(PostfixCase):
    """Why the default stage is rcpt: a refusal at HELO sticks to the connection, one at MAIL spares nobody."""

    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("early.toml"))
        cls.mail_heloguard = cls.start_heloguard(policy("mail.toml"))
        cls.mail_port = free_port()
        cls.start_postfix(f"smtpd_milters = {cls.heloguard.postfix_socket}\n",
                          f"127.0.0.1:{cls.mail_port} inet n - n - - smtpd\n"
                          f"  -o smtpd_milters={cls.mail_heloguard.postfix_socket}\n")

    def test_a_refusal_at_helo_sticks(self):
        refusal = "550 5.7.1 HELO 203.0.113.5 is refused early"
        with self.connect() as client:
            self.assert_code(client.ehlo("203.0.113.5"), 250)
            self.assert_reply(client.command("STARTTLS"), refusal)
            self.assert_reply(client.auth_plain(*self.credentials), refusal)
            self.assert_reply(client.mail(), refusal)
            self.assert_code(client.ehlo(CLEAN), 250)
            self.assert_reply(client.mail(), refusal)
        self.mta.log_line(r"milter-reject: EHLO from .*: 550 5\.7\.1 HELO 203\.0\.113\.5 is refused early; proto=SMTP")

    def test_a_refusal_at_mail_ends_with_the_transaction(self):
        with self.connect(port=self.mail_port) as client:
            self.assert_code(client.ehlo("203.0.113.5"), 250)
            self.assert_reply(client.mail(), "550 5.7.1 HELO 203.0.113.5 is refused at MAIL")
            self.assert_code(client.rcpt(POSTMASTER), 503)
            self.assert_code(client.ehlo(CLEAN), 250)
            self.assert_code(client.mail(), 250)
            self.assert_code(client.rcpt(BOB), 250)


class Contrib(PostfixCase):
    """The files of contrib/postfix, with nothing replaced but the socket, paths, ports and the chroot."""

    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("mta.toml"))
        folder = os.path.join(CONTRIB, "postfix")
        main = substitute(os.path.join(folder, "main.cf"), {
            "inet:127.0.0.1:8891": cls.heloguard.postfix_socket,
            "/etc/postfix/heloguard-exempt.cidr": os.path.join(folder, "heloguard-exempt.cidr")})
        cls.submission_port = free_port()
        master = substitute(os.path.join(folder, "master.cf"), {
            "submission inet n       -       y ": f"127.0.0.1:{cls.submission_port} inet n - n "})
        cls.start_postfix(main, master)

    def test_the_milter_is_asked(self):
        with self.connect() as client:
            self.assert_code(self.recipient_reply(client, "localhost", "asked@client.example"), 550)
        self.assertEqual(self.heloguard.judgement(**{"from": "asked@client.example"})["rule"], "localhost")

    def test_clients_of_the_table_are_not_judged(self):
        for address in ("10.1.2.3", "::1", None):
            sender = f"exempt-{str(address).replace(':', '-')}@client.example"
            with self.subTest(client=address), self.mta.connect(address) as client:
                self.assert_code(self.recipient_reply(client, "localhost", sender), 250)
        # Sessions are logged in order: what comes after these shows that they were not.
        with self.connect() as client:
            self.recipient_reply(client, "localhost", "last@client.example")
        self.heloguard.judgement(**{"from": "last@client.example"})
        self.assertFalse([line for line in self.heloguard.judgements() if line["from"].startswith("exempt-")])

    def test_submission_is_not_judged(self):
        with self.connect(port=self.submission_port) as client:
            self.assert_code(client.ehlo("localhost"), 250)
            self.assert_code(client.starttls(), 220)
            self.assert_code(client.ehlo("localhost"), 250)
            self.assert_code(client.auth_plain(*self.credentials), 235)
            self.assert_code(client.mail("submitted@client.example"), 250)
            self.assert_code(client.rcpt(BOB), 250)
        with self.connect() as client:
            self.recipient_reply(client, "localhost", "later@client.example")
        self.heloguard.judgement(**{"from": "later@client.example"})
        self.assertFalse([line for line in self.heloguard.judgements() if line["from"] == "submitted@client.example"])

    def test_a_daemon_that_is_down_costs_no_mail(self):
        self.heloguard.kill()
        self.addCleanup(self.heloguard.start)
        with self.connect() as client:
            self.assert_code(self.recipient_reply(client, "localhost", "unjudged@client.example"), 250)
        self.mta.log_line("warning: connect to Milter service inet:127.0.0.1:.*Connection refused")


class ShippedPolicies(PostfixCase):
    """policies/default.toml and observe.toml as they are."""

    @classmethod
    def setUpClass(cls):
        cls.enforcing = cls.start_heloguard(os.path.join(SHIPPED, "default.toml"))
        cls.observing = cls.start_heloguard(os.path.join(SHIPPED, "observe.toml"))
        cls.observe_port = free_port()
        cls.start_postfix(f"smtpd_milters = {cls.enforcing.postfix_socket}\n",
                          f"127.0.0.1:{cls.observe_port} inet n - n - - smtpd\n"
                          f"  -o smtpd_milters={cls.observing.postfix_socket}\n")

    def judged(self, helo, code, number=GOOD):
        sender = f"{helo.strip('[]').replace(':', '-')}@client.example"
        verdict = {250: "accept", 550: "reject"}[code]
        with self.connect(number) as client:
            self.assert_code(self.recipient_reply(client, helo, sender), code)
            self.assert_code(client.rcpt(POSTMASTER), 250)
        enforced = self.enforcing.judgement(**{"from": sender, "to": BOB} if code != 250 else {"from": sender})
        with self.connect(number, port=self.observe_port) as client:
            self.assert_code(self.recipient_reply(client, helo, sender), 250)
        observed = self.observing.judgement(**{"from": sender})
        self.assertEqual((enforced["verdict"], enforced["mode"]), (verdict, "enforce"))
        self.assertEqual((observed["verdict"], observed["mode"], observed["rule"]),
                         (verdict, "observe", enforced["rule"]))
        return enforced

    def test_a_clean_client(self):
        self.judged(CLEAN, 250)

    def test_a_name_that_does_not_match(self):
        self.judged("gone.plainhost.net", 250)

    def test_a_bare_address(self):
        self.assertEqual(self.judged("203.0.113.5", 550)["rule"], "bare-ip")

    def test_our_own_name(self):
        self.assertEqual(self.judged("ours.example", 550)["rule"], "own-name")

    def test_an_authenticated_client_with_a_bare_address(self):
        with self.connect() as client:
            self.assert_code(client.ehlo("192.168.1.20"), 250)
            self.assert_code(client.auth_plain(*self.credentials), 235)
            self.assert_code(client.mail("phone@client.example"), 250)
            self.assert_code(client.rcpt(BOB), 250)
        self.assertEqual(self.enforcing.judgement(**{"from": "phone@client.example"})["exempt"], "authenticated")

    def test_no_helo(self):
        with self.connect() as client:
            self.assert_code(client.mail("none@client.example"), 250)
            self.assert_code(client.rcpt(BOB), 250)

    def test_the_readme_shows_what_happens(self):
        readme = readme_of("postfix")
        with self.mta.connect("192.0.2.1", "mail.client.example") as client:
            reply = self.recipient_reply(client, "192.0.2.1", "sender@client.example")
        logged = self.mta.log_line("milter-reject: RCPT from mail.client.example")
        self.assert_shown(self.enforcing.judgement(**{"from": "sender@client.example"}), readme, f"\n{reply}\n",
                          logged[logged.index("NOQUEUE"):] + "\n")

    def test_a_client_that_vanishes(self):
        with self.connect() as client:
            self.assert_code(client.ehlo("vanished.client.example"), 250)
        self.assertEqual(self.enforcing.judgement(helo="vanished.client.example")["from"], "-")


if __name__ == "__main__":
    unittest.main()
