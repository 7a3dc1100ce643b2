"""What an SMTP client reads of replies with several lines, with either mail server: mixed into cases of both test files.

A case gives `heloguard`, running policies/replies.toml with HELP as help page, and what scenarios.py says.
"""

import re

from .scenarios import BOB, GOOD

HELP = "https://example.com/refused"
NO_PTR, WRONG_PTR = 14, 16  # clients of the DNS world


class ReplyScenarios:
    def lines(self, helo, number=GOOD):
        """The lines of the reply to RCPT as they came, and the session's log line."""
        sender = f"{number}-{helo[:20]}@client.example"
        client = self.connect(number)
        self.addCleanup(client.__exit__)
        self.assert_code(client.ehlo(helo), 250)
        self.assert_code(client.mail(sender), 250)
        lines = client.raw_reply(f"RCPT TO:<{BOB}>")
        # Sendmail puts the recipient before the text of the first line, but for the code 554.
        lines[0] = re.sub(r"^(\d{3}.[\d.]+ )<[^>]*>\.\.\. ", r"\1", lines[0])
        return lines, self.heloguard.judgement(**{"from": sender})

    def test_a_reply_of_several_lines(self):
        lines, judged = self.lines("several.client.example")
        self.assertEqual(lines, ["550-5.7.1 HELO several.client.example is refused, 100% sure",
                                 "550-5.7.1 Ask for a better one", f"550 5.7.1 Session {judged['session']}"])

    def test_a_deferral_of_several_lines(self):
        self.assertEqual(self.lines("later.client.example")[0], ["450-4.7.1 Not now", "450 4.7.1 but later"])

    def test_a_refusal_at_mail(self):
        client = self.connect(GOOD)
        self.addCleanup(client.__exit__)
        self.assert_code(client.ehlo("mail-stage.client.example"), 250)
        lines = client.raw_reply("MAIL FROM:<sender@client.example>")
        self.assertRegex(lines[0], r"^550-5\.7\.1 .*First$")
        self.assertEqual(lines[1:], ["550 5.7.1 second"])

    def test_the_longest_lines(self):
        name = ".".join(("x" * 60, "y" * 63, "z" * 63, "w" * 40, "example"))
        lines, _ = self.lines(name)
        self.assertEqual([line[:14] for line in lines], ["554-5.7.1 xxxx", "554 5.7.1 xxxx"])
        for line in lines:
            self.assertLessEqual(len(line) + 2, 512)

    def test_the_default_replies_name_the_record(self):
        address = self.address(NO_PTR)
        lines, judged = self.lines("any.client.example", NO_PTR)
        reverse = ".".join(reversed(address.split("."))) + ".in-addr.arpa."
        self.assertEqual(lines, [
            f"550-5.7.25 No PTR record for {address}: publish one that names the mail server (no-rdns) "
            f"[{judged['session']}] {HELP}",
            f"550 5.7.25 {address} has no reverse DNS: whoever runs the address block has to publish "
            f'"{reverse} PTR <name of the server>".'])

        lines, judged = self.lines("any.client.example", WRONG_PTR)
        self.assertEqual(len(lines), 2)
        self.assertTrue(lines[0].startswith("450-4.7.25 The PTR name mail.goodcorp.com of "), lines)
        self.assertTrue(lines[0].endswith(f" (wrong-rdns) [{judged['session']}] {HELP}"), lines)
        self.assertIn(f'has to publish "mail.goodcorp.com. A {self.address(WRONG_PTR)}"', lines[1])
