"""The daemon while its DNS server is paused, killed and started again, under load: nobody waits past the deadline,
nobody is refused for it, and all is as before afterwards.

Once as it is for a site that asks authoritative servers itself, once for one that forwards to a resolver; each without
the health watch, so that every session meets the outage, and with it. Figures are printed.
"""

import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import hosts
from dns_servers import Nsd, Resolver
from load import THREADS, Clients, Load, figures, known, mixed
from daemon import Daemon

DEADLINE = 1.0    # seconds, dns.deadline
BOUND = 6.0       # what a session may take from connect to the answer at RCPT, on a busy machine too
WAIT_BOUND = 3.0  # what it may wait for DNS by the daemon's own clock
RECOVERY = 20.0   # until new clients are judged again: libunbound may call a server down for infra-host-ttl

# Sessions of a phase. Those without a server take eight seconds if each waits: enough for libunbound to call it down.
NORMAL, KNOWN, WITHOUT_SERVER = 60, 40, 160
PROBE = 40  # sessions of one attempt to find all as before
HITS = 'heloguard_cache_requests_total{result="hit"}'
ALARM = "DNS is not to be trusted"
REFUSED = "550 5.7.25 no reverse DNS"
POLICY = """
schema = 1
[policy]
name = "reverse"
mode = "enforce"
stage = "rcpt"

[[rule]]
name = "reverse"
when.rdns.status = ["fail", "permerror"]
action = "reject"
reply = "%s"
""" % REFUSED


class OurDaemon(Daemon):
    """Asks a server of ours, `dns` being the setting that leads to it, and waits for DEADLINE."""

    def __init__(self, dns, health):
        self._dns = '%s\ndeadline = "%ds"\nhealth_canaries = ["%s"]' % (dns, DEADLINE, hosts.ZONE)
        super().__init__(POLICY, log='level = "info"\nformat = "json"', health=health)

    def write_config(self, sections="", log=""):
        super().write_config(sections, log)
        with open(self.path("heloguard.toml"), encoding="utf-8") as file:
            parts = file.read().split('resolvers = ["127.0.0.1@9"]')
        assert len(parts) == 2, parts
        self.write("heloguard.toml", self._dns.join(parts))

    def metric(self, name):
        """The sum of a metric over its labels."""
        lines = [l for l in self.get("/metrics").splitlines() if l.startswith(name)]
        return sum(float(l.rsplit(" ", 1)[1]) for l in lines)


