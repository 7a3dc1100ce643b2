"""A FIFO, device, socket or folder where a file belongs is an error that names it; nothing waits for it."""

import os
import re
import socket
import subprocess
import tempfile
import unittest

HELOGUARD = os.environ["HELOGUARD"]
PATIENCE = 60  # seconds; a wait for a FIFO's other end would have none
REASON = r"Is a directory|it is a (FIFO|device|directory|socket, FIFO or device), not a regular file"

POLICY = 'schema = 1\n[policy]\nname = "small"\n[[rule]]\nname = "bare-ip"\nwhen.helo.kind = ["bare-ipv4"]\naction = "note"\n'
SETTINGS = '[policy]\nfile = "policy.toml"\n[dns]\ndnssec = "off"\nresolvers = ["127.0.0.1@9"]\nhealth_interval = "0s"\n'


class OddFiles(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="heloguard-odd-")
        self.addCleanup(self.folder.cleanup)
        os.mkfifo(self.path("fifo"))
        os.mkdir(self.path("folder"))
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.path("socket"))
        self.odd = [self.path(name) for name in ("fifo", "folder", "socket")] + ["/dev/zero"]
        self.write("policy.toml", POLICY)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def refused(self, odd, *arguments):
        done = subprocess.run([HELOGUARD, *arguments], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
                              timeout=PATIENCE, check=False)
        said = done.stdout + done.stderr
        self.assertIn(done.returncode, (66, 69, 78), said)
        self.assertIn(odd, said)
        self.assertTrue(re.search(REASON, said), said)

    def test_named_on_the_command_line(self):
        for odd in self.odd:
            with self.subTest(odd):
                self.refused(odd, "lint", odd)
                self.refused(odd, "check", "--policy", odd, "--client", "192.0.2.1", "--helo", "a.example")
                self.refused(odd, "serve", "--check-config", "--config", odd)
                if not os.path.isdir(odd):  # one of cases is searched
                    self.refused(odd, "test", odd)

    def test_named_by_a_policy(self):
        for odd in self.odd:
            for text in ('include = ["%s"]\n' + POLICY, POLICY + '[list.many]\npatterns = "%s"\n',
                         POLICY + '[list.many]\npostfix = "pcre:%s"\n'):
                with self.subTest(odd, text=text):
                    self.refused(odd, "lint", self.write("naming.toml", text % odd))

    def test_named_by_settings(self):
        rows = (SETTINGS.replace("policy.toml", "%s"), SETTINGS + '[log]\ntarget = "file"\nfile = "%s"\n',
                '[policy]\nfile = "policy.toml"\n[dns]\ndnssec = "off"\nresolv_conf = "%s"\n',
                SETTINGS.replace('dnssec = "off"', 'trust_anchor = "%s"'),
                '[policy]\nfile = "policy.toml"\n[dns]\ndnssec = "off"\nunbound_config = "%s"\n',
                '[policy]\nfile = "policy.toml"\n[dns]\ndnssec = "off"\nroot_hints = "%s"\n')
        for odd in self.odd:
            for text in rows:
                with self.subTest(odd, text=text):
                    config = self.write("heloguard.toml", '[milter]\nsocket = "unix:%s"\n' % self.path("milter") +
                                        text % odd)
                    self.refused(odd, "serve", "--config", config)


if __name__ == "__main__":
    unittest.main()
