"""What no MTA sends, and what may come all the same. After each of these the server has to serve on."""

import random
import socket
import struct
import unittest

import harness
from milter_client import CONTINUE, NO_ANSWER, packet

MOST = 65535  # bytes libmilter takes in one packet, the command apart


class Hostile(harness.WireTest):
    def setUp(self):
        self.server = self.serve(harness.STRINGS)

    def serves_on(self):
        with self.server.client() as client:
            client.start("192.0.2.1")
            client.mail()
            self.assertEqual(client.rcpt(), "550 5.7.1 HELO 192.0.2.1 is an IP address")
            client.quit()

    def assert_dropped(self, client):
        """The milter closes, whether it had read all or not, and says nothing."""
        try:
            self.assertEqual(client.socket.recv(100), b"")
        except ConnectionResetError:
            pass

    def test_helo_of_60_kilobytes(self):
        for helo in (b"a" * 60000, b"a." * 30000, b"\xff" * 60000, b"%" * (MOST - 1)):
            with self.subTest(start=helo[:2]), self.server.client() as client:
                client.start(helo)
                client.mail()
                self.assertEqual(client.rcpt(), "550 5.5.2 HELO is too long")
                client.quit()
        self.assertLessEqual(len(self.server.judged()["helo"]), 2048)
        self.serves_on()

    def test_a_packet_too_long_ends_the_connection(self):
        with self.server.client() as client:
            client.negotiate()
            client.connect()
            try:
                client.send(packet(b"H", b"a" * MOST + b"\0"))
            except ConnectionError:
                pass
            self.assert_dropped(client)
        self.serves_on()

    def test_helo_ends_at_nul(self):
        rows = [(b"mail.example.com\0 192.0.2.1", CONTINUE), (b"192.0.2.1\0.example.com",
                                                               "550 5.7.1 HELO 192.0.2.1 is an IP address")]
        for helo, answer in rows:
            with self.subTest(helo=helo), self.server.client() as client:
                client.start(helo)
                client.mail()
                self.assertEqual(client.rcpt(), answer)
                client.quit()

    def test_helo_without_its_nul_is_no_helo(self):
        with self.server.client() as client:
            client.negotiate()
            client.connect()
            client.send(packet(b"H", b"192.0.2.1"))
            client.mail()
            self.assertEqual(client.rcpt(), CONTINUE)
            client.quit()
        self.serves_on()

    def test_hostile_bytes_are_escaped_in_replies(self):
        with self.server.client() as client:
            client.start(b"192.0.2.1")
            client.helo(b"\r\n250 ok\r\n\x7f\xc3")
            client.mail(b"<\r\n\xff@x>")
            self.assertEqual(client.rcpt(b"<\r\n\xfe@x>"), CONTINUE)
            client.quit()
        judged = self.server.judged()
        self.assertEqual(judged["from"], r"<\x0d\x0a\xff@x>")
        self.assertEqual(judged["to"], r"<\x0d\x0a\xfe@x>")

    def test_addresses_of_60_kilobytes(self):
        with self.server.client() as client:
            client.start("192.0.2.1")
            client.mail(b"<" + b"a" * 60000 + b">")
            self.assertEqual(client.rcpt(b"<postmaster@" + b"a" * 60000 + b">"), CONTINUE)
            self.assertEqual(client.rcpt(b"<" + b"a" * 60000 + b">"), "550 5.7.1 HELO 192.0.2.1 is an IP address")
            client.quit()

    def test_macros_of_60_kilobytes(self):
        with self.server.client() as client:
            client.negotiate()
            client.macros("C", j="a" * 30000, client_addr="1" * 10000, daemon_port="2" * 10000)
            client.connect("", "U")
            client.helo("192.0.2.1")
            client.mail()
            self.assertEqual(client.rcpt(), CONTINUE)
            client.quit()
        judged = self.server.judged()
        self.assertEqual((judged["port"], judged["client"], len(judged["mta"])), ("0", "-", 255))

    def test_events_out_of_order(self):
        def helo_first(c):
            return c.helo("192.0.2.1")

        def mail_first(c):
            return c.mail()

        def connect_without_negotiation(c):
            c.send(packet(b"C", b"x\0" + b"4" + struct.pack("!H", 1) + b"192.0.2.1\0"))
            return c.helo("192.0.2.1")

        def rcpt_without_mail(c):
            c.start("192.0.2.1")
            c.send(packet(b"U", b"XYZZY\0"))
            c.answer()
            return c.rcpt()

        def negotiated_twice(c):
            c.start("192.0.2.1")
            c.send(packet(b"O", struct.pack("!III", 6, 0x1FF, 0x1FFFFF)))
            c.mail()
            return c.rcpt()

        def connected_twice(c):
            c.start("192.0.2.1")
            c.connect("192.0.2.2")
            c.mail()
            return c.rcpt()

        refused = "550 5.7.1 HELO 192.0.2.1 is an IP address"
        for order, answer in [(helo_first, CONTINUE), (mail_first, CONTINUE), (connect_without_negotiation, CONTINUE),
                              (rcpt_without_mail, refused), (negotiated_twice, refused), (connected_twice, refused)]:
            with self.subTest(order=order.__name__), self.server.client() as client:
                self.assertEqual(order(client), answer)
        self.serves_on()

    def test_abrupt_close_at_every_stage(self):
        steps = [
            lambda c: None,
            lambda c: c.negotiate(),
            lambda c: c.connect(),
            lambda c: c.helo("192.0.2.1"),
            lambda c: c.mail(),
            lambda c: c.rcpt(),
            lambda c: c.end_of_message(),
        ]
        server = self.serve(harness.LOOKUPS)  # there is an answer to connect: once it is read there is a session
        for last in range(len(steps)):
            for reset in (False, True):
                with self.subTest(last=last, reset=reset), server.client() as client:
                    for step in steps[:last + 1]:
                        step(client)
                    if reset:  # as when the MTA's process is killed
                        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Connections that never came to connect are no sessions; every other one is told of once it is over.
        sessions = 2 * (len(steps) - 2)
        server.wait_for_line("judged", sessions)
        self.assertEqual((server.count("opened"), server.count("judged")), (sessions, sessions))

    def test_half_packets(self):
        for part in (b"", b"\0", b"\0\0\0", b"\0\0\0\0", b"\0\0\0\5", b"\0\0\0\5H", b"\0\0\0\5Hab", b"\xff\xff\xff\xff",
                     b"\0\0\0\2C\0", packet(b"C"), packet(b"H"), packet(b"M"), packet(b"M", b"a"), packet(b"D"),
                     packet(b"D", b"C"), packet(b"D", b"Ca"), packet(b"\0"), packet(b"O"), packet(b"O", b"\0" * 11),
                     packet(b"O", struct.pack("!III", 1, 0, 0)), b"GET / HTTP/1.1\r\n\r\n"):
            for negotiated in (False, True):
                with self.subTest(part=part, negotiated=negotiated), self.server.client() as client:
                    if negotiated:
                        client.negotiate()
                    client.send(part)
        self.serves_on()

    def test_connect_information_that_is_broken(self):
        for data in (b"", b"\0", b"x\0", b"x\0" + b"4", b"x\0" + b"4\0\0", b"x\0" + b"4\0\0" + b"999.1.1.1\0",
                     b"x\0" + b"6\0\0" + b"zz\0", b"x\0" + b"L\0\0" + b"a" * 300 + b"\0", b"x\0" + b"?\0\0" + b"a\0",
                     b"x\0" + b"4\0\0" + b"192.0.2.1"):
            with self.subTest(data=data), self.server.client() as client:
                client.negotiate()
                client.send(packet(b"C", data))
                self.assert_dropped(client)
        self.serves_on()
        self.server.wait_for_line("judged")
        self.assertEqual(self.server.count("opened"), 1)

    def test_garbage(self):
        chance = random.Random(20260101)  # the same garbage every time
        for _ in range(300):
            client = self.server.client()
            with client:
                client.socket.settimeout(0.001)
                if chance.random() < 0.8:
                    client.send(packet(b"O", struct.pack("!III", 6, 0x1FF, 0x1FFFFF)))
                try:
                    for _ in range(chance.randrange(1, 12)):
                        command = chance.choice(b"ABCDEHLMNOQRTUKxyz\0\xff").to_bytes(1, "big")
                        data = chance.choice([b"", b"\0", b"a\0", b"<a>\0b\0", b"x\0" + b"4\0\0" + b"192.0.2.1\0",
                                              chance.randbytes(chance.randrange(0, 300))])
                        client.send(packet(command, data))
                except OSError:
                    pass  # dropped already, or not read in time: both are fine
        self.serves_on()

    def test_silence_is_no_session(self):
        with self.server.client() as client:
            self.assertEqual(client.negotiate().version, 6)
            with self.server.client() as other:
                self.assertEqual(other.start(), NO_ANSWER)
                other.quit()
        self.server.wait_for_line("judged")
        self.assertEqual(self.server.count("opened"), 1)


if __name__ == "__main__":
    unittest.main()
