"""Sessions as MTAs hold them."""

import unittest

import harness
from milter_client import CONTINUE, TEMPFAIL

BARE_IP = "550 5.7.1 HELO 192.0.2.1 is an IP address"


class Strings(harness.WireTest):
    def setUp(self):
        self.server = self.serve(harness.STRINGS)

    def fate(self, helo, recipient="<user@example.net>"):
        with self.server.client() as client:
            client.start(helo)
            client.mail()
            answer = client.rcpt(recipient)
            client.quit()
            return answer

    def test_answers(self):
        rows = [
            ("mail.example.com", "<user@example.net>", CONTINUE),
            ("192.0.2.1", "<user@example.net>", BARE_IP),
            ("192.0.2.1", "<Postmaster@example.net>", CONTINUE),
            ("192.0.2.1", "<postmaster>", CONTINUE),
            ("192.0.2.1", "<abuse@example.org>", CONTINUE),
            ("192.0.2.1", "<postmaster2@example.net>", BARE_IP),
            ("later.example", "<user@example.net>", "451 4.7.1 Come back later"),
            ("closing.example", "<user@example.net>", "421 4.7.0 Closing"),
            # Every percent sign is doubled: MTAs read %% as one and drop a single one.
            ("percent.example", "<user@example.net>", "554 5.7.1 100%% of %%s and %%n refused"),
        ]
        for helo, recipient, answer in rows:
            with self.subTest(helo=helo, recipient=recipient):
                self.assertEqual(self.fate(helo, recipient), answer)

    def test_recipients_fare_one_by_one(self):
        with self.server.client() as client:
            client.start("192.0.2.1")
            client.mail()
            self.assertEqual(client.rcpt("<user@example.net>"), BARE_IP)
            self.assertEqual(client.rcpt("<postmaster@example.net>"), CONTINUE)
            self.assertEqual(client.rcpt("<other@example.net>"), BARE_IP)
            self.assertEqual(client.end_of_message(), CONTINUE)
            client.quit()

    def test_a_second_helo_counts(self):
        for first, second, answer in [("192.0.2.1", "mail.example.com", CONTINUE),
                                      ("mail.example.com", "192.0.2.1", BARE_IP)]:
            with self.subTest(second=second), self.server.client() as client:
                client.start(first)
                client.helo(second)
                client.mail()
                self.assertEqual(client.rcpt(), answer)
                client.quit()

    def test_a_second_helo_after_a_message(self):
        with self.server.client() as client:
            client.start("192.0.2.1")
            client.mail()
            self.assertEqual(client.rcpt(), BARE_IP)
            client.abort()
            client.helo("mail.example.com")
            client.mail()
            self.assertEqual(client.rcpt(), CONTINUE)
            client.abort()
            client.mail()
            self.assertEqual(client.rcpt(), CONTINUE)
            client.quit()

    def test_no_helo_at_all(self):
        with self.server.client() as client:
            client.negotiate()
            client.connect()
            client.mail()
            self.assertEqual(client.rcpt(), CONTINUE)
            client.quit()
        self.assertEqual(self.server.judged()["kind"], "missing")

    def test_an_empty_helo(self):
        self.assertEqual(self.fate(""), CONTINUE)
        self.assertEqual(self.server.judged()["kind"], "malformed")

    def test_envelope_and_macros_arrive(self):
        with self.server.client() as client:
            client.negotiate()
            client.macros("C", j="mx.example.net", daemon_port="25", client_addr="198.51.100.1")
            client.connect("192.0.2.7")
            client.helo("mail.example.com")
            client.mail("<a@example.com>", "SIZE=100", "BODY=8BITMIME")
            client.rcpt("<b@example.net>", "NOTIFY=NEVER")
            client.quit()
        judged = self.server.judged()
        self.assertEqual(
            {k: judged[k] for k in ("client", "port", "mta", "from", "to", "tls", "authenticated")},
            {"client": "192.0.2.7", "port": "25", "mta": "mx.example.net", "from": "<a@example.com>",
             "to": "<b@example.net>", "tls": "0", "authenticated": "0"})

    def test_what_the_mta_found_by_itself_arrives(self):
        with self.server.client() as client:
            client.negotiate()
            client.macros("C", client_name="mail.example.com", client_ptr="x.example.com", client_resolve="FORGED")
            client.connect("192.0.2.7")
            client.helo("mail.example.com")
            client.macros("M", i="4ZqD1x", r="ESMTP", s="mail")
            client.mail()
            client.rcpt()
            client.quit()
        self.assertEqual(self.server.judged()["notes"], "mail.example.com,x.example.com,FORGED,ESMTP,mail,4ZqD1x")

    def test_authenticated_clients_are_left_alone(self):
        for macros in ({"auth_authen": "user"}, {"auth_type": "PLAIN"}):
            with self.subTest(macros=macros), self.server.client() as client:
                client.start("192.0.2.1")
                client.macros("M", **macros)
                client.mail()
                self.assertEqual(client.rcpt(), CONTINUE)
                client.quit()
        self.assertEqual(self.server.judged(2)["exempt"], "authenticated")

    def test_empty_macros_say_nothing(self):
        with self.server.client() as client:
            client.negotiate()
            client.macros("C", j="", daemon_port="", client_addr="")
            client.connect()
            client.macros("H", tls_version="")
            client.helo("192.0.2.1")
            client.macros("M", auth_authen="", auth_type="", tls_version="")
            client.mail()
            self.assertEqual(client.rcpt(), BARE_IP)
            client.quit()
        judged = self.server.judged()
        self.assertEqual((judged["port"], judged["tls"], judged["authenticated"]), ("0", "0", "0"))

    def test_starttls_and_a_second_ehlo(self):
        with self.server.client() as client:
            client.start("clear.example")
            client.mail()
            self.assertEqual(client.rcpt(), "550 5.7.1 Only with TLS")
            client.abort()
            client.macros("H", tls_version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384")
            client.helo("clear.example")
            client.macros("M", tls_version="TLSv1.3")
            client.mail()
            self.assertEqual(client.rcpt(), CONTINUE)
            client.quit()

    def test_tls_known_at_mail_alone(self):
        with self.server.client() as client:
            client.start("clear.example")
            client.macros("M", tls_version="TLSv1.3")
            client.mail()
            self.assertEqual(client.rcpt(), CONTINUE)
            client.quit()

    def test_clients(self):
        rows = [
            # socket family, address, macro, the address seen ("-": none, which is always accepted)
            ("4", "192.0.2.9", None, "192.0.2.9"),
            ("6", "2001:db8::9", None, "2001:db8::9"),
            ("6", "::ffff:192.0.2.9", None, "192.0.2.9"),
            ("L", "/run/smtp.sock", None, "-"),
            ("L", "/run/smtp.sock", "192.0.2.9", "192.0.2.9"),
            ("U", "", None, "-"),
            ("U", "", "IPv6:2001:db8::9", "2001:db8::9"),
            ("U", "", "localhost", "-"),
        ]
        for count, (family, address, macro, seen) in enumerate(rows, 1):
            with self.subTest(family=family, address=address, macro=macro), self.server.client() as client:
                client.negotiate()
                if macro is not None:
                    client.macros("C", client_addr=macro)
                client.connect(address, family)
                client.helo("192.0.2.1")
                client.mail()
                self.assertEqual(client.rcpt(), CONTINUE if seen == "-" else BARE_IP)
                client.quit()
                judged = self.server.judged(count)
                self.assertEqual(judged["client"], seen)
                self.assertEqual(judged["exempt"], "no-address" if seen == "-" else "")

    def test_another_session_on_the_same_connection(self):
        with self.server.client() as client:
            client.start("192.0.2.1", "192.0.2.1")
            client.mail()
            self.assertEqual(client.rcpt(), BARE_IP)
            client.abort()
            client.quit_new_connection()
            client.connect("192.0.2.2")
            client.helo("mail.example.com")
            client.mail()
            self.assertEqual(client.rcpt(), CONTINUE)
            client.quit()
        self.assertEqual(self.server.judged(2)["client"], "192.0.2.2")
        self.assertEqual(self.server.count("opened"), 2)


class OtherPolicies(harness.WireTest):
    def test_refusal_at_helo(self):
        server = self.serve(harness.at_stage(harness.STRINGS.replace("when.client.tls = false\n", ""), "helo"))
        with server.client() as client:
            self.assertEqual(client.start("192.0.2.1"), BARE_IP)
            self.assertEqual(client.helo("later.example"), "451 4.7.1 Come back later")
            self.assertEqual(client.helo("mail.example.com"), CONTINUE)
            client.quit()

    def test_refusal_at_mail(self):
        server = self.serve(harness.at_stage(harness.STRINGS, "mail"))
        with server.client() as client:
            client.start("192.0.2.1")
            self.assertEqual(client.mail(), BARE_IP)
            client.macros("M", auth_authen="user")
            self.assertEqual(client.mail(), CONTINUE)
            client.quit()

    def test_observe_mode_refuses_nothing(self):
        server = self.serve(harness.observing(harness.STRINGS))
        with server.client() as client:
            client.start("192.0.2.1")
            client.mail()
            self.assertEqual(client.rcpt(), CONTINUE)
            client.quit()
        self.assertEqual(server.judged()["verdict"], "reject")

    def test_lookups(self):
        server = self.serve(
            harness.LOOKUPS, "--dns", "192.0.2.1 PTR mail.example.com 50", "--dns", "mail.example.com A 192.0.2.1 50",
            "--dns", "192.0.2.2 PTR NXDOMAIN 50")
        for address, answer in [("192.0.2.1", CONTINUE), ("192.0.2.2", "550 5.7.25 No reverse DNS")]:
            with self.subTest(address=address), server.client() as client:
                self.assertEqual(client.start("mail.example.com", address), CONTINUE)
                client.mail()
                self.assertEqual(client.rcpt(), answer)
                client.quit()

    def test_lookups_that_never_end(self):
        server = self.serve(harness.LOOKUPS, "--silent", "yes", "--deadline", "100")
        with server.client() as client:
            client.start()
            client.mail()
            self.assertEqual(client.rcpt(), CONTINUE)  # not known is no reason to refuse
            client.quit()

    def test_a_deferral_has_words_of_its_own(self):
        policy = harness.LOOKUPS + 'on_unknown = "tempfail"\n'
        server = self.serve(policy, "--silent", "yes", "--deadline", "100")
        with server.client() as client:
            client.start()
            client.mail()
            answer = client.rcpt()
            self.assertNotEqual(answer, TEMPFAIL)
            self.assertRegex(answer, r"^450-4\.7\.25 .* could not all be looked up, .*\r\n450 4\.7\.25 No answer ")
            client.quit()


if __name__ == "__main__":
    unittest.main()
