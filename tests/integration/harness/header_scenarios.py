"""What has to hold of Authentication-Results with either mail server: mixed into cases of both test files.

A case gives `heloguard` (running policies/mta.toml with headers on), `sink`, where the mail server delivers to, and
what scenarios.py says.
"""

from .postfix import HOST_NAME
from .scenarios import BOB, CLEAN, GOOD, POSTMASTER

FIELD = "Authentication-Results"
ON = "authentication_results = true"

FORGED = (
    f"{HOST_NAME}; spf=pass",
    f"{HOST_NAME.upper()} 1; dkim=pass header.d=bank.example",
    f"\r\n (a comment; (nested)) \"{HOST_NAME}\"\r\n\t; dmarc=pass",
    f"{HOST_NAME}",
    "mx . rcpt . example; spf=pass",
    f"({HOST_NAME}; spf=pass",
)
FOREIGN = ("mx.other.example; spf=pass smtp.mailfrom=a@b.example", f"mx.other.example; x=pass smtp.helo={HOST_NAME}")


# HELO names of the DNS world (records_spf.py), as said by the client GOOD.
SPF = {CLEAN: "none", "spf-ptr.goodcorp.com": "pass", "spf-empty.goodcorp.com": "neutral",
       "spf-soft.goodcorp.com": "softfail", "spf-a.goodcorp.com": "fail", "spf-two.goodcorp.com": "permerror",
       "spf-bogus.goodcorp.com": "temperror"}


class HeaderScenarios:
    def delivered(self, subject, fields=(), client=None, recipient=BOB, helo=CLEAN):
        """Sends a message with these fields in front and returns what arrives. With `client` the session goes on."""
        session = client or self.connect(GOOD)
        if client is None:
            self.addCleanup(session.__exit__)
            self.assert_code(session.ehlo(helo), 250)
        self.assert_code(session.mail(f"{subject}@client.example"), 250)
        self.assert_code(session.rcpt(recipient), 250)
        header = "".join(f"{name}: {value}\r\n" for name, value in fields)
        self.assert_code(session.message(f"{header}From: a@{subject}.client.example\r\nSubject: {subject}\r\n\r\nhi\r\n"), 250)
        return self.sink.fields(subject)

    def results(self, fields):
        """The values of our field, unfolded; it has to be the first of all."""
        self.assertEqual(fields[0][0], FIELD, fields)
        return [" ".join(value.split()) for name, value in fields if name.strip().lower() == FIELD.lower()]

    def test_a_clean_message(self):
        fields = self.delivered("clean")
        self.assertEqual(self.results(fields), [
            f"{HOST_NAME}; iprev=pass ({CLEAN}, DNSSEC secure) policy.iprev={self.address(GOOD)}; "
            f"spf=none smtp.helo={CLEAN}; x-helo=pass smtp.helo={CLEAN}"])
        self.assertEqual(fields[1][0], "Received")  # the mail server's own is below ours

    def test_forged_fields_are_removed(self):
        mixed = [(FIELD, value) for pair in zip(FORGED, FOREIGN * 3) for value in pair]
        mixed.insert(3, ("X-" + FIELD, FORGED[0]))
        mixed.append((FIELD.lower() + " ", f" {FORGED[0]}"))
        fields = self.delivered("forged", mixed)
        kept = self.results(fields)
        self.assertEqual(len(kept), 1 + len(FORGED), fields)
        self.assertTrue(kept[0].startswith(f"{HOST_NAME}; iprev=pass"), kept)
        self.assertEqual(kept[1:], list(FOREIGN) * 3)
        self.assertEqual([value for name, value in fields if name == "X-" + FIELD], [FORGED[0]])

    def test_every_message_of_a_session_has_its_own(self):
        client = self.connect(GOOD)
        self.addCleanup(client.__exit__)
        self.assert_code(client.ehlo(CLEAN), 250)
        first = self.delivered("first", [(FIELD, FORGED[0])], client)
        second = self.delivered("second", [(FIELD, FORGED[1]), (FIELD, FOREIGN[0])], client)
        self.assert_code(client.ehlo("other.client.example"), 250)
        third = self.delivered("third", (), client)
        self.assertEqual([len(self.results(fields)) for fields in (first, second, third)], [1, 2, 1])
        self.assertEqual(self.results(first)[0], self.results(second)[0])
        self.assertTrue(self.results(third)[0].endswith("smtp.helo=other.client.example"), third)

    def test_an_exempt_recipient_reads_that_the_policy_would_refuse(self):
        result, = self.results(self.delivered("exempt", recipient=POSTMASTER, helo="203.0.113.5"))
        self.assertIn("; x-helo=fail smtp.helo=203.0.113.5 policy.rule=bare-ip", result)

    def test_an_authenticated_client_is_not_judged(self):
        client = self.connect(GOOD)
        self.addCleanup(client.__exit__)
        self.assert_code(client.ehlo("localhost"), 250)
        self.assert_code(client.auth_plain(*self.credentials), 235)
        result, = self.results(self.delivered("authenticated", [(FIELD, FORGED[0])], client))
        self.assertIn("; x-helo=none (authenticated) smtp.helo=localhost", result)
        self.assertIn(f"iprev=pass ({CLEAN}, DNSSEC secure)", result)

    def test_a_literal_is_quoted(self):
        result, = self.results(self.delivered("literal", helo="[203.0.113.5]"))
        self.assertIn('; x-helo=pass smtp.helo="[203.0.113.5]"', result)

    def test_all_results_of_iprev(self):
        # The clients of the DNS world that tests/integration/harness/scenarios.py knows.
        for number, result in ((10, f"pass ({CLEAN}, DNSSEC secure)"), (11, "pass ("), (12, "temperror (mail.brokensig.org, DNSSEC bogus)"),
                               (13, "temperror (DNSSEC bogus)"),
                               (14, "permerror (no PTR record, DNSSEC secure)"), (16, "fail (")):
            with self.subTest(client=self.address(number)):
                client = self.connect(number)
                self.addCleanup(client.__exit__)
                self.assert_code(client.ehlo("any.client.example"), 250)
                results, = self.results(self.delivered(f"iprev-{number}", (), client, POSTMASTER))
                self.assertIn(f"; iprev={result}", results)
                self.assertIn(f" policy.iprev={self.address(number)};", results)

    def test_all_results_of_spf(self):
        for name, result in SPF.items():
            with self.subTest(helo=name):
                results, = self.results(self.delivered(f"spf-{result}", helo=name))
                self.assertIn(f"; spf={result} smtp.helo={name}; x-helo=pass smtp.helo={name}", results)

    def test_a_field_of_30_kilobytes(self):
        """Sendmail takes 32 for all fields together."""
        comment = ("a" * 900 + "\r\n ") * 32
        fields = self.delivered("long", [(FIELD, f"({comment}) {HOST_NAME}; spf=pass")])
        self.assertEqual(len(self.results(fields)), 1)

    def test_more_forged_fields_than_anybody_has(self):
        client = self.connect(GOOD)
        self.addCleanup(client.__exit__)
        self.assert_code(client.ehlo(CLEAN), 250)
        fields = [(FIELD, FORGED[0])] * 100
        self.assertEqual(len(self.results(self.delivered("hundred", fields, client))), 1)
        self.assert_code(client.mail("many@client.example"), 250)
        self.assert_code(client.rcpt(BOB), 250)
        body = "".join(f"{name}: {value}\r\n" for name, value in [*fields, fields[0]])
        self.assert_reply(client.message(f"{body}Subject: many\r\n\r\nhello\r\n"),
                          "550 5.7.1 This message has too many Authentication-Results fields in our name")
