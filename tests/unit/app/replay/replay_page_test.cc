// The replay page as text: what strangers sent stays data, the totals are right, and size grows with the report alone.
// What a browser makes of it is tested in tests/browser/.
#include "app/replay/replay_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "app/replay/replay_summary.h"

namespace heloguard {
namespace {

using ::testing::HasSubstr;
using testing::Not;

constexpr std::string_view kDataBegin = "<script type=\"application/json\" id=\"report\">";

std::string DataOf(const std::string& page) {
  const std::size_t begin = page.find(kDataBegin);
  if (begin == std::string::npos) return "no data block";
  const std::size_t text = begin + kDataBegin.size();
  return page.substr(text, page.find("</script>", text) - text);
}

std::size_t CountOf(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// What the mail server did with 1,000 sessions of which it accepted 500, and the policy's verdicts.
Json Report() {
  return Json::parse(R"({
    "heloguard": "1.2.3", "generated": "2026-11-22T11:00:00Z",
    "policy": {"file": "p.toml", "name": "default", "hash": "0123456789abcdef", "mode": "enforce"}, "against": null,
    "logs": [{"file": "b.log", "first": "2026-11-21T00:00:00Z", "last": "2026-11-21T23:59:59Z"},
             {"file": "a.log", "first": "2026-11-20T00:00:07Z", "last": "2026-11-20T23:00:00Z"}],
    "totals": {"sessions": 1234567, "judged": 1000, "without_helo": 7, "clients": 700, "networks": 1,
      "verdicts": {"accept": 800, "tempfail": 10, "reject": 190},
      "mta": {"accepted": 500, "refused": 400, "deferred": 0, "no_mail": 100, "unknown": 0},
      "cross": {"accepted": {"accept": 493, "tempfail": 1, "reject": 6}, "refused": {"accept": 2, "reject": 398}}},
    "changes": {"against": "mta", "total": 9,
                "kinds": [{"from": "accept", "to": "reject", "sessions": 6, "clients": 3},
                          {"from": "reject", "to": "accept", "sessions": 2, "clients": 1}]},
    "rules": [{"rule": "bare-ip", "action": "reject", "sessions": 5000, "decided": 4, "clients": 3, "changed": 2}]})");
}

TEST(ReplayPage, DataCannotEndItsBlock) {
  for (const char* text :
       {"</script><script>alert(1)</script>", "<!--<script>", "]]>", "\\u003c/script>", "\xe2\x80\xa8"}) {
    Json report = Report();
    report["clients"] = Json::array({{{"client", "192.0.2.1"}, {"helo", text}}});
    report["policy"]["name"] = text;
    const std::string page = ReplayPage(report);
    const std::string data = DataOf(page);
    EXPECT_THAT(data, Not(HasSubstr("<"))) << text;
    EXPECT_EQ(Json::parse(data), report) << text;
    EXPECT_EQ(CountOf(page, "<script"), 2U) << text;
    EXPECT_EQ(CountOf(page, "</script"), 2U) << text;
    EXPECT_EQ(CountOf(page, "<!--"), 0U) << text;
  }
}

TEST(ReplayPage, TotalsAreEscaped) {
  Json report = Report();
  const std::string evil = "<b title=\"x\" alt='y'>&amp;";
  for (const char* key : {"file", "name", "hash", "mode"}) report["policy"][key] = evil;
  report["against"] = report["policy"];
  report["changes"]["against"] = "policy";
  report["changes"]["kinds"][0]["from"] = evil;
  report["generated"] = report["heloguard"] = report["rules"][0]["rule"] = report["rules"][0]["action"] = evil;
  report["logs"][0]["last"] = evil;
  const std::string page = ReplayPage(report);
  EXPECT_EQ(CountOf(page, "<b title"), 0U);
  // Four of each policy; the headline, which is also the title; a kind, the log's end, and the four of one line above.
  EXPECT_EQ(CountOf(page, "&lt;b title=&quot;x&quot; alt=&#39;y&#39;&gt;&amp;amp;"), 16U);
}

TEST(ReplayPage, ValuesAreNoTemplates) {
  Json report = Report();
  report["policy"]["name"] = "{{data}}";
  report["policy"]["file"] = "{{script}}";
  const std::string page = ReplayPage(report);
  EXPECT_THAT(page, HasSubstr("<b>{{data}}</b>"));
  EXPECT_EQ(CountOf(page, kDataBegin), 1U);
  EXPECT_EQ(CountOf(ReplayPage(Report()), "{{"), 0U);
}

TEST(ReplayPage, NamesTheOnlyScriptAndStyleThatMayRun) {
  std::string page = ReplayPage(Report());
  EXPECT_THAT(page, testing::ContainsRegex("content=\"default-src 'none'; script-src 'sha256-[A-Za-z0-9+/]{43}='; "
                                           "style-src 'sha256-[A-Za-z0-9+/]{43}='; img-src data:;"));
  // A name that looks like an address: it is never asked for.
  constexpr std::string_view kSvg = "http://www.w3.org/2000/svg";
  ASSERT_NE(page.find(kSvg), std::string::npos);
  page.erase(page.find(kSvg), kSvg.size());
  for (const char* outside : {"http:", "https:", "//www", "@import", "url(", "src=", "unsafe-inline", "unsafe-eval"}) {
    EXPECT_EQ(CountOf(page, outside), 0U) << outside;
  }
}

TEST(ReplayPage, AnyJsonMakesAPage) {
  for (const char* text :
       {"{}", "[]", "null", "7", R"({"totals": [], "changes": 1, "rules": {"a": 1}, "logs": "x"})",
        R"({"rules": [1, null, []], "logs": [[]], "policy": "x", "against": 3, "generated": 5})",
        R"({"totals": {"judged": -1, "sessions": 1.5, "clients": "9", "mta": {"accepted": true}}})"}) {
    const std::string page = ReplayPage(Json::parse(text));
    EXPECT_EQ(Json::parse(DataOf(page)), Json::parse(text)) << text;
    EXPECT_THAT(page, HasSubstr("<strong id=\"headline\">0</strong>")) << text;
  }
}

TEST(ReplayPage, GrowsWithTheReportAlone) {
  Json report = Report();
  const std::size_t empty = ReplayPage(report).size();
  EXPECT_LT(empty, 100U * 1024);
  std::vector<Json> clients;
  for (int at = 0; at < 5000; ++at) {
    clients.push_back(
        {{"client", "192.0.2." + std::to_string(at)}, {"helo", "<" + std::string(254, 'x')}, {"sessions", at}});
  }
  report["clients"] = clients;
  const std::size_t data = ToLine(report).size();
  // The report and five octets more for each "<".
  EXPECT_EQ(ReplayPage(report).size(), empty - ToLine(Report()).size() + data + 5 * clients.size());
}

struct Spoken {
  const char* what;
  const char* patch;  // JSON merge patch of Report()
  const char* headline;
  const char* also;
};

void PrintTo(const Spoken& spoken, std::ostream* out) { *out << spoken.what; }

class Headlines : public testing::TestWithParam<Spoken> {};

TEST_P(Headlines, Say) {
  Json report = Report();
  report.merge_patch(Json::parse(GetParam().patch));
  EXPECT_EQ(ReplayTitle(report), std::string("heloguard replay: ") + GetParam().headline) << GetParam().what;
  EXPECT_THAT(ReplaySummary(report), HasSubstr(GetParam().also)) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    ReplaySummary, Headlines,
    testing::Values(
        Spoken{"mail that would be lost", "{}",
               "6 of 500 sessions that the mail server accepted would have been refused (1.2 %)",
               "<p class=\"also\">1 accepted session would have been deferred. 2 sessions that the mail server refused "
               "would pass the policy; its other checks stand.</p>"},
        Spoken{"none", R"({"totals": {"cross": {"accepted": {"accept": 500, "tempfail": 0, "reject": 0}}}})",
               "0 of 500 sessions that the mail server accepted would have been refused", "<div class=\"hero fine\">"},
        Spoken{"some deferred", R"({"totals": {"cross": {"accepted": {"accept": 499, "tempfail": 1, "reject": 0}}}})",
               "0 of 500 sessions that the mail server accepted would have been refused", "<div class=\"hero mind\">"},
        Spoken{"some undecided",
               R"({"totals": {"undecided": 1, "cross": {"accepted": {"accept": 500, "tempfail": 0, "reject": 0}}}})",
               "0 of 500 sessions that the mail server accepted would have been refused", "<div class=\"hero mind\">"},
        Spoken{"very few", R"({"totals": {"mta": {"accepted": 1234567},
                                          "cross": {"accepted": {"accept": 1234566, "tempfail": 0, "reject": 1}}}})",
               "1 of 1,234,567 sessions that the mail server accepted would have been refused (under 0.1 %)",
               "hero look"},
        Spoken{"hardly any judged", R"({"totals": {"mta": {"accepted": 201},
                                                   "cross": {"accepted": {"accept": 1, "tempfail": 0, "reject": 0}}}})",
               "0 of 1 judged session that the mail server accepted would have been refused; 200 more accepted "
               "sessions could not be judged",
               "<div class=\"hero mind\">"},
        Spoken{
            "one not judged", R"({"totals": {"mta": {"accepted": 501}}})",
            "6 of 500 judged sessions that the mail server accepted would have been refused (1.2 %); 1 more accepted "
            "session could not be judged",
            "<div class=\"hero look\">"},
        Spoken{"none judged", R"({"totals": {"mta": {"accepted": 201},
                                             "cross": {"accepted": {"accept": 0, "tempfail": 0, "reject": 0}}}})",
               "0 of 201 sessions that the mail server accepted could be judged", "<div class=\"hero mind\">"},
        Spoken{"observing", R"({"policy": {"mode": "observe"}})",
               "6 of 500 sessions that the mail server accepted would have been refused (1.2 %)", "refused nothing"},
        Spoken{"for a share", R"({"policy": {"percent": 10}})",
               "6 of 500 sessions that the mail server accepted would have been refused (1.2 %)",
               "acts on 10 % of clients: the numbers are as if it did on all"},
        Spoken{"changes that are not certain", R"({"changes": {"uncertain": 2}})",
               "6 of 500 sessions that the mail server accepted would have been refused (1.2 %)",
               "2 sessions may be answered differently, and may not: what the log does not tell decides."},
        Spoken{"a log without what became of sessions",
               R"({"totals": {"without_helo": 0, "mta": {"accepted": 0, "unknown": 1000}}})",
               "190 of 1,000 sessions would have been refused (19.0 %)", "does not say which of them"},
        Spoken{"a log of refusals", R"({"totals": {"mta": {"accepted": 0, "refused": 1007}}})",
               "190 of 1,000 judged sessions would have been refused (19.0 %); 7 more sessions could not be judged",
               "The mail server accepted none of them."},
        Spoken{"heloguard's own log",
               R"({"changes": {"against": "heloguard"}, "totals": {"undecided": 1, "without_helo": 0}})",
               "6 of 1,000 sessions would be refused for which the log has another answer (0.6 %)",
               "1 session would fare worse, should what the log does not tell be against them."},
        Spoken{"two policies", R"({"changes": {"against": "policy"}, "against": {"name": "old"}})",
               "9 of 1,000 judged sessions would be answered differently than by the policy old; 7 more sessions could "
               "not be judged",
               "6 sessions from accept to reject. 2 sessions from reject to accept."},
        Spoken{"against one that observes",
               R"({"changes": {"against": "policy"}, "against": {"name": "old", "mode": "observe"},
                   "totals": {"without_helo": 0}})",
               "9 of 1,000 sessions would be answered differently than by the policy old",
               "The policy compared with observes and refuses nothing."}));

