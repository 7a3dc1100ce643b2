"""What has to hold with either mail server: mixed into the cases of postfix_test.py and sendmail_test.py.

A case gives `heloguard` (running policies/mta.toml), `credentials`, `connect(number)`: an SMTP connection whose client
is 192.0.2.NUMBER of the DNS world, or its loopback twin, and `address(number)`: that address.
"""

from .case import OWN_NAME

BOB, EVE, POSTMASTER, ABUSE = "bob@rcpt.example", "eve@rcpt.example", "postmaster@rcpt.example", "Abuse@rcpt.example"
CLEAN = "mail.goodcorp.com"
# The client of the DNS world whose reverse DNS is in order.
GOOD = 10


class PolicyScenarios:
    def session(self, helo, sender, number=GOOD, verb="EHLO"):
        """A connection that has said HELO and MAIL, both accepted."""
        client = self.connect(number)
        self.addCleanup(client.__exit__)
        self.assert_code(client.command(f"{verb} {helo}"), 250)
        self.assert_code(client.mail(sender), 250)
        return client

    def refused(self, helo, sender, reply):
        """RCPT is refused with that reply, twice; postmaster and abuse are accepted and get their message."""
        client = self.session(helo, sender)
        self.assert_reply(client.rcpt(BOB), reply)
        self.assert_code(client.rcpt(POSTMASTER), 250)
        self.assert_reply(client.rcpt(EVE), reply)
        self.assert_code(client.rcpt(ABUSE), 250)
        self.assert_code(client.message(), 250)
        self.assert_code(client.quit(), 221)
        return self.heloguard.judgement(**{"from": sender, "to": BOB})

    def test_clean_client_is_accepted(self):
        client = self.session(CLEAN, "clean@client.example")
        self.assert_code(client.rcpt(BOB), 250)
        self.assert_code(client.rcpt(EVE), 250)
        self.assert_code(client.message(), 250)
        line = self.heloguard.judgement(**{"from": "clean@client.example"})
        self.assertEqual((line["verdict"], line["rule"], line["helo"], line["kind"], line["client"]),
                         ("accept", "-", CLEAN, "fqdn", self.address(GOOD)))
        self.assertEqual((line["rdns"], line["rdns_status"], line["rdns_dnssec"]), (CLEAN, "pass", "secure"))
        self.assertEqual(line["port"], str(self.mta.port))

    def test_bare_address_is_refused(self):
        line = self.refused("203.0.113.5", "bare@client.example",
                            "550 5.7.1 HELO 203.0.113.5 has no brackets: 100% refused by bare-ip")
        self.assertEqual((line["verdict"], line["rule"], line["kind"], line["mode"], line["stage"]),
                         ("reject", "bare-ip", "bare-ipv4", "enforce", "rcpt"))

    def test_localhost_is_refused(self):
        self.refused("localhost.localdomain", "local@client.example",
                     "550 5.7.1 localhost.localdomain is everybody's name")

    def test_generic_name_is_refused(self):
        self.refused("dsl-192-0-2-40.pool.isp-access.net", "generic@client.example",
                     "550 5.7.1 dsl-192-0-2-40.pool.isp-access.net is a rented line")

    def test_our_own_name_is_refused(self):
        client = self.address(GOOD)
        self.refused(OWN_NAME, "own@client.example", f"554 5.7.1 {OWN_NAME} is our own name, {client}")

    def test_the_mta_s_name_is_our_own_without_being_configured(self):
        self.refused("MX.rcpt.example", "mta@client.example",
                     f"554 5.7.1 MX.rcpt.example is our own name, {self.address(GOOD)}")

    def test_a_literal_with_brackets_is_no_bare_address(self):
        client = self.session("[203.0.113.5]", "literal@client.example")
        self.assert_code(client.rcpt(BOB), 250)
        self.assertEqual(self.heloguard.judgement(**{"from": "literal@client.example"})["kind"], "ipv4-literal")

    def test_helo_is_judged_like_ehlo(self):
        client = self.session("203.0.113.5", "verb@client.example", verb="HELO")
        self.assert_code(client.rcpt(BOB), 550)

    def test_tempfail(self):
        client = self.session("later.client.example", "later@client.example")
        reply = client.rcpt(BOB)
        self.assert_code(client.rcpt(POSTMASTER), 250)
        line = self.heloguard.judgement(**{"from": "later@client.example", "to": BOB})
        self.assert_reply(reply, f"450 4.7.1 later.client.example comes back later, session {line['session']}")
        self.assertEqual((line["verdict"], line["rule"]), ("tempfail", "come-back-later"))

    def test_a_second_helo_renews_the_facts(self):
        client = self.session("203.0.113.5", "before@client.example")
        self.assert_code(client.rcpt(BOB), 550)
        self.assert_code(client.ehlo(CLEAN), 250)
        self.assert_code(client.mail("after@client.example"), 250)
        self.assert_code(client.rcpt(BOB), 250)
        line = self.heloguard.judgement(**{"from": "after@client.example"})
        self.assertEqual((line["helo"], line["verdict"]), (CLEAN, "accept"))
        self.assertIn("changed", line["matched"].split(","))

    def test_a_second_helo_is_judged_too(self):
        client = self.session(CLEAN, "good@client.example")
        self.assert_code(client.rcpt(BOB), 250)
        self.assert_code(client.command("RSET"), 250)
        self.assert_code(client.ehlo("203.0.113.5"), 250)
        self.assert_code(client.mail("bad@client.example"), 250)
        self.assert_code(client.rcpt(BOB), 550)

    def test_two_messages_in_one_session(self):
        client = self.session("203.0.113.5", "first@client.example")
        self.assert_code(client.rcpt(BOB), 550)
        self.assert_code(client.command("RSET"), 250)
        self.assert_code(client.mail("second@client.example"), 250)
        self.assert_code(client.rcpt(BOB), 550)
        first = self.heloguard.judgement(**{"from": "first@client.example"})
        second = self.heloguard.judgement(**{"from": "second@client.example"})
        self.assertEqual(first["session"], second["session"])

    def test_starttls_and_a_new_ehlo(self):
        client = self.connect(GOOD)
        self.addCleanup(client.__exit__)
        self.assert_code(client.ehlo("before-tls.client.example"), 250)
        self.assert_code(client.starttls(), 220)
        self.assert_code(client.ehlo("203.0.113.5"), 250)
        self.assert_code(client.mail("tls@client.example"), 250)
        self.assert_code(client.rcpt(BOB), 550)
        line = self.heloguard.judgement(**{"from": "tls@client.example"})
        self.assertEqual(line["helo"], "203.0.113.5")
        # What was said before TLS counts for nothing (RFC 3207 section 4.2), so this is no change of name.
        self.assertEqual(line["matched"].split(","), ["encrypted"])

    def test_starttls_after_a_helo_that_is_refused(self):
        client = self.connect(GOOD)
        self.addCleanup(client.__exit__)
        self.assert_code(client.ehlo("localhost"), 250)
        self.assert_code(client.starttls(), 220)
        self.assert_code(client.ehlo(CLEAN), 250)
        self.assert_code(client.mail("encrypted@client.example"), 250)
        self.assert_code(client.rcpt(BOB), 250)

    def test_an_authenticated_client_is_exempt(self):
        for secret, code in (("wrong", 535), (self.credentials[1], 235)):
            with self.subTest(secret=secret):
                client = self.connect(GOOD)
                self.addCleanup(client.__exit__)
                self.assert_code(client.ehlo("localhost"), 250)
                self.assert_code(client.auth_plain(self.credentials[0], secret), code)
                sender = f"auth-{code}@client.example"
                self.assert_code(client.mail(sender), 250)
                self.assert_code(client.rcpt(BOB), 250 if code == 235 else 550)
                line = self.heloguard.judgement(**{"from": sender})
                self.assertEqual((line["verdict"], line.get("exempt")),
                                 ("accept", "authenticated") if code == 235 else ("reject", None))

    def test_pipelined_commands(self):
        client = self.connect(GOOD)
        self.addCleanup(client.__exit__)
        self.assert_code(client.ehlo("localhost"), 250)
        replies = client.pipeline("MAIL FROM:<pipe@client.example>", f"RCPT TO:<{BOB}>", f"RCPT TO:<{POSTMASTER}>",
                                  f"RCPT TO:<{EVE}>", "RSET", "QUIT")
        self.assertEqual([reply.code for reply in replies], [250, 550, 250, 550, 250, 221])

    def test_a_quick_quit_is_logged(self):
        with self.connect(GOOD) as client:
            self.assert_code(client.ehlo("quick.client.example"), 250)
            self.assert_code(client.quit(), 221)
        line = self.heloguard.judgement(helo="quick.client.example")
        self.assertEqual((line["from"], line["to"]), ("-", "-"))

    def test_dnssec_states(self):
        # number: rdns_status, rdns_dnssec, reply to RCPT
        states = {10: ("pass", "secure", 250), 11: ("pass", "insecure", 250), 12: ("temperror", "bogus", 451),
                  13: ("temperror", "bogus", 451), 14: ("permerror", "secure", 550), 15: ("permerror", "secure", 550),
                  16: ("fail", "secure", 250)}
        for number, (status, dnssec, code) in states.items():
            with self.subTest(client=self.address(number)):
                sender = f"dns-{number}@client.example"
                client = self.session("any.client.example", sender, number)
                self.assert_code(client.rcpt(BOB), code)
                line = self.heloguard.judgement(**{"from": sender})
                self.assertEqual((line["rdns_status"], line["rdns_dnssec"]), (status, dnssec))
