"""The manual pages: whole, and set without a warning."""
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from harness import BINARY, SOURCE, CliTest

PAGES = ("heloguard.1", "heloguard.8", "heloguard-policy.5", "heloguard.toml.5")


class Manual(CliTest):
    def setUp(self):
        super().setUp()
        subprocess.run([sys.executable, "-B", SOURCE / "packaging" / "manual.py", "--program", BINARY, "--output", self.dir],
                       check=True)

    def formatted(self, page):
        """The page as a terminal shows it, in lines as long as they come."""
        ran = subprocess.run(["groff", "-man", "-ww", "-Tascii", "-P-cbou", "-rLL=2000n", self.dir / page], capture_output=True,
                             text=True, check=True)
        self.assertEqual(ran.stderr, "")
        return ran.stdout

    def names(self, page, column=0):
        rows = re.findall(r"^\| (.*?) \|$", self.run_binary("reference", page).out, re.M)
        found = [name for row in rows for name in re.findall(r"`([^`]+)`", row.split(" | ")[column])]
        self.assertNotEqual(found, [])
        return found

    def test_the_pages_are_there(self):
        self.assertLessEqual(set(PAGES), {path.name for path in self.dir.iterdir()})
        for page in PAGES:
            self.assertNotRegex((self.dir / page).read_text(), r"(?m)^@[A-Z]+@$")

    @unittest.skipUnless(shutil.which("groff"), "no groff")
    def test_nothing_is_missing(self):
        for page, table in (("heloguard.1", "commands"), ("heloguard.8", "metrics"), ("heloguard.toml.5", "settings"),
                            ("heloguard-policy.5", "facts"), ("heloguard-policy.5", "actions")):
            text = self.formatted(page)
            for name in self.names(table):
                with self.subTest(page=page, name=name):
                    self.assertRegex(text, rf"(?m)^\s+(.*[ ,])?{re.escape(name)}(?![\w-])")

    def test_every_key_of_a_policy_is_explained(self):
        page = (self.dir / "heloguard-policy.5").read_text()
        for name in ("policy_reader", "rule_reader", "list_reader"):
            keys = re.findall(r'^ +\{"(\w+)", ', (SOURCE / "src" / "adapters" / "toml" / f"{name}.cc").read_text(), re.M)
            self.assertGreater(len(keys), 4, name)
            for key in keys:
                with self.subTest(reader=name, key=key):
                    self.assertRegex(page, rf"\b{key}\b")

    @unittest.skipUnless(shutil.which("groff"), "no groff")
    def test_special_characters_survive(self):
        text = self.formatted("heloguard.toml.5")
        self.assertIn('socket = "inet:8891@127.0.0.1"', text)
        self.assertIn("\\xNN", self.formatted("heloguard.1"))

    @unittest.skipUnless(shutil.which("man"), "no man")
    def test_man_has_no_warning(self):
        for page in PAGES:
            with self.subTest(page=page):
                ran = subprocess.run(["man", "--warnings=w", "-E", "UTF-8", "-l", "-Tutf8", "-Z", self.dir / page], text=True,
                                     env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"},
                                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
                self.assertEqual((ran.returncode, ran.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("mandoc"), "no mandoc")
    def test_mandoc_has_no_complaint(self):
        for page in PAGES:
            with self.subTest(page=page):
                ran = subprocess.run(["mandoc", "-Tlint", "-Wwarning", self.dir / page], capture_output=True, text=True,
                                     check=False)
                self.assertEqual((ran.returncode, ran.stdout + ran.stderr), (0, ""))

    def test_pages_name_files_that_are_installed(self):
        installed = (SOURCE / "cmake" / "Install.cmake").read_text()
        self.assertIn("contrib/ DESTINATION ${CMAKE_INSTALL_DOCDIR}", installed)
        for page in PAGES:
            for name in re.findall(r"/usr/share/doc/heloguard/([\w./-]+)", (self.dir / page).read_text()):
                with self.subTest(page=page, name=name):
                    at_hand = [SOURCE / "contrib" / name, SOURCE / "docs" / name]
                    self.assertTrue(any(path.exists() for path in at_hand), at_hand)
            for name in re.findall(r"/usr/share/heloguard/policies/([\w./-]+)", (self.dir / page).read_text()):
                self.assertTrue((SOURCE / "policies" / name).exists(), name)


if __name__ == "__main__":
    unittest.main()
