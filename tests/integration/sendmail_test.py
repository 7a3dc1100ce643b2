"""Real Sendmail in front of heloguard: the same as with Postfix, as far as Sendmail lets us, and contrib/sendmail.

Needs root, what script/fetch-sendmail unpacks, m4, saslpasswd2, openssl, nsd. Clients bind to 127.0.x.y.
"""

import os
import unittest

from harness import sendmail
from harness.case import CONTRIB, SHIPPED, MtaCase, Surroundings, policy, readme_of, substitute
from harness.dmarc_scenarios import DmarcScenarios
from harness.header_scenarios import ON, HeaderScenarios
from harness.opendmarc import OpenDmarc
from harness.reply_scenarios import HELP, ReplyScenarios
from harness.scenarios import BOB, CLEAN, GOOD, POSTMASTER, PolicyScenarios
from harness.sendmail import Sendmail
from harness.sink import Sink
from harness.smtp import SmtpClient
from harness.workplace import free_port, wait_for

setUpModule, tearDownModule = Surroundings.open, Surroundings.close


def filter_line(socket, flags="", name="heloguard"):
    return f"INPUT_MAIL_FILTER(`{name}', `S={socket}, F={flags}, T=C:10s;S:10s;R:10s;E:1m')dnl"


class SendmailCase(MtaCase):
    credentials = (sendmail.USER, sendmail.PASSWORD)
    mta = None

    @classmethod
    def start_sendmail(cls, filters):
        cls.mta = cls.started(Sendmail(Surroundings.directory, filters))

    def address(self, number):
        return f"127.0.2.{number}"

    def connect(self, number=GOOD):
        return self.mta.connect(self.address(number))

    def recipient_reply(self, client, helo, sender):
        """HELO and MAIL are accepted; the reply to RCPT."""
        self.assert_code(client.ehlo(helo), 250)
        self.assert_code(client.mail(sender), 250)
        return client.rcpt(BOB)


class PolicyOverUnix(PolicyScenarios, SendmailCase):
    """policies/mta.toml of these tests, over a unix socket."""

    unix = True

    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("mta.toml"), unix=cls.unix)
        cls.start_sendmail(filter_line(cls.heloguard.sendmail_socket))

    def test_both_logs_tell_of_a_refusal(self):
        with self.connect() as client:
            reply = self.recipient_reply(client, "203.0.113.5", "logged@client.example")
        self.assertRegex(str(reply), r"^550 5\.7\.1 <bob@rcpt\.example>\.\.\. HELO 203\.0\.113\.5 has no brackets: ")
        queue_id = self.mta.log_line("from=<logged@client.example>").split(":")[0]
        self.mta.log_line(queue_id + r": Milter: to=<bob@rcpt\.example>, reject=550 5\.7\.1 HELO 203\.0\.113\.5 ")
        self.mta.log_line(queue_id + r": milter=heloguard, action=rcpt, reject=550 5\.7\.1 HELO ")
        self.assertEqual(self.heloguard.judgement(**{"from": "logged@client.example"})["verdict"], "reject")

    def test_no_helo(self):
        with self.connect() as client:
            client.send(b"MAIL FROM:<silent@client.example>\r\n")
            wait_for("the reply to MAIL", lambda: (self.mta.wake_sleepers(), client.readable())[1])
            self.assert_code(client.read_reply(), 250)
            self.assert_code(client.rcpt(BOB), 250)
        line = self.heloguard.judgement(**{"from": "silent@client.example"})
        self.assertEqual((line["kind"], line["verdict"], line["matched"]), ("missing", "accept", "no-helo"))

    def test_names_sendmail_refuses_itself_are_no_event(self):
        with self.connect() as client:
            for helo in ("M\u00dcLLER-PC", "two words", "slash/name", ""):
                self.assert_code(client.ehlo(helo), 501)
            self.assert_code(self.recipient_reply(client, CLEAN, "finally@client.example"), 250)
        self.assertNotIn("matched", self.heloguard.judgement(**{"from": "finally@client.example"}))


class PolicyOverInet(PolicyOverUnix):
    """The same over TCP."""

    unix = False


class Observe(SendmailCase):
    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("mta-observe.toml"), unix=True)
        cls.start_sendmail(filter_line(cls.heloguard.sendmail_socket))

    def test_nothing_is_refused_and_everything_is_logged(self):
        for helo, verdict, rule in (("203.0.113.5", "reject", "bare-ip"), ("later.client.example", "tempfail",
                                    "come-back-later"), (CLEAN, "accept", "-")):
            with self.subTest(helo=helo), self.connect() as client:
                self.assert_code(self.recipient_reply(client, helo, f"{verdict}@client.example"), 250)
                self.assert_code(client.message(), 250)
                line = self.heloguard.judgement(**{"from": f"{verdict}@client.example"})
                self.assertEqual((line["verdict"], line["rule"], line["mode"]), (verdict, rule, "observe"))
        self.assertNotIn("reject=", self.mta.log.text())


def delivering_to(sink):
    """m4 lines that send all mail there at once."""
    return (f"define(`SMART_HOST', `relay:[127.0.0.1]')dnl\ndefine(`RELAY_MAILER_ARGS', `TCP $h {sink.port}')dnl\n"
            "define(`confDELIVERY_MODE', `interactive')dnl\n")


class Headers(HeaderScenarios, SendmailCase):
    """Authentication-Results, with policies/mta.toml."""

    @classmethod
    def setUpClass(cls):
        cls.sink = cls.started(Sink())
        cls.heloguard = cls.start_heloguard(policy("mta.toml"), headers=ON, unix=True)
        cls.start_sendmail(filter_line(cls.heloguard.sendmail_socket) + "\n" + delivering_to(cls.sink))


