// The totals of a replay as HTML: first the one number a postmaster opens the page for, then the rest. Knows nothing of
// the script that draws charts and tables below them. Every text of the report is escaped here.
// Tests: tests/unit/app/replay/replay_page_test.cc, tests/browser/.
#include "app/replay/replay_summary.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace heloguard {
namespace {

struct Word {
  std::string_view key;
  std::string_view text;
};

constexpr std::array<Word, 3> kVerdicts = {{{"accept", "accept"}, {"tempfail", "tempfail"}, {"reject", "reject"}}};
constexpr std::array<Word, 5> kMtaAnswers = {{{"accepted", "accepted"},
                                              {"refused", "refused"},
                                              {"deferred", "deferred"},
                                              {"no_mail", "no mail came"},
                                              {"unknown", "not logged"}}};

// `path` is a JSON pointer, which never throws here: each is written out below.
const Json* Find(const Json& json, const std::string& path) {
  const Json::json_pointer pointer(path);
  return json.contains(pointer) ? &json.at(pointer) : nullptr;
}

std::uint64_t Number(const Json& json, const std::string& path) {
  const Json* value = Find(json, path);
  if (value == nullptr || !value->is_number_integer()) return 0;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value->get<std::int64_t>()));
}

std::string Text(const Json& json, const std::string& path) {
  const Json* value = Find(json, path);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

const Json& List(const Json& json, std::string_view path) {
  static const Json kNone = Json::array();
  const Json* value = Find(json, std::string(path));
  return value != nullptr && value->is_array() ? *value : kNone;
}

// 1234567 as 1,234,567.
std::string Count(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t place = text.size(); place > 3; place -= 3) text.insert(place - 3, ",");
  return text;
}

std::string Of(std::uint64_t number, std::string_view one, std::string_view many) {
  return Count(number) + " " + std::string(number == 1 ? one : many);
}

std::string Percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "";
  const std::uint64_t permille = (part * 1000 + whole / 2) / whole;
  if (part > 0 && permille == 0) return "under 0.1 %";
  return std::to_string(permille / 10) + "." + std::to_string(permille % 10) + " %";
}

// "2026-11-22T11:00:00Z" as people read it; anything else as it is.
std::string Moment(const std::string& iso) {
  if (iso.size() < 16 || iso[10] != 'T') return iso;
  return iso.substr(0, 10) + " " + iso.substr(11, 5) + (iso.back() == 'Z' ? " UTC" : "");
}

std::string Element(std::string_view open, std::string_view text, std::string_view tag) {
  return "<" + std::string(open) + ">" + EscapeHtml(text) + "</" + std::string(tag) + ">";
}

std::string PolicyText(const Json& report, const std::string& path) {
  const std::string name = Text(report, path + "/name");
  std::string text = Element("b", name.empty() ? Text(report, path + "/file") : name, "b");
  const std::uint64_t percent = Number(report, path + "/percent");
  const std::string share = percent > 0 ? " for " + Count(percent) + " % of clients" : "";
  text += " <span class=\"quiet\">" + EscapeHtml(Text(report, path + "/file")) + ", " +
          EscapeHtml(Text(report, path + "/mode")) + share + ", " + EscapeHtml(Text(report, path + "/hash")) +
          "</span>";
  return text;
}

// Times of one kind sort as text.
std::string Period(const Json& report) {
  std::string first;
  std::string last;
  for (const Json& log : List(report, "/logs")) {
    const std::string begin = Text(log, "/first");
    if (!begin.empty() && (first.empty() || begin < first)) first = begin;
    last = std::max(last, Text(log, "/last"));
  }
  return first.empty() ? std::string() : Moment(first) + " to " + Moment(last);
}

struct Headline {
  std::uint64_t number = 0;
  std::string text;
  std::string also;   // may be empty
  bool open = false;  // some were not judged, or would be deferred
};

void Add(std::string* also, std::uint64_t number, const std::string& text) {
  if (number > 0) *also += (also->empty() ? "" : " ") + text;
}

std::string KindText(const Json& kind, std::uint64_t sessions) {
  return Of(sessions, "session", "sessions") + " from " + Text(kind, "/from") + " to " + Text(kind, "/to") + ".";
}