class Outage:
    """Its subclasses say how names are resolved: `serve` starts the server and returns the setting that leads to it."""

    def serve(self):
        raise NotImplementedError

    def prepare(self, health):
        server, setting = self.serve()
        self.addCleanup(server.close)
        server.start()
        self.server = server
        self.daemon = OurDaemon(setting, health)
        self.addCleanup(self.daemon.finish)
        self.daemon.notifications.next()
        self.clients = Clients()
        self.load = Load(self.daemon)
        self.outages = (("paused", server.pause, server.resume), ("killed", server.kill, server.start))

    def stop_well(self):
        self.assertEqual(self.daemon.stop(), 0, self.daemon.lines[-5:])
        self.assertIn('"stopped"', self.daemon.lines[-1])

    def leave_lookups(self):
        """Clients that are gone before there is an answer about them."""
        for client in self.clients.new(THREADS):
            self.load.leave(client)

    def tell(self, text):
        print("%s: %s" % (type(self).__name__, text), flush=True)

    # --- phases ---

    def normal(self):
        """Returns the sessions, whose clients are known from then on."""
        outcomes = self.load.run(self.clients.new(NORMAL))
        for o in outcomes:
            self.assertEqual(o.answer, "continue" if o.good else REFUSED, o)
            self.assertEqual(o.log["rdns_status"], "pass" if o.good else "permerror", o)
            self.assertLess(o.seconds, BOUND, o)
        self.tell("normal: " + figures(outcomes))
        return outcomes

    def outage(self, state, acquainted):
        """Sessions while the server is away, those of `acquainted` among new ones."""
        new, old = self.clients.new(WITHOUT_SERVER), known(acquainted, KNOWN)
        hits = self.daemon.metric(HITS)
        with ThreadPoolExecutor(1) as beside:
            sessions = beside.submit(self.load.run, mixed(new, old))
            slowest = self.metrics_until(sessions.done)
            sessions.result()
        self.tell("%s: new %s, known %s, /metrics %.3f s" % (state, figures(new), figures(old), slowest))
        for o in new:
            self.assertEqual((o.answer, o.log["rdns_status"], o.log["verdict"]), ("continue", "temperror", "accept"), o)
        for o in old:
            self.assertEqual(o.answer, "continue" if o.good else REFUSED, o)
            self.assertEqual((o.log["wait_ms"], o.log["dns"]["queries"]), (0, 0), o)
        for o in new + old:
            self.assertLess(o.seconds, BOUND, o)
            self.assertLess(o.log["wait_ms"], 1000 * WAIT_BOUND, o)
        self.assertLess(slowest, BOUND)
        self.assertEqual(self.daemon.metric(HITS), hits + KNOWN)

    def metrics_until(self, done):
        """The longest that /metrics took meanwhile."""
        slowest = 0.0
        while not done():
            begin = time.monotonic()
            self.daemon.get("/metrics")
            slowest = max(slowest, time.monotonic() - begin)
        return slowest

    def illness(self, state, acquainted, mark):
        """Sessions until the watch calls the resolver ill, then more, which nothing holds up any longer."""
        before = self.load.run(self.clients.new(WITHOUT_SERVER))
        self.daemon.line(ALARM, after=mark)  # two looks running, of four seconds each
        self.assertEqual(self.daemon.metric("heloguard_resolver_healthy"), 0)
        new, old = self.clients.new(NORMAL), known(acquainted, KNOWN)
        self.load.run(mixed(new, old))
        self.tell("%s: until the alarm %s, then %s" % (state, figures(before), figures(new + old)))
        for o in before:
            self.assertEqual((o.answer, o.log["verdict"]), ("continue", "accept"), o)
        for o in new + old:
            self.assertEqual((o.answer, o.log["resolver"], o.log["wait_ms"]), ("continue", "ill", 0), o)
        for o in before + new + old:
            self.assertLess(o.seconds, BOUND, o)

    def recovery(self, state):
        """New clients until those without reverse DNS are refused for it."""
        begin = time.monotonic()
        tried = 0
        while True:
            good, *bad = self.load.run(self.clients.new(1) + [self.clients.bad() for _ in range(PROBE - 1)])
            tried += PROBE
            took = time.monotonic() - begin
            self.assertEqual(good.answer, "continue", good)
            if all(o.answer == REFUSED for o in bad):
                break
            self.assertLess(took, RECOVERY, bad[-1])
        self.tell("no more %s: judged again after %.1f s and %d clients" % (state, took, tried))

    # --- tests ---

    def test_every_session_meets_the_outage(self):
        self.prepare(health="0s")
        acquainted = self.normal()
        for state, begin, end in self.outages:
            begin()
            self.outage(state, acquainted)
            end()
            self.recovery(state)
            acquainted = self.normal()
        self.stop_well()

    def test_the_health_watch_sees_it(self):
        self.prepare(health="1s")
        acquainted = self.normal()
        for state, begin, end in self.outages:
            mark = len(self.daemon.lines)
            begin()
            self.illness(state, acquainted, mark)
            mark = len(self.daemon.lines)
            end()
            self.daemon.line("DNS is to be trusted again, all rules are in force", after=mark)
            self.assertEqual(self.daemon.metric("heloguard_resolver_healthy"), 1)
            self.recovery(state)
            acquainted = self.normal()
        self.server.pause()
        self.leave_lookups()
        self.stop_well()


class Recursion(Outage, unittest.TestCase):
    def serve(self):
        nsd = Nsd()
        return nsd, 'unbound_config = "%s"' % nsd.stub_config()


class Forwarding(Outage, unittest.TestCase):
    def serve(self):
        resolver = Resolver()
        return resolver, 'resolvers = ["%s"]' % resolver.address


if __name__ == "__main__":
    unittest.main()
