"""Where the milter listens, and who may connect."""

import os
import socket
import stat
import unittest

import harness
from milter_client import CONTINUE


class Sockets(harness.WireTest):
    def serves(self, server):
        with server.client() as client:
            client.start()
            client.mail()
            self.assertEqual(client.rcpt(), CONTINUE)
            client.quit()

    def test_kinds(self):
        for kind in ("inet", "inet6", "unix"):
            with self.subTest(kind=kind):
                self.serves(self.serve(harness.STRINGS, kind=kind))

    def test_a_host_name(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = self.serve(harness.STRINGS, kind="inet:%d@localhost" % port)
        server.address = ("127.0.0.1", port)
        self.serves(server)

    def test_mode_group_and_removal(self):
        server = self.serve(harness.STRINGS, "--mode", "0620", "--group", str(os.getgid()), "--backlog", "5")
        status = os.lstat(server.address)
        self.assertTrue(stat.S_ISSOCK(status.st_mode))
        self.assertEqual(oct(stat.S_IMODE(status.st_mode)), "0o620")
        self.assertEqual(status.st_gid, os.getgid())
        self.serves(server)
        self.assertEqual(server.stop()[0], 0)
        self.assertFalse(os.path.lexists(server.address))

    def test_a_stale_socket_is_replaced(self):
        server = self.serve(harness.STRINGS)
        server.process.kill()
        server.process.wait()
        self.assertTrue(os.path.lexists(server.address))
        self.addCleanup(setattr, server.process, "returncode", 0)  # it was killed, and has nothing to end well
        server.lines.append("served ok")
        self.serves(self.serve(harness.STRINGS, kind="unix:" + server.address))

    def refused(self, kind, *options):
        """A server that does not come up: its last word."""
        server = harness.Server(harness.STRINGS, *options, kind=kind)
        self.addCleanup(server.finish)
        self.assertEqual(server.process.wait(30), 1)
        server.reader.join()
        return server.lines[-1]

    def test_what_cannot_be_opened_is_named(self):
        server = self.serve(harness.STRINGS)
        inet = self.serve(harness.STRINGS, kind="inet")
        rows = [
            (("unix:" + server.address,), "another process listens on it"),
            (("unix:" + server.path("policy.toml"),), "the path is there and is no socket"),
            (("unix:" + server.path("none/milter.sock"),), "No such file or directory"),
            (("unix:milter.sock",), "the path has to start with /"),
            ((inet.setting,), "cannot bind: Address already in use"),
            (("inet:8891@192.0.2.1",), "cannot bind: Cannot assign requested address"),
            (("inet:none@127.0.0.1",), "the port is a number from 1 to 65535"),
            (("unix", "--group", "no-such-group"), "there is no group no-such-group"),
        ]
        for arguments, reason in rows:
            with self.subTest(arguments=arguments):
                line = self.refused(*arguments)
                self.assertTrue(line.startswith("served milter socket"), line)
                self.assertIn(reason, line)
        self.serves(server)
        self.serves(inet)


if __name__ == "__main__":
    unittest.main()
