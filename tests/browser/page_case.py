"""What the tests of the replay page share: a browser for all of them, and pages made by the real code."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import devtools

PRINT_PAGE = os.environ["HELOGUARD_PRINT_PAGE"]
SCREENSHOTS = pathlib.Path(os.environ["HELOGUARD_SCREENSHOTS"])


def make_page(report):
    data = report if isinstance(report, bytes) else json.dumps(report).encode()
    return subprocess.run([PRINT_PAGE], input=data, stdout=subprocess.PIPE, check=True, timeout=60).stdout


class PageCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.browser = devtools.Browser()
        cls.addClassCleanup(cls.browser.close)

    def open(self, report, width=1280, height=900, **look):
        path = pathlib.Path(self.folder.name, "report.html")
        path.write_bytes(make_page(report))
        self.browser.screen(width, height, **look)
        self.browser.open(path)
        self.browser.settle()
        self.path = path
        return self.browser

    def assert_quiet(self):
        """Nothing on the console, and nothing asked of anybody but the page's own file."""
        self.assertEqual(self.browser.console, [])
        asked = [url for url in self.browser.requests if not url.startswith(("data:,", "blob:"))]
        self.assertEqual(asked, [f"file://{self.path}"])


def main():
    if devtools.CHROMIUM is None:
        print("skipped: no chromium (script/bootstrap all installs it)")
        sys.exit(77)
    unittest.main(verbosity=2)