TEST(ReplaySummary, Totals) {
  const std::string html = ReplaySummary(Report());
  EXPECT_THAT(html, HasSubstr("<dd>1,234,567 <small>1,000 judged, 7 without HELO</small></dd>"));
  EXPECT_THAT(html, HasSubstr("<dd>700 <small>in 1 network</small></dd>"));
  EXPECT_THAT(html, HasSubstr("<dt>Policy: reject</dt><dd>190 <small>19.0 %</small></dd>"));
  // 80, 1 and 19 percent of 1,000 units.
  EXPECT_THAT(html, HasSubstr("<rect class=\"fill-accept\" x=\"0\" width=\"800\" height=\"10\"/>"
                              "<rect class=\"fill-tempfail\" x=\"800\" width=\"10\" height=\"10\"/>"
                              "<rect class=\"fill-reject\" x=\"810\" width=\"190\" height=\"10\"/>"));
  EXPECT_THAT(ReplayMeta(Report()), HasSubstr("<dd>2026-11-20 00:00 UTC to 2026-11-21 23:59 UTC</dd>"));
  EXPECT_THAT(ReplayRules(Report()),
              HasSubstr("<tr><th scope=\"row\">bare-ip</th><td>reject</td><td class=\"number\">5,000</td>"));
}

TEST(ReplaySummary, Cross) {
  const std::string html = ReplayCross(Report());
  EXPECT_THAT(
      html,
      HasSubstr("<td class=\"bad\" data-mta=\"accepted\" data-verdict=\"reject\">6</td><td class=\"unjudged\">0</td>"
                "<td class=\"sum\">500</td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"good\" data-mta=\"refused\" data-verdict=\"accept\">2</td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"none\" data-mta=\"refused\" data-verdict=\"tempfail\">0</td>"));
  EXPECT_THAT(html, Not(HasSubstr("not logged"))) << "no session";
  Json report = Report();
  report["totals"]["mta"]["accepted"] = 507;
  EXPECT_THAT(ReplayCross(report), HasSubstr("<td class=\"unjudged\">7</td><td class=\"sum\">507</td>"));
}

}  // namespace
}  // namespace heloguard