// The sessions a headline is about.
struct Base {
  std::uint64_t judged = 0, all = 0;
  std::string_view word = "";   // "accepted " session
  std::string_view which = "";  // " that the mail server accepted"
};

Base AllSessions(const Json& report) {
  return {Number(report, "/totals/judged"), Number(report, "/totals/judged") + Number(report, "/totals/without_helo")};
}

// Completes `headline`, whose number and whose `also` are there: " of 500 sessions would ...". What could not be judged
// is never passed over.
Headline Completed(Headline headline, const Base& base, const std::string& would, bool share) {
  const std::uint64_t unjudged = base.all - std::min(base.judged, base.all);
  const std::string which(base.which);
  headline.open = headline.open || unjudged > 0;
  if (unjudged > 0 && base.judged == 0) {
    headline.text = " of " + Of(base.all, "session", "sessions") + which + " could be judged";
    return headline;
  }
  headline.text =
      " of " +
      (unjudged > 0 ? Of(base.judged, "judged session", "judged sessions") : Of(base.judged, "session", "sessions")) +
      which + " would " + would;
  if (share && headline.number > 0) headline.text += " (" + Percent(headline.number, base.judged) + ")";
  if (unjudged > 0) {
    const std::string more = "more " + std::string(base.word);
    headline.text += "; " + Of(unjudged, more + "session", more + "sessions") + " could not be judged";
  }
  return headline;
}

Headline AgainstPolicy(const Json& report) {
  Headline headline;
  headline.number = Number(report, "/changes/total");
  for (const Json& kind : List(report, "/changes/kinds")) {
    const std::uint64_t sessions = Number(kind, "/sessions");
    Add(&headline.also, sessions, KindText(kind, sessions));
  }
  if (Text(report, "/against/mode") == "observe") {
    Add(&headline.also, 1, "The policy compared with observes and refuses nothing.");
  }
  return Completed(std::move(headline), AllSessions(report),
                   "be answered differently than by the policy " + Text(report, "/against/name"), false);
}

// heloguard's own lines: what they accepted others may have refused, so that the mail server's answer is not known.
Headline AgainstLog(const Json& report) {
  Headline headline;
  for (const Json& kind : List(report, "/changes/kinds")) {
    const std::uint64_t sessions = Number(kind, "/sessions");
    if (Text(kind, "/to") == "reject") {
      headline.number += sessions;
    } else {
      headline.open = headline.open || Text(kind, "/from") == "accept";
      Add(&headline.also, sessions, KindText(kind, sessions));
    }
  }
  return Completed(std::move(headline), AllSessions(report), "be refused for which the log has another answer", true);
}

Headline AgainstMta(const Json& report) {
  Headline headline;
  Base base{0, Number(report, "/totals/mta/accepted"), "accepted ", " that the mail server accepted"};
  for (const Word& verdict : kVerdicts)
    base.judged += Number(report, "/totals/cross/accepted/" + std::string(verdict.key));
  headline.number = Number(report, "/totals/cross/accepted/reject");
  const std::uint64_t deferred = Number(report, "/totals/cross/accepted/tempfail");
  headline.open = deferred > 0;
  Add(&headline.also, deferred, Of(deferred, "accepted session", "accepted sessions") + " would have been deferred.");
  // Not the cross table's cell: that has those whose verdict is not certain.
  for (const Json& kind : List(report, "/changes/kinds")) {
    if (Text(kind, "/from") != "reject" || Text(kind, "/to") != "accept") continue;
    const std::uint64_t passed = Number(kind, "/sessions");
    Add(&headline.also, passed,
        Of(passed, "session", "sessions") +
            " that the mail server refused would pass the policy; its other checks stand.");
  }
  return Completed(std::move(headline), base, "have been refused", true);
}

// No session that the log says was accepted.
Headline Alone(const Json& report) {
  Headline headline;
  headline.number = Number(report, "/totals/verdicts/reject");
  headline.also = Number(report, "/totals/mta/unknown") > 0
                      ? "The log does not say which of them the mail server accepted."
                      : "The mail server accepted none of them.";
  return Completed(std::move(headline), AllSessions(report), "have been refused", true);
}

