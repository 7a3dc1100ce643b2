"""Exceptions inside: caught, logged once a connection, answered by on_internal_error at that and every later stage."""

import unittest

import harness
from milter_client import CONTINUE, NO_ANSWER, TEMPFAIL


class Failures(harness.WireTest):
    def answers(self, server):
        """To connect, HELO, MAIL, RCPT, as far as an MTA would go."""
        answers = []
        with server.client() as client:
            client.negotiate()
            for event in (client.connect, lambda: client.helo("mail.example.com"), client.mail, client.rcpt):
                answers.append(event())
                if event == client.mail and answers[-1] == TEMPFAIL:
                    break
            client.quit()
        return answers

    def test_no_policy(self):
        for setting, answers in (("tempfail", [TEMPFAIL] * 3), ("accept", [CONTINUE] * 4)):
            with self.subTest(setting=setting):
                server = self.serve(harness.STRINGS, "--fail", "policy", "--on-internal-error", setting)
                self.assertEqual(self.answers(server), answers)
                lines = server.wait_for_line("error")
                self.assertEqual(lines, [r"error internal error at negotiation: scripted failure of the policy\x0a"])
                self.assertEqual((server.count("error"), server.count("opened")), (1, 0))

    def test_no_session(self):
        for setting, answer in (("tempfail", TEMPFAIL), ("accept", CONTINUE)):
            with self.subTest(setting=setting):
                server = self.serve(harness.LOOKUPS, "--fail", "session", "--on-internal-error", setting)
                # No answer is wanted at MAIL, whatever happens there.
                self.assertEqual(self.answers(server), [answer, answer, NO_ANSWER, answer])
                server.wait_for_line("error internal error at connect: scripted failure of the session id")
                self.assertEqual(server.count("error"), 1)

    def test_no_session_and_no_reply_before_rcpt(self):
        server = self.serve(harness.STRINGS, "--fail", "session")
        self.assertEqual(self.answers(server), [NO_ANSWER, NO_ANSWER, NO_ANSWER, TEMPFAIL])

    def test_in_the_middle_of_a_session(self):
        for setting, answer in (("tempfail", TEMPFAIL), ("accept", CONTINUE)):
            with self.subTest(setting=setting):
                server = self.serve(harness.STRINGS, "--fail", "judged", "--on-internal-error", setting)
                with server.client() as client:
                    client.start("192.0.2.1")
                    client.mail()
                    self.assertEqual(client.rcpt(), answer)
                    self.assertEqual(client.rcpt(), answer)
                    client.quit()
                server.wait_for_line("error internal error at rcpt: scripted failure of the sink")

    def test_at_the_end_of_a_session(self):
        server = self.serve(harness.STRINGS, "--fail", "judged")
        with server.client() as client:
            client.start()
            client.quit()
        server.wait_for_line("error internal error at close: scripted failure of the sink")


if __name__ == "__main__":
    unittest.main()