class Replies(ReplyScenarios, SendmailCase):
    """policies/replies.toml of these tests."""

    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("replies.toml"), unix=True, help_url=HELP)
        cls.start_sendmail(filter_line(cls.heloguard.sendmail_socket))


class BeforeOpenDmarc(DmarcScenarios, SendmailCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = cls.started(Sink())
        cls.heloguard = cls.start_heloguard(policy("mta.toml"), headers=ON, unix=True)
        cls.opendmarc = cls.started(OpenDmarc(Surroundings.directory, sendmail.HOST_NAME))
        cls.start_sendmail("\n".join((filter_line(cls.heloguard.sendmail_socket),
                                      filter_line(cls.opendmarc.sendmail_socket, name="opendmarc"),
                                      delivering_to(cls.sink))))


class MilterGone(SendmailCase):
    """Nobody at the socket, or nobody any more: the flag F decides."""

    def started_with(self, flags):
        self.heloguard = self.start_heloguard(policy("mta.toml"), unix=True)
        self.start_sendmail(filter_line(self.heloguard.sendmail_socket, flags))

    def test_tempfail(self):
        self.started_with("T")
        with self.connect() as client:
            self.assert_code(client.ehlo("localhost"), 250)
            self.assert_code(client.mail("interrupted@client.example"), 250)
            self.heloguard.kill()
            self.assert_code(client.rcpt(BOB), 451)
        with self.connect() as client:
            self.assert_code(client.ehlo(CLEAN), 250)
            self.assert_reply(client.mail(), "451 4.3.2 Please try again later")
        self.mta.log_line("Milter: initialization failed, temp failing commands")

    def test_none(self):
        self.started_with("")
        with self.connect() as client:
            self.assert_code(client.ehlo("localhost"), 250)
            self.assert_code(client.mail("interrupted@client.example"), 250)
            self.heloguard.kill()
            self.assert_code(client.rcpt(BOB), 250)
        with self.connect() as client:
            self.assert_code(self.recipient_reply(client, "localhost", "gone@client.example"), 250)
            self.assert_code(client.message(), 250)
        self.mta.log_line(r"Milter \(heloguard\): to error state")
        self.heloguard.start()
        with self.connect() as client:
            self.assert_code(self.recipient_reply(client, "localhost", "back@client.example"), 550)


class AnsweredEarly(SendmailCase):
    """Why the default stage is rcpt: a refusal at HELO sticks to the connection."""

    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("early.toml"), unix=True)
        cls.start_sendmail(filter_line(cls.heloguard.sendmail_socket))

    def test_a_refusal_at_helo_sticks(self):
        refusal = "550 5.7.1 HELO 203.0.113.5 is refused early"
        with self.connect() as client:
            self.assert_code(client.ehlo("203.0.113.5"), 250)
            self.assert_reply(client.command("STARTTLS"), refusal)
            self.assert_reply(client.auth_plain(*self.credentials), refusal)
            self.assert_reply(client.mail(), refusal)
            self.assert_code(client.ehlo(CLEAN), 250)
            self.assert_reply(client.mail(), refusal)


class Contrib(SendmailCase):
    """The files of contrib/sendmail, with nothing replaced but the socket and the port."""

    @classmethod
    def setUpClass(cls):
        cls.heloguard = cls.start_heloguard(policy("mta.toml"), unix=True)
        cls.submission_port = free_port()
        folder = os.path.join(CONTRIB, "sendmail")
        cls.start_sendmail(
            substitute(os.path.join(folder, "heloguard.m4"), {"/run/heloguard/heloguard.sock": cls.heloguard.path}) +
            substitute(os.path.join(folder, "submission.m4"), {
                "Port=587": f"Family=inet, Addr=127.0.0.1, Port={cls.submission_port}"}))

    def test_the_filter_is_asked(self):
        with self.connect() as client:
            self.assert_code(self.recipient_reply(client, "localhost", "asked@client.example"), 550)
            self.assert_code(client.rcpt(POSTMASTER), 250)

    def test_submission_is_not_judged(self):
        with SmtpClient(self.submission_port, source=self.address(GOOD)) as client:
            self.assert_code(client.ehlo("localhost"), 250)
            self.assert_code(client.mail("stranger@client.example"), 530)
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
        self.mta.log_line(r"Milter \(heloguard\): to error state")


class ShippedPolicies(SendmailCase):
    """policies/default.toml: with its exemption of loopback, where all clients of this test come from, and without."""

    def judged(self, local, helo, code):
        heloguard = self.start_heloguard(os.path.join(SHIPPED, "default.toml"), unix=True, local=local)
        self.start_sendmail(filter_line(heloguard.sendmail_socket))
        with self.connect() as client:
            self.reply = self.recipient_reply(client, helo, "shipped@client.example")
        self.assert_code(self.reply, code)
        return heloguard.judgement(**{"from": "shipped@client.example"})

    def test_loopback_is_trusted(self):
        self.assertEqual(self.judged("", "127.0.0.1", 250)["rule"], "trusted")

    def test_a_file_of_the_site_takes_the_trust_away(self):
        self.assertEqual(self.judged(policy("local-trusts-nobody.toml"), "203.0.113.5", 550)["rule"], "bare-ip")

    def test_the_readme_shows_what_happens(self):
        readme = readme_of("sendmail")
        judged = self.judged(policy("local-trusts-nobody.toml"), "192.0.2.1", 550)
        logged = self.mta.log_line("Milter: to=<bob@rcpt.example>, reject=")
        self.assert_shown(judged, readme, f"\n{self.reply}\n", logged[logged.index(": Milter"):] + "\n")


if __name__ == "__main__":
    unittest.main()
