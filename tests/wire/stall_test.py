"""Many sessions whose DNS never answers do not hold up others: libmilter's pool is nudged while callbacks wait."""

import threading
import time
import unittest

import harness
from milter_client import CONTINUE

STALLED = 120  # sessions that wait at RCPT until the deadline
DEADLINE = 1.0
BOUND = 3.0    # seconds another session may take; without the nudge 3 to 5 were seen


class Stall(harness.WireTest):
    def test_others_are_served(self):
        # Only clients in 192.0.2.0/24 have DNS that does not answer; the others are refused by the HELO name alone.
        server = self.serve(harness.LOOKUPS, "--silent", "yes", "--deadline", str(int(DEADLINE * 1000)), kind="inet")
        start = threading.Barrier(STALLED + 1)
        answers, waits = [], []

        def stalled(number):
            with server.client() as client:
                client.negotiate()
                start.wait()
                begin = time.monotonic()
                client.connect("192.0.2.%d" % number)
                client.helo("mail.example.com")
                client.mail()
                answers.append(client.rcpt())
                waits.append(time.monotonic() - begin)
                client.quit()

        threads = [threading.Thread(target=stalled, args=(n,)) for n in range(STALLED)]
        for thread in threads:
            thread.start()
        start.wait()
        times = []
        while any(thread.is_alive() for thread in threads):
            begin = time.monotonic()
            with server.client() as client:
                client.start("192.0.2.1", "198.51.100.1")
                client.mail()
                self.assertEqual(client.rcpt(), "550 5.7.1 HELO 192.0.2.1 is an IP address")
                client.quit()
            times.append(time.monotonic() - begin)
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [CONTINUE] * STALLED)
        print("%d sessions beside %d stalled ones: median %.4f s, worst %.3f s; worst of the stalled ones %.3f s "
              "(deadline %.1f s)" %
              (len(times), STALLED, sorted(times)[len(times) // 2], max(times), max(waits), DEADLINE))
        self.assertLess(max(times), BOUND)
        self.assertLess(max(waits), DEADLINE + BOUND)
        # The connections that nudge are no sessions.
        server.wait_for_line("judged", STALLED + len(times))
        self.assertEqual(server.count("opened"), STALLED + len(times))


if __name__ == "__main__":
    unittest.main()
