"""Whether the link graph has the arrows of docs/architecture.md, and no others."""
import os
import pathlib
import unittest

import links
from link_graph import LinkGraph
from rule_case import RuleCase
from tree import left_over

EXCEPTIONS = {
    "heloguard_os hands Threads::Threads on": "threads and locks belong to the language",
    "heloguard_replay_page hands nlohmann_json::nlohmann_json on": "the page is made of a report, which is JSON so far",
}
BOXES = {"core": "src/core", "os": "src/os", "engine": "src/engine", "tables": "src/tables", "replay": "src/replay",
         "app": "src/app", "page": "src/app", "toml": "src/adapters/toml", "log": "src/adapters/log",
         "milter": "src/adapters/milter", "libmilter": "src/adapters/milter/libmilter", "unit_test": "tests/unit"}


def graph_of(private="", public=""):
    """A graph of all BOXES with the links "a>b c>d"."""
    lines = [f"target\t{target}\tSTATIC_LIBRARY\t{folder}" for target, folder in BOXES.items()]
    for kind, pairs in (("private", private), ("public", public)):
        for pair in pairs.split():
            start, end = pair.split(">")
            lines.append(f"link\t{start}\t{end}")
            lines.append(f"interface\t{start}\t" + (f"$<LINK_ONLY:{end}>" if kind == "private" else end))
    return LinkGraph("\n".join(lines))


class LinksTest(RuleCase):
    def test_the_graph_keeps_the_rule(self):
        graph = LinkGraph(pathlib.Path(os.environ["HELOGUARD_LINK_GRAPH"]).read_text(encoding="utf-8"))
        self.assertIn("heloguard_core", graph.folders)
        self.assert_kept(left_over(links.findings(graph), EXCEPTIONS))

    def test_arrows_that_are_drawn_are_free(self):
        graph = graph_of(public="os>core engine>os toml>tables toml>engine libmilter>milter milter>engine app>libmilter",
                         private="app>page log>spdlog::spdlog core>heloguard_warnings unit_test>app")
        self.assertEqual([], links.findings(graph))

    def test_any_other_arrow_is_seen(self):
        for pair, boxes in {"core>os": "core -> os", "engine>log": "engine -> adapters/log", "os>engine": "os -> engine",
                            "log>tables": "adapters/log -> tables", "log>toml": "adapters/log -> adapters/toml",
                            "milter>libmilter": "adapters/milter -> adapters/milter/libmilter",
                            "replay>engine": "replay -> engine", "tables>toml": "tables -> adapters/toml",
                            "log>app": "adapters/log -> app"}.items():
            with self.subTest(pair):
                found = links.findings(graph_of(private=pair))
                self.assertEqual([f"{pair.replace('>', ' links ')}: {boxes}"], found)

    def test_circles_are_seen(self):
        self.assertEqual(["app links itself in a circle", "page links itself in a circle"],
                         sorted(links.findings(graph_of(private="app>page page>app"))))

    def test_libraries_of_others_are_not_handed_on(self):
        self.assertEqual(["log hands spdlog::spdlog on"], links.findings(graph_of(public="log>spdlog::spdlog")))


if __name__ == "__main__":
    unittest.main()
