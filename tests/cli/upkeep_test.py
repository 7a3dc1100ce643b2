"""What a daemon loses or runs out of while it runs: its socket's file, descriptors, sessions, threads."""

import os
import resource
import socket
import threading
import time
import unittest

from daemon import POLICY, Daemon
from milter_client import CONTINUE, MilterClient

BARE_IP = "550 5.7.1 HELO 192.0.2.1 is an IP address"
USER = 64_321   # one that has no processes: a limit of threads counts all of a user's
SPARE = 15      # threads beside those of a daemon that rests
CROWD = 150
LOOKS_UP = POLICY + '[[rule]]\nname = "no-rdns"\nwhen.rdns.status = "fail"\naction = "reject"\n'


class Upkeep(unittest.TestCase):
    def start(self, **kwargs):
        daemon = Daemon(**kwargs)
        self.addCleanup(daemon.finish)
        daemon.notifications.next()
        return daemon

    def test_a_socket_whose_file_was_deleted_is_made_again(self):
        daemon = self.start(unix=True)
        before = os.lstat(daemon.address)
        with daemon.session() as staying:
            os.unlink(daemon.address)
            self.assertIn("was deleted or replaced: made again", daemon.line("milter socket"))
            self.assertEqual(oct(os.lstat(daemon.address).st_mode), oct(before.st_mode))
            self.assertEqual(daemon.judge("192.0.2.1"), BARE_IP)
            staying.helo("192.0.2.1")  # those that were connected stay so
            staying.mail()
            self.assertEqual(staying.rcpt(), BARE_IP)
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse(os.path.exists(daemon.address))

    def test_a_file_in_the_place_of_its_socket_is_left_alone(self):
        daemon = self.start(unix=True)
        os.unlink(daemon.address)
        other = socket.socket(socket.AF_UNIX)
        self.addCleanup(other.close)
        other.bind(daemon.address)
        other.listen()
        self.assertIn("another process listens on it", daemon.line("milter socket"))
        self.assertEqual(daemon.stop(), 0)
        self.assertTrue(os.path.exists(daemon.address))

    def test_limits_are_told_of_before_they_are_reached(self):
        daemon = self.start(sections="[limits]\nsessions = 5\n")
        sessions = [daemon.session() for _ in range(4)]
        daemon.line("4 of 5 sessions are in use (limits.sessions)")
        self.assertRegex(daemon.get("/metrics"), "\nheloguard_sessions_open 4\n")
        for session in sessions:
            session.quit()
            session.close()

    @unittest.skipIf(os.geteuid() != 0, "only root becomes another user")
    def test_without_threads_nothing_is_nudged_and_all_comes_back(self):
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(silent.close)
        silent.bind(("127.0.0.1", 0))

        def become():
            resource.setrlimit(resource.RLIMIT_NPROC, (SPARE + 15, SPARE + 15))
            os.setgroups([])
            os.setgid(USER)
            os.setuid(USER)

        daemon = Daemon(policy=LOOKS_UP, resolver="127.0.0.1@%d" % silent.getsockname()[1], drain="1s", before=become)
        self.addCleanup(daemon.finish)
        os.chmod(daemon.directory.name, 0o755)
        daemon.notifications.next()
        before = self.descriptors(daemon)
        answers = []

        def session():
            try:
                with MilterClient(daemon.address, timeout=10) as client:
                    client.start("mail.example.com")
                    client.mail()
                    answers.append(client.rcpt())
            except TimeoutError:  # of those that came when there was no thread libmilter answers none
                pass

        threads = [threading.Thread(target=session) for _ in range(CROWD)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(set(answers), {CONTINUE})
        lost = CROWD - len(answers)
        deadline = time.monotonic() + 30
        while self.descriptors(daemon) > before + lost + 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertLessEqual(self.descriptors(daemon), before + lost + 5)
        self.assertEqual(daemon.judge("192.0.2.1"), BARE_IP)
        self.assertEqual(daemon.stop(), 0)

    def descriptors(self, daemon):
        return len(os.listdir("/proc/%d/fd" % daemon.process.pid))


if __name__ == "__main__":
    unittest.main()
