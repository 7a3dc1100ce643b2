"""Authentication-Results on the wire: what is asked for, removed and written, and what hostile fields come to."""

import random
import unittest

import harness
from milter_client import CONTINUE, NO_ANSWER, TEMPFAIL, packet

FIELD = "Authentication-Results"
OWN = "mx.example.net; spf=pass"
OTHER = "mx.example.org; spf=pass"
TOO_MANY = "550 5.7.1 This message has too many Authentication-Results fields in our name"


class HeaderTest(harness.WireTest):
    policy = harness.STRINGS
    options = ("--headers", "mx.example.net", "--dns", "192.0.2.1 PTR mail.example.com 0", "--dns",
               "mail.example.com A 192.0.2.1 0", "--dns", "192.0.2.2 PTR NXDOMAIN 0")

    def setUp(self):
        self.server = self.serve(self.policy, *self.options)

    def message(self, client, *fields, recipient="<user@example.net>"):
        """MAIL to the end of the message: the answer and the changes."""
        client.mail()
        self.assertEqual(client.rcpt(recipient), CONTINUE)
        for name, value in fields:
            self.assertEqual(client.header(name, value), NO_ANSWER)
        return client.end_with_changes()

    def results(self, changes):
        """Our field's value, unfolded, from changes that insert it and nothing else."""
        (what, name, place, value), = changes
        self.assertEqual((what, name, place), ("insert", FIELD, 0))
        return " ".join(value.split())


class Headers(HeaderTest):
    def test_terms(self):
        with self.server.client() as client:
            terms = client.negotiate()
            self.assertEqual(hex(terms.actions), "0x111")
            # No body, end of headers, unknown commands, DATA; no reply to headers and MAIL; header fields, and a reply
            # at connect and HELO, since reverse DNS is looked up.
            self.assertEqual(hex(terms.steps), hex(0x10 | 0x40 | 0x100 | 0x200 | 0x80 | 0x4000))

    def test_an_mta_that_lets_nobody_change_headers(self):
        for actions in (0x100, 0x101, 0x110):
            with self.subTest(actions=actions), self.server.client() as client:
                terms = client.negotiate(actions=actions)
                self.assertEqual((terms.actions, terms.steps & 0x20), (0x100, 0x20))
                client.connect()
                client.helo("mail.example.com")
                client.mail()
                client.rcpt()
                self.assertEqual(client.end_with_changes(), (CONTINUE, []))
                client.quit()

    def test_an_mta_that_wants_an_answer_to_every_field(self):
        with self.server.client() as client:
            client.negotiate(version=2, actions=0x3F, steps=0x7F)
            client.connect()
            client.helo("mail.example.com")
            client.mail()
            client.rcpt()
            self.assertEqual(client.header(FIELD, OWN), CONTINUE)
            answer, changes = client.end_with_changes()
            self.assertEqual((answer, [change[0] for change in changes]), (CONTINUE, ["delete", "insert"]))
            client.quit()

    def test_the_field(self):
        rows = [("192.0.2.1", "mail.example.com", "iprev=pass (mail.example.com) policy.iprev=192.0.2.1; "
                 "spf=none smtp.helo=mail.example.com; x-helo=pass smtp.helo=mail.example.com"),
                ("192.0.2.2", "host.example", "iprev=permerror (no PTR record) policy.iprev=192.0.2.2; "
                 "spf=none smtp.helo=host.example; x-helo=pass smtp.helo=host.example")]
        for address, helo, results in rows:
            with self.subTest(address=address), self.server.client() as client:
                client.start(helo, address)
                answer, changes = self.message(client, ("Subject", "x"))
                self.assertEqual((answer, self.results(changes)), (CONTINUE, "mx.example.net; " + results))
                client.quit()

    def test_a_client_without_address_has_no_results(self):
        with self.server.client() as client:
            client.negotiate()
            client.connect("", "U")
            client.helo("localhost")
            answer, changes = self.message(client)
            self.assertEqual((answer, self.results(changes)), (CONTINUE, "mx.example.net; none"))
            client.quit()

    def test_forged_fields_go_from_the_last_one_up(self):
        with self.server.client() as client:
            client.start()
            fields = [(FIELD, OTHER), (FIELD.upper(), OWN), ("Subject", OWN), (FIELD, OTHER), (FIELD + " ", OWN),
                      (FIELD, "\n\t(c) MX.example.net\n 1; x=pass")]
            answer, changes = self.message(client, *fields)
            self.assertEqual(answer, CONTINUE)
            self.assertEqual([change[:3] for change in changes],
                             [("delete", FIELD, 5), ("delete", FIELD, 4), ("delete", FIELD, 2), ("insert", FIELD, 0)])
            client.quit()

    def test_every_message_has_its_own(self):
        with self.server.client() as client:
            client.start()
            _, changes = self.message(client, (FIELD, OWN))
            self.assertEqual([change[0] for change in changes], ["delete", "insert"])
            for _ in range(2):
                _, changes = self.message(client, (FIELD, OTHER))
                self.results(changes)
            client.mail()
            client.rcpt()
            client.header(FIELD, OWN)
            client.abort()
            _, changes = self.message(client)
            self.results(changes)
            client.helo("second.example")
            _, changes = self.message(client)
            self.assertTrue(self.results(changes).endswith("smtp.helo=second.example"))
            client.quit()

    def test_whom_the_policy_lets_through(self):
        with self.server.client() as client:
            client.start("192.0.2.1")
            _, changes = self.message(client, recipient="<postmaster@example.net>")
            self.assertIn("x-helo=fail smtp.helo=192.0.2.1 policy.rule=bare-ip", self.results(changes))
            client.macros("M", auth_authen="user")
            _, changes = self.message(client)
            self.assertIn("iprev=pass", self.results(changes))
            self.assertIn("x-helo=none (authenticated) smtp.helo=192.0.2.1", self.results(changes))
            client.quit()

    def test_mail_without_anything_before_it(self):
        with self.server.client() as client:
            client.negotiate()
            _, changes = self.message(client)
            self.assertEqual(self.results(changes), "mx.example.net; none")
            client.quit()


