"""Starts and stops milter_server processes, and reads what they tell."""

import os
import random
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from milter_client import MilterClient

SERVER = os.environ["HELOGUARD_MILTER_SERVER"]

# String facts alone: nothing is looked up, everything is answered at RCPT.
STRINGS = r"""
schema = 1
[policy]
name = "strings"
mode = "enforce"
stage = "rcpt"
exempt = { authenticated = true, recipients = ["postmaster", "abuse"] }

[[rule]]
name = "bare-ip"
when.helo.kind = ["bare-ipv4", "bare-ipv6"]
action = "reject"
reply = "550 5.7.1 HELO {helo} is an IP address"

[[rule]]
name = "percent"
when.helo.name = '^percent\.example$'
action = "reject"
reply = "554 5.7.1 100% of %s and %n refused"

[[rule]]
name = "later"
when.helo.name = '^later\.example$'
action = "tempfail"
reply = "451 4.7.1 Come back later"

[[rule]]
name = "closing"
when.helo.name = '^closing\.example$'
action = "tempfail"
reply = "421 4.7.0 Closing"

[[rule]]
name = "too-long"
when.helo.flaws = "name-too-long"
action = "reject"
reply = "550 5.5.2 HELO is too long"

[[rule]]
name = "in-the-clear"
when.helo.name = '^clear\.example$'
when.client.tls = false
action = "reject"
reply = "550 5.7.1 Only with TLS"
"""

# The same with one rule that needs reverse DNS.
LOOKUPS = STRINGS + r"""
[[rule]]
name = "no-reverse"
when.rdns.status = "permerror"
action = "reject"
reply = "550 5.7.25 No reverse DNS"
"""


def at_stage(policy, stage):
    return policy.replace('stage = "rcpt"', 'stage = "%s"' % stage)


def observing(policy):
    return policy.replace('mode = "enforce"', 'mode = "observe"')


class Server:
    """A server process. `socket` is "unix", "inet" or "inet6", or a setting as it is."""

    def __init__(self, policy, *options, kind="unix"):
        self.directory = tempfile.TemporaryDirectory(prefix="heloguard-wire-")
        self.lines = []
        self.changed = threading.Condition()
        path = self.path("policy.toml")
        with open(path, "w", encoding="ascii") as file:
            file.write(policy)
        self.setting, self.address = self._socket(kind)
        self.process = subprocess.Popen(
            [SERVER, "--socket", self.setting, "--policy", path, *options],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, encoding="ascii")
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def _socket(self, kind):
        if kind == "unix":
            return "unix:" + self.path("milter.sock"), self.path("milter.sock")
        if kind == "inet6":
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
                port = probe.getsockname()[1]
            return "inet6:%d@::1" % port, ("::1", port)
        if kind == "inet":  # a loopback address drawn by lot: servers of tests that run beside this one have others
            host = "127.%d.%d.%d" % tuple(random.SystemRandom().randrange(1, 255) for _ in range(3))
            with socket.socket() as probe:
                probe.bind((host, 0))
                port = probe.getsockname()[1]
            return "inet:%d@%s" % (port, host), (host, port)
        return kind, kind.split(":", 1)[1]

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()

    def wait_for(self, condition, what, timeout=30):
        """Until condition(lines) is true; its value."""
        with self.changed:
            if not self.changed.wait_for(lambda: condition(self.lines), timeout):
                raise AssertionError("no %s within %d s in %r" % (what, timeout, self.lines))
            return condition(self.lines)

    def wait_for_line(self, start, count=1):
        """The first `count` lines that begin with `start`, as soon as they are there."""
        def found(lines):
            matching = [line for line in lines if line.startswith(start)]
            return matching[:count] if len(matching) >= count else None
        return self.wait_for(found, "%d x %s" % (count, start))

    def judged(self, count=1):
        """The last of the first `count` judgements, as a dictionary."""
        line = self.wait_for_line("judged", count)[-1]
        return dict(field.split("=", 1) for field in line.split(" | ")[1:])

    def count(self, start):
        with self.changed:
            return sum(line.startswith(start) for line in self.lines)

    def client(self):
        return MilterClient(self.address)

    def stop(self):
        """As systemd stops the daemon. Returns the exit status and the seconds it took."""
        begin = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGUSR2)
        status = self.process.wait(60)
        return status, time.monotonic() - begin

    def finish(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.directory.cleanup()


class WireTest(unittest.TestCase):
    """Servers started here are stopped at the end of the test, and have to end well: with a sanitizer in the build,
    exit status 0 says that it found nothing."""

    def serve(self, policy, *options, kind="unix"):
        server = Server(policy, *options, kind=kind)
        self.addCleanup(server.finish)
        server.wait_for_line("listening")
        self.addCleanup(self.end_well, server)
        return server

    def end_well(self, server):
        status, _ = server.stop()
        self.assertEqual(status, 0, server.lines)
        server.reader.join()
        self.assertEqual(server.lines[-1], "served ok")
