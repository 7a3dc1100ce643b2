"""A daemon for tests, and what it tells its service manager."""

import os
import random
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

from milter_client import MilterClient

HELOGUARD = os.environ["HELOGUARD"]
SHIPPED = os.environ["HELOGUARD_POLICIES"]

POLICY = r"""
schema = 1
[policy]
name = "small"
mode = "enforce"
stage = "rcpt"
exempt = { authenticated = true, recipients = ["postmaster"] }

[[rule]]
name = "bare-ip"
when.helo.kind = ["bare-ipv4", "bare-ipv6"]
action = "reject"
reply = "550 5.7.1 HELO {helo} is an IP address"
"""
LENIENT = POLICY.replace('action = "reject"\nreply = "550 5.7.1 HELO {helo} is an IP address"', 'action = "note"')
BROKEN = POLICY.replace("bare-ipv4", "bare-ipv5")


def wait_for_line(path, word):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with open(path, encoding="ascii") as file:
            if any(word in line for line in file):
                return
        time.sleep(0.01)
    raise AssertionError(f"no line with {word} in {path}")


class Notifications:
    """What the daemon tells the service manager."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(30)
        self.socket.bind(path)
        os.chmod(path, 0o666)  # also for a daemon that is root no more

    def next(self):
        return self.socket.recv(4096).decode()

    def close(self):
        self.socket.close()


class Daemon:
    """A running `heloguard serve` on a loopback address drawn by lot, so that tests can run beside each other."""

    def __init__(self, policy=POLICY, sections="", log='level = "debug"', health="0s", resolver="127.0.0.1@9",
                 drain="20s", read=True, unix=False, before=None):
        """`unix`: its socket is a file. `before`: called in the child before the program."""
        self.directory = tempfile.TemporaryDirectory(prefix="heloguard-serve-")
        os.chmod(self.directory.name, 0o711)
        self.lines = []
        self.changed = threading.Condition()
        self.host, self.port = free_address()
        self.address = self.path("milter.sock") if unix else (self.host, self.port)
        self.metrics = free_address()
        self.notifications = Notifications(self.path("notify"))
        self.resolver = resolver
        self.drain = drain
        self.health = health  # the resolver's, which is nobody: an alarm would come at any moment
        self.write("policy.toml", policy)
        self.write_config(sections, log)
        self.process = subprocess.Popen(
            [HELOGUARD, "serve", "--config", self.path("heloguard.toml")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8",
            preexec_fn=before, env=dict(os.environ, NOTIFY_SOCKET=self.notifications.path))
        self.reader = threading.Thread(target=self._read if read else lambda: None, daemon=True)
        self.reader.start()

    def write_config(self, sections="", log='level = "debug"'):
        self.write("heloguard.toml", """
[milter]
socket = "%s"
drain = "%s"
[policy]
file = "policy.toml"
[dns]
dnssec = "off"
resolvers = ["%s"]
health_interval = "%s"
[metrics]
listen = "%s:%d"
[log]
%s
%s
""" % ("unix:" + self.address if isinstance(self.address, str) else "inet:%d@%s" % (self.port, self.host), self.drain, self.resolver, self.health, *self.metrics, log, sections))

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def _read(self):
        for line in self.process.stderr:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()

    def line(self, *words, after=0):
        """The first line that holds all words, as soon as it is there."""
        def found():
            return next((l for l in self.lines[after:] if all(w in l for w in words)), None)
        with self.changed:
            if not self.changed.wait_for(found, 30):
                raise AssertionError("no line with %r in %r" % (words, self.lines))
            return found()

    def session(self):
        client = MilterClient(self.address)
        client.negotiate()
        client.connect("192.0.2.1")
        return client

    def judge(self, helo, client=None, to="<bob@example.net>"):
        """The answer to RCPT of one session."""
        with client or self.session() as session:
            session.helo(helo)
            session.mail("<alice@example.com>")
            answer = session.rcpt(to)
            session.quit()
        return answer

    def get(self, path, method="GET"):
        url = "http://%s:%d%s" % (*self.metrics, path)
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=20) as response:
            return response.read().decode()

    def reload(self):
        """Reloads and waits for its end; returns what the service manager was told."""
        self.process.send_signal(signal.SIGUSR1)
        return [self.notifications.next(), self.notifications.next()]

    def stop(self, number=signal.SIGUSR2):
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(60)
        self.reader.join()
        return status

    def finish(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()
        self.notifications.close()
        self.directory.cleanup()


def free_address():
    host = "127.%d.%d.%d" % tuple(random.SystemRandom().randrange(1, 255) for _ in range(3))
    with socket.socket() as probe:
        probe.bind((host, 0))
        return host, probe.getsockname()[1]
