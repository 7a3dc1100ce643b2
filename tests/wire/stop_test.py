"""Stopping: at once when idle, after running sessions otherwise, and never later than the drain time allows."""

import signal
import threading
import time
import unittest

import harness
from milter_client import CONTINUE

# libmilter looks at its stop flag every five seconds by itself: below that, the end came from us.
SOON = 4.0


class Stops(harness.WireTest):
    def test_idle(self):
        for kind in ("inet", "inet6", "unix"):
            with self.subTest(kind=kind):
                server = self.serve(harness.STRINGS, kind=kind)
                status, seconds = server.stop()
                print("stopped idle after %.3f s (%s)" % (seconds, kind))
                self.assertEqual(status, 0)
                self.assertLess(seconds, SOON)

    def test_a_running_session_is_waited_for(self):
        server = self.serve(harness.STRINGS, "--drain", "60000")
        with server.client() as client:
            client.start("192.0.2.1")
            client.mail()
            server.process.send_signal(signal.SIGUSR2)
            # New sessions are served meanwhile.
            with server.client() as other:
                other.start()
                other.mail()
                self.assertEqual(other.rcpt(), CONTINUE)
                other.quit()
            self.assertEqual(client.rcpt(), "550 5.7.1 HELO 192.0.2.1 is an IP address")
            self.assertIsNone(server.process.poll())
            client.quit()
        begin = time.monotonic()
        self.assertEqual(server.process.wait(30), 0)
        self.assertLess(time.monotonic() - begin, SOON)

    def test_the_drain_time_ends_it(self):
        server = self.serve(harness.STRINGS, "--drain", "300")
        with server.client() as client:
            client.start()
            status, seconds = server.stop()
            self.assertEqual(status, 0)
            self.assertGreaterEqual(seconds, 0.3)
            self.assertLess(seconds, SOON)

    def test_callbacks_that_wait(self):
        server = self.serve(harness.LOOKUPS, "--drain", "0", "--silent", "yes", "--deadline", "1000")
        clients = [server.client() for _ in range(10)]
        for client in clients:
            client.start()
            client.mail()
        def wait_for_the_answer(client):
            try:
                client.rcpt()
            except (OSError, EOFError):
                pass  # cut: the drain time was over
        threads = [threading.Thread(target=wait_for_the_answer, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        status, seconds = server.stop()
        self.assertEqual(status, 0)
        self.assertLess(seconds, 1 + SOON)
        for client in clients:
            client.close()
        for thread in threads:
            thread.join()

    def test_sigterm_is_libmilters_own(self):
        server = self.serve(harness.STRINGS)
        with server.client() as client:  # by the time this is over the listener waits for the next one
            client.start()
            client.quit()
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(60), 0)


if __name__ == "__main__":
    unittest.main()
