"""The command line itself: help, version, mistakes and their exit statuses."""
import os
import subprocess
import unittest

from harness import BINARY, CONFIG, NO_INPUT, OK, UNAVAILABLE, USAGE, CliTest


class Usage(CliTest):
    def test_version(self):
        ran = self.run_binary("--version")
        self.assertEqual((ran.status, ran.out, ran.err), (OK, "heloguard 0.1.0\n", ""))

    def test_help_is_there_for_every_command(self):
        for command in ((), ("serve",), ("check",), ("lint",), ("test",), ("audit",), ("facts",)):
            with self.subTest(command=command):
                ran = self.run_binary(*command, "--help")
                self.assertEqual((ran.status, ran.err), (OK, ""))
                self.assertIn("Usage: heloguard", ran.out)
        self.assertNotIn("reference", self.run_binary("--help").out)

    def test_mistakes_are_usage_errors_that_say_what_was_meant(self):
        for args, said in (
            ((), "heloguard: a command is missing\n"),
            (("chekc",), 'heloguard: unknown command "chekc" (did you mean "check"?)\n'),
            (("destroy",), 'heloguard: unknown command "destroy"\n'),
            (("check", "--hello", "x"), 'heloguard: unknown option "--hello" (did you mean "--helo"?)\n'),
            (("check", "--hello=x"), 'heloguard: unknown option "--hello" (did you mean "--helo"?)\n'),
            (("check", "--helo"), "heloguard: --helo: "),
            (("check", "--client", "192.0.2.1"), "heloguard: --helo NAME is missing"),
            (("check", "--helo", "x"), "heloguard: --client IP is missing"),
            (("check", "--client", "192.0.2", "--helo", "x"), 'heloguard: --client: "192.0.2" is no IP address\n'),
            (("check", "--client", "", "--helo", "x"), 'heloguard: --client: "" is no IP address\n'),
            (("check", "--client", "::1", "--helo", "x", "--rdns", "a..b"), 'heloguard: --rdns: "a..b" is no host name\n'),
            (("check", "--client", "::1", "--helo", "x", "--rdns-status", "fial"), '(did you mean "fail"?)\n'),
            (("check", "--client", "::1", "--helo", "x", "--rdns", "none", "--rdns-status", "pass"), "--rdns-status: "),
            (("check", "--client", "::1", "--helo", "x", "--port", "0"), "--port: "),
            (("check", "--client", "::1", "--helo", "x", "--format", "jsn"), '(did you mean "json"?)'),
            (("check", "--batch", "-", "--helo", "x"), "heloguard: --helo does not go with --batch"),
            (("check", "--client", "::1", "--helo", "a", "--helo", "b"), "heloguard: --helo: "),
            (("check", "\x1b[2J"), 'heloguard: too much: "\\x1b[2J"'),
            (("lint",), "heloguard: FILE is missing\n"),
            (("test",), "heloguard: PATH is missing\n"),
            (("facts", "--format", "yaml"), '"yaml" is none of text, json, markdown'),
            (("reference", "fact"), '(did you mean "facts"?)'),
        ):
            with self.subTest(args=args):
                ran = self.run_binary(*args)
                self.assertEqual((ran.status, ran.out), (USAGE, ""))
                self.assertIn(said, ran.err)

    def test_missing_files(self):
        at = ("check", "--offline", "--client", "::1", "--helo", "x")
        for status, args in (
            (NO_INPUT, ("--policy", "nowhere.toml")),
            (NO_INPUT, ("--config", "nowhere.toml")),
            (CONFIG, ("--config", str(self.write("c.toml", '[policy]\nfile = "nowhere.toml"\n')))),
            (CONFIG, ("--policy", str(self.write("p.toml", 'schema = 1\ninclude = ["nowhere.toml"]\n')))),
            (CONFIG, ("--policy", str(self.write("q.toml", "schema = 1\nx = [\n")))),
            (CONFIG, ("--config", str(self.write("d.toml", "[milter]\nsokcet = 1\n")))),
        ):
            with self.subTest(args=args):
                ran = self.run_binary(*at, *args)
                self.assertEqual((ran.status, ran.out), (status, ""))
                self.assertRegex(ran.err, r"^heloguard: .*\.toml")

    def test_file_names_are_escaped_too(self):
        for args in (("lint", "\x1b[2J.toml"), ("test", "\x1b[2J.cases"), ("check", "--batch", "\x1b[2J.tsv", "--offline", "--policy",
                                                                               "sample.toml")):
            with self.subTest(args=args):
                ran = self.run_binary(*args)
                self.assertEqual(ran.status, NO_INPUT)
                self.assertIn("heloguard: \\x1b[2J.", ran.err)
                self.assertNotIn("\x1b", ran.err + ran.out)

    def test_files_of_a_configuration_stand_beside_it(self):
        self.write("etc/policy.toml", 'schema = 1\n[[rule]]\nname = "r"\nwhen.helo.kind = "fqdn"\naction = "reject"\n')
        self.write("etc/heloguard.toml", '[policy]\nfile = "policy.toml"\n')
        ran = self.run_binary("check", "--offline", "--config", "etc/heloguard.toml", "--client", "::1", "--helo", "a.example",
                              "--format", "json")
        self.assertEqual(ran.json["rule"], "r", ran.err)

    def test_lost_output_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, "facts"], stdout=full, stderr=subprocess.PIPE, env=os.environ, check=False)
        self.assertEqual(done.returncode, UNAVAILABLE)
        self.assertEqual(done.stderr, b"heloguard: standard output: No space left on device\n")


if __name__ == "__main__":
    unittest.main()
