"""Sessions with a daemon, many side by side, and what became of each."""

import itertools
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Optional

import hosts
from milter_client import MilterClient

THREADS = 20


@dataclass
class Outcome:
    address: str
    good: bool     # it has reverse DNS
    known: bool    # it was there before
    answer: Optional[str] = None  # to RCPT
    seconds: float = 0.0          # from connect to the answer to RCPT
    log: Optional[dict] = None    # what the daemon logged about it

    def __str__(self):
        return "%s, %s reverse DNS, %s: %s after %.3f s, log %s" % (
            self.address, "with" if self.good else "without", "known" if self.known else "new", self.answer,
            self.seconds, json.dumps(self.log))


class Clients:
    """Draws clients; each is new once."""

    def __init__(self):
        self._good = (address for address, _ in hosts.good_hosts())
        self._bad = hosts.hosts_without_ptr()

    def bad(self):
        return Outcome(next(self._bad), False, False)

    def new(self, count):
        """Good and bad ones in turn, a good one first."""
        return [self.bad() if number % 2 else Outcome(next(self._good), True, False) for number in range(count)]


def known(outcomes, count):
    return [Outcome(o.address, o.good, True) for o in outcomes[:count]]


def mixed(some, others):
    """`others` spread evenly among `some`."""
    step = len(some) // len(others) + 1
    parts = [some[i * step:(i + 1) * step] + [other] for i, other in enumerate(others)]
    return list(itertools.chain.from_iterable(parts))


class Load:
    def __init__(self, daemon):
        self._daemon = daemon

    def run(self, outcomes):
        """One session for each, THREADS at a time; fills them in."""
        mark = len(self._daemon.lines)
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(self._session, outcomes))
        for outcome in outcomes:
            line = self._daemon.line('"client":"%s"' % outcome.address, after=mark)
            outcome.log = json.loads(line)
        return outcomes

    def leave(self, outcome):
        """A session that ends after HELO."""
        with MilterClient((self._daemon.host, self._daemon.port)) as client:
            client.start("mail." + hosts.ZONE, outcome.address)

    def _session(self, outcome):
        begin = time.monotonic()
        with MilterClient((self._daemon.host, self._daemon.port)) as client:
            client.negotiate()
            client.connect(outcome.address)
            client.helo("mail." + hosts.ZONE)
            client.mail()
            outcome.answer = client.rcpt()
            outcome.seconds = time.monotonic() - begin
            client.quit()


def figures(outcomes):
    """The sessions' times, and how many they are."""
    times = [o.seconds for o in outcomes]
    return "median %.3f s, longest %.3f s (%d)" % (statistics.median(times), max(times), len(times))
