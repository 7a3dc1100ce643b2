"""heloguard check --batch: tables of sessions."""
import json
import subprocess
import time
import unittest

from harness import BINARY, DATA, NO_INPUT, OK, UNAVAILABLE, CliTest


class Batch(CliTest):
    def batch(self, table, *args):
        data = table if isinstance(table, bytes) else table.encode()
        return self.run_binary("check", "--offline", "--policy", "sample.toml", "--batch", "-", *args, stdin=data)

    def test_one_object_a_line_in_order_whatever_the_verdicts(self):
        table = "".join(f"192.0.2.{i % 256}\t{'192.0.2.7' if i % 3 else f'mail{i}.example'}\n" for i in range(500))
        ran = self.batch(table)
        self.assertEqual((ran.status, ran.err), (OK, ""))
        self.assertEqual([f"{got['client']}\t{got['helo']}" for got in ran.lines], table.splitlines())
        self.assertEqual({got["verdict"] for got in ran.lines}, {"accept", "reject"})

    def test_the_same_object_as_one_check(self):
        for columns, args in (
            (("192.0.2.1", "dyn-1.example.com"), ()),
            (("192.0.2.1", "dyn-1.example.com", "none"), ("--rdns", "none")),
            (("192.0.2.1", "a.example", "a.example"), ("--rdns", "a.example")),
            (("192.0.2.1", "a.example", "a.example", "fail"), ("--rdns", "a.example", "--rdns-status", "fail")),
            (("192.0.2.1", "a.example", "-", "temperror"), ("--rdns-status", "temperror")),
            (("192.0.2.1", "a.example", "-", "-"), ()),
            (("192.0.2.1", "a.example", "-"), ()),
            (("192.0.2.1", "a.example", "", ""), ()),
            (("192.0.2.1", ""), ()),
            (("192.0.2.1", "-"), ()),
            (("::ffff:192.0.2.1", "\\x00\\xff"), ()),
        ):
            with self.subTest(columns=columns):
                ran = self.batch("\t".join(columns) + "\n")
                self.assertEqual((ran.status, ran.err), (OK, ""))
                self.assertEqual(ran.lines[0], self.check_json(columns[1], *args, client=columns[0]))

    def test_a_name_of_which_nothing_is_known(self):
        got = self.batch("192.0.2.1\tdyn-1.example.com\tdyn-1.example.com\t-\n").lines[0]
        self.assertEqual(got["facts"]["rdns.ptr"], ["dyn-1.example.com"])
        self.assertIn("rdns.status", got["unknown"])
        self.assertIn("rdns.name", got["unknown"])
        self.assertEqual(got["verdict"], "accept")

    def test_raw_octets_and_dos_line_ends(self):
        ran = self.batch(b"192.0.2.1\t\xff\x00\x1b\r\n192.0.2.1\tlast")
        self.assertEqual([got["helo"] for got in ran.lines], ["\\xff\\x00\\x1b", "last"])

    def test_a_huge_helo(self):
        ran = self.batch("192.0.2.1\t" + "\\x41" * 60000 + "\n")
        self.assertEqual((ran.status, ran.lines[0]["helo"]), (OK, "A" * 512))
        ran = self.batch("192.0.2.1\t" + "a" * (1 << 21) + "\n192.0.2.1\tb\n")
        self.assertEqual((ran.status, ran.err), (DATA, "heloguard: (stdin):1:1: the line is longer than a mebibyte\n"))
        self.assertEqual([got["helo"] for got in ran.lines], ["b"])

    def test_bad_lines_are_named_and_the_rest_is_judged(self):
        ran = self.batch("nonsense\tx\n"
                         "192.0.2.1\tgood\n"
                         "192.0.2.1\n"
                         "192.0.2.1\tx\ta.example\tfial\n"
                         "192.0.2.1\tx\ta..b\tpass\n"
                         "192.0.2.1\tx\tnone\tpass\n"
                         "192.0.2.1\tx\ta.example\tpass\tmore\n"
                         "\n"
                         "\x1b\tx\n"
                         "192.0.2.2\tgood")
        self.assertEqual(ran.status, DATA)
        self.assertEqual([got["client"] for got in ran.lines], ["192.0.2.1", "192.0.2.2"])
        self.assertEqual(ran.err.splitlines(), [
            'heloguard: (stdin):1:1: "nonsense" is no IP address',
            "heloguard: (stdin):3:10: a line needs a client address and a HELO with a tab between",
            'heloguard: (stdin):4:23: "fial" is no status of reverse DNS; pass, fail, permerror and temperror are '
            '(did you mean "fail"?)',
            'heloguard: (stdin):5:13: "a..b" is no host name',
            "heloguard: (stdin):6:18: no name (none) cannot be verified (pass)",
            "heloguard: (stdin):7:28: more than four columns",
            "heloguard: (stdin):8:1: a line needs a client address and a HELO with a tab between",
            'heloguard: (stdin):9:1: "\\x1b" is no IP address'])

    def test_files(self):
        self.write("t.tsv", "192.0.2.1\ta\nx\ta\n")
        ran = self.run_binary("check", "--offline", "--policy", "sample.toml", "--batch", "t.tsv")
        self.assertEqual((ran.status, ran.err), (DATA, 'heloguard: t.tsv:2:1: "x" is no IP address\n'))
        for name in ("nowhere.tsv", "."):
            ran = self.run_binary("check", "--offline", "--policy", "sample.toml", "--batch", name)
            self.assertEqual((ran.status, ran.out), (NO_INPUT, ""))
            self.assertIn(f"heloguard: {name}: ", ran.err)
        self.write("empty.tsv", "")
        ran = self.run_binary("check", "--offline", "--policy", "sample.toml", "--batch", "empty.tsv")
        self.assertEqual((ran.status, ran.out, ran.err), (OK, "", ""))

    def test_thousands_of_lines_take_seconds(self):
        table = "".join(f"192.0.2.{i % 256}\thost-{i}.example{i % 7}.com\t-\tfail\n" for i in range(9000))
        start = time.monotonic()
        ran = self.batch(table)
        self.assertEqual((ran.status, len(ran.lines)), (OK, 9000))
        self.assertLess(time.monotonic() - start, 50)  # a bound for debug builds on a busy machine, not a measurement

    def test_a_line_is_answered_before_the_next_is_written(self):
        with subprocess.Popen([BINARY, "check", "--offline", "--policy", "sample.toml", "--batch", "-"], cwd=self.dir,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            for helo in ("a.example", "192.0.2.1"):
                process.stdin.write(f"192.0.2.1\t{helo}\n".encode())
                process.stdin.flush()
                self.assertEqual(json.loads(process.stdout.readline())["helo"], helo)
            process.stdin.close()
            self.assertEqual(process.wait(timeout=60), OK)

    def test_lost_output_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, "check", "--offline", "--policy", "sample.toml", "--batch", "-"], cwd=self.dir,
                                  input=b"192.0.2.1\ta\n" * 300, stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, UNAVAILABLE)
        self.assertEqual(done.stderr, b"heloguard: standard output: No space left on device\n")

    def test_progress_shows_on_a_terminal_only(self):
        table = b"192.0.2.1\ta.example\n" * 200
        self.write("t.tsv", table)
        shown = self.progress_of("check", "--offline", "--policy", "sample.toml", "--batch", "t.tsv")
        self.assertIn(b"#", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-40:])


if __name__ == "__main__":
    unittest.main()
