"""The alert rules and the dashboard: sound by Prometheus' own tool, and about metrics that there are."""
import json
import os
import pathlib
import re
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ["HELOGUARD_SOURCE_DIR"])
ALERTS = SOURCE / "contrib/prometheus/alerts.yml"
DASHBOARD = SOURCE / "contrib/grafana/heloguard.json"


def promtool(*args, **more):
    return subprocess.run(["promtool", *map(str, args)], capture_output=True, text=True, timeout=60, check=False, **more)


def metrics():
    """Name and type of every metric, from the program's own table."""
    page = subprocess.run([os.environ["HELOGUARD"], "reference", "metrics"], capture_output=True, text=True, check=True)
    return dict(re.findall(r"^\| `(heloguard_\w+)` \| (\w+) \|", page.stdout, re.M))


def exposed():
    """The names a scrape has."""
    names = set()
    for name, kind in metrics().items():
        names |= {name + end for end in ("_bucket", "_count", "_sum")} if kind == "histogram" else {name}
    return names


def panels():
    return json.loads(DASHBOARD.read_text())["panels"]


class Monitoring(unittest.TestCase):
    def test_rules_are_sound(self):
        ran = promtool("check", "rules", ALERTS)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_rules_alert_when_they_should(self):
        ran = promtool("test", "rules", SOURCE / "tests/monitoring/alerts_test.yml")
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        tested = (SOURCE / "tests/monitoring/alerts_test.yml").read_text()
        for alert in re.findall(r"alert: (\w+)", ALERTS.read_text()):
            self.assertRegex(tested, rf"alertname: {alert}\n\s+exp_alerts:\n\s+- exp_labels")

    def test_every_alert_has_its_advice(self):
        guide = (SOURCE / "docs/operating.md").read_text()
        for alert in re.findall(r"alert: (\w+)", ALERTS.read_text()):
            self.assertIn(f"`{alert}`", guide)

    def test_names_exist(self):
        expressions = ALERTS.read_text() + "".join(t["expr"] for panel in panels() for t in panel["targets"])
        self.assertEqual(set(re.findall(r"\bheloguard_\w+", expressions)) - exposed(), set())

    def test_every_metric_is_on_the_dashboard(self):
        shown = "".join(t["expr"] for panel in panels() for t in panel["targets"])
        self.assertEqual([name for name in metrics() if name not in shown and name not in
                          ("heloguard_cache_entries", "heloguard_cache_evictions_total")], [])

    def test_panels_do_not_overlap(self):
        taken = {}
        for panel in panels():
            at = panel["gridPos"]
            for x in range(at["x"], at["x"] + at["w"]):
                for y in range(at["y"], at["y"] + at["h"]):
                    self.assertNotIn((x, y), taken, panel["title"])
                    taken[x, y] = panel["title"]
                    self.assertLess(x, 24)
        ids = [panel["id"] for panel in panels()]
        self.assertEqual(len(ids), len(set(ids)))

    def test_expressions_are_promql(self):
        rules = [{"alert": f"p{i}", "expr": re.sub(r"\$__rate_interval", "5m", t["expr"]).replace("$instance", ".*")}
                 for i, t in enumerate(t for panel in panels() for t in panel["targets"])]
        ran = promtool("check", "rules", "/dev/stdin", input=json.dumps({"groups": [{"name": "g", "rules": rules}]}))
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)


if __name__ == "__main__":
    unittest.main()
