"""Replies of several lines, as the MTA gets them: every line valid by itself, whatever the client said."""

import unittest

import harness

POLICY = harness.STRINGS + r'''
[[rule]]
name = "several"
when.helo.name = '^several\.'
action = "reject"
reply = """
550 5.7.1 HELO {helo} is refused, 100% sure
Second line
Session {session}
"""

[[rule]]
name = "many"
when.helo.name = '^many\.'
action = "tempfail"
reply = """450 4.7.1 ''' + "\n".join(f"line {number} {{helo}}" for number in range(32)) + '''"""

[[rule]]
name = "no-reverse"
when.rdns.status = "permerror"
action = "reject"
'''


class Reply(harness.WireTest):
    def setUp(self):
        self.server = self.serve(POLICY, "--dns", "192.0.2.1 PTR mail.example.com 0", "--dns",
                                 "mail.example.com A 192.0.2.1 0", "--dns", "192.0.2.2 PTR NXDOMAIN 0")

    def lines(self, helo, address="192.0.2.1"):
        with self.server.client() as client:
            client.start(helo, address)
            client.mail()
            answer = client.rcpt()
            client.quit()
        return answer.split("\r\n")

    def test_several_lines(self):
        lines = self.lines("several.example")
        session = self.server.judged()["session"]
        self.assertEqual(lines, ["550-5.7.1 HELO several.example is refused, 100%% sure", "550-5.7.1 Second line",
                                 "550 5.7.1 Session " + session])

    def test_as_many_as_there_may_be(self):
        lines = self.lines("many." + "a" * 63 + ".example")
        self.assertEqual(len(lines), 32)
        self.assertTrue(all(line.startswith("450-4.7.1 line ") for line in lines[:-1]), lines)
        self.assertTrue(lines[-1].startswith("450 4.7.1 line 31 many."), lines[-1])

    def test_hostile_bytes_and_lengths(self):
        for helo in (b"several.\r\n250 ok\r\n.\xff%n%s", b"several." + b"%" * 230, b"many." + b"\xff" * 230):
            with self.subTest(helo=helo[:12]):
                lines = self.lines(helo)
                for number, line in enumerate(lines, 1):
                    last = number == len(lines)
                    self.assertRegex(line, r"^(550.5|450.4)\.7\.1 [ -~]+$")
                    self.assertEqual(line[3], " " if last else "-")
                    self.assertLessEqual(len(line.replace("%%", "%")) + 2, 512)
                    self.assertEqual(line.replace("%%", "").count("%"), 0)

    def test_the_default_reply_names_the_record(self):
        lines = self.lines("host.example", "192.0.2.2")
        session = self.server.judged()["session"]
        self.assertEqual(lines, [
            f"550-5.7.25 No PTR record for 192.0.2.2: publish one that names the mail server (no-reverse) [{session}]",
            "550 5.7.25 192.0.2.2 has no reverse DNS: whoever runs the address block has to publish "
            "\"2.2.0.192.in-addr.arpa. PTR <name of the server>\"."])


if __name__ == "__main__":
    unittest.main()
