"""Runs the heloguard binary for tests and hands back what it did."""
import json
import os
import pathlib
import pty
import subprocess
import tempfile
import unittest

BINARY = os.environ["HELOGUARD"]
SOURCE = pathlib.Path(os.environ["HELOGUARD_SOURCE_DIR"])

OK, FAILED, USAGE, DATA, NO_INPUT, UNAVAILABLE, TEMPFAIL, REJECT, CONFIG = 0, 1, 64, 65, 66, 69, 75, 77, 78

POLICY = r"""
schema = 1
[policy]
name = "sample"
score = { tempfail = 3.0, reject = 6.0 }

[list.trusted]
clients = ["10.0.0.0/8"]

[list.generic]
patterns = "generic.re2"
part = "host"

[[rule]]
name = "trusted"
when.client.address = "@trusted"
action = "accept"

[[rule]]
name = "bare-ip"
when.helo.kind = ["bare-ipv4", "bare-ipv6"]
action = "reject"
reply = "550 5.7.1 HELO {helo} is an IP address without brackets, {session}"

[[rule]]
name = "watched"
when.helo.name = '^mail\d+\.'
mode = "observe"
score = 9.0

[[rule]]
name = "generic"
when.helo.name = "@generic"
when.rdns.status = ["fail", "permerror"]
score = 6.5
reason = "dial-up names"

[[rule]]
name = "unverified"
when.rdns.status = ["fail", "permerror"]
score = 3.0

[[rule]]
name = "dns-trouble"
when.rdns.status = "temperror"
action = "tempfail"

[[rule]]
name = "noted"
when.helo.flaws = "underscore"
action = "note"
"""
PATTERNS = "^dyn-\\d+\n+ dyn-12\n- mail\n"


class Ran:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout.decode("ascii"), done.stderr.decode("ascii")

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


class CliTest(unittest.TestCase):
    """A folder of its own with sample.toml in it, and the binary run there."""

    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        self.write("sample.toml", POLICY)
        self.write("generic.re2", PATTERNS)

    def write(self, name, text):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run_binary(self, *args, stdin=b"", env=None):
        environment = {"PATH": "/usr/bin:/bin", **(env or {})}
        return Ran(subprocess.run([BINARY, *args], cwd=self.dir, input=stdin, env=environment, capture_output=True,
                                  timeout=60, check=False))

    def progress_of(self, *args):
        """What the binary writes to a terminal on standard error; it has to end well."""
        primary, secondary = pty.openpty()
        with subprocess.Popen([BINARY, *args], cwd=self.dir, stdout=subprocess.DEVNULL, stderr=secondary) as process:
            os.close(secondary)
            shown = b""
            try:
                while chunk := os.read(primary, 65536):
                    shown += chunk
            except OSError:  # the other end is closed
                pass
            self.assertEqual(process.wait(timeout=60), OK)
        os.close(primary)
        return shown

    def check(self, helo, *args, client="192.0.2.1", policy="sample.toml"):
        return self.run_binary("check", "--offline", "--policy", policy, "--client", client, "--helo", helo, *args)

    def check_json(self, helo, *args, **more):
        return self.check(helo, "--format", "json", *args, **more).json
