"""quality.py on sessions made up here: its counts, its areas, its bounds, and what it says of tables it cannot use."""
import contextlib
import io
import os
import pathlib
import random
import tempfile
import unittest

import quality

BINARY = os.environ["HELOGUARD"]
HEADING = "label\tclient\thelo\trdns\trdns_status\tera\tmessages\n"


def area_by_pairs(ham, spam):
    pairs = [(h, s) for h in ham for s in spam]
    return sum(1.0 if s > h else 0.5 if s == h else 0.0 for h, s in pairs) / len(pairs)


class Quality(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "sessions.tsv"

    def run_on(self, rows):
        self.path.write_text(HEADING + "".join(row + "\t1\n" for row in rows), encoding="utf-8")
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = quality.main([BINARY, str(self.path)])
        return status, out.getvalue(), err.getvalue()

    def test_area_is_the_share_of_pairs_in_order(self):
        dice = random.Random(7)
        for _ in range(50):
            ham, spam = ([dice.choice((-1.0, 0.0, 0.5, 2.0, float("inf"))) for _ in range(dice.randrange(1, 20))]
                         for _ in range(2))
            self.assertAlmostEqual(quality.area(ham, spam), area_by_pairs(ham, spam))
        self.assertIsNone(quality.area([], [1.0]))

    GOOD = [f"ham\t192.0.2.7\tmail.example.net\tmail.example.net\tpass\t{era}" for era in ("old", "recent")]
    BAD = [f"spam\t192.0.2.9\t192.0.2.9\tnone\tpermerror\t{era}" for era in ("old", "recent")]

    def test_a_policy_that_parts_them_all(self):
        status, out, err = self.run_on(self.GOOD + self.BAD)
        self.assertEqual((status, err), (quality.KEPT, ""))
        self.assertIn("default.toml    old        ham     0 of     1 refused   0.00 %, scored   0.00 %   "
                      "spam     1 of     1 refused 100.00 %, scored   0.00 %   area 1.000\n", out)
        self.assertIn("strict.toml     recent", out)
        self.assertTrue(out.endswith("default.toml keeps every bound\n"), out)

    def test_refused_ham_misses_the_bounds(self):
        status, out, _ = self.run_on(self.GOOD + self.BAD + [row.replace("spam", "ham") for row in self.BAD * 3])
        self.assertEqual(status, quality.MISSED)
        self.assertIn("  recent: ham refused, sessions: 3.000, at most 2 is wanted\n", out)
        self.assertIn("  old: ham refused, %: 75.000, at most 1.0 is wanted\n", out)
        self.assertIn("  old: area: 0.625, at least 0.9 is wanted\n", out)

    def test_scored_only_and_unrecorded_reverse_dns(self):
        status, out, _ = self.run_on(self.GOOD + self.BAD + [
            "spam\t192.0.2.9\tworkshop\tnone\tpermerror\told", "ham\t192.0.2.9\t192.0.2.9\t-\t-\told"])
        self.assertEqual(status, quality.MISSED)
        self.assertIn("default.toml    old        ham     1 of     2 refused  50.00 %, scored   0.00 %   "
                      "spam     1 of     2 refused  50.00 %, scored  50.00 %   area 1.000\n", out)

    def test_an_era_that_is_missing_is_missed(self):
        status, out, _ = self.run_on(self.GOOD[:1] + self.BAD[:1])
        self.assertEqual(status, quality.MISSED)
        self.assertIn("  recent: area: nothing to measure it on\n", out)

    def test_tables_that_are_none(self):
        for rows, said in (([], "no sessions"), (["maybe\t192.0.2.9\ta\t-\t-\told"], ":2: not a session"),
                           (["ham\t192.0.2.9"], ":2: not a session"),
                           (["ham\tnowhere\ta\t-\t-\told"], "1 sessions in, 0 verdicts out, exit status 65")):
            with self.subTest(rows=rows):
                status, _, err = self.run_on(rows)
                self.assertEqual(status, quality.NO_FIGURES)
                self.assertIn(said, err)


if __name__ == "__main__":
    unittest.main()
