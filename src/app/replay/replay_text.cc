// A replay's result for people: at most 100 columns but for HELO names longer than that. Reads the JSON object, so that
// both say the same. Tests: tests/cli/replay_test.py.
#include <algorithm>
#include <sstream>

#include "app/replay/replay_report.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxClientsShown = 20, kMaxNetworksShown = 10;
constexpr std::size_t kLabelWidth = 10, kNumberWidth = 10, kWideWidth = 12;

std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string Count(const Json& json, const char* key) { return Grouped(json.at(key).get<std::uint64_t>()); }
std::string Text(const Json& json, const char* key) {
  const Json& value = json.at(key);
  return value.is_string() ? value.get<std::string>() : "-";
}

// "1 session", "1,000 sessions"
std::string Counted(const Json& json, const char* key) {
  const std::string word = key;
  const bool one = json.at(key) == 1;
  return Count(json, key) + " " + (one ? word.substr(0, word.size() - 1) : word);
}

std::string Sessions(std::uint64_t number) { return Grouped(number) + (number == 1 ? " session" : " sessions"); }

std::string Right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

struct Label {
  const char* key;
  const char* text;
};
constexpr std::array<Label, kMtaOutcomes> kMtaWords{{{"accepted", "accepted"},
                                                     {"refused", "refused"},
                                                     {"deferred", "deferred"},
                                                     {"no_mail", "no mail came"},
                                                     {"unknown", "not logged"}}};
struct Painted3 {
  const char* key;
  std::string_view colour;
};
constexpr std::array<Painted3, kOutcomes> kVerdicts{
    {{"accept", Ink::kGood}, {"tempfail", Ink::kWarn}, {"reject", Ink::kBad}}};

class ReplayPrinter {
 public:
  ReplayPrinter(const Json& report, Colour colour) : report_(report), colour_(colour) {}

  std::string Print() {
    PrintHead();
    PrintCross();
    PrintChanges();
    PrintRules();
    PrintClients();
    PrintNetworks();
    PrintCannotTell();
    return std::move(out_);
  }

 private:
  void Line(const char* label, const std::string& text) { out_ += Padded(label, kLabelWidth) + text + "\n"; }
  void Heading(const std::string& text) { out_ += "\n" + Painted(text, Ink::kBold, colour_) + "\n"; }
  [[nodiscard]] std::string PaintVerdict(const std::string& word, std::size_t width) const {
    const auto* const row = std::ranges::find_if(kVerdicts, [&](const Painted3& v) { return word == v.key; });
    return Painted(Padded(word, width), row == kVerdicts.end() ? Ink::kDim : row->colour, colour_);
  }

  static std::string PolicyLine(const Json& policy) {
    return Text(policy, "name") + " (" + Text(policy, "file") + ", " + Text(policy, "hash") + ", " + ModeOf(policy) +
           ")";
  }
  static std::string ModeOf(const Json& policy) {
    return Text(policy, "mode") +
           (policy.at("percent").is_null() ? "" : " for " + Count(policy, "percent") + " % of clients");
  }

  void PrintHead() {
    PrintPolicies();
    for (const Json& log : report_.at("logs")) PrintLog(log);
    const Json& totals = report_.at("totals");
    const auto counted = [&](const char* key) {
      const bool capped = totals.at(std::string(key) + "_capped").get<bool>();
      return (capped ? "at least " : "") + Counted(totals, key);
    };
    Line("sessions", Count(totals, "sessions") + " of " + counted("clients") + " in " + counted("networks"));
    const bool all = totals.at("without_helo") == 0;
    Line("judged", Count(totals, "judged") +
                       (all ? "" : "; of " + Count(totals, "without_helo") + " the log does not tell the HELO name"));
    if (totals.at("undecided") != 0) {
      Line("", Count(totals, "undecided") + " of them would fare worse, should what is unknown be against them");
    }
  }

  void PrintPolicies() {
    const Json& policy = report_.at("policy");
    Line("policy", PolicyLine(policy));
    if (Text(policy, "mode") == "observe") {
      Line("", "it observes and refuses nothing: the numbers are as if it were enforced");
    } else if (!policy.at("percent").is_null()) {
      Line("", "the numbers are as if it were enforced for all clients");
    }
    const Json& against = report_.at("against");
    if (against.is_null()) return;
    Line("against", PolicyLine(against));
    if (Text(against, "mode") == "observe") Line("", "it observes and refuses nothing: so it is compared with");
  }

  void PrintLog(const Json& log) {
    const bool dated = log.at("first").is_string();
    const std::string skipped =
        log.at("skipped_lines") == 0 ? "" : ", " + Count(log, "skipped_lines") + " not understood";
    Line("log", Text(log, "file") + ": " + Count(log, "lines") + " lines" + skipped +
                    (dated ? ", " + Text(log, "first") + " to " + Text(log, "last") : ""));
  }

  void PrintCross() {
    Heading(report_.at("exact") == true ? "what heloguard did, and what the policy says"
                                        : "what the mail server did, and what the policy says");
    std::string head = Padded("", 16);
    for (const auto& verdict : kVerdicts) head += Right(verdict.key, kNumberWidth);
    out_ += head + Right("not judged", kWideWidth) + Right("all", kNumberWidth) + "\n";
    const Json& totals = report_.at("totals");
    for (const Label& row : kMtaWords) {
      const Json& all = totals.at("mta").at(row.key);
      if (all != 0) PrintCrossRow(row.text, totals.at("cross").at(row.key), all.get<std::uint64_t>());
    }
    PrintCrossRow("all", totals.at("verdicts"), totals.at("sessions").get<std::uint64_t>());
  }
  void PrintCrossRow(const char* label, const Json& row, std::uint64_t all) {
    out_ += "  " + Padded(label, 14);
    std::uint64_t judged = 0;
    for (const auto& verdict : kVerdicts) {
      judged += row.at(verdict.key).get<std::uint64_t>();
      out_ += Right(Count(row, verdict.key), kNumberWidth);
    }
    out_ += Right(Grouped(all - judged), kWideWidth) + Right(Grouped(all), kNumberWidth) + "\n";
  }

