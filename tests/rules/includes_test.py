"""Whether includes follow the link graph, the order of core's rooms, and the table of other people's libraries."""
import os
import pathlib
import unittest

import includes
from link_graph import LinkGraph
from rule_case import RuleCase, real_tree
from tree import left_over

NOT_LINKED, LATER = "whose target is not linked", "of a later room"
EXCEPTIONS = {
    **{f"src/app/replay/{header}.h: includes app/shared/json_writer.h, {NOT_LINKED}":
       "inline code, with no source to link" for header in ("replay_page", "replay_summary")},
}


def graph_of(targets, links=()):
    """Targets {name: source path}, and public links "a>b"."""
    lines = []
    for target, source in targets.items():
        folder, _, name = source.rpartition("/")
        lines += [f"target\t{target}\tSTATIC_LIBRARY\t{folder}", f"source\t{target}\t{name}"]
    for link in links:
        lines += [f"{word}\t" + link.replace(">", "\t") for word in ("link", "interface")]
    return LinkGraph("\n".join(lines))


class IncludesTest(RuleCase):
    def test_the_tree_keeps_the_rule(self):
        graph = LinkGraph(pathlib.Path(os.environ["HELOGUARD_LINK_GRAPH"]).read_text(encoding="utf-8"))
        self.assert_kept(left_over(includes.findings(real_tree(), graph), EXCEPTIONS))

    def test_only_what_is_linked_is_included(self):
        tree = self.made_up({
            "include/heloguard/dns/dns.h": "", "src/core/dns/dns.cc": '#include "heloguard/dns/dns.h"\n',
            "include/heloguard/session.h": '#include "heloguard/dns/dns.h"\n',
            "src/engine/session.cc": '#include "heloguard/session.h"\n#include "engine/only.h"\n',
            "src/engine/only.h": '#include "tables/table.h"\n',
            "src/tables/table.h": "", "src/tables/table.cc": '#include "heloguard/session.h"\n#include "engine/only.h"\n'})
        targets = {"core": "src/core/dns/dns.cc", "engine": "src/engine/session.cc", "tables": "src/tables/table.cc"}
        wrong = ["src/engine/only.h: includes tables/table.h, whose target is not linked",
                 "src/tables/table.cc: includes heloguard/session.h, whose target is not linked",
                 "src/tables/table.cc: includes engine/only.h, whose target is not linked"]
        self.assertEqual(["include/heloguard/session.h: includes heloguard/dns/dns.h, whose target is not linked", *wrong],
                         includes.findings(tree, graph_of(targets)))
        self.assertEqual(wrong, includes.findings(tree, graph_of(targets, ["engine>core", "tables>core"])))
        self.assertEqual(wrong[:1], includes.findings(tree, graph_of(targets, ["engine>core", "tables>engine"])))

    def test_every_source_is_compiled(self):
        tree = self.made_up({"src/core/dns/dns.cc": "", "src/core/dns/lost.cc": ""})
        self.assertEqual(["src/core/dns/lost.cc: no target compiles it"],
                         includes.findings(tree, graph_of({"core": "src/core/dns/dns.cc"})))

    def test_rooms_do_not_look_ahead(self):
        tree = self.made_up({
            "include/heloguard/base/a.h": '#include "heloguard/dns/b.h"\n', "include/heloguard/dns/b.h": "",
            "src/core/policy/c.cc": '#include "heloguard/dns/b.h"\n#include "core/judge/d.h"\n', "src/core/judge/d.h": "",
            "include/heloguard/settings.h": '#include "core/judge/d.h"\n',
            "src/core/judge/e.h": '#include "heloguard/settings.h"\n'})
        self.assertEqual(["include/heloguard/base/a.h: includes heloguard/dns/b.h, of a later room",
                          "src/core/judge/e.h: includes heloguard/settings.h, of a later room",
                          "src/core/policy/c.cc: includes core/judge/d.h, of a later room"],
                         sorted(includes.findings(tree, graph_of({"core": "src/core/policy/c.cc"}))))

    def test_other_peoples_headers_stay_at_home(self):
        tree = self.made_up({
            "src/core/policy/pattern.cc": "#include <re2/re2.h>\n#include <string>\n#include <unistd.h>\n",
            "src/core/policy/policy.cc": '#include "re2/re2.h"\n#include <boost/any.hpp>\n',
            "src/adapters/log/log.cc": "#include <spdlog/async.h>\n#include <unistd.h>\n#include <toml++/toml.h>\n"})
        graph = graph_of({"core": "src/core/policy/pattern.cc", "checks": "src/core/policy/policy.cc",
                          "log": "src/adapters/log/log.cc"})
        self.assertEqual(["src/adapters/log/log.cc: includes <toml++/toml.h>, which is not at home there",
                          "src/core/policy/pattern.cc: includes <unistd.h>, which is not at home there",
                          "src/core/policy/policy.cc: includes <re2/re2.h>, which is not at home there",
                          "src/core/policy/policy.cc: includes <boost/any.hpp>, which no table knows"],
                         includes.findings(tree, graph))


if __name__ == "__main__":
    unittest.main()
