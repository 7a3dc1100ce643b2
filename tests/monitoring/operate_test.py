"""A daemon at work: reloaded a thousand times under load, and its metrics against its log."""
import collections
import re
import subprocess
import threading
import unittest

from daemon import BROKEN, POLICY
from serve_test import ServeTest

RELOADS = 1_000
OTHER = POLICY.replace('name = "small"', 'name = "other"')
HELOS = ("192.0.2.1", "mail.example.com")
ANSWERS = {"192.0.2.1": "550 5.7.1 HELO 192.0.2.1 is an IP address", "mail.example.com": "continue"}


class Load:
    """Sessions one after another in a few threads, each answer held against what it has to be."""

    def __init__(self, daemon, threads=3):
        self.daemon = daemon
        self.stopping = threading.Event()
        self.answered = collections.Counter()
        self.wrong = []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        count = number
        while not self.stopping.is_set():
            helo = HELOS[count % 2]
            count += 1
            try:
                answer = self.daemon.judge(helo)
            except Exception as problem:  # a session that was cut
                answer = repr(problem)
            with self.lock:
                self.answered[helo] += 1
                if answer != ANSWERS[helo]:
                    self.wrong.append((helo, answer))

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def verdicts_of_log(lines):
    """Judgements by verdict, rule and mode; a line of repeated refusals stands for as many."""
    counted = collections.Counter()
    for line in lines:
        found = re.search(r"verdict=(\S+) rule=(\S+) mode=(\S+)", line)
        if found and "candidate=" not in line:
            repeated = re.search(r"\brepeated=(\d+)", line)
            verdict, rule, mode = found.groups()
            rule = "exempt" if " exempt=" in line else "" if rule == "-" else rule
            counted[verdict, rule, mode] += int(repeated[1]) if repeated else 1
    return counted


def verdicts_of_metrics(text):
    rows = re.findall(r'^heloguard_verdicts_total\{mode="(\w*)",rule="([^"]*)",verdict="(\w*)"\} (\d+)', text, re.M)
    return collections.Counter({(verdict, rule, mode): int(count) for mode, rule, verdict, count in rows})


class Operate(ServeTest):
    def test_reloads_under_load(self):
        daemon = self.start()
        load = Load(daemon)
        failed = 0
        for number in range(RELOADS):
            text = BROKEN if number % 10 == 9 else (OTHER, POLICY)[number % 2]
            daemon.write("policy.toml", text)
            told = daemon.reload()
            self.assertEqual(told[0], "RELOADING=1")
            self.assertEqual("reload failed" in told[1], text is BROKEN, told)
            failed += text is BROKEN
        load.stop()
        self.assertEqual(load.wrong, [])
        self.assertGreater(min(load.answered.values()), 100)
        self.assert_counted(daemon, 'heloguard_reloads_total{result="error"} %d' % failed)
        self.assert_counted(daemon, 'heloguard_reloads_total{result="ok"} %d' % (RELOADS - failed))
        self.assert_counted(daemon, "heloguard_sessions_total %d" % sum(load.answered.values()))
        text = daemon.get("/metrics")
        self.end_well(daemon)
        self.assertEqual(verdicts_of_metrics(text), verdicts_of_log(daemon.lines))
        self.assertEqual(sum(verdicts_of_metrics(text).values()), sum(load.answered.values()))
        self.assertTrue(any("repeated=" in line for line in daemon.lines))

    def test_the_exposition_is_sound(self):
        daemon = self.start()
        daemon.judge("192.0.2.1")
        text = daemon.get("/metrics")
        ran = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (0, "", ""))
        self.assertIn("\nheloguard_serving 1\n", text)
        self.end_well(daemon)

    def test_repeats_zero_gives_every_refusal_its_line(self):
        daemon = self.start(log='repeats = 0')
        for _ in range(15):
            daemon.judge("192.0.2.1")
        self.end_well(daemon)
        self.assertEqual(sum("verdict=reject" in line for line in daemon.lines), 15)
        self.assertFalse(any("repeated=" in line for line in daemon.lines))


if __name__ == "__main__":
    unittest.main()
