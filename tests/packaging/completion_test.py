"""Shell completions: whatever --help shows can be completed."""
import os
import re
import shutil
import subprocess
import sys
import unittest

from harness import BINARY, SOURCE, CliTest

DRIVE_BASH = """
source ./heloguard.bash
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_heloguard
printf '%s\\n' "${COMPREPLY[@]}"
"""

# zsh completes for a terminal only: one of its own, in which Tab lists. What is waited for is not what was typed, since
# a terminal echoes that before the shell has come to it; the prompt shows once the shell reads key by key.
DRIVE_ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1= PS2= RPS1=; fpath=($PWD $fpath); autoload -Uz compinit; compinit -D -u'
zpty -w shell 'LISTMAX=1000; setopt no_beep no_list_beep; zstyle ":completion:*" list-prompt ""'
zpty -w shell 'compadd() { builtin compadd -O words "$@"; print -rl -- $words >>offered; builtin compadd "$@" }'
zpty -w shell 'bindkey "^I" list-choices; PS1=READ""Y'
zpty -r -m shell line '*READY*'
zpty -w -n shell "$1"$'\t'
zpty -w shell $'\x15print DO""NE'
zpty -r -m shell line '*DONE*'
zpty -d shell
"""


class Completion(CliTest):
    @classmethod
    def setUpClass(cls):
        cls.help = {"": subprocess.run([BINARY, "--help"], capture_output=True, text=True, check=True).stdout}
        listed = cls.help[""].split("Subcommands:\n")[1]
        for command in re.findall(r"^  (\w[\w-]*) ", listed, re.M):
            ran = subprocess.run([BINARY, command, "--help"], capture_output=True, text=True, check=True)
            cls.help[command] = ran.stdout

    def setUp(self):
        super().setUp()
        subprocess.run([sys.executable, "-B", SOURCE / "packaging" / "completion.py", "--program", BINARY, "--output",
                        self.dir], check=True)

    def options(self, command):
        """The options of a command as its help has them, positional arguments aside."""
        found = set()
        for line in re.findall(r"^  (-[^\n]*)", self.help[command], re.M):
            names = re.match(r"-[\w-]+(,-[\w-]+)*", line)[0]
            found |= set(names.split(","))
        self.assertIn("--help", found)
        return found

    def commands(self):
        return set(self.help) - {""}

    def bash(self, *words):
        ran = subprocess.run(["bash", "--norc", "-c", DRIVE_BASH, "bash", "heloguard", *words], cwd=self.dir,
                             capture_output=True, text=True, check=True)
        self.assertEqual(ran.stderr, "")
        return set(ran.stdout.split())

    def test_help_was_understood(self):
        self.assertLessEqual({"serve", "check", "lint", "test", "import", "facts"}, self.commands())
        self.assertLessEqual({"--client", "--helo", "--auth", "--authenticated", "-h"}, self.options("check"))

    def test_bash_has_every_command_and_option(self):
        self.assertEqual(self.bash(""), self.commands() | self.options(""))
        for command in self.commands():
            with self.subTest(command=command):
                self.assertEqual(self.bash(command, "-"), self.options(command))
        self.assertEqual(self.bash("che"), {"check"})

    def test_bash_completes_values(self):
        self.assertEqual(self.bash("check", "--format", ""), {"text", "json"})
        self.assertEqual(self.bash("check", "--format", "j"), {"json"})
        self.assertEqual(self.bash("check", "--client", ""), set())
        self.assertEqual(self.bash("check", "--policy", "sam"), {"sample.toml"})
        self.assertEqual(self.bash("lint", "sam"), {"sample.toml"})
        self.assertEqual(self.bash("lint", "--strict", "sam"), {"sample.toml"})
        self.assertEqual(self.bash("lint", "--str"), {"--strict"})

    def test_bash_is_sound(self):
        subprocess.run(["bash", "-n", "heloguard.bash"], cwd=self.dir, check=True)

    def test_zsh_has_every_command_and_option(self):
        text = (self.dir / "_heloguard").read_text()
        for command in self.commands():
            with self.subTest(command=command):
                case = re.search(rf"^ +{command}\)\n(.*?);;$", text, re.M | re.S)[1]
                for option in self.options(command):
                    self.assertRegex(case, rf"(?m)'\([^)]*\){option}\[")

    def zsh(self, line):
        """What zsh offers for `line`."""
        offered = self.dir / "offered"
        offered.unlink(missing_ok=True)
        subprocess.run(["zsh", "-f", "-c", DRIVE_ZSH, "zsh", line], cwd=self.dir, capture_output=True, timeout=60, check=True,
                       env={"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(self.dir)})
        return set(offered.read_text().split("\n")) if offered.exists() else set()

    @unittest.skipUnless(shutil.which("zsh"), "no zsh")
    def test_zsh_offers_them(self):
        subprocess.run(["zsh", "-n", "_heloguard"], cwd=self.dir, check=True)
        self.assertLessEqual(self.commands(), self.zsh("heloguard "))
        self.assertLessEqual(self.options("check"), self.zsh("heloguard check -"))
        self.assertLessEqual({"text", "json"}, self.zsh("heloguard check --format "))
        self.assertIn("sample.toml", self.zsh("heloguard lint sam"))


if __name__ == "__main__":
    unittest.main()