class Hostile(HeaderTest):
    def test_long_fields(self):
        """Nearly as long as libmilter takes them. One that may have been cut is removed if its id is not to be seen."""
        with self.server.client() as client:
            client.start()
            long = "x" * 60000
            answer, changes = self.message(client, ("X", long), (long, "y"), (FIELD, "(" + long + ") mx.example.net"),
                                           (FIELD, "(" * 60000), (FIELD, long))
            self.assertEqual(answer, CONTINUE)
            self.assertEqual([change[:3] for change in changes],
                             [("delete", FIELD, 2), ("delete", FIELD, 1), ("insert", FIELD, 0)])
            client.quit()

    def test_more_than_can_be_removed(self):
        with self.server.client() as client:
            client.start()
            answer, changes = self.message(client, *[(FIELD, OWN)] * 100)
            self.assertEqual((answer, len(changes)), (CONTINUE, 101))
            answer, changes = self.message(client, *[(FIELD, OWN)] * 5000)
            self.assertEqual((answer, changes), (TOO_MANY, []))
            self.assertRegex(self.server.wait_for_line("alarm")[0],
                             r"session=[0-9a-z]{16} message refused: it has more than 100 Authentication-Results fields")
            answer, changes = self.message(client, *[(FIELD, OTHER)] * 5000)
            self.results(changes)
            client.quit()

    def test_any_bytes(self):
        chance = random.Random(8601)
        with self.server.client() as client:
            client.start(bytes(range(1, 256)))
            client.mail()
            client.rcpt()
            for _ in range(500):
                value = bytes(chance.choice(b'();"\\ \n\tmx.example.net\xff1=') for _ in range(chance.randrange(60)))
                client.header(chance.choice([FIELD, "X"]), value)
            answer, changes = client.end_with_changes()
            self.assertEqual(answer, CONTINUE)
            value = changes[-1][3]
            self.assertTrue(all(" " <= c <= "~" or c in "\n\t" for c in value), value)
            self.assertLess(len(value), 900)
            client.quit()

    def test_broken_packets(self):
        for data in (b"", b"\0", b"a", b"a\0b", b"a\0", b"\0\0", b"Authentication-Results\0"):
            with self.subTest(data=data), self.server.client() as client:
                client.start()
                client.mail()
                client.rcpt()
                client.send(packet(b"L", data))
        with self.server.client() as client:
            client.start()
            _, changes = self.message(client)
            self.results(changes)
            client.quit()


class NamedByTheMta(HeaderTest):
    options = ("--headers", "j", "--offline", "yes")

    def test_macro_j(self):
        with self.server.client() as client:
            client.negotiate()
            client.macros("C", j="mail hub.example")
            client.connect()
            client.helo("mail.example.com")
            _, changes = self.message(client, (FIELD, '"mail hub.example"; x=pass'), (FIELD, OWN))
            self.assertEqual([change[:3] for change in changes], [("delete", FIELD, 1), ("insert", FIELD, 0)])
            # Nothing was looked up: an evaluation that was not made may be made by a later attempt.
            self.assertEqual(" ".join(changes[1][3].split()), '"mail hub.example"; iprev=temperror '
                             "policy.iprev=192.0.2.1; x-helo=pass smtp.helo=mail.example.com")
            client.quit()

    def test_no_name(self):
        with self.server.client() as client:
            client.start()
            self.assertEqual(self.message(client, (FIELD, OWN)), (CONTINUE, []))
            client.quit()
        self.server.wait_for_line("error no Authentication-Results written")


class Slow(HeaderTest):
    """Nothing the policy asks for, but the field: it is waited for at the end of the message, within the deadline."""

    options = ("--headers", "mx.example.net", "--deadline", "300", "--silent", "yes")

    def test_the_deadline(self):
        with self.server.client() as client:
            client.start()
            answer, changes = self.message(client)
            self.assertEqual(answer, CONTINUE)
            self.assertIn("iprev=temperror policy.iprev=192.0.2.1", self.results(changes))
            client.quit()


class Failing(HeaderTest):
    options = ("--headers", "mx.example.net", "--fail", "judged")

    def test_a_message_that_could_not_be_seen_to_is_deferred(self):
        with self.server.client() as client:
            client.start()
            client.mail()
            self.assertEqual(client.rcpt(), TEMPFAIL)
            client.header(FIELD, OWN)
            self.assertEqual(client.end_with_changes(), (TEMPFAIL, []))
            client.quit()


if __name__ == "__main__":
    unittest.main()