Headline HeadlineOf(const Json& report) {
  const std::string against = Text(report, "/changes/against");
  if (against == "policy") return AgainstPolicy(report);
  if (against == "heloguard") return AgainstLog(report);
  return Number(report, "/totals/mta/accepted") > 0 ? AgainstMta(report) : Alone(report);
}

// As the style sheet calls it: mail would be lost, something is left to mind, or neither.
std::string_view MoodOf(const Json& report, const Headline& headline) {
  if (headline.number > 0) return "look";
  const bool certain = Number(report, "/totals/undecided") == 0 && Number(report, "/changes/uncertain") == 0;
  return headline.open || !certain ? "mind" : "fine";
}

// What the numbers take for granted or leave open, as paragraphs.
std::string Provisos(const Json& report) {
  std::string html;
  const auto say = [&](const std::string& text) { html += Element("p class=\"also\"", text, "p"); };
  if (Text(report, "/policy/mode") == "observe") {
    say("The policy observes: a daemon running it would have logged this and refused nothing.");
  } else if (const std::uint64_t percent = Number(report, "/policy/percent"); percent > 0) {
    say("The policy acts on " + Count(percent) + " % of clients: the numbers are as if it did on all.");
  }
  if (const std::uint64_t uncertain = Number(report, "/changes/uncertain"); uncertain > 0) {
    say(Of(uncertain, "session", "sessions") +
        " may be answered differently, and may not: what the log does not tell decides.");
  }
  if (const std::uint64_t undecided = Number(report, "/totals/undecided"); undecided > 0) {
    say(Of(undecided, "session", "sessions") + " would fare worse, should what the log does not tell be against them.");
  }
  return html;
}

// A count of things told apart, which stops at a cap.
std::string AtLeast(const Json& report, const std::string& path) {
  const Json* capped = Find(report, path + "_capped");
  return (capped != nullptr && *capped == true ? "at least " : "") + Count(Number(report, path));
}

std::string Tile(std::string_view kind, std::string_view name, const std::string& value, const std::string& more) {
  return "<div class=\"tile " + std::string(kind) + "\"><dt>" + std::string(name) + "</dt><dd>" + value +
         (more.empty() ? "" : " <small>" + more + "</small>") + "</dd></div>\n";
}

// One bar of 1,000 units, cut where the verdicts meet.
std::string Shares(const Json& report, std::uint64_t judged) {
  std::string bar = "<svg class=\"shares\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";
  std::uint64_t done = 0;
  for (const Word& verdict : kVerdicts) {
    const std::uint64_t begin = judged == 0 ? 0 : std::min<std::uint64_t>(done * 1000 / judged, 1000);
    done += Number(report, "/totals/verdicts/" + std::string(verdict.key));
    const std::uint64_t end = judged == 0 ? 0 : std::min<std::uint64_t>(done * 1000 / judged, 1000);
    bar += "<rect class=\"fill-" + std::string(verdict.key) + "\" x=\"" + std::to_string(begin) + "\" width=\"" +
           std::to_string(end - begin) + "\" height=\"10\"/>";
  }
  return bar + "</svg>\n";
}

// "Newly refused", "newly let in" and the like, as the style sheet colours them.
std::string_view CellKind(std::string_view mta, std::string_view verdict) {
  if (mta == "accepted") return verdict == "reject" ? "bad" : verdict == "tempfail" ? "warn" : "same";
  if (mta == "refused") return verdict == "reject" ? "same" : "good";
  return mta == "deferred" && verdict == "tempfail" ? "same" : "plain";
}

