"""A stop ends the daemon, whatever it is in the middle of: its start, a reload, a log that takes no lines."""

import os
import signal
import socket
import subprocess
import time
import unittest

from daemon import HELOGUARD, POLICY, Daemon, free_address

SLACK = 10.0  # seconds beside those that are promised, for a busy machine
RULES = 20_000


def many_rules():
    """A policy that takes seconds to load."""
    rule = '[[rule]]\nname = "r%d"\nwhen.helo.name = "^mail%d[.]example[.]%d$"\nscore = 1.0\n'
    return POLICY.replace('stage = "rcpt"', 'stage = "rcpt"\nscore = { reject = 9.0 }') + "".join(
        rule % (n, n, n) for n in range(RULES))


class Stops(unittest.TestCase):
    def start(self, *args, **kwargs):
        daemon = Daemon(*args, **kwargs)
        self.addCleanup(daemon.finish)
        return daemon

    def ends_within(self, seconds, process, number=signal.SIGTERM):
        begin = time.monotonic()
        process.send_signal(number)
        self.assertEqual(process.wait(60), 0)
        self.assertLess(time.monotonic() - begin, seconds + SLACK)

    def blocked_in_start(self, daemon):
        """Waits until its threads are there: it has read its arguments and blocked its signals."""
        status = "/proc/%d/status" % daemon.process.pid
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with open(status, encoding="ascii") as file:
                if any(line.startswith("Threads:") and int(line.split()[1]) > 1 for line in file):
                    return
        raise AssertionError("it has not begun")

    def test_while_it_loads(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2):
            with self.subTest(number):
                daemon = self.start(policy=many_rules())
                self.blocked_in_start(daemon)
                self.ends_within(0, daemon.process, number)

    def test_while_it_looks_at_a_resolver_that_is_silent(self):
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(silent.close)
        silent.bind(("127.0.0.1", 0))
        daemon = self.start(health="1m", resolver="127.0.0.1@%d" % silent.getsockname()[1])
        silent.settimeout(30)
        silent.recv(512)  # it has asked
        self.ends_within(0, daemon.process)

    def test_while_it_reloads(self):
        for number in (signal.SIGTERM, signal.SIGUSR2):
            with self.subTest(number):
                daemon = self.start(drain="0s")
                daemon.notifications.next()
                daemon.write("policy.toml", many_rules())
                daemon.process.send_signal(signal.SIGUSR1)
                self.assertIn("RELOADING", daemon.notifications.next())
                self.ends_within(1, daemon.process, number)

    def test_while_nobody_takes_its_log(self):
        daemon = self.start(drain="0s", read=False)
        daemon.notifications.next()
        for n in range(1000):  # beyond what a pipe holds
            daemon.judge("192.0.2.%d" % (n % 250))
        self.ends_within(3, daemon.process)

    def test_while_a_session_stays(self):
        daemon = self.start(drain="0s")
        daemon.notifications.next()
        with daemon.session():
            self.ends_within(1, daemon.process, signal.SIGUSR2)

    def test_a_second_signal_cuts_a_drain(self):
        daemon = self.start(drain="5m")
        daemon.notifications.next()
        with daemon.session():
            daemon.process.send_signal(signal.SIGUSR2)
            daemon.line("stopping")
            self.ends_within(0, daemon.process)

    def test_a_reload_asked_for_while_it_starts_is_done(self):
        daemon = self.start(policy=many_rules())
        self.blocked_in_start(daemon)
        daemon.process.send_signal(signal.SIGUSR1)
        told = [daemon.notifications.next() for _ in range(3)]
        self.assertTrue(told[0].startswith("READY"), told)
        self.assertTrue(told[1].startswith("RELOADING"), told)
        self.assertEqual(daemon.stop(), 0)

    def test_it_dumps_no_core(self):
        daemon = self.start()
        daemon.notifications.next()
        with open("/proc/%d/limits" % daemon.process.pid, encoding="ascii") as file:
            core = next(line for line in file if line.startswith("Max core file size"))
        self.assertEqual(core.split()[4:6], ["0", "0"])
        self.assertEqual(os.stat("/proc/%d/fd" % daemon.process.pid).st_uid, 0)  # not dumpable


if __name__ == "__main__":
    unittest.main()
