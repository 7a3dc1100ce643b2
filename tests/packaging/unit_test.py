"""The systemd unit: how tightly it is shut, and that it says what the daemon needs said."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import BINARY, CliTest

UNIT = pathlib.Path(os.environ["HELOGUARD_ETC"]) / "heloguard.service"
MOST_EXPOSED = 20  # tenths, as --threshold takes them

ANALYZE = shutil.which("systemd-analyze")


def seconds(text):
    number, unit = re.fullmatch(r'"?(\d+)(ms|s|m)?"?', text).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, None: 1}[unit]


class Unit(CliTest):
    def values(self, key):
        return re.findall(rf"^{key}=(.*)$", UNIT.read_text(), re.M)

    @unittest.skipUnless(ANALYZE, "no systemd-analyze")
    def test_the_rating(self):
        ran = subprocess.run([ANALYZE, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(UNIT)],
                             capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        rating = re.search(r"Overall exposure level for heloguard\.service: (\d+\.\d)", ran.stdout)[1]
        self.assertLessEqual(float(rating), MOST_EXPOSED / 10)

    @unittest.skipUnless(ANALYZE, "no systemd-analyze")
    def test_systemd_understands_every_line(self):
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "heloguard.service"
            unit.write_text(re.sub(r"=\S*/heloguard serve", f"={BINARY} serve", UNIT.read_text()))
            ran = subprocess.run([ANALYZE, "verify", "--man=no", "--recursive-errors=no", str(unit)], capture_output=True,
                                 text=True, check=False)
        ours = [line for line in ran.stderr.splitlines() if "heloguard" in line]
        self.assertEqual((ran.returncode, ours), (0, []), ran.stderr)

    def test_signals_are_the_daemons_own(self):
        self.assertEqual(self.values("Type"), ["notify"])
        self.assertEqual(self.values("KillSignal"), ["SIGUSR2"])
        # First: a check that fails must not keep the daemon from counting the reload that failed.
        self.assertEqual(self.values("ExecReload")[0], '/bin/sh -c "kill -USR1 $MAINPID"')

    def test_the_configuration_is_named_everywhere(self):
        commands = [line for line in self.values("ExecStart") + self.values("ExecReload") if "heloguard" in line]
        self.assertEqual(len(commands), 2)
        for line in commands:
            self.assertTrue(line.endswith(" --config /etc/heloguard/heloguard.toml"), line)

    def test_a_stop_has_time_to_drain(self):
        drain = re.search(r"`drain` \| `([^`]+)`", self.run_binary("reference", "settings").out)[1]
        self.assertGreater(int(self.values("TimeoutStopSec")[0]), seconds(drain) + 10)

    def test_descriptors_for_sessions_and_lookups(self):
        flight = int(re.search(r"`max_in_flight` \| `(\d+)`", self.run_binary("reference", "settings").out)[1])
        self.assertGreaterEqual(int(self.values("LimitNOFILE")[0]), 20000 + 2 * flight)


if __name__ == "__main__":
    unittest.main()
