"""docs/policy.md says what is true: policies load without a warning, cases pass, commands print what it shows.

What stands behind the fence of a block says what is done with it:
  toml           a policy, beside the shipped ones; `lint --strict` must have nothing to say
  cases          cases for the policy before them
  toml NAME, cases NAME, TYPE NAME   a file of that name, for what stands below it; heloguard.toml is tried at once
  console        commands behind "$ ", and what they print: "..." at the end of a line stands for the rest of it, alone
                 for any lines. Nothing is looked up
Other blocks are only read. /etc/heloguard and the like stand for a folder of this test, and so does the folder of the
shipped policies.
"""
import re
import shlex
import shutil
import unittest

from harness import OK, SOURCE, CliTest

PAGE = (SOURCE / "docs" / "policy.md").read_text(encoding="utf-8")
PLACES = ("/usr/share/heloguard/policies", "/etc/heloguard", "/etc/postfix")


class Block:
    def __init__(self, match, section):
        self.kind, _, self.name = match["info"].partition(" ")
        self.text, self.section = match["text"], section
        self.line = PAGE.count("\n", 0, match.start()) + 1
        self.cases = []  # of a policy

    def is_policy(self):
        return self.kind == "toml" and not self.name


def blocks():
    """All blocks with something behind the fence, in order; cases also at the policy before them."""
    found, policy = [], None
    for match in re.finditer(r"^(?P<indent> *)```(?P<info>\S[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", PAGE, re.M | re.S):
        headings = re.findall(r"^## (.*)$", PAGE[:match.start()], re.M)
        block = Block(match, headings[-1] if headings else "")
        found.append(block)
        if block.is_policy():
            policy = block
        elif block.kind == "cases" and not block.name:
            policy.cases.append(block.text)
    return found


def as_pattern(expected):
    """What a console block shows, as a regular expression."""
    parts = []
    for line in expected:
        if line == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(re.escape(line.removesuffix("...")) + (".*" if line.endswith("...") else "") + r"\n")
    return "".join(parts)


class Cookbook(CliTest):
    def setUp(self):
        super().setUp()
        shutil.copytree(SOURCE / "policies", self.dir, dirs_exist_ok=True)
        # What the guide says to copy.
        for name in ("local.toml", "local.cases", "ramp.toml"):
            text = (SOURCE / "policies" / "examples" / name).read_text()
            self.write(name, text.replace("../default.toml", f"{self.dir}/default.toml"))

    def here(self, text):
        for place in PLACES:
            text = text.replace(place, str(self.dir))
        return text

    def try_policy(self, block):
        self.write("cookbook.toml", self.here(block.text))
        ran = self.run_binary("lint", "--strict", "cookbook.toml")
        self.assertEqual((ran.status, ran.err), (OK, ""))
        files = []
        for number, text in enumerate(block.cases):
            files.append(f"cookbook{number}.cases")
            self.write(files[-1], "policy cookbook.toml\n" + text)
        if files:
            # In the cookbook, every rule shown is shown at work.
            strict = ["--strict"] if block.section == "Cookbook" else []
            ran = self.run_binary("test", *strict, *files)
            self.assertEqual((ran.status, ran.err), (OK, ""), ran.out)

    def try_commands(self, block):
        for shown in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
            command, *expected = shown.splitlines()
            words = shlex.split(self.here(command))
            self.assertEqual(words[0], "heloguard")
            ran = self.run_binary(*words[1:], *(["--offline"] if words[1] == "check" else []))
            self.assertEqual(ran.err, "")
            self.assertRegex(ran.out, "^" + as_pattern([self.here(line) for line in expected]) + "$")

    def try_file(self, block):
        self.write(block.name, self.here(block.text))
        if block.name == "heloguard.toml":
            ran = self.run_binary("serve", "--check-config", "--config", "heloguard.toml")
            self.assertEqual((ran.status, ran.err), (OK, ""))

    def test_every_block(self):
        for block in blocks():
            with self.subTest(line=block.line):
                if block.name:
                    self.try_file(block)
                elif block.is_policy():
                    self.try_policy(block)
                elif block.kind == "console":
                    self.try_commands(block)
                else:
                    self.assertEqual(block.kind, "cases")

    def test_the_cookbook_is_whole(self):
        recipes = [block for block in blocks() if block.section == "Cookbook" and block.is_policy()]
        self.assertGreaterEqual(len(recipes), 12)
        self.assertEqual([block.line for block in recipes if not block.cases], [])

    def test_the_examples_to_copy(self):
        examples = sorted(str(path) for path in (SOURCE / "policies" / "examples").glob("*.toml"))
        self.assertNotEqual(examples, [])
        ran = self.run_binary("lint", "--strict", *examples)
        self.assertEqual((ran.status, ran.err), (OK, ""))


if __name__ == "__main__":
    unittest.main()