  void PrintChanges() {
    const Json& changes = report_.at("changes");
    const std::string against = Text(changes, "against");
    Heading("what would change against " + std::string(against == "policy"      ? "the other policy"
                                                       : against == "heloguard" ? "what heloguard said"
                                                                                : "what the mail server did"));
    const std::uint64_t uncertain = changes.at("uncertain").get<std::uint64_t>();
    if (changes.at("total") == 0) out_ += uncertain > 0 ? "  nothing for certain\n" : "  nothing\n";
    for (const Json& kind : changes.at("kinds")) {
      out_ += "  " + Padded(Text(kind, "from"), 8) + " -> " + PaintVerdict(Text(kind, "to"), 8) +
              Right(Count(kind, "sessions"), kNumberWidth) + (kind.at("sessions") == 1 ? " session" : " sessions") +
              " of " + Counted(kind, "clients") + "\n";
    }
    if (uncertain > 0) {
      out_ +=
          "  not counted: " + Sessions(uncertain) + " for which what the log does not tell may make both the same\n";
    }
  }

  void PrintRules() {
    Heading("rules");
    std::size_t width = 24;
    for (const Json& rule : report_.at("rules"))
      width = std::max(width, std::min<std::size_t>(40, Text(rule, "rule").size()));
    out_ += "  " + Padded("", width) + "  " + Padded("action", 8) + Right("sessions", kNumberWidth) +
            Right("decided", kNumberWidth) + Right("clients", kNumberWidth) + Right("changed", kNumberWidth) + "\n";
    std::size_t idle = 0;  // most of a policy's rules, on most days
    for (const Json& rule : report_.at("rules")) {
      if (rule.at("sessions") == 0) {
        ++idle;
        continue;
      }
      const bool observed = Text(rule, "mode") == "observe";
      out_ += "  " + Padded(Text(rule, "rule"), width) + "  " + Padded(Text(rule, "action"), 8);
      for (const char* key : {"sessions", "decided", "clients", "changed"})
        out_ += Right(Count(rule, key), kNumberWidth);
      out_ += std::string(observed ? "  (observed only)" : "") + "\n";
    }
    if (idle > 0) out_ += "  " + std::to_string(idle) + (idle == 1 ? " rule" : " rules") + " held in no session\n";
  }

  void PrintClients() {
    const Json& clients = report_.at("clients");
    if (clients.empty()) return;
    Heading("clients and names that would fare differently");
    const std::size_t shown = std::min(clients.size(), kMaxClientsShown);
    for (std::size_t i = 0; i < shown; ++i) PrintClient(clients.at(i));
    const std::uint64_t more = clients.size() - shown;
    PrintRest(more, report_.at("clients_more_sessions").get<std::uint64_t>());
  }
  // What this leaves out, and what the report does.
  void PrintRest(std::uint64_t more, std::uint64_t sessions_more) {
    if (more > 0) out_ += "  and " + Grouped(more) + " more (--format json or html shows them)\n";
    if (sessions_more > 0) out_ += "  " + Sessions(sessions_more) + " of others are in no report\n";
  }
  void PrintClient(const Json& client) {
    const std::string rdns = Text(client, "rdns");
    out_ += "  " + Padded(Text(client, "client"), 16) + "  " + Padded(Text(client, "was"), 8) + " -> " +
            PaintVerdict(Text(client, "verdict"), 8) + "  " + Padded(Text(client, "rule"), 20) + "  " +
            Counted(client, "sessions") + "\n";
    out_ += "      helo " + Text(client, "helo") + ", reverse DNS " + rdns + " (" +
            (client.at("rdns_status").is_null() ? "not known" : Text(client, "rdns_status")) + ")" +
            (client.at("from").is_null() ? "" : ", from " + Text(client, "from")) + "\n";
    if (!client.at("reply").is_string()) return;
    std::istringstream reply(Text(client, "reply"));
    for (std::string line; std::getline(reply, line);) out_ += "      " + Painted(line, Ink::kDim, colour_) + "\n";
  }

  void PrintNetworks() {
    const Json& networks = report_.at("networks");
    if (networks.empty()) return;
    Heading("networks");
    const std::initializer_list<const char*> columns{"sessions", "judged", "refused", "changed"};
    out_ += "  " + Padded("", 24);
    for (const char* column : columns) out_ += Right(column, kNumberWidth);
    out_ += "\n";
    const std::size_t shown = std::min(networks.size(), kMaxNetworksShown);
    for (std::size_t i = 0; i < shown; ++i) {
      const Json& network = networks.at(i);
      out_ += "  " + Padded(Text(network, "network"), 24);
      for (const char* column : columns) out_ += Right(Count(network, column), kNumberWidth);
      out_ += "\n";
    }
    PrintRest(networks.size() - shown, report_.at("networks_more_sessions").get<std::uint64_t>());
  }

  void PrintCannotTell() {
    if (report_.at("cannot_tell").empty()) return;
    Heading("what this cannot tell");
    for (const Json& sentence : report_.at("cannot_tell")) {
      out_ += "  " + Wrapped("- " + sentence.get<std::string>(), kPageWidth, 4) + "\n";
    }
  }

  const Json& report_;
  const Colour colour_;
  std::string out_;
};

}  // namespace

std::string ReplayText(const Json& report, Colour colour) { return ReplayPrinter(report, colour).Print(); }

}  // namespace heloguard
