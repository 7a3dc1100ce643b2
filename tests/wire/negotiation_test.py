"""What the milter asks of an MTA, as the numbers on the wire."""

import unittest

import harness
from milter_client import CONTINUE, NO_ANSWER

NOTHING_BEHIND_RCPT = 0x10 | 0x20 | 0x40 | 0x100 | 0x200  # no body, headers, end of headers, unknown commands, DATA
NR_CONNECT, NR_HELO, NR_MAIL = 0x1000, 0x2000, 0x4000
MACROS = {0: "j {client_addr} {client_name} {client_ptr} {client_resolve} {daemon_port}", 1: "{tls_version}",
          2: "{auth_authen} {auth_type} {tls_version} i r s", 3: "i"}


class Negotiation(harness.WireTest):
    def terms(self, policy, *options, **offer):
        with self.serve(policy, *options).client() as client:
            return client.negotiate(**offer)

    def test_strings_only(self):
        terms = self.terms(harness.STRINGS)
        self.assertEqual(terms.version, 6)
        self.assertEqual(hex(terms.actions), "0x100")  # set the macro lists, nothing else
        self.assertEqual(hex(terms.steps), hex(NOTHING_BEHIND_RCPT | NR_CONNECT | NR_HELO | NR_MAIL))
        self.assertEqual(terms.macros, MACROS)

    def test_lookups_keep_the_replies_at_connect_and_helo(self):
        terms = self.terms(harness.LOOKUPS)
        self.assertEqual(hex(terms.steps), hex(NOTHING_BEHIND_RCPT | NR_MAIL))
        self.assertEqual(terms.macros, MACROS)

    def test_without_a_resolver_there_are_no_lookups(self):
        terms = self.terms(harness.LOOKUPS, "--offline", "yes")
        self.assertEqual(hex(terms.steps), hex(NOTHING_BEHIND_RCPT | NR_CONNECT | NR_HELO | NR_MAIL))

    def test_refusals_at_helo(self):
        terms = self.terms(harness.at_stage(harness.STRINGS.replace("when.client.tls = false\n", ""), "helo"))
        self.assertEqual(hex(terms.steps), hex(NOTHING_BEHIND_RCPT | NR_CONNECT))

    def test_refusals_at_mail(self):
        terms = self.terms(harness.at_stage(harness.LOOKUPS, "mail"))
        self.assertEqual(hex(terms.steps), hex(NOTHING_BEHIND_RCPT))

    def test_an_mta_of_protocol_2(self):
        server = self.serve(harness.STRINGS)
        with server.client() as client:
            terms = client.negotiate(version=2, actions=0x3F, steps=0x7F)
            self.assertEqual((terms.version, hex(terms.actions), hex(terms.steps)), (2, "0x0", "0x70"))
            self.assertEqual(terms.macros, {})
            # libmilter answers for us where no reply was wanted and the MTA cannot do without.
            self.assertEqual(client.connect(), CONTINUE)
            self.assertEqual(client.helo("192.0.2.1"), CONTINUE)
            self.assertEqual(client.mail(), CONTINUE)
            self.assertEqual(client.rcpt(), "550 5.7.1 HELO 192.0.2.1 is an IP address")
            client.quit()

    def test_no_answer_where_none_was_negotiated(self):
        server = self.serve(harness.STRINGS)
        with server.client() as client:
            self.assertEqual(client.start(), NO_ANSWER)
            self.assertEqual(client.mail(), NO_ANSWER)
            self.assertEqual(client.rcpt(), CONTINUE)  # and not one answer before it
            self.assertEqual(client.end_of_message(), CONTINUE)
            client.quit()
        self.assertEqual(server.judged()["verdict"], "accept")


if __name__ == "__main__":
    unittest.main()