std::string CrossRow(const Json& report, const Word& mta) {
  const std::uint64_t all = Number(report, "/totals/mta/" + std::string(mta.key));
  std::uint64_t judged = 0;
  std::string row = "<tr><th scope=\"row\">" + std::string(mta.text) + "</th>";
  for (const Word& verdict : kVerdicts) {
    const std::string path = "/totals/cross/" + std::string(mta.key) + "/" + std::string(verdict.key);
    const std::uint64_t sessions = Number(report, path);
    judged += sessions;
    row += "<td class=\"" + std::string(sessions == 0 ? "none" : CellKind(mta.key, verdict.key)) + "\" data-mta=\"" +
           std::string(mta.key) + "\" data-verdict=\"" + std::string(verdict.key) + "\">" + Count(sessions) + "</td>";
  }
  return row + "<td class=\"unjudged\">" + Count(all - std::min(judged, all)) + "</td><td class=\"sum\">" + Count(all) +
         "</td></tr>\n";
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  for (const char octet : text) {
    switch (octet) {
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += octet;
    }
  }
  return escaped;
}

std::string ReplayTitle(const Json& report) {
  const Headline headline = HeadlineOf(report);
  return "heloguard replay: " + Count(headline.number) + headline.text;
}

std::string_view ReplayDoer(const Json& report) {
  const Json* exact = Find(report, "/exact");
  return exact != nullptr && *exact == true ? "heloguard" : "the mail server";
}

std::string ReplayMeta(const Json& report) {
  std::string meta = "<div><dt>Policy</dt><dd>" + PolicyText(report, "/policy") + "</dd></div>\n";
  if (const Json* against = Find(report, "/against"); against != nullptr && against->is_object()) {
    meta += "<div><dt>Compared with</dt><dd>" + PolicyText(report, "/against") + "</dd></div>\n";
  }
  if (const std::string period = Period(report); !period.empty()) {
    meta += "<div><dt>Log</dt><dd>" + EscapeHtml(period) + "</dd></div>\n";
  }
  meta += "<div><dt>Made</dt><dd>" + EscapeHtml(Moment(Text(report, "/generated"))) +
          " <span class=\"quiet\">heloguard " + EscapeHtml(Text(report, "/heloguard")) + "</span></dd></div>\n";
  return meta;
}

std::string ReplaySummary(const Json& report) {
  const Headline headline = HeadlineOf(report);
  const std::uint64_t judged = Number(report, "/totals/judged");
  std::string html = "<div class=\"hero " + std::string(MoodOf(report, headline)) +
                     "\"><p class=\"answer\"><strong id=\"headline\">" + Count(headline.number) + "</strong><span>" +
                     EscapeHtml(headline.text) + ".</span></p>\n";
  if (!headline.also.empty()) html += Element("p class=\"also\"", headline.also, "p");
  html += Provisos(report);
  html += "<p class=\"also\" id=\"behind\"></p></div>\n<dl class=\"tiles\">\n";
  html += Tile("", "Sessions", Count(Number(report, "/totals/sessions")),
               Count(judged) + " judged, " + Count(Number(report, "/totals/without_helo")) + " without HELO");
  html += Tile("", "Clients", AtLeast(report, "/totals/clients"),
               "in " + AtLeast(report, "/totals/networks") +
                   (Number(report, "/totals/networks") == 1 ? " network" : " networks"));
  for (const Word& verdict : kVerdicts) {
    const std::uint64_t sessions = Number(report, "/totals/verdicts/" + std::string(verdict.key));
    html += Tile(verdict.key, "Policy: " + std::string(verdict.text), Count(sessions), Percent(sessions, judged));
  }
  return html + "</dl>\n" + Shares(report, judged);
}

std::string ReplayCross(const Json& report) {
  std::string rows;
  for (const Word& mta : kMtaAnswers) {
    if (Number(report, "/totals/mta/" + std::string(mta.key)) == 0) continue;
    rows += CrossRow(report, mta);
  }
  return rows;
}

std::string ReplayRules(const Json& report) {
  std::string rows;
  for (const Json& rule : List(report, "/rules")) {
    if (Number(rule, "/sessions") == 0) continue;
    rows +=
        "<tr>" + Element("th scope=\"row\"", Text(rule, "/rule"), "th") + Element("td", Text(rule, "/action"), "td");
    for (const char* column : {"/sessions", "/decided", "/clients", "/changed"}) {
      rows += "<td class=\"number\">" + Count(Number(rule, column)) + "</td>";
    }
    rows += "</tr>\n";
  }
  return rows;
}

}  // namespace heloguard
