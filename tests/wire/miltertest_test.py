"""The scripts in miltertest/, run by Debian's miltertest: the protocol as a second implementation speaks it."""

import os
import pathlib
import subprocess
import unittest

import harness

MILTERTEST = os.environ["HELOGUARD_MILTERTEST"]
SCRIPTS = pathlib.Path(__file__).with_name("miltertest")


class Miltertest(harness.WireTest):
    def test_scripts(self):
        scripts = sorted(SCRIPTS.glob("*.lua"))
        self.assertNotEqual(scripts, [])
        server = self.serve(harness.STRINGS, kind="inet")
        host, port = server.address
        for script in scripts:
            with self.subTest(script=script.name):
                done = subprocess.run([MILTERTEST, "-D", "socket=inet:%d@%s" % (port, host), "-s", str(script)],
                                      capture_output=True, encoding="utf-8", timeout=60, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
